"""A draft is written in the characters of the region, the page says which, and an officer can choose others."""

from __future__ import annotations

import re

from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World


def drafted(world: World, regions: list[str], lang: str = "en", **form: str) -> str:
    """The studio page of a draft made on the page of the statements of an incident in these regions."""
    incident = world.incident(regions=regions)
    browser = Browser(create_app(world.desk), world.desk, world.lin)
    browser.get(f"/?lang={lang}")
    given = {"form": "draft", "audience": "customers", "kind": "holding", "lang": "zh", "script": "", **form}
    answer = browser.post(f"/i/{incident.key}/statements", given, follow_redirects=True)
    return answer.text


def test_a_draft_for_taiwan_is_in_traditional_characters_and_the_page_says_so(world: World) -> None:
    shown = drafted(world, ["台北"])

    assert "<span>traditional characters</span>" in shown
    assert re.search(r'class="tx" lang="zh-Hant">[^<]*我們理解大家的擔心', shown)
    assert "首份聲明（顧客）" in shown
    assert "拿不準" in shown or "撥打" in shown


def test_a_draft_for_hangzhou_is_in_simplified_characters(world: World) -> None:
    shown = drafted(world, ["杭州"], "zh")

    assert "<span>简体</span>" in shown
    assert re.search(r'class="tx" lang="zh-Hans">[^<]*我们理解大家的担心', shown)


def test_an_officer_chooses_the_characters_and_an_unknown_choice_is_refused(world: World) -> None:
    assert "<span>traditional characters</span>" in drafted(world, ["杭州"], script="zh-Hant-HK")
    assert "<span>simplified characters</span>" in drafted(world, ["台北"], script="zh-Hans")
    assert "Draft it from the ledger" in drafted(world, ["杭州"], script="Klingon")
