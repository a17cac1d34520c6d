"""Many documents at once: everyone gets an answer, nobody is pressed, a bad neighbour costs only itself."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors import guard
from monitors.fetch import Body, Failed, Fetched, FetchRequest, Limits, Unchanged, Wait, open_session
from monitors.poller import SLOW_S, Lanes, Politeness, host_of, poll, turns
from tests.hostile_server import HostileServer, build_bombs, feed_bytes
from tests.monitors.test_fetch import Names

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
SMALL = Limits(max_bytes=1024 * 1024, max_wire_bytes=2 * 1024 * 1024, connect_s=1, read_s=0.5, total_s=1.5)
AT_ONCE = Politeness(spacing_s=0.0, parallel=1000)


def polled(
    server: HostileServer,
    paths: dict[str, str],
    *,
    politeness: Politeness = AT_ONCE,
    concurrency: int = 64,
    slow_s: float = SLOW_S,
    limits: Limits = SMALL,
) -> Any:
    """The answers by name; `paths` are path by name, a path may begin with a host (`//b.example/feed/1`)."""

    async def run() -> dict[str, Fetched]:
        requests = [FetchRequest(url=_url(server, path), key=name) for name, path in paths.items()]
        allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))
        answers: dict[str, Fetched] = {}
        async with open_session(allowed=allowed, resolver=Names("127.0.0.1")) as session:
            rounds = poll(
                requests,
                session,
                now=lambda: NOW,
                limits=limits,
                politeness=politeness,
                concurrency=concurrency,
                slow_s=slow_s,
            )
            async for name, fetched in rounds:
                assert name not in answers
                answers[name] = fetched
        return answers

    return run()


def _url(server: HostileServer, path: str) -> str:
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        return server.url(f"/{rest}", host=host)
    return server.url(path)


BAD = (
    *("/drip", "/silent", "/stall", "/endless", "/endless-headers", "/endless-chunks", "/bomb/gzip", "/bomb/br"),
    *("/bomb/zstd", "/bomb/twice", "/loop", "/hops/40", "/half-closed", "/promises-more", "/says-less", "/reset"),
    *("/garbage", "/bad-chunk", "/nothing", "/empty", "/cut-gzip", "/status/404", "/status/410", "/status/500"),
)


@pytest.mark.timeout(180)  # Hostile answers one after the other would take longer.
def test_four_hundred_sound_feeds_arrive_whole_among_a_hundred_hostile_ones() -> None:
    async def run() -> dict[str, Fetched]:
        async with HostileServer() as server:
            paths = {f"good-{n}": f"//g{n}.example/feed/{n}" for n in range(400)}
            paths |= {f"bad-{n}": f"//b{n}.example{BAD[n % len(BAD)]}" for n in range(96)}
            paths |= {f"busy-{n}": f"//c{n}.example/status/429?after=60" for n in range(10)}
            names = random.Random(7).sample(sorted(paths), len(paths))
            limits = replace(SMALL, connect_s=4, read_s=3, total_s=5)
            return await polled(server, {name: paths[name] for name in names}, limits=limits)

    build_bombs()

    answers = asyncio.run(run())

    assert len(answers) == 506
    for n in range(400):
        answer = answers[f"good-{n}"]
        assert isinstance(answer, Body) and answer.complete and answer.body == feed_bytes(n), answer
    assert all(isinstance(answers[f"busy-{n}"], Wait) for n in range(10))


def test_a_second_round_with_validators_is_unchanged_throughout() -> None:
    async def run() -> Counter[type]:
        async with HostileServer() as server:
            first = await polled(server, {str(n): f"//g{n}.example/feed/{n}" for n in range(50)})
            allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))
            known = [FetchRequest(url=body.url, key=name, etag=body.etag) for name, body in first.items()]
            async with open_session(allowed=allowed, resolver=Names("127.0.0.1")) as session:
                return Counter([type(answer) async for _, answer in poll(known, session, now=lambda: NOW)])

    assert asyncio.run(run()) == {Unchanged: 50}


def test_a_host_is_never_asked_more_in_parallel_than_polite() -> None:
    async def run() -> tuple[int, float, int]:
        async with HostileServer() as server:
            began = time.monotonic()
            paths = {str(n): f"/feed/{n}" for n in range(8)}
            answers = await polled(server, paths, politeness=Politeness(spacing_s=0.1, parallel=2))
            return server.most_busy, time.monotonic() - began, len(answers)

    most, took_s, count = asyncio.run(run())

    assert most <= 2 and count == 8 and took_s >= 0.7


def test_a_large_host_does_not_delay_a_small_one() -> None:
    async def run() -> list[str]:
        async with HostileServer() as server:
            paths = {f"big-{n}": f"//big.example/feed/{n}" for n in range(12)}
            paths |= {f"small-{n}": f"//s{n}.example/feed/{n}" for n in range(5)}
            answers = await polled(server, paths, politeness=Politeness(spacing_s=0.05, parallel=1), concurrency=4)
            return list(answers)

    order = asyncio.run(run())

    assert max(order.index(f"small-{n}") for n in range(5)) <= 7


def test_hosts_that_do_not_answer_give_their_places_to_the_next() -> None:
    async def run() -> list[str]:
        async with HostileServer() as server:
            paths = {f"silent-{n}": f"//s{n}.example/silent" for n in range(4)}
            paths |= {f"good-{n}": f"//g{n}.example/feed/{n}" for n in range(20)}
            patient = Limits(connect_s=5, read_s=5, total_s=5)
            return list(await polled(server, paths, concurrency=2, slow_s=0.1, limits=patient))

    assert {name.partition("-")[0] for name in asyncio.run(run())[:20]} == {"good"}


def test_what_waits_behind_a_host_that_asks_for_peace_is_given_back_unasked() -> None:
    async def run() -> tuple[dict[str, Fetched], int]:
        async with HostileServer() as server:
            paths = {str(n): f"//busy.example/status/429?after=600&n={n}" for n in range(20)}
            answers = await polled(server, paths, politeness=Politeness(spacing_s=0.02, parallel=1))
            return answers, server.asked.total()

    answers, asked = asyncio.run(run())

    assert len(answers) == 20 and asked == 1
    waits = [answer for answer in answers.values() if isinstance(answer, Wait)]
    assert len(waits) == 20 and all(wait.retry_after == timedelta(minutes=10) for wait in waits)
    assert sum(wait.asked for wait in waits) == 1


def test_a_host_that_does_not_answer_twice_is_left_alone_for_this_round() -> None:
    async def run() -> Counter[str]:
        async with HostileServer() as server:
            paths = {str(n): f"//away.example/silent?{n}" for n in range(10)}
            answers = await polled(server, paths, politeness=Politeness(spacing_s=0.0, parallel=1))
            return Counter(type(answer).__name__ for answer in answers.values())

    assert asyncio.run(run()) == {"Failed": 2, "Wait": 8}


def test_a_host_rests_from_one_poll_to_the_next() -> None:
    rests: dict[str, float] = {}
    polite = Politeness(spacing_s=10.0, delays_s={"slow.example": 3600.0})
    first = [FetchRequest(url="https://a.example/1"), FetchRequest(url="https://slow.example/1")]
    lanes = Lanes(first, polite, rests)
    assert [lanes.take(100.0), lanes.take(100.0)] == first

    again = Lanes([FetchRequest(url="https://a.example/2")], polite, rests)

    assert again.take(104.0) == pytest.approx(6.0)
    assert isinstance(again.take(110.0), FetchRequest)
    urls = ["https://slow.example/2", "https://a.example/3", "https://b.example/1", "https://a.example/4"]
    assert turns(urls, polite, rests, 115.0) == pytest.approx([3585.0, 5.0, 0.0, 15.0])


def test_leaving_early_leaves_no_request_behind() -> None:
    async def run() -> int:
        async with HostileServer() as server:
            allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))
            requests = [FetchRequest(url=server.url(f"/silent?{n}")) for n in range(30)]
            requests.insert(0, FetchRequest(url=server.url("/feed/1")))
            async with open_session(allowed=allowed) as session:
                rounds = poll(requests, session, now=lambda: NOW, politeness=AT_ONCE)
                async with aclosing(rounds):
                    async for _ in rounds:
                        break
                return len([task for task in asyncio.all_tasks() if task.get_name() == "poll"])

    assert asyncio.run(run()) == 0


def test_a_fault_of_ours_is_loud() -> None:
    async def run() -> None:
        async with HostileServer() as server:
            allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))
            async with open_session(allowed=allowed) as session:
                async for _ in poll([FetchRequest(url=server.url("/feed/1"))], session, now=lambda: 1 / 0):  # type: ignore[arg-type,return-value]
                    pass

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())


def test_nothing_to_do_ends_at_once() -> None:
    async def run() -> int:
        async with open_session() as session:
            return len([key async for key, _ in poll([], session, now=lambda: NOW)])

    assert asyncio.run(run()) == 0


def test_urls_without_a_host_share_a_lane_and_fail_by_themselves() -> None:
    assert host_of("HTTP://News.Example.:80/x") == "news.example"
    assert host_of("http://[") == "" == host_of("not a url")


@settings(max_examples=60, deadline=None)
@given(
    hosts=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    verdicts=st.lists(st.sampled_from(["ok", "ok", "ok", "away", "busy", "moment"]), min_size=40, max_size=40),
    parallel=st.integers(1, 3),
    spacing=st.sampled_from([0.0, 0.5, 2.0]),
)
def test_every_request_is_started_once_or_given_back_and_hosts_are_spaced(
    hosts: list[int], verdicts: list[str], parallel: int, spacing: float
) -> None:
    requests = [FetchRequest(url=f"http://h{host}.example/{n}") for n, host in enumerate(hosts)]
    lanes = Lanes(requests, Politeness(spacing_s=spacing, parallel=parallel))
    started: list[tuple[float, FetchRequest]] = []
    given_back: list[FetchRequest] = []
    under_way: list[FetchRequest] = []
    at = 0.0

    for step in range(1000):
        turn = lanes.take(at)
        if isinstance(turn, FetchRequest):
            started.append((at, turn))
            under_way.append(turn)
            assert sum(host_of(one.url) == host_of(turn.url) for one in under_way) <= parallel
        elif under_way and (turn is None or step % 2):
            done = under_way.pop(0)
            given_back += [one for one, _ in lanes.done(done, _verdict(done, verdicts[step % 40]), at)]
        elif turn is not None:
            at += turn
        elif not lanes.waiting:
            break

    assert lanes.waiting == lanes.under_way == 0
    assert sorted([one.url for _, one in started] + [one.url for one in given_back]) == sorted(r.url for r in requests)
    for host in set(hosts):
        times = [at for at, one in started if host_of(one.url) == f"h{host}.example"]
        assert all(later - earlier >= spacing - 1e-9 for earlier, later in pairwise(times))


def _verdict(request: FetchRequest, verdict: str) -> Fetched:
    facts: dict[str, Any] = {"url": request.url, "final_url": request.url, "at": NOW}
    match verdict:
        case "away":
            return Failed(code="no_connection", whole_host=True, **facts)
        case "busy":
            return Wait(status=429, **facts)
        case "moment":
            return Wait(status=503, retry_after=timedelta(seconds=2), **facts)
    return Unchanged(**facts)
