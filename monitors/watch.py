"""A watch: a query that runs for somebody, under a name. And the shapes in which watches are written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import yaml

from monitors.article import BadField
from monitors.folding import WORD, fold, is_unspaced, is_word
from monitors.names import short_name
from monitors.organisation import Organisation
from monitors.query import QueryInvalid, read, show
from monitors.query.parser import MAX_LENGTH
from monitors.query.tree import Node, Not, Term, Unless, all_of, any_of

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


# ---- an organisation's own watches

_MASK_WORDS = 30  # a word of the namesake's world, so many words or nearer, says which of the two is meant


def watches_of(organisation: Organisation) -> tuple[Watch, ...]:
    """The watches that an organisation gets without anybody writing a query: names, people, products.

    Latin names of three letters or fewer count only as they are written: `{GAP}`, not "gap". Longer ones count
    in every case, because many sources write titles in lower case. A namesake's phrase that holds the name
    (`波罗的海天` for `海天`) masks what lies
    inside it; another word of the namesake's world masks names within 30 words of it. Other mentions in the
    same article still count.
    """
    own = (*organisation.names, *organisation.people, *organisation.products)
    context = tuple(word for word in organisation.exclude if not any(_shares(word, term) for term in own))
    groups = (
        (Kind.NAME, tuple(dict.fromkeys(form for name in organisation.names for form in _as_written(name)))),
        (Kind.PERSON, organisation.people),
        (Kind.PRODUCT, organisation.products),
    )
    made = []
    for kind, terms in groups:
        nodes = [node for term in terms if (node := _term_node(term, organisation.exclude, context)) is not None]
        for number, query in enumerate(_queries(nodes), 1):
            identity = str(kind) if number == 1 else f"{kind}-{number}"
            made.append(Watch(id=identity, query=query, name=organisation.name, kind=kind))
    return tuple(made)


def _queries(nodes: list[Node]) -> Iterator[str]:
    """Any of these, in as few queries as a query may be long: a maker has hundreds of products."""
    together: list[Node] = []
    size = 0
    for node in nodes:
        length = len(show(node)) + len(" OR ")
        if together and size + length > MAX_LENGTH:
            yield show(any_of(together))
            together, size = [], 0
        together.append(node)
        size += length
    if together:
        yield show(any_of(together))


def _as_written(name: str) -> tuple[str, ...]:
    """The name, and without its legal form where what is left is long enough to be nobody else's."""
    short = short_name(name)
    enough = 3 if is_unspaced(fold(short).text[:1] or " ") else 5
    return (name, short) if short != name and len(short) >= enough else (name,)


def _shares(word: str, term: str) -> bool:
    """Have the two a Latin word or two Chinese characters in common? Then one is about a part of the other."""
    one, other = fold(word).text, fold(term).text
    pieces = {*re.findall(f"{WORD}+", other), *(pair for pair in map("".join, pairwise(other)) if is_unspaced(pair[0]))}
    return any(piece in one for piece in pieces if not is_unspaced(piece[0]) or is_unspaced(piece[-1]))


def _term_node(term: str, exclude: tuple[str, ...], context: tuple[str, ...]) -> Node | None:
    """One name with its namesakes masked, or None when nothing of it can be looked for."""
    folded = fold(term).text.strip()
    if not any(is_word(char) or is_unspaced(char) for char in folded):
        return None
    inside = [phrase for phrase in exclude if folded in fold(phrase).text and fold(phrase).text.strip() != folded]
    node: Node = any_of([Term(text=form, exact=is_exact) for form, is_exact in _forms(term)])
    if inside:
        node = Unless(part=node, mask=any_of([Term(text=phrase) for phrase in inside]))
    if context:
        node = Unless(part=node, mask=any_of([Term(text=word) for word in context]), distance=_MASK_WORDS)
    return node


def _forms(term: str) -> list[tuple[str, bool]]:
    """(text, is exact) of each way of writing to look for."""
    text = " ".join(term.split())
    is_latin = text.isascii() and any(char.isalpha() for char in text)
    if is_latin and len(text) <= 3 and text.upper() == text:
        return [(text, True)]
    forms = [text]
    if is_latin and len(text) > 3 and text[-1].isalpha() and text[-1] not in "sS":
        forms.append(f"{text}s")  # Teslas, and the possessive of addresses: southwests-meltdown
    if is_latin and any(char.isdigit() for char in text):
        # Model names are written in every way: Model 3, Model3, Model-3.
        forms += [re.sub("[ -]+", "", text), re.sub("[ -]+", "-", text), re.sub("[ -]+", " ", text)]
    return [(form, False) for form in dict.fromkeys(forms)]
