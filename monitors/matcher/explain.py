"""Why a watch caught an article, or which clause failed and what came nearest to it.

The wording of the reasons lies beside the wording of the query problems, in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitors.article import Article
from monitors.folding import is_word
from monitors.matcher.mention import Span
from monitors.matcher.plan import EVERYWHERE, ElsewherePlan, Occurrence, plan_of
from monitors.matcher.reading import Bounds, Reading
from monitors.matcher.terms import Needle, needle_of, places
from monitors.query import read, show
from monitors.query.tree import And, AtLeast, Near, Node, Not, Or, Place, Term, Unless, Wild, Within
from monitors.watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One part of a query against one article. `written` is the part, `column` its place in the query (from 1).

    `spans` are the words that show it when it holds, and what came nearest when it does not.
    """

    written: str
    column: int
    holds: bool
    reason: str
    args: dict[str, str | int] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    parts: tuple[Clause, ...] = ()

    def because(self, lang: str) -> str:
        """One sentence in a language."""
        return worded(self.reason, lang, **self.args)


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """The whole answer. `failed` are the innermost clauses that decided against the article."""

    article: str
    watch: str
    matched: bool
    clause: Clause

    @property
    def failed(self) -> tuple[Clause, ...]:
        return tuple(_failed(self.clause))


def explain(article: Article, watch: Watch) -> Explanation:
    """Why the watch catches the article or not. Raises QueryInvalid."""
    root = read(watch.query).root
    explainer = _Explainer(article, root)
    clause = explainer.clause(root, EVERYWHERE)
    return Explanation(article=article.id, watch=watch.id, matched=clause.holds, clause=clause)


def worded(code: str, lang: str, **args: str | int) -> str:
    """A sentence of reasons.yaml in a language."""
    text: str = _reasons()[code]["en" if lang == "en" else "zh"].format(**args)
    return text


def _failed(clause: Clause) -> list[Clause]:
    if clause.holds:
        return []
    inner = [found for part in clause.parts for found in _failed(part)]
    return inner or [clause]


class _Explainer:
    """Runs the same plans as the matcher, part by part."""

    def __init__(self, article: Article, root: Node) -> None:
        self.reading = Reading(article)
        self.numbers: dict[Needle, int] = {}
        plan_of(root, self._register)
        for needle, number in self.numbers.items():
            found = places(needle, self.reading.original, self.reading.folded)
            if found:
                self.reading.hits[number] = found
        self.reading.present = set(self.reading.hits)

    def _register(self, needle: Needle) -> int:
        return self.numbers.setdefault(needle, len(self.numbers))

    def _places(self, node: Node, bounds: Bounds) -> list[Occurrence]:
        return plan_of(node, self._register).places(self.reading, bounds)

    def _spans(self, found: list[Occurrence]) -> tuple[Span, ...]:
        return self.reading.spans([leaf for _, _, leaves in found for leaf in leaves], [])

    def clause(self, node: Node, bounds: Bounds) -> Clause:
        """One part, with its inner parts."""
        match node:
            case And():
                parts = tuple(self.clause(part, bounds) for part in node.parts)
                missing = sum(not part.holds for part in parts)
                reason = "R_missing" if missing else "R_all"
                return self._clause(node, not missing, reason, parts=parts, count=missing)
            case Or():
                parts = tuple(self.clause(part, bounds) for part in node.parts)
                holding = sum(part.holds for part in parts)
                return self._clause(node, holding > 0, "R_any" if holding else "R_none", parts=parts, count=holding)
            case Not():
                inner = self.clause(node.part, bounds)
                reason = "R_excluded" if inner.holds else "R_absent"
                return self._clause(node, not inner.holds, reason, spans=inner.spans, words=_words(inner.spans))
            case Within(place=Place.TITLE | Place.BODY):
                return self._within(node)
            case Within():
                return self._elsewhere(node)
            case Near():
                return self._near(node, bounds)
            case Unless():
                return self._unless(node, bounds)
            case AtLeast():
                found = self._places(node.part, bounds)
                number = len({place[:2] for place in found})
                reason = "R_enough" if number >= node.count else "R_too_few"
                holds = number >= node.count
                return self._clause(node, holds, reason, spans=self._spans(found), count=number, needed=node.count)
            case Term() | Wild():
                return self._term(node, bounds)
        raise ValueError(f"no explanation for {node!r}")

    def _clause(
        self,
        node: Node,
        holds: bool,
        reason: str,
        spans: tuple[Span, ...] = (),
        parts: tuple[Clause, ...] = (),
        **args: str | int,
    ) -> Clause:
        if parts and not spans:
            spans = tuple(dict.fromkeys(span for part in parts if part.holds for span in part.spans))
        column = node.span[0] + 1
        return Clause(
            written=show(node), column=column, holds=holds, reason=reason, args=args, spans=spans, parts=parts
        )

    def _within(self, node: Within) -> Clause:
        inner = self.clause(node.part, self.reading.bounds(node.place))
        if not inner.holds:
            outside = self.clause(node.part, EVERYWHERE)
            if outside.holds:
                place = str(node.place)
                return self._clause(node, False, "R_other_place", spans=outside.spans, place=place)
        return self._clause(node, inner.holds, inner.reason, spans=inner.spans, parts=inner.parts, **inner.args)

    def _elsewhere(self, node: Within) -> Clause:
        aside: list[Span] = []
        plan = plan_of(node, self._register)
        assert isinstance(plan, ElsewherePlan)
        holds = plan.truth(self.reading, EVERYWHERE, aside) is not None
        given = self.reading.lang if node.place is Place.LANG else getattr(self.reading.article, str(node.place))
        reason = "R_value" if holds else "R_other_value" if given else "R_no_value"
        return self._clause(node, holds, reason, spans=tuple(aside), place=str(node.place), given=given)

    def _near(self, node: Near, bounds: Bounds) -> Clause:
        found = self._places(node, bounds)
        operator = "ONEAR" if node.ordered else "NEAR"
        if found:
            return self._clause(node, True, "R_near", spans=self._spans(found), distance=node.distance)
        parts = (self.clause(node.left, bounds), self.clause(node.right, bounds))
        if not all(part.holds for part in parts):
            return self._clause(node, False, "R_missing", parts=parts, count=sum(not part.holds for part in parts))
        nearest = self._nearest(node, bounds)
        if nearest is None:
            return self._clause(node, False, "R_never_near", parts=(), operator=operator)
        gap, pair, in_order = nearest
        if node.ordered and not in_order and gap <= 2 * node.distance:
            return self._clause(node, False, "R_wrong_order", spans=self._spans(pair))
        words = (gap + 1) // 2
        return self._clause(node, False, "R_too_far", spans=self._spans(pair), gap=words, distance=node.distance)

    def _nearest(self, node: Near, bounds: Bounds) -> tuple[int, list[Occurrence], bool] | None:
        best: tuple[int, list[Occurrence], bool] | None = None
        for left in self._places(node.left, bounds):
            for right in self._places(node.right, bounds):
                in_order = left[1] <= right[0]
                if not in_order and right[1] > left[0]:
                    continue
                start, end = (left[1], right[0]) if in_order else (right[1], left[0])
                if start <= self.reading.border < end:
                    continue
                gap = self.reading.gap(start, end)
                if best is None or gap < best[0]:
                    best = (gap, [left, right], in_order)
        return best

    def _unless(self, node: Unless, bounds: Bounds) -> Clause:
        found = self._places(node, bounds)
        every = self._places(node.part, bounds)
        if not found and every:
            masks = self._spans(self._places(node.mask, bounds))
            return self._clause(node, False, "R_masked", spans=self._spans(every), words=_words(masks))
        if not found:
            return self._clause(node, False, "R_missing", parts=(self.clause(node.part, bounds),), count=1)
        dropped, spans = len(every) - len(found), self._spans(found)
        if not dropped:
            return self._clause(node, True, "R_found", spans=spans, count=len(found))
        return self._clause(node, True, "R_unmasked", spans=spans, count=len(found), dropped=dropped)

    def _term(self, node: Term | Wild, bounds: Bounds) -> Clause:
        found = self._places(node, bounds)
        if found:
            return self._clause(node, True, "R_found", spans=self._spans(found), count=len(found))
        longer = self._inside_longer(node, bounds)
        if longer:
            return self._clause(node, False, "R_inside", words=", ".join(longer[:5]))
        if isinstance(node, Term) and node.exact:
            loose = Term(text=node.text)
            other = self._loose(loose, bounds)
            if other:
                return self._clause(node, False, "R_other_spelling", spans=other, words=_words(other, original=self))
        return self._clause(node, False, "R_not_found")

    def _loose(self, term: Term, bounds: Bounds) -> tuple[Span, ...]:
        low, high = bounds
        found = places(needle_of(term), self.reading.original, self.reading.folded)
        return self.reading.spans([(at, to, term.text) for at, to in found if low <= at and to <= high], [])

    def _inside_longer(self, node: Term | Wild, bounds: Bounds) -> list[str]:
        """Words of the text that hold the term without being it."""
        text = self.reading.text
        words: dict[str, None] = {}
        for literal in needle_of(node).literals:
            at = text.find(literal)
            while at >= 0:
                start, end = at, at + len(literal)
                while start > 0 and is_word(text[start - 1]) and is_word(text[start]):
                    start -= 1
                while end < len(text) and is_word(text[end]) and is_word(text[end - 1]):
                    end += 1
                inside = bounds[0] <= at and at + len(literal) <= bounds[1]
                if inside and end - start > len(literal):
                    words[self.reading.original[slice(*self.reading.folded.span(start, end))]] = None
                at = text.find(literal, at + 1)
        return list(words)

    def original(self, span: Span) -> str:
        """The text of a span as it stands in the article."""
        return str(getattr(self.reading.article, str(span.field)))[span.start : span.end]


def _words(spans: tuple[Span, ...], original: _Explainer | None = None) -> str:
    texts = (span.term if original is None else original.original(span) for span in spans)
    return ", ".join(list(dict.fromkeys(texts))[:5])


@cache
def _reasons() -> dict[str, Any]:
    text = files("monitors.matcher").joinpath("reasons.yaml").read_text(encoding="utf-8")
    reasons: dict[str, Any] = yaml.safe_load(text)
    return reasons
