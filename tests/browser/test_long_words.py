"""Whatever people write, no page grows wider than the screen: an address in a fact must not push “Approve” off a phone.

Every page of an incident in which each text carries a word of 180 letters, in a real browser, at a desk and on a phone.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from crisis.content.library import Library
from crisis.core.people import Person
from crisis.flows import people
from crisis.web.app import create_app
from tests.web.test_visibility import Laid, lay_case
from tests.world import Clock, World, add_recipient, add_source, lay_out, open_desk

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
if CHROMIUM is None:
    if os.environ.get("CI"):
        raise RuntimeError("no Chromium: CI must install one, browser tests are not skipped there")
    pytest.skip("no Chromium on this machine (CHROMIUM=path names one): browser tests skipped", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

LONG = "https://example.com/" + "W" * 160
# Parts that lie beyond the right edge of the page, or of the table that holds them. What scrolls by itself on purpose
# (tabs, tables of a phone) and what only a screen reader sees is left out.
WIDE = """(width) => {
    const all = (what) => [...document.querySelectorAll(what)];
    const over = (e) => e.getBoundingClientRect().right > width + 1 && e.checkVisibility();
    const page = document.documentElement.scrollWidth <= width + 1 ? []
        : all("main *, .inc *").filter((e) => over(e) && !e.closest(".scroll, .tabs, .vh, .tip"));
    const inner = width < 900 ? [] : all(".scroll, .panel .in").filter((e) => e.scrollWidth > e.clientWidth + 2);
    return [...page, ...inner].map((e) => e.outerHTML.replace(/W+/g, "W…").slice(0, 160)).slice(0, 3);
}"""


@pytest.fixture
def laid(sqlite_template: Path, tmp_path: Path, content: Library) -> Iterator[tuple[World, Laid, str]]:
    """A desk with one incident whose texts all carry the long word, served on a port of its own."""
    shutil.copy(sqlite_template, tmp_path / "desk.sqlite")
    clock = Clock()
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.sqlite'}", home=tmp_path, content=content, clock=clock)
    world = lay_out(desk, clock)
    source = add_source(desk, url=LONG, name=LONG)
    add_recipient(desk, LONG, f"{'w' * 60}@example.com")
    case = lay_case(world, LONG)
    app = create_app(desk)
    neutral = {
        "source_id": [source.id],
        "person_id": [world.wang.id],
        "audience": ["customers"],
        "lang": ["zh"],
        "old": [1],
        "new": [2],
    }
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield world, Laid(world=world, app=app, cases={"open": case}, neutral=neutral), f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    desk.database.close()


def cookie(world: World, person: Person, url: str) -> dict[str, str]:
    with world.desk.transaction() as db:
        return {"name": "desk", "value": people.open_session(db, person, now=world.desk.real_now()), "url": url}


def test_a_long_word_makes_no_page_wider_than_the_screen(laid: tuple[World, Laid, str]) -> None:
    world, pages, url = laid
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        found = []
        for person, width, lang in (
            (world.lin, 1280, "en"),
            (world.lin, 390, "zh"),
            (world.shen, 390, "en"),
            (world.zhou, 1280, "zh"),
        ):
            context = opened.new_context(viewport={"width": width, "height": 844}, is_mobile=width < 900)
            context.add_cookies([cookie(world, person, url)])
            page = context.new_page()
            page.goto(f"{url}/me?lang={lang}")
            for path in sorted(
                {path for path, *_ in pages.urls("GET")} | {f"/search?q={LONG}", "/sources/new?form=watched"}
            ):
                answer = (
                    context.request.get(url + path)
                    if path.endswith((".csv", ".atom")) or "/evidence/" in path
                    else page.goto(url + path)
                )
                assert answer.status < 500, path
                if page.url == url + path:
                    found += [f"{width} {path.replace('W' * 160, 'W…')}: {part}" for part in page.evaluate(WIDE, width)]
            context.close()
        opened.close()

    assert not found, "\n".join(found)
