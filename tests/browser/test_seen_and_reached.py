"""What tired eyes and a keyboard need: every text and control stands out in both colour schemes, every stop of the Tab
key shows that it has the focus. Figures are WCAG 2.2, 1.4.3 and 1.4.11 (2023): 4.5:1, large text and controls 3:1."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from crisis.core.people import Person
from crisis.flows import people
from crisis.web.app import create_app
from tests.browser.test_long_words import CHROMIUM, playwright
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

FAINT = (Path(__file__).parent / "faint.js").read_text()
# The stop that has the focus, when nothing shows it: no outline of its own or of the field that frames it. Within a
# field of a time the browser rings its own button.
UNSEEN = """() => {
    const e = document.activeElement, ring = getComputedStyle(e.closest(".find") || e), at = e.getBoundingClientRect();
    if (e === document.body) return "end";
    const button = e.type === "datetime-local" && !e.matches(":focus-visible");
    const seen = (button || ring.outlineStyle !== "none") && at.bottom > 0 && at.top < innerHeight && at.width > 1;
    return seen ? "" : e.outerHTML.slice(0, 120);
}"""


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def url(world: World) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(world.desk), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def sign_in(world: World, person: Person, url: str) -> list[dict[str, str]]:
    with world.desk.transaction() as db:
        token = people.open_session(db, person, now=world.desk.real_now())
    return [{"name": "desk", "value": token, "url": url}, {"name": "lang", "value": "en", "url": url}]


def places(world: World) -> list[tuple[Person, str]]:
    story, incident = world.story("温州经销商来电：有人要求退货"), world.incident()
    statement = world.draft(incident)
    approval = world.submitted(incident, world.draft(incident, title="致用户"))
    room = f"/i/{incident.key}"
    own = (
        f"/inbox/S-{story.id}",
        room,
        f"{room}/audiences/victims",
        f"{room}/facts",
        f"{room}/statements/{statement.number}",
        "/sources",
    )
    return [*((world.lin, place) for place in own), (world.wang, f"/approve/R-{approval.id}"), (world.wu, "/setup")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_and_control_stands_out(world: World, url: str, browser: playwright.Browser, scheme: str) -> None:
    faint = []
    for person, place in places(world):
        with browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}) as context:
            context.add_cookies(sign_in(world, person, url))
            page = context.new_page()
            page.goto(url + place)
            faint += [f"{place}: {what}" for what in page.evaluate(FAINT)]
            page.evaluate("document.querySelectorAll('.decide details').forEach((part) => { part.open = true; })")
            faint += [f"{place}, opened: {what}" for what in page.evaluate(FAINT)]

    assert faint == []


def test_every_stop_of_the_tab_key_can_be_seen(world: World, url: str, browser: playwright.Browser) -> None:
    unseen = []
    for person, place in places(world):
        with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            context.add_cookies(sign_in(world, person, url))
            page = context.new_page()
            page.goto(url + place)
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            for _ in range(200):
                what = page.evaluate(UNSEEN)
                if what == "end":
                    break
                unseen += [f"{place}: {what}"] if what else []
                page.keyboard.press("Tab")
            assert page.evaluate(UNSEEN) == "end", f"{place}: the focus does not come out"

    assert unseen == []


def test_the_skip_link_leads_past_the_frame(world: World, url: str, browser: playwright.Browser) -> None:
    with browser.new_context() as context:
        context.add_cookies(sign_in(world, world.lin, url))
        page = context.new_page()
        page.goto(f"{url}/i/{world.incident().key}")

        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate("!!document.activeElement.closest('main')")


def test_on_a_phone_the_tab_that_is_open_is_in_sight(world: World, url: str, browser: playwright.Browser) -> None:
    room = f"{url}/i/{world.room().key}"
    with browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True) as context:
        context.add_cookies(sign_in(world, world.lin, url))
        page = context.new_page()
        for place in ("", "/publish", "/promises", "/log"):
            page.goto(room + place)
            at = page.locator(".tabs [aria-current]").bounding_box()
            assert at is not None
            assert 0 <= at["x"] <= 390 - at["width"], place
