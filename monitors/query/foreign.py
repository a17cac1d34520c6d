"""How other tools put words and clauses together; the rest of their grammar is ours."""

from __future__ import annotations

from monitors.query.dialects import Adjacent, Dialect
from monitors.query.grammar import PRIMS, Parser
from monitors.query.printing import show
from monitors.query.tokens import OPERATORS, Kind
from monitors.query.tree import Near, Node, Not, Term, all_of, any_of


def parser_of(text: str, dialect: Dialect) -> Parser:
    """A parser that reads a text as the tool of the dialect does."""
    if dialect.flat:
        return _Clauses(text, dialect)
    if dialect.or_first:
        return _OrFirst(text, dialect)
    return (_Phrases if dialect.adjacent is Adjacent.PHRASE else Parser)(text, dialect)


class _Phrases(Parser):
    """Factiva: words side by side are a phrase, and it binds tighter than anything else."""

    def _bare_word(self) -> Node:
        left = super()._bare_word()
        while self._token.kind is Kind.WORD:
            right = super()._bare_word()
            span = (left.span[0], right.span[1])
            if isinstance(left, Term) and isinstance(right, Term):
                left = Term(text=f"{left.text} {right.text}", span=span)
            else:
                left = Near(left=left, right=right, distance=0, ordered=True, span=span)
        return left


class _OrFirst(Parser):
    """Google: OR joins only its neighbours."""

    def _or(self) -> Node:
        start = self.at
        parts: list[Node] = []
        while self._token.kind in PRIMS or self._token.kind in OPERATORS or not parts:
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


class _Clauses(Parser):
    """Lucene's classic parser: a list of clauses, each required, optional or prohibited."""

    def _or(self) -> Node:
        start = self.at
        nodes: list[Node] = []
        required: list[bool] = []
        prohibited: list[bool] = []
        joined_by_and = False
        while self._token.kind in PRIMS or self._token.kind in OPERATORS or not nodes:
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
