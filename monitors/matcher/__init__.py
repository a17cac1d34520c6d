"""All watches against one article, with the words that caught it in the original text."""

from monitors.matcher.matcher import Matcher
from monitors.matcher.mention import Mention, Span, as_line

__all__ = ["Matcher", "Mention", "Span", "as_line"]
