"""One word, phrase or pattern of a written query as a part of its tree, and what is odd about it."""

from __future__ import annotations

import re
import unicodedata

from monitors.folding import fold, is_unspaced, is_word
from monitors.query.forms import word_forms
from monitors.query.printing import show, show_term
from monitors.query.problems import Problem, note
from monitors.query.tokens import Kind, Token
from monitors.query.tree import Missing, Near, Node, Span, Term, Wild, any_of, walk, wild_pieces

MAX_STARS = 2  # in one word: more could be tried in too many ways
_LANGUAGES = {
    **dict.fromkeys(("cn", "chinese", "中文", "汉语"), "zh"),
    **dict.fromkeys(("简体", "简体中文", "简中"), "zh-hans"),
    **dict.fromkeys(("tw", "hk", "繁体", "繁体中文", "繁中"), "zh-hant"),
    **dict.fromkeys(("english", "英文", "英语"), "en"),
    **dict.fromkeys(("jp", "japanese", "日文", "日语"), "ja"),
    **dict.fromkeys(("kr", "korean", "韩文", "韩语"), "ko"),
}
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")
_COMMAS = ("，", "、", ",", "；", ";")


class Words:
    """The words of one query. `in_value`: what is read stands after lang: source: url:"""

    def __init__(self, text: str, problems: list[Problem]) -> None:
        self.text = text
        self.problems = problems
        self.in_value = False

    def _problem(self, code: str, span: Span, *fixes: str, **args: str | int) -> None:
        note(self.problems, code, span, fixes, args)

    def word(self, token: Token) -> Node:
        """A bare word, with its wildcards or forms."""
        if token.text.startswith("~") and not token.pattern and any(char.isalnum() for char in token.text):
            return self._forms(token)
        if token.pattern:
            return self._wild(token)
        self._hint_comma(token)
        return self.term(token, exact=False)

    def term(self, token: Token, *, exact: bool) -> Node:
        """A word or phrase as it is looked for."""
        text = " ".join(token.text.split())
        folded = fold(text).text
        if not _can_be_found(text):
            self._problem("E110", token.span, text=token.spelled)
            return Missing(span=token.span)
        is_short = folded.isascii() and folded.isalpha() and len(folded) <= 2
        if is_short and not exact and token.kind is Kind.WORD and not self.in_value:
            self._problem("W203", token.span, word=text, count=len(folded), exact="{" + text + "}")
        return Term(text=text, exact=exact, span=token.span)

    def phrase(self, token: Token, slop: Token | None) -> Node:
        """A phrase, or with a `slop` its words near each other."""
        # A dash between two words stands nowhere by itself.
        words = [word for word in token.text.split() if _can_be_found(word)]
        if slop is None or len(words) < 2:
            return self.term(token, exact=False)
        span = (token.span[0], slop.span[1])
        node: Node = Term(text=words[0], span=token.span)
        for word in words[1:]:
            right = Term(text=word, span=token.span)
            node = Near(left=node, right=right, distance=slop.number or 0, span=span)
        return node

    def _forms(self, token: Token) -> Node:
        word = token.text[1:]
        parts: list[Node] = [Term(text=form, span=token.span) for form in word_forms(word)]
        node = any_of(parts, token.span)
        self._problem("I301", token.span, word=word, forms=show(node))
        return node

    def _wild(self, token: Token) -> Node:
        pieces = list(wild_pieces(token.pattern))
        first, is_sign = pieces[0]
        if is_sign:
            self._problem("E108", token.span, sign=first)
            return Missing(span=token.span)
        if sum(piece == ("*", True) for piece in pieces) > MAX_STARS:
            self._problem("E127", token.span, limit=MAX_STARS)
            return Missing(span=token.span)
        folded = fold(first).text
        sign = pieces[1][0]
        if folded and is_unspaced(folded[-1]):
            if len(pieces) == 2 and sign == "*":
                self._problem("W206", token.span)
                return Term(text=first, span=token.span)
            if any(piece == ("*", True) for piece in pieces):
                self._problem("E124", token.span)
                return Missing(span=token.span)
        elif sum(1 for char in folded if is_word(char)) < (3 if sign == "*" else 2):
            self._problem("E115", token.span, sign=sign, text=token.spelled)
            return Missing(span=token.span)
        return Wild(pattern=token.pattern, span=token.span)

    def hint_languages(self, part: Node) -> None:
        """A name of a language, or of a country, where its code must stand."""
        for term in walk(part):
            if not isinstance(term, Term):
                continue
            value = fold(term.text).text.replace("_", "-")
            meant = _LANGUAGES.get(value)
            if meant is None and _TAG.fullmatch(value):
                continue
            start, end = term.span
            fixes = [f"{self.text[:start]}{meant}{self.text[end:]}"] if meant else []
            self._problem("W209", term.span, *fixes, value=term.text)

    def _hint_comma(self, token: Token) -> None:
        for comma in _COMMAS:
            parts = [part for part in token.spelled.split(comma) if part]
            if len(parts) > 1 and not token.spelled.replace(comma, "").isdigit():
                either = "(" + " OR ".join(show_term(Term(text=part)) for part in parts) + ")"
                fixed = f"{self.text[: token.span[0]]}{either}{self.text[token.span[1] :]}"
                self._problem("W207", token.span, fixed, word=token.spelled, either=either)
                return


def _can_be_found(text: str) -> bool:
    return any(is_word(char) or is_unspaced(char) or _is_symbol(char) for char in fold(text).text)


def _is_symbol(char: str) -> bool:
    """Emoji and other pictures can be looked for; punctuation alone cannot."""
    return unicodedata.category(char) == "So"
