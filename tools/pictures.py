"""Draw the pictures of docs/pictures: a sample desk is played in a real browser and its pages are taken, zh and en.

Run it with `python tools/pictures.py` (playwright and a Chromium are needed; CHROMIUM=path names one). Pictures are
made 1200 px wide at most and kept with a palette of 256 colours when Pillow is there, otherwise as they come.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
WIDTH = 1200
PLAIN = 112
FACTS = (
    (
        "5月13日约21时10分，拱墅区一户居民家中燃气灶爆炸",
        "About 21:10 on 13 May a gas stove exploded in Gongshu",
        "confirmed",
        "",
    ),
    ("一位用户双手烫伤，在医院留观", "One user has burned hands and is under observation", "confirmed", ""),
    ("李曼 08:58 到医院陪护", "Li Man has been at the hospital since 08:58", "confirmed", ""),
    ("型号为 SG-B302", "The model is SG-B302", "unconfirmed", "吴铮"),
    ("胶管用了多年", "The hose was years old", "disputed", "吴铮"),
)
SITUATION = {
    "zh": "昨晚约 21:10，拱墅区一户家庭的燃气灶爆炸，一位用户双手烫伤，在医院留观。"
    "灶具为我方品牌，型号和原因都未证实。",
    "en": "About 21:10 last night a gas stove exploded in a home in Gongshu. One user has burned hands and is under "
    "observation. The stove carries our brand; model and cause are not confirmed.",
}
BLAME = {
    "zh": "初步判断与用户操作不当有关。我们会尽快公布进展。",
    "en": "It was probably user error. We will publish more soon.",
}
SAID = (
    ("customers", "杭州", "-1", "楼下店里问：到底哪一批？我家也是去年买的。", True),
    ("dealers", "温州", "-2", "两家经销商问：停不停售，退货谁担？", True),
    ("public", "宁波", "0", "先停用，等检测结果。", False),
)


def press(button: Locator) -> None:
    """Press what leads to another page, and wait until that page has come: a form first asks whether one is still
    signed in, and a click alone returns before."""
    with button.page.expect_navigation():
        button.click()


class Desk:
    """A sample desk in a process and a folder of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        env = {**os.environ, "CRISIS_HOME": str(home), "PORT": str(port), "PYTHONPATH": str(ROOT)}
        env.pop("CRISIS_DATABASE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crisis", "serve", "--sample"], env=env, stdout=subprocess.DEVNULL
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1)
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the sample desk did not start")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


class Seat:
    """One person at a browser of one size, signed in by one click."""

    def __init__(self, browser: Browser, url: str, name: str, lang: str, *, phone: bool = False, **more: Any) -> None:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 1000}
        self.page: Page = browser.new_context(viewport=size, device_scale_factor=2 if phone else 1, **more).new_page()  # type: ignore[arg-type]
        self.url, self.lang = url, lang
        self.go(f"/sign-in?lang={lang}")
        press(self.page.get_by_role("button", name=name))

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def take(self, name: str, *, folder: Path = FOLDER, whole: bool = False, tallest: int = 1300) -> None:
        """A picture of the page as it stands: the window, or the page down to a limit."""
        file = folder / f"{name}.{self.lang}.png"
        if whole:
            height = int(self.page.evaluate("document.documentElement.scrollHeight"))
            size = self.page.viewport_size or {"width": 1440, "height": 1000}
            self.page.set_viewport_size({"width": size["width"], "height": min(height, tallest)})
            self.page.screenshot(path=str(file))
            self.page.set_viewport_size(size)
        else:
            self.page.screenshot(path=str(file))
        _smaller(file)


def _smaller(file: Path) -> None:
    """At most 1200 px wide, with a palette."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(file) as image:
        picture = image.convert("RGB")
    if picture.width > WIDTH:
        picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    # The plain colours stay exact, so that no page is tinted; the rest is left to the cover of what remains.
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)[:PLAIN]
    exact = [part for _, colour in counted for part in colour]
    others = picture.quantize(256 - PLAIN, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette((exact + others)[: 3 * 256])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(file, optimize=True)


def hear(seat: Seat) -> None:
    """Move the drill's clock until the story that names us waits."""
    for _ in range(60):
        seat.go("/inbox")
        if seat.page.locator(".story").count():
            return
        if seat.page.locator('.drillbar button[value="next"]').count():
            press(seat.page.locator('.drillbar button[value="next"]'))
        time.sleep(0.5)
    raise SystemExit("the story did not come")


def hear_more(seat: Seat) -> None:
    """Let others report it too, so that there is something to fold."""
    for _ in range(3):
        seat.go("/inbox")
        press(seat.page.locator('.drillbar button[value="next"]'))
        time.sleep(2)
    seat.go("/inbox")


def declare(seat: Seat) -> str:
    """Open the room of the story that is shown; its path."""
    seat.page.locator("details.act > summary.btn.p").first.click()
    seat.page.locator("#declare-regions").fill("杭州、温州、宁波")
    press(seat.page.locator('form[action$="/declare"] button'))
    found = re.search(r"/i/[A-Z]+-\d{4}-\d\d", seat.page.url)
    if found is None:
        raise SystemExit(f"no room was opened: {seat.page.url}")
    return found.group(0)


def fill(seat: Seat, room: str) -> str:
    """Facts, situation, responses, a checked draft; the path of the statement."""
    page = seat.page
    for zh, en, status, asking in FACTS:
        seat.go(f"{room}/facts")
        form = page.locator('form[action$="/facts"]')
        form.locator('[name="claim_zh"]').fill(zh)
        form.locator('[name="claim_en"]').fill(en)
        form.locator('[name="source"]').fill("李曼")
        form.locator('[name="asking"]').fill(asking)
        form.locator('[name="status"]').select_option(status)
        press(form.locator("button").last)
    seat.go(room)
    page.locator("#situation details.act > summary").click()
    page.locator("#situation-situation").fill(SITUATION[seat.lang])
    press(page.locator('form[action$="/situation"] button'))
    for audience, region, stance, said, question in SAID:
        seat.go(f"{room}/audiences")
        form = page.locator('form[action$="/responses"]')
        form.locator('[name="audience"]').select_option(audience)
        form.locator('[name="region"]').select_option(region)
        form.locator('[name="said"]').fill(said)
        form.locator(f'[name="stance"][value="{stance}"]').check()
        form.locator('[name="question"]').set_checked(question)
        press(form.locator("button"))
    return draft(seat, room, "public", "holding")


def draft(seat: Seat, room: str, audience: str, kind: str) -> str:
    """A draft made from the ledger; its path."""
    seat.go(f"{room}/statements?audience={audience}")
    form = seat.page.locator('form[action$="/statements"]')
    form.locator('[name="kind"]').select_option(kind)
    form.locator(f'[name="lang"][value="{seat.lang}"]').check()
    press(form.locator("button"))
    return seat.page.url.removeprefix(seat.url)


def edit(seat: Seat, statement: str, change: str = "") -> None:
    """Save the text again, with a sentence more."""
    seat.go(f"{statement}?edit=1")
    area = seat.page.locator('textarea[name="text"]')
    lines = [line for line in area.input_value().rstrip().split("\n") if line != BLAME[seat.lang]]
    area.fill("\n".join([*lines[:4], change, *lines[4:]] if change else lines) + "\n")
    press(seat.page.locator('form:has(textarea[name="text"]) button.btn.p'))


def submit(seat: Seat, statement: str) -> None:
    """Send it to its approvers."""
    seat.go(statement)
    press(seat.page.locator('form[action$="/submit"] button'))


def approve(seat: Seat) -> None:
    """Approve the text that is open on this phone."""
    seat.page.locator(".paybar a.go").click()
    press(seat.page.locator("#confirm button.go"))


def play(browser: Browser, url: str, lang: str) -> None:
    """One language: the way of the mention, with its pictures."""
    officer = Seat(browser, url, "林筱", lang)
    page = officer.page
    hear(officer)
    hear_more(officer)
    press(page.locator(".story").first)
    officer.take("triage", whole=True)
    room = declare(officer)
    statement = fill(officer, room)
    edit(officer, statement, BLAME[lang])
    officer.take("studio", whole=True)
    officer.go(room)
    officer.take("room", whole=True)
    page.locator(".inc details.why > summary.chip").first.click()
    officer.take("room-why")
    officer.go(f"{room}/audiences")
    officer.take("audiences", whole=True, tallest=1700)
    edit(officer, statement)
    submit(officer, statement)
    for name in ("沈惟", "王砚"):
        executive = Seat(browser, url, name, lang, phone=True)
        executive.go("/approve")
        press(executive.page.locator(".decide a.btn.p"))
        if name == "沈惟":
            executive.take("approve")
        approve(executive)
    officer.go(f"{room}/publish")
    press(page.locator(".decide a.btn.p"))
    press(page.locator("button[data-arm]"))
    for _ in range(40):
        officer.go(f"{room}/publish")
        if page.locator("td .chip.ok").count() >= 2:
            break
        time.sleep(0.25)
    officer.go("/newsroom")
    officer.take("newsroom", whole=True)
    complaint(browser, url, lang)
    administrator = Seat(browser, url, "吴铮", lang)
    administrator.go("/setup")
    administrator.take("setup", whole=True)


def complaint(browser: Browser, url: str, lang: str) -> None:
    """A complaint on the standard form, answered once."""
    handler = Seat(browser, url, "李曼", lang)
    handler.go("/complaints/new")
    page = handler.page
    page.locator('[name="customer_name"]').fill("方女士" if lang == "zh" else "Ms Fang")
    page.locator('[name="details"]').fill(
        "我看到新闻了，我家就是你们的灶，火苗这两天发黄。我有个两岁的孩子，能不能来个人看看？"
        if lang == "zh"
        else "I saw the news. Ours is one of your stoves and the flame has been yellow for two days. Can somebody come?"
    )
    page.locator('[name="product"]').fill("SG-B302")
    press(page.locator('form[action$="/complaints/new"] button').last)
    page.locator("#say-text").fill(
        "您看到新闻，又带着孩子，一定很担心。请先关上气阀，这两天不要用。我是李曼，这件事从头到尾由我负责。"
        if lang == "zh"
        else "You saw the news with a small child at home: that is worrying. Please close the valve and do not use the "
        "stove. I am Li Man, and I stay your contact until this is settled."
    )
    press(page.locator("#say button"))
    handler.take("complaint", whole=True)


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for lang in ("zh", "en"):
            # A desk of its own for each language: the same hour of the same day.
            with tempfile.TemporaryDirectory() as home:
                desk = Desk(Path(home))
                try:
                    play(browser, desk.url, lang)
                finally:
                    desk.stop()
        browser.close()


if __name__ == "__main__":
    main()
