"""Markup to plain text: what a reader would see. Linear in the length of its input, whatever the input.

Not a sanitiser: the answer is text and has to be escaped like any text where it is shown.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress

_BLOCK_NAMES = frozenset(
    {"address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li"}
    | {"main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead"}
    | {"tr", "ul"}
)
_INLINE_NAMES = frozenset(
    {"a", "abbr", "acronym", "area", "audio", "b", "bdi", "bdo", "big", "button", "canvas", "cite", "code", "col"}
    | {"colgroup", "data", "del", "dfn", "em", "embed", "font", "i", "iframe", "img", "input", "ins", "kbd", "label"}
    | {"map", "mark", "math", "meta", "noscript", "object", "param", "picture", "q", "rp", "rt", "ruby", "s", "samp"}
    | {"script", "select", "small", "source", "span", "strike", "strong", "style", "sub", "sup", "svg", "textarea"}
    | {"time", "tt", "u", "var", "video", "wbr"}
)
# What a browser does not show.
_UNSEEN_NAMES = frozenset({"script", "style", "head", "template", "noembed", "noframes", "title"})
_BREAK = "\x00"

# Whole tags without attributes, as they are mostly written, to what stands in their place. Others are looked at.
_BARE = {
    f"{slash}{spelling}{end}": _BREAK if name in _BLOCK_NAMES else ""
    for name in _BLOCK_NAMES | _INLINE_NAMES - _UNSEEN_NAMES
    for spelling in (name, name.upper())
    for slash in ("", "/")
    for end in ("", "/", " /")
}
_NAME = re.compile(r"/?(?:\w{1,20}:)?([a-zA-Z][a-zA-Z0-9]*)")

# An attribute value may hold ">", but no "<": so that each attempt ends at the next tag and the whole stays linear.
_INSIDE = r"""(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+"""
_KNOWN = re.compile(rf"</?({'|'.join(sorted(_BLOCK_NAMES | _INLINE_NAMES))})(?=[\s/>]){_INSIDE}>", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|img|hr|p)\b[^<>]*+>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_CONTROLS = {
    code: bytes([code]).decode("cp1252", "replace") if code in range(0x80, 0xA0) else ""
    for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF)
}


def text_of_html(markup: str) -> str:
    """The text of HTML: a line per block, no blank lines, no script, no style, entities resolved."""
    if "<" not in markup:
        return spaced(html.unescape(markup) if "&" in markup else markup)
    markup = _shown(_without_comments(markup))
    if "&" in markup:
        markup = html.unescape(markup)
    return _laid_out(markup if markup.isascii() else _mended(markup))


def text_of_loose(value: str) -> str:
    """The text of a value that may be plain text or markup, as in most titles: markup only if it looks like it."""
    if "<" in value and _LOOKS_LIKE_HTML.search(value):
        value = _KNOWN.sub(_replaced, _without_comments(_without_unseen(value)))
        value = _laid_out(html.unescape(value) if "&" in value else value)
    elif "&" in value:
        value = html.unescape(value)
    return spaced(value)


def text_of_text(value: str) -> str:
    """A value declared to be plain text: its angle brackets are meant, a named entity never is."""
    if "&" in value:
        value = _REFERENCE.sub(lambda match: html.unescape(match[0]), value)
    return spaced(value)


def tidy(text: str) -> str:
    """Text from anywhere: control characters out, then as `spaced`."""
    return spaced(scrubbed(text))


def scrubbed(text: str) -> str:
    """Without control characters; those that are windows-1252 in disguise (0x80 to 0x9F) become what was meant."""
    return text.translate(_CONTROLS) if _CONTROL.search(text) else text


def spaced(text: str) -> str:
    """Spaces run together and blank lines taken out; UTF-8 that was read as Latin-1 mended."""
    if not text.isascii():
        text = _mended(text)
    if "\n" not in text:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def one_line(text: str) -> str:
    """For titles and names."""
    return " ".join(text.split())


def _shown(markup: str) -> str:
    """The text between tags, with a mark of a break for each tag of a block. What only looks like a tag is text."""
    pieces = markup.split("<")
    shown = [pieces[0]]
    show, bare, hidden = shown.append, _BARE.get, ""
    for piece in pieces[1:]:
        tag, closed, text = piece.partition(">")
        instead = bare(tag)
        if instead is None and closed and ">" not in text:
            # (A second bracket may mean that the first one stood in the value of an attribute.)
            instead = bare(tag.partition(" ")[0])
        if instead is None or not closed:
            instead, text, name = _looked_at(piece, tag, text if closed else None)
            if name:
                # Script, style and the like: nothing is shown until they end, or ever if they never do.
                hidden = name if not hidden and tag[0] != "/" else "" if name == hidden else hidden
        if not hidden:
            if instead:
                show(instead)
            show(text)
    return "".join(shown)


def _looked_at(piece: str, tag: str, text: str | None) -> tuple[str, str, str]:
    """(what stands for the tag, the text after it, its name if it hides or shows) for a tag that is not bare."""
    if text is None or not tag or not (tag[0].isalpha() or tag[0] in "/!?"):
        return "<", piece, ""
    for quote in "\"'":
        # A bracket in the value of an attribute did not end the tag.
        if quote in tag and tag.count(quote) % 2 and f"={quote}" in tag:
            inside, ended, after = text.partition(quote)
            rest, closed, shown = after.partition(">")
            if ended and closed and not rest.count(quote) % 2:
                tag, text = f"{tag}{inside}{rest}", shown
    match = _NAME.match(tag)
    name = match[1].lower() if match else ""
    return _BREAK if name in _BLOCK_NAMES else "", text, name if name in _UNSEEN_NAMES else ""


def _laid_out(text: str) -> str:
    """White space run together, then a line for each mark of a break, and no blank ones."""
    if _BREAK not in text:
        return " ".join(text.split())
    lines = []
    for line in text.split(_BREAK):
        line = line.strip()
        if not line:
            continue
        # Looking is four times as fast as splitting into words, and most lines are in order.
        if "  " in line or "\n" in line or "\xa0" in line or "\t" in line or "\r" in line or "\u3000" in line:
            line = " ".join(line.split())
        lines.append(line)
    return "\n".join(lines)


def _mended(text: str) -> str:
    # "CafÃ©" is how "Café" looks when UTF-8 was read as Latin-1 and stored again. Text that is honestly Latin-1 is
    # practically never valid UTF-8.
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        return text.encode("latin-1").decode("utf-8")
    return text


def _replaced(match: re.Match[str]) -> str:
    return _BREAK if match[1].lower() in _BLOCK_NAMES else ""


def _without_unseen(markup: str) -> str:
    """Without scripts and styles, which a title may carry too."""
    lower = markup.lower()
    for name in ("script", "style"):
        while (start := lower.find(f"<{name}")) >= 0:
            end = lower.find(f"</{name}>", start)
            stop = end + len(name) + 3 if end >= 0 else len(lower)
            markup, lower = markup[:start] + markup[stop:], lower[:start] + lower[stop:]
    return markup


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
