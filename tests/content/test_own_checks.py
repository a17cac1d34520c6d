"""A check of the organisation's own has every power that one of ours has: it states it in its file."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import crisis
from crisis.content.checks import load_checks
from crisis.core.case import FactStatus
from crisis.core.checks import CheckSet, DraftText, LedgerFact, check
from crisis.core.nextupdate import announced
from crisis.errors import ContentInvalid

SHAPE = """- id: {identity}
  name: {{zh: 自定, en: Our own}}
  principle: candor
  severity: medium
{states}
  message: {{zh: 这里不对。, en: This is wrong.}}
  fix: {{note: {{zh: 换个说法。, en: Say it otherwise.}}}}
  examples: {{good: {{zh: [好。], en: [Good.]}}, bad: {{zh: [坏。], en: [Bad.]}}}}
  source: our own
"""
GOBLINS = "  patterns: {zh: ['小妖'], en: ['goblins?']}"


def own(home: Path, **states: str) -> CheckSet:
    """The checks with some of the organisation's own: id -> what it states."""
    folder = home / "playbooks" / "checks"
    folder.mkdir(parents=True)
    shapes = [SHAPE.format(identity=identity, states=lines) for identity, lines in states.items()]
    (folder / "own.yaml").write_text("".join(shapes), encoding="utf-8")
    return load_checks(home)


def places(text: str, checks: CheckSet, identity: str, **given: object) -> list[str]:
    draft = DraftText(id="d", lang="en", text=text, audience="customers", crisis_type="linear", **given)  # type: ignore[arg-type]
    return [text[f.start : f.end] for f in check(draft, checks).findings if f.check == identity]


def test_no_code_knows_a_check_by_its_id() -> None:
    known = re.compile(r"SC\d\d")

    named = [
        f"{file.name}:{node.lineno} {node.value}"
        for file in Path(crisis.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and known.fullmatch(node.value)
    ]

    assert named == []


def test_what_tells_a_cause_must_be_carried_by_the_ledger(tmp_path: Path) -> None:
    plain, telling = (
        own(tmp_path / name, XX01=f"  kind: forbid\n{tells}{GOBLINS}")
        for name, tells in (("plain", ""), ("telling", "  tells: [cause]\n"))
    )
    text = "It was goblins in the pipe."
    fact = LedgerFact(id="F1", claim="Goblins were found in the pipe", status=FactStatus.CONFIRMED)

    assert places(text, plain, "SC21") == []
    assert places(text, telling, "SC21") == ["goblins"]
    assert places(text, telling, "SC21", facts=(fact,)) == []


def test_what_tells_a_promise_needs_no_fact_about_the_future(tmp_path: Path) -> None:
    checks = own(tmp_path, XX01=f"  kind: forbid\n  tells: [cause, promise]\n{GOBLINS}")

    assert places("It was goblins in the pipe.", checks, "SC21") == ["goblins"]
    assert places("There will be no goblins in the pipe.", checks, "SC21") == []


def test_what_tells_that_few_are_affected_needs_the_ledger_while_their_number_is_open(tmp_path: Path) -> None:
    checks = own(tmp_path, XX01=f"  kind: forbid\n  tells: [extent]\n{GOBLINS}")
    open_fact = LedgerFact(id="F1", claim="How many customers are affected", status=FactStatus.UNCONFIRMED)

    assert places("It was goblins in the pipe.", checks, "SC21") == []
    assert places("It was goblins in the pipe.", checks, "SC21", facts=(open_fact,)) == ["goblins"]


def test_what_tells_a_reason_comes_after_what_people_get(tmp_path: Path) -> None:
    checks = own(tmp_path, XX01=f"  kind: forbid\n  tells: [reason]\n{GOBLINS}")

    assert len(places("The pipe has goblins. We will repair it at no charge.", checks, "SC03")) == 1
    assert places("We will repair it at no charge. The pipe has goblins.", checks, "SC03") == []


def test_an_order_of_ones_own_puts_people_first(tmp_path: Path) -> None:
    states = (
        "  kind: order\n  patterns: {zh: ['员工'], en: ['crew']}\n  after: {zh: ['飞船'], en: ['ship']}\n"
        "  order: {people_first: true}"
    )
    checks = own(tmp_path, XX01=states)

    assert places("The ship flies on. The crew is well.", checks, "XX01") == ["ship"]
    assert places("The crew is well. The ship flies on.", checks, "XX01") == []
    assert places("The ship flies on.", checks, "XX01") == ["ship"]


def test_a_ledger_check_of_ones_own_has_its_own_flat_sentences(tmp_path: Path) -> None:
    checks = own(tmp_path, XX01=f"  kind: structure\n  reckons: ledger\n{GOBLINS}")
    fact = LedgerFact(id="F1", claim="Goblins were found in the pipe", status=FactStatus.CONFIRMED)

    assert places("It was goblins in the pipe.", checks, "XX01") == ["goblins"]
    assert places("It was goblins in the pipe.", checks, "SC21") == []
    assert places("It was goblins in the pipe.", checks, "XX01", facts=(fact,)) == []


@pytest.mark.parametrize(
    ("reckons", "text", "given", "found"),
    [
        ("wordings", "No goblins here.", {}, ["goblins"]),
        ("filing", "No goblins here.", {"listed": True}, ["goblins"]),
        ("promises", "We will drive out the goblins.", {"promises": ()}, ["goblins"]),
        ("clock", "No news.", {"kind": "holding", "hours": 3.0}, [""]),
    ],
)
def test_what_is_reckoned_is_reckoned_for_a_check_of_ones_own(
    tmp_path: Path, reckons: str, text: str, given: dict[str, object], found: list[str]
) -> None:
    checks = own(tmp_path, XX01=f"  kind: structure\n  reckons: {reckons}\n{GOBLINS}")

    assert places(text, checks, "XX01", **given) == found


@pytest.mark.parametrize(
    ("exemption", "given"),
    [("unless_refuted", {"claim_refuted": True}), ("unless_own_number", {"own_numbers": ("0571 8888 1234",)})],
)
def test_an_exemption_is_there_for_a_check_that_states_it(
    tmp_path: Path, exemption: str, given: dict[str, object]
) -> None:
    states = "  kind: forbid\n  patterns: {zh: ['\\d{4} \\d{4}'], en: ['\\d{4} \\d{4} \\d{4}']}\n"
    plain, exempt = (
        own(tmp_path / name, XX01=states + more) for name, more in (("plain", ""), ("exempt", f"  {exemption}: true\n"))
    )
    text = "Call 0571 8888 1234."

    assert places(text, plain, "XX01", **given) == ["0571 8888 1234"]
    assert places(text, exempt, "XX01", **given) == []


def test_a_time_is_read_from_every_sentence_that_a_check_says_announces_it(tmp_path: Path) -> None:
    said_at = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
    patterns = "  patterns: {zh: ['鼓声'], en: ['drums sound']}"
    plain, announcing = (
        own(tmp_path / name, XX01=f"  kind: require\n{states}{patterns}")
        for name, states in (("plain", ""), ("announcing", "  announces: true\n"))
    )
    text = "The drums sound at 18:00."

    assert announced(text, lang="en", said_at=said_at, checks=plain) is None
    found = announced(text, lang="en", said_at=said_at, checks=announcing)
    assert found is not None and found.at == said_at.replace(hour=18)


@pytest.mark.parametrize(
    ("states", "line", "wrong"),
    [
        ("  kind: forbid\n  reckons: copies", 6, "only a check of kind structure uses it"),
        ("  kind: require\n  tells: [cause]", 6, "only a check of kind forbid uses it"),
        ("  kind: forbid\n  announces: true", 6, "only a check of kind require uses it"),
        ("  kind: require\n  unless_refuted: true", 6, "only a check of kind forbid uses it"),
        ("  kind: order\n  unless_own_number: true", 6, "only a check of kind forbid uses it"),
        ("  kind: forbid\n  order:\n    people_first: true", 6, "only a check of kind order uses it"),
        ("  kind: structure", 5, "add reckons, one of ledger, contradictions"),
        ("  kind: structure\n  reckons: promises", 6, "promises looks for patterns, and there are none; add some"),
        (
            "  kind: order\n  order:\n    element: {check: SC15, carries: 0, lacks: 0}",
            6,
            "the element SC15 is no required element; name one of SC01, SC04",
        ),
        ("  kind: forbid\n  tells: [gossip]", 6, "cause"),
    ],
)
def test_a_power_that_a_check_could_never_use_is_named_with_its_line(
    tmp_path: Path, states: str, line: int, wrong: str
) -> None:
    with pytest.raises(ContentInvalid) as caught:
        own(tmp_path, XX01=states)

    assert [p for p in caught.value.problems if p.startswith(f"checks/own.yaml:{line}: ") and wrong in p] != []
