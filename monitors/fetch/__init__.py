"""Getting one document over HTTP, politely and safely: `fetch` (wire), its values, robots delays, codings, headers."""

from monitors.fetch.post import post_form
from monitors.fetch.robots import Robots, robots_after, robots_of, robots_url
from monitors.fetch.values import (
    Answer,
    Body,
    Failed,
    Fetched,
    FetchRequest,
    Gone,
    Hints,
    Limits,
    Unchanged,
    Wait,
    as_record,
    without_secret,
)
from monitors.fetch.wire import PRODUCT, Session, fetch, open_session

__all__ = [
    "PRODUCT",
    "Answer",
    "Body",
    "Failed",
    "FetchRequest",
    "Fetched",
    "Gone",
    "Hints",
    "Limits",
    "Robots",
    "Session",
    "Unchanged",
    "Wait",
    "as_record",
    "fetch",
    "open_session",
    "post_form",
    "robots_after",
    "robots_of",
    "robots_url",
    "without_secret",
]
