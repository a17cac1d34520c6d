"""The labels on the rail stand whole at every hour of an incident, on a phone as at a desk, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crisis.flows import responses
from tests.browser.test_long_words import playwright
from tests.browser.test_seen_and_reached import browser as browser
from tests.browser.test_seen_and_reached import kind as kind
from tests.browser.test_seen_and_reached import sign_in
from tests.browser.test_seen_and_reached import url as url
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

PROMISE = "在 18:00 之前向全体受影响的家庭、经销商和浙江省市场监督管理局说明停售范围、检测进度与联系方式，并逐户回访"
# Labels of which a part lies beyond the screen or the rail, over another one, or is left out for want of room.
CUT = """() => {
    const rail = document.querySelector("nav.rail").getBoundingClientRect();
    const shown = [...document.querySelectorAll(".rail .tick-l, .rail .now b")].filter((e) => e.checkVisibility());
    return shown.filter((e) => {
        const at = e.getBoundingClientRect(), beyond = at.left < 0 || at.right > innerWidth || at.bottom > rail.bottom;
        const over = shown.some((o) => o !== e && !e.closest(".now") && !o.closest(".now")
            && o.getBoundingClientRect().left < at.right - 1 && at.left < o.getBoundingClientRect().right - 1);
        return beyond || over || e.scrollWidth > e.clientWidth;
    }).map((e) => e.textContent);
}"""


def test_labels_on_the_rail_are_not_cut_off(world: World, url: str, browser: playwright.Browser) -> None:
    incident = world.incident()
    due = world.clock() + timedelta(hours=30)
    responses.promise(world.desk, incident.key, by=world.lin, text=PROMISE, due_at=due, owner_id=world.lin.id)
    cut = []
    for hours in (0.3, 0.8, 1.1, 2.5, 9.9, 31, 300):
        world.clock.at = incident.t0_at + timedelta(hours=hours)
        for width in (320, 390, 1280):
            context = browser.new_context(viewport={"width": width, "height": 844}, is_mobile=width < 900)
            context.add_cookies(sign_in(world, world.lin, url))
            page = context.new_page()
            for lang in ("zh", "en"):
                page.goto(f"{url}/i/{incident.key}?lang={lang}")
                cut += [f"T+{hours} h, {width} px, {lang}: {label}" for label in page.evaluate(CUT)]
            context.close()

    assert not cut, "\n".join(cut)


def test_what_was_kept_is_a_disc_on_the_rail(world: World, url: str, browser: playwright.Browser) -> None:
    incident = world.incident()
    due = world.clock() + timedelta(hours=3)
    made = responses.promise(world.desk, incident.key, by=world.lin, text=PROMISE, due_at=due, owner_id=world.lin.id)
    responses.keep_promise(world.desk, incident.key, made.id, by=world.lin, words="已通报", kept=True)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_cookies(sign_in(world, world.lin, url))
        page = context.new_page()
        page.goto(f"{url}/i/{incident.key}")

        at = page.locator(".tick.kept").bounding_box()

    assert at is not None
    assert (at["width"], at["height"]) == (12, 12)
