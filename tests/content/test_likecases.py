"""playbooks/likeness/cases.*: our own labelled cases, and what other cases read like beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from crisis.content.labelled import along, as_bytes, axes_of
from crisis.content.likecases import LabelledCases, direction, load_cases
from crisis.content.roots import builtin
from crisis.core.audience import AUDIENCES
from crisis.core.case import CreditKind, CrisisType
from crisis.core.classify.likeness import BEARABLE, HAD_TO_TELL, SEVERE
from crisis.errors import ContentInvalid

FOLDER = builtin("playbooks") / "likeness"
LINES = [line.split("\t") for line in (FOLDER / "cases.tsv").read_text(encoding="utf-8").splitlines()]
DATA = Path(__file__).parent.parent / "data"
CASES = load_cases()
TOLD = {HAD_TO_TELL + name for name in AUDIENCES}
GRADES = {SEVERE, BEARABLE}
NAMES = (*CrisisType, *CreditKind, *sorted(GRADES), *sorted(TOLD))


def test_every_line_names_a_type_a_kind_where_it_is_credit_how_severe_it_was_and_who_had_to_be_told() -> None:
    types, kinds = {str(kind) for kind in CrisisType}, {str(kind) for kind in CreditKind}
    for labels, lang, title in LINES:
        first, *rest = labels.split()
        named = [label for label in rest if label not in TOLD | GRADES]
        assert len(GRADES & set(rest)) <= 1
        assert first in types and set(named) <= kinds and len(named) <= 1, labels
        assert lang in ("zh", "en") and title


def test_vectors_and_weights_have_a_row_for_every_line() -> None:
    with np.load(FOLDER / "cases.npz", allow_pickle=False) as file:
        assert file["axes"].shape == (512, 256)
        assert file["vectors"].shape == (len(LINES), 256)
        assert file["weights"].shape == (len(LINES), len(NAMES))


def test_only_headlines_of_our_own_fictional_cases_are_shown() -> None:
    ours = {
        " ".join(json.loads(line)["mentions"][0]["title"].split())
        for name in ("own_cases.jsonl", "own_openings.jsonl")
        for line in (DATA / name).read_text(encoding="utf-8").splitlines()
    }

    assert {title for _, _, title in LINES} <= ours


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (("the coupon due on friday was not paid", "bondholders say the firm has asked for an extension"), "credit"),
        (("到期的债券没有兑付", "持有人说公司请求展期"), "credit"),
        (("a clip says the noodles contain plastic; the agency tested them and found none",), "media"),
        (("上游供应商的奶粉出事，超市把同类产品都下架了，客户来问我们用不用他家的料",), "chain"),
    ],
)
def test_what_was_never_seen_reads_like_cases_of_its_type(texts: tuple[str, ...], name: str) -> None:
    assert CASES is not None
    read = {like.name: like.amount for like in CASES(texts, (*CrisisType, *CreditKind), least=-1.0)}

    assert max(CrisisType, key=lambda kind: read[kind]) == name
    assert set(read) == {*CrisisType, *CreditKind}
    assert all(amount < 1.2 for amount in read.values())


def test_what_is_shown_are_two_different_cases_of_that_label_in_the_readers_language() -> None:
    assert CASES is not None
    for like in CASES(("the bank closed its doors and savers queue",), NAMES, least=0.05):
        for lang, shown in (("zh", like.cases.zh), ("en", like.cases.en)):
            parts = shown.split("、“" if lang == "zh" else ", “")

            found = {title for labels, said_in, title in LINES if said_in == lang and like.name in labels.split()}
            bare = {title.removeprefix("“") for title in found}
            assert len(parts) == 2 and parts[0] != parts[1], shown
            assert all(part.removeprefix("“").removesuffix("”").removeprefix("“") in bare for part in parts)


@pytest.mark.parametrize(
    ("texts", "audience"),
    [
        (("the coupon due on friday was not paid", "bondholders say the firm has asked for an extension"), "lenders"),
        (("门店把同款奶粉全部下架，经销商要求退货", "市场监管部门抽检不合格"), "dealers"),
        (("forty people are in hospital after the stand collapsed", "families wait outside the ward"), "victims"),
    ],
)
def test_what_was_never_seen_reads_like_cases_in_which_somebody_had_to_be_told(
    texts: tuple[str, ...], audience: str
) -> None:
    assert CASES is not None
    read = {like.name: like for like in CASES(texts, TOLD, least=-1.0)}

    assert set(read) == TOLD
    assert read[HAD_TO_TELL + audience].amount > 0.1
    assert read[HAD_TO_TELL + "peers"].amount < read[HAD_TO_TELL + audience].amount


def test_deaths_read_like_severe_cases_and_a_late_parcel_does_not() -> None:
    assert CASES is not None
    for texts, name in (
        (("nineteen miners are dead after the blast", "families wait at the gate; the minister is on his way"), SEVERE),
        (("顾客吐槽包裹晚到一天", "客服当天致歉并退回运费"), BEARABLE),
    ):
        read = {like.name: like.amount for like in CASES(texts, GRADES, least=-1.0)}

        assert max(read, key=lambda grade: read[grade]) == name
        assert abs(sum(read.values())) < 0.01


def test_nothing_is_shown_where_a_case_reads_unlike_the_labelled_ones() -> None:
    assert CASES is not None
    for like in CASES(("forty people are in hospital after the stand collapsed",), TOLD, least=-1.0):
        assert bool(like.cases.en) == bool(like.cases.zh) == (like.amount > 0)


def test_what_is_not_like_enough_is_left_out() -> None:
    assert CASES is not None
    read = CASES(
        ("the coupon due on friday was not paid", "bondholders say it asked for an extension"), NAMES, least=0.2
    )

    assert "credit" in {like.name for like in read}
    assert all(like.amount >= 0.2 for like in read)


def test_no_text_reads_like_nothing() -> None:
    assert CASES is not None
    assert CASES((), NAMES, least=0.0) == []


def test_nothing_is_loaded_after_the_preparation(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "likeness")
    cases = load_cases(tmp_path)
    assert cases is not None

    cases.prepare()
    shutil.rmtree(tmp_path / "likeness")

    assert cases(("a fire broke out",), NAMES, least=0.0)


def test_a_direction_has_length_one_and_bytes_keep_it() -> None:
    rows = np.random.default_rng(1).normal(size=(3, 512)).astype(np.float32)
    whole = direction(rows)
    kept = as_bytes(whole[None])[0].astype(np.float32)

    assert abs(float(np.linalg.norm(whole)) - 1) < 1e-5
    assert float(whole @ kept / np.linalg.norm(kept)) > 0.999


def test_half_of_the_axes_keep_which_of_two_texts_lies_nearer() -> None:
    rows = np.random.default_rng(2).normal(size=(60, 40)) @ np.random.default_rng(3).normal(size=(40, 512))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    seen = along(rows, axes_of(rows, 40))

    assert np.allclose(seen @ seen.T, rows @ rows.T, atol=1e-4)


def test_a_shelf_without_labelled_cases_guesses_nothing(tmp_path: Path) -> None:
    assert load_cases(tmp_path) is None


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "likeness")
    (tmp_path / "likeness" / "cases.npz").write_bytes(b"PK\x03\x04broken")

    with pytest.raises(ContentInvalid) as bad:
        load_cases(tmp_path)

    assert bad.value.problems[0].startswith("likeness/cases.npz:1:") and "make fit" in bad.value.problems[0]


def test_a_list_that_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "likeness").mkdir()
    shutil.copy(FOLDER / "cases.npz", tmp_path / "likeness")

    with pytest.raises(ContentInvalid):
        load_cases(tmp_path)


def test_vectors_are_read_when_the_first_case_is(tmp_path: Path) -> None:
    cases = LabelledCases(tmp_path)

    with pytest.raises(FileNotFoundError):
        cases(("a fire broke out",), NAMES, least=0.0)
