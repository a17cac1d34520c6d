"""A listed company tells the exchange first: until the room says that it has, material news blocks a statement."""

from __future__ import annotations

from dataclasses import replace

from crisis.core.incident import Incident
from crisis.core.matter import Matter
from crisis.core.statement import Statement
from crisis.flows import incidents, setup, statements
from crisis.flows.desk import house
from tests.world import World, entry_about

LOSS = "燃气灶5号已停售，预计亏损两千万元。\n请致电 400-820-0000 办理退款。\n今天18:00在本页再次通报。\n"


def listed(world: World) -> None:
    with world.desk.reading() as db:
        home = house(db)
    assert home is not None
    setup.save_house(world.desk, replace(home, listed=True), by=None)


def filed(world: World, incident: Incident, value: bool, *, since: int) -> None:
    incidents.set_gate(
        world.desk, incident.key, by=world.lin, gate="filed", value=value, reason="公告 2026-041，09:05", since=since
    )


def blocks(world: World, incident: Incident, statement: Statement) -> set[str]:
    report = statements.recheck(world.desk, incident.key, statement.number, by=world.lin)
    return {finding.check for finding in report.findings if finding.severity == "block"}


def test_material_news_of_a_listed_company_blocks_until_it_is_filed(world: World) -> None:
    listed(world)
    incident = world.room()
    statement = world.draft(incident, text=LOSS)

    assert "SC51" in blocks(world, incident, statement)

    filed(world, incident, True, since=0)
    assert "SC51" not in blocks(world, incident, statement)


def test_news_that_came_after_the_filing_blocks_again_when_the_room_says_so(world: World) -> None:
    listed(world)
    incident = world.room()
    statement = world.draft(incident, text=LOSS)
    filed(world, incident, True, since=0)
    filed(world, incident, False, since=entry_about(world.desk, incident, Matter.FILED))

    assert "SC51" in blocks(world, incident, statement)


def test_a_company_that_is_not_listed_files_nothing_first(world: World) -> None:
    incident = world.room()

    assert "SC51" not in blocks(world, incident, world.draft(incident, text=LOSS))
