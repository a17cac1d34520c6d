"""A written watch query as a tree, with every problem it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitors.query import check
from monitors.query.dialects import NATIVE, Dialect
from monitors.query.foreign import parser_of
from monitors.query.problems import Problem, QueryInvalid
from monitors.query.tree import Query

MAX_LENGTH = 20_000  # code points; a list of a thousand names fits


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """What a written query turned out to be. `query` is None when there are errors."""

    text: str
    query: Query | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def hints(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.is_error)


def parse(text: str, dialect: Dialect = NATIVE) -> Parsed:
    """The query of a text, or all its errors in the order of their columns. Never raises."""
    if problem := too_long(text):
        return Parsed(text=text, query=None, problems=(problem,))
    parser = parser_of(text, dialect)
    root = parser.whole()
    problems = parser.problems
    if not any(problem.code in ("E114", "E119") for problem in problems):
        problems = [*problems, *check.check(root)]
    valid = not any(problem.is_error for problem in problems)
    if not valid:
        problems = [problem for problem in problems if problem.code != "W202"]
    open_brackets = sum(problem.code == "E101" for problem in problems)
    if open_brackets > 1:
        closed = (f"{text}{')' * open_brackets}",)
        problems = [replace(problem, fixes=closed) if problem.code == "E101" else problem for problem in problems]
    ordered = tuple(sorted(problems, key=lambda problem: problem.span))
    return Parsed(text=text, query=Query(root=root) if valid else None, problems=ordered)


def too_long(text: str) -> Problem | None:
    """What is said of a text that is longer than a query may be: it is not read at all."""
    if len(text) <= MAX_LENGTH:
        return None
    return Problem(code="E119", span=(MAX_LENGTH, MAX_LENGTH + 1), args={"limit": MAX_LENGTH})


def read(text: str) -> Query:
    """The query of a text in our language. Raises QueryInvalid with every problem."""
    parsed = parse(text)
    if parsed.query is None:
        raise QueryInvalid(text, parsed.problems)
    return parsed.query
