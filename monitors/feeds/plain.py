"""Markup to plain text: what a reader would see. Linear in the length of its input, whatever the input.

Not a sanitiser: the answer is text and has to be escaped like any text where it is shown.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress

_BLOCK_NAMES = (
    "address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_INLINE_NAMES = (
    "a|abbr|acronym|audio|b|bdi|bdo|big|button|canvas|cite|code|col|colgroup|data|del|dfn|em|embed|font|i|iframe|img|"
    "input|ins|kbd|label|map|area|mark|math|meta|noscript|object|param|picture|q|rp|rt|ruby|s|samp|script|select|small|"
    "source|span|strike|strong|style|sub|sup|svg|textarea|time|tt|u|var|video|wbr"
)
# An attribute value may hold ">", but no "<": so that each attempt ends at the next tag and the whole stays linear.
_INSIDE = r"""(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+"""
_END = rf"(?=[\s/>]){_INSIDE}>"
_BLOCK = re.compile(rf"</?(?:\w{{1,20}}:)?(?:{_BLOCK_NAMES}){_END}", re.IGNORECASE)
_TAG = re.compile(rf"<[/!?]?[a-z]{_INSIDE}>|<[/!?]?[a-z][^<>]*+>", re.IGNORECASE)
_KNOWN = re.compile(rf"</?(?:{_BLOCK_NAMES}|{_INLINE_NAMES}){_END}", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|head|template|noembed|noframes|title)(?=[\s/>])", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|img|hr|p)\b[^<>]*+>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_C1 = re.compile("[\x80-\x9f]")
_LATIN_ONLY = re.compile("[\x00-\xff]*")
_C1_TABLE = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def text_of_html(markup: str) -> str:
    """The text of HTML: a line per block, no blank lines, no script, no style, entities resolved."""
    if "<" in markup:
        markup = _without_unseen(_without_comments(markup))
        markup = " ".join(markup.split())
        markup = _TAG.sub("", _BLOCK.sub("\n", markup))
    if "&" in markup:
        markup = html.unescape(markup)
    return tidy(markup)


def text_of_loose(value: str) -> str:
    """The text of a value that may be plain text or markup, as in most titles: markup only if it looks like it."""
    if "<" in value and _LOOKS_LIKE_HTML.search(value):
        value = _without_unseen(_without_comments(value))
        value = _KNOWN.sub("", _BLOCK.sub("\n", value))
    if "&" in value:
        value = html.unescape(value)
    return tidy(value)


def text_of_text(value: str) -> str:
    """A value declared to be plain text: its angle brackets are meant, a named entity never is."""
    if "&" in value:
        value = _REFERENCE.sub(lambda match: html.unescape(match[0]), value)
    return tidy(value)


def tidy(text: str) -> str:
    """Spaces run together, blank lines and control characters taken out, UTF-8 that was read as Latin-1 mended."""
    if not text.isascii():
        text = _mended(text)
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    if "\n" not in text:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def one_line(text: str) -> str:
    """For titles and names."""
    return " ".join(text.split())


def _mended(text: str) -> str:
    # "CafÃ©" is how "Café" looks when UTF-8 was read as Latin-1 and stored again. Text that is honestly Latin-1 is
    # practically never valid UTF-8.
    if _LATIN_ONLY.fullmatch(text):
        with suppress(UnicodeDecodeError):
            text = text.encode("latin-1").decode("utf-8")
    return text.translate(_C1_TABLE) if _C1.search(text) else text


def _without_comments(markup: str) -> str:
    start = markup.find("<!--")
    if start < 0:
        return markup
    kept, done, last = [], 0, markup.rfind("-->")
    while start >= 0:
        kept.append(markup[done:start])
        # A comment that never ends would hide everything after it: it ends with the next bracket.
        mark = "-->" if start + 4 <= last else ">"
        end = markup.find(mark, start + 4)
        if end < 0:
            return "".join(kept)
        done = end + len(mark)
        start = markup.find("<!--", done)
    kept.append(markup[done:])
    return "".join(kept)


def _without_unseen(markup: str) -> str:
    """Without what a browser does not show: scripts, styles, heads."""
    match = _UNSEEN.search(markup)
    if not match:
        return markup
    kept, done = [], 0
    while match:
        kept.append(markup[done : match.start()])
        end = re.compile(rf"</{match[1]}\s*>", re.IGNORECASE).search(markup, match.end())
        if not end:
            return "".join(kept)
        done = end.end()
        match = _UNSEEN.search(markup, done)
    kept.append(markup[done:])
    return "".join(kept)
