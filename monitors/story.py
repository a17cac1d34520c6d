"""One story as the clustering sees it: its articles' terms, their sum, and when two stories may be one."""

from __future__ import annotations

from collections import deque

# The nearest member is looked for among this many newest ones.
NEAREST = 24
# Stories of this many articles merge only when much alike: chains grow by the merging of large stories.
_LARGE = 40
_LARGE_MERGE = 0.45
# The purity guard: of the weightiest terms of two stories this many must be the same.
_PROFILE = 12
_PROFILE_SHARED = 2


class Story:
    """A live story. `members` holds the terms of each article in order of arrival, `total` their sum, `norm2` its
    squared length; `recent` the terms of the newest members; `born` orders stories by age."""

    __slots__ = ("born", "id", "members", "norm2", "recent", "total")

    def __init__(self, identity: str, born: int) -> None:
        self.id = identity
        self.born = born
        self.members: dict[str, dict[str, float]] = {}
        self.recent: deque[dict[str, float]] = deque(maxlen=NEAREST)
        self.total: dict[str, float] = {}
        self.norm2 = 0.0

    def put(self, article: str, terms: dict[str, float]) -> None:
        """Add an article with its terms."""
        self.members[article] = terms
        self.recent.append(terms)
        total, norm2 = self.total, self.norm2
        for term, weight in terms.items():
            old = total.get(term, 0.0)
            total[term] = old + weight
            norm2 += weight * (2 * old + weight)
        self.norm2 = max(norm2, 1e-9)

    def take(self, article: str) -> tuple[dict[str, float], list[str]]:
        """Remove an article: its terms, and those of them that the story no longer holds."""
        terms = self.members.pop(article)
        gone: list[str] = []
        total, norm2 = self.total, self.norm2
        for term, weight in terms.items():
            left = total[term] - weight
            norm2 -= weight * (2 * left + weight)
            if left > 1e-6:
                total[term] = left
            else:
                del total[term]
                gone.append(term)
        self.norm2 = max(norm2, 1e-9)
        return terms, gone


def whole(one: Story, other: Story) -> float:
    """The cosine of two stories as wholes, 0 to 1."""
    a, b = (one.total, other.total) if len(one.total) <= len(other.total) else (other.total, one.total)
    dot: float = sum([weight * b[term] for term, weight in a.items() if term in b])
    return dot / float((one.norm2 * other.norm2) ** 0.5)


def pure(one: Story, other: Story, likeness: float) -> bool:
    """May these two merge? Their weightiest terms must be the same ones, and large stories must be much alike."""
    if min(len(one.members), len(other.members)) >= _LARGE and likeness < _LARGE_MERGE:
        return False
    need = min(_PROFILE_SHARED, _units(set(one.total)), _units(set(other.total)))
    return _units(_profile(one) & _profile(other)) >= need


def _profile(story: Story) -> set[str]:
    return set(sorted(story.total, key=story.total.__getitem__, reverse=True)[:_PROFILE])


def _units(terms: set[str]) -> int:
    """How many different things the terms name: 特斯 and 斯拉 are one name, not two."""
    ends = {term[1] for term in terms if len(term) == 2 and term[0] >= "㐀"}
    return len(terms) - sum(1 for term in terms if len(term) == 2 and term[0] >= "㐀" and term[0] in ends)
