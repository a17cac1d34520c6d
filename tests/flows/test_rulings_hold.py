"""Whatever officers rule, whatever is heard, in whatever order, with whatever ear: rulings hold, no id is lost."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crisis.core.ruling import Ruling, RulingKind
from crisis.core.sources import Source, Story, StoryState
from crisis.errors import Invalid, WrongState
from crisis.flows import ear as ears
from crisis.flows import ingest, rulings
from crisis.flows.desk import Desk
from crisis.flows.ear import Ear
from crisis.store import keep, log, records, schema
from crisis.store import rulings as stored
from monitors.article import Article
from monitors.feeds import Feed, Kind
from tests.flows.test_ingest import body, opened
from tests.world import World, add_source

WORDS = ("灶具", "爆炸", "召回", "stove", "gas", "recall")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """A ruling as the oracle knows it: sets of articles, in the order in which they were said."""

    id: int
    kind: RulingKind
    story: frozenset[int]
    other: frozenset[int]


def expected(said: list[Said]) -> tuple[set[frozenset[int]], set[frozenset[int]]]:
    """Pairs of articles that belong together, and pairs that do not, after these rulings one after the other."""
    together: set[frozenset[int]] = set()
    apart: set[frozenset[int]] = set()
    for one in said:
        across = {frozenset(pair) for pair in itertools.product(one.story, one.other)}
        if one.kind is RulingKind.JOIN:
            both = one.story | one.other
            together |= {frozenset(pair) for pair in itertools.combinations(both, 2)}
            continue
        if one.kind is RulingKind.PART:
            together -= across
            apart = {pair for pair in apart if not pair & one.other}
        apart |= across
    return together, apart


class Officers(RuleBasedStateMachine):
    """A feed brings articles about the house; officers rule about stories; the ear dies, forgets, is told again."""

    world: World
    source: Source
    number = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        # What other runs have heard lies further back than the ear remembers.
        self.world.clock.pass_by(100 * HOUR)
        self.said: list[Said] = []
        self.own: list[int] = []
        self.shown: set[int] = set()
        self.ear: Ear = opened(self.desk)

    @property
    def desk(self) -> Desk:
        return self.world.desk

    def stories(self) -> dict[int, list[int]]:
        """The articles of this run by the story in which they stand."""
        if not self.own:
            return {}
        with self.desk.reading() as db:
            found = stored.placed(db, least=self.own[0])
        assert sorted(article for articles in found.values() for article in articles) == self.own
        return found

    def pick(self, number: int) -> tuple[int, list[int]] | None:
        found = sorted(self.stories().items())
        return found[number % len(found)] if found else None

    @rule(
        titles=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), min_size=1, max_size=4),
        grown=st.booleans(),
    )
    def hear(self, titles: list[list[str]], grown: bool) -> None:
        self.world.clock.pass_by(timedelta(minutes=10))
        entries = tuple(
            Article(
                id=f"a{next(self.number)}",
                title="星炉 " + " ".join(words),
                published=self.world.clock.at + timedelta(seconds=place),
                lang="zh",
            )
            for place, words in enumerate(titles)
        )
        feed = Feed(kind=Kind.RSS, title="x", articles=entries)
        taken = ingest.take_in(self.desk, self.ear, self.source.id, body(), feed, jitter=0.5)
        self.own.extend(taken.articles)
        self.ear_holds(taken.articles)
        if grown:
            # The ear finds now and then that stories have grown together; the desk follows with the next answer.
            self.ear.listener.stories.consolidate(merge=0.1)
            self.ear_holds(())

    @rule(a=st.integers(0, 20), b=st.integers(0, 20))
    def join(self, a: int, b: int) -> None:
        one, other = self.pick(a), self.pick(b)
        if one is None or other is None:
            return
        pairs = {frozenset(pair) for pair in itertools.product(one[1], other[1])}
        try:
            made = rulings.join(self.desk, one[0], by=self.world.lin, other_id=other[0], reason="same stove")
        except WrongState:
            assert pairs & expected(self.said)[1], "only what was kept apart cannot be joined"
        except Invalid:
            assert one[0] == other[0]
        else:
            assert not pairs & expected(self.said)[1]
            assert made.id == min(one[0], other[0])
            self.remember()

    @rule(a=st.integers(0, 20), b=st.integers(0, 20))
    def keep_apart(self, a: int, b: int) -> None:
        one, other = self.pick(a), self.pick(b)
        if one is None or other is None:
            return
        try:
            rulings.keep_apart(self.desk, one[0], by=self.world.lin, other_id=other[0])
        except WrongState:
            assert expected(self.said)[1]
        except Invalid:
            assert one[0] == other[0]
        else:
            self.remember()

    @rule(a=st.integers(0, 20), ticks=st.lists(st.integers(0, 20), min_size=1, max_size=3))
    def part(self, a: int, ticks: list[int]) -> None:
        found = self.pick(a)
        if found is None:
            return
        with self.desk.reading() as db:
            copies = stored.articles_of(db, found[0])
        voices = [article for article, copy_of in copies.items() if copy_of is None] or found[1]
        ticked = {voices[tick % len(voices)] for tick in ticks}
        try:
            rulings.part(self.desk, found[0], by=self.world.zhou, articles=sorted(ticked), reason="another stove")
        except Invalid as wrong:
            assert wrong.code == "mentions_all"
        else:
            self.remember()

    def remember(self) -> None:
        with self.desk.reading() as db:
            ruling = records.get(db, Ruling, stored.mark(db))
            sides = stored.articles(db, ruling.id)
        story, other = (frozenset(found) for found in sides.values())
        self.said.append(Said(id=ruling.id, kind=ruling.kind, story=story, other=other))

    @rule(n=st.integers(0, 20))
    def undo(self, n: int) -> None:
        if not self.said:
            return
        said = self.said[n % len(self.said)]
        later = self.said[self.said.index(said) + 1 :]
        try:
            rulings.undo(self.desk, said.id, by=self.world.lin)
        except WrongState:
            assert later, "the newest ruling can always be taken back"
        else:
            self.said.remove(said)

    @rule()
    def the_process_ends_and_another_goes_on(self) -> None:
        with self.desk.transaction() as db:
            ears.save(self.ear, db, now=True)
        self.ear = opened(self.desk)

    @rule()
    def the_process_is_killed(self) -> None:
        self.ear = opened(self.desk)

    @rule()
    def the_memory_is_lost(self) -> None:
        with self.desk.transaction() as db:
            keep.write_ear(db, "listener", b'{"organisation": "somebody else"}')
        self.ear = opened(self.desk)

    @rule(hours=st.integers(1, 50))
    def time_passes(self, hours: int) -> None:
        self.world.clock.pass_by(hours * HOUR)

    def ear_holds(self, heard: tuple[int, ...]) -> None:
        stories = self.ear.listener.stories
        homes = {article: home for article in self.own if (home := stories.story_of(str(article))) is not None}
        together, apart = expected(self.said)
        for one, other in map(tuple, together):
            assert one not in homes or other not in homes or homes[one] == homes[other]
        for one, other in map(tuple, apart):
            assert one not in homes or other not in homes or homes[one] != homes[other]
        stands = {article: story for story, articles in self.stories().items() for article in articles}
        ruled = {article for said in self.said for article in said.story | said.other}
        for new in heard:
            mates = {stands[article] for article, home in homes.items() if home == homes[new] and article in ruled}
            assert not mates or mates == {stands[new]}, "what is heard of a story that was ruled about goes to it"

    @invariant()
    def the_desk_holds(self) -> None:
        stands = {article: story for story, articles in self.stories().items() for article in articles}
        together, apart = expected(self.said)
        assert all(len({stands[article] for article in pair}) == 1 for pair in together)
        assert all(len({stands[article] for article in pair}) == 2 for pair in apart)

    @invariant()
    def every_story_that_was_shown_leads_to_one_that_holds_articles(self) -> None:
        own = self.stories()
        self.shown |= own.keys()
        with self.desk.reading() as db:
            found = {story.id: story for story in records.find(db, Story, schema.story.c.id.in_(self.shown))}
        for shown in self.shown:
            story = found[shown]
            while story.into_id is not None:
                assert story.articles == 0 and shown not in own
                story = found[story.into_id]
            assert story.id in own and story.articles == len(own[story.id])
            assert story.state is StoryState.OPEN


def test_rulings_hold_in_the_desk_and_in_the_ear(world: World) -> None:
    class Here(Officers):
        pass

    Here.world, Here.source = world, add_source(world.desk)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Here,
        settings=settings(
            max_examples=int(os.environ.get("CRISIS_EXAMPLES", "8")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with world.desk.reading() as db:
        assert log.check(db) == ()
