"""Stories: articles about one event, grouped as they arrive.

The way of an article: copies (one voice) -> terms of title and lead -> live stories that share its
rarest terms -> score = half the likeness to the story as a whole, half to its nearest members -> join the
best or open a new one. Now and then `consolidate` merges stories that have grown together; `final` also
asks each article again where it belongs. A purity guard keeps chains apart: two stories merge only
when their own weightiest terms are the same, and large ones only when they are much alike.

Ids are stable: a story is named after its first article. When two merge, the older name stays and the
other becomes an alias of it (`current`). An officer's `must_join` and `must_part` are hard: nothing the
clustering does later undoes them. All that is remembered is a plain value: `dump()` and `Stories.load()`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import islice
from typing import Any

from monitors.article import Article
from monitors.constraints import Constraints
from monitors.copies import LIMIT, WINDOW, Copies
from monitors.story import NEAREST, Story, pure, whole
from monitors.tokens import Rarity, article_counts, cosine, han_share, vector

# A new article joins at this score or above (half whole, half nearest). Measured on story sets kept
# apart from each other: lower mixes stories, higher leaves fragments for `consolidate` to gather.
JOIN_LATIN = 0.2
JOIN_HAN = 0.2
# Two stories merge at this cosine of their sums; `final` goes down in steps.
MERGE = 0.27
FINAL_MERGES = (0.25, 0.2, 0.17)
# An article moves in `final` to the story it is most like, at this score or above, else it stands alone.
STAY = 0.13
_WHOLE = 0.4
_TERMS = 40
_CANDIDATES = 8
_NEIGHBOURS = 8
# How many (term, story) pairs are looked at for one article, rarest terms first: keeps the speed flat.
_BUDGET = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where an article went. `copy` is the first article of its near-duplicates, `story` the story's id."""

    copy: str
    story: str
    is_copy: bool = False
    is_new_story: bool = False
    is_known: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What became of a story that was shown before: `story` is now part of `into`."""

    story: str
    into: str


def similarity(one: Article, other: Article, rarity: Rarity | None = None) -> float:
    """How alike two articles are, 0 to 1: the cosine of their weighted terms (title doubled, lead).

    With `rarity` terms count by how rare they are in that stream; without it all count alike, which ranks worse.
    """
    known = rarity or Rarity()
    vectors = [vector(article_counts(article), known, keep=120) for article in (one, other)]
    return cosine(vectors[0], vectors[1])


class Stories:
    """The live stories of a stream: what had an article within the window (72 h unless said).

    At most `limit` articles are remembered: in a flood the oldest go early, so that memory and speed hold.
    """

    def __init__(self, *, window: timedelta = WINDOW, limit: int = LIMIT) -> None:
        self.copies = Copies(window=window, limit=limit)
        self.rarity = Rarity()
        self.constraints = Constraints()
        self._window = window.total_seconds()
        self._limit = limit
        self._stories: dict[str, Story] = {}
        self._of: dict[str, Story] = {}
        self._order: deque[tuple[float, str]] = deque()
        self._alias: dict[str, str] = {}  # a name that was shown -> the story it is part of now
        # term -> story -> the term's share of the story when it last came: rough, and near in memory
        self._holders: dict[str, dict[str, float]] = {}
        self._clock = 0.0
        self._opened = 0
        self._changed: dict[str, None] = {}  # stories that grew since the last consolidation

    def __len__(self) -> int:
        return len(self._stories)

    def current(self, story: str) -> str:
        """The id a story has now: itself, or the story it was merged into."""
        while story in self._alias:
            story = self._alias[story]
        return story

    def story_of(self, article: str) -> str | None:
        """The story of an article that is still remembered."""
        story = self._of.get(article)
        return None if story is None else story.id

    def remembered(self) -> tuple[str, ...]:
        """Every article that is still remembered, in order of arrival."""
        return tuple(article for _, article in self._order)

    def articles_of(self, story: str) -> tuple[str, ...]:
        """The remembered articles of a story, in order of arrival; empty when it is over."""
        found = self._stories.get(self.current(story))
        return () if found is None else tuple(found.members)

    def neighbours(self, article: str, *, least: float = 0.06) -> tuple[str, ...]:
        """Other live stories a remembered article is somewhat like, most alike first: too little to join, but akin."""
        home = self._of.get(article)
        if home is None:
            return ()
        terms = home.members[article]
        scored = []
        for name in nlargest(_CANDIDATES, scores := self._shortlist(terms), key=scores.__getitem__):
            story = self._stories[name]
            if story is not home:
                likeness = max([cosine(terms, member) for member in story.recent])
                if likeness >= least:
                    scored.append((likeness, name))
        return tuple(name for _, name in sorted(scored, reverse=True))

    def add(self, article: Article) -> Placement:
        """Place one article. Feed them in time order; a missing date counts as the latest seen before it.

        An id that is still remembered keeps its place.
        """
        known = self._of.get(article.id)
        if known is not None:
            copy = self.copies.group_of(article.id) or article.id
            return Placement(copy=copy, story=known.id, is_copy=copy != article.id, is_known=True)
        if article.published is not None:
            self._clock = max(self._clock, article.published.timestamp())
        self.forget(self._clock)
        copy = self.copies.add(article)
        found = article_counts(article)
        self.rarity.learn(found)
        terms = vector(found, self.rarity, keep=_TERMS)
        story = self._ordered(article.id) or self._of.get(copy)
        if story is not None and self.constraints.forbids(article.id, story.members):
            story = None
        if story is None:
            story = self._best(article.id, terms, JOIN_HAN if han_share(article.title) > 0.3 else JOIN_LATIN)
        is_new = story is None
        if story is None:
            story = self._open(article.id)
        self._order.append((self._clock, article.id))
        self._put(story, article.id, terms)
        return Placement(copy=copy, story=story.id, is_copy=copy != article.id, is_new_story=is_new)

    def forget(self, now: float) -> None:
        """Drop articles older than the window, and the stories that are left without any. `now` in epoch seconds."""
        while self._order and (self._order[0][0] < now - self._window or len(self._order) >= self._limit):
            _, article = self._order.popleft()
            story = self._of[article]
            self._take(story, article)
            self.constraints.forget(article, heir=next(reversed(story.members), None))
            if not story.members:
                del self._stories[story.id]
        if len(self._alias) > 2 * len(self._of) + 1000:
            self._alias = {name: into for name, into in self._alias.items() if self.current(into) in self._stories}

    def set_back(self, now: datetime) -> None:
        """The clock ran ahead and is right again: what was seen at a time that is still to come was seen now."""
        moment = now.timestamp()
        self._clock = min(self._clock, moment)
        self._order = deque((min(seen, moment), article) for seen, article in self._order)
        self.copies.set_back(now)

    def consolidate(self, now: datetime | None = None, *, merge: float = MERGE) -> tuple[Change, ...]:
        """Merge stories that have grown together since the last time; what was shown and is now part of another.

        The older story keeps its name. `now` drops what is over first. Costs as much as placing the new articles did.
        """
        if now is not None:
            self._clock = max(self._clock, now.timestamp())
            self.forget(self._clock)
        changes: list[Change] = []
        grown = [self._stories[name] for name in self._changed if name in self._stories]
        self._changed = {}
        for story in sorted(grown, key=lambda story: len(story.members)):
            if story.id not in self._stories:
                continue
            other = self._twin(story, merge)
            if other is not None:
                changes.append(self._merge(story, other))
        return tuple(changes)

    def final(self) -> dict[str, str]:
        """The story of every remembered article after thorough consolidation: merges in steps, then each article
        is asked again where it belongs, with all that is now known of how rare its terms are."""
        for merges, times in (((MERGE, *FINAL_MERGES), 2), (FINAL_MERGES[1:], 1)):
            for merge in merges:
                self._changed = dict.fromkeys(self._stories)
                while self.consolidate(merge=merge):
                    pass
            for _ in range(times):
                self._reconsider()
        return {article: story.id for article, story in self._of.items()}

    def must_join(self, one: str, other: str) -> tuple[Change, ...]:
        """An officer says: these two articles are one story. Holds from now on, also when one has not arrived yet.

        Raises Contradiction when it was said before that they are not.
        """
        self.constraints.join(one, other)
        first, second = self._of.get(one), self._of.get(other)
        if first and second and first is not second and not self.constraints.between(first.members, second.members):
            return (self._merge(first, second),)
        self._gather(one)
        return ()

    def must_part(self, one: Iterable[str], other: Iterable[str]) -> str | None:
        """An officer says: no article of `one` is in a story with one of `other`. Holds from now on.

        Articles of `other` that stand in a story with one of `one` move, with their copies and what was joined to them,
        to a new story; its id, or None when none had to move. Raises Contradiction when it was said before that two of
        them belong together.
        """
        stay, leave = tuple(one), tuple(other)
        self.constraints.part(stay, leave)
        kept = {self.copies.group_of(article) for article in stay}
        new: Story | None = None
        for article in leave:
            for mate in self.constraints.bound_to(article) or (article,):
                home = self._of.get(mate)
                if home is None or not self.constraints.forbids(mate, home.members):
                    continue
                if new is None or self.constraints.forbids(mate, new.members):
                    new = self._open(mate)
                copy = self.copies.group_of(mate)
                for member in tuple(home.members):
                    is_copy = copy not in kept and self.copies.group_of(member) == copy
                    if member == mate or (is_copy and not self.constraints.is_decided(member)):
                        self._move(member, new)
        for article in leave:
            self._gather(article)
        return None if new is None or new.id not in self._stories else new.id

    def arrange(self, groups: Iterable[Iterable[str]]) -> tuple[Change, ...]:
        """Bring what is remembered of each group into one story, and no two groups into the same; which stories were
        emptied by it. Nothing is said for later: give `constraints` for that.

        A group stays in the story that holds most of it, unless another group has more there.
        """
        wanted = [[article for article in group if article in self._of] for group in groups]
        shares = sorted(
            (-count, self._stories[name].born, number, name)
            for number, group in enumerate(wanted)
            for name, count in Counter(self._of[article].id for article in group).items()
        )
        homes: dict[int, Story] = {}
        taken = set()
        for _, _, number, name in shares:
            if number not in homes and name not in taken:
                taken.add(name)
                homes[number] = self._stories[name]
        touched = dict.fromkeys(name for _, _, _, name in shares)
        for number, group in enumerate(wanted):
            if group:
                home = homes.get(number) or self._open(group[0])
                for article in group:
                    self._move(article, home)
        return tuple(Change(story=name, into=self.current(name)) for name in touched if name not in self._stories)

    # -- placing ---------------------------------------------------------------------------------

    def _open(self, article: str) -> Story:
        name, number = article, 1
        while name in self._stories or name in self._alias:
            number += 1
            name = f"{article}~{number}"
        self._opened += 1
        story = self._stories[name] = Story(name, self._opened)
        return story

    def _put(self, story: Story, article: str, terms: dict[str, float]) -> None:
        self._changed[story.id] = None
        self._of[article] = story
        story.put(article, terms)
        name, length = story.id, story.norm2**0.5
        for term in terms:
            holders = self._holders.get(term)
            if holders is None:
                self._holders[term] = {name: story.total[term] / length}
            else:
                holders[name] = story.total[term] / length

    def _take(self, story: Story, article: str) -> dict[str, float]:
        del self._of[article]
        terms, gone = story.take(article)
        for term in gone:
            holders = self._holders[term]
            del holders[story.id]
            if not holders:
                del self._holders[term]
        return terms

    def _move(self, article: str, story: Story) -> None:
        home = self._of[article]
        if home is story:
            return
        self._put(story, article, self._take(home, article))
        if home.members:
            home.recent = deque(list(home.members.values())[-NEAREST:], maxlen=NEAREST)
        else:
            del self._stories[home.id]
            self._alias[home.id] = story.id

    def _gather(self, article: str) -> None:
        """Bring what was joined to an article into one story that nothing forbids."""
        mates = [mate for mate in self.constraints.bound_to(article) or (article,) if mate in self._of]
        homes = list(dict.fromkeys(self._of[mate].id for mate in mates))
        fitting = [name for name in homes if not self.constraints.forbids(article, self._stories[name].members)]
        if mates and (len(homes) > 1 or not fitting):
            home = self._stories[fitting[0]] if fitting else self._open(mates[0])
            for mate in mates:
                self._move(mate, home)

    def _ordered(self, article: str) -> Story | None:
        for mate in self.constraints.bound_to(article):
            if mate in self._of:
                return self._of[mate]
        return None

    def _best(self, article: str, terms: dict[str, float], bar: float) -> Story | None:
        scores = self._shortlist(terms)
        best, best_score = None, bar
        for name in nlargest(_CANDIDATES, scores, key=scores.__getitem__):
            story = self._stories[name]
            total = story.total
            likeness = sum([weight * total[term] for term, weight in terms.items() if term in total]) / story.norm2**0.5
            if likeness * 0.5 + 0.5 < best_score:
                continue
            score = 0.5 * likeness + 0.5 * max([cosine(terms, member) for member in story.recent])
            if score >= best_score and not self.constraints.forbids(article, story.members):
                best, best_score = story, score
        return best

    def _shortlist(self, terms: dict[str, float]) -> dict[str, float]:
        """Stories that share the terms which fewest stories hold, with a rough cosine."""
        scores: dict[str, float] = {}
        held = [(len(self._holders[term]), term) for term in terms if term in self._holders]
        held.sort()
        left = _BUDGET
        for number, term in held:
            weight = terms[term]
            holders = self._holders[term]
            # A term that very many stories hold tells little: look only at the newest of them.
            for name, part in holders.items() if number <= left else islice(reversed(holders.items()), left):
                scores[name] = scores.get(name, 0.0) + weight * part
            left -= number
            if left <= 0:
                break
        return scores

    # -- consolidating ---------------------------------------------------------------------------

    def _twin(self, story: Story, merge: float) -> Story | None:
        length = story.norm2**0.5
        top = sorted(story.total, key=story.total.__getitem__, reverse=True)[:_TERMS]
        scores = self._shortlist({term: story.total[term] / length for term in top})
        scores.pop(story.id, None)
        if not scores:
            return None
        likeness, name = max(
            (whole(story, self._stories[name]), name) for name in nlargest(3, scores, key=scores.__getitem__)
        )
        other = self._stories[name]
        if likeness < merge or not pure(story, other, likeness):
            return None
        return None if self.constraints.between(story.members, other.members) else other

    def _merge(self, one: Story, other: Story) -> Change:
        keep, gone = (one, other) if one.born <= other.born else (other, one)
        recent = [*keep.recent, *gone.recent]
        for article in tuple(gone.members):
            self._put(keep, article, self._take(gone, article))
        keep.recent = deque(recent[-NEAREST:], maxlen=NEAREST)
        del self._stories[gone.id]
        self._alias[gone.id] = keep.id
        return Change(story=gone.id, into=keep.id)

    def _reconsider(self) -> None:
        """Ask every article once where it belongs, against all others as they stand."""
        by_term: dict[str, list[tuple[str, float]]] = {}
        for article, home in self._of.items():
            for term, weight in home.members[article].items():
                by_term.setdefault(term, []).append((article, weight))
        moves: list[tuple[str, Story | None]] = []
        for article, home in self._of.items():
            if not self.constraints.is_decided(article):
                target = self._home_of(article, home, by_term)
                if target is not home:
                    moves.append((article, target))
        for article, target in moves:
            if target is None or target.id not in self._stories:
                if len(self._of[article].members) > 1:
                    self._move(article, self._open(article))
            elif not self.constraints.forbids(article, target.members):
                self._move(article, target)

    def _home_of(self, article: str, home: Story, by_term: dict[str, list[tuple[str, float]]]) -> Story | None:
        """The story an article is most like, half by the whole without itself and half by its nearest members."""
        terms = home.members[article]
        near: dict[str, float] = {}
        left = 20 * _BUDGET
        for term in sorted(terms, key=terms.__getitem__, reverse=True):
            weight = terms[term]
            others = by_term[term]
            left -= len(others)
            if left < 0 and near:
                break
            for other, theirs in others:
                near[other] = near.get(other, 0.0) + weight * theirs
        near.pop(article, None)
        nearest: dict[str, list[float]] = {}
        for other, likeness in near.items():
            nearest.setdefault(self._of[other].id, []).append(likeness)
        best, best_score = (home if len(home.members) == 1 else None), STAY
        for name, likenesses in nearest.items():
            story = self._stories[name]
            dot = sum([weight * story.total.get(term, 0.0) for term, weight in terms.items()])
            if story is home:
                likeness = (dot - 1.0) / max(1e-6, story.norm2 - 2.0 * dot + 1.0) ** 0.5
            else:
                likeness = dot / story.norm2**0.5
            likenesses.sort(reverse=True)
            score = _WHOLE * likeness + (1 - _WHOLE) * sum(likenesses[:_NEIGHBOURS]) / _NEIGHBOURS
            if score >= best_score:
                best, best_score = story, score
        return best

    # -- memory ----------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """Everything remembered, as JSON-able data."""
        return {
            "window": self._window,
            "limit": self._limit,
            "clock": self._clock,
            "opened": self._opened,
            "copies": self.copies.dump(),
            "rarity": {"texts": self.rarity.texts, "seen": self.rarity.seen},
            "constraints": self.constraints.dump(),
            "alias": self._alias,
            "stories": [[story.id, story.born] for story in self._stories.values()],
            "changed": list(self._changed),
            "articles": [
                [article, seen, self._of[article].id, self._of[article].members[article]]
                for seen, article in self._order
            ],
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Stories:
        """The memory of an earlier `dump()`."""
        stories = cls(window=timedelta(seconds=state["window"]), limit=state["limit"])
        stories.copies = Copies.load(state["copies"])
        stories.rarity.texts = state["rarity"]["texts"]
        stories.rarity.seen = dict(state["rarity"]["seen"])
        stories.constraints = Constraints.load(state["constraints"])
        stories._alias = dict(state["alias"])
        stories._clock = state["clock"]
        stories._opened = state["opened"]
        stories._stories = {name: Story(name, born) for name, born in state["stories"]}
        for article, seen, name, terms in state["articles"]:
            stories._order.append((seen, article))
            stories._put(stories._stories[name], article, dict(terms))
        stories._changed = dict.fromkeys(state["changed"])
        return stories
