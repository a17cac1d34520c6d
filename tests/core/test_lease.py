"""A lease runs while it is renewed, counts its holders, and is not believed when its time is absurd."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crisis.core import lease as rules
from crisis.core.lease import FURTHEST, LASTS, LOOKED_AT_EVERY, RENEWED_EVERY, Claimant, Lease

NOW = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FIRST, NEXT = Claimant(host="a", number=1), Claimant(host="b", number=2)
NOBODY = Lease(name="listening", holder=Claimant(host="", number=0), term=0, since_at=NOW, until_at=NOW)


def test_nobody_has_a_lease_that_was_never_claimed() -> None:
    assert not NOBODY.runs(NOW)


def test_a_lease_runs_until_its_time_and_longer_when_it_is_renewed() -> None:
    held = rules.claimed(NOBODY, by=FIRST, now=NOW)

    assert held.runs(NOW + LASTS - SECOND)
    assert not held.runs(NOW + LASTS)
    assert rules.renewed(held, now=NOW + LASTS - SECOND).runs(NOW + LASTS)


def test_each_holder_has_a_number_of_its_own_and_a_renewal_keeps_it() -> None:
    first = rules.claimed(NOBODY, by=FIRST, now=NOW)
    again = rules.claimed(rules.renewed(first, now=NOW), by=NEXT, now=NOW + LASTS)

    assert (first.term, again.term) == (1, 2)
    assert (again.holder, again.since_at) == (NEXT, NOW + LASTS)


def test_a_lease_that_was_given_back_is_free_at_once() -> None:
    held = rules.claimed(NOBODY, by=FIRST, now=NOW)

    assert not rules.given_back(held, now=NOW + SECOND).runs(NOW + SECOND)


def test_a_time_that_no_lease_lasts_was_written_by_a_clock_that_was_wrong() -> None:
    held = rules.claimed(NOBODY, by=FIRST, now=NOW + FURTHEST)

    assert not held.runs(NOW)


def test_a_holder_may_miss_two_renewals_and_nobody_waits_longer_than_half_a_minute() -> None:
    assert 3 * RENEWED_EVERY < LASTS
    assert timedelta(seconds=30) > LASTS + LOOKED_AT_EVERY
