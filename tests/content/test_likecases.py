"""playbooks/likeness/cases.*: our own labelled cases, and what other cases read like beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from crisis.content.labelled import as_bytes
from crisis.content.likecases import LabelledCases, direction, load_cases
from crisis.content.roots import builtin
from crisis.core.case import CreditKind, CrisisType
from crisis.errors import ContentInvalid

FOLDER = builtin("playbooks") / "likeness"
LINES = [line.split("\t") for line in (FOLDER / "cases.tsv").read_text(encoding="utf-8").splitlines()]
DATA = Path(__file__).parent.parent / "data"
CASES = load_cases()


def test_every_line_names_a_type_and_a_kind_where_it_is_credit() -> None:
    types, kinds = {str(kind) for kind in CrisisType}, {str(kind) for kind in CreditKind}
    for labels, lang, title in LINES:
        first, *rest = labels.split()
        assert first in types and set(rest) <= kinds and len(rest) <= 1, labels
        assert lang in ("zh", "en") and title


def test_vectors_and_weights_have_a_row_for_every_line() -> None:
    with np.load(FOLDER / "cases.npz", allow_pickle=False) as file:
        assert file["vectors"].shape == (len(LINES), 512)
        assert file["weights"].shape == (len(LINES), len(CrisisType) + len(CreditKind))


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
    read = {like.name: like.amount for like in CASES(texts, least=-1.0)}

    assert max(CrisisType, key=lambda kind: read[kind]) == name
    assert set(read) == {*CrisisType, *CreditKind}
    assert all(amount < 1.2 for amount in read.values())


def test_what_is_shown_are_two_different_cases_of_that_type_in_the_readers_language() -> None:
    assert CASES is not None
    labelled = {(f"“{title}”", lang): set(labels.split()) for labels, lang, title in LINES}
    for like in CASES(("the bank closed its doors and savers queue",), least=0.05):
        for lang, shown in (("zh", like.cases.zh.split("、“")), ("en", like.cases.en.split(", “"))):
            titles = {title if title.startswith("“") else f"“{title}" for title in shown}

            assert len(titles) == 2, shown
            assert all(like.name in labelled[title, lang] for title in titles)


def test_what_is_not_like_enough_is_left_out() -> None:
    assert CASES is not None
    read = CASES(("the coupon due on friday was not paid", "bondholders say it asked for an extension"), least=0.2)

    assert "credit" in {like.name for like in read}
    assert all(like.amount >= 0.2 for like in read)


def test_no_text_reads_like_nothing() -> None:
    assert CASES is not None
    assert CASES((), least=0.0) == []


def test_nothing_is_loaded_after_the_preparation(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "likeness")
    cases = load_cases(tmp_path)
    assert cases is not None

    cases.prepare()
    shutil.rmtree(tmp_path / "likeness")

    assert cases(("a fire broke out",), least=0.0)


def test_a_direction_has_length_one_and_bytes_keep_it() -> None:
    rows = np.random.default_rng(1).normal(size=(3, 512)).astype(np.float32)
    whole = direction(rows)
    kept = as_bytes(whole[None])[0].astype(np.float32)

    assert abs(float(np.linalg.norm(whole)) - 1) < 1e-5
    assert float(whole @ kept / np.linalg.norm(kept)) > 0.999


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
        cases(("a fire broke out",), least=0.0)
