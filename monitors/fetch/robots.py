"""What robots.txt asks of us: how long to wait between two requests, and which paths to leave alone. Pure.

A feed is published to be polled, so its own path is fetched whatever `Disallow` says, and so is a page that a person
has named to be watched; the delay is honoured for everything, and `may` for the pages that a feed leads to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from yarl import URL

from monitors.fetch.values import Body, Failed, Fetched, Gone

# RFC 9309 2.5: at least 500 KiB must be read, what is longer may be ignored.
_MOST_BYTES = 512 * 1024
# A longer delay than this would silence a source for longer than our slowest interval.
_LONGEST_DELAY_S = 6 * 3600.0
_MOST_RULES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Robots:
    """The group of a robots.txt that speaks to us. `delay_s` is None when it asks for none."""

    delay_s: float | None = None
    rules: tuple[tuple[bool, str], ...] = ()
    sitemaps: tuple[str, ...] = ()

    def may(self, url: str) -> bool:
        """Whether a path may be fetched: the longest matching rule decides, allow wins a tie (RFC 9309 2.2.2)."""
        place = URL(url)
        path = _normal(place.raw_path_qs or "/")
        best = (0, True)
        for allow, pattern in self.rules:
            if len(pattern) >= best[0] and _matches(pattern, path):
                best = max(best, (len(pattern), allow)) if len(pattern) == best[0] else (len(pattern), allow)
        return best[1]


EVERYTHING = Robots()


def robots_url(url: str) -> str:
    """Where the robots.txt for a URL lies. Raises ValueError."""
    return str(URL(url).origin().with_path("/robots.txt"))


def robots_of(body: bytes, *, agent: str) -> Robots:
    """What a robots.txt asks of `agent` (first word of our User-Agent): its own groups together, else those of `*`
    (RFC 9309 2.2.1)."""
    name = re.split(r"[/\s]", agent.strip().lower(), maxsplit=1)[0]
    ours, everybodys = _Group(), _Group()
    named = False
    # Of the groups that the lines belong to only two matter to us: a file may name thousands before each rule.
    groups: set[_Group] = set()
    sitemaps: list[str] = []
    in_rules = False
    for line in body[:_MOST_BYTES].decode("utf-8-sig", "replace").splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        if not colon:
            continue
        field, value = field.strip().lower(), value.strip()
        if field == "user-agent":
            if in_rules:
                groups, in_rules = set(), False
            if value == "*":
                groups.add(everybodys)
            elif _names(value.lower(), name):
                groups.add(ours)
                named = True
        elif field == "sitemap":
            if value and len(sitemaps) < _MOST_RULES:
                sitemaps.append(value)
        elif field in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            for group in groups:
                group.take(field, value)
    found = ours if named else everybodys
    return Robots(delay_s=max(found.delays, default=None), rules=tuple(found.rules), sitemaps=tuple(sitemaps))


class _Group:
    """The rules for one reader, as they are read."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.rules: list[tuple[bool, str]] = []

    def take(self, field: str, value: str) -> None:
        if field == "crawl-delay":
            if (delay := _delay(value)) is not None:
                self.delays.append(delay)
        elif value and len(self.rules) < _MOST_RULES:
            self.rules.append((field == "allow", _normal(value[:2000])))


def robots_after(fetched: Fetched, *, agent: str) -> Robots | None:
    """What the answer to a request for robots.txt means; None when it says nothing and what was known stays.

    RFC 9309 2.3.1: where there is none (any 4xx) nothing is asked of us. Where the server fails (5xx, no connection)
    the old rules hold.
    """
    match fetched:
        case Body(body=body, complete=True):
            return robots_of(body, agent=agent)
        case Gone() | Failed(code="not_found" | "forbidden" | "empty"):
            return EVERYTHING
        case Failed(status=status) if status is not None and 400 <= status < 500:
            return EVERYTHING
    return None


def _names(group: str, name: str) -> bool:
    return bool(group) and re.split(r"[/\s]", group, maxsplit=1)[0] == name


def _delay(text: str) -> float | None:
    found = re.match(r"\d{1,9}(?:\.\d{1,6})?", text, re.ASCII)
    return min(float(found.group()), _LONGEST_DELAY_S) if found else None


def _normal(path: str) -> str:
    return quote(unquote(path, errors="surrogateescape"), safe="/?&=%*$:@!',;+~()[]", errors="surrogateescape")


def _matches(pattern: str, path: str) -> bool:
    """Whether a path begins with a pattern, in which `*` is any run and a final `$` the end. Linear, no regex."""
    anchored = pattern.endswith("$")
    head, *rest = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(head):
        return False
    at = len(head)
    for number, part in enumerate(rest):
        if anchored and number == len(rest) - 1:
            return len(path) - len(part) >= at and path.endswith(part)
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not anchored or at == len(path)
