"""The statement checks from playbooks/checks/: read, compared with their own examples, compiled.

Files `*.yaml` hold lists of checks; `words.yaml` holds the word lists that patterns name, the concepts of
the reckoned checks, how clauses hang together, and the folding table for traditional characters. A check in
`$CRISIS_HOME` replaces the built-in one of the same id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, cast

from crisis.content.likeness import load_likeness
from crisis.content.roots import builtin, stacked
from crisis.content.script import load_scribe
from crisis.content.yamlfile import load
from crisis.core.checks.fixing import blanks_of, templates_of
from crisis.core.checks.likeness import Likeness, Points
from crisis.core.checks.misuse import misuses
from crisis.core.checks.rules import Check, CheckSet, compile_check, expand
from crisis.core.checks.spans import Grammar
from crisis.errors import ContentInvalid

_WORDS, _SUBJECT = "words.yaml", "subject"


@dataclass(frozen=True, kw_only=True)
class _Words:
    """words.yaml. `traditional` and `simplified` are of the same length, character by character. `grammar`: by language
    the patterns of crisis.core.checks.spans.Grammar, with `subject` for what several of them name."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    zh: dict[str, str]
    en: dict[str, str]
    grammar: dict[str, dict[str, str]]
    traditional: str
    simplified: str


@lru_cache(maxsize=4)
def load_checks(home: Path | None = None, *, wordings_only: bool = False) -> CheckSet:
    """All checks, ready to use. Raises ContentInvalid with every problem as `file:line: what`.

    `wordings_only`: without the second opinion, its files may be missing or damaged then: what writes them needs this.
    """
    checks: dict[str, Check] = {}
    where: dict[str, Path] = {}
    words: _Words | None = None
    replaced: set[str] = set()
    problems: list[str] = []
    for folder in stacked("playbooks", home):
        for file in sorted((folder / "checks").glob("*.yaml")):
            try:
                if file.name == _WORDS:
                    words = load(file, _Words)
                    continue
                for check in cast(tuple[Check, ...], load(file, tuple[Check, ...])):
                    if folder != builtin("playbooks"):
                        replaced.add(check.id)
                    checks[check.id] = check
                    where[check.id] = file
            except ContentInvalid as invalid:
                problems.extend(invalid.problems)
    if words is None:
        raise ContentInvalid((*problems, f"checks/{_WORDS}:1: missing"))
    if len(words.traditional) != len(words.simplified):
        problems.append(f"checks/{_WORDS}:1: traditional and simplified differ in length")
    lists = {"zh": words.zh, "en": words.en}
    compiled = {}
    kinds = {check.id: check.kind for check in checks.values()}
    for check in checks.values():
        problems.extend(
            f"{_place(where[check.id], check.id, key)}: {check.id}: {key}: {wrong}"
            for key, wrong in misuses(check, kinds)
        )
        for lang in ("zh", "en"):
            try:
                compiled[(check.id, lang)] = compile_check(check, lists[lang], lang=lang)
            except ValueError as error:
                problems.append(f"{_place(where[check.id], check.id)}: {error}")
    exchanges = {}
    for check in checks.values():
        for lang in ("zh", "en"):
            try:
                if check.fix.words[lang]:
                    exchanges[(check.id, lang)] = re.compile(
                        expand("|".join(check.fix.words[lang]), lists[lang], lang=lang)
                    )
            except (KeyError, re.error) as error:
                problems.append(
                    f"{_place(where[check.id], check.id, 'words')}: {lang}: {error} in the words of the fix"
                )
    try:
        grammar = {lang: _grammar(words.grammar[lang], lang) for lang in ("zh", "en")}
    except (KeyError, TypeError, re.error) as error:
        raise ContentInvalid((*problems, f"checks/{_WORDS}:1: grammar: {error}")) from None
    if problems:
        raise ContentInvalid(tuple(problems))
    folding = dict(zip(map(ord, words.traditional), words.simplified, strict=True))
    return CheckSet(
        checks=tuple(sorted(checks.values(), key=lambda check: check.id)),
        compiled=compiled,
        grammar=grammar,
        scribe=load_scribe(home),
        traditional=folding,
        concepts={
            (lang, name): re.compile(expand(source, lists[lang], lang=lang))
            for lang in ("zh", "en")
            for name, source in lists[lang].items()
        },
        exchanges=exchanges,
        written=tuple(template for check in checks.values() for template in templates_of(check, folding)),
        blanks=frozenset(blank for check in checks.values() for blank in blanks_of(check, folding)),
        known=_known([*words.zh.values(), *(line for check in checks.values() for line in _chinese(check))]),
        likeness=None if wordings_only else _without(load_likeness(), replaced),
    )


def _grammar(sources: Mapping[str, str], lang: str) -> Grammar:
    """Raises KeyError, TypeError for a pattern that is missing or not asked for, re.error for one that is wrong."""
    return Grammar(
        **{name: re.compile(expand(source, sources, lang=lang)) for name, source in sources.items() if name != _SUBJECT}
    )


# What of a pattern is no word of it: looks around, classes of characters, what is between.
_NO_WORD = re.compile(r"\(\?<?[!=][^()]*\)|\[[^\]]*\]|<[a-z_]+>")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,6}")


def _chinese(check: Check) -> tuple[str, ...]:
    tiers = (check.patterns, check.unproven, check.broad, check.faint, check.after)
    return tuple(line for tier in tiers for line in tier.zh)


def _known(patterns: Iterable[str]) -> frozenset[str]:
    """The Chinese words that patterns write out, as far as they are at least two signs long."""
    return frozenset(word for line in patterns for word in _HAN.findall(_NO_WORD.sub(" ", line)))


def _without(likeness: Likeness | None, replaced: set[str]) -> Likeness | None:
    """The likeness without the checks that an organisation has written anew: theirs mean what their wordings say."""
    if likeness is None or not replaced:
        return likeness

    def rest(points: Points) -> Points:
        return replace(points, checks={name: value for name, value in points.checks.items() if name not in replaced})

    return replace(likeness, forbidden=rest(likeness.forbidden), required=rest(likeness.required))


def _place(file: Path, identity: str, key: str = "id") -> str:
    """`checks/candor.yaml:17` of a check, or of a key in it; the shape was compared before."""
    place = 1
    inside = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("- "):
            inside = re.match(rf"- id: (['\"]?){re.escape(identity)}\1\s*(?:#|$)", line) is not None
            place = number if inside else place
        if inside and re.match(rf"(?:- | +){key}:", line):
            return f"{file.parent.name}/{file.name}:{number}"
    return f"{file.parent.name}/{file.name}:{place}"
