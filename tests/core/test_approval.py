"""Approval: enough people say yes to exactly these bytes, and nobody to their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.approval import Approval, ApprovalState, Vote, VoteKind, cast, outcome
from crisis.core.people import Person, Role
from crisis.errors import Invalid, NotPermitted, WrongState

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
RUN = Approval(id=1, statement_id=1, revision=2, hash="a" * 64, needed=2, opened_at=AT, opened_by=1)


def person(identity: int, *roles: Role) -> Person:
    return Person(id=identity, name="x", email="x@example.org", roles=roles or (Role.EXECUTIVE,))


def voted(
    by: Person,
    *,
    run: Approval = RUN,
    votes: tuple[Vote, ...] = (),
    kind: VoteKind = VoteKind.APPROVE,
    hash: str = RUN.hash,
    writers: frozenset[int] = frozenset({1}),
    note: str = "",
) -> Vote:
    return cast(run, votes, by=by, kind=kind, hash=hash, writers=writers, note=note, sentence=None, at=AT)


def test_a_vote_names_the_hash_it_was_given_for() -> None:
    assert voted(person(2)).hash == RUN.hash


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EXECUTIVE])
def test_only_an_executive_may_vote(role: Role) -> None:
    with pytest.raises(NotPermitted):
        voted(person(2, role))


def test_an_executive_who_may_no_longer_sign_in_may_not_vote() -> None:
    with pytest.raises(NotPermitted):
        voted(replace(person(2), active=False))


def test_who_wrote_the_text_cannot_approve_it() -> None:
    with pytest.raises(NotPermitted, match="author"):
        voted(person(1))


def test_who_rewrote_the_text_of_another_cannot_approve_it() -> None:
    with pytest.raises(NotPermitted, match="author"):
        voted(person(3, Role.OFFICER, Role.EXECUTIVE), writers=frozenset({1, 3}))


def test_a_vote_for_other_bytes_is_refused() -> None:
    with pytest.raises(WrongState, match="text has changed"):
        voted(person(2), hash="b" * 64)


@pytest.mark.parametrize("state", [state for state in ApprovalState if state is not ApprovalState.OPEN])
def test_a_run_that_has_ended_takes_no_vote(state: ApprovalState) -> None:
    with pytest.raises(WrongState, match="approval has ended"):
        voted(person(2), run=replace(RUN, state=state))


def test_nobody_votes_twice() -> None:
    with pytest.raises(WrongState, match="already voted"):
        voted(person(2), votes=(voted(person(2)),))


def test_a_return_needs_words() -> None:
    with pytest.raises(Invalid):
        voted(person(2), kind=VoteKind.RETURN, note="  ")


def test_one_return_ends_the_run_whatever_the_others_say() -> None:
    votes = (voted(person(2)), voted(person(3), kind=VoteKind.RETURN, note="no name"), voted(person(4)))

    assert outcome(RUN, votes) is ApprovalState.RETURNED


def test_votes_for_other_bytes_do_not_count() -> None:
    votes = (voted(person(2)), replace(voted(person(3)), hash="b" * 64))

    assert outcome(RUN, votes) is ApprovalState.OPEN


VOTES = st.lists(
    st.builds(
        Vote,
        approval_id=st.just(1),
        person_id=st.integers(2, 6),
        kind=st.sampled_from(VoteKind),
        hash=st.sampled_from(("a" * 64, "b" * 64)),
        at=st.just(AT),
    ),
    max_size=8,
)


@given(VOTES, st.integers(1, 5))
@settings(max_examples=150, deadline=None)
def test_a_run_is_approved_exactly_when_enough_different_people_said_yes_to_these_bytes_and_none_returned_it(
    votes: list[Vote], needed: int
) -> None:
    run = replace(RUN, needed=needed)

    yes = {vote.person_id for vote in votes if vote.kind is VoteKind.APPROVE and vote.hash == run.hash}
    returned = any(vote.kind is VoteKind.RETURN for vote in votes)

    assert (outcome(run, votes) is ApprovalState.APPROVED) == (len(yes) >= needed and not returned)


@given(VOTES, st.sampled_from([ApprovalState.VOID, ApprovalState.RETURNED, ApprovalState.APPROVED]))
@settings(max_examples=60, deadline=None)
def test_what_has_ended_stays_ended(votes: list[Vote], state: ApprovalState) -> None:
    assert outcome(replace(RUN, state=state), votes) is state
