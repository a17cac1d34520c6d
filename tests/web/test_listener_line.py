"""Readiness and Sources say which process listens, and when none does, in both languages."""

from __future__ import annotations

import pytest

from crisis.core.lease import LASTS, Claimant
from crisis.flows import listener
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World

ME = Claimant(host="desk-1", number=4711)
PAGES = ("/setup", "/sources")


@pytest.mark.parametrize(
    ("lang", "runs", "over", "never"),
    [
        (
            "en",
            "Process 4711 on desk-1 listens.",
            "Nobody listens now: process 4711 on desk-1 was the last.",
            "No process has listened yet.",
        ),
        (
            "zh",
            "由 desk-1 上的进程 4711 监测；",
            "现在没有进程在监测；上一个是 desk-1 上的进程 4711。",
            "还没有进程监测过。",
        ),
    ],
)
def test_both_pages_say_which_process_listens(world: World, lang: str, runs: str, over: str, never: str) -> None:
    browser = Browser(create_app(world.desk), world.desk, world.wu)

    def pages() -> list[str]:
        return [browser.get(f"{path}?lang={lang}").get_data(as_text=True) for path in PAGES]

    assert all(never in page for page in pages())
    listener.claim(world.desk, ME, lives=lambda number: True)
    assert all(runs in page for page in pages())
    world.clock.pass_by(LASTS)
    assert all(over in page for page in pages())


def test_a_desk_that_nobody_listens_for_is_not_ready(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk, world.wu)

    assert "Nobody listens" in browser.get("/setup?lang=en").get_data(as_text=True)
    listener.claim(world.desk, ME, lives=lambda number: True)
    assert "Nobody listens" not in browser.get("/setup?lang=en").get_data(as_text=True)
