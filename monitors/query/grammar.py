"""The grammar of the watch language: tokens as a tree, with every problem they have.

    query   := or ;  or := and (OR and)* ;  and := unary ((AND | NOT | nothing) unary)*
    unary   := (NOT | - | ! | +) unary | near ;  near := unless ((NEAR/n | ONEAR/n) unless)*
    unless  := prim (UNLESS[/n] prim)*
    prim    := "(" or ")" | field: prim | atleast/n prim | word | "phrase" | "phrase"~n | {exact} | ~word

From tight to loose: quotes and braces, field:, UNLESS, NEAR, NOT, AND, OR. Two bare words side by side are an
error with two fixes, because every tool reads them differently; beside a phrase, group or field, AND is implied.
"""

from __future__ import annotations

from dataclasses import replace

from monitors.query.dialects import NATIVE, Adjacent, Dialect
from monitors.query.printing import show
from monitors.query.problems import note
from monitors.query.tokens import OPERATORS, Kind, Lexer, Token
from monitors.query.tree import (
    And,
    AtLeast,
    Missing,
    Near,
    Node,
    Not,
    Place,
    Span,
    Term,
    Unless,
    Wild,
    Within,
    all_of,
    any_of,
    levels,
)
from monitors.query.words import Words

MAX_DEPTH = 40
MAX_LEVELS = 120  # of the tree: a long row of NEAR or UNLESS is a deep one
PRIMS = frozenset(
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


class Parser:
    """Recursive descent over the tokens of one query; goes on after each error.

    How other tools put words together is told by those that inherit: `monitors/query/foreign.py`.
    """

    def __init__(self, text: str, dialect: Dialect) -> None:
        lexer = Lexer(text, dialect)
        self.text = text
        self.dialect = dialect
        self.tokens = lexer.tokens
        self.problems = lexer.problems
        self.at = 0
        self.depth = 0
        self.named_until = -1  # the token up to which words in a row have been complained about
        self.words = Words(text, self.problems)

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
            elif kind in PRIMS:
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
                return self._bare_word()
            case Kind.PHRASE:
                self._next()
                slop = self._next() if self._is(Kind.SLOP) else None
                return self._not_too_deep(self.words.phrase(token, slop))
            case Kind.EXACT:
                self._next()
                return self.words.term(token, exact=True)
            case Kind.NOT:
                # Only after an operator such as NEAR: say which, and read on behind it.
                self._problem("E106", token.span, operator="NOT")
                self._next()
                return self._prim()
            case Kind.SLOP | Kind.LOST:
                self._next()
                return Missing(span=token.span)
        return self._absent(token)

    def _bare_word(self) -> Node:
        return self.words.word(self._next())

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
        if self._token.kind not in PRIMS - {Kind.MUST, Kind.NOT, Kind.FIELD}:
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
            self.words.in_value = token.place not in (Place.TITLE, Place.BODY)
            part = self._prim()
            self.words.in_value = False
        if token.place is Place.LANG:
            self.words.hint_languages(part)
        if token.place is None:
            span = self._span(start)
            self._problem("I302", span, text=self.text[slice(*span)])
            return Missing(span=span)
        return Within(place=token.place, part=part, span=self._span(start))


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
