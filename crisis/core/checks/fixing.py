"""The fix of a finding: what goes into the text, so that it still reads as a text.

Where words can be taken out or exchanged, the fix takes the clause, or the sentence, that they stand in, and leaves the
clauses that can stand alone. Where something would go with them that people need, or something would be left that leans
on them, there is nothing to apply: the fix is advice then, and a person writes the sentence anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crisis.core.checks.findings import Finding, Fix
from crisis.core.checks.rules import Act, Check, CheckSet, Compiled, Kind, Scope
from crisis.core.checks.search import Hit, Search, found_in
from crisis.core.checks.sentences import Role, Sentence, fold
from crisis.core.checks.spans import Grammar
from crisis.core.script import Script

_BLANK = re.compile(r"\[[^\]]*\]")
# What begins a line before its sentence does: a sign or number of a list, the label of a line.
_LABEL = re.compile(
    r"(?:[-*•·]|\(?\d{1,2}[.)、](?!\d)|[一二三四五六七八九十]{1,2}、|\([一二三四五六七八九十]\)|(?:q|a|question|answer|[问答])[:：.])\s*"
)
_NUMBERED = re.compile(r"[\d一二三四五六七八九十qa问答]")
# What people need: it may not go with a clause that was not found at fault.
_NEEDED = ("harm", "remedy", "sorry", "clock", "act")
_NEEDED_HERE = ("harm", "remedy", "act")
_NUMBER = re.compile(r"\d{3}|@|https?:|www\.")
_PAIRS = ("“”", "「」", "『』", "()", "（）")
_STOPS = ".。!?！？"
# So long are words around blanks that cannot stand in a text by chance.
_TELLING = {"en": 15, "zh": 6}


def fix_of(
    rule: Check,
    finding: Finding,
    places: Sequence[tuple[int, int]],
    carried: Sequence[tuple[Compiled, Sequence[Hit]]],
    search: Search,
    checks: CheckSet,
    lang: str,
) -> Fix:
    """The fix of a finding of this rule.

    `places`: all where the text breaks it. `carried`: the wordings of the required elements that it has, with their
    places. `lang`: en or zh.
    """
    return _Fixing(rule, finding, places, carried, search, checks, lang).fix()


def blanks_of(rule: Check, traditional: Mapping[int, str]) -> tuple[str, ...]:
    """The (folded) blanks in the words of the rule's fix."""
    text = rule.fix.text
    return tuple(_BLANK.findall(fold(text.zh + "\n" + text.en, traditional))) if text is not None else ()


def awaits(rule: Check, folded: str, lang: str, checks: CheckSet) -> bool:
    """Whether the words of the rule's fix stand in a (folded) text and one of their blanks is still to be filled."""
    if rule.fix.text is None or "[" not in folded:
        return False
    words = fold(rule.fix.text[lang], checks.traditional)
    blanks = _BLANK.findall(words)
    return any(blank in found.group() for found in _template(words).finditer(folded) for blank in blanks)


def templates_of(rule: Check, traditional: Mapping[int, str]) -> Iterator[re.Pattern[str]]:
    """The (folded) sentences with blanks that the rule's fix writes, with nothing filled in yet or with a part."""
    if rule.fix.text is None or rule.fix.act is Act.EXCHANGE:
        return
    for words in (rule.fix.text.zh, rule.fix.text.en):
        for sentence in re.split(r"(?<=[.。])\s*", fold(words, traditional)):
            if _BLANK.search(sentence):
                yield _template(sentence.strip(" \n.。"))


def is_written(folded: str, templates: Sequence[re.Pattern[str]]) -> bool:
    """Whether a (folded) sentence is one that a fix writes, with a blank left in it."""
    if _BLANK.search(folded) is None:
        return False
    return any(template.fullmatch(folded.rstrip(" .。")) for template in templates)


@cache
def _template(words: str) -> re.Pattern[str]:
    """The (folded) words of a fix, with or without something in their blanks."""
    literal = (re.escape(part) for part in _BLANK.split(words.strip(" \n.。")))
    return re.compile(r"(?:\[[^\]\n]{0,60}\]|[^\n\[\]]{0,60}?)".join(literal))


@dataclass(frozen=True, slots=True)
class _Fixing:
    rule: Check
    finding: Finding
    places: Sequence[tuple[int, int]]
    carried: Sequence[tuple[Compiled, Sequence[Hit]]]
    search: Search
    checks: CheckSet
    lang: str

    @property
    def text(self) -> str:
        return self.search.reading.text

    @property
    def folded(self) -> str:
        return self.search.reading.folded

    @property
    def grammar(self) -> Grammar:
        return self.checks.grammar[self.lang]

    def fix(self) -> Fix:
        act, start, end = self.rule.fix.act, self.finding.start, self.finding.end
        made: tuple[int, int, str] | None = None
        if act is Act.INSERT_FIRST:
            made = self._first()
        elif act is Act.INSERT_LAST:
            body = self.search.reading.body
            place = body[-1].end if body else len(self.text)
            made = (place, place, "\n" + self._words())
        elif act is Act.MOVE_FIRST:
            made = self._moved()
        elif act in (Act.REPLACE, Act.DELETE) and end > start:
            made = self._exchanged() or self._rewritten()
        elif act is Act.EXCHANGE and end > start:
            made = self._exchanged()
        if made is None:
            return Fix(note=self.rule.fix.note, replacement=None, start=start, end=end)
        return Fix(note=self.rule.fix.note, replacement=made[2], start=made[0], end=made[1])

    def _words(self) -> str:
        """The words that go in, in the characters of the text."""
        words = self.rule.fix.text
        if words is None:
            return ""
        scribe = self.checks.scribe
        if self.lang == "zh" and scribe.of(self.text) is Script.HANT:
            return scribe.turned(words.zh, Script.HANT)
        return words[self.lang]

    def _first(self) -> tuple[int, int, str]:
        body, words = self.search.reading.body, self._words()
        if words.endswith("\n"):
            # A line of its own stands below the title, above the greeting.
            place = 0
            for sentence in self.search.reading.sentences:
                if sentence.role is not Role.HEAD:
                    break
                after = self.text.find("\n", sentence.end)
                if after < 0 or self.text[sentence.end : after].strip():
                    continue
                place = after + 1
            return place, place, words
        place = body[0].start if body else len(self.text)
        return place, place, words + ("" if self.lang == "zh" or not body else " ")

    def _moved(self) -> tuple[int, int, str] | None:
        body = self.search.reading.body
        moved = self._sentence_at(self.finding.start)
        if moved is None or not body or moved.start <= body[0].start or moved.role is not Role.BODY:
            return None
        if self._speaks_back(moved.folded) or self.grammar.speaks_back_inside.search(moved.folded):
            return None
        if _LABEL.match(moved.folded) or not _balanced(moved.folded) or self._leaned_on(moved):
            return None
        first = body[0].start
        start, end = self._gap(moved.start, moved.end)
        words = self.text[moved.start : moved.end]
        if words[-1] not in _STOPS + '”"」』)）':
            words += self._stop()
        gap = "" if self.lang == "zh" else " "
        return first, end, words + gap + self.text[first:start]

    def _exchanged(self) -> tuple[int, int, str] | None:
        """The words that can be exchanged one for one, if nothing else in the sentence breaks the rule."""
        pattern = self.checks.exchanges.get((self.rule.id, self.lang))
        sentence = self._sentence_at(self.finding.start)
        if pattern is None or sentence is None:
            return None
        source = self.folded
        for found in pattern.finditer(source, sentence.start, sentence.end):
            if found.start() >= self.finding.end or found.end() <= self.finding.start or found.end() == found.start():
                continue
            start, end = found.span()
            words = self._words() if self.rule.fix.act is not Act.DELETE else ""
            if start == sentence.start and words:
                words = words[0].upper() + words[1:]
            if not words:
                while start > sentence.start and self.text[start - 1] == " ":
                    start -= 1
                if start == sentence.start or end == sentence.end:
                    return None
            left = fold(
                self.text[sentence.start : start] + words + self.text[end : sentence.end], self.checks.traditional
            )
            return None if self._breaks(left) else (start, end, words)
        return None

    def _rewritten(self) -> tuple[int, int, str] | None:
        """The sentence without the clauses of the finding, with the words of the fix as a sentence in their place."""
        inside = [s for s in self.search.reading.sentences if s.start < self.finding.end and self.finding.start < s.end]
        if not inside or any(s.role is not Role.BODY for s in inside):
            return None
        first, last = inside[0], inside[-1]
        if "\n" in self.text[first.start : last.end]:
            return None
        label = _LABEL.match(first.folded)
        begin = first.start + (label.end() if label else 0)
        before, after = self._kept(first, last, begin)
        at = before if before is not None else begin
        to = after if after is not None else last.end
        words = self._words()
        if words and self._says(words, outside=(first.start, last.end)):
            words = ""
        if not self._can_go(at, to, words) or not _balanced(self.folded[at:to]):
            return None
        if after is None and self._leaned_on(last):
            return None
        kept = [self.text[begin:before].rstrip(" ,，;；、-–—")] if before is not None else []
        if words:
            kept.append(words.rstrip(".。"))
        if after is not None:
            rest = (
                self.text[after : last.end].rstrip(_STOPS + " ")
                if self.text[last.end - 1] in ".。"
                else self.text[after : last.end]
            )
            kept.append(rest[0].upper() + rest[1:])
        if not kept:
            if label and _NUMBERED.match(label.group()):
                return None
            if len(self.search.reading.body) <= len(inside):
                return None
            start, end = self._gap(first.start, last.end)
            return start, end, ""
        gap = "" if self.lang == "zh" else " "
        sentences = [part if part[-1] in _STOPS else part + self._stop() for part in kept]
        return begin, last.end, gap.join(sentences)

    def _kept(self, first: Sentence, last: Sentence, begin: int) -> tuple[int | None, int | None]:
        """Where the part before the finding ends that stays, and where the part after it begins; None for no part."""
        spans = [(first.start + left, first.start + right) for left, right in self.grammar.clauses(first.folded)]
        before: int | None = None
        kept = [span for span in spans if span[1] <= self.finding.start and span[1] > begin]
        while kept:
            left, right = max(kept[-1][0], begin), kept[-1][1]
            whole = self.folded[begin:right]
            if (
                not self.grammar.needs_the_next(self.folded[left:right])
                and not (self.lang == "en" and self.grammar.needs_the_next(whole))
                and _balanced(whole)
                and not self._breaks(whole)
                and not self._faulty(begin, right)
            ):
                before = right
                break
            kept.pop()
        after: int | None = None
        spans = [(last.start + left, last.start + right) for left, right in self.grammar.clauses(last.folded)]
        for left, _ in spans:
            whole = self.folded[left : last.end]
            if left < self.finding.end or not self.grammar.stands_alone(whole):
                continue
            if _balanced(whole) and not self._breaks(whole) and not self._faulty(left, last.end):
                after = left
                break
        return before, after

    def _can_go(self, at: int, to: int, words: str) -> bool:
        """Whether nothing that people need goes with the words of the finding."""
        start, end = self.finding.start, self.finding.end
        said = fold(words, self.checks.traditional)
        beside = self.folded[at : max(at, start)] + "\n" + self.folded[min(end, to) : to]
        if _NUMBER.search(beside):
            return False
        for name in _NEEDED:
            needed = self.checks.concept(self.lang, name)
            if needed.search(beside) and not needed.search(said):
                return False
        here, rest = self.folded[at:to], self.folded[:at] + "\n" + self.folded[to:]
        for name in _NEEDED_HERE:
            needed = self.checks.concept(self.lang, name)
            if name == "harm" and not words and self.rule.kind is Kind.FORBID:
                # Who accuses the injured names them.
                continue
            # Words that take the place of others may let go what the text says elsewhere.
            if needed.search(here) and not needed.search(said) and not (words and needed.search(rest)):
                return False
        return not any(
            hits
            and all(hit.start < to and at < hit.end for hit in hits)
            and not any(
                found_in(pattern, said) for pattern in lines.patterns if pattern.scope not in (Scope.HEAD, Scope.SIGN)
            )
            for lines, hits in self.carried
        )

    def _leaned_on(self, sentence: Sentence) -> bool:
        """Whether the next sentence speaks of this one."""
        following = next((s for s in self.search.reading.sentences if s.start >= sentence.end), None)
        return following is not None and following.role is Role.BODY and self._speaks_back(following.folded)

    def _speaks_back(self, folded: str) -> bool:
        label = _LABEL.match(folded)
        return self.grammar.speaks_back.match(folded, label.end() if label else 0) is not None

    def _breaks(self, part: str) -> bool:
        """Whether a part by itself runs into a wording of the rule."""
        lines = self.checks.compiled[(self.rule.id, self.lang)]
        return any(
            found_in(pattern, part)
            for tier in (lines.patterns, lines.unproven, lines.broad, lines.faint)
            for pattern in tier
            if pattern.scope in (Scope.SENTENCE, Scope.CLAUSE)
        )

    def _faulty(self, start: int, end: int) -> bool:
        """Whether the text breaks the rule between two places."""
        return any(left < end and start < right for left, right in self.places)

    def _says(self, words: str, outside: tuple[int, int]) -> bool:
        """Whether the text says already, elsewhere, what the fix would say."""
        said = fold(words, self.checks.traditional)
        blanks = _BLANK.findall(said)
        telling = len(_BLANK.sub("", said)) >= _TELLING[self.lang]
        return any(
            (telling or any(blank in found.group() for blank in blanks))
            and (found.end() <= outside[0] or found.start() >= outside[1])
            for found in _template(said).finditer(self.folded)
        )

    def _sentence_at(self, place: int) -> Sentence | None:
        return next((s for s in self.search.reading.sentences if s.start <= place < s.end), None)

    def _stop(self) -> str:
        return "。" if self.lang == "zh" else "."

    def _gap(self, start: int, end: int) -> tuple[int, int]:
        """The stretch that goes with a sentence: the blank beside it, its line if it was alone there."""
        text = self.text
        while end < len(text) and text[end] in " \u3000":
            end += 1
        if end == len(text) or text[end] == "\n":
            while start > 0 and text[start - 1] in " \u3000":
                start -= 1
            if start == 0 or text[start - 1] == "\n":
                while end < len(text) and text[end] == "\n":
                    end += 1
                if end == len(text):
                    while start > 0 and text[start - 1] == "\n":
                        start -= 1
                    if text.endswith("\n"):
                        end -= 1
        return start, end


def _balanced(folded: str) -> bool:
    """Whether no quotation and no bracket begins or ends outside."""
    return folded.count('"') % 2 == 0 and all(folded.count(pair[0]) == folded.count(pair[1]) for pair in _PAIRS)
