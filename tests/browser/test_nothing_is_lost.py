"""Nothing typed is ever lost: the desk is killed, the session ends, a button is pressed twice, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from werkzeug.serving import BaseWSGIServer, make_server

from crisis.flows import incidents as flow
from crisis.store import incidents, schema
from crisis.web.app import create_app
from tests.browser.test_long_words import CHROMIUM, cookie
from tests.world import World

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]
WORDS = "楼下店里问：到底哪一批？"


class Line:
    """The desk at one address, which can be cut off and come back."""

    def __init__(self, world: World) -> None:
        self._app = create_app(world.desk)
        self._server: BaseWSGIServer | None = None
        self.port = 0
        self.come_back()

    def come_back(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self.port = self._server.port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def cut(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    served = Line(world)
    yield served
    served.cut()


@pytest.fixture
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def seat(browser: Any, world: World, line: Line, path: str, *, script: bool = True) -> Any:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=script)
    context.add_cookies([cookie(world, world.lin, line.url)])
    page = context.new_page()
    page.goto(line.url + path)
    return page


def sign_out_everywhere(world: World) -> None:
    with world.desk.transaction() as db:
        db.execute(delete(schema.session))


def said(world: World, key: str) -> list[str]:
    with world.desk.reading() as db:
        incident = incidents.by_key(db, key, person=world.lin)
        return [
            row.said for row in db.execute(schema.response.select().where(schema.response.c.incident_id == incident.id))
        ]


def fill_in(page: playwright.Page) -> None:
    """A response as an officer enters it: nothing of it is chosen beforehand."""
    page.locator("#say-audience").select_option("customers")
    page.locator('#say [name="stance"][value="-1"]').check()
    page.locator("#say-said").fill(WORDS)
    if page.locator("select#say-region").count():
        page.locator("select#say-region").select_option("")


def test_while_the_desk_is_down_a_form_stays_on_its_page_and_goes_when_it_is_back(
    browser: Any, world: World, line: Line, tmp_path: Path
) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}/audiences?lang=en")
    fill_in(page)

    line.cut()
    page.locator("#say button").click()
    page.locator("#offline").wait_for(state="visible")
    assert page.locator("#say-said").input_value() == WORDS
    assert page.locator("#offline").inner_text().startswith("The desk cannot be reached since")

    line.come_back()
    with page.expect_navigation():
        page.locator("#say button").click()
    assert said(world, incident.key) == [WORDS]


def test_whose_session_has_ended_signs_in_in_another_window_and_presses_again(
    browser: Any, world: World, line: Line
) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}/audiences?lang=zh")
    fill_in(page)

    sign_out_everywhere(world)
    page.locator("#say button").click()
    page.locator("#signed-out").wait_for(state="visible")
    assert page.locator("#say-said").input_value() == WORDS

    # Somebody else at this browser is not taken for the one who typed.
    page.context.add_cookies([cookie(world, world.zhou, line.url)])
    page.locator("#say button").click()
    page.locator("#signed-out").wait_for(state="visible")
    assert said(world, incident.key) == []

    page.context.add_cookies([cookie(world, world.lin, line.url)])
    with page.expect_navigation():
        page.locator("#say button").click()
    assert said(world, incident.key) == [WORDS]


def test_what_the_desk_would_refuse_for_its_size_stays_on_its_page(browser: Any, world: World, line: Line) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}/audiences?lang=en")
    fill_in(page)
    page.locator("#say-said").evaluate("(field) => { field.value = '灶'.repeat(500000); }")

    page.locator("#say button").click()

    page.locator("#too-large").wait_for(state="visible")
    assert page.locator("#say-audience").input_value() == "customers"
    page.locator("#say-said").fill(WORDS)
    with page.expect_navigation():
        page.locator("#say button").click()
    assert said(world, incident.key) == [WORDS]


def test_without_script_the_page_that_refuses_shows_what_was_typed(browser: Any, world: World, line: Line) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}/audiences?lang=en", script=False)
    fill_in(page)

    sign_out_everywhere(world)
    with page.expect_navigation():
        page.locator("#say button").click()

    assert page.locator(".kept").inner_text() == WORDS
    assert f"next=/i/{incident.key}/audiences" in page.locator("main .note a").first.get_attribute("href")


def test_a_button_that_is_pressed_twice_sends_once(browser: Any, world: World, line: Line) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}/audiences")
    fill_in(page)

    with page.expect_navigation():
        page.locator("#say button").dblclick()
    page.wait_for_load_state()

    assert said(world, incident.key) == [WORDS]


def test_a_draft_stays_in_the_browser_until_a_newer_one_shows_that_it_has_arrived(
    browser: Any, world: World, line: Line
) -> None:
    incident = world.incident()
    statement = world.draft(incident)
    path = f"/i/{incident.key}/statements/{statement.number}"
    page = seat(browser, world, line, f"{path}?edit=1")
    page.locator("textarea.text").fill(WORDS)

    line.cut()
    page.locator("form:has(textarea.text) button.p").click()
    page.locator("#offline").wait_for(state="visible")
    line.come_back()
    page.goto(f"{line.url}{path}?edit=1")
    page.locator("#kept button").click()
    assert page.locator("textarea.text").input_value() == WORDS

    with page.expect_navigation():
        page.locator("form:has(textarea.text) button.p").click()
    page.goto(f"{line.url}{path}?edit=1")
    assert page.locator("textarea.text").input_value().strip() == WORDS
    assert not page.locator("#kept").is_visible()


MINUTE = 61_000


@pytest.mark.parametrize("script", [True, False])
def test_a_page_that_is_loaded_anew_leaves_alone_who_writes_in_it(
    browser: Any, world: World, line: Line, script: bool
) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}", script=script)
    if script:
        page.clock.install()
        page.reload()
    assert not page.locator("meta[http-equiv=refresh]").count()
    page.locator("#situation summary").click()
    page.locator("#situation-situation").fill(WORDS)
    if script:
        for _ in range(3):
            page.clock.run_for(MINUTE)
            page.wait_for_timeout(200)

    assert page.locator("#situation-situation").input_value() == WORDS


def test_a_page_in_which_nobody_writes_or_reads_shows_after_a_minute_what_others_did(
    browser: Any, world: World, line: Line
) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}")
    page.clock.install()
    page.reload()
    flow.write_entry(world.desk, incident.key, by=world.zhou, words=WORDS)

    page.locator(".inc details.why > summary.chip").click()
    page.clock.run_for(MINUTE)
    page.wait_for_timeout(300)
    assert not page.get_by_text(WORDS).count()

    page.locator(".inc details.why > summary.chip").click()
    with page.expect_navigation():
        page.clock.run_for(MINUTE)
    assert page.get_by_text(WORDS).count() == 1


def test_a_page_that_would_be_loaded_anew_stays_when_the_desk_is_down(browser: Any, world: World, line: Line) -> None:
    incident = world.incident()
    page = seat(browser, world, line, f"/i/{incident.key}?lang=en")
    page.clock.install()
    page.reload()

    line.cut()
    page.clock.run_for(MINUTE)

    page.locator("#offline").wait_for(state="visible")
    assert page.locator("h1").inner_text() == incident.title
