"""`crisis risk` as people script it."""

import json

from click.testing import CliRunner

from crisis.cli.risk import command


def ask(*lines: str) -> tuple[list[dict[str, object]], str, int]:
    result = CliRunner().invoke(command, input="\n".join(lines).encode())
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr, result.exit_code


def test_a_text_is_answered_with_figures_and_spans_of_the_original() -> None:
    text = "警方對明月餐廳立案偵查"
    answers, _, status = ask(json.dumps({"id": "a", "text": text, "entities": ["明月餐廳", "警方"]}))

    (answer,) = answers
    assert status == 0
    assert answer["id"] == "a"
    assert answer["negative"] >= 0.5  # type: ignore[operator]
    company, police = answer["blamed"]  # type: ignore[misc]
    assert company["entity"] == "明月餐廳" and company["score"] >= 0.5
    assert next(text[start:end] for start, end in company["spans"]) == "立案偵查"
    assert police["score"] < 0.5


def test_a_bad_line_is_named_and_the_good_ones_are_answered() -> None:
    answers, errors, status = ask(
        '{"id": 1, "text": "Acme recalls toasters"}', "{", '{"id": 2, "text": "x", "entities": "Acme"}', '{"id": 3}'
    )

    assert [answer["id"] for answer in answers] == [1]
    assert errors.splitlines()[1:] == ["line 3: entities: not a list of texts", "line 4: text: missing"]
    assert errors.startswith("line 2: not JSON")
    assert status == 1


def test_an_article_of_the_other_commands_is_understood() -> None:
    answers, _, _ = ask('{"id": "a", "title": "Acme fined", "body": "More soon.", "entities": ["Acme"]}')

    assert answers[0]["blamed"][0]["score"] >= 0.5  # type: ignore[index]
