"""`crisis init`: set up the desk for one's own organisation, from a YAML file or by asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import yaml

from crisis.cli.opening import complain, own_desk, say, sentence
from crisis.content.yamlfile import Known, unknown_fields
from crisis.errors import Invalid
from crisis.flows import founding, sources
from crisis.flows.desk import HOUSE_FIELDS, ORGANISATION_FIELDS, House, house_of
from crisis.flows.founding import FirstPerson
from crisis.flows.sourceforms import NewSource
from monitors.article import BadField

_LISTS = (
    ("aliases", "Aliases and brands, with commas"),
    ("products", "Products, with commas"),
    ("people", "People who are named in the news, with commas"),
    ("peers", "Peers, with commas"),
    ("suppliers", "Suppliers, with commas"),
    ("regions", "Regions with an office, with commas"),
    ("exclude", "Words that mark a namesake, with commas"),
)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="init")
@click.option("--organisation", type=_FILE, help="YAML: name, aliases, products ...")
@click.option("--feeds", type=_FILE, help="OPML, or one address per line.")
@click.option("--name", help="Name of the first administrator.")
@click.option("--email", help="E-mail of the first administrator.")
@click.option("--password", help="At least ten characters; asked for when not given.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
def command(
    organisation: Path | None, feeds: Path | None, name: str | None, email: str | None, password: str | None, lang: str
) -> None:
    """Set up your own organisation. What is not given as an option is asked for."""
    record = _record(organisation) if organisation else None
    found = _sources(feeds)
    desk = own_desk()
    if founding.is_founded(desk):
        complain("This desk is set up already. Change it on the page “Readiness”, or choose another CRISIS_HOME.")
        raise SystemExit(1)
    record = record or _asked()
    first = FirstPerson(
        name=name or click.prompt("Your name"),
        email=email or click.prompt("Your e-mail"),
        password=password
        or click.prompt("A password (10 characters or more)", hide_input=True, confirmation_prompt=True),
        lang=lang,
    )
    try:
        person = founding.found(desk, _house(record), first, found)
    except Invalid as invalid:
        complain(f"{sentence(invalid)} Nothing was set up.")
        raise SystemExit(1) from None
    say(f"{record['organisation']['name']} is set up, sources: {len(found)}. Sign in as {person.email}: make run")


def _record(file: Path) -> dict[str, Any]:
    """The record of a file: the organisation's fields below `organisation:`, or all fields side by side."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        read = yaml.safe_load(text)
    except UnicodeDecodeError:
        complain(f"{file}:1: not UTF-8 text; save it as UTF-8")
        raise SystemExit(1) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        complain(f"{file}:{mark.line + 1 if mark else 1}: not YAML: {getattr(error, 'problem', error)}")
        raise SystemExit(1) from None
    if not isinstance(read, dict):
        complain(f"{file}:1: not a mapping; it begins with `name: ...`")
        raise SystemExit(1)
    if "organisation" in read:
        _demand_known(file, text, {**HOUSE_FIELDS, "organisation": ORGANISATION_FIELDS})
        return read
    _demand_known(file, text, {**HOUSE_FIELDS, **ORGANISATION_FIELDS})
    of_house = {name: value for name, value in read.items() if name in HOUSE_FIELDS}
    return of_house | {"organisation": {name: value for name, value in read.items() if name not in of_house}}


def _asked() -> dict[str, Any]:
    organisation: dict[str, Any] = {"name": click.prompt("Name of the organisation")}
    for field, question in _LISTS:
        typed = click.prompt(question, default="", show_default=False)
        organisation[field] = [part.strip() for part in typed.replace("，", ",").split(",") if part.strip()]
    organisation["industry"] = click.prompt("Industry", default="", show_default=False)
    return {"organisation": organisation}


def _demand_known(file: Path, text: str, known: Known) -> None:
    """A field that nothing reads ends the command: a mistyped one would be missed on the day it is needed."""
    unknown = unknown_fields(text, known)
    for problem in unknown:
        complain(f"{file}:{problem}")
    if unknown:
        complain("Nothing was set up. Known fields: " + ", ".join(sorted({*ORGANISATION_FIELDS, *HOUSE_FIELDS})) + ".")
        raise SystemExit(1)


def _house(record: dict[str, Any]) -> House:
    try:
        return house_of(record)
    except BadField as bad:
        complain(f"organisation: {bad}")
        raise SystemExit(1) from None


def _sources(file: Path | None) -> list[NewSource]:
    if file is None:
        return []
    data = file.read_bytes()
    try:
        if data.lstrip()[:1] == b"<":
            return sources.parse_opml(data)
        return sources.parse_list(data.decode("utf-8-sig"))
    except Invalid as invalid:
        if invalid.code == "field_unknown":
            meant = f"unknown field {invalid.details['name']}; did you mean {invalid.details['nearest']}?"
            for line in str(invalid.details["lines"]).split(", "):
                complain(f"{file}:{line}: {meant}")
        else:
            complain(f"{file}:{invalid.details.get('problem', '')}: not an address")
        raise SystemExit(1) from None
    except UnicodeDecodeError:
        complain(f"{file}:1: not UTF-8 text")
        raise SystemExit(1) from None
