"""Files that are named to a filter: what is not there, several of them, and the memory of `crisis listen`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crisis.cli import main

ARTICLE = json.dumps({"id": "1", "title": "Ferry fire", "published": "2026-03-02T12:00:00+08:00", "source": "paper"})


@pytest.fixture
def org(tmp_path: Path) -> Path:
    file = tmp_path / "org.yaml"
    file.write_text("name: Northwind Ferries\n", encoding="utf-8")
    return file


def run(*words: object, stdin: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


@pytest.mark.parametrize("verb", ["match", "group", "risk", "listen", "classify", "plan", "lint"])
def test_a_file_that_is_not_there_or_is_a_folder_is_a_sentence_and_no_trace(
    tmp_path: Path, org: Path, verb: str
) -> None:
    watches = tmp_path / "w.yaml"
    watches.write_text("- {id: w, query: ferry}\n", encoding="utf-8")
    options = {"match": ["--watches", watches], "listen": ["--org", org]}.get(verb, [])

    for file in (tmp_path / "nothing.ndjson", tmp_path):
        answer = run(verb, *options, file)
        assert answer.exit_code == 2
        assert str(file) in answer.stderr and "Traceback" not in answer.stderr
        assert isinstance(answer.exception, SystemExit)


def test_of_several_files_a_bad_line_is_told_with_its_file_and_the_good_ones_are_answered(tmp_path: Path) -> None:
    first, second = tmp_path / "a.ndjson", tmp_path / "b.ndjson"
    first.write_text(ARTICLE + "\n", encoding="utf-8")
    second.write_text(ARTICLE.replace('"1"', '"2"') + "\n[]\n", encoding="utf-8")

    answer = run("group", first, second)

    assert answer.exit_code == 1
    assert answer.stderr == f"{second}:2: not an object\n"
    assert [json.loads(line)["id"] for line in answer.stdout.splitlines()] == ["1", "2"]


@pytest.mark.parametrize("text", ["", "{broken", "[]", "{}", '{"stories": 1}'])
def test_a_memory_that_is_none_is_told_and_stays_as_it_is(tmp_path: Path, org: Path, text: str) -> None:
    memory = tmp_path / "memory.json"
    memory.write_text(text, encoding="utf-8")

    answer = run("listen", "--org", org, "--state", memory, stdin=ARTICLE)

    assert answer.exit_code == 1
    assert "not the memory of an earlier run" in answer.stderr
    assert memory.read_text(encoding="utf-8") == text


def test_a_memory_that_could_not_be_written_is_told_before_anything_is_heard(tmp_path: Path, org: Path) -> None:
    answer = run("listen", "--org", org, "--state", tmp_path / "nowhere" / "memory.json", stdin="not json\n")

    assert answer.exit_code == 1
    assert "folder is not there" in answer.stderr and "line 1" not in answer.stderr


@pytest.mark.parametrize(
    ("words", "redirected", "status", "says"),
    [
        ("group", "> /dev/full", 2, "cannot write the output: No space left on device"),
        ("--help", "> /dev/full", 2, "cannot write the output: No space left on device"),
        ("parse -", "<&-", 1, "standard input is closed"),
        ("group", "<&-", 1, "standard input is closed"),
        ("group", ">&-", 2, "standard output is closed"),
    ],
)
def test_what_cannot_be_read_or_written_is_a_sentence_and_a_status(
    words: str, redirected: str, status: int, says: str
) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'exec "$0" -m crisis {words} {redirected}', sys.executable],
        input=(ARTICLE + "\n").encode(),
        capture_output=True,
        check=False,
    )

    said = ended.stderr.decode()
    assert ended.returncode == status
    assert says in said and "Traceback" not in said and "Exception" not in said
