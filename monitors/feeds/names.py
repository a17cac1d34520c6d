"""Names of elements: namespaces to short prefixes, elements to what they mean.

Namespaces are those of the format specifications, with the spellings met in the wild. Where formats disagree the
reading is feedparser's (https://feedparser.readthedocs.io), whose meaning of an entry this package keeps.
"""

from __future__ import annotations

_CORE = (
    "http://www.w3.org/2005/atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://purl.org/rss/1.0/modules/rss091#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://cyber.law.harvard.edu/rss/rss.html",
    "http://example.com/newformat#",
    "http://example.com/necho",
    "http://purl.org/echo/",
    "uri/of/echo/namespace#",
    "http://purl.org/pie/",
)
NAMESPACES = {
    **dict.fromkeys(_CORE, ""),
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/xlink": "xlink",
}
ATOM = frozenset(_CORE[:2])

# Element of an entry -> what it is. Elements with children that are not named here are looked into.
ENTRY = {
    "title": "title", "dc:title": "title", "media:title": "media_title",
    "link": "link",
    "guid": "guid", "id": "guid",
    "pubdate": "published", "published": "published", "issued": "published", "dcterms:issued": "published",
    "updated": "updated", "modified": "updated", "lastbuilddate": "updated", "dc:date": "updated",
    "dcterms:modified": "updated",
    "created": "created", "dcterms:created": "created",
    "description": "description", "dc:description": "description", "media:description": "caption",
    "summary": "summary", "itunes:summary": "summary",
    "abstract": "abstract",
    "content": "content", "content:encoded": "encoded", "fullitem": "encoded", "body": "body", "xhtml:body": "body",
    "source": "source",
    "language": "language", "dc:language": "language",
    # Holders of things that are not the entry's own.
    "author": "", "contributor": "", "image": "", "textinput": "", "itunes:owner": "", "media:credit": "",
    "managingeditor": "", "dc:creator": "", "dc:author": "", "media:rating": "", "media:license": "", "cloud": "",
}  # fmt: skip

FEED = {
    "title": "title", "dc:title": "title",
    "link": "link",
    "language": "language", "dc:language": "language",
    "ttl": "ttl",
    "sy:updateperiod": "update_period", "sy:updatefrequency": "update_frequency",
    "updated": "updated", "modified": "updated", "lastbuilddate": "updated", "dc:date": "updated",
    "pubdate": "published", "published": "published",
    "newlocation": "moved_to", "itunes:new-feed-url": "moved_to",
    "author": "", "contributor": "", "image": "", "textinput": "", "itunes:owner": "", "description": "",
    "subtitle": "", "tagline": "", "itunes:summary": "", "itunes:image": "", "managingeditor": "", "cloud": "",
    "rights": "", "copyright": "", "generator": "", "category": "", "info": "", "content": "", "summary": "",
}  # fmt: skip

ENTRIES = frozenset({"item", "entry"})
ROOTS = frozenset({"rss", "feed", "rdf:rdf", "rdf", "channel", "rss091", "atom:feed"})
