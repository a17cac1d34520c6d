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
    """Where the chain does not hold: `kind` is changed, removed, reordered or cut."""

    seq: int
    kind: str


def verify(entries: Iterable[LogEntry], *, head_seq: int, head_hash: str) -> tuple[ChainProblem, ...]:
    """What is wrong with the chain, in order; empty when it holds.

    `entries` are in the order of their row ids. The head is kept apart, so that cutting off the newest
    entries is found too. An entry whose own bytes do not give its hash is `changed`; a number that is not
    there is `removed`; a number that comes too early or twice is `reordered`.
    """
    problems: list[ChainProblem] = []
    expected, prev = 1, GENESIS
    last_hash = GENESIS
    for entry in entries:
        if hashlib.sha256(canonical(entry)).hexdigest() != entry.hash:
            problems.append(ChainProblem(seq=entry.seq, kind="changed"))
        elif entry.seq > expected:
            problems.extend(ChainProblem(seq=seq, kind="removed") for seq in range(expected, entry.seq))
        elif entry.seq < expected:
            problems.append(ChainProblem(seq=entry.seq, kind="reordered"))
        elif entry.prev_hash != prev:
            problems.append(ChainProblem(seq=entry.seq, kind="changed"))
        expected = max(expected, entry.seq + 1)
        prev = last_hash = entry.hash
    if expected - 1 < head_seq:
        problems.extend(ChainProblem(seq=seq, kind="removed") for seq in range(expected, head_seq + 1))
    elif not problems and last_hash != head_hash:
        problems.append(ChainProblem(seq=expected - 1, kind="changed"))
    return tuple(problems)
