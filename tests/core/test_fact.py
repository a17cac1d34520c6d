"""Facts: nothing is confirmed by accident, nothing leaves the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crisis.core.case import FactStatus
from crisis.core.fact import Fact, checked, judged, superseded
from crisis.errors import Invalid, WrongState

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
FACT = Fact(incident_id=1, number=1, claim_zh="两人受伤", source="杭州消防", as_of=AT, added_by=1, added_at=AT)


def test_a_fact_needs_a_claim_and_a_source() -> None:
    assert checked(FACT) is FACT
    with pytest.raises(Invalid, match="claim"):
        checked(replace(FACT, claim_zh="  "))
    with pytest.raises(Invalid, match="source"):
        checked(replace(FACT, source=""))


def test_a_claim_in_one_language_stands_for_the_other() -> None:
    assert FACT.claim("en") == "两人受伤"
    assert replace(FACT, claim_en="Two are hurt").claim("en") == "Two are hurt"


def test_a_confirmation_needs_no_words_and_everything_else_does() -> None:
    assert judged(FACT, FactStatus.CONFIRMED, by=2, note="", at=AT).status is FactStatus.CONFIRMED
    for status in (FactStatus.DISPUTED, FactStatus.WITHHELD):
        with pytest.raises(Invalid):
            judged(FACT, status, by=2, note=" ", at=AT)


@pytest.mark.parametrize("was", list(FactStatus))
@pytest.mark.parametrize("to", list(FactStatus))
def test_a_fact_never_becomes_what_it_is_and_a_superseded_one_stays_superseded(was: FactStatus, to: FactStatus) -> None:
    fact = replace(FACT, status=was)

    if was is to or FactStatus.SUPERSEDED in (was, to):
        with pytest.raises(WrongState):
            judged(fact, to, by=2, note="because", at=AT)
    else:
        after = judged(fact, to, by=2, note="because", at=AT)
        assert (after.status, after.decided_by, after.decided_at) == (to, 2, AT)


def test_a_superseded_fact_names_its_successor_once() -> None:
    gone = superseded(FACT, by_number=4, by=2, at=AT)

    assert (gone.status, gone.superseded_by) == (FactStatus.SUPERSEDED, 4)
    with pytest.raises(WrongState):
        superseded(gone, by_number=5, by=2, at=AT)
