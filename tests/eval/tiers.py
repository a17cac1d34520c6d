"""Which tier a forbidden wording belongs to: counts always, only in a text that lacks something, or nowhere.

    python -m tests.eval.tiers [--write]

Each pattern line of a check of kind forbid is tried on our own labelled sentences and statements (tests/data/), and on
the development statements where CRISIS_DATA names them. Its worth is the logarithm of how much likelier it is in a
sentence that commits the fault than in one that does not. The gates are set so that a good text is seldom called wrong:
a text that has all its elements is accused by lines only that are practically never wrong. Prints how many lines stand
in each tier; with --write the files of playbooks/checks/ are brought up to date.
"""

# ruff: noqa: T201
from __future__ import annotations

import json
import math
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from crisis.cli.lint import draft_of
from crisis.content.checks import load_checks
from crisis.content.roots import builtin
from crisis.core.checks.evidence import applies
from crisis.core.checks.rules import Check, CheckSet, Kind
from crisis.core.checks.search import Search
from crisis.core.checks.sentences import fold, read

TIERS = ("patterns", "unproven", "broad", "faint")
# A line belongs to the first tier whose gate it reaches: always, one element missing, two missing. Below, it goes.
ALWAYS, ONE_MISSING, TWO_MISSING = 7.0, 6.0, 4.0
# So many right hits and not a single wrong one are enough as well: a plain wording is rare in texts written to be hard.
# The examples of a check count as right, so that what it says of itself it finds in every text.
SURE = 1.0
# How much a hit says: sentences that were written for the check; whole statements, where nobody had the check in mind.
RIGHT = {"sentence": 1.0, "statement": 2.0, "development": 2.0}
# A sentence written for another check may commit this fault unmarked; a good statement commits none.
WRONG = {"near": 1.0, "other": 0.5, "statement": 2.0, "good": 3.0, "development": 2.0}
# What a line that was never tried is taken to have behind it.
NEVER_RIGHT, NEVER_WRONG = 0.2, 0.25
OWN = Path(__file__).parent.parent / "data"
# The hands whose statements the tiers are set by. The others meet wordings that have not seen them, which is how
# tests/eval/likeness.py can tell what a wording is worth in a text of tomorrow.
HANDS = "ABCDEFG"

Key = tuple[str, str, str, int]


def records(name: str, folder: Path = OWN) -> list[dict[str, Any]]:
    """The objects of an NDJSON file, none when there is no such file."""
    file = folder / name
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def lang_of(record: dict[str, Any]) -> str:
    return "en" if record["lang"] == "en" else "zh"


def sentences_of_ours() -> Iterator[tuple[str, str, set[str], set[str]]]:
    """(language, text, checks it was written for, checks it breaks) of each labelled sentence; plain ones are written
    for no check."""
    for record in records("own_sentences.jsonl"):
        own = {record["check"]}
        yield lang_of(record), record["text"], own, {*record.get("also", ()), *(own if record["hit"] else ())}
    for lang in ("zh", "en"):
        for line in (OWN.parent / "content" / f"sentences_{lang}.tsv").read_text(encoding="utf-8").splitlines():
            identity, tab, text = line.partition("\t")
            if tab:
                own = set() if identity == "ok" else {identity}
                yield lang, text, own, own


def examples_of(rules: list[Check]) -> Iterator[tuple[str, str, set[str], set[str]]]:
    """The same of the examples that each check brings with it."""
    for rule in rules:
        for lang in ("zh", "en"):
            yield from ((lang, text, {rule.id}, {rule.id}) for text in rule.examples.bad[lang])
            yield from ((lang, text, {rule.id}, set()) for text in rule.examples.good[lang])


def lines_in(text: str, lang: str, rules: list[Check], checks: CheckSet, claims: Sequence[str] = ()) -> Iterator[Key]:
    """The pattern lines of these checks that a text runs into; `claims` are what its ledger bears out, folded."""
    search = Search(read(text, lang=lang, traditional=checks.traditional))
    for rule in rules:
        compiled = checks.compiled[(rule.id, lang)]
        if compiled.needs and not search.any(compiled.needs):
            continue
        proven = bool(compiled.proof) and search.proven(compiled.proof, claims)
        for tier in TIERS[:1] if proven else TIERS:
            for place, pattern in enumerate(getattr(compiled, tier)):
                for hit in search.hits((pattern,)):
                    if not rule.quotes and search.reading.is_quoted(hit.start, hit.end):
                        continue
                    if not search.excused(hit, compiled.unless):
                        yield rule.id, lang, tier, place
                        break


def worths(checks: CheckSet) -> dict[Key, float]:
    """The worth of every pattern line of a forbidden wording."""
    forbidding = [rule for rule in checks.checks if rule.kind is Kind.FORBID]
    right: dict[Key, float] = defaultdict(float)
    wrong: dict[Key, float] = defaultdict(float)
    faults: Counter[tuple[str, str]] = Counter()
    sentences: Counter[str] = Counter()
    for lang, text, written_for, committed in [*sentences_of_ours(), *examples_of(forbidding)]:
        sentences[lang] += 1
        faults.update((identity, lang) for identity in committed)
        for key in lines_in(text, lang, forbidding, checks):
            if key[0] in committed:
                right[key] += RIGHT["sentence"]
            else:
                wrong[key] += WRONG["near" if key[0] in written_for else "good" if not written_for else "other"]
    data = os.environ.get("CRISIS_DATA")
    statements = [("statement", record) for record in records("own_statements.jsonl") if record["id"][0] in HANDS]
    statements += [("development", record) for record in (records("statements_dev.jsonl", Path(data)) if data else [])]
    for kind, record in statements:
        draft, lang = draft_of(record), lang_of(record)
        sentences[lang] += 10  # a statement has about ten
        active = [rule for rule in forbidding if applies(rule.when, draft)]
        claims = [fold(fact.claim, checks.traditional) for fact in draft.confirmed]
        for key in lines_in(record["text"], lang, active, checks, claims):
            if key[0] in record["labels"]:
                right[key] += RIGHT[kind]
            elif key[0] not in record.get("may", ()):
                wrong[key] += WRONG[kind if record["labels"] else "good"]
    worth = {
        (rule.id, lang, tier, place): math.log(
            ((right[key] + NEVER_RIGHT) / (faults[rule.id, lang] + 8))
            / ((wrong[key] + NEVER_WRONG) / (sentences[lang] + 100))
        )
        for rule in forbidding
        for lang in ("zh", "en")
        for tier in TIERS
        for place in range(len(getattr(rule, tier)[lang]))
        for key in [(rule.id, lang, tier, place)]
    }
    return {key: max(value, ALWAYS) if right[key] >= SURE and not wrong[key] else value for key, value in worth.items()}


def tier_of(tier: str, worth: float, *, has_proof: bool = False) -> str | None:
    """Where a line belongs. What a proof excuses, where the check has one, it goes on excusing."""
    if worth >= ALWAYS:
        return "unproven" if has_proof and tier != "patterns" else "patterns"
    return "broad" if worth >= ONE_MISSING else "faint" if worth >= TWO_MISSING else None


def rewritten(text: str, worth: dict[Key, float]) -> str:
    """A file of checks with its lines in the tiers that they belong to; all else stays as it is written."""
    out, done = [], 0
    for entry in yaml.compose(text).value:
        keys = {key.value: (key, value) for key, value in entry.value}
        identity, kind = keys["id"][1].value, keys["kind"][1].value
        if kind != "forbid":
            continue
        new: dict[str, dict[str, list[str]]] = {tier: {"zh": [], "en": []} for tier in TIERS}
        spans = []
        for tier in TIERS:
            if tier not in keys:
                continue
            key, value = keys[tier]
            after = min(
                (other.start_mark.index for other, _ in keys.values() if other.start_mark.index > key.start_mark.index),
                default=entry.end_mark.index,
            )
            spans.append((key.start_mark.index - 2, after - 2))
            for lang, items in value.value:
                for place, item in enumerate(items.value):
                    goes = tier_of(tier, worth[identity, lang.value, tier, place], has_proof="proof" in keys)
                    if goes is not None:
                        new[goes][lang.value].append(text[item.start_mark.index : item.end_mark.index])
        block = "".join(
            f"  {tier}:\n"
            + "".join(
                f"    {lang}:\n" + "".join(f"      - {item}\n" for item in new[tier][lang])
                for lang in ("zh", "en")
                if new[tier][lang]
            )
            for tier in TIERS
            if any(new[tier].values())
        )
        for number, (start, end) in enumerate(sorted(spans)):
            out.append(text[done:start] + (block if number == 0 else ""))
            done = end
    return "".join(out) + text[done:]


def main() -> None:
    checks = load_checks(wordings_only=True)
    worth = worths(checks)
    moved = Counter((key[2], str(tier_of(key[2], value))) for key, value in worth.items())
    for (tier, goes), count in sorted(moved.items()):
        print(f"{tier:9} -> {goes:9} {count:5d}")
    if "--write" in sys.argv:
        for file in sorted((builtin("playbooks") / "checks").glob("*.yaml")):
            if file.name != "words.yaml":
                text = file.read_text(encoding="utf-8")
                file.write_text(rewritten(text, worth), encoding="utf-8")


if __name__ == "__main__":
    main()
