"""The meaning of a watch query as a tree of frozen values. Two queries that mean the same are equal.

Every node knows the `span` of the written query it was read from (code points, start and end, from 0);
the span plays no part in comparing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

Span = tuple[int, int]
NOWHERE: Span = (0, 0)


class Place(StrEnum):
    """Where a term must stand. Without a place: title or body."""

    TITLE = "title"
    BODY = "body"
    SOURCE = "source"
    URL = "url"
    LANG = "lang"


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A word, phrase, tag or emoji. `exact` keeps case, marks, width and spelling: `{IT}`."""

    text: str
    exact: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wild:
    """A word with `*` (rest of a word) or `?` (exactly one character). A backslash makes them plain."""

    pattern: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class And:
    parts: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    part: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """Both, with at most `distance` words between them. `ordered`: left before right.

    A word of a spaced script counts 1, a Chinese character one half.
    """

    left: Node
    right: Node
    distance: int
    ordered: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Within:
    """The part must stand in one place."""

    place: Place
    part: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AtLeast:
    """The occurrences of the part, all its words together, number at least `count`."""

    count: int
    part: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unless:
    """Occurrences of the part that do not overlap the mask: `中国 UNLESS "发展中国家"`.

    With `distance`, occurrences with the mask within so many words are dropped as well.
    """

    part: Node
    mask: Node
    distance: int | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Something that should stand here; only in the tree of a query with errors."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


Node = Term | Wild | And | Or | Not | Near | Within | AtLeast | Unless | Missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A query that can be watched: without errors, and with a positive word on every branch."""

    root: Node


def all_of(parts: list[Node], span: Span = NOWHERE) -> Node:
    """AND of the parts; one part is itself, nested ANDs become one."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(parts=tuple(flat), span=span)


def any_of(parts: list[Node], span: Span = NOWHERE) -> Node:
    """OR of the parts; one part is itself, nested ORs become one."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(parts=tuple(flat), span=span)


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node, in the order of writing."""
    match node:
        case And() | Or():
            return node.parts
        case Near():
            return (node.left, node.right)
        case Unless():
            return (node.part, node.mask)
        case Not() | Within() | AtLeast():
            return (node.part,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def levels(node: Node) -> int:
    """How deep a tree goes; counted without going down into it, so that any depth can be counted."""
    deep, layer = 0, [node]
    while layer:
        deep += 1
        layer = [child for above in layer for child in children(above)]
    return deep


def wild_pieces(pattern: str) -> Iterator[tuple[str, bool]]:
    """(text, is a wildcard) of a pattern: literal stretches, and each `*` or `?`."""
    literal = ""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char in "*?":
            if literal:
                yield literal, False
            yield char, True
            literal = ""
        else:
            if char == "\\" and at + 1 < len(pattern):
                at += 1
                char = pattern[at]
            literal += char
        at += 1
    if literal:
        yield literal, False
