"""A statement and the bytes that people vote on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crisis.core.approval import Approval, ApprovalState
from crisis.core.incident import IncidentState
from crisis.core.release import demand_releasable
from crisis.core.statement import (
    ChannelKind,
    Statement,
    StatementState,
    canonical_text,
    edited,
    hash_to_approve,
    submitted,
    withdrawn,
)
from crisis.errors import Invalid, WrongState

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
DRAFT = Statement(
    id=1,
    incident_id=1,
    number=1,
    audience="public",
    lang="zh",
    kind="holding",
    title="致公众",
    author_id=1,
    created_at=AT,
    channels=(ChannelKind.NEWSROOM, ChannelKind.EMAIL),
)
TEXTS = st.text(max_size=60)


@given(TEXTS)
@settings(max_examples=120, deadline=None)
def test_the_canonical_form_of_a_text_is_its_own_canonical_form(text: str) -> None:
    once = canonical_text(text)

    assert canonical_text(once) == once
    assert once.endswith("\n") and "\r" not in once


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_how_a_browser_ends_its_lines_does_not_change_the_hash(text: str) -> None:
    windows = text.replace("\r", "").replace("\n", "\r\n")

    assert hash_to_approve(DRAFT, windows) == hash_to_approve(DRAFT, text.replace("\r", ""))


@given(TEXTS, TEXTS)
@settings(max_examples=120, deadline=None)
def test_two_texts_have_one_hash_only_when_they_are_the_same(one: str, two: str) -> None:
    same = canonical_text(one) == canonical_text(two)

    assert (hash_to_approve(DRAFT, one) == hash_to_approve(DRAFT, two)) == same


@given(st.text(min_size=1, max_size=40), st.data())
@settings(max_examples=100, deadline=None)
def test_one_character_makes_another_hash(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    changed = text[:place] + "不" + text[place:]

    assert hash_to_approve(DRAFT, changed) != hash_to_approve(DRAFT, text)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "致媒体"},
        {"lang": "en"},
        {"audience": "media"},
        {"channels": (ChannelKind.NEWSROOM,)},
        {"channels": (ChannelKind.NEWSROOM, ChannelKind.EMAIL, ChannelKind.FILE)},
    ],
)
def test_title_language_audience_and_channels_belong_to_what_is_approved(change: dict[str, object]) -> None:
    assert hash_to_approve(replace(DRAFT, **change), "好。") != hash_to_approve(DRAFT, "好。")  # type: ignore[arg-type]


def test_the_order_of_the_channels_does_not_matter() -> None:
    turned = replace(DRAFT, channels=tuple(reversed(DRAFT.channels)))

    assert hash_to_approve(turned, "好。") == hash_to_approve(DRAFT, "好。")


@pytest.mark.parametrize("state", [StatementState.DRAFT, StatementState.IN_REVIEW, StatementState.APPROVED])
def test_an_edit_makes_a_draft_of_whatever_has_not_gone_out(state: StatementState) -> None:
    changed = edited(replace(DRAFT, state=state))

    assert (changed.state, changed.revision) == (StatementState.DRAFT, 2)


@pytest.mark.parametrize("state", [StatementState.RELEASED, StatementState.WITHDRAWN])
def test_what_has_gone_out_is_never_edited(state: StatementState) -> None:
    with pytest.raises(WrongState):
        edited(replace(DRAFT, state=state))


def test_blanks_and_blocking_findings_stand_before_approval() -> None:
    with pytest.raises(Invalid, match="blanks_left"):
        submitted(DRAFT, blocked=False, blanks=1)
    with pytest.raises(Invalid, match="blocking_findings"):
        submitted(DRAFT, blocked=True, blanks=0)
    assert submitted(DRAFT, blocked=False, blanks=0).state is StatementState.IN_REVIEW


@pytest.mark.parametrize("state", [state for state in StatementState if state is not StatementState.DRAFT])
def test_only_a_draft_is_submitted(state: StatementState) -> None:
    with pytest.raises(WrongState):
        submitted(replace(DRAFT, state=state), blocked=False, blanks=0)


def test_only_what_is_released_is_withdrawn_and_with_a_reason() -> None:
    out = replace(DRAFT, state=StatementState.RELEASED)

    with pytest.raises(WrongState):
        withdrawn(DRAFT, reason="wrong figure")
    with pytest.raises(Invalid):
        withdrawn(out, reason=" ")
    assert withdrawn(out, reason="wrong figure").state is StatementState.WITHDRAWN


@given(
    TEXTS,
    TEXTS,
    st.sampled_from(StatementState),
    st.sampled_from(ApprovalState),
    st.integers(1, 3),
    st.sampled_from(IncidentState),
)
@settings(max_examples=200, deadline=None)
def test_only_the_approved_bytes_in_the_approved_state_of_an_open_incident_are_releasable(
    approved: str, now: str, state: StatementState, run: ApprovalState, revision: int, incident: IncidentState
) -> None:
    assume(len(approved) < 40)
    statement = replace(DRAFT, state=state, revision=revision)
    approval = Approval(
        id=1,
        statement_id=1,
        revision=2,
        hash=hash_to_approve(DRAFT, approved),
        needed=2,
        opened_at=AT,
        opened_by=1,
        state=run,
    )

    fits = (
        state is StatementState.APPROVED
        and run is ApprovalState.APPROVED
        and revision == 2
        and incident is IncidentState.OPEN
        and canonical_text(now) == canonical_text(approved)
    )

    if fits:
        demand_releasable(statement, approval, now, incident)
    else:
        with pytest.raises(WrongState):
            demand_releasable(statement, approval, now, incident)
