"""The quick reader: a feed as XML by lxml. Well-formed feeds, and those a small repair makes well-formed.

Hostile input: the document type never reaches libxml2 (`prolog` takes it out), entities are not resolved, there is
no network, and libxml2's own limits on depth (256) and text (10 MB) hold (`huge_tree` is off).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from . import names
from .document import Document, Entry, Kind, Markup, Value
from .plain import scrubbed

_XML = "{http://www.w3.org/XML/1998/namespace}"
_HTML_TYPES = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml", "text/xhtml", "application/xhtml"})
# U+0080 to U+009F, which nobody means, in UTF-8.
_C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
# What may stand before the root of a feed that needs no help. A document type that names nothing is left out, too.
_PLAIN = re.compile(
    rb"""(?P<mark>(?:\xef\xbb\xbf)?\s*)"""
    rb"""(?:<\?xml(?: version=['"]1\.0['"])?(?: encoding=['"]utf-8['"])?(?: standalone="\w+")?\s?\?>)?"""
    rb"""(?:\s++|<\?xml-stylesheet\s[^<>?]*+\?>|<!--(?:[^<>-]|-(?!-))*+-->)*+(?P<type><!DOCTYPE\s+\w+\s*+>\s*+)?"""
    rb"""(?=<(?:rss|feed|rdf:RDF)[\s>])""",
    re.IGNORECASE,
)
_C1_REFERENCES = re.compile(rb"&#(?:(1[2-5][0-9])|x([89][0-9a-fA-F]));")
# The same without its ampersand, which is everywhere, while "#" is rare.
_MAYBE_C1 = re.compile(rb"#(?:1[2-5][0-9]|x[89][0-9a-fA-F]);")
_LONGEST_C1 = 6
# Bytes that are looked through at once.
_STRETCH = 4_096
_LEAKED = frozenset({"link", "guid", "id", "pubdate", "published", "updated", "description", "summary"})
_HARMLESS = frozenset(
    {"NS_ERR_UNDEFINED_NAMESPACE", "NS_ERR_ATTRIBUTE_REDEFINED", "NS_ERR_XML_NAMESPACE", "NS_ERR_QNAME"}
)


class Tree(NamedTuple):
    """What libxml2 made of a document. `root` is None if nothing; `well` says that it was well-formed (undeclared
    prefixes count as such: what they say is clear), `cut` that its end is missing, `monstrous` that it broke a limit
    of depth or length, so that nothing slower should be let near it."""

    root: Any = None
    well: bool = False
    cut: bool = False
    monstrous: bool = False


def tree_of(text: str) -> Tree:
    """The tree of a prepared text, of as much as can be read."""
    return _tree(_cleaned(text.encode("utf-8", "replace")))


def plain(data: bytes) -> bytes | None:
    """A feed that seems to need no help at all, which most do not: it begins with its root. None for any other, which
    has to be decoded and prepared."""
    start = _PLAIN.match(data[:1_000])
    if not start:
        return None
    # libxml2 reads the declaration itself; only what comes before one, and a document type, have to go.
    return _cleaned(data[start.end() :] if start["mark"] or start["type"] else data)


def root_of_plain(data: bytes) -> Any | None:
    """The root of such a feed if it is UTF-8 and well-formed, else None."""
    tree = _tree(data)
    return tree.root if tree.well else None


def _cleaned(data: bytes) -> bytes:
    """UTF-8 without control characters that are windows-1252 in disguise."""
    if _holds(data, b"\xc2", _C1_BYTES):
        data = scrubbed(data.decode("utf-8", "replace")).encode()
    if _holds(data, b"#", _MAYBE_C1):
        data = _C1_REFERENCES.sub(_unmasked, data)
    return data


def _tree(data: bytes) -> Tree:
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return Tree()
    for error in parser.error_log:
        if error.level_name == "WARNING" or error.type_name in _HARMLESS or error.type_name.startswith("WAR_"):
            continue
        if error.type_name == "ERR_DOCUMENT_END":  # Something follows the root, which was whole.
            continue
        cut = error.type_name in ("ERR_TAG_NOT_FINISHED", "ERR_CDATA_NOT_FINISHED", "ERR_DOCUMENT_EMPTY")
        return Tree(root, cut=cut, monstrous=error.type_name == "ERR_RESOURCE_LIMIT")
    return Tree(root, well=root is not None)


def _holds(data: bytes, first: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Whether the pattern occurs, which begins with this byte: `find` leaps over stretches without it, at twenty times
    the pace of a search."""
    for start in range(0, len(data), _STRETCH):
        stop = start + _STRETCH
        place = data.find(first, start, stop)
        if place >= 0 and pattern.search(data, place, stop + _LONGEST_C1):
            return True
    return False


def _unmasked(match: re.Match[bytes]) -> bytes:
    """&#150; is a dash in windows-1252, and a control character in Unicode, which nobody means."""
    code = int(match[1]) if match[1] else int(match[2], 16)
    return bytes([code]).decode("cp1252", "ignore").encode() if 0x80 <= code < 0xA0 else match[0]


def document_of(root: Any, *, url: str) -> Document | None:
    """The feed of a tree, or None if its root is not one of a feed."""
    reader = _Reader(root, url)
    return reader.read()


# What tags mean whose name says it all; those in a namespace that nobody knows go by their prefix in the feed at hand.
_KEYS: dict[str, str] = {}


class _Reader:
    def __init__(self, root: Any, url: str) -> None:
        self.root = root
        self.keys: dict[str, str] = {}
        # Not bound to the reader: in a circle with itself it would keep the whole tree until the collector comes by.
        self.handlers: dict[str, _Handler | None] = {}
        self.url = url
        self.document = Document(kind=Kind.RSS)

    def key(self, element: Any) -> str:
        tag = element.tag
        try:
            return _KEYS.get(tag) or self.keys[tag]
        except KeyError:
            pass
        if not isinstance(tag, str):
            return "&"  # An entity that was left alone.
        namespace, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
        local = local.lower()
        prefix = names.NAMESPACES.get(namespace.lower())
        everywhere = prefix is not None or not namespace
        if prefix is None:
            if "backend.userland.com/rss" in namespace.lower():
                prefix = ""
            else:
                prefix = (element.prefix or "").lower() if namespace else ""
        key = f"{prefix}:{local}" if prefix else local
        # Prefixes that were never declared stay in the name; those of the core formats say nothing.
        if key.startswith(("atom:", "rss:")) and not namespace:
            key = key.partition(":")[2]
        if everywhere and len(_KEYS) < 4_000:
            _KEYS[tag] = key
        else:
            self.keys[tag] = key
        return key

    def read(self) -> Document | None:
        root_key = self.key(self.root)
        if root_key not in names.ROOTS and root_key not in names.ENTRIES:
            return None
        namespace = self.root.tag[1:].partition("}")[0].lower() if self.root.tag.startswith("{") else ""
        if root_key.startswith("rdf"):
            self.document.kind = Kind.RDF
        elif root_key in ("feed", "entry") or namespace in names.ATOM:
            self.document.kind = Kind.ATOM
        self.document.language = self.root.get(_XML + "lang") or ""
        base = self.based(self.root, self.url)
        if root_key in names.ENTRIES:
            self.entry(self.root, base)
        else:
            if root_key == "channel":
                self.cdf(self.root, self.document, base)
            self.feed(self.root, base, depth=0)
        return self.document

    def based(self, element: Any, base: str) -> str:
        if not element.keys():
            return base
        own = element.get(_XML + "base") or element.get("base")
        return join(base, own) if own else base

    def feed(self, element: Any, base: str, *, depth: int) -> None:
        document = self.document
        for child in element:
            key = self.key(child)
            if key in names.ENTRIES:
                self.entry(child, self.based(child, base))
                continue
            what = names.FEED.get(key)
            if what is None:
                if len(child) and depth < 6:
                    if key == "channel":
                        self.cdf(child, document, base)
                        document.language = child.get(_XML + "lang") or document.language
                    self.feed(child, self.based(child, base), depth=depth + 1)
            elif what == "link":
                self.feed_link(child, self.based(child, base))
            elif what == "title":
                if document.title is None or not document.title.text.strip():
                    document.title = value_of(child, Markup.LOOSE, atom=document.kind is Kind.ATOM)
            elif what == "published":
                document.updated = document.updated or text_of(child)
            elif what:
                setattr(document, what, text_of(child))

    def cdf(self, element: Any, holder: Document | Entry, base: str) -> None:
        """Microsoft's Channel Definition Format keeps date and link in attributes."""
        modified, href = element.get("LASTMOD") or element.get("lastmod"), element.get("HREF") or element.get("href")
        if modified:
            holder.updated = modified
        if href:
            holder.link = join(base, href)

    def feed_link(self, element: Any, base: str) -> None:
        document = self.document
        href = href_of(element)
        if href is None:
            document.link = join(base, text_of(element)) or document.link
            return
        rel, url = (element.get("rel") or "alternate").lower(), join(base, href)
        if rel == "alternate" and is_html(element.get("type")):
            document.link = url
        elif rel == "self":
            document.self_url = document.self_url or url
        elif rel == "hub":
            document.hub = document.hub or url

    def entry(self, element: Any, base: str) -> None:
        entry = Entry()
        self.document.entries.append(entry)
        if element.keys():
            entry.guid = element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or ""
            entry.lang = element.get(_XML + "lang") or ""
            self.cdf(element, entry, base)
        self.collect(element, entry, base, depth=0)

    def collect(self, element: Any, entry: Entry, base: str, *, depth: int) -> None:
        handlers = self.handlers
        for child in element:
            try:
                handle = handlers[child.tag]
            except KeyError:
                handle = self.handler(child)
            if handle is not None:
                handle(self, child, entry, base, depth)

    def handler(self, element: Any) -> _Handler | None:
        """What is done with such an element inside an entry; None if nothing."""
        key = self.key(element)
        what = names.ENTRY.get(key)
        found: _Handler | None = getattr(_Reader, "on_" + what) if what else None
        if what is None:
            found = _Reader.on_entry if key in names.ENTRIES else _Reader.on_other
        self.handlers[element.tag] = found
        return found

    def on_entry(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        self.entry(element, self.based(element, base))

    def on_other(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        if len(element):
            self.collect(element, entry, self.based(element, base), depth=depth + 1)

    def on_title(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        if depth >= entry.title_depth:
            return
        if len(element) and any(self.key(child) in _LEAKED for child in element):
            # Its end tag is lost, and the rest of the entry became its content.
            value = Value(element.text or "", Markup.LOOSE)
            self.collect(element, entry, base, depth=depth)
        else:
            value = value_of(element, Markup.LOOSE, atom=self.document.kind is Kind.ATOM)
        if value.text.strip():
            entry.title, entry.title_depth = value, depth

    def on_media_title(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        # A caption: the title only of an entry that has no other.
        if entry.title_depth == 1_000:
            value = value_of(element, Markup.LOOSE, atom=False)
            if value.text.strip():
                entry.title = value

    def on_link(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        href = href_of(element)
        if href is None:
            text = text_of(element)
            if text:
                entry.link = join(self.based(element, base), text.replace("&amp;", "&"))
            return
        if (element.get("rel") or "alternate").lower() == "alternate":
            url = join(self.based(element, base), href)
            if is_html(element.get("type")):
                entry.link = url
            else:
                entry.other_link = entry.other_link or url

    def on_guid(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.guid = text_of(element)
        permanent = element.get("isPermaLink") or element.get("ispermalink") or "true"
        entry.guid_is_link = permanent == "true"

    def on_published(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.published = text_of(element)

    def on_updated(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.updated = text_of(element)

    def on_created(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.created = text_of(element)

    def on_description(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        self.add_summary(entry, value_of(element, Markup.HTML, atom=False))

    def on_summary(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        self.add_summary(entry, value_of(element, Markup.LOOSE, atom=self.document.kind is Kind.ATOM))

    def on_abstract(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.summary = value_of(element, Markup.LOOSE, atom=False)

    def on_caption(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        # Media RSS: mostly about a picture, but for videos it is all there is.
        entry.caption = entry.caption or value_of(element, Markup.HTML, atom=False)

    def add_summary(self, entry: Entry, value: Value) -> None:
        if entry.summary is not None and not entry.contents:
            entry.contents.append(value)
        else:
            entry.summary = value

    def on_content(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.contents.append(value_of(element, Markup.LOOSE, atom=self.document.kind is Kind.ATOM))

    def on_encoded(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.contents.append(value_of(element, Markup.HTML, atom=False))

    on_body = on_encoded

    def on_source(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        named = next((text_of(child) for child in element if self.key(child) in ("title", "dc:title")), "")
        entry.source = named or ("" if len(element) else text_of(element))

    def on_language(self, element: Any, entry: Entry, base: str, depth: int) -> None:
        entry.lang = text_of(element)


_Handler = Callable[[_Reader, Any, Entry, str, int], None]


def text_of(element: Any) -> str:
    """The text of an element and all within, stripped."""
    if len(element):
        return "".join(element.itertext()).strip()
    return (element.text or "").strip()


def value_of(element: Any, default: Markup, *, atom: bool) -> Value:
    """The content of an element with the way to read it. Markup that was not escaped counts as markup."""
    declared = ""
    # (To ask whether there are any attributes costs less than half of asking for one.)
    if element.keys():
        declared = (element.get("type") or "").strip().lower()
        if (element.get("mode") or "").lower() == "base64" or (declared and _is_binary(declared)):
            text = _unpacked(element.text or "")
            return Value(text, Markup.LOOSE if declared in ("", "text", "text/plain") else Markup.HTML)
    if len(element):
        inner = (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)
        return Value(inner, Markup.HTML)
    text = element.text or ""
    if declared in _HTML_TYPES:
        return Value(text, Markup.HTML)
    if atom and declared in ("text", "text/plain"):
        return Value(text, Markup.TEXT)
    return Value(text, default)


def _is_binary(declared: str) -> bool:
    return "/" in declared and not declared.startswith("text/") and not declared.endswith(("+xml", "/xml"))


def _unpacked(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text


def is_html(declared: str | None) -> bool:
    return declared is None or declared.strip().lower() in _HTML_TYPES


def href_of(element: Any) -> str | None:
    if not element.keys():
        return None
    for name in ("url", "uri", "href"):
        value = element.get(name)
        if value:
            return str(value)
    return None


def join(base: str, link: str) -> str:
    """The link, absolute if the base allows it."""
    link = link.strip()
    if not base or link.startswith(("http://", "https://")):
        return link
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def local_name(root: Any) -> str:
    """The name of an element without its namespace, in lower case."""
    return local_of(root.tag) if root is not None else ""


def local_of(tag: Any) -> str:
    """The same of its tag. (That of a comment or an entity is no text.)"""
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
