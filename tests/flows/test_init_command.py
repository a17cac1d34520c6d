"""`crisis init` from a file: what it does not know is said with its line and the nearest known name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crisis.cli import main
from crisis.content.yamlfile import nearest, unknown_fields
from crisis.errors import Invalid
from crisis.flows import sources
from crisis.flows.desk import HOUSE_FIELDS, ORGANISATION_FIELDS

ADMINISTRATOR = ["--name", "吴明", "--email", "wu@starhearth.example", "--password", "stove-and-kettle"]
OPML = """<opml version="2.0"><body>
<outline text="一" type="rss" htmlUrl="https://one.example" xmlUrl="https://one.example/feed"/>
<outline text="二" type="rss" xmlurl="https://two.example/feed"/>
</body></opml>"""


def init(tmp_path: Path, organisation: str, *, feeds: str = "") -> Result:
    file = tmp_path / "house.yaml"
    file.write_text(organisation, encoding="utf-8")
    options = ["--organisation", str(file)]
    if feeds:
        (tmp_path / "feeds.opml").write_text(feeds, encoding="utf-8")
        options += ["--feeds", str(tmp_path / "feeds.opml")]
    env = {"CRISIS_HOME": str(tmp_path / "home"), "CRISIS_DATABASE": None}
    return CliRunner().invoke(main, ["init", *options, *ADMINISTRATOR], env=env)


def test_a_field_that_nothing_reads_is_named_with_its_line_and_nothing_is_set_up(tmp_path: Path) -> None:
    answer = init(tmp_path, "name: 星炉炊具\nalias: [星炉]\nhotline: 400-820-0000\nproduct: [双环Q5]\ncolour: red\n")

    assert answer.exit_code == 1
    lines = answer.stderr.splitlines()
    file = tmp_path / "house.yaml"
    assert lines[0] == f"{file}:2: unknown field alias; did you mean aliases?"
    assert lines[1] == f"{file}:4: unknown field product; did you mean products?"
    assert lines[2] == f"{file}:5: unknown field colour"
    assert "Nothing was set up" in lines[3]
    assert not (tmp_path / "home").exists()


def test_fields_inside_fields_are_looked_at_too() -> None:
    text = "organisation:\n  name: 星炉\n  region: [杭州]\nsmtp:\n  hots: mail.example\ncontact:\n  cn: 周晓\n"

    found = unknown_fields(text, {**HOUSE_FIELDS, "organisation": ORGANISATION_FIELDS})

    assert [(item.line, item.where, item.nearest) for item in found] == [
        (3, "organisation.region", "regions"),
        (5, "smtp.hots", "host"),
        (7, "contact.cn", ""),
    ]


def test_a_file_with_known_fields_side_by_side_sets_up_all_of_them(tmp_path: Path) -> None:
    answer = init(tmp_path, "name: 星炉炊具\naliases: [星炉]\nprefix: XL\nhotline: 400-820-0000\n")

    assert answer.exit_code == 0, answer.stderr
    assert "星炉炊具 is set up" in answer.stdout


def test_a_feed_whose_address_stands_in_a_field_of_nearly_the_right_name_is_named_too(tmp_path: Path) -> None:
    answer = init(tmp_path, "name: 星炉炊具\n", feeds=OPML)

    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[0] == f"{tmp_path / 'feeds.opml'}:3: unknown field xmlurl; did you mean xmlUrl?"


def test_the_page_says_the_same_of_an_opml_file() -> None:
    with pytest.raises(Invalid) as refused:
        sources.parse_opml(OPML.encode())

    assert refused.value.code == "field_unknown"
    assert refused.value.details == {"field": "opml", "lines": "3", "name": "xmlurl", "nearest": "xmlUrl"}


@pytest.mark.parametrize(
    ("typed", "meant"), [("Alias", "aliases"), ("name-en", "name_en"), ("hot_line", "hotline"), ("zzz", "")]
)
def test_the_nearest_name_is_the_one_that_was_meant(typed: str, meant: str) -> None:
    assert nearest(typed, [*ORGANISATION_FIELDS, *HOUSE_FIELDS]) == meant
