"""`crisis group` and `crisis listen` as filters: NDJSON in, NDJSON out, each answer at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crisis.cli.group import command as group
from crisis.cli.listen import command as listen

FIRE = "Three dead after Northwind Ferries ship catches fire off the coast"


def line(identity: str, title: str, minute: int, **more: object) -> str:
    at = f"2026-03-02T{12 + minute // 60:02}:{minute % 60:02}:00+08:00"
    return json.dumps({"id": identity, "title": title, "published": at, "source": "paper", **more}) + "\n"


def answers(output: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in output.splitlines()]


@pytest.fixture
def org(tmp_path: Path) -> Path:
    file = tmp_path / "org.yaml"
    file.write_text("name: Northwind Ferries\nindustry: shipping\nexclude: null\n", encoding="utf-8")
    return file


STREAM = (
    line("1", "Ferry hull cracks found by harbour inspectors", 0)
    + line("2", "Central bank holds interest rates steady", 1)
    + line("3", "Ferry hull cracks found by harbour inspectors", 2)
    + line("4", "Harbour inspectors find cracks in ferry hull", 3)
)


def test_group_answers_every_article_in_order() -> None:
    result = CliRunner().invoke(group, input=STREAM)

    assert result.exit_code == 0
    assert [answer["id"] for answer in answers(result.output)] == ["1", "2", "3", "4"]
    assert answers(result.output)[2] == {"id": "3", "copy": "1", "story": "1"}


def test_group_final_gives_the_state_after_consolidation() -> None:
    found = answers(CliRunner().invoke(group, ["--final"], input=STREAM).output)

    assert [answer["story"] for answer in found] == ["1", "2", "1", "1"]


def test_a_bad_line_is_told_and_the_good_ones_are_answered() -> None:
    bad = '{"id": "x", "title": "a", "published": "yesterday"}\nnot json\n'

    result = CliRunner().invoke(group, input=bad + STREAM)

    assert result.exit_code == 1
    assert len(answers(result.stdout)) == 4
    assert "line 1: published: not a date" in result.stderr


def test_listen_writes_the_alert_with_its_reasons(org: Path) -> None:
    result = CliRunner().invoke(listen, ["--org", str(org)], input=line("1", FIRE, 0) + line("2", "Weather", 1))

    (alert,) = answers(result.output)
    assert alert["at"] == "2026-03-02T12:00:00+08:00"
    assert (alert["level"], alert["story"], alert["articles"]) == ("alert", "1", ["1"])
    assert alert["independent_sources"] == 1
    assert all(reason["code"] and reason["text"] for reason in alert["reasons"])


def test_listen_streams_each_alert_at_once(org: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "crisis", "listen", "--org", str(org)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    process.stdin.write(line("1", FIRE, 0).encode())
    process.stdin.flush()

    first = json.loads(process.stdout.readline())  # would wait for ever if the alert were kept back
    process.stdin.close()

    assert first["title"] == FIRE
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def test_listen_remembers_from_one_run_to_the_next(org: Path, tmp_path: Path) -> None:
    arguments = ["--org", str(org), "--state", str(tmp_path / "memory.json")]
    first = CliRunner().invoke(listen, arguments, input=line("1", FIRE, 0))
    again = CliRunner().invoke(listen, arguments, input=line("1", FIRE, 0) + line("2", f"{FIRE}, police say", 5))

    assert len(answers(first.output)) == 1
    assert again.output == ""


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_listen_keeps_its_memory_when_it_is_told_to_end(org: Path, tmp_path: Path, told: signal.Signals) -> None:
    arguments = ["--org", str(org), "--state", str(tmp_path / "memory.json")]
    process = subprocess.Popen(
        [sys.executable, "-m", "crisis", "listen", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write(line("1", FIRE, 0).encode())
    process.stdin.flush()
    process.stdout.readline()

    process.send_signal(told)

    assert process.wait(timeout=60) == 128 + told
    assert process.stderr.read() == b""
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    assert CliRunner().invoke(listen, arguments, input=line("1", FIRE, 0)).output == ""


def test_listen_takes_a_date_after_the_time_it_is_told_for_none(org: Path) -> None:
    ahead = line("1", FIRE, 0).replace("2026-", "2096-")
    arguments = ["--org", str(org), "--now", "2026-03-02T12:30:00+08:00"]

    believed = CliRunner().invoke(listen, ["--org", str(org)], input=ahead)
    told = CliRunner().invoke(listen, arguments, input=ahead + line("2", f"{FIRE}, police say", 5))

    assert [alert["articles"] for alert in answers(believed.output)] == [["1"]]
    assert [alert["at"][:4] for alert in answers(told.output)] == ["2026"]


def test_listen_is_quiet_about_what_lies_before(org: Path) -> None:
    arguments = ["--org", str(org), "--quiet-before", "2026-03-02T13:00:00+08:00"]

    assert CliRunner().invoke(listen, arguments, input=line("1", FIRE, 0)).output == ""


def test_an_organisation_without_a_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "org.yaml"
    file.write_text("aliases: [x]\n", encoding="utf-8")

    result = CliRunner().invoke(listen, ["--org", str(file)], input="")

    assert result.exit_code == 1
    assert "name: missing" in result.output


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_zero_of_a_program_is_no_date(org: Path, at: str) -> None:
    bad = json.dumps({"id": "0", "title": "x", "published": at}) + "\n"

    result = CliRunner().invoke(listen, ["--org", str(org)], input=bad + line("1", FIRE, 0))

    assert "line 1: published: not a date" in result.stderr and result.exit_code == 1
    assert len(answers(result.stdout)) == 1
