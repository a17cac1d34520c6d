"""What a source gave at one visit. The same shape for every kind of source that is not a feed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from monitors.article import Article


class NotASource(ValueError):
    """The bytes are not what this kind of source gives. `code` is stable, `str()` a sentence for a log."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """Articles in the order of the source; `problems` are sentences about what was left out; `more` are addresses of
    further documents of the same kind (a sitemap index names sitemaps)."""

    articles: tuple[Article, ...] = ()
    problems: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


def identity(*parts: str) -> str:
    """The id of an article whose source gives none: 20 hexadecimal digits of its address, or of what it says."""
    return blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()
