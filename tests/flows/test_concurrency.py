"""Two people at the same moment: nothing is lost, nothing is done twice, and the second one gets a sentence."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crisis.core.approval import Approval, ApprovalState, Vote
from crisis.core.incident import Incident
from crisis.core.release import Delivery, Release
from crisis.core.sources import Story, StoryState
from crisis.core.statement import Statement, StatementState, hash_to_approve
from crisis.core.text import mark_of
from crisis.errors import Stale, WrongState
from crisis.flows import complaints, facts, incidents, releases, responses, statements, triage
from crisis.flows.facts import NewFact
from crisis.flows.statements import Conflict
from crisis.store import incidents as store
from crisis.store import log, records, schema
from crisis.store import statements as texts
from tests.flows.at_once import at_once
from tests.world import BEGIN, World


def chain_holds(world: World) -> None:
    with world.desk.reading() as db:
        assert log.check(db) == ()


def test_two_last_votes_at_the_same_moment_are_both_kept_and_approve_once(world: World) -> None:
    incident = world.room()
    statement = world.draft(incident)
    approval = world.submitted(incident, statement)

    answers = at_once(lambda: world.yes(approval, world.shen), lambda: world.yes(approval, world.wang))

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    with world.desk.reading() as db:
        assert {vote.person_id for vote in records.find(db, Vote)} == {world.shen.id, world.wang.id}
        assert records.get(db, Approval, approval.id).state is ApprovalState.APPROVED
        assert records.get(db, Statement, statement.id).state is StatementState.APPROVED
        approved = select(func.count()).where(schema.log.c.verb == "statement_approved")
        assert db.execute(approved).scalar_one() == 1
    chain_holds(world)


def test_one_person_who_presses_twice_votes_once(world: World) -> None:
    incident = world.room()
    approval = world.submitted(incident, world.draft(incident))

    answers = at_once(*[lambda: world.yes(approval, world.shen)] * 3)

    assert sum(isinstance(answer, WrongState) for answer in answers) == 2
    with world.desk.reading() as db:
        assert len(records.find(db, Vote)) == 1


def test_of_two_people_who_save_the_same_text_the_second_gets_both_texts(world: World) -> None:
    incident = world.room()
    statement = world.draft(incident)

    def save(text: str) -> object:
        return statements.edit(
            world.desk, incident.key, statement.number, by=world.zhou, text=text, seen_revision=statement.revision
        )

    answers = at_once(lambda: save("我的第一稿。"), lambda: save("我的第二稿。"))

    conflicts = [answer for answer in answers if isinstance(answer, Conflict)]
    saved = [answer for answer in answers if isinstance(answer, Statement)]
    assert (len(conflicts), len(saved)) == (1, 1)
    assert {conflicts[0].mine, conflicts[0].theirs.text.strip()} == {"我的第一稿。", "我的第二稿。"}
    with world.desk.reading() as db:
        numbers = [revision.number for revision in texts.revisions(db, statement.id)]
        assert numbers == sorted(set(numbers), reverse=True)
        assert records.get(db, Statement, statement.id).revision == statement.revision + 1


def test_two_people_who_save_the_same_words_do_not_quarrel(world: World) -> None:
    incident = world.room()
    statement = world.draft(incident)

    answers = at_once(
        *[
            lambda: statements.edit(
                world.desk,
                incident.key,
                statement.number,
                by=world.zhou,
                text="同样的话。",
                seen_revision=statement.revision,
            )
        ]
        * 2
    )

    assert all(isinstance(answer, Statement) for answer in answers)


def test_of_two_situations_written_at_once_one_is_refused_as_stale(world: World) -> None:
    incident = world.room()

    def write(words: str) -> object:
        return incidents.write_situation(
            world.desk, incident.key, by=world.lin, situation=words, seen=mark_of(incident.situation)
        )

    answers = at_once(lambda: write("one"), lambda: write("two"))

    assert [type(answer) for answer in answers].count(Stale) == 1


def test_a_situation_is_no_conflict_with_a_gate_nor_an_answer_with_a_response(world: World) -> None:
    incident = world.incident()
    with world.desk.reading() as db:
        entry = next(item for item in store.audiences(db, incident.id) if item.audience == "customers")
    incidents.set_gate(world.desk, incident.key, by=world.zhou, gate="injury", value=True, reason="x", since=0)
    responses.enter(world.desk, incident.key, by=world.zhou, audience="customers", region="", stance=-2, said="很生气")

    written = incidents.write_situation(
        world.desk, incident.key, by=world.lin, situation="neu", seen=mark_of(incident.situation)
    )
    answered = responses.answer(
        world.desk, incident.key, "customers", by=world.lin, seen=entry.mark, know="我们自己的话"
    )

    assert (written.situation, written.injury) == ("neu", True)
    assert (answered.know, answered.stance) == ("我们自己的话", -2)
    with pytest.raises(Stale):
        responses.answer(world.desk, incident.key, "customers", by=world.zhou, seen=entry.mark, know="别的话")


def test_of_two_people_who_declare_one_story_one_wins_and_the_other_is_told(world: World) -> None:
    story = world.story()

    answers = at_once(
        lambda: triage.declare(world.desk, story.id, by=world.lin),
        lambda: triage.declare(world.desk, story.id, by=world.zhou),
    )

    lost = [answer for answer in answers if isinstance(answer, Exception)]
    assert [str(error) for error in lost] == ["story is decided"]
    with world.desk.reading() as db:
        assert len(records.find(db, Incident)) == 1
        assert records.get(db, Story, story.id).state is StoryState.DECLARED


def test_a_story_is_not_dismissed_and_merged_at_once(world: World) -> None:
    story, incident = world.story(), world.room()

    answers = at_once(
        lambda: triage.dismiss(world.desk, story.id, by=world.lin, reason="a namesake"),
        lambda: triage.merge(world.desk, story.id, by=world.zhou, incident_key=incident.key),
    )

    assert sum(isinstance(answer, WrongState) for answer in answers) == 1
    chain_holds(world)


def test_incidents_facts_statements_and_complaints_made_at_once_get_different_names(world: World) -> None:
    stories = [world.story(f"story {number}") for number in range(3)]
    incident = world.room()
    complaint = {"received_by": "李蓝", "unit": "客服", "customer_name": "陈", "details": "x"}

    answers = at_once(
        *[lambda story=story: triage.declare(world.desk, story.id, by=world.lin) for story in stories],
        *[
            lambda: facts.add(
                world.desk, incident.key, NewFact(claim_zh="两人受伤", source="消防", as_of=BEGIN), by=world.lin
            )
        ]
        * 2,
        *[lambda: complaints.receive(world.desk, dict(complaint), by=world.li)] * 2,
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    chain_holds(world)


def test_of_two_releases_at_once_one_goes_out(world: World) -> None:
    incident = world.room()
    statement, approval = world.approved(incident)

    answers = at_once(
        *[lambda: releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)] * 3
    )

    assert sum(isinstance(answer, Release) for answer in answers) == 1
    assert {str(answer) for answer in answers if isinstance(answer, WrongState)} == {"already released"}
    with world.desk.reading() as db:
        assert len(records.find(db, Release)) == 1
        assert len(records.find(db, Delivery)) == 2


@pytest.mark.parametrize("turn", range(3))
def test_a_last_vote_and_an_edit_at_once_never_approve_other_bytes(world: World, turn: int) -> None:
    incident = world.room()
    statement = world.draft(incident)
    approval = world.submitted(incident, statement)
    world.yes(approval, world.shen)

    at_once(
        lambda: world.yes(approval, world.wang),
        lambda: statements.edit(
            world.desk,
            incident.key,
            statement.number,
            by=world.zhou,
            text="换了一句话。",
            seen_revision=statement.revision,
        ),
    )

    with world.desk.reading() as db:
        now = records.get(db, Statement, statement.id)
        run = records.get(db, Approval, approval.id)
        text = texts.revision(db, now.id, now.revision).text
        assert now.state is StatementState.DRAFT
        assert run.state is ApprovalState.VOID
        assert hash_to_approve(now, text) != run.hash
    chain_holds(world)


def test_a_release_and_an_edit_at_once_send_the_approved_bytes_or_nothing(world: World) -> None:
    incident = world.room()
    statement, approval = world.approved(incident)

    at_once(
        lambda: releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash),
        lambda: statements.edit(
            world.desk,
            incident.key,
            statement.number,
            by=world.lin,
            text="换了一句话。",
            seen_revision=statement.revision,
        ),
    )

    with world.desk.reading() as db:
        now = records.get(db, Statement, statement.id)
        for made in records.find(db, Release):
            assert hash_to_approve(now, made.text) == made.hash == approval.hash
            assert now.state is StatementState.RELEASED


def test_responses_entered_at_once_are_all_kept(world: World) -> None:
    incident = world.incident(regions=["温州"])

    answers = at_once(
        *[
            lambda number=number: responses.enter(
                world.desk,
                incident.key,
                by=world.he,
                audience="customers",
                region="温州",
                stance=-1,
                said=f"answer {number}",
            )
            for number in range(4)
        ]
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
