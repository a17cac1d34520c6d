"""The chain of the log: whatever is done to it is found, and the entry is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.log import GENESIS, ChainProblem, LogEntry, canonical, sealed, verify

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
WORDS = st.text(max_size=12)
ENTRIES = st.lists(
    st.builds(
        LogEntry,
        at=st.integers(0, 10**6).map(lambda seconds: AT + timedelta(seconds=seconds)),
        by=st.integers(0, 9),
        verb=st.sampled_from(("fact_added", "vote_approved", "entry_written")),
        args=st.dictionaries(WORDS, WORDS | st.integers() | st.booleans(), max_size=3),
        note=WORDS,
        incident_id=st.none() | st.integers(1, 9),
    ),
    min_size=2,
    max_size=12,
)


def chained(entries: list[LogEntry]) -> list[LogEntry]:
    found: list[LogEntry] = []
    for number, entry in enumerate(entries, 1):
        found.append(sealed(replace(entry, id=number), seq=number, prev_hash=found[-1].hash if found else GENESIS))
    return found


def problems(entries: list[LogEntry], whole: list[LogEntry]) -> list[ChainProblem]:
    """What is found in `entries`, when the head is that of `whole`."""
    return list(verify(entries, head_seq=whole[-1].seq, head_hash=whole[-1].hash))


@given(ENTRIES)
@settings(max_examples=40, deadline=None)
def test_a_chain_that_nobody_touched_holds(entries: list[LogEntry]) -> None:
    chain = chained(entries)

    assert problems(chain, chain) == []


CHANGES: dict[str, Any] = {
    "note": lambda entry: replace(entry, note=entry.note + "!"),
    "who": lambda entry: replace(entry, by=entry.by + 1),
    "when": lambda entry: replace(entry, at=entry.at + timedelta(microseconds=1)),
    "what": lambda entry: replace(entry, verb="nothing_happened"),
    "arguments": lambda entry: replace(entry, args={**entry.args, "new": 1}),
    "incident": lambda entry: replace(entry, incident_id=(entry.incident_id or 0) + 1),
    "decision": lambda entry: replace(entry, decision=not entry.decision),
    "link": lambda entry: replace(entry, prev_hash="f" * 64),
    "hash": lambda entry: replace(entry, hash="f" * 64),
    "number": lambda entry: replace(entry, seq=entry.seq + 500),
}


@given(ENTRIES, st.data(), st.sampled_from(sorted(CHANGES)))
@settings(max_examples=120, deadline=None)
def test_a_changed_entry_is_named(entries: list[LogEntry], data: st.DataObject, what: str) -> None:
    chain = chained(entries)
    place = data.draw(st.integers(0, len(chain) - 1))

    touched = [*chain[:place], CHANGES[what](chain[place]), *chain[place + 1 :]]

    assert problems(touched, chain) == [ChainProblem(seq=place + 1, kind="changed")]


@given(ENTRIES, st.data())
@settings(max_examples=60, deadline=None)
def test_an_entry_that_was_changed_and_sealed_anew_is_named(entries: list[LogEntry], data: st.DataObject) -> None:
    chain = chained(entries)
    place = data.draw(st.integers(0, len(chain) - 1))
    forged = sealed(replace(chain[place], note="forged"), seq=place + 1, prev_hash=chain[place].prev_hash)
    if forged.hash == chain[place].hash:
        return

    assert problems([*chain[:place], forged, *chain[place + 1 :]], chain) == [
        ChainProblem(seq=place + 1, kind="changed")
    ]


@given(ENTRIES, st.data())
@settings(max_examples=80, deadline=None)
def test_removed_entries_are_named_in_the_middle_and_at_the_end(entries: list[LogEntry], data: st.DataObject) -> None:
    chain = chained(entries)
    gone = data.draw(st.sets(st.integers(1, len(chain)), min_size=1))

    found = problems([entry for entry in chain if entry.seq not in gone], chain)

    assert found == [ChainProblem(seq=seq, kind="removed") for seq in sorted(gone)]


@given(ENTRIES, st.data())
@settings(max_examples=60, deadline=None)
def test_entries_that_changed_places_are_found(entries: list[LogEntry], data: st.DataObject) -> None:
    chain = chained(entries)
    first, second = sorted(data.draw(st.sets(st.integers(0, len(chain) - 1), min_size=2, max_size=2)))
    moved = list(chain)
    moved[first], moved[second] = moved[second], moved[first]

    found = problems(moved, chain)

    assert {problem.kind for problem in found} == {"reordered"}
    assert first + 1 in {problem.seq for problem in found}


@given(ENTRIES, st.permutations(range(12)))
@settings(max_examples=60, deadline=None)
def test_any_other_order_is_found(entries: list[LogEntry], order: list[int]) -> None:
    chain = chained(entries)
    shuffled = [chain[place] for place in order if place < len(chain)]

    assert (problems(shuffled, chain) == []) == (shuffled == chain)


def test_a_whole_log_that_was_emptied_is_found() -> None:
    chain = chained([LogEntry(at=AT, verb="entry_written", args={}) for _ in range(3)])

    assert problems([], chain) == [ChainProblem(seq=seq, kind="removed") for seq in (1, 2, 3)]


def test_an_entry_that_was_slipped_in_behind_the_head_is_found() -> None:
    chain = chained([LogEntry(at=AT, verb="entry_written", args={}) for _ in range(4)])

    assert problems(chain, chain[:3]) == [ChainProblem(seq=4, kind="changed")]


def test_an_empty_log_holds() -> None:
    assert verify([], head_seq=0, head_hash=GENESIS) == ()


@pytest.mark.parametrize("zone", ["+08:00", "-05:00"])
def test_the_zone_in_which_a_time_is_written_does_not_matter(zone: str) -> None:
    local = AT.astimezone(datetime.fromisoformat(f"2026-01-01T00:00{zone}").tzinfo)

    assert canonical(LogEntry(at=local, verb="x", args={})) == canonical(LogEntry(at=AT, verb="x", args={}))
