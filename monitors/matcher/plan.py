"""A query as a plan that runs against one reading of an article.

`truth` says whether a part holds and which words show it; `places` says where a part stands, for NEAR,
UNLESS and atleast, which ask about positions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from operator import itemgetter
from typing import Protocol

from monitors.matcher.mention import Span
from monitors.matcher.reading import Bounds, Leaf, Reading
from monitors.matcher.terms import Needle, needle_of, places
from monitors.query.tree import And, AtLeast, Missing, Near, Node, Not, Or, Place, Term, Unless, Wild, Within, walk

Occurrence = tuple[int, int, tuple[Leaf, ...]]
Group = frozenset[int]
Register = Callable[[Needle], int]
Cost = Callable[[Group], float]
EVERYWHERE: Bounds = (0, 1 << 60)
# A text that repeats two words endlessly has so many pairs that one NEAR would hold up everything else.
MOST_PAIRS = 4_000


class Plan(Protocol):
    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        """The words that show it, or None when it does not hold. Words of source and url go to `elsewhere`."""
        ...

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        """Each occurrence: start, end, and the words in it."""
        ...

    def needs(self, cost: Cost) -> list[Group]:
        """Groups of terms; a match has at least one term of each. `cost` is how often a group may be expected."""
        ...


class _Places:
    """A part whose truth is that it stands somewhere."""

    __slots__ = ()

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        raise NotImplementedError

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        found = self.places(reading, bounds)
        return [leaf for _, _, leaves in found for leaf in leaves] if found else None


class TermPlan(_Places):
    __slots__ = ("number", "term")

    def __init__(self, number: int, term: str) -> None:
        self.number = number
        self.term = term

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        hits = reading.hits.get(self.number)
        if hits is None:
            return None
        term = self.term
        if bounds is EVERYWHERE:
            return [(start, end, term) for start, end in hits]
        low, high = bounds
        return [(start, end, term) for start, end in hits if low <= start and end <= high] or None

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        low, high = bounds
        hits = reading.hits.get(self.number, ())
        return [(start, end, ((start, end, self.term),)) for start, end in hits if low <= start and end <= high]

    def needs(self, cost: Cost) -> list[Group]:
        return [frozenset((self.number,))]


class AndPlan(_Places):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Plan, ...]) -> None:
        self.parts = parts

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        leaves: list[Leaf] = []
        for part in self.parts:
            found = part.truth(reading, bounds, elsewhere)
            if found is None:
                return None
            leaves += found
        return leaves

    def needs(self, cost: Cost) -> list[Group]:
        return [group for part in self.parts for group in part.needs(cost)]


class OrPlan(_Places):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Plan, ...]) -> None:
        self.parts = parts

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        leaves: list[Leaf] | None = None
        for part in self.parts:
            aside: list[Span] = []
            found = part.truth(reading, bounds, aside)
            if found is not None:
                leaves = found if leaves is None else leaves + found
                elsewhere += aside
        return leaves

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        return [place for part in self.parts for place in part.places(reading, bounds)]

    def needs(self, cost: Cost) -> list[Group]:
        """One group: the rarest need of each branch together, nothing when a branch needs nothing."""
        together: set[int] = set()
        for part in self.parts:
            groups = part.needs(cost)
            if not groups:
                return []
            rarest: Group = min(groups, key=cost)
            together |= rarest
        return [frozenset(together)]


class WordsPlan(_Places):
    """Any of some words: by far the most frequent kind of OR, so it asks for all of them in one step."""

    __slots__ = ("numbers", "words")

    def __init__(self, words: tuple[TermPlan, ...]) -> None:
        self.words: dict[int, tuple[str, ...]] = {}
        for word in words:
            self.words[word.number] = tuple(dict.fromkeys((*self.words.get(word.number, ()), word.term)))
        self.numbers = frozenset(self.words)

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        low, high = bounds
        return [
            (start, end, term)
            for number in self.numbers & reading.present
            for start, end in reading.hits[number]
            if low <= start and end <= high
            for term in self.words[number]
        ] or None

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        return [(leaf[0], leaf[1], (leaf,)) for leaf in self.truth(reading, bounds, []) or ()]

    def needs(self, cost: Cost) -> list[Group]:
        return [self.numbers]


class NotPlan(_Places):
    __slots__ = ("part",)

    def __init__(self, part: Plan) -> None:
        self.part = part

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        return [] if self.part.truth(reading, bounds, []) is None else None

    def needs(self, cost: Cost) -> list[Group]:
        return []


class NearPlan(_Places):
    __slots__ = ("halves", "left", "ordered", "right")

    def __init__(self, left: Plan, right: Plan, distance: int, *, ordered: bool) -> None:
        self.left = left
        self.right = right
        self.halves = 2 * distance
        self.ordered = ordered

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        lefts = self.left.places(reading, bounds)
        rights = self.right.places(reading, bounds) if lefts else []
        if not rights:
            return []
        found: dict[Bounds, set[Leaf]] = {}
        for left, right in self._pairs(reading, lefts, rights):
            key = (min(left[0], right[0]), max(left[1], right[1]))
            found.setdefault(key, set()).update(left[2], right[2])
            if len(found) >= MOST_PAIRS:
                break
        return [(start, end, tuple(leaves)) for (start, end), leaves in found.items()]

    def _pairs(
        self, reading: Reading, lefts: list[Occurrence], rights: list[Occurrence]
    ) -> Iterator[tuple[Occurrence, Occurrence]]:
        """Pairs near enough that do not overlap: one word cannot be near itself.

        The gap grows with the distance, so the search goes outward from each left side and stops at the first
        that is too far.
        """
        by_start = sorted(rights, key=itemgetter(0))
        starts = [right[0] for right in by_start]
        by_end = [] if self.ordered else sorted(rights, key=itemgetter(1))
        ends = [right[1] for right in by_end]
        for left in lefts:
            for right in islice(by_start, bisect_left(starts, left[1]), None):
                if not reading.is_within(left[1], right[0], self.halves):
                    break
                yield left, right
            for index in range(bisect_right(ends, left[0]) - 1, -1, -1):
                right = by_end[index]
                if not reading.is_within(right[1], left[0], self.halves):
                    break
                yield left, right

    def needs(self, cost: Cost) -> list[Group]:
        return self.left.needs(cost) + self.right.needs(cost)


class UnlessPlan(_Places):
    __slots__ = ("halves", "mask", "part")

    def __init__(self, part: Plan, mask: Plan, distance: int | None) -> None:
        self.part = part
        self.mask = mask
        self.halves = None if distance is None else 2 * distance

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        kept = self.part.places(reading, bounds)
        masks = self.mask.places(reading, bounds) if kept else []
        if not masks:
            return kept
        by_start = sorted(mask[:2] for mask in masks)
        starts = [start for start, _ in by_start]
        ends = sorted(mask[1] for mask in masks)
        longest = max(end - start for start, end in by_start)
        return [place for place in kept if not self._is_masked(reading, place, by_start, starts, ends, longest)]

    def _is_masked(
        self,
        reading: Reading,
        place: Occurrence,
        by_start: list[Bounds],
        starts: list[int],
        ends: list[int],
        longest: int,
    ) -> bool:
        """Does a mask overlap the place, or come as near as asked? Only masks beside it are looked at."""
        after = bisect_left(starts, place[1])
        first = bisect_left(starts, place[0] - longest)
        if any(end > place[0] for _, end in by_start[first:after]):
            return True
        if self.halves is None:
            return False
        if after < len(starts) and reading.is_within(place[1], starts[after], self.halves):
            return True
        before = bisect_right(ends, place[0]) - 1
        return before >= 0 and reading.is_within(ends[before], place[0], self.halves)

    def needs(self, cost: Cost) -> list[Group]:
        return self.part.needs(cost)


class AtLeastPlan(_Places):
    __slots__ = ("count", "part")

    def __init__(self, part: Plan, count: int) -> None:
        self.part = part
        self.count = count

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        found = self.part.places(reading, bounds)
        return found if len({place[:2] for place in found}) >= self.count else []

    def needs(self, cost: Cost) -> list[Group]:
        return self.part.needs(cost)


class WithinPlan(_Places):
    __slots__ = ("part", "place")

    def __init__(self, part: Plan, place: Place) -> None:
        self.part = part
        self.place = place

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        return self.part.truth(reading, reading.bounds(self.place), elsewhere)

    def places(self, reading: Reading, bounds: Bounds) -> list[Occurrence]:
        return self.part.places(reading, reading.bounds(self.place))

    def needs(self, cost: Cost) -> list[Group]:
        return self.part.needs(cost)


class ElsewherePlan(_Places):
    """A condition on source, url or language: any of its words is enough."""

    __slots__ = ("place", "terms")

    def __init__(self, place: Place, terms: tuple[Term | Wild, ...]) -> None:
        self.place = place
        self.terms = tuple((term.text if isinstance(term, Term) else term.pattern, needle_of(term)) for term in terms)

    def truth(self, reading: Reading, bounds: Bounds, elsewhere: list[Span]) -> list[Leaf] | None:
        holds = False
        for text, needle in self.terms:
            spans = self._spans(reading, text, needle)
            holds = holds or spans is not None
            elsewhere += spans or ()
        return [] if holds else None

    def _spans(self, reading: Reading, text: str, needle: Needle) -> list[Span] | None:
        article = reading.article
        if self.place is Place.LANG:
            wanted, given = needle.literals[0].replace("_", "-"), reading.lang
            return [] if given == wanted or given.startswith(wanted + "-") else None
        if self.place is Place.URL:
            at = reading.url.text.find(needle.literals[0])
            if at < 0:
                return None
            start, end = reading.url.span(at, at + len(needle.literals[0]))
            return [Span(Place.URL, start, end, text)]
        found = [reading.source.span(*place) for place in places(needle, article.source, reading.source)]
        spans = [Span(Place.SOURCE, start, end, text) for start, end in found]
        host, at = reading.host
        wanted = text.casefold().removeprefix("www.")
        if "." in wanted and (host == wanted or host.endswith("." + wanted)):
            end = at + len(host)
            spans.append(Span(Place.URL, end - len(wanted), end, text))
        return spans or None

    def needs(self, cost: Cost) -> list[Group]:
        return []


def plan_of(node: Node, register: Register) -> Plan:
    """The plan of a tree. `register` gives the number of a needle."""
    match node:
        case Term():
            return TermPlan(register(needle_of(node)), node.text)
        case Wild():
            return TermPlan(register(needle_of(node)), node.pattern)
        case And():
            # What excludes is asked last: it is rarely there.
            ordered = sorted(node.parts, key=lambda part: isinstance(part, Not))
            return AndPlan(tuple(plan_of(part, register) for part in ordered))
        case Or():
            plans = tuple(plan_of(part, register) for part in node.parts)
            words = tuple(plan for plan in plans if isinstance(plan, TermPlan))
            return WordsPlan(words) if len(words) == len(plans) else OrPlan(plans)
        case Not():
            return NotPlan(plan_of(node.part, register))
        case Near():
            left, right = plan_of(node.left, register), plan_of(node.right, register)
            return NearPlan(left, right, node.distance, ordered=node.ordered)
        case Unless():
            return UnlessPlan(plan_of(node.part, register), plan_of(node.mask, register), node.distance)
        case AtLeast():
            return AtLeastPlan(plan_of(node.part, register), node.count)
        case Within(place=Place.TITLE | Place.BODY):
            return WithinPlan(plan_of(node.part, register), node.place)
        case Within():
            terms = tuple(part for part in walk(node.part) if isinstance(part, Term | Wild))
            return ElsewherePlan(node.place, terms)
        case Missing():
            raise ValueError("a query with errors has no plan")
