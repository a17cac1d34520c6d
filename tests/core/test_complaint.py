"""Complaints: the form, its timers, and the two ways it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crisis.core.complaint import Complaint, ComplaintState, checked, progressed, signed_off, solved
from crisis.errors import Invalid, WrongState

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
OPEN = Complaint(
    key="C-0514-01",
    received_at=AT,
    received_by="李蓝",
    unit="客服",
    customer_name="陈女士",
    details="灶具点火时有爆燃声",
    owner_id=1,
    interval_h=12,
)
SOLVED = replace(OPEN, state=ComplaintState.SOLVED, action_taken="上门更换")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_name", " "),
        ("details", ""),
        ("received_by", ""),
        ("unit", " "),
        ("customer_email", "not an address"),
        ("interval_h", 0),
        ("interval_h", 721),
    ],
)
def test_a_form_with_a_hole_names_the_field(field: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        checked(replace(OPEN, **{field: value}))  # type: ignore[arg-type]

    assert caught.value.field == field


def test_a_whole_form_is_taken() -> None:
    assert checked(OPEN) is OPEN


def test_after_a_message_the_next_is_due_one_agreed_interval_later() -> None:
    assert progressed(OPEN, at=AT).due_at == AT + timedelta(hours=12)


def test_a_solution_sets_the_follow_up_a_day_later_and_needs_words() -> None:
    with pytest.raises(Invalid):
        solved(OPEN, action=" ", at=AT)
    assert solved(OPEN, action="上门更换", at=AT).due_at == AT + timedelta(hours=24)


def test_nothing_is_signed_before_a_solution_was_told() -> None:
    with pytest.raises(WrongState, match="no solution"):
        signed_off(OPEN, by="李蓝", supervisor="周晓", satisfied=True, reason="", at=AT)


def test_a_customer_who_is_not_satisfied_is_closed_only_with_a_report() -> None:
    with pytest.raises(Invalid):
        signed_off(SOLVED, by="李蓝", supervisor="周晓", satisfied=False, reason=" ", at=AT)

    shut = signed_off(SOLVED, by="李蓝", supervisor="周晓", satisfied=False, reason="reported to the board", at=AT)

    assert (shut.state, shut.satisfied, shut.due_at) == (ComplaintState.UNSATISFIED, False, None)


@pytest.mark.parametrize("hole", ["by", "supervisor"])
def test_the_form_carries_two_names(hole: str) -> None:
    names = {"by": "李蓝", "supervisor": "周晓"} | {hole: " "}

    with pytest.raises(Invalid):
        signed_off(SOLVED, **names, satisfied=True, reason="", at=AT)


@pytest.mark.parametrize("state", [ComplaintState.SIGNED_OFF, ComplaintState.UNSATISFIED])
def test_what_is_closed_stays_closed(state: ComplaintState) -> None:
    shut = replace(OPEN, state=state)

    with pytest.raises(WrongState):
        progressed(shut, at=AT)
    with pytest.raises(WrongState):
        solved(shut, action="again", at=AT)
    with pytest.raises(WrongState):
        signed_off(shut, by="李蓝", supervisor="周晓", satisfied=True, reason="", at=AT)
