"""The log: what happened, who did it, when. Append-only; each entry carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One thing that happened. `verb` names the sentence, `args` fill it; `note` is a person's own words.

    `by` is 0 when the desk itself did it. `seq` counts from 1 without gaps over the whole desk.
    """

    id: int = 0
    seq: int = 0
    incident_id: int | None = None
    at: datetime
    by: int = 0
    verb: str
    args: Mapping[str, Any]
    note: str = ""
    decision: bool = False
    prev_hash: str = ""
    hash: str = ""


def canonical(entry: LogEntry) -> bytes:
    """The bytes that are hashed: everything but the hash itself, in one fixed form."""
    record = {
        "seq": entry.seq,
        "incident": entry.incident_id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": entry.by,
        "verb": entry.verb,
        "args": entry.args,
        "note": entry.note,
        "decision": entry.decision,
        "prev": entry.prev_hash,
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sealed(entry: LogEntry, *, seq: int, prev_hash: str) -> LogEntry:
    """The entry with its place in the chain and its hash (SHA-256, hex)."""
    placed = replace(entry, seq=seq, prev_hash=prev_hash)
    return replace(placed, hash=hashlib.sha256(canonical(placed)).hexdigest())


@dataclass(frozen=True, kw_only=True)
class ChainProblem:
    """Where the chain does not hold: `kind` is changed, removed or reordered."""

    seq: int
    kind: str


def verify(entries: Iterable[LogEntry], *, head_seq: int, head_hash: str) -> tuple[ChainProblem, ...]:
    """What is wrong with the chain, by number; empty when it holds.

    `entries` are in the order of their row ids. The head is kept apart, so that cutting off the newest entries is
    found too. `changed`: its bytes do not give its hash, or the next entry remembers another hash of it. `removed`:
    its number is nowhere. `reordered`: it stands after one with a higher number.
    """
    hashes: dict[int, str] = {}
    links: dict[int, str] = {}
    broken: list[tuple[int, int]] = []
    problems: set[ChainProblem] = set()
    before = 0
    for entry in entries:
        if hashlib.sha256(canonical(entry)).hexdigest() != entry.hash or entry.seq in hashes:
            # Its number may be what was changed: which one it is follows from its neighbours.
            broken.append((before, entry.seq))
            continue
        hashes[entry.seq], links[entry.seq] = entry.hash, entry.prev_hash
        if entry.seq < before:
            problems.add(ChainProblem(seq=entry.seq, kind="reordered"))
        before = max(before, entry.seq)
    missing = [seq for seq in range(1, max(head_seq, before) + 1) if seq not in hashes]
    problems |= _places(broken, missing)
    problems |= {ChainProblem(seq=seq, kind="removed") for seq in missing}
    told = {problem.seq for problem in problems}
    for seq, prev in links.items():
        # Both are sound by themselves: the later one is the witness of what the earlier one was.
        if seq - 1 not in told and prev != (hashes.get(seq - 1) if seq > 1 else GENESIS):
            problems.add(ChainProblem(seq=max(1, seq - 1), kind="changed"))
    if head_seq not in told and hashes.get(head_seq, GENESIS) != head_hash:
        problems.add(ChainProblem(seq=head_seq, kind="changed"))
    problems |= {ChainProblem(seq=seq, kind="changed") for seq in hashes if seq > head_seq and seq not in told}
    return tuple(sorted(problems, key=lambda problem: (problem.seq, problem.kind)))


def _places(broken: list[tuple[int, int]], missing: list[int]) -> set[ChainProblem]:
    """Which entries the broken ones are: their own number when it is missing, else the first that is missing after
    the entry they follow. Takes what it found out of `missing`."""
    found = set()
    for before, seq in sorted(broken, key=lambda pair: pair[1] not in missing):
        place = seq if seq in missing else next((number for number in missing if number > before), seq)
        if place in missing:
            missing.remove(place)
        found.add(ChainProblem(seq=place, kind="changed"))
    return found
