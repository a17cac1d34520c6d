"""The audience plan on a phone, without script: who is told first, by when and what is missing in one screen; the rest
unfolds."""

from __future__ import annotations

import pytest

from tests.browser.test_long_words import playwright
from tests.browser.test_seen_and_reached import browser as browser
from tests.browser.test_seen_and_reached import kind as kind
from tests.browser.test_seen_and_reached import sign_in
from tests.browser.test_seen_and_reached import url as url
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_plan_is_one_screen_on_a_phone(world: World, url: str, browser: playwright.Browser, lang: str) -> None:
    incident = world.incident(regions=("杭州", "温州"))
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, java_script_enabled=False)
    context.add_cookies(sign_in(world, world.lin, url))
    page = context.new_page()

    page.goto(f"{url}/i/{incident.key}/audiences?lang={lang}")

    plan = page.locator("#plan .lines").bounding_box()
    first = page.locator("#plan summary").first
    assert plan is not None and plan["height"] < 844 - 100
    assert first.locator(".due").is_visible() and first.locator("b").is_visible()
    assert not page.locator("table.mx").is_visible() and not page.locator("#coverage").is_visible()
    assert not page.locator("#plan dl").first.is_visible()
    first.click()
    assert page.locator("#plan dl").first.is_visible()
    context.close()


def test_on_a_desktop_the_plan_stays_a_table(world: World, url: str, browser: playwright.Browser) -> None:
    incident = world.incident()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(sign_in(world, world.lin, url))
    page = context.new_page()

    page.goto(f"{url}/i/{incident.key}/audiences")

    assert page.locator("table.mx").is_visible() and not page.locator("#plan .lines").is_visible()
    context.close()
