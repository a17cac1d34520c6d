"""A suggestion that is accepted changes the organisation and nothing else."""

from __future__ import annotations

from crisis.flows import setup, watches
from crisis.flows.desk import house as kept_house
from monitors.suggest import Why
from tests.flows.at_once import at_once
from tests.world import World, house


def test_two_who_change_the_house_at_once_lose_neither_change(world: World) -> None:
    answers = at_once(
        lambda: watches.accept(world.desk, "Sternherd", by=world.wu, why=Why.MISSPELLING),
        lambda: watches.accept(world.desk, "Sternherde", by=world.wu, why=Why.NAMESAKE),
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    with world.desk.reading() as db:
        home = kept_house(db)
    assert home is not None
    assert "Sternherd" in home.organisation.aliases and "Sternherde" in home.organisation.exclude


def test_an_accepted_suggestion_leaves_what_was_set_up_before_it(world: World) -> None:
    setup.save_house(world.desk, house(hotline="400-111-2222"), by=world.wu)

    watches.accept(world.desk, "Sternherd", by=world.wu, why=Why.MISSPELLING)

    with world.desk.reading() as db:
        home = kept_house(db)
    assert home is not None
    assert (home.hotline, home.organisation.aliases[-1]) == ("400-111-2222", "Sternherd")
