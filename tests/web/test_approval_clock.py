"""The approval page says whether time is left or over, and what one has voted, before anything else."""

from __future__ import annotations

from datetime import timedelta

from crisis.core.approval import Approval
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World


def clock_of(world: World, approval: Approval, lang: str) -> str:
    shown = Browser(create_app(world.desk), world.desk, world.shen).get(f"/approve/R-{approval.id}?lang={lang}").text
    return shown.partition('<section class="pclock')[2].partition("</section>")[0]


def test_time_that_is_over_is_not_shown_as_time_that_is_left(world: World) -> None:
    incident = world.room()
    approval = world.submitted(incident, world.draft(incident))
    assert "late, was due" not in clock_of(world, approval, "en")

    world.clock.pass_by(timedelta(minutes=20))

    english, chinese = clock_of(world, approval, "en"), clock_of(world, approval, "zh")
    assert english.startswith(" over") and "late, was due" in english
    assert "this text has not gone out. It can still be approved." in english
    assert "逾期" in chinese and "这份没有发出去，现在仍可以批。" in chinese
    assert "Then nothing goes out" not in english


def test_what_one_has_voted_stands_at_the_top(world: World) -> None:
    incident = world.room()
    approval = world.submitted(incident, world.draft(incident))

    world.yes(approval, world.shen)

    assert "You have voted: approved" in clock_of(world, approval, "en")
    assert "You have voted" not in clock_of(
        world, world.submitted(incident, world.draft(incident, title="另一份")), "en"
    )
