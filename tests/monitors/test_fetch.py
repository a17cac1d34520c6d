"""One document over HTTP from servers that behave and servers that do not. Loopback only."""

from __future__ import annotations

import asyncio
import json
import os
import resource
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitors import guard
from monitors.fetch import (
    Body,
    Failed,
    Fetched,
    FetchRequest,
    Gone,
    Limits,
    Session,
    Unchanged,
    Wait,
    as_record,
    fetch,
    open_session,
)
from tests.flows.at_once import in_a_process
from tests.hostile_server import HostileServer, build_bombs, feed_bytes

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
PATIENT = Limits(max_bytes=1024 * 1024, max_wire_bytes=2 * 1024 * 1024)
# For servers that let us wait. Everything else gets the time that a busy machine may need.
SMALL = Limits(max_bytes=1024 * 1024, max_wire_bytes=2 * 1024 * 1024, connect_s=1, read_s=0.4, total_s=1.2)


def loopback(server: HostileServer) -> guard.Allowed:
    return guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))


def visiting(visit: Callable[[HostileServer, Session], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with HostileServer() as server, open_session(allowed=loopback(server)) as session:
            return await visit(server, session)

    return asyncio.run(run())


def got(path: str, **known: str) -> Fetched:
    async def visit(server: HostileServer, session: Session) -> Fetched:
        return await fetch(FetchRequest(url=server.url(path), **known), session, limits=limits, now=NOW)

    limits = SMALL if path in ("/silent", "/drip", "/stall") else PATIENT
    if path.startswith("/bomb"):
        build_bombs()
    answer: Fetched = visiting(visit)
    return answer


def test_a_feed_comes_with_its_validators_and_the_next_visit_is_unchanged() -> None:
    async def visit(server: HostileServer, session: Session) -> tuple[Fetched, Fetched, Fetched]:
        first = await fetch(FetchRequest(url=server.url("/feed/5")), session, now=NOW)
        assert isinstance(first, Body)
        known = FetchRequest(url=first.url, etag=first.etag, last_modified=first.last_modified)
        second = await fetch(known, session, now=NOW)
        server.version = 1
        return first, second, await fetch(known, session, now=NOW)

    first, second, third = visiting(visit)

    assert first.body == feed_bytes(5) and first.complete and first.content_type == "application/rss+xml"
    assert isinstance(second, Unchanged) and second.status == 304 and second.etag == first.etag
    assert isinstance(third, Body) and third.body == feed_bytes(5, version=1) and third.etag != first.etag


def test_the_same_bytes_under_a_new_tag_are_unchanged_and_carry_the_new_tag() -> None:
    body = got("/feed/5")
    assert isinstance(body, Body)

    again = got("/feed/5", body_hash=body.body_hash, etag='"an older tag"')

    assert isinstance(again, Unchanged) and not again.not_modified and again.etag == body.etag


@pytest.mark.parametrize("coding", ["gzip", "deflate", "rawdeflate", "br", "zstd"])
def test_every_coding_we_ask_for_is_understood(coding: str) -> None:
    answer = got(f"/coded/{coding}/3")

    assert isinstance(answer, Body) and answer.body == feed_bytes(3) and answer.complete


@pytest.mark.parametrize("path", ["/says-gzip", "/gz-file", "/two-members"])
def test_slips_of_a_server_about_compression_cost_nothing(path: str) -> None:
    answer = got(path)

    assert isinstance(answer, Body) and answer.body == feed_bytes(7, entries=40) and answer.complete


@pytest.mark.parametrize("path", ["/half-closed", "/promises-more", "/stall", "/cut-gzip", "/bad-chunk", "/drip"])
def test_a_broken_connection_gives_what_came_and_nothing_to_skip_the_rest_by(path: str) -> None:
    answer = got(path)

    if path == "/bad-chunk":
        assert isinstance(answer, Failed)
        return
    assert isinstance(answer, Body) and not answer.complete
    assert feed_bytes(7, entries=40).startswith(answer.body[:20])
    assert (answer.etag, answer.last_modified, answer.body_hash) == ("", "", "")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/silent", "too_slow"),
        ("/endless", "too_large"),
        ("/endless-chunks", "too_large"),
        ("/endless-headers", "not_http"),
        ("/bomb/gzip", "too_large"),
        ("/bomb/br", "too_large"),
        ("/bomb/zstd", "too_large"),
        ("/bomb/twice", "too_large"),
        ("/loop", "redirect_loop"),
        ("/hops/40", "too_many_redirects"),
        ("/reset", "hung_up"),
        ("/garbage", "not_http"),
        ("/nothing", "hung_up"),
        ("/empty", "empty"),
        ("/unknown-coding", "bad_coding"),
        ("/status/403", "forbidden"),
        ("/status/404", "not_found"),
        ("/status/500", "server_error"),
        ("/status/206", "unexpected_status"),
        ("/to?", "unexpected_status"),
        ("/to?http://[", "redirect_unreadable"),
        ("/to?ftp://127.0.0.1/feed", "scheme_not_web"),
        ("/to?file:///etc/passwd", "scheme_not_web"),
    ],
)
def test_what_cannot_be_got_is_a_value_with_a_code(path: str, code: str) -> None:
    answer = got(path)

    assert isinstance(answer, Failed), answer
    assert answer.code == code, answer
    assert not answer.permanent


def test_bombs_take_no_memory() -> None:
    for coding in ("gzip", "br", "zstd", "twice"):
        got(f"/bomb/{coding}")
    before = _peak_mb()

    for coding in ("gzip", "br", "zstd", "twice"):
        got(f"/bomb/{coding}")

    assert _peak_mb() - before < 40


def test_a_drip_holds_a_slot_no_longer_than_allowed() -> None:
    answer = got("/drip")

    assert answer.took_s < 10.0


def test_gone_and_wait_are_told_apart_from_failures() -> None:
    assert isinstance(got("/status/410"), Gone)

    seconds, date, silent = (
        got("/status/429?after=120"),
        got("/status/503?after=" + quote(IN_AN_HOUR)),
        got("/status/503"),
    )

    assert isinstance(seconds, Wait) and seconds.retry_after == timedelta(minutes=2)
    assert isinstance(date, Wait) and date.retry_after == timedelta(hours=1)
    assert isinstance(silent, Wait) and silent.retry_after is None


IN_AN_HOUR = "Fri, 27 Nov 2026 10:00:00 GMT"


def test_a_move_for_good_is_remembered_and_a_temporary_one_is_not() -> None:
    moved, partly, found = got("/moved/4"), got("/moved-then-temporary/4"), got("/hops/2")

    assert isinstance(moved, Body) and moved.moved_to == moved.final_url and moved.final_url.endswith("/feed/4")
    assert partly.moved_to.endswith("/found?/feed/4") and partly.final_url.endswith("/feed/4")
    assert found.moved_to == "" and isinstance(found, Body)


def test_a_redirect_into_a_forbidden_place_is_refused_before_anything_is_sent() -> None:
    async def run() -> tuple[Fetched, int]:
        async with (
            HostileServer() as allowed,
            HostileServer() as inner,
            open_session(allowed=loopback(allowed)) as session,
        ):
            target = quote(inner.url("/feed/1"))
            answer = await fetch(FetchRequest(url=allowed.url(f"/found?{target}")), session, limits=PATIENT, now=NOW)
            return answer, inner.asked.total()

    answer, asked = asyncio.run(run())

    assert isinstance(answer, Failed) and answer.code == "address_not_public"
    assert asked == 0


class Names(AbstractResolver):
    """Every name is the next of the given addresses, as a rebinding name server would answer."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [{"hostname": host, "host": address, "port": port, "family": 2, "proto": 6, "flags": 0}]

    async def close(self) -> None:
        pass


def test_a_name_that_changes_its_mind_is_judged_at_every_connection() -> None:
    async def run() -> list[Fetched]:
        async with HostileServer() as server:
            answers = []
            names = Names("127.0.0.1", "127.0.0.2")
            for _ in range(2):
                async with open_session(allowed=loopback(server), resolver=names) as session:
                    url = server.url("/feed/1", host="rebinding.example")
                    answers.append(await fetch(FetchRequest(url=url), session, limits=PATIENT, now=NOW))
            return answers

    first, second = asyncio.run(run())

    assert isinstance(first, Body)
    assert isinstance(second, Failed) and second.code == "address_not_public"


def test_an_allowed_host_is_reached_by_its_name_only() -> None:
    async def run() -> tuple[Fetched, Fetched]:
        async with HostileServer() as server:
            allowed = guard.allowed_of(hosts=("feeds.intra",), ports=(server.port,))
            async with open_session(allowed=allowed, resolver=Names("127.0.0.1")) as session:
                named, other = [
                    await fetch(FetchRequest(url=server.url("/feed/1", host=host)), session, limits=PATIENT, now=NOW)
                    for host in ("feeds.intra", "other.intra")
                ]
                return named, other

    named, other = asyncio.run(run())

    assert isinstance(named, Body)
    assert isinstance(other, Failed) and other.code == "address_not_public"


def test_a_refused_address_that_a_person_typed_is_permanent() -> None:
    async def run() -> Fetched:
        async with open_session() as session:
            return await fetch(
                FetchRequest(url="http://[::ffff:127.0.0.1]:8000/feed"), session, limits=PATIENT, now=NOW
            )

    answer = asyncio.run(run())

    assert isinstance(answer, Failed) and answer.permanent and answer.code == "address_not_public"


def test_extra_headers_do_not_follow_a_redirect_to_another_host() -> None:
    async def run() -> tuple[dict[str, str], dict[str, str]]:
        async with HostileServer() as server:
            allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))
            async with open_session(allowed=allowed, resolver=Names("127.0.0.1")) as session:
                url = server.url("/found?" + quote(server.url("/feed/2", host="elsewhere.example")))
                await fetch(FetchRequest(url=url, headers=(("Authorization", "secret"),)), session, now=NOW)
            return server.headers["/found"], server.headers["/feed/2"]

    first, second = asyncio.run(run())

    assert first["authorization"] == "secret" and "authorization" not in second
    assert "ResponseDesk" in first["user-agent"] and "zstd" in first["accept-encoding"]


def test_a_proxy_by_setting_carries_the_request_and_private_targets_stay_refused() -> None:
    async def run() -> tuple[Fetched, Fetched, Fetched, list[str]]:
        async with HostileServer() as proxy, open_session(proxy=proxy.url("")) as session:
            answers = [
                await fetch(FetchRequest(url=url), session, limits=PATIENT, now=NOW)
                for url in ("http://news.example/feed/1", "http://10.0.0.1/feed/1", "http://admin.localhost/feed/1")
            ]
            return answers[0], answers[1], answers[2], list(proxy.asked)

    through, private, own, asked = asyncio.run(run())

    assert not isinstance(through, Failed) or through.code != "address_not_public"
    assert asked == ["http://news.example/feed/1"]
    assert isinstance(private, Failed) and private.code == "address_not_public"
    assert isinstance(own, Failed) and own.code == "address_not_public"


def test_the_environment_cannot_set_a_proxy() -> None:
    def with_a_proxy_set() -> None:
        os.environ.update(http_proxy="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1")
        assert isinstance(got("/feed/1"), Body)

    assert in_a_process(with_a_proxy_set) == 0


def test_an_answer_can_be_written_into_a_log_without_its_bytes() -> None:
    record = as_record(got("/feed/1"))

    assert record["kind"] == "body" and record["bytes"] == len(feed_bytes(1)) and "body" not in record


def test_bytes_in_headers_that_are_no_text_do_not_reach_what_is_stored() -> None:
    odd, redirect = got("/odd-headers"), got("/odd-redirect")

    assert isinstance(odd, Body) and odd.body == feed_bytes(7, entries=40)
    assert (odd.etag, odd.last_modified) == ("", "")
    assert isinstance(redirect, Failed)
    json.dumps([odd.content_type, redirect.final_url, *redirect.args], ensure_ascii=False).encode()


def test_a_password_in_an_address_is_sent_but_never_logged() -> None:
    async def visit(server: HostileServer, session: Session) -> tuple[Fetched, str]:
        url = server.url("/feed/1", host="reader:geheim@127.0.0.1")
        answer = await fetch(FetchRequest(url=url), session, limits=PATIENT, now=NOW)
        return answer, server.headers["/feed/1"]["authorization"]

    answer, sent = visiting(visit)

    assert isinstance(answer, Body) and sent.startswith("Basic ")
    assert "geheim" not in json.dumps(as_record(answer))


def test_a_closed_port_and_an_unknown_name_blame_the_whole_host() -> None:
    async def run() -> tuple[Fetched, Fetched]:
        async with HostileServer() as server:
            port = server.port
        allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(port,))
        async with open_session(allowed=allowed, resolver=NoNames()) as session:
            closed = await fetch(FetchRequest(url=f"http://127.0.0.1:{port}/"), session, limits=PATIENT, now=NOW)
            return closed, await fetch(FetchRequest(url="http://no.example/"), session, limits=PATIENT, now=NOW)

    closed, unknown = asyncio.run(run())

    assert isinstance(closed, Failed) and closed.code == "no_connection" and closed.whole_host
    assert isinstance(unknown, Failed) and unknown.code == "name_unknown" and unknown.whole_host


class NoNames(Names):
    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        raise OSError(None, "no such name")


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
