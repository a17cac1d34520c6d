"""Leaving namesakes out of a query: each place of a word gets the longer phrase as its mask."""

from __future__ import annotations

from dataclasses import replace

from monitors.query import parse, show
from monitors.query.tree import And, AtLeast, Node, Not, Or, Term, Unless, Within, any_of


def masked(query: str, word: str, longer: str) -> str:
    """The query without what the word catches inside the longer phrase, or "" where that cannot be said.

    Inside NEAR and below NOT a word stays as it is: there a mask has no place, or would exclude less.
    """
    parsed = parse(query)
    if parsed.query is None:
        return ""
    text = show(_masked(parsed.query.root, word, longer))
    after = parse(text)
    return "" if after.query is None or text == show(parsed.query) else text


def _masked(node: Node, word: str, longer: str) -> Node:
    match node:
        case Term(text=text, exact=False) if text == word:
            return Unless(part=node, mask=Term(text=longer))
        case Unless(part=Term(text=text, exact=False) as part, mask=mask, distance=None) if text == word:
            return Unless(part=part, mask=any_of([mask, Term(text=longer)]))
        case And() | Or():
            return replace(node, parts=tuple(_masked(part, word, longer) for part in node.parts))
        case Within() | AtLeast():
            return replace(node, part=_masked(node.part, word, longer))
        case Not():
            return node
    return node
