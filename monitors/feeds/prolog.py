"""What has to happen to the text of a feed before an XML parser may see it.

The document type is taken out: it is where entity bombs and external entities live. Of its entities only those are
kept that stand for plain text, and they are replaced here, up to a limit. `repaired` mends what commonly makes feeds
ill-formed: bare ampersands, HTML entities, control characters, broken character references.
"""

from __future__ import annotations

import html
import re
from html.entities import name2codepoint

from .plain import scrubbed

_BEGINNING = re.compile(r"<!--|<!DOCTYPE|<[A-Za-z_]", re.IGNORECASE)
_MARK = re.compile(r"""[\[\]<>"']""")
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_FEED_ITSELF = re.compile(
    r"<(?:(?:[\w-]+:)?(?:rss|feed|rdf|channel|item|entry|opml|urlset|sitemapindex))[\s/>]", re.IGNORECASE
)
_NOISE_AT_MOST = 20_000
_ENTITY = re.compile(
    r"""<!ENTITY\s+([\w.-]{1,60})\s+(?:"([^"&%<]{0,500}|&#\w{1,8};)"|'([^'&%<]{0,500}|&#\w{1,8};)')\s*>"""
)
_REFERENCE = re.compile(r"&([A-Za-z_][\w.-]{0,59});")
_EXPANDED_AT_MOST = 1_000_000
_ILLEGAL = re.compile("[\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(#(?:\d{1,8}|[xX][0-9A-Fa-f]{1,6});|[A-Za-z][A-Za-z0-9]{1,31};)?")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def prepared(text: str) -> str:
    """The text from its first element on, without declaration and document type; its harmless entities replaced."""
    start = _start(text)
    head = text[:start]
    text = text[start:]
    if "<!ENTITY" in head:
        text = _with_entities(text, head)
    return text


def without_noise(text: str) -> str:
    """The text from the feed on, where a server wrote warnings before it. A web page is left as it is."""
    start = _FEED.search(text, 0, _NOISE_AT_MOST)
    if not start or not start.start() or text[:200].lstrip().lower().startswith(("<html", "<head", "<body")):
        return text
    return text[start.start() :] if not _FEED_ITSELF.match(text) else text


def repaired(text: str) -> str:
    """The text with its ampersands and character references mended. What stands in CDATA is left alone."""
    pieces, done = [], 0
    start = text.find("<![CDATA[")
    while start >= 0:
        end = text.find("]]>", start)
        if end < 0:
            break
        pieces.append(_with_references(text[done:start]))
        pieces.append(text[start : end + 3])
        done = end + 3
        start = text.find("<![CDATA[", done)
    pieces.append(_with_references(text[done:]))
    return scrubbed(_ILLEGAL.sub("", "".join(pieces)))


def _start(text: str) -> int:
    """Where the first element begins: after declarations, comments, the document type, and noise before them."""
    position = 0
    while True:
        match = _BEGINNING.search(text, position)
        if not match:
            return len(text)
        if match[0] == "<!--":
            end = text.find("-->", match.end())
            if end < 0:
                return len(text)
            position = end + 3
        elif match[0].startswith("<!"):
            position = _end_of_doctype(text, match.start())
        else:
            return match.start()


def _end_of_doctype(text: str, start: int) -> int:
    """The place after the document type, quotes and internal subset considered."""
    depth, position = 0, start + 2
    while True:
        match = _MARK.search(text, position)
        if not match:
            return len(text)
        found, position = match[0], match.end()
        if found in "\"'":
            end = text.find(found, position)
            position = end + 1 if end >= 0 else position
        elif found == "[":
            depth += 1
        elif found == "]":
            depth -= 1
        elif found == ">" and depth <= 0:
            return position


def _with_entities(text: str, head: str) -> str:
    values = {match[1]: html.unescape(match[2] or match[3] or "") for match in _ENTITY.finditer(head)}
    left = _EXPANDED_AT_MOST

    def value(match: re.Match[str]) -> str:
        nonlocal left
        plain = values.get(match[1])
        if plain is None or match[1] in _XML_NAMES:
            return match[0]
        left -= len(plain)
        return html.escape(plain) if left >= 0 else match[0]

    return _REFERENCE.sub(value, text) if values else text


class _Mended(dict[str | None, str]):
    """What stands after the mending for what followed an ampersand, remembered: it is the same few, over and over."""

    def __missing__(self, reference: str | None) -> str:
        mended = _mended(reference or "")
        # Not what was made up to fill the memory.
        if len(self) < 4_000:
            self[reference] = mended
        return mended


_MENDED = _Mended()


def _with_references(text: str) -> str:
    pieces = _AMPERSAND.split(text)
    pieces[1::2] = map(_MENDED.__getitem__, pieces[1::2])
    return "".join(pieces)


def _mended(reference: str) -> str:
    if reference[:1] == "#":
        digits = reference[1:-1]
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF:
            return f"&{reference}"
        return ""
    name = reference[:-1]
    if name in _XML_NAMES:
        return f"&{reference}"
    if name in name2codepoint:
        return chr(name2codepoint[name])
    return f"&amp;{reference}"
