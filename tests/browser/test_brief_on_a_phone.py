"""The brief and the scores of a draft on a phone: times, numbers, names and labels are not broken in two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crisis.core.case import FactStatus
from crisis.flows import facts, responses
from crisis.flows.facts import NewFact
from tests.browser.test_long_words import playwright
from tests.browser.test_seen_and_reached import browser as browser
from tests.browser.test_seen_and_reached import kind as kind
from tests.browser.test_seen_and_reached import sign_in
from tests.browser.test_seen_and_reached import url as url
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

# Words of these parts that stand on more than one line.
BROKEN = """(parts) => [...document.querySelectorAll(parts)].flatMap((e) => {
    const node = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), found = [];
    while (node.nextNode()) for (const word of node.currentNode.data.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(node.currentNode, word.index);
        range.setEnd(node.currentNode, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((at) => Math.round(at.top))).size > 1) found.push(word[0]);
    }
    return found;
})"""


def test_what_is_read_at_a_glance_stands_on_one_line(world: World, url: str, browser: playwright.Browser) -> None:
    incident = world.incident()
    due = world.clock() + timedelta(hours=30)
    claim = "One user has burned hands and is under observation in the third hospital of the city"
    for status in (FactStatus.CONFIRMED, FactStatus.UNCONFIRMED):
        typed = NewFact(claim_zh="两人受伤", claim_en=claim, source="李蓝", as_of=world.clock(), status=status)
        facts.add(world.desk, incident.key, typed, by=world.lin)
    responses.promise(world.desk, incident.key, by=world.lin, text=claim, due_at=due, owner_id=world.lin.id)
    statement = world.draft(incident)
    room = f"{url}/i/{incident.key}"
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    context.add_cookies(sign_in(world, world.lin, url))
    page = context.new_page()
    broken = []
    for lang in ("en", "zh"):
        page.goto(f"{room}/brief?lang={lang}")
        broken += page.evaluate(BROKEN, ".brief td.nw" + (", .brief td" if lang == "en" else ""))
        page.goto(f"{room}/statements/{statement.number}?lang={lang}")
        broken += page.evaluate(BROKEN, ".p4 summary")
    context.close()

    assert broken == []
