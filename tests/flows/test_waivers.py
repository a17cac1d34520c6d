"""A waiver lets pass what somebody has seen, under their name, and nothing graver."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisis.core.checks import Finding
from crisis.core.incident import Incident
from crisis.core.matter import Matter
from crisis.core.people import Person
from crisis.core.statement import Statement, Waiver
from crisis.errors import Invalid, NotPermitted, WrongState
from crisis.flows import incidents, statements
from crisis.store import statements as texts
from tests.readers import reading_like
from tests.world import World, entry_about

# Nobody is comforted: SC01 is high, and blocks as soon as somebody is hurt.
COLD = "燃气灶5号已停售。\n请致电 400-820-0000 办理退款或换货。\n今天18:00在本页再次通报。\n星炉炊具\n"


def written(world: World, text: str) -> tuple[Incident, Statement]:
    incident = world.room()
    return incident, world.draft(incident, text=text)


def findings(world: World, incident: Incident, statement: Statement) -> dict[str, Finding]:
    report = statements.recheck(world.desk, incident.key, statement.number, by=world.lin)
    return {finding.check: finding for finding in report.findings}


def waive(
    world: World, incident: Incident, statement: Statement, check: str, quote: str = "", *, by: Person | None = None
) -> Waiver:
    return statements.waive(
        world.desk,
        incident.key,
        statement.number,
        by=by or world.lin,
        check_id=check,
        quote=quote,
        reason="we say it by phone",
    )


def hurt(world: World, incident: Incident) -> None:
    incidents.set_gate(
        world.desk, incident.key, by=world.lin, gate="injury", value=True, reason="the hospital called", since=0
    )


def test_what_was_waived_as_advice_blocks_when_it_has_become_graver(world: World) -> None:
    incident, statement = written(world, COLD)
    assert findings(world, incident, statement)["SC01"].severity == "high"
    waive(world, incident, statement, "SC01")
    hurt(world, incident)

    with pytest.raises(Invalid, match="blocking_findings"):
        world.submitted(incident, statement)

    assert waive(world, incident, statement, "SC01").severity == "block"
    world.submitted(incident, statement)


def test_what_was_waived_as_blocking_stays_waived_when_it_is_less_grave(world: World) -> None:
    incident, statement = written(world, COLD)
    hurt(world, incident)
    waive(world, incident, statement, "SC01")
    since = entry_about(world.desk, incident, Matter.INJURY)
    incidents.set_gate(
        world.desk, incident.key, by=world.lin, gate="injury", value=False, reason="it was a rumour", since=since
    )

    with world.desk.reading() as db:
        waivers = texts.waivers(db, statement.id)
    report = statements.recheck(world.desk, incident.key, statement.number, by=world.lin)
    stands = statements.standing(report, world.text_of(statement), waivers)
    assert "SC01" in {finding.check for finding in report.findings}
    assert "SC01" not in {finding.check for finding in stands}


def test_a_guess_is_not_waived_so_it_silences_nothing_that_is_found_later(world: World) -> None:
    guessing = replace(
        world, desk=replace(world.desk, content=reading_like(world.desk.content, {"18:00": {"SC06": -1.0}}))
    )
    incident, statement = written(guessing, COLD)
    assert findings(guessing, incident, statement)["SC06"].guess

    with pytest.raises(WrongState, match="finding is gone"):
        waive(guessing, incident, statement, "SC06")


def test_what_is_not_found_is_not_waived_in_advance(world: World) -> None:
    incident, statement = written(world, COLD)

    with pytest.raises(WrongState, match="finding is gone"):
        waive(world, incident, statement, "SC15", "用户使用不当")


def test_words_over_two_lines_are_waived_as_a_form_sends_them(world: World) -> None:
    incident, statement = written(world, "我们对此深表抱歉。\n可大家也应该先看说明书。\n")
    found = findings(world, incident, statement)["SC09"]
    quote = world.text_of(statement)[found.start : found.end]
    assert "\n" in quote

    assert waive(world, incident, statement, "SC09", quote.replace("\n", "\r\n")).quote == quote


def test_what_blocks_is_waived_by_the_lead_or_an_executive_and_advice_by_whoever_drafts(world: World) -> None:
    incident, statement = written(world, COLD)
    # Zhou drafts as Lin does, but Lin leads.
    assert waive(world, incident, statement, "SC01", by=world.zhou).severity == "high"
    hurt(world, incident)

    with pytest.raises(NotPermitted, match="blocking finding"):
        waive(world, incident, statement, "SC01", by=world.zhou)
    with pytest.raises(Invalid, match="blocking_findings"):
        world.submitted(incident, statement)
    assert waive(world, incident, statement, "SC01", by=world.shen).by == world.shen.id
    assert waive(world, incident, statement, "SC01").by == world.lin.id


def test_whoever_takes_over_the_lead_may_waive_and_who_gave_it_away_may_not(world: World) -> None:
    incident, statement = written(world, COLD)
    hurt(world, incident)
    incidents.set_owner(world.desk, incident.key, by=world.lin, owner_id=world.zhou.id, reason="night shift", since=0)

    with pytest.raises(NotPermitted, match="blocking finding"):
        waive(world, incident, statement, "SC01")
    assert waive(world, incident, statement, "SC01", by=world.zhou).severity == "block"


@pytest.mark.parametrize("short", ["he", "li", "wu", "anna"])
def test_who_neither_drafts_nor_approves_waives_nothing(world: World, short: str) -> None:
    incident, statement = written(world, COLD)

    with pytest.raises(NotPermitted):
        waive(world, incident, statement, "SC01", by=getattr(world, short))
