"""A watch: a query that runs for somebody, under a name. And the shapes in which watches are written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from monitors.article import BadField
from monitors.query import QueryInvalid, read, show
from monitors.query.tree import Node, Not, Term, all_of, any_of

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Kind(StrEnum):
    """What a watch listens for: an organisation's name says more than one of its products."""

    NAME = "name"
    PERSON = "person"
    PRODUCT = "product"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """One watch. `query` is written in the watch language; `name` is for people."""

    id: str
    query: str
    name: str = ""
    kind: Kind = Kind.OTHER


class WatchesInvalid(ValueError):
    """Watches cannot be used. `problems` are sentences, each with the watch it is about."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def watch_of(record: Mapping[str, Any]) -> Watch:
    """The watch of `{id, query}` or `{id, any: [terms], none: [terms]}`. Raises BadField, QueryInvalid."""
    identity = record.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not identity.strip():
        raise BadField("id", "missing")
    query = record.get("query")
    if query is None and record.get("any"):
        query = show(_any_none(_terms(record, "any"), _terms(record, "none")))
    if not isinstance(query, str):
        raise BadField("query", "missing: write `query: ...`, or `any: [...]`")
    name = record.get("name")
    return Watch(id=identity, query=query, name=name if isinstance(name, str) else "")


def _terms(record: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = record.get(field) or []
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, list) or not all(isinstance(value, str | int | float) for value in values):
        raise BadField(field, "not a list of words")
    return tuple(str(value).strip() for value in values if str(value).strip())


def _any_none(wanted: Iterable[str], unwanted: Iterable[str]) -> Node:
    parts: list[Node] = [any_of([Term(text=term) for term in wanted])]
    excluded: list[Node] = [Term(text=term) for term in unwanted]
    return all_of([*parts, Not(part=any_of(excluded))] if excluded else parts)


def read_watches(text: str) -> tuple[Watch, ...]:
    """The watches of a YAML (or JSON) text: a list, or a mapping with `watches:`.

    Raises WatchesInvalid with every problem of every watch: a watch that is left out in silence is a story missed.
    """
    try:
        record = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise WatchesInvalid((f"{where}not YAML: {getattr(error, 'problem', error)}",)) from None
    if isinstance(record, Mapping):
        record = record.get("watches")
    if not isinstance(record, list):
        raise WatchesInvalid(("not a list of watches, and no `watches:` that holds one",))
    watches: list[Watch] = []
    problems: list[str] = []
    seen: set[str] = set()
    for number, item in enumerate(record, 1):
        label = f"watch {number}"
        try:
            if not isinstance(item, Mapping):
                raise BadField("watch", "not a mapping with id and query")
            watch = watch_of(item)
            label = f"watch {watch.id}"
            if watch.id in seen:
                raise BadField("id", "used twice")
            read(watch.query)
        except BadField as bad:
            problems.append(f"{label}: {bad}")
        except QueryInvalid as bad:
            problems += (f"{label}: {problem.line('en')}" for problem in bad.problems if problem.is_error)
        else:
            seen.add(watch.id)
            watches.append(watch)
    if problems:
        raise WatchesInvalid(tuple(problems))
    return tuple(watches)
