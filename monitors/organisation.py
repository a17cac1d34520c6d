"""The organisation that is listened for: its names, and the names near it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitors.article import BadField


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """One organisation. `exclude` holds words that mark a namesake (a band, a street of the same name)."""

    name: str
    aliases: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    industry: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases, without repeats, in order."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))


def organisation_of(record: Mapping[str, Any]) -> Organisation:
    """The organisation of a YAML or JSON mapping. Raises BadField."""
    name = record.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadField("name", "missing")
    lists: dict[str, tuple[str, ...]] = {}
    for field in ("aliases", "products", "people", "peers", "suppliers", "regions", "exclude"):
        values = record.get(field) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise BadField(field, "not a list of texts")
        lists[field] = tuple(value.strip() for value in values if value.strip())
    industry = record.get("industry") or ""
    if not isinstance(industry, str):
        raise BadField("industry", "not a text")
    return Organisation(name=name.strip(), industry=industry, **lists)
