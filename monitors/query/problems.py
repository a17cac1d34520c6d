"""What is wrong with a query: every problem at once, each with its column, its cause and a fix.

The wording lies in messages.yaml, in both languages. Codes that begin with E stop a query, W and I do not.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitors.query.tree import Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One problem. `span` is (start, end) in code points from 0. `fixes` are whole queries to choose from."""

    code: str
    span: Span
    args: dict[str, str | int] = field(default_factory=dict)
    fixes: tuple[str, ...] = ()

    @property
    def column(self) -> int:
        """Where it is, in code points from 1."""
        return self.span[0] + 1

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")

    def cause(self, lang: str) -> str:
        """One sentence: what is wrong."""
        return self._worded(lang, "cause")

    def fix(self, lang: str) -> str:
        """One sentence: what to do about it. May be empty for a hint."""
        return self._worded(lang, "fix")

    def line(self, lang: str) -> str:
        """`E101 col 17: cause fix` on one line."""
        return f"{self.code} col {self.column}: {self.cause(lang)} {self.fix(lang)}".rstrip()

    def caret(self, query: str) -> str:
        """Two lines for a terminal: the query, and carets under the problem (a Chinese character is two wide)."""
        start, end = self.span
        shown = query.replace("\n", " ").replace("\t", " ")
        return f"{shown}\n{' ' * _width(shown[:start])}{'^' * max(1, _width(shown[start:end]))}"

    def _worded(self, lang: str, part: str) -> str:
        wording = _messages()[self.code]["en" if lang == "en" else "zh"]
        text: str = wording[part].format(**self.args)
        return text


# Each fix is a whole query. Nobody chooses among more than so many, and thousands of them are a hundred megabytes.
_MOST_WITH_FIXES = 50


def note(problems: list[Problem], code: str, span: Span, fixes: tuple[str, ...], args: dict[str, str | int]) -> None:
    """Add a problem to a list; after many others it is named with its column, but without fixes to choose from."""
    kept = fixes if len(problems) < _MOST_WITH_FIXES else ()
    problems.append(Problem(code=code, span=span, args=args, fixes=kept))


class QueryInvalid(ValueError):
    """A query cannot be watched. `problems` holds everything that is wrong with it."""

    def __init__(self, text: str, problems: tuple[Problem, ...]) -> None:
        self.text = text
        self.problems = problems
        super().__init__("; ".join(problem.line("en") for problem in problems if problem.is_error))


@cache
def _messages() -> dict[str, Any]:
    text = files("monitors.query").joinpath("messages.yaml").read_text(encoding="utf-8")
    messages: dict[str, Any] = yaml.safe_load(text)
    return messages


def known_codes() -> tuple[str, ...]:
    """Every code that has wording."""
    return tuple(_messages())


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
