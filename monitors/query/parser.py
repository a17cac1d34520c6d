"""A written watch query as a tree, with every problem it has.

    query   := or ;  or := and (OR and)* ;  and := unary ((AND | NOT | nothing) unary)*
    unary   := (NOT | - | ! | +) unary | near ;  near := unless ((NEAR/n | ONEAR/n) unless)*
    unless  := prim (UNLESS[/n] prim)*
    prim    := "(" or ")" | field: prim | atleast/n prim | word | "phrase" | "phrase"~n | {exact} | ~word

From tight to loose: quotes and braces, field:, UNLESS, NEAR, NOT, AND, OR. Two bare words side by side are an
error with two fixes, because every tool reads them differently; beside a phrase, group or field, AND is implied.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from monitors.folding import fold, is_unspaced, is_word
from monitors.query import check
from monitors.query.dialects import NATIVE, Adjacent, Dialect
from monitors.query.forms import word_forms
from monitors.query.printing import show, show_term
from monitors.query.problems import Problem, QueryInvalid, note
from monitors.query.tokens import OPERATORS, Kind, Lexer, Token
from monitors.query.tree import (
    And,
    AtLeast,
    Missing,
    Near,
    Node,
    Not,
    Place,
    Query,
    Span,
    Term,
    Unless,
    Wild,
    Within,
    all_of,
    any_of,
    levels,
    walk,
    wild_pieces,
)

MAX_LENGTH = 20_000  # code points; a list of a thousand names fits
MAX_DEPTH = 40
MAX_LEVELS = 120  # of the tree: a long row of NEAR or UNLESS is a deep one
MAX_STARS = 2  # in one word: more could be tried in too many ways
_PRIMS = frozenset(
    {Kind.OPEN, Kind.FIELD, Kind.ATLEAST, Kind.WORD, Kind.PHRASE, Kind.EXACT, Kind.MUST, Kind.NOT, Kind.LOST}
)
# What people write for an operator, as long as nobody has told them ours.
_MEANT = {
    **dict.fromkeys(
        ("and", "And", "和", "与", "與", "及", "并", "並", "且", "并且", "並且", "而且", "同时", "同時"), "AND"
    ),
    **dict.fromkeys(("or", "Or", "或者", "或是"), "OR"),
    **dict.fromkeys(("not", "Not", "不含", "不包含", "不包括", "排除"), "NOT"),
}
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """What a written query turned out to be. `query` is None when there are errors."""

    text: str
    query: Query | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def hints(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.is_error)


def parse(text: str, dialect: Dialect = NATIVE) -> Parsed:
    """The query of a text, or all its errors in the order of their columns. Never raises."""
    if problem := too_long(text):
        return Parsed(text=text, query=None, problems=(problem,))
    parser = Parser(text, dialect)
    root = parser.whole()
    problems = parser.problems
    if not any(problem.code in ("E114", "E119") for problem in problems):
        problems = [*problems, *check.check(root)]
    valid = not any(problem.is_error for problem in problems)
    if not valid:
        problems = [problem for problem in problems if problem.code != "W202"]
    open_brackets = sum(problem.code == "E101" for problem in problems)
    if open_brackets > 1:
        closed = (f"{text}{')' * open_brackets}",)
        problems = [replace(problem, fixes=closed) if problem.code == "E101" else problem for problem in problems]
    ordered = tuple(sorted(problems, key=lambda problem: problem.span))
    return Parsed(text=text, query=Query(root=root) if valid else None, problems=ordered)


def too_long(text: str) -> Problem | None:
    """What is said of a text that is longer than a query may be: it is not read at all."""
    if len(text) <= MAX_LENGTH:
        return None
    return Problem(code="E119", span=(MAX_LENGTH, MAX_LENGTH + 1), args={"limit": MAX_LENGTH})


def read(text: str) -> Query:
    """The query of a text in our language. Raises QueryInvalid with every problem."""
    parsed = parse(text)
    if parsed.query is None:
        raise QueryInvalid(text, parsed.problems)
    return parsed.query


class Parser:
    """Recursive descent over the tokens of one query; goes on after each error."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        lexer = Lexer(text, dialect)
        self.text = text
        self.dialect = dialect
        self.tokens = lexer.tokens
        self.problems = lexer.problems
        self.at = 0
        self.depth = 0
        self.named_until = -1  # the token up to which words in a row have been complained about
        self.in_value = False  # reading what stands after lang: source: url:

    def whole(self) -> Node:
        if len(self.tokens) == 1:
            self._problem("E114", (0, max(1, len(self.text))))
            return Missing()
        parts = [self._or()]
        while not self._is(Kind.END):
            if self._is(Kind.CLOSE):
                self._problem("E112", self._next().span, sign=")")
                if self._is(Kind.AND, Kind.OR, Kind.NEAR, Kind.UNLESS):
                    self._next()
            if not self._is(Kind.END):
                parts.append(self._or())
        return all_of(parts)

    # -- small steps

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    def _is(self, *kinds: Kind) -> bool:
        return self.tokens[self.at].kind in kinds

    def _next(self) -> Token:
        token = self.tokens[self.at]
        if token.kind is not Kind.END:
            self.at += 1
        return token

    def _problem(self, code: str, span: Span, *fixes: str, **args: str | int) -> None:
        note(self.problems, code, span, fixes, args)

    def _span(self, start: int) -> Span:
        return self.tokens[start].span[0], self.tokens[max(start, self.at - 1)].span[1]

    # -- the grammar

    def _or(self) -> Node:
        if self.dialect.flat:
            return self._clauses()
        if self.dialect.or_first:
            return self._and_of_ors()
        start = self.at
        parts = [self._and()]
        while self._token.kind is Kind.OR:
            self._next()
            parts.append(self._and())
        node = any_of(parts, self._span(start))
        if len(parts) > 1 and self.dialect is NATIVE:
            self._warn_mixed(node, parts)
        return node

    def _warn_mixed(self, node: Node, parts: list[Node]) -> None:
        """AND and OR side by side: other tools read it differently, so say how we do."""
        for part in parts:
            if isinstance(part, And) and part.span != (0, 0) and not self._in_brackets(part.span):
                self._problem("W202", node.span, reading=show(node))
                return

    def _in_brackets(self, span: Span) -> bool:
        return self.text[span[0]] in "(（"

    def _and(self) -> Node:
        start = self.at
        parts = [self._unary()]
        while True:
            kind = self._token.kind
            if kind is Kind.AND:
                self._next()
            elif kind in _PRIMS:
                self._implied()
            else:
                break
            parts.append(self._unary())
        return all_of(parts, self._span(start))

    def _implied(self) -> None:
        """Nothing stands between two parts. Between two bare words nobody can know what is meant."""
        before, after = self.tokens[self.at - 1], self._token
        if self.dialect.adjacent is not Adjacent.ERROR or before.kind is not Kind.WORD or after.kind is not Kind.WORD:
            return
        if self.at <= self.named_until:
            return
        last = self.at
        while self.tokens[last + 1].kind is Kind.WORD:
            last += 1
        self.named_until = last
        first = self.at - 1
        start, end = before.span[0], self.tokens[last].span[1]
        words = [token.spelled for token in self.tokens[first : last + 1]]
        for token in self.tokens[first + 1 : last]:
            operator = _MEANT.get(token.spelled)
            if operator:
                fixed = f"{self.text[: token.span[0]]}{operator}{self.text[token.span[1] :]}"
                code = "W201" if token.spelled.isascii() else "W208"
                self._problem(code, token.span, fixed, word=token.spelled, operator=operator)
        phrase = '"' + " ".join(words) + '"'
        both = _as_meant(words) or phrase
        fixes = [f"{self.text[:start]}{fix}{self.text[end:]}" for fix in (phrase, both)]
        self._problem("E103", (start, end), *fixes, words=" ".join(words), phrase=phrase, both=both)

    def _joined(self, left: Node) -> Node:
        """Factiva: words side by side are a phrase, and it binds tighter than anything else."""
        while self._token.kind is Kind.WORD:
            token = self._next()
            right = self._word(token)
            span = (left.span[0], right.span[1])
            if isinstance(left, Term) and isinstance(right, Term):
                left = Term(text=f"{left.text} {right.text}", span=span)
            else:
                left = Near(left=left, right=right, distance=0, ordered=True, span=span)
        return left

    def _unary(self) -> Node:
        start = self.at
        negations = 0
        while self._token.kind in (Kind.NOT, Kind.MUST):
            negations += self._next().kind is Kind.NOT
        node = self._near()
        return Not(part=node, span=self._span(start)) if negations % 2 else node

    def _near(self) -> Node:
        start = self.at
        node = self._unless()
        while self._token.kind is Kind.NEAR:
            token = self._next()
            right = self._unless()
            distance = token.number or 0
            node = Near(left=node, right=right, distance=distance, ordered=token.ordered, span=self._span(start))
        return self._not_too_deep(node)

    def _unless(self) -> Node:
        start = self.at
        node = self._prim()
        while self._token.kind is Kind.UNLESS:
            token = self._next()
            node = Unless(part=node, mask=self._prim(), distance=token.number, span=self._span(start))
        return self._not_too_deep(node)

    def _not_too_deep(self, node: Node) -> Node:
        """The node of a row; one that is deeper than what comes after it could go down is a problem."""
        if not isinstance(node, Near | Unless) or levels(node) <= MAX_LEVELS:
            return node
        return self._too_deep(node.span, MAX_LEVELS)

    def _too_deep(self, span: Span, limit: int) -> Missing:
        """Nothing behind it is read: it would be the same problem again and again."""
        self._problem("E119", span, limit=limit)
        self.at = len(self.tokens) - 1
        return Missing(span=span)

    def _prim(self) -> Node:
        if self.depth > MAX_DEPTH:
            return self._too_deep(self._token.span, MAX_DEPTH)
        self.depth += 1
        node = self._primary()
        self.depth -= 1
        return node

    def _primary(self) -> Node:
        token = self._token
        match token.kind:
            case Kind.OPEN:
                return self._group()
            case Kind.FIELD:
                return self._field()
            case Kind.ATLEAST:
                start = self.at
                self._next()
                return AtLeast(count=token.number or 1, part=self._prim(), span=self._span(start))
            case Kind.WORD:
                self._next()
                word = self._word(token)
                return self._joined(word) if self.dialect.adjacent is Adjacent.PHRASE else word
            case Kind.PHRASE:
                self._next()
                return self._phrase(token)
            case Kind.EXACT:
                self._next()
                return self._term(token, exact=True)
            case Kind.NOT:
                # Only after an operator such as NEAR: say which, and read on behind it.
                self._problem("E106", token.span, operator="NOT")
                self._next()
                return self._prim()
            case Kind.SLOP | Kind.LOST:
                self._next()
                return Missing(span=token.span)
        return self._absent(token)

    def _absent(self, token: Token) -> Node:
        before = self.tokens[self.at - 1] if self.at else None
        if before is not None and before.kind is Kind.FIELD:
            self._problem("E118", before.span, field=before.text)
        elif before is not None and before.kind in OPERATORS:
            self._problem("E102", before.span, operator=before.spelled)
        elif token.kind in OPERATORS:
            self._problem("E111", token.span, operator=token.spelled)
        elif token.kind is Kind.CLOSE and before is not None and before.kind is Kind.OPEN:
            self._problem("E113", (before.span[0], token.span[1]))
        elif token.kind is Kind.CLOSE and before is None:
            pass  # whole() names the bracket that closes nothing
        return Missing(span=token.span)

    def _group(self) -> Node:
        opened = self._next()
        node = self._or()
        if self._token.kind is Kind.CLOSE:
            closed = self._next()
            whole = (opened.span[0], closed.span[1])
            return node if isinstance(node, Term | Wild | Missing) else replace(node, span=whole)
        self._problem("E101", opened.span, f"{self.text})", column=opened.span[0] + 1)
        return node

    def _field(self) -> Node:
        token = self._next()
        start = self.at - 1
        if self._token.kind not in _PRIMS - {Kind.MUST, Kind.NOT, Kind.FIELD}:
            if self._token.kind is Kind.FIELD:
                self._problem("E122", self._token.span, field=self._token.text)
                return self._prim()
            return self._absent(self._token)
        if token.text.lower() == "allintitle":
            parts = [self._prim()]
            while self._token.kind in (Kind.WORD, Kind.PHRASE):
                parts.append(self._prim())
            part = all_of(parts)
        else:
            self.in_value = token.place not in (Place.TITLE, Place.BODY)
            part = self._prim()
            self.in_value = False
        if token.place is Place.LANG:
            self._hint_languages(part)
        if token.place is None:
            span = self._span(start)
            self._problem("I302", span, text=self.text[slice(*span)])
            return Missing(span=span)
        return Within(place=token.place, part=part, span=self._span(start))

    # -- words

    def _word(self, token: Token) -> Node:
        if token.text.startswith("~") and not token.pattern and any(char.isalnum() for char in token.text):
            return self._forms(token)
        if token.pattern:
            return self._wild(token)
        self._hint_comma(token)
        return self._term(token, exact=False)

    def _term(self, token: Token, *, exact: bool) -> Node:
        text = " ".join(token.text.split())
        folded = fold(text).text
        if not _can_be_found(text):
            self._problem("E110", token.span, text=token.spelled)
            return Missing(span=token.span)
        is_short = folded.isascii() and folded.isalpha() and len(folded) <= 2
        if is_short and not exact and token.kind is Kind.WORD and not self.in_value:
            self._problem("W203", token.span, word=text, count=len(folded), exact="{" + text + "}")
        return Term(text=text, exact=exact, span=token.span)

    def _phrase(self, token: Token) -> Node:
        # A dash between two words stands nowhere by itself.
        words = [word for word in token.text.split() if _can_be_found(word)]
        if self._token.kind is not Kind.SLOP:
            return self._term(token, exact=False)
        slop = self._next()
        if len(words) < 2:
            return self._term(token, exact=False)
        span = (token.span[0], slop.span[1])
        node: Node = Term(text=words[0], span=token.span)
        for word in words[1:]:
            right = Term(text=word, span=token.span)
            node = Near(left=node, right=right, distance=slop.number or 0, span=span)
        return self._not_too_deep(node)

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

    def _hint_languages(self, part: Node) -> None:
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

    # -- how other tools put clauses together

    def _and_of_ors(self) -> Node:
        """Google: OR joins only its neighbours."""
        start = self.at
        parts: list[Node] = []
        while self._token.kind in _PRIMS or self._token.kind in OPERATORS or not parts:
            if self._token.kind is Kind.AND and parts:
                self._next()
                continue
            either = [self._unary()]
            while self._token.kind is Kind.OR:
                self._next()
                either.append(self._unary())
            parts.append(any_of(either))
            if self._token.kind in (Kind.END, Kind.CLOSE):
                break
        return all_of(parts, self._span(start))

    def _clauses(self) -> Node:
        """Lucene's classic parser: a list of clauses, each required, optional or prohibited."""
        start = self.at
        nodes: list[Node] = []
        required: list[bool] = []
        prohibited: list[bool] = []
        joined_by_and = False
        while self._token.kind in _PRIMS or self._token.kind in OPERATORS or not nodes:
            must = negated = False
            while self._token.kind in (Kind.MUST, Kind.NOT):
                kind = self._next().kind
                must, negated = must or kind is Kind.MUST, negated or kind is Kind.NOT
            node = self._near()
            if joined_by_and and required and not prohibited[-1]:
                required[-1] = True
            nodes.append(node)
            prohibited.append(negated)
            required.append((must or joined_by_and) and not negated)
            joined_by_and = self._token.kind is Kind.AND
            if self._token.kind in (Kind.AND, Kind.OR):
                self._next()
            elif self._token.kind in (Kind.END, Kind.CLOSE):
                break
        musts = [node for node, needed in zip(nodes, required, strict=True) if needed]
        maybe = [node for node, needed, out in zip(nodes, required, prohibited, strict=True) if not needed and not out]
        if musts and maybe:
            self._problem("I304", self._span(start), text=", ".join(show(node) for node in maybe))
        positive = musts or ([any_of(maybe, self._span(start))] if maybe else [])
        nots: list[Node] = [Not(part=node, span=node.span) for node, out in zip(nodes, prohibited, strict=True) if out]
        return all_of([*positive, *nots], self._span(start))


def _as_meant(words: list[str]) -> str:
    """Words in a row with the operators that stand between them in words, and AND where none does."""
    out: list[str] = []
    operator = "AND"
    for word in words:
        if word in _MEANT:
            operator = _MEANT[word]
            continue
        out += [operator, word] if out else [word]
        operator = "AND"
    return " ".join(out)


def _can_be_found(text: str) -> bool:
    return any(is_word(char) or is_unspaced(char) or _is_symbol(char) for char in fold(text).text)


def _is_symbol(char: str) -> bool:
    """Emoji and other pictures can be looked for; punctuation alone cannot."""
    return unicodedata.category(char) == "So"
