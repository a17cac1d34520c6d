"""A case: an organisation, what is said about it and what is known, as `crisis classify` and `crisis plan` read it.

The incident room builds the same value from the database, so a command and a page always agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from monitors.article import BadField
from monitors.organisation import Organisation, organisation_of


class OutletKind(StrEnum):
    NEWSPAPER = "newspaper"
    TV = "tv"
    ONLINE = "online"
    SOCIAL = "social"
    OFFICIAL = "official"
    WIRE = "wire"
    TRADE = "trade"


class FactStatus(StrEnum):
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    DISPUTED = "disputed"
    SUPERSEDED = "superseded"
    WITHHELD = "withheld"


class CrisisType(StrEnum):
    LINEAR = "linear"
    MEDIA = "media"
    MATRIX = "matrix"
    CREDIT = "credit"
    CHAIN = "chain"


class CreditKind(StrEnum):
    PRODUCTION = "production"
    OPERATING = "operating"
    FINANCE = "finance"
    LENDING = "lending"


class Severity(StrEnum):
    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMention:
    """One mention. `hours` since the first public signal; `reach` 1 (few) to 5 (national)."""

    hours: float
    outlet: str
    kind: OutletKind
    reach: int
    lang: str
    title: str
    summary: str

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.summary}" if self.summary else self.title


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFact:
    """One claim that was looked into. `hours` since the first public signal."""

    hours: float
    claim: str
    status: FactStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Everything a judgement is made from. Mentions and facts are in time order."""

    id: str
    org: Organisation
    mentions: tuple[CaseMention, ...]
    facts: tuple[CaseFact, ...] = ()
    language: str = ""


def _number(record: Mapping[str, Any], field: str, default: float, where: str) -> float:
    value = record.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadField(f"{where}.{field}", "not a number")
    return float(value)


def _string(record: Mapping[str, Any], field: str, where: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadField(f"{where}.{field}", "not a text")
    return value


E = TypeVar("E", bound=StrEnum)


def _choice(kind: type[E], value: str, default: E, where: str) -> E:
    if not value:
        return default
    try:
        return kind(value)
    except ValueError:
        raise BadField(where, f"not one of {', '.join(kind)}") from None


def _records(record: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    values = record.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
        raise BadField(field, "not a list of objects")
    return values


def case_of(record: Mapping[str, Any]) -> Case:
    """The case of one NDJSON object (shape in docs/commands.md). Unknown fields are ignored. Raises BadField."""
    identity = record.get("id")
    if not isinstance(identity, str) or not identity:
        raise BadField("id", "missing")
    org = record.get("org")
    if not isinstance(org, Mapping):
        raise BadField("org", "missing")
    mentions = []
    for place, line in enumerate(_records(record, "mentions")):
        where = f"mentions.{place}"
        mentions.append(
            CaseMention(
                hours=_number(line, "hours", 0.0, where),
                outlet=_string(line, "outlet", where),
                kind=_choice(OutletKind, _string(line, "kind", where), OutletKind.ONLINE, f"{where}.kind"),
                reach=max(1, min(5, int(_number(line, "reach", 3, where)))),
                lang=_string(line, "lang", where),
                title=_string(line, "title", where),
                summary=_string(line, "summary", where),
            )
        )
    facts = []
    for place, line in enumerate(_records(record, "facts")):
        where = f"facts.{place}"
        facts.append(
            CaseFact(
                hours=_number(line, "hours", 0.0, where),
                claim=_string(line, "claim", where),
                status=_choice(FactStatus, _string(line, "status", where), FactStatus.UNCONFIRMED, f"{where}.status"),
            )
        )
    try:
        organisation = organisation_of(org)
    except BadField as bad:
        raise BadField(f"org.{bad.field}", bad.problem) from None
    return Case(
        id=identity,
        org=organisation,
        # Mentions keep the place they were given in: `evidence[].mention` of the answer points there.
        mentions=tuple(mentions),
        facts=tuple(facts),
        language=_string(record, "language", "case"),
    )
