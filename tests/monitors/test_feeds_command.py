"""`crisis parse`: files in, one article per line out."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from crisis.cli.parse import command

RSS = "<rss><channel><title>报</title><item><title>{}</title><link>http://x.example/{}</link></item></channel></rss>"


def test_each_article_names_its_file_and_a_bad_file_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(RSS.format("甲", 1).encode("gb18030"))
    (tmp_path / "b.xml").write_text("<html></html>")
    (tmp_path / "c.xml").write_text(RSS.format("丙", 3), encoding="utf-8")
    names = [str(tmp_path / name) for name in ("a.xml", "b.xml", "missing.xml", "c.xml")]

    result = CliRunner().invoke(command, names)

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["title"], line["feed"]) for line in lines] == [("甲", names[0]), ("丙", names[3])]
    assert result.stderr.splitlines()[0] == f"{names[1]}: a web page, not a feed"
    assert result.stderr.splitlines()[1].startswith(f"{names[2]}: ")
    assert result.exit_code == 1


def test_one_feed_is_read_from_standard_input() -> None:
    for arguments in ([], ["-"]):
        result = CliRunner().invoke(command, arguments, input=RSS.format("x", 1).encode())

        assert json.loads(result.stdout)["feed"] == "-"
        assert result.exit_code == 0


def test_problems_are_shown_on_request(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<rss><channel><item/><item><title>x</title></item></channel></rss>")

    result = CliRunner().invoke(command, ["--problems", str(path)])

    assert result.stderr == f"{path}: entry 1: empty_entry: no title, no text and no link\n"
    assert result.exit_code == 0
