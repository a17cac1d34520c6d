"""What an officer decided about stories: these belong together, those never do. Held above every likeness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Contradiction(ValueError):
    """Two articles are told both to belong together and to be apart."""

    def __init__(self, one: str, other: str) -> None:
        self.one = one
        self.other = other
        super().__init__(f"{one} and {other} are told both to belong together and to be apart")


class Constraints:
    """Decisions between articles, by id. Articles need not have arrived yet."""

    def __init__(self) -> None:
        self._bound: dict[str, list[str]] = {}  # article -> its group, one shared list
        self._apart: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._bound or self._apart)

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]], apart: Iterable[tuple[str, str]] = ()) -> Constraints:
        """Each group belongs together; of `apart` each pair never does, nor what is in a group with either. No article
        is in two groups."""
        constraints = cls()
        for group in map(list, groups):
            if len(group) > 1:
                constraints._bound.update(dict.fromkeys(group, group))
        for one, other in apart:
            constraints.part((one,), (other,))
        return constraints

    def bound_to(self, article: str) -> tuple[str, ...]:
        """The articles that must be in one story with this one, itself among them when there are any."""
        return tuple(self._bound.get(article, ()))

    def is_decided(self, article: str) -> bool:
        """Did an officer say anything about this article?"""
        return article in self._bound or article in self._apart

    def join(self, one: str, other: str) -> None:
        """Say that two articles belong together. Raises Contradiction."""
        first = self._bound.get(one) or [one]
        second = self._bound.get(other) or [other]
        if first is second or one == other:
            return
        for mate in first:
            for foe in self._apart.get(mate, ()):
                if foe in second:
                    raise Contradiction(mate, foe)
        group = [*first, *second]
        for mate in group:
            self._bound[mate] = group

    def part(self, one: Iterable[str], other: Iterable[str]) -> None:
        """Say that no article of one side belongs with one of the other. Raises Contradiction."""
        left, right = tuple(one), tuple(other)
        for a in left:
            for b in right:
                if a == b or b in self._bound.get(a, ()):
                    raise Contradiction(a, b)
        for a in left:
            self._apart.setdefault(a, set()).update(right)
        for b in right:
            self._apart.setdefault(b, set()).update(left)

    def forbids(self, article: str, members: Mapping[str, object]) -> bool:
        """May this article not stand in a story with these members?"""
        if not self._apart:
            return False
        # Whoever is joined to a foe is a foe, also while the foe itself has not arrived.
        mine = self._bound.get(article) or (article,)
        foes = {foe for mate in mine for foe in self._apart.get(mate, ())}
        return any(other in members for foe in foes for other in self._bound.get(foe) or (foe,))

    def between(self, one: Mapping[str, object], other: Mapping[str, object]) -> bool:
        """Is any article of one story to be apart from one of the other?"""
        if not self._apart:
            return False
        smaller, larger = (one, other) if len(one) <= len(other) else (other, one)
        return any(self.forbids(article, larger) for article in smaller)

    def forget(self, article: str, heir: str | None = None) -> None:
        """Drop an article that is over. What it must be apart from is from now on said of one that is joined to it,
        else of the `heir`: two stories that were parted stay two, also when nothing of that day is left of them."""
        group = self._bound.pop(article, None)
        if group is not None:
            group.remove(article)
            heir = next(iter(group), heir)
            if len(group) == 1:
                del self._bound[group[0]]
        for foe in self._apart.pop(article, ()):
            foes = self._apart[foe]
            foes.discard(article)
            if heir is not None and heir != foe and heir not in self._bound.get(foe, ()):
                foes.add(heir)
                self._apart.setdefault(heir, set()).add(foe)
            if not foes:
                del self._apart[foe]

    def dump(self) -> dict[str, Any]:
        """All decisions, as JSON-able data."""
        groups = {id(group): group for group in self._bound.values()}
        pairs = sorted((a, b) for a, foes in self._apart.items() for b in foes if a < b)
        return {"joined": [list(group) for group in groups.values()], "parted": [list(pair) for pair in pairs]}

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Constraints:
        """The decisions of an earlier `dump()`."""
        constraints = cls()
        for group in state["joined"]:
            for mate in group[1:]:
                constraints.join(group[0], mate)
        for one, other in state["parted"]:
            constraints.part((one,), (other,))
        return constraints
