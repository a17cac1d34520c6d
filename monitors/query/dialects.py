"""How other tools read what people write there. `monitors.query.imports` turns it into our language.

Sources, as read in 2026-11: help.meltwater.com 11465451 and support.meltwater.com 360023166073 (operators),
meltwater.com/au/blog/the-boolean-touch (precedence); Brandwatch Advanced Query Operators (2016) and its community
page on wildcards; factiva.com search_statement_operators and search_statement_examples; elastic.co query_string and
LUCENE-3674 (the classic parser keeps no precedence); Google's published search operators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from monitors.query.tree import Place


class Adjacent(StrEnum):
    """What two words side by side mean."""

    ERROR = "error"
    AND = "and"
    OR = "or"
    PHRASE = "phrase"


_FIELDS = {
    "title": Place.TITLE,
    "headline": Place.TITLE,
    "hd": Place.TITLE,
    "intitle": Place.TITLE,
    "标题": Place.TITLE,
    "標題": Place.TITLE,
    "body": Place.BODY,
    "text": Place.BODY,
    "正文": Place.BODY,
    "source": Place.SOURCE,
    "site": Place.SOURCE,
    "publication": Place.SOURCE,
    "来源": Place.SOURCE,
    "來源": Place.SOURCE,
    "url": Place.URL,
    "inurl": Place.URL,
    "网址": Place.URL,
    "網址": Place.URL,
    "lang": Place.LANG,
    "language": Place.LANG,
    "语言": Place.LANG,
    "語言": Place.LANG,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """One way of reading.

    `counts_the_word_itself` is 1 where near5 means "the fifth word" and so 4 between. `or_first`: OR binds
    tighter than AND. `flat`: Lucene's classic parser, which has clauses and no precedence. `dropped` are
    fields that we have no condition for; `lost` finds what cannot be said here at all.
    """

    name: str
    adjacent: Adjacent = Adjacent.ERROR
    any_case: bool = False
    default_distance: int = 5
    counts_the_word_itself: int = 0
    or_first: bool = False
    flat: bool = False
    around: bool = False
    comments: bool = False
    equals_fields: bool = False
    fields: dict[str, Place] = field(default_factory=lambda: _FIELDS)
    dropped: frozenset[str] = frozenset()
    lost: re.Pattern[str] | None = None


NATIVE = Dialect(name="native")
_MORE = frozenset({"author", "date", "after", "before", "location", "country", "region", "published"})

DIALECTS: dict[str, Dialect] = {
    "native": NATIVE,
    "meltwater": Dialect(name="meltwater", default_distance=4, dropped=_MORE),
    "brandwatch": Dialect(name="brandwatch", adjacent=Adjacent.AND, comments=True, dropped=_MORE),
    "factiva": Dialect(
        name="factiva",
        adjacent=Adjacent.PHRASE,
        any_case=True,
        counts_the_word_itself=1,
        equals_fields=True,
        fields={**_FIELDS, "hl": Place.TITLE, "hlp": Place.TITLE, "la": Place.LANG, "sn": Place.SOURCE},
        dropped=_MORE | {"by", "fds", "ns", "co", "re", "rst", "in", "wc"},
        lost=re.compile(r"/[FL]\d+/|same(?![\w:=])", re.IGNORECASE),
    ),
    "lucene": Dialect(
        name="lucene",
        adjacent=Adjacent.OR,
        flat=True,
        dropped=_MORE,
        lost=re.compile(r"[\[{][^\]}]*\sTO\s[^\]}]*[\]}]|/(?:[^/\\\s]|\\.)+/|[\w-]+~\d*(?:\.\d+)?"),
    ),
    "google": Dialect(
        name="google",
        adjacent=Adjacent.AND,
        or_first=True,
        around=True,
        fields={**_FIELDS, "allintitle": Place.TITLE},
        dropped=_MORE,
    ),
}
