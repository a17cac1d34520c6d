"""Watches as they are written down, and the watches that an organisation gets by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crisis.cli import main
from monitors.article import Article
from monitors.matcher import Matcher
from monitors.names import short_name
from monitors.organisation import Organisation
from monitors.suggest import Why, suggest
from monitors.watch import Kind, Watch, WatchesInvalid, read_watches, watches_of

HARBOUR = Organisation(
    name="海港食品",
    aliases=("海港", "Harbour Foods", "HF", "Harbour"),
    products=("海港酱油", "Model 3"),
    people=("王海港",),
    exclude=("临海港口", "harbour bridge", "乐队"),
)


def caught(organisation: Organisation, title: str, body: str = "") -> list[str]:
    return [m.watch for m in Matcher(watches_of(organisation)).match(Article(id="a", title=title, body=body))]


def test_watches_are_a_list_or_lie_under_watches() -> None:
    text = "- {id: a, query: 'fire OR smoke'}\n- {id: 2, any: [火灾, Tim Cook], none: [演习]}\n"

    watches = read_watches(text)

    assert watches == read_watches("watches:\n" + text)
    assert [(watch.id, watch.query) for watch in watches] == [
        ("a", "fire OR smoke"),
        ("2", '(火灾 OR "Tim Cook") AND NOT 演习'),
    ]


def test_every_wrong_watch_is_named() -> None:
    text = "[{id: a, query: 'fire AND'}, {query: x1}, {id: b, query: 'a1 b1'}, 5, {id: c}"
    text += ", {id: d, query: x1}, {id: d, query: x1}]"

    with pytest.raises(WatchesInvalid) as bad:
        read_watches(text)

    assert [problem.split(":")[0] for problem in bad.value.problems] == [
        "watch a", "watch 2", "watch b", "watch 4", "watch 5", "watch d",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a: [", "just text", "watches: 3"])
def test_what_is_no_list_of_watches_is_refused(text: str) -> None:
    with pytest.raises(WatchesInvalid):
        read_watches(text)


def test_an_organisation_is_watched_by_names_people_and_products() -> None:
    assert [watch.kind for watch in watches_of(HARBOUR)] == [Kind.NAME, Kind.PERSON, Kind.PRODUCT]
    assert caught(HARBOUR, "海港食品被罚") == ["name"]
    assert caught(HARBOUR, "海港醬油下架") == ["name", "product"]
    assert caught(HARBOUR, "New model-3 recalled") == ["product"]


def test_a_namesake_alone_is_not_caught_but_the_name_beside_it_is() -> None:
    assert caught(HARBOUR, "临海港口吞吐量") == []
    assert caught(HARBOUR, "临海港口旁的海港发生火灾") == ["name"]
    assert caught(HARBOUR, "Harbour bridge closed") == []


def test_a_word_of_the_namesakes_world_masks_names_near_it_only() -> None:
    far = "，".join(["天气很好我们去散步"] * 12)

    assert caught(HARBOUR, "海港乐队巡演") == []
    assert caught(HARBOUR, "乐队巡演", body=f"{far}。海港食品召回") == ["name"]


def test_latin_names_stand_whole_and_short_ones_count_only_as_written() -> None:
    assert caught(HARBOUR, "hf radio") == []
    assert caught(HARBOUR, "HF recalls sauce") == ["name"]
    assert caught(HARBOUR, "harbourmaster retires") == []
    assert caught(HARBOUR, "harbour foods in trouble") == ["name"]
    assert caught(HARBOUR, "HARBOUR IN TROUBLE") == ["name"]
    assert caught(HARBOUR, "harbours chaotic week") == ["name"]


def test_an_exclusion_that_is_the_name_itself_does_not_silence_it() -> None:
    assert caught(Organisation(name="海港", exclude=("海港",)), "海港起火") == ["name"]


def test_a_name_of_signs_only_is_no_watch() -> None:
    assert watches_of(Organisation(name="——")) == ()


def test_suggestions_name_vocabulary_short_names_spacing_and_slips() -> None:
    organisation = Organisation(name="Nimbuss Corporation", aliases=("Nimbuss",), products=("云图软件", "AirLink"))

    found = {(suggestion.text, suggestion.why) for suggestion in suggest(organisation)}

    assert {("云图軟體", Why.VOCABULARY), ("Air Link", Why.SPACING), ("Nimbus", Why.MISSPELLING)} <= found


def test_the_legal_form_may_be_left_away() -> None:
    assert [s.text for s in suggest(Organisation(name="美味食品股份有限公司"))] == ["美味食品"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("美味食品股份有限公司", "美味食品"),
        ("美味集團有限公司", "美味"),
        ("Acme Foods, Inc.", "Acme Foods"),
        ("Acme Group Holdings Ltd", "Acme"),
        ("Tesco", "Tesco"),
        ("集团公司", "集团公司"),
        ("Co", "Co"),
    ],
)
def test_the_short_name_is_without_legal_forms(name: str, short: str) -> None:
    assert short_name(name) == short


def test_namesakes_are_found_in_articles() -> None:
    zh = [Article(id=str(n), title="北冰的海天气转冷") for n in range(4)]
    zh += [Article(id=f"x{n}", title="北冰的海面上") for n in range(8)]
    en = [Article(id=f"e{n}", title="Northwest flights; strong northwest winds today") for n in range(4)]
    en += [Article(id=f"f{n}", title="Northwest flies again") for n in range(12)]

    assert [(s.text, s.why) for s in suggest(Organisation(name="海天"), zh)] == [("冰的海天", Why.NAMESAKE)]
    assert [s.text for s in suggest(Organisation(name="Northwest"), en) if s.why is Why.NAMESAKE] == ["northwest winds"]


def test_suggestions_leave_out_what_is_known() -> None:
    articles = [Article(id=str(n), title="北冰的海天气转冷，北冰的海面，的海面，北冰的海风") for n in range(4)]

    assert suggest(Organisation(name="海天", exclude=("冰的海天",)), articles) == ()


# ---- the commands

ARTICLES = (
    '{"id":"1","title":"临海港口","body":"海港食品 recalls","published":"2026-01-09T00:00:00+08:00"}\n'
    '{"id":"2","title":"bad","published":"soon"}\n'
    '{"id":"3","title":"nothing","published":"2026-01-01T00:00:00+08:00"}\n'
    '{"id":"4","title":"海港食品"}\n'
)


def run(*args: str, stdin: str = ARTICLES) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(args), input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_match_streams_mentions_and_tells_bad_lines(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("watches") / "w.yaml"
    file.write_text("- {id: h, query: '海港 UNLESS 临海港口'}\n", encoding="utf-8")

    code, out, err = run("match", "--watches", str(file))

    assert code == 1 and err == "line 2: published: not a date\n"
    assert [json.loads(line) for line in out.splitlines()] == [
        {"article": "1", "watch": "h", "spans": [{"field": "body", "start": 0, "end": 2, "term": "海港"}]},
        {"article": "4", "watch": "h", "spans": [{"field": "title", "start": 0, "end": 2, "term": "海港"}]},
    ]


def test_match_refuses_watches_with_errors(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("watches") / "w.yaml"
    file.write_text("- {id: h, query: '海港 AND'}\n", encoding="utf-8")

    code, out, err = run("match", "--watches", str(file))

    assert code == 1 and out == "" and "E102 col 4" in err


def test_watch_explain_tells_both_languages_and_json(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("watches") / "w.yaml"
    file.write_text("- {id: h, query: '海港 UNLESS 临海港口'}\n", encoding="utf-8")
    article = '{"id":"1","title":"临海港口"}\n'

    assert "not caught" in run("watch", "explain", "--watches", str(file), "--id", "h", stdin=article)[1]
    assert "不匹配" in run("watch", "explain", "--watches", str(file), "--id", "h", "--lang", "zh", stdin=article)[1]
    line = json.loads(run("watch", "explain", "--watches", str(file), "--id", "h", "--json", stdin=article)[1])
    assert line["matched"] is False and line["failed"][0]["reason"] == "R_masked"
    assert run("watch", "explain", "--watches", str(file), "--id", "x", stdin=article)[0] == 1


def test_watch_try_counts_dated_articles_of_the_last_days() -> None:
    code, out, err = run("watch", "try", "海港食品", "--days", "3")

    assert code == 1  # one line was bad
    assert [json.loads(line)["article"] for line in out.splitlines()] == ["1"]
    assert "caught 1 of the 1 articles of 3 days" in err and "1 more have no date" in err


def test_watch_try_names_every_error_with_a_caret() -> None:
    code, out, err = run("watch", "try", "(海港 食品", "--lang", "zh")

    assert code == 2 and out == ""
    assert "E101" in err and "E103" in err and "^^^^^^^^^" in err


def test_watch_import_shows_the_rewrite() -> None:
    code, out, err = run("watch", "import", "--from", "google", "fire OR smoke factory")

    assert code == 0 and out == "(fire OR smoke) AND factory\n" and "I303" in err


def test_watch_check_shows_how_a_query_is_read() -> None:
    assert run("watch", "check", "（海港 ＯＲ 码头） 标题：爆炸")[:2] == (0, "(海港 OR 码头) AND title:爆炸\n")
    assert run("watch", "check", "海港 AND")[:2] == (2, "")
    assert run("watch", "check", "-juice AND apple")[:2] == (0, "NOT juice AND apple\n")


@pytest.mark.parametrize("command", [["watch", "own"], ["watch", "suggest"], ["listen"]])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("name: 海港食品\n".encode("gbk"), "not UTF-8 text; save it as UTF-8"),
        (b"name: [", "bad.yaml:1: not YAML"),
        (b"- Harbour\n", "not an organisation: write `name: ...`"),
        (b"organisation: {aliases: [Harbour]}\n", "name: missing"),
    ],
)
def test_a_file_that_holds_no_organisation_is_told_in_one_sentence(
    command: list[str], data: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(data)

    code, out, err = run(*command, "--org", str(file), stdin="")

    assert code == 1 and out == "" and said in err and len(err.splitlines()) == 1


def test_the_file_that_set_the_desk_up_is_read_by_the_other_commands_too(tmp_path: Path) -> None:
    file = tmp_path / "org.yaml"
    file.write_text("\ufefforganisation:\n  name: 海港食品\n", encoding="utf-8")

    assert run("watch", "own", "--org", str(file))[:2] == (0, "- id: name\n  query: 海港食品\n")
    assert run("listen", "--org", str(file), stdin="")[0] == 0


def test_a_watch_is_a_value() -> None:
    assert Watch(id="a", query="fire") == Watch(id="a", query="fire")


def test_an_organisation_file_gives_watches_and_suggestions(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("org")
    (folder / "org.yaml").write_text("name: 海港食品有限公司\nproducts: [AirLink]\n", encoding="utf-8")

    code, out, _ = run("watch", "own", "--org", str(folder / "org.yaml"))
    assert code == 0
    assert [watch.query for watch in read_watches(out)] == ["海港食品有限公司 OR 海港食品", "AirLink OR AirLinks"]

    code, out, _ = run("watch", "suggest", "--org", str(folder / "org.yaml"))
    assert code == 0
    assert {json.loads(line)["text"] for line in out.splitlines()} == {"海港食品", "Air Link"}

    (folder / "bad.yaml").write_text("aliases: [x]\n", encoding="utf-8")
    assert run("watch", "own", "--org", str(folder / "bad.yaml"))[0] == 1


def test_a_maker_of_hundreds_of_products_is_listened_for_in_as_many_watches_as_it_takes() -> None:
    many = Organisation(name="海港食品", products=tuple(f"Blue Flame {number} Stove" for number in range(400)))

    made = watches_of(many)

    assert [watch.id for watch in made] == ["name", "product", "product-2"]
    assert {watch.kind for watch in made[1:]} == {Kind.PRODUCT}
    assert caught(many, "Blue Flame 7 Stove recalled") == ["product"]
    assert caught(many, "Blue Flame 399 Stove recalled") == ["product-2"]
