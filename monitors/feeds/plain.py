"""Markup to plain text: what a reader would see. Linear in the length of its input, whatever the input.

Not a sanitiser: the answer is text and has to be escaped like any text where it is shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import groupby

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

_NAME = re.compile(r"/?(?:\w{1,20}:)?([a-zA-Z][a-zA-Z0-9]*)")


def _any_of(words: Iterable[str]) -> str:
    """A pattern of these words that decides by one letter at a time: one after the other is three times as slow."""
    letters = groupby(sorted(set(words)), key=lambda word: word[:1])
    branches = [first + _any_of(word[1:] for word in starting) if first else "" for first, starting in letters]
    branches.sort(key=len, reverse=True)
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


# The tags of blocks, then all others, as they are mostly written, the commonest first. "[^>]*" is four times as fast as
# "[^<>]*": whether one match took two tags is seen by counting. Unseen elements, and what is no tag, are not matched.
_BLOCK = f"(?:p|li|div|br|{_any_of(_BLOCK_NAMES - {'p', 'li', 'div', 'br'})})"
_INLINE = f"(?:span|a|code|{_any_of(_INLINE_NAMES - _UNSEEN_NAMES - {'span', 'a', 'code'})})"
_BLOCK_TAG = re.compile(rf"<(?:/{_BLOCK}>|{_BLOCK}\b[^>]*+>)")
_OTHER_TAG = re.compile(
    rf"<(?:span [^>]*+>|/{_INLINE}>|{_INLINE}\b[^>]*+>"
    rf"|/?+(?:\w{{1,20}}:)?+(?!(?i:{_any_of(_BLOCK_NAMES | _UNSEEN_NAMES)})(?![a-zA-Z0-9]))[a-zA-Z][^<>\x00]*+>"
    r"|!--[^<>]*-->)"
)
_ODD_BLOCK_TAG = re.compile(rf"</?+(?:\w{{1,20}}:)?+(?i:{_any_of(_BLOCK_NAMES)})(?![^\s/>])[^<>\x00]*>")
# (opening tag, name) of what is not shown, once the tags in it are out.
_UNSEEN = re.compile(rf"(<({'|'.join(sorted(_UNSEEN_NAMES))})\b[^<>\x00]*+>)[^<]*+</\2>", re.IGNORECASE | re.ASCII)
_OPEN_QUOTE = re.compile(r"""=(?:"[^"<>]*+|'[^'<>]*+)>""")

# An attribute value may hold ">", but no "<": so that each attempt ends at the next tag and the whole stays linear.
_INSIDE = r"""(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+"""
_KNOWN = re.compile(rf"</?({'|'.join(sorted(_BLOCK_NAMES | _INLINE_NAMES))})(?=[\s/>]){_INSIDE}>", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|img|hr|p)\b[^<>]*+>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# As `html.unescape` sees one (HTML Standard, 13.2.5.72 and following), which looks each one up anew.
_ANY_REFERENCE = re.compile(r"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_CONTROLS = {
    chr(code): bytes([code]).decode("cp1252", "replace") if code in range(0x80, 0xA0) else ""
    for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF)
}


def text_of_html(markup: str) -> str:
    """The text of HTML: a line per block, no blank lines, no script, no style, entities resolved."""
    if "<" not in markup:
        return spaced(unescaped(markup))
    shown = unescaped(_shown(markup))
    return _laid_out(shown if shown.isascii() else _mended(shown))


def text_of_loose(value: str) -> str:
    """The text of a value that may be plain text or markup, as in most titles: markup only if it looks like it."""
    if "<" in value and _LOOKS_LIKE_HTML.search(value):
        value = _KNOWN.sub(_replaced, _without_comments(_without_unseen(value)))
        value = _laid_out(unescaped(value))
    elif "&" in value:
        value = unescaped(value)
    return spaced(value)


def text_of_text(value: str) -> str:
    """A value declared to be plain text: its angle brackets are meant, a named entity never is."""
    if "&" in value:
        value = _REFERENCE.sub(lambda match: html.unescape(match[0]), value)
    return spaced(value)


def tidy(text: str) -> str:
    """Text from anywhere: control characters out, then as `spaced`."""
    return spaced(scrubbed(text))


class _Meanings(dict[str, str]):
    """What references stand for, remembered: a few hundred of them make up nearly all."""

    def __missing__(self, reference: str) -> str:
        meaning = html.unescape(f"&{reference}")
        # Not what was made up to fill the memory.
        if len(reference) < 12 and len(self) < 4_000:
            self[reference] = meaning
        return meaning


_MEANINGS = _Meanings()


def unescaped(text: str) -> str:
    """As `html.unescape`, and several times as fast."""
    if "&" not in text:
        return text
    pieces = _ANY_REFERENCE.split(text)
    pieces[1::2] = map(_MEANINGS.__getitem__, pieces[1::2])
    return "".join(pieces)


def scrubbed(text: str) -> str:
    """Without control characters; those that are windows-1252 in disguise (0x80 to 0x9F) become what was meant."""
    return _CONTROL.sub(lambda match: _CONTROLS[match[0]], text)


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
    text, blocks = _without(_BLOCK_TAG, markup, _BREAK)
    text, others = _without(_OTHER_TAG, text, "")
    if "<" in text:
        text, odd = _without(_ODD_BLOCK_TAG, text, _BREAK)
        blocks += odd
        unseen = _UNSEEN.findall(text)
        # (If an opening tag did not stand there like that, another has been taken out of its middle.)
        if unseen and all(opening in markup for opening, _ in unseen):
            text = _UNSEEN.sub("", text)
            others += 2 * len(unseen)
    # Nothing was unclear if each bracket began one tag, and none stands in the value of an attribute.
    if blocks + others == markup.count("<") and not (">" in text and _OPEN_QUOTE.search(markup)):
        return text
    return _shown_with_care(_without_comments(markup))


def _without(tag: re.Pattern[str], text: str, instead: str) -> tuple[str, int]:
    """The text with something else in the place of each such tag, and their number."""
    # Behind the last ">" no tag ends, and each attempt would look for its end: a square of time.
    last = text.rfind(">") + 1
    pieces = tag.split(text if last == len(text) else text[:last])
    pieces[-1] += text[last:]
    return instead.join(pieces), len(pieces) - 1


class _Instead(dict[str, str]):
    """What stands for a tag that begins with this name, remembered: a mark of a break for one of a block, nothing for
    any other. "<" for what has to be looked at, because it hides what follows, or is no tag."""

    def __missing__(self, tag: str) -> str:
        match = _NAME.match(tag)
        name = match[1].lower() if match else ""
        if not name or name in _UNSEEN_NAMES or not (tag[0].isalpha() or tag[0] == "/"):
            return "<"
        instead = _BREAK if name in _BLOCK_NAMES else ""
        # Not what was made up to fill the memory.
        if len(tag) < 24 and len(self) < 4_000:
            self[tag] = instead
        return instead


_INSTEAD = _Instead()


def _shown_with_care(markup: str) -> str:
    """The same tag by tag, for markup that hides something, or has brackets in its text or its attributes."""
    pieces = markup.split("<")
    shown = [pieces[0]]
    show, hidden = shown.append, ""
    for piece in pieces[1:]:
        tag, closed, text = piece.partition(">")
        # A second bracket may mean that the first one stood in the value of an attribute.
        instead = _INSTEAD[tag.partition(" ")[0]] if closed and ">" not in text else "<"
        if instead == "<":
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
    for space in "\n\xa0\t\r\u3000":
        if space in text:
            text = text.replace(space, " ")
    # Looking is faster than splitting into words, and most lines are in order.
    lines = filter(None, map(str.strip, text.split(_BREAK)))
    return "\n".join([" ".join(line.split()) if "  " in line else line for line in lines])


def _mended(text: str) -> str:
    # "CafÃ©" is how "Café" looks when UTF-8 was read as Latin-1 and stored again. Text that is honestly Latin-1 is
    # practically never valid UTF-8.
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
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
