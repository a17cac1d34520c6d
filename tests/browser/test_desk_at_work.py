"""The whole way of a mention, played in a real browser: as officer, executives and regional office, in both languages.

Nothing is faked: `crisis serve` runs as its own process, its loopback server publishes the drill's feeds, Chromium
clicks. The clock is moved by the page's own control.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ROOT = Path(__file__).resolve().parents[2]
PICTURES = os.environ.get("CRISIS_PICTURES")

if CHROMIUM is None:
    if os.environ.get("CI"):
        raise RuntimeError("no Chromium: CI must install one, browser tests are not skipped there")
    pytest.skip("no Chromium on this machine (CHROMIUM=path names one): browser tests skipped", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]


# What a thumb presses on a phone and is lower than 44 px.
LOW = """[...document.querySelectorAll("button, .btn, .field, label.c, .mark, .lang a, .gnav a, .tabs a, .side li a")]
    .filter((e) => e.offsetHeight && e.offsetHeight < 44).map((e) => e.outerHTML.slice(0, 120))"""
# Links with a line that a thumb does not reach 21 px above and below its middle: text that runs on below a link lies
# over it, and a link that wraps has lines of its own.
SHORT = """[...document.querySelectorAll("main a, main summary, .inc summary")]
    .filter((e) => e.checkVisibility() && e.offsetHeight && !e.closest(".vh, .tick, .now")).flatMap((e) => {
        const reached = (x, y) => e.contains(document.elementFromPoint(x, y));
        return [...e.getClientRects()].map((_, i) => {
            e.scrollIntoView({ block: "center", inline: "center" });
            const r = e.getClientRects()[i], x = r.left + r.width / 2, y = r.top + r.height / 2;
            return r.width < 8 || [-21, 0, 21].every((d) => reached(x, y + d)) ? "" : e.outerHTML.slice(0, 120);
        }).filter((low) => low);
    })"""


class Served:
    """A sample desk in a process of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = home / "serve.log"
        self._out = self.log.open("w")
        env = {**os.environ, "CRISIS_HOME": str(home), "PORT": str(port), "PYTHONPATH": str(ROOT)}
        env.pop("CRISIS_DATABASE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crisis", "serve", "--sample"], env=env, stdout=self._out, stderr=subprocess.STDOUT
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1)
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(self.log.read_text())

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._out.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield opened
        opened.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    desk = Served(tmp_path)
    yield desk
    desk.stop()


def press(button) -> None:  # type: ignore[no-untyped-def]
    """Press what leads to another page, and wait until that page has come: a click alone returns before."""
    with button.page.expect_navigation():
        button.click()


class Seat:
    """Somebody at a browser: signed in by one click, in a language; every answer is watched for errors."""

    def __init__(self, browser, served: Served, name: str, lang: str, *, phone: bool = False, script: bool = True):  # type: ignore[no-untyped-def]
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 1000}
        self.context = browser.new_context(viewport=size, java_script_enabled=script)
        self.page = self.context.new_page()
        self.failures: list[str] = []
        self.messages: list[str] = []
        self.page.on("response", lambda r: self.failures.append(f"{r.status} {r.url}") if r.status >= 500 else None)
        self.page.on("console", lambda m: self.messages.append(m.text) if m.type == "error" else None)
        self.url = served.url
        self.lang = lang
        self.go(f"/sign-in?lang={lang}")
        press(self.page.get_by_role("button", name=name))

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def picture(self, name: str) -> None:
        if PICTURES:
            self.page.screenshot(
                path=f"{PICTURES}/{name}.{self.lang}.png", full_page=name not in ("approve", "confirm")
            )

    def heading(self) -> str:
        return str(self.page.locator(".decide h2").first.inner_text())


def _hear_the_story(seat: Seat) -> None:
    """Let the drill's clock jump from event to event until the story that names us stands in triage."""
    for _ in range(12):
        seat.go("/inbox")
        if seat.page.locator(".story").count():
            return
        press(seat.page.locator('.drillbar button[value="next"]'))
        for _ in range(20):
            time.sleep(0.25)
            seat.go("/inbox")
            if seat.page.locator(".story").count():
                return
    raise AssertionError("the story did not come")


@pytest.mark.parametrize(
    ("lang", "script"), [("zh", True), ("en", False)], ids=["in Chinese", "in English without JavaScript"]
)
def test_a_mention_becomes_a_released_statement_and_people_answer(browser, served: Served, lang: str, script: bool):  # type: ignore[no-untyped-def]
    officer = Seat(browser, served, "林筱", lang, script=script)
    page = officer.page
    _hear_the_story(officer)
    press(page.locator(".story").first)
    assert "爆炸" in page.locator(".read-h h2").inner_text()
    assert page.locator("mark.brand").count() and page.locator("mark.harm").count()
    officer.picture("triage")

    # Declared: room, owner, type with evidence, playbook with due times.
    page.locator("details.act > summary.btn.p").first.click()
    press(page.locator('form[action$="/declare"] button'))
    key = re.search(r"/i/(SG-\d{4}-\d\d)", page.url)
    assert key, page.url
    room = f"/i/{key.group(1)}"
    assert page.locator("#tasks tbody tr, #tasks table tr").count() > 10
    page.locator(".inc details.why > summary.chip").first.click()
    assert page.locator(".inc .pop .scores span").count() >= 15
    assert page.locator(".inc .pop table tr").count() >= 3
    officer.picture("room")

    # An officer overrules with a reason, and takes it back with another.
    for kind in ("media", "linear"):
        officer.go(room)
        page.locator(".inc details.why > summary.chip").first.click()
        page.locator(".inc details.act > summary").first.click()
        page.locator("#type-primary").select_option(kind)
        page.locator("#type-reason").fill("事实先于报道")
        press(page.locator('form[action$="/type"] button'))

    # Facts: claim, source, time; one confirmed, one only claimed.
    for zh, en, state in (
        (
            "5月13日约21时10分，拱墅区一户居民家中燃气灶爆炸",
            "About 21:10 on 13 May a gas stove exploded in Gongshu",
            "confirmed",
        ),
        ("一位用户双手烫伤，在医院留观", "One user has burned hands and is in hospital", "confirmed"),
        ("型号为 SG-B302", "The model is SG-B302", "unconfirmed"),
    ):
        officer.go(f"{room}/facts")
        form = page.locator('form[action$="/facts"]')
        form.locator('[name="claim_zh"]').fill(zh)
        form.locator('[name="claim_en"]').fill(en)
        form.locator('[name="source"]').fill("李曼")
        form.locator('[name="status"]').select_option(state)
        press(form.locator("button").last)
    assert page.locator(".fact.y").count() == 2
    # Bad input: a sentence at the field, and nothing typed is lost.
    form = page.locator('form[action$="/facts"]')
    form.locator('[name="claim_zh"]').fill("阀门已封存")
    press(form.locator("button").last)
    assert page.locator(".msg-e").count() == 1
    assert page.locator("#new-claim_zh").input_value() == "阀门已封存"

    # The audience plan: four answers each, in telling order, victims first.
    officer.go(f"{room}/audiences")
    rows = page.locator("table.mx tr td.au")
    assert rows.count() >= 5
    assert page.locator("table.mx td.miss").count() == 0
    officer.picture("audiences")

    # A statement from the template, checked; a cause is caught; mended by a new draft.
    officer.go(f"{room}/statements?audience=public")
    form = page.locator('form[action$="/statements"]')
    form.locator('[name="kind"]').select_option("holding")
    form.locator(f'[name="lang"][value="{lang}"]').check()
    press(form.locator("button"))
    statement = page.url.removeprefix(served.url)
    assert page.locator(".sent").count() >= 6
    officer.go(f"{statement}?edit=1")
    text = page.locator('textarea[name="text"]').input_value()
    blamed = "初步判断与用户操作不当有关。" if lang == "zh" else "It was probably user error."
    page.locator('textarea[name="text"]').fill(text + "\n" + blamed)
    press(page.locator('form[action$="/statements/1"] button.btn.p'))
    assert page.locator(".find-i .sig").count() >= 1
    officer.picture("studio")
    press(page.locator('form[action$="/submit"] button'))
    assert page.locator("#error-summary").count() == 1
    officer.go(f"{statement}?edit=1")
    page.locator('textarea[name="text"]').fill(text)
    press(page.locator('form[action$="/statements/1"] button.btn.p'))
    press(page.locator('form[action$="/submit"] button'))

    # Two executives on their phones; approving sends nothing.
    for name in ("沈惟", "王砚"):
        executive = Seat(browser, served, name, lang, phone=True, script=script)
        executive.go("/approve")
        press(executive.page.locator(".decide a.btn.p"))
        executive.picture("approve")
        # Before the stylesheet has come, every page is wide.
        executive.page.wait_for_load_state("load")
        width = executive.page.evaluate("document.documentElement.scrollWidth") if script else 390
        assert width <= 392, "the approval desk scrolls sideways on a phone"
        executive.page.locator(".paybar a.go").click()
        executive.picture("confirm")
        press(executive.page.locator("#confirm button.go"))
        assert not executive.failures
    officer.go("/newsroom")
    assert page.locator("article").count() == 0

    # Preview, one confirmation, receipts; in a drill mail is refused and nothing leaves the building.
    officer.go(f"{room}/publish")
    press(page.locator(".decide a.btn.p"))
    officer.picture("preview")
    press(page.locator("button[data-arm]"))
    for _ in range(40):
        officer.go(f"{room}/publish")
        if page.locator("td .chip.ok").count() >= 2:
            break
        time.sleep(0.25)
    assert page.locator("td .chip.ok").count() == 2
    officer.picture("published")
    assert re.search(r"\b0\b", page.locator(".drillbar .n").inner_text())
    officer.go("/newsroom")
    assert page.locator("article").count() == 1
    officer.picture("newsroom")

    # The step that asked for it is done with it in one press and one sentence, on a phone too; its gate asks as ever.
    thumb = Seat(browser, served, "林筱", lang, phone=True, script=script)
    for path in ("", "/facts", "/statements", "/audiences", "/promises", "/log", "/publish"):
        thumb.go(f"{room}{path}")
        low = thumb.page.evaluate(LOW) + thumb.page.evaluate(SHORT) if script else []
        assert not low, f"{path}: lower than 44 px on a phone: {low}"
    press(thumb.page.locator(".asks a.btn").first)
    assert "with=1" in thumb.page.url
    done = thumb.page.locator("tr:target form, tr:has(input[name=with]) form").first
    low = thumb.page.evaluate(LOW) + thumb.page.evaluate(SHORT) if script else []
    assert not low, f"lower than 44 px on a phone: {low}"
    press(done.locator('button[value="done"]'))
    assert thumb.page.locator("#error-summary").count() == 1
    done = thumb.page.locator("tr:has(input[name=with]) form").first
    done.locator('[name="note"]').fill("F1、F2 已证实，法务 09:05 看过")
    press(done.locator('button[value="done"]'))
    thumb.go(f"{room}/log")
    said = "完成：以第 1 号声明" if lang == "zh" else "Done with statement 1"
    assert said in thumb.page.locator(".tl").inner_text()

    # The regional office sees it once its region is touched, and reports what people say.
    officer.go(room)
    page.locator("#state details.act > summary").last.click()
    page.locator('form[action$="/visibility"] [name="regions"]').fill("杭州、温州")
    press(page.locator('form[action$="/visibility"] button'))
    regional = Seat(browser, served, "何知远", lang, phone=True, script=script)
    regional.go(f"{room}/audiences")
    form = regional.page.locator('form[action$="/responses"]')
    form.locator('[name="audience"]').select_option("customers")
    form.locator('[name="region"]').select_option("温州")
    form.locator('[name="stance"][value="-1"]').check()
    form.locator('[name="said"]').fill("楼下店里问：到底哪一批？我家也是去年买的。")
    form.locator('[name="question"]').check()
    press(form.locator("button"))
    assert "哪一批" in regional.page.content()
    officer.go(f"{room}/audiences/customers")
    assert "哪一批" in page.content()

    # A complaint on the standard form, linked.
    handler = Seat(browser, served, "李曼", lang, script=script)
    handler.go("/complaints/new")
    handler.page.locator('[name="customer_name"]').fill("王女士")
    handler.page.locator('[name="details"]').fill("同款灶火焰发黄，有异味")
    press(handler.page.locator('form[action$="/complaints/new"] button').last)
    assert "/c/C-" in handler.page.url
    handler.page.locator('[name="text"]').first.fill("李曼接手，今天 18:00 前回电。")
    press(handler.page.locator("#say button"))
    handler.picture("complaint")

    # Closed with its conditions; the log keeps every arrow.
    officer.go(room)
    page.locator("#closing details.act > summary").click()
    press(page.locator('form[action$="/close"] button'))
    assert page.locator("#error-summary").count() == 1
    page.locator("#close-reason").fill("演练结束")
    press(page.locator('form[action$="/close"] button'))
    officer.go(f"{room}/log")
    assert page.locator(".tl li").count() >= 15
    officer.picture("log")
    for seat in (officer, thumb, regional, handler):
        assert not seat.failures, seat.failures
        assert not [text for text in seat.messages if "Content Security Policy" in text], seat.messages
    assert "Traceback" not in served.log.read_text()


def test_every_page_stands_in_both_languages_at_desk_and_phone_width(browser, served: Served):  # type: ignore[no-untyped-def]
    """No page scrolls sideways on a phone, none answers with an error, each has one main heading or decision."""
    administrator = Seat(browser, served, "吴铮", "zh")
    _hear_the_story(administrator)
    for lang in ("zh", "en"):
        seat = Seat(browser, served, "吴铮", lang, phone=True)
        for path in ("/inbox", "/i", "/complaints", "/sources", "/setup", "/setup/checks", "/setup/own", "/newsroom"):
            seat.go(path)
            width = seat.page.evaluate("document.documentElement.scrollWidth")
            assert width <= 392, f"{path} in {lang} is {width} px wide on a phone"
            assert seat.page.evaluate("document.documentElement.lang") == ("zh-Hans" if lang == "zh" else "en")
            low = seat.page.evaluate(LOW) + seat.page.evaluate(SHORT)
            assert not low, f"{path} in {lang}: lower than 44 px on a phone: {low}"
        seat.picture("phone-setup")
        assert not seat.failures
