"""Queries written for other tools, rewritten in our language so that the officer sees what they mean here."""

from __future__ import annotations

from dataclasses import dataclass

from monitors.query.check import check
from monitors.query.dialects import DIALECTS
from monitors.query.foreign import parser_of
from monitors.query.parser import parse, too_long
from monitors.query.printing import show
from monitors.query.problems import Problem
from monitors.query.tree import And, Missing, Node, Not, Or


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """A foreign query in our language: `text` is empty when `problems` holds an error."""

    original: str
    dialect: str
    text: str
    problems: tuple[Problem, ...]


def import_query(text: str, dialect: str) -> Imported:
    """The query rewritten. `dialect` is a key of DIALECTS. What was left out or changed is told in `problems`."""
    if problem := too_long(text):
        return Imported(original=text, dialect=dialect, text="", problems=(problem,))
    parser = parser_of(text, DIALECTS[dialect])
    root = _without_dropped(parser.whole())
    problems = list(parser.problems)
    if not any(problem.is_error for problem in problems):
        problems += check(root)
    if any(problem.is_error for problem in problems):
        return Imported(original=text, dialect=dialect, text="", problems=tuple(problems))
    rewritten = show(root)
    problems += [problem for problem in parse(rewritten).problems if problem.is_error]
    if any(problem.is_error for problem in problems):
        # Nothing that can be watched was left of it.
        return Imported(original=text, dialect=dialect, text="", problems=tuple(problems))
    if rewritten != text.strip():
        span = (0, max(1, len(text)))
        problems.append(Problem(code="I303", span=span, args={"before": text.strip(), "after": rewritten}))
    ordered = tuple(sorted(problems, key=lambda problem: problem.span))
    return Imported(original=text, dialect=dialect, text=rewritten, problems=ordered)


def _without_dropped(node: Node) -> Node:
    """Conditions that we have no field for leave no hole behind."""
    if isinstance(node, And | Or):
        parts = [_without_dropped(part) for part in node.parts]
        kept = tuple(part for part in parts if not isinstance(part, Missing))
        if not kept:
            return Missing(span=node.span)
        return kept[0] if len(kept) == 1 else type(node)(parts=kept, span=node.span)
    if isinstance(node, Not):
        part = _without_dropped(node.part)
        return part if isinstance(part, Missing) else Not(part=part, span=node.span)
    return node
