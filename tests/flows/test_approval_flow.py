"""Approval bound to bytes, through the flows: edit a character and the votes are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisis.core.approval import Approval, ApprovalState, VoteKind
from crisis.core.people import Person, Role
from crisis.core.release import Delivery, Release
from crisis.core.statement import ChannelKind, Statement, StatementState, canonical_text
from crisis.errors import Invalid, NotFound, NotPermitted, WrongState
from crisis.flows import approvals, releases, statements
from crisis.store import records
from crisis.store import statements as texts
from tests.world import TEXT, World


def now(world: World, statement: Statement) -> Statement:
    with world.desk.reading() as db:
        return records.get(db, Statement, statement.id)


def run_of(world: World, approval: Approval) -> Approval:
    with world.desk.reading() as db:
        return records.get(db, Approval, approval.id)


@pytest.mark.parametrize(
    "change",
    [{"text": TEXT.replace("九", "八")}, {"title": "致媒体"}, {"channels": [ChannelKind.NEWSROOM]}],
    ids=["text", "title", "channels"],
)
@pytest.mark.parametrize("votes", [1, 2])
def test_any_change_ends_the_approval_and_its_votes(world: World, change: dict[str, object], votes: int) -> None:
    incident = world.room()
    statement = world.draft(incident)
    approval = world.submitted(incident, statement)
    for person in (world.shen, world.wang)[:votes]:
        world.yes(approval, person)

    statements.edit(
        world.desk,
        incident.key,
        statement.number,
        by=world.lin,
        seen_revision=statement.revision,
        **({"text": TEXT} | change),  # type: ignore[arg-type]
    )

    assert now(world, statement).state is StatementState.DRAFT
    assert run_of(world, approval).state is ApprovalState.VOID
    with pytest.raises(WrongState):
        releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)
    if votes == 1:
        with pytest.raises(WrongState):
            world.yes(approval, world.wang)
    with world.desk.reading() as db:
        assert records.find(db, Release) == records.find(db, Delivery) == ()


def test_saving_the_same_words_again_changes_nothing(world: World) -> None:
    incident = world.room()
    statement, approval = world.approved(incident)

    statements.edit(
        world.desk,
        incident.key,
        statement.number,
        by=world.lin,
        text=TEXT.replace("\n", "\r\n") + "  \n",
        seen_revision=statement.revision,
    )

    assert now(world, statement).state is StatementState.APPROVED
    assert run_of(world, approval).state is ApprovalState.APPROVED


def test_two_different_people_approve_and_then_exactly_these_bytes_go_out(world: World) -> None:
    incident = world.room()
    statement, approval = world.approved(incident)

    made = releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)

    assert (made.text, made.title, made.hash) == (canonical_text(TEXT), statement.title, approval.hash)
    assert now(world, statement).state is StatementState.RELEASED


def test_a_release_of_another_hash_is_refused(world: World) -> None:
    incident = world.room()
    statement, _ = world.approved(incident)

    with pytest.raises(WrongState, match="not the approved one"):
        releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash="0" * 64)


def test_bytes_that_were_changed_behind_the_desk_do_not_go_out(world: World) -> None:
    from crisis.store import schema

    incident = world.room()
    statement, approval = world.approved(incident)
    with world.desk.transaction() as db:
        db.execute(schema.revision.update().values(text="somebody else's words"))

    with pytest.raises(WrongState, match="not the approved one"):
        releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)


def test_the_author_cannot_approve_even_as_an_executive(world: World) -> None:
    incident = world.room()
    both = replace(world.lin, roles=(Role.OFFICER, Role.EXECUTIVE))
    approval = world.submitted(incident, world.draft(incident))

    with pytest.raises(NotPermitted, match="author"):
        world.yes(approval, both)


def test_who_rewrote_a_text_of_another_cannot_approve_it_and_is_not_asked(world: World) -> None:
    both = replace(world.zhou, roles=(Role.OFFICER, Role.EXECUTIVE))
    with world.desk.transaction() as db:
        both = records.save(db, both)
    incident = world.room()
    statement = world.draft(incident)
    changed = statements.edit(
        world.desk, incident.key, statement.number, by=both, text=TEXT + "又一句。", seen_revision=statement.revision
    )
    assert isinstance(changed, Statement)
    world.waive_all(incident, changed, by=world.lin)
    approval = world.submitted(incident, changed)

    with pytest.raises(NotPermitted, match="author"):
        world.yes(approval, both)
    with world.desk.reading() as db:
        assert texts.waiting_for(db, both) == ()
        assert [item.id for item in texts.waiting_for(db, world.shen)] == [approval.id]


@pytest.mark.parametrize("name", ["lin", "zhou", "he", "li", "wu", "anna"])
def test_no_other_role_approves(world: World, name: str) -> None:
    incident = world.room(regions=["温州"])
    approval = world.submitted(incident, world.draft(incident, by=world.zhou))
    person: Person = getattr(world, name)

    with pytest.raises(NotPermitted):
        world.yes(approval, person)


def test_an_approval_of_a_restricted_incident_is_not_found_by_an_executive_who_is_no_member(world: World) -> None:
    incident = world.room(restricted=True)
    approval = world.submitted(incident, world.draft(incident))

    with pytest.raises(NotFound):
        world.yes(approval, world.shen)
    with world.desk.reading() as db:
        assert texts.waiting_for(db, world.shen) == ()


def test_one_return_sends_the_text_back_and_ends_the_run(world: World) -> None:
    incident = world.room()
    statement = world.draft(incident)
    approval = world.submitted(incident, statement)
    world.yes(approval, world.shen)

    approvals.vote(
        world.desk, approval.id, by=world.wang, kind=VoteKind.RETURN, hash=approval.hash, words="no telephone number"
    )

    assert now(world, statement).state is StatementState.DRAFT
    assert run_of(world, approval).state is ApprovalState.RETURNED
    with pytest.raises(WrongState):
        releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)


def test_a_text_that_was_returned_needs_new_votes_from_everybody(world: World) -> None:
    incident = world.room()
    statement = world.draft(incident)
    first = world.submitted(incident, statement)
    world.yes(first, world.shen)
    approvals.vote(world.desk, first.id, by=world.wang, kind=VoteKind.RETURN, hash=first.hash, words="wait")

    again = world.submitted(incident, now(world, statement))
    world.yes(again, world.wang)

    assert run_of(world, again).state is ApprovalState.OPEN


def test_a_text_with_a_blank_or_a_blocking_finding_does_not_come_before_approvers(world: World) -> None:
    incident = world.room()
    blank = world.draft(incident, text="请拨打【热线】。\n")

    with pytest.raises(Invalid, match="blanks_left"):
        world.submitted(incident, blank)


def test_a_title_is_one_line_whatever_was_sent(world: World) -> None:
    incident = world.room()
    statement = world.draft(incident)

    changed = statements.edit(
        world.desk,
        incident.key,
        statement.number,
        by=world.lin,
        text=TEXT,
        title="致公众\r\nBcc: everybody@example.org",
        seen_revision=statement.revision,
    )

    assert isinstance(changed, Statement)
    assert changed.title == "致公众 Bcc: everybody@example.org"
