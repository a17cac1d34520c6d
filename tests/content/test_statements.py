"""Drafts: what the product words itself passes its own checks, in both languages, for every audience and phase."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from crisis.content.checks import load_checks
from crisis.content.statements import load_statements
from crisis.core.audience import AUDIENCES
from crisis.core.case import CrisisType
from crisis.core.checks import CheckReport, DraftText, LedgerFact, Level, check
from crisis.core.drafting import (
    Contacts,
    DraftContext,
    DraftPhase,
    Kind,
    context_of,
    kind_for,
    next_update,
    phase_at,
)
from crisis.core.need import Seen
from crisis.core.text import Text
from crisis.errors import ContentInvalid
from tests.content.drafts import AT, CONFIRMED, HOURS, OPEN, case_of, context_for

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "statements"


def _lint(text: str, context: DraftContext, phase: DraftPhase, *, kind: str, settled: bool = False) -> CheckReport:
    facts = case_of(context.lang, settled=settled).facts
    return check(
        DraftText(
            id="draft",
            lang=context.lang,
            text=text,
            audience=context.audience,
            crisis_type=context.crisis_type,
            injury=context.injury,
            hours=HOURS[phase],
            kind=kind,
            facts=tuple(
                LedgerFact(id=f"F{number}", claim=fact.claim, status=fact.status) for number, fact in enumerate(facts)
            ),
        ),
        load_checks(),
    )


def _grave(report: CheckReport) -> list[str]:
    return [f"{item.check} {item.message.en}" for item in report.findings if item.severity is not Level.LOW]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("phase", list(DraftPhase))
def test_a_draft_of_every_audience_and_type_has_no_finding_above_low(lang: str, phase: DraftPhase) -> None:
    shelf = load_statements()
    settled = phase is DraftPhase.HOUR_72
    failures = []

    for audience in AUDIENCES:
        for kind in CrisisType:
            context = context_for(audience, lang, kind, phase, injury=phase is not DraftPhase.HOUR_24, settled=settled)
            form = kind_for(audience, phase)
            text = shelf.draft(form, context)
            # `crisis lint` is told nothing of the kind of document; the desk is. Both readings must pass, in turns.
            said = "" if phase in (DraftPhase.HOUR_1, DraftPhase.HOUR_24) else str(form)
            report = _lint(text, context, phase, kind=said, settled=settled)
            failures += [f"{audience} {kind} {form}: {found}" for found in _grave(report)]

    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", list(Kind))
def test_every_template_passes_the_checks_for_every_audience_it_names(lang: str, form: Kind) -> None:
    shelf = load_statements()
    phase = DraftPhase.HOUR_1 if form is Kind.HOLDING else DraftPhase.HOUR_4
    failures = []

    for place, audience in enumerate(shelf.templates[lang, form].head.audiences):
        # The types take turns: every type meets every form, with half of the audiences each.
        for kind in list(CrisisType)[place % 2 :: 2]:
            context = context_for(audience, lang, kind, phase, goods=kind is CrisisType.LINEAR)
            report = _lint(shelf.draft(form, context), context, phase, kind=str(form))
            failures += [f"{audience} {kind} {form}: {found}" for found in _grave(report)]

    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", list(Kind))
def test_wording_is_as_it_was_read_and_approved(lang: str, form: Kind) -> None:
    """Golden files: look at the difference as a reader would. `GOLDEN=write pytest ...` writes them anew."""
    shelf = load_statements()
    audience = shelf.templates[lang, form].head.audiences[0]
    phase = DraftPhase.HOUR_1 if form is Kind.HOLDING else DraftPhase.HOUR_4
    text = shelf.draft(form, context_for(audience, lang, CrisisType.LINEAR, phase))
    file = GOLDEN / f"{form}.{lang}.txt"

    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    assert text == file.read_text(encoding="utf-8")


def test_missing_contacts_are_blanks_and_given_ones_stand_in_the_text() -> None:
    shelf = load_statements()
    context = context_for("customers", "zh", CrisisType.LINEAR, DraftPhase.HOUR_1)
    given = Contacts(hotline=Text(zh="0571-88880000", en="0571 8888 0000"))

    assert "【热线" in shelf.draft(Kind.HOLDING, context)
    text = shelf.draft(
        Kind.HOLDING, context_for("customers", "zh", CrisisType.LINEAR, DraftPhase.HOUR_1, contacts=given)
    )
    assert "0571-88880000" in text
    assert "【热线" not in text


def test_only_confirmed_claims_are_stated_and_open_ones_never_flatly() -> None:
    shelf = load_statements()

    text = shelf.draft(Kind.HOLDING, context_for("customers", "zh", CrisisType.LINEAR, DraftPhase.HOUR_1))

    assert CONFIRMED["zh"] in text
    assert OPEN["zh"] not in text
    assert "尚未查明" in text


@pytest.mark.parametrize("kind", list(CrisisType))
def test_what_is_unknown_is_said_beyond_what_the_same_text_states_as_verified(kind: CrisisType) -> None:
    """A ledger may hold the cause, or that nobody owns us jointly: no sentence below may say that it is not known."""
    shelf = load_statements()
    known = {lang: context_for("public", lang, kind, DraftPhase.HOUR_4) for lang in ("zh", "en")}
    bare = {lang: replace(context, known=()) for lang, context in known.items()}

    said = {lang: shelf.draft(Kind.UPDATE, context) for lang, context in known.items()}
    without = {lang: shelf.draft(Kind.UPDATE, context) for lang, context in bare.items()}

    assert "除已核实的以外" in said["zh"] or "其余说法" in said["zh"]
    assert "Beyond what is verified" in said["en"] or "the other points" in said["en"]
    assert "以外" not in without["zh"] and "其余" not in without["zh"]
    assert "Beyond what" not in without["en"] and "other points" not in without["en"]


def test_a_claim_in_small_letters_stands_as_a_sentence_unless_it_begins_with_a_name() -> None:
    shelf = load_statements()
    context = context_for("customers", "en", CrisisType.LINEAR, DraftPhase.HOUR_4)

    text = shelf.draft(
        Kind.UPDATE, replace(context, known=("sales have stopped", "eMover batteries overheat", "3 hurt"))
    )

    assert "- Sales have stopped.\n- eMover batteries overheat.\n- 3 hurt.\n" in text


def test_several_remedies_are_offered_as_a_choice() -> None:
    shelf = load_statements()
    context = {lang: context_for("customers", lang, CrisisType.LINEAR, DraftPhase.HOUR_4) for lang in ("zh", "en")}

    zh = shelf.draft(Kind.SUBSTANTIVE, replace(context["zh"], remedies=("退款", "更换", "维修")))
    en = shelf.draft(Kind.RECALL, replace(context["en"], remedies=("a refund", "a new lid", "a repair")))

    assert "您可以选择退款、更换或维修。" in zh
    assert "You can choose a refund, a new lid or a repair." in en


@pytest.mark.parametrize(("lang", "health"), [("zh", "伤情"), ("en", "how they are")])
def test_nobody_speaks_of_the_injured_when_nobody_was_hurt(lang: str, health: str) -> None:
    shelf = load_statements()
    hurt = context_for("media", lang, CrisisType.CREDIT, DraftPhase.HOUR_4)
    whole = context_for("media", lang, CrisisType.CREDIT, DraftPhase.HOUR_4, injury=False)

    assert health in shelf.draft(Kind.UPDATE, hurt)
    assert health not in shelf.draft(Kind.UPDATE, whole)


def test_a_fact_of_the_other_language_is_a_blank_and_not_a_silent_translation() -> None:
    context = context_of(
        case_of("zh"),
        audience="customers",
        lang="en",
        crisis_type=CrisisType.LINEAR,
        seen=Seen(hits={}),
        at=AT,
        hours=0.5,
    )

    assert "[[fact F1 to put into English]]" in load_statements().draft(Kind.HOLDING, context)


def test_the_next_update_is_never_in_the_night_once_the_first_day_is_over() -> None:
    for hour in range(24):
        moment = next_update(AT.replace(hour=hour, minute=17), DraftPhase.HOUR_24)

        assert 7 <= moment.hour < 22
        assert moment.minute in (0, 30)
        assert moment > AT.replace(hour=hour, minute=17)


def test_phases_follow_the_deadlines_of_the_core() -> None:
    assert [phase_at(hours) for hours in (0, 1, 4, 30, 72)] == [
        DraftPhase.HOUR_1,
        DraftPhase.HOUR_1,
        DraftPhase.HOUR_4,
        DraftPhase.HOUR_24,
        DraftPhase.HOUR_72,
    ]


def _home(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "templates" / "statements" / "zh"
    folder.mkdir(parents=True)
    (folder / "holding.j2").write_text(text, encoding="utf-8")
    return tmp_path


HEAD = "---\ntitle: 首份声明\nkind: holding\naudiences: [customers]\n---\n"


def test_a_mistyped_head_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_statements(_home(tmp_path, HEAD.replace("audiences", "audience")))

    assert any(problem.startswith("zh/holding.j2:4: audience:") for problem in bad.value.problems)


def test_a_broken_body_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_statements(_home(tmp_path, HEAD + "{{ org }}\n{% if %}\n"))

    assert any(problem.startswith("zh/holding.j2:7:") for problem in bad.value.problems)


def test_an_unknown_name_is_told_with_its_line_when_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_statements(_home(tmp_path, HEAD + "{{ org }}\n{{ nobody }}\n"))

    assert "zh/holding.j2:7: unknown name nobody" in bad.value.problems


@pytest.mark.parametrize("body", ["{{ c.nothing }}", "{{ c.__class__.__mro__ }}", "{{ org.__init__.__globals__ }}"])
def test_unknown_fields_and_ways_out_of_the_sandbox_are_errors(tmp_path: Path, body: str) -> None:
    shelf = load_statements(_home(tmp_path, HEAD + body))

    with pytest.raises(ContentInvalid):
        shelf.draft(Kind.HOLDING, context_for("customers", "zh", CrisisType.LINEAR, DraftPhase.HOUR_1))


def test_a_template_reads_no_file(tmp_path: Path) -> None:
    shelf = load_statements(_home(tmp_path, HEAD + "{% include '/etc/passwd' %}"))

    with pytest.raises(ContentInvalid):
        shelf.draft(Kind.HOLDING, context_for("customers", "zh", CrisisType.LINEAR, DraftPhase.HOUR_1))
