"""When the time for a vote is over: a rule may release what people approved before. It approves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crisis.core.approval import Approval, ApprovalState, Vote
from crisis.core.release import Release
from crisis.core.statement import Statement, StatementState
from crisis.errors import Invalid
from crisis.flows import fallbacks, releases, statements
from crisis.store import records
from tests.flows.at_once import at_once
from tests.world import TEXT, World

WAIT = timedelta(minutes=15)


def late(world: World, *, fallback: bool = True) -> tuple[Statement, Approval, Statement]:
    """A holding text that was approved, and a second text whose vote is late."""
    incident = world.room()
    holding, _ = world.approved(incident, title="预备文本")
    second = world.draft(incident, text=TEXT + "还有一句。\n", title="致公众二")
    run = world.submitted(incident, second, fallback_number=holding.number if fallback else None)
    return holding, run, second


def out(world: World) -> list[str]:
    with world.desk.reading() as db:
        return [item.title for item in records.find(db, Release)]


def test_before_its_time_nothing_goes_out(world: World) -> None:
    late(world)
    world.clock.pass_by(WAIT - timedelta(seconds=1))

    assert fallbacks.release_due(world.desk) == 0
    assert out(world) == []


def test_in_time_the_fallback_goes_out_once_and_the_late_text_stays_unapproved(world: World) -> None:
    _, run, second = late(world)
    world.clock.pass_by(WAIT)

    assert fallbacks.release_due(world.desk) == 1
    assert fallbacks.release_due(world.desk) == 0

    assert out(world) == ["预备文本"]
    with world.desk.reading() as db:
        assert records.get(db, Approval, run.id).state is ApprovalState.OPEN
        assert records.get(db, Statement, second.id).state is StatementState.IN_REVIEW
        assert records.find(db, Vote, approval_id=run.id) == ()


def test_two_workers_at_once_release_the_fallback_once(world: World) -> None:
    late(world)
    world.clock.pass_by(WAIT)

    answers = at_once(*[lambda: fallbacks.release_due(world.desk)] * 3)

    assert sorted(map(str, answers)) == ["0", "0", "1"]
    assert len(out(world)) == 1


def test_without_a_fallback_time_changes_nothing(world: World) -> None:
    late(world, fallback=False)
    world.clock.pass_by(timedelta(days=3))

    assert fallbacks.release_due(world.desk) == 0
    assert out(world) == []


def test_a_fallback_that_was_edited_after_its_approval_does_not_go_out(world: World) -> None:
    holding, _, _ = late(world)
    statements.edit(
        world.desk, "XL-0514-01", holding.number, by=world.lin, text="别的话。", seen_revision=holding.revision
    )
    world.clock.pass_by(WAIT)

    assert fallbacks.release_due(world.desk) == 0
    assert out(world) == []


def test_a_run_that_was_decided_in_time_needs_no_fallback(world: World) -> None:
    _, run, _ = late(world)
    world.yes(run, world.shen)
    world.yes(run, world.wang)
    world.clock.pass_by(WAIT)

    assert fallbacks.release_due(world.desk) == 0


def test_a_late_text_can_still_be_approved_and_follow(world: World) -> None:
    _, run, second = late(world)
    world.clock.pass_by(WAIT)
    fallbacks.release_due(world.desk)
    world.yes(run, world.shen)
    world.yes(run, world.wang)

    releases.release(world.desk, "XL-0514-01", second.number, by=world.zhou, hash=run.hash)

    assert out(world) == ["预备文本", "致公众二"]


def test_what_nobody_has_approved_is_no_fallback(world: World) -> None:
    incident = world.room()
    draft = world.draft(incident)
    second = world.draft(incident, title="致公众二")

    with pytest.raises(Invalid, match="fallback_not_approved"):
        world.submitted(incident, second, fallback_number=draft.number)
    with pytest.raises(Invalid, match="fallback_not_approved"):
        world.submitted(incident, second, fallback_number=second.number)
