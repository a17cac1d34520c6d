"""`crisis lint` in a pipe: one answer per line, in the language of the statement."""

from __future__ import annotations

import orjson
from click.testing import CliRunner

from crisis.cli.lint import command


def test_a_bad_line_is_named_and_the_good_ones_are_answered() -> None:
    lines = '{"id":"a","lang":"zh","text":"我们将尽快处理。"}\nbad\n{"id":"b","text":"No comment."}\n'.encode()

    result = CliRunner().invoke(command, input=lines)

    answers = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b"]
    assert "line 2" in result.stderr
    assert result.exit_code == 1
    vague = next(finding for finding in answers[0]["findings"] if finding["check"] == "SC07")
    assert "不是时间" in vague["message"]
    assert (vague["guess"], vague["alike"]) == (False, [])
    assert answers[1]["blocked"] is True
    assert all(row["guess"] is False for rows in answers[1]["because"].values() for row in rows)
    assert set(answers[1]["principles"]) == {"candor", "speed", "proactivity", "completeness"}
    assert all(0 <= score <= 1 for score in answers[1]["principles"].values())
