"""Whatever people do, in whatever order: what went out is exactly what enough people approved."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crisis.core.approval import Approval, ApprovalState, Vote, VoteKind
from crisis.core.release import Release
from crisis.core.statement import ChannelKind, Statement, StatementState, hash_to_approve
from crisis.errors import Invalid, NotPermitted, WrongState
from crisis.flows import approvals, fallbacks, releases, statements
from crisis.store import records
from crisis.store import statements as texts
from tests.world import TEXT, World

WORDS = st.sampled_from([TEXT, TEXT + "第二句。\n", "换了说法。\n", TEXT.strip() + "\r\n"])


class Desk(RuleBasedStateMachine):
    """One incident with one statement and a second one as its fallback; people act on it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.incident = self.world.room()
        self.statement = self.world.draft(self.incident)
        self.hashes: list[str] = ["0" * 64]

    def now(self) -> Statement:
        with self.world.desk.reading() as db:
            return records.get(db, Statement, self.statement.id)

    def runs(self) -> tuple[Approval, ...]:
        with self.world.desk.reading() as db:
            return texts.approvals(db, self.statement.id)

    @rule(text=WORDS, title=st.sampled_from(["致公众", "致各界"]), mail=st.booleans(), seen=st.integers(0, 1))
    def edit(self, text: str, title: str, mail: bool, seen: int) -> None:
        try:
            statements.edit(
                self.world.desk,
                self.incident.key,
                1,
                by=self.world.zhou,
                text=text,
                title=title,
                channels=[ChannelKind.FILE, ChannelKind.EMAIL] if mail else None,
                seen_revision=self.now().revision - seen,
            )
        except WrongState:
            assert self.now().state in (StatementState.RELEASED, StatementState.WITHDRAWN)

    @rule()
    def submit(self) -> None:
        if self.now().state is StatementState.DRAFT:
            self.world.waive_all(self.incident, self.now(), by=self.world.lin)
        try:
            self.hashes.append(self.world.submitted(self.incident, self.now()).hash)
        except (WrongState, Invalid):
            assert self.now().state is not StatementState.DRAFT

    @rule(name=st.sampled_from(["shen", "wang", "lin", "zhou"]), run=st.integers(0, 2), own=st.booleans())
    def say_yes(self, name: str, run: int, own: bool) -> None:
        runs = self.runs()
        if run < len(runs):
            with contextlib.suppress(WrongState, NotPermitted):
                approvals.vote(
                    self.world.desk,
                    runs[run].id,
                    by=getattr(self.world, name),
                    kind=VoteKind.APPROVE,
                    hash=runs[run].hash if own else self.hashes[0],
                )

    @rule(name=st.sampled_from(["shen", "wang"]), words=st.sampled_from(["", "wait"]))
    def send_back(self, name: str, words: str) -> None:
        for run in self.runs()[:1]:
            with contextlib.suppress(WrongState, Invalid):
                approvals.vote(
                    self.world.desk,
                    run.id,
                    by=getattr(self.world, name),
                    kind=VoteKind.RETURN,
                    hash=run.hash,
                    words=words,
                )

    @rule()
    def take_back(self) -> None:
        with contextlib.suppress(WrongState):
            statements.take_back(self.world.desk, self.incident.key, 1, by=self.world.lin)

    @rule(which=st.integers(0, 9))
    def release(self, which: int) -> None:
        before = self.now()
        try:
            releases.release(
                self.world.desk, self.incident.key, 1, by=self.world.zhou, hash=self.hashes[which % len(self.hashes)]
            )
        except WrongState:
            return
        assert before.state is StatementState.APPROVED

    @rule()
    def withdraw(self) -> None:
        with contextlib.suppress(WrongState):
            releases.withdraw(self.world.desk, self.incident.key, 1, by=self.world.zhou, reason="wrong")

    @rule()
    def time_goes_by(self) -> None:
        self.world.clock.pass_by(timedelta(minutes=20))
        assert fallbacks.release_due(self.world.desk) == 0

    @invariant()
    def what_went_out_was_approved_by_enough_others(self) -> None:
        with self.world.desk.reading() as db:
            statement = records.get(db, Statement, self.statement.id)
            made = records.find(db, Release, incident_id=self.incident.id)
            assert len(made) == (statement.state in (StatementState.RELEASED, StatementState.WITHDRAWN))
            for release in made:
                run = records.get(db, Approval, release.approval_id)
                writers = {revision.by for revision in texts.revisions(db, statement.id)}
                yes = {
                    vote.person_id
                    for vote in records.find(db, Vote, approval_id=run.id)
                    if vote.kind is VoteKind.APPROVE and vote.hash == release.hash
                }
                assert hash_to_approve(statement, release.text) == release.hash == run.hash
                assert release.title == statement.title
                assert len(yes - writers) >= run.needed

    @invariant()
    def what_counts_as_approved_is_approved_as_it_stands(self) -> None:
        with self.world.desk.reading() as db:
            statement = records.get(db, Statement, self.statement.id)
            runs = texts.approvals(db, statement.id)
            alive = [run for run in runs if run.state in (ApprovalState.OPEN, ApprovalState.APPROVED)]
            text = texts.revision(db, statement.id, statement.revision).text
        if statement.state in (StatementState.IN_REVIEW, StatementState.APPROVED):
            (run,) = alive
            assert run.hash == hash_to_approve(statement, text)
            wanted = ApprovalState.OPEN if statement.state is StatementState.IN_REVIEW else ApprovalState.APPROVED
            assert run.state is wanted
        elif statement.state is StatementState.DRAFT:
            assert alive == []


def test_what_went_out_is_what_was_approved_whatever_people_did(world: World) -> None:
    machine = type("Machine", (Desk,), {"world": world})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
