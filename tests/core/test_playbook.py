"""Playbooks: combined, swapped, kept as a copy."""

from __future__ import annotations

import json

import pytest

from crisis.content.playbooks import load_playbooks
from crisis.core.case import CreditKind, CrisisType
from crisis.core.playbook import Phase, PlaybookShelf, Progress, add_module, as_record, combine, playbook_of, swap
from crisis.errors import Invalid


@pytest.fixture(scope="module")
def shelf() -> PlaybookShelf:
    return load_playbooks()


@pytest.mark.parametrize("kind", list(CrisisType))
def test_every_type_inherits_the_whole_core(shelf: PlaybookShelf, kind: CrisisType) -> None:
    book = shelf.start(kind)

    assert {step.id for step in shelf.core.steps} <= {step.id for step in book.steps}
    assert {step.id for step in shelf.typed[kind].steps} <= {step.id for step in book.steps}


def test_the_first_hour_comes_first_and_the_earliest_due_leads(shelf: PlaybookShelf) -> None:
    book = shelf.start(CrisisType.LINEAR)
    phases = [list(Phase).index(step.phase) for step in book.steps]

    assert phases == sorted(phases)
    assert book.steps[0].id == "K01"


def test_a_credit_crisis_of_one_kind_leaves_out_the_steps_of_the_others(shelf: PlaybookShelf) -> None:
    ids = {step.id for step in shelf.start(CrisisType.CREDIT, CreditKind.LENDING).steps}

    assert "C13" in ids
    assert not ids & {"C10", "C11", "C12"}


def test_a_credit_crisis_of_unknown_kind_keeps_them_all(shelf: PlaybookShelf) -> None:
    assert {"C10", "C11", "C12", "C13"} <= {step.id for step in shelf.start(CrisisType.CREDIT).steps}


def test_a_playbook_survives_json(shelf: PlaybookShelf) -> None:
    book = shelf.start(CrisisType.CREDIT, CreditKind.FINANCE, ("recall", "listed"))

    assert playbook_of(json.loads(json.dumps(as_record(book)))) == book


def test_a_change_of_type_keeps_what_was_done_and_drops_what_was_not(shelf: PlaybookShelf) -> None:
    running = [Progress(step=step, done=step.id in ("K01", "L01")) for step in shelf.start(CrisisType.LINEAR).steps]

    after = {item.step.id: item.done for item in swap(running, shelf.start(CrisisType.MATRIX))}

    assert after["K01"] and after["L01"]
    assert "L02" not in after
    assert after["X01"] is False


def test_changing_the_type_and_back_loses_nothing_done(shelf: PlaybookShelf) -> None:
    linear = shelf.start(CrisisType.LINEAR)
    running = [Progress(step=step, done=step.id == "L02") for step in linear.steps]

    back = swap(swap(running, shelf.start(CrisisType.CHAIN)), linear)

    assert {item.step.id: item.done for item in back} == {item.step.id: item.done for item in running}


def test_a_module_is_added_once(shelf: PlaybookShelf) -> None:
    book = add_module(shelf.start(CrisisType.LINEAR), shelf.modules["recall"])

    assert len(add_module(book, shelf.modules["recall"]).steps) == len(book.steps)


def test_two_steps_of_one_id_are_refused(shelf: PlaybookShelf) -> None:
    with pytest.raises(Invalid):
        combine(shelf.core, shelf.core)


def test_a_copy_from_before_releases_could_fulfil_a_step_is_read_as_it_is(shelf: PlaybookShelf) -> None:
    record = as_record(shelf.start(CrisisType.LINEAR))
    for step in record["steps"]:
        del step["fulfilled_by"]

    assert all(step.fulfilled_by is None for step in playbook_of(record).steps)
