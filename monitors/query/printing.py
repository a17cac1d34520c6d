"""A query tree as text in our language. Reading what is printed gives the same tree."""

from __future__ import annotations

import re

from monitors.query.tokens import glued, is_operator, operator_before, plainly
from monitors.query.tree import (
    And,
    AtLeast,
    Missing,
    Near,
    Node,
    Not,
    Or,
    Query,
    Term,
    Unless,
    Wild,
    Within,
    wild_pieces,
)

_PLAIN = re.compile(r"[^\W_][\w.'’/%#@$&-]*")
# What a bare word cannot hold without an escape, and what it cannot begin with.
_SIGNS = re.compile(r"""[\s(){}|:^*?\\"“”„‟「」『』«»‘]""")
# How tightly each kind binds; a part that binds less tightly than its place needs brackets.
_TIGHT = {Or: 0, And: 1, Not: 2, Near: 3, Unless: 4, Within: 5, AtLeast: 5, Term: 6, Wild: 6, Missing: 6}


def show(query: Query | Node) -> str:
    """The query as text, with brackets only where they are needed."""
    return _show(query.root if isinstance(query, Query) else query)


def show_term(term: Term) -> str:
    """One word or phrase as it must be written."""
    if term.exact:
        return "{" + re.sub(r"([\\{}｛｝])", r"\\\1", term.text) + "}"
    plain = plainly(term.text)
    if _PLAIN.fullmatch(term.text) and not is_operator(plain) and not glued(plain):
        return term.text
    return '"' + re.sub(r'(["＂\\])', r"\\\1", term.text) + '"'


def _show_wild(node: Wild) -> str:
    """A word with wildcards: it cannot be quoted, so that each sign that would end it or mean something is escaped."""
    out: list[str] = []
    for piece, is_sign in wild_pieces(node.pattern):
        if is_sign:
            out.append(piece)
            continue
        for char in piece:
            is_first = not out
            ends = bool(_SIGNS.match(plainly(char))) or (is_first and not char.isalnum())
            out.append(f"\\{char}" if ends else char)
    text = "".join(out)
    operator = operator_before(plainly(text)) or glued(plainly(text))
    return text if operator is None else f"{text[: operator.start()]}\\{text[operator.start() :]}"


def _show(node: Node) -> str:
    match node:
        case Term():
            return show_term(node)
        case Wild():
            return _show_wild(node)
        case Or():
            # AND inside OR needs no brackets for a machine; readers get them all the same.
            return " OR ".join(f"({_show(part)})" if isinstance(part, And) else _show(part) for part in node.parts)
        case And():
            return " AND ".join(_inside(part, 2) for part in node.parts)
        case Not():
            return f"NOT {_inside(node.part, 3)}"
        case Near():
            operator = "ONEAR" if node.ordered else "NEAR"
            return f"{_inside(node.left, 3)} {operator}/{node.distance} {_inside(node.right, 4)}"
        case Unless():
            operator = "UNLESS" if node.distance is None else f"UNLESS/{node.distance}"
            return f"{_inside(node.part, 4)} {operator} {_inside(node.mask, 5)}"
        case Within():
            return f"{node.place}:{_inside(node.part, 6)}"
        case AtLeast():
            return f"atleast/{node.count} {_inside(node.part, 6)}"
        case Missing():
            return "…"


def _inside(node: Node, needed: int) -> str:
    return _show(node) if _TIGHT[type(node)] >= needed else f"({_show(node)})"
