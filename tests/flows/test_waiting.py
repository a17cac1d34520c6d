"""Stories that the ear joins: what waits stays in sight, what a person decided stands, the log says what was done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crisis.core.sources import Source, StoredMention, Story, StoryState
from crisis.errors import CrisisError
from crisis.flows import incidents as flow
from crisis.flows import ingest, triage, waiting
from crisis.flows import judgement as judging
from crisis.store import incidents, log, records, schema, search
from tests.flows.test_ingest import body, feed, opened
from tests.world import BEGIN, World, add_source

MILD = ("m", "星炉发布新款双环Q5灶具，价格公布", "星炉炊具公布了双环Q5的价格。")
GRAVE = ("g", "杭州一家人家中星炉燃气灶爆炸，两人死亡", "消防称两人死亡，星炉燃气灶发生爆炸。")
DECISIONS = ("open", "dismissed", "declared", "merged")


def heard(world: World, source: Source, entry: tuple[str, str, str]) -> Story:
    taken = ingest.take_in(world.desk, opened(world.desk), source.id, body(), feed(entry, at=BEGIN), jitter=0.5)
    with world.desk.reading() as db:
        return records.get(db, Story, taken.stories[0])


def decide(world: World, story: Story, decision: str) -> None:
    if decision == "dismissed":
        triage.dismiss(world.desk, story.id, by=world.lin, reason="Werbung")
    elif decision == "declared":
        triage.declare(world.desk, story.id, by=world.lin)
    elif decision == "merged":
        other = world.room()
        triage.merge(world.desk, story.id, by=world.lin, incident_key=other.key)


def join(world: World, story: Story, target: Story) -> None:
    """As if the ear had joined them."""
    ear = opened(world.desk)
    real = ear.listener.stories.current
    ear.listener.stories.current = lambda key: target.key if key == story.key else real(key)  # type: ignore[method-assign]
    with world.desk.transaction() as db:
        log.take_turn(db)
        waiting.join(world.desk, db, ear, now=world.clock.at)


def now_of(world: World, story: Story) -> Story:
    with world.desk.reading() as db:
        return records.get(db, Story, story.id)


def said(world: World) -> list[str]:
    with world.desk.reading() as db:
        return [entry.verb for entry in log.entries(db) if entry.verb in ("story_joined", "stories_apart")]


def two(world: World, of_story: str, of_target: str, *, story: tuple[str, str, str] = GRAVE) -> tuple[Story, Story]:
    """A target and a story, each decided upon, the target first."""
    source = add_source(world.desk)
    target, joined = heard(world, source, MILD if story is GRAVE else GRAVE), heard(world, source, story)
    assert target.id != joined.id
    decide(world, target, of_target)
    decide(world, joined, of_story)
    return now_of(world, joined), now_of(world, target)


@pytest.mark.parametrize("of_target", DECISIONS)
@pytest.mark.parametrize("of_story", DECISIONS)
def test_whatever_was_decided_what_waits_stays_in_sight_and_no_article_is_lost(
    world: World, of_story: str, of_target: str
) -> None:
    story, target = two(world, of_story, of_target)

    join(world, story, target)
    first = said(world)
    join(world, story, target)

    after, into = now_of(world, story), now_of(world, target)
    assert said(world) == first, "joined again, nothing happens"
    with world.desk.reading() as db:
        mentions = records.find(db, StoredMention)
    assert {item.story_id for item in mentions} <= {story.id, target.id} and len(mentions) >= 2
    if of_story == "open":
        # It waits on in the target, or runs in the incident of the target.
        assert after.is_folded and after.articles == 0 and first == ["story_joined"]
        assert into.articles == story.articles + target.articles
        assert into.state is (StoryState.OPEN if of_target in ("open", "dismissed") else target.state)
    elif of_story == "dismissed":
        assert after.state is StoryState.DISMISSED and after.reason == "Werbung"
        assert into.state is target.state, "somebody has looked at the graver half already"
    elif of_target in ("open", "dismissed"):
        assert after.state is story.state
        assert into.incident_id == story.incident_id and not into.is_folded and first == ["story_joined"]
    else:
        assert (after, into) == (story, target) and first == ["stories_apart"]


def test_a_grave_story_brings_the_dismissed_one_back_that_it_is_joined_to(world: World) -> None:
    story, target = two(world, "open", "dismissed")

    join(world, story, target)

    back = now_of(world, target)
    assert (back.state, back.severity) == (StoryState.OPEN, story.severity)
    assert back.mentions == story.mentions + target.mentions


def test_a_mild_story_joined_to_a_dismissed_one_that_was_graver_goes_with_it(world: World) -> None:
    story, target = two(world, "open", "dismissed", story=MILD)

    join(world, story, target)

    assert now_of(world, target).state is StoryState.DISMISSED
    assert said(world) == ["story_joined"]


def test_what_the_ear_hears_next_of_an_incident_s_event_goes_to_the_incident(world: World) -> None:
    story, target = two(world, "declared", "open")
    assert story.incident_id is not None

    join(world, story, target)

    with world.desk.reading() as db:
        jobs = [row.payload for row in db.execute(schema.job.select().where(schema.job.c.name == "rejudge"))]
        incident = incidents.listed(db, person=world.lin)[0]
        case = judging.case_of_incident(db, incident, now=world.clock.at)
    assert {"incident": story.incident_id} in jobs
    assert {mention.title for mention in case.mentions} == {MILD[1], GRAVE[1]}


def test_a_story_that_waits_is_not_put_into_an_incident_that_is_closed(world: World) -> None:
    story, target = two(world, "open", "declared")
    with world.desk.reading() as db:
        key = incidents.listed(db, person=world.lin)[0].key
    flow.close(world.desk, key, by=world.lin, reason="vorbei")

    join(world, story, target)

    assert now_of(world, story).state is StoryState.OPEN and said(world) == []


def test_a_story_joined_to_a_hidden_incident_is_found_by_its_members_only(world: World) -> None:
    story, target = two(world, "open", "open")
    triage.declare(world.desk, target.id, by=world.lin, restricted=True)

    join(world, story, target)

    with world.desk.reading() as db:
        assert search.find(db, "死亡", person=world.anna) == ()
        assert story.id in [hit.ref for hit in search.find(db, "死亡", person=world.lin)]
        with pytest.raises(CrisisError):
            triage.story(db, story.id, person=world.anna)


def test_a_story_that_was_folded_counts_as_no_voice_of_its_own(world: World) -> None:
    story, target = two(world, "open", "declared")

    join(world, story, target)

    with world.desk.reading() as db:
        incident = incidents.listed(db, person=world.lin)[0]
        case = judging.case_of_incident(db, incident, now=world.clock.at)
    assert sorted(mention.title for mention in case.mentions) == sorted((MILD[1], GRAVE[1]))


def test_one_wrong_date_sets_no_deadline_in_the_past_and_is_told(world: World) -> None:
    source = add_source(world.desk)
    old = BEGIN - timedelta(days=365 * 28)
    taken = ingest.take_in(world.desk, opened(world.desk), source.id, body(), feed(GRAVE, at=old), jitter=0.5)
    with world.desk.reading() as db:
        story = records.get(db, Story, taken.stories[0])

    incident = triage.declare(world.desk, story.id, by=world.lin)

    assert incident.t0_at == story.first_at == BEGIN - timedelta(hours=72)
    assert [reason["at"] for reason in story.reasons if reason["code"] == "claimed_date"] == [old.isoformat()]


def test_an_earlier_article_moves_the_beginning_while_the_story_waits_and_not_after(world: World) -> None:
    source = add_source(world.desk)
    world.clock.pass_by(timedelta(hours=1))
    late, hour = world.clock.at, timedelta(hours=1)

    def hear(number: int, at: object) -> Story:
        entry = (f"e{number}", GRAVE[1], GRAVE[2])
        ingest.take_in(world.desk, opened(world.desk), source.id, body(), feed(entry, at=at), jitter=0.5)
        with world.desk.reading() as db:
            (story,) = records.find(db, Story)
        return story

    assert hear(1, late).first_at == late
    waits = hear(2, late - hour)
    assert waits.first_at == late - hour
    triage.declare(world.desk, waits.id, by=world.lin)
    assert hear(3, late - 2 * hour).first_at == late - hour
