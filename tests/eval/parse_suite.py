# ruff: noqa: T201
"""feedparser's own test suite, put to our parser.

    pip download --no-deps --no-binary :all: feedparser==6.0.14 && tar xzf feedparser-6.0.14.tar.gz
    python tests/eval/parse_suite.py feedparser-6.0.14/tests [-v]

Each file of the suite states an expectation about feedparser's result (`Expect: not bozo and entries[0]['title'] ==
...`) and sometimes HTTP headers. The comparisons about fields that we have are evaluated against our result, on the
same bytes with the same headers: titles, links and dates of entries and feeds, texts, languages, and counts.
Markup is compared as the text it shows. Only files whose expectation feedparser itself meets are counted.
"""

from __future__ import annotations

import ast
import calendar
import io
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import feedparser

from monitors import feeds
from monitors.feeds.plain import text_of_html, text_of_loose

ENTRY_FIELDS = {
    **dict.fromkeys(("title",), "title"),
    **dict.fromkeys(("summary", "description", "content", "summary_detail", "content_detail"), "body"),
    **dict.fromkeys(("link",), "url"),
    **dict.fromkeys(("title_detail",), "title"),
    **dict.fromkeys(("published_parsed", "updated_parsed", "created_parsed", "issued_parsed"), "published"),
    **dict.fromkeys(("modified_parsed", "date_parsed"), "published"),
}
FEED_FIELDS = {"title": "title", "title_detail": "title", "link": "link", "language": "language"}


class NotOurs(Exception):
    """The expectation is about something we have no field for."""


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None or not folder.is_dir():
        print("no folder of feedparser's tests given: nothing measured")
        return 0
    warnings.simplefilter("ignore")
    applicable = passed = 0
    for path in sorted(folder.rglob("*.xml")):
        data = path.read_bytes()
        expectation = expected(data)
        if expectation is None:
            continue
        headers = {
            name.decode().lower(): value.decode().strip()
            for name, value in re.findall(rb"^Header:\s+([^:]+):(.+)$", data, re.M)
        }
        address = f"http://127.0.0.1:8097/tests/{path.relative_to(folder)}"
        url = feedparser.urls.make_safe_absolute_uri(address, headers.get("content-location", ""))
        if not meets(expectation, judge(data, headers, url if headers else "")):
            continue
        try:
            checks = comparisons(ast.parse(expectation, mode="eval").body)
        except NotOurs:
            continue
        if not checks:
            continue
        applicable += 1
        try:
            feed = feeds.parse(data, url=url if headers else "", content_type=headers.get("content-type", ""))
            wrong = [ast.unparse(check) for check in checks if not holds(check, feed)]
        except feeds.NotAFeed as error:
            feed, wrong = None, [str(error)]
        passed += not wrong
        if wrong and "-v" in sys.argv:
            print(f"{path.relative_to(folder)}: {wrong}")
            for article in feed.articles if feed else ():
                print("     ", article.title, article.url, article.published, article.body[:200])
    print(f"feedparser's suite, what it passes itself and we have fields for: {passed} of {applicable}")
    print(f"share: {passed / max(1, applicable):.2%}")
    return 0


def expected(data: bytes) -> str | None:
    for codec in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037", "latin-1"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        match = re.search(r"Expect:\s*(.*?)\s*(?:\n|-->)", text)
        if match:
            return match[1].strip()
    return None


def judge(data: bytes, headers: dict[str, str], url: str) -> dict[str, Any]:
    stated = dict(headers)
    if url:
        stated["content-location"] = url
    return feedparser.parse(io.BytesIO(data), response_headers=stated)


def meets(expectation: str, found: dict[str, Any]) -> bool:
    try:
        return bool(eval(expectation, {}, found))
    except Exception:
        return False


def comparisons(node: ast.expr) -> list[ast.Compare]:
    """The comparisons of an and-expression that are about our fields."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [check for value in node.values for check in comparisons(value)]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        try:
            where(node.left)
            ast.literal_eval(node.comparators[0])
        except (NotOurs, ValueError):
            return []
        return [node]
    return []


def where(node: ast.expr) -> tuple[int, str]:
    """(entry, attribute) of a term; -1 is the feed, -2 the number of entries."""
    if ast.unparse(node) == "len(entries)":
        return -2, ""
    path: list[Any] = []
    while isinstance(node, ast.Subscript):
        path.insert(0, ast.literal_eval(node.slice))
        node = node.value
    name = node.id if isinstance(node, ast.Name) else ""
    tail = path[2:] if name == "entries" else path[1:]
    if any(step not in ("value", 0) for step in tail):
        raise NotOurs
    if name == "entries" and len(path) >= 2 and path[1] in ENTRY_FIELDS:
        return path[0], ENTRY_FIELDS[path[1]]
    if name in ("feed", "channel") and path and path[0] in FEED_FIELDS:
        return -1, FEED_FIELDS[path[0]]
    raise NotOurs


def holds(check: ast.Compare, feed: feeds.Feed) -> bool:
    place, attribute = where(check.left)
    value = ast.literal_eval(check.comparators[0])
    if place == -2:
        return len(feed.articles) == value
    if place == -1:
        ours: Any = getattr(feed, attribute)
    elif place < len(feed.articles):
        ours = getattr(feed.articles[place], attribute)
    else:
        # An entry without title, text and link is dropped; nothing was expected of it but an empty value.
        return value in ("", None)
    if attribute == "published":
        return (int(ours.timestamp()) if ours else None) == (calendar.timegm(value) if value else None)
    if attribute in ("title", "body"):
        return squeezed(ours) in (squeezed(text_of_loose(value)), squeezed(text_of_html(value)), squeezed(value))
    return ours == value


def squeezed(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    raise SystemExit(main())
