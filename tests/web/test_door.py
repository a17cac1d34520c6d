"""The door of the desk over a real socket: by which names it is reached, and whose word on the caller is taken."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from flask import request

from crisis.cli.serve import open_door
from crisis.errors import Invalid
from crisis.flows.desk import Desk
from crisis.settings import Settings, from_environment
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import Clock, lay_out

FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "desk.example"}


class Door:
    """A desk behind a real waitress socket on this machine."""

    def __init__(self, port: int, seen: list[tuple[str, str, str]]) -> None:
        self.port, self.seen = port, seen

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@contextmanager
def opened(desk: Desk, **changes: Any) -> Iterator[Door]:
    desk = replace(desk, settings=replace(desk.settings, port=0, **changes))
    app = create_app(desk)
    seen: list[tuple[str, str, str]] = []
    app.before_request_funcs.setdefault(None, []).insert(
        0, lambda: seen.append((request.remote_addr or "", request.host, request.scheme))
    )
    server = open_door(app, desk.settings)

    def run() -> None:
        # As `crisis serve` does: closing takes the socket from under the loop.
        with suppress(OSError):
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield Door(server.effective_port, seen)
    finally:
        server.close()
        thread.join(timeout=5)


@pytest.fixture
def sample(make_desk: Callable[..., Desk], clock: Clock) -> Desk:
    desk = make_desk(drill=True)
    lay_out(desk, clock)
    return desk


def test_the_word_of_the_named_proxy_is_taken(sample: Desk) -> None:
    with opened(sample, base_url="https://desk.example", proxy="127.0.0.1") as door:
        status, _ = door.get("/newsroom", **FORWARDED)

    assert status == 200
    assert door.seen == [("203.0.113.7", "desk.example", "https")]


def test_only_the_last_hop_is_believed(sample: Desk) -> None:
    with opened(sample, base_url="https://desk.example", proxy="127.0.0.1") as door:
        door.get("/newsroom", **FORWARDED | {"X-Forwarded-For": "127.0.0.1, 203.0.113.7"})

    assert door.seen[0][0] == "203.0.113.7"


def test_the_word_of_somebody_else_is_not_taken(sample: Desk) -> None:
    with opened(sample, base_url="https://desk.example", proxy="192.0.2.1") as door:
        door.get("/newsroom", **FORWARDED)

    assert door.seen[0][0] == "127.0.0.1" and door.seen[0][2] == "http"


def test_without_a_proxy_this_machine_signs_in_by_a_click(sample: Desk) -> None:
    with opened(sample) as door:
        assert "/sign-in/" in door.get("/sign-in")[1]


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"X-Real-IP": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 proxy"},
    ],
    ids=str,
)
def test_behind_a_proxy_that_nobody_named_there_is_no_click(sample: Desk, header: dict[str, str]) -> None:
    with opened(sample) as door:
        status, text = door.get("/sign-in", **header)

    assert status == 200 and "/sign-in/" not in text
    assert door.seen[0][0] == "127.0.0.1"


@pytest.mark.parametrize(
    "changes", [{"base_url": "https://desk.example", "proxy": "127.0.0.1"}, {"proxy": "127.0.0.1"}]
)
def test_behind_a_named_proxy_there_is_no_click_for_anybody(sample: Desk, changes: dict[str, str]) -> None:
    with opened(sample, **changes) as door:
        for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "::1"}):
            status, text = door.get("/sign-in", **headers)
            assert status == 200 and "/sign-in/" not in text


def test_a_click_is_refused_when_the_desk_has_an_address(sample: Desk) -> None:
    desk = replace(sample, settings=replace(sample.settings, base_url="https://desk.example"))
    browser = Browser(create_app(desk), desk)
    browser.token()

    assert browser.post("/sign-in/1").status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8620", "127.0.0.1.evil.example", "10.0.0.9", "", "[", "a b"]
)
@pytest.mark.parametrize("path", ["/sign-in", "/static/desk.css", "/newsroom", "/healthz", "/nothing"])
def test_a_name_that_is_not_ours_gets_a_sentence_and_nothing_of_the_desk(sample: Desk, host: str, path: str) -> None:
    answer = create_app(sample).test_client().get(path, headers={"Host": host, "Accept-Language": "en"})

    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "CRISIS_URL" in text and "星炉" not in text and "<" not in text


def test_the_real_server_refuses_a_foreign_name_too(sample: Desk) -> None:
    with opened(sample) as door:
        assert door.get("/sign-in", Host="evil.example")[0] == 400
        assert door.get("/sign-in", Host=f"localhost:{door.port}")[0] == 200


OURS = Settings(home=None, database="", host="127.0.0.1", base_url="https://Desk.example/")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("LOCALHOST:8620", True),
        ("localhost.:8620", True),
        ("127.0.0.1:8620", True),
        ("127.8.8.8", True),
        ("[::1]:8620", True),
        ("desk.example", True),
        ("DESK.example:443", True),
        ("notdesk.example", False),
        ("desk.example.evil.example", False),
        ("desk.example@evil.example", False),
        ("192.168.1.5:8620", False),
        ("0.0.0.0:8620", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_a_desk_goes_by_its_own_names_only(host: str, ours: bool) -> None:
    assert OURS.is_ours(host) == ours


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_a_desk_that_listens_everywhere_is_reached_by_every_number_and_by_no_strange_name(everywhere: str) -> None:
    settings = replace(OURS, host=everywhere, base_url="")

    assert settings.is_ours("192.168.1.5:8620") and settings.is_ours("[fd00::5]:8620")
    assert not settings.is_ours("evil.example:8620")


def test_a_desk_with_a_name_is_reached_by_it() -> None:
    assert replace(OURS, host="desk.lan", base_url="").is_ours("desk.lan:8620")


def test_links_and_ids_of_the_newsroom_do_not_depend_on_the_name_it_was_asked_by(sample: Desk) -> None:
    desk = replace(sample, settings=replace(sample.settings, base_url="https://desk.example"))
    client = create_app(desk).test_client()

    feeds = [client.get("/newsroom/feed.zh.atom", headers={"Host": host}).data for host in ("localhost", "127.0.0.1")]

    assert feeds[0] == feeds[1]
    assert b"<id>https://desk.example/newsroom/zh</id>" in feeds[0]
    assert b'href="https://desk.example/newsroom/feed.zh.atom"' in feeds[0]


def test_a_proxy_is_taken_for_granted_only_when_the_desk_has_an_address() -> None:
    assert from_environment({}).proxy == ""
    assert from_environment({"CRISIS_URL": "https://desk.example"}).proxy == "127.0.0.1"
    assert from_environment({"CRISIS_URL": "https://desk.example", "CRISIS_PROXY": "10.0.0.2"}).proxy == "10.0.0.2"
    for name, value in (("CRISIS_PROXY", "proxy.lan"), ("CRISIS_URL", "desk.example"), ("CRISIS_URL", "http://[x")):
        with pytest.raises(Invalid):
            from_environment({name: value})
