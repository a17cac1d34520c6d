"""What a fetch takes and what it gives: values, whatever the world did.

A server that lies, stalls, floods or vanishes is an everyday answer, not an exception, so `fetch` always returns one of

    Unchanged   304, or the same bytes as last time
    Body        bytes to parse
    Gone        410: the publisher says that it will not come back (it is asked again all the same, see cadence)
    Wait        429 or 503: come back later, and when
    Failed      anything else; a code with arguments, worded where it is shown
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchRequest:
    """One document to get. `key` is the caller's name for it (default: the URL).

    `etag`, `last_modified` and `body_hash` are what the last answer carried; leave them empty to get the whole
    document whatever the server believes. `headers` are sent to the first host only, never to where it redirects.
    """

    url: str
    key: str = ""
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.key or self.url


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much of the world one fetch may take.

    `max_bytes` counts after decompression: a bomb is small on the wire. `max_wire_bytes` bounds what is read to get
    there. The largest of 209 recorded news feeds is under 6 MB; 16 MB leaves room. `total_s` bounds everything,
    redirects included, so a server that sends one byte a second holds a slot for that long and no longer.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_wire_bytes: int = 16 * 1024 * 1024
    max_redirects: int = 5
    connect_s: float = 10.0
    read_s: float = 15.0
    total_s: float = 45.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """What the server says about how long its answer stays good. Seconds; None where it says nothing.

    `stale_now`: it forbids keeping the answer at all (no-cache, no-store, `Expires: 0`).
    """

    max_age_s: float | None = None
    stale_now: bool = False
    hub: str = ""
    topic: str = ""


NO_HINTS = Hints()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What every answer tells.

    `final_url` is where the answer came from. `moved_to` is set when the address moved for good (301 or 308, every
    step up to there): use it the next time. `wire_bytes` is what was read of the body; `took_s` the wall time.
    """

    url: str
    final_url: str
    at: datetime
    moved_to: str = ""
    status: int | None = None
    hints: Hints = NO_HINTS
    wire_bytes: int = 0
    took_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged(Answer):
    """Nothing new. The validators are those to send next time: a server may renew them though nothing changed."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    not_modified: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Body(Answer):
    """The document, decompressed. `body_hash` is SHA-256 in hex.

    `complete` is False when the connection broke before the announced end: what came is worth parsing, but it carries
    no validators and no hash, so that the rest is fetched next time and nothing is lost.
    """

    body: bytes = field(repr=False)
    body_hash: str = ""
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""
    complete: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone(Answer):
    """410."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait(Answer):
    """429 or 503. `retry_after` is what the server asks for, None when it does not say how long.

    `asked` is False when the document was not even requested, because its host had just asked for peace or did not
    answer: the poller gives this instead of knocking again.
    """

    retry_after: timedelta | None = None
    asked: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed(Answer):
    """No document. `code` names a sentence, `args` are its arguments.

    `permanent`: the same request will fail again until a person changes something (a refused address, a URL that
    cannot be read). It is still asked again, seldom: settings and the world change.
    `whole_host`: the host itself did not answer (name, connection, TLS), so its other documents will not either.
    """

    code: str
    args: tuple[tuple[str, str], ...] = ()
    permanent: bool = False
    whole_host: bool = False

    def __str__(self) -> str:
        return f"{self.code} {dict(self.args)}" if self.args else self.code


Fetched = Unchanged | Body | Gone | Wait | Failed


def without_secret(url: str) -> str:
    """A URL as it may be shown or logged: without user and password."""
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"


def as_record(fetched: Fetched) -> dict[str, Any]:
    """A JSON-able record of an answer for a log: everything but the bytes."""
    record: dict[str, Any] = {
        "kind": type(fetched).__name__.lower(),
        "url": without_secret(fetched.url),
        "final_url": without_secret(fetched.final_url),
        "at": fetched.at.astimezone(UTC).isoformat(),
        "status": fetched.status,
        "wire_bytes": fetched.wire_bytes,
        "took_s": round(fetched.took_s, 3),
    }
    if fetched.moved_to:
        record["moved_to"] = without_secret(fetched.moved_to)
    match fetched:
        case Body():
            record |= {"bytes": len(fetched.body), "body_hash": fetched.body_hash, "complete": fetched.complete}
        case Wait():
            record["retry_after_s"] = None if fetched.retry_after is None else fetched.retry_after.total_seconds()
        case Failed():
            record |= {"code": fetched.code, "args": dict(fetched.args), "permanent": fetched.permanent}
    return record
