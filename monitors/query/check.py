"""Rules that hold for a whole query: what may stand inside what, and that every branch looks for something."""

from __future__ import annotations

from collections.abc import Iterator

from monitors.query.printing import show
from monitors.query.problems import Problem
from monitors.query.tree import And, AtLeast, Missing, Near, Node, Not, Or, Place, Term, Unless, Wild, Within, children

_TEXT = (Place.TITLE, Place.BODY)
_NAMES = {And: "AND", Or: "OR", Not: "NOT", Near: "NEAR", Unless: "UNLESS", AtLeast: "atleast"}
# What stands outside -> (what may not stand inside, the code that says so).
_FORBIDDEN: dict[type, tuple[tuple[type, ...], str]] = {
    Near: ((And, Not, AtLeast), "E106"),
    Unless: ((And, Not, AtLeast), "E121"),
    AtLeast: ((And, Not, AtLeast), "E126"),
}


def check(root: Node) -> list[Problem]:
    """Every rule that the tree breaks."""
    problems = list(_nesting(root, None, None))
    if not any(isinstance(node, Missing) for node in _leaves(root)):
        for branch in _baseless(root):
            problems.append(Problem(code="E107", span=branch.span, args={"branch": show(branch)}))
    return problems


def _leaves(node: Node) -> Iterator[Node]:
    parts = children(node)
    if not parts:
        yield node
    for part in parts:
        yield from _leaves(part)


def _nesting(node: Node, around: type | None, place: Place | None) -> Iterator[Problem]:
    if around is not None:
        forbidden, code = _FORBIDDEN[around]
        if isinstance(node, forbidden):
            yield Problem(code=code, span=node.span, args={"operator": _NAMES[type(node)]})
            around = None  # one problem for one cause
    if isinstance(node, Within):
        if place is not None:
            yield Problem(code="E122", span=node.span, args={"field": str(node.place)})
        elif around is not None and node.place not in _TEXT:
            yield Problem(code="E125", span=node.span, args={"field": str(node.place)})
        place = node.place
    elif place is not None and place not in _TEXT and not isinstance(node, Term | Wild | Or | Missing):
        yield Problem(code="E123", span=node.span, args={"field": str(place), "operator": _NAMES[type(node)]})
        place = None
    if type(node) in _FORBIDDEN:
        around = type(node)
    for part in children(node):
        yield from _nesting(part, around, place)


def looks_for_something(node: Node) -> bool:
    """Does a match of this need at least one word in the title or body?"""
    match node:
        case And():
            return any(looks_for_something(part) for part in node.parts)
        case Or():
            return all(looks_for_something(part) for part in node.parts)
        case Not() | Missing():
            return False
        case Within():
            return node.place in _TEXT and looks_for_something(node.part)
        case AtLeast() | Unless():
            return looks_for_something(node.part)
        case _:
            return True


def _baseless(node: Node) -> Iterator[Node]:
    """The branches that would match every article."""
    if looks_for_something(node):
        return
    if isinstance(node, Or):
        for part in node.parts:
            yield from _baseless(part)
    else:
        yield node
