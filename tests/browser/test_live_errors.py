"""What is wrong with a query of a watch is said while it is being written, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.test_long_words import CHROMIUM, cookie
from tests.browser.test_nothing_is_lost import Line
from tests.world import World

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]


@pytest.fixture
def editor(world: World) -> Iterator[Any]:
    """The page of a new watch, in English."""
    line = Line(world)
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = opened.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([cookie(world, world.wu, line.url)])
        page = context.new_page()
        page.goto(f"{line.url}/sources/watches/new?lang=en")
        yield page
        opened.close()
    line.cut()


def test_errors_stand_below_a_query_while_it_is_written_and_go_with_their_cause(editor: Any) -> None:
    problems, query = editor.locator("#problems"), editor.locator("#watch-query")
    assert not problems.is_visible()

    query.press_sequentially("星炉 AND （爆炸 OR")
    editor.get_by_text("It cannot be watched yet").wait_for()
    assert "column" in problems.inner_text()
    # Nothing was pressed and nothing saved: the page is the one that was opened, the text as it was typed.
    assert query.input_value() == "星炉 AND （爆炸 OR" and editor.url.endswith("/sources/watches/new?lang=en")

    query.press_sequentially(" 泄漏）")
    editor.get_by_text("Nothing is wrong with it.").wait_for()

    query.fill("")
    problems.wait_for(state="hidden")
