"""What the risk rules promise, on words of their own: the shelf's lexicon is tested in tests/content."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.risk import Change, Cue, Harm, Hits, Lexicon, Move, Side, Term, assess


def term(text: str, kind: Harm | None = Harm.FRAUD, weight: float = 0.8, **rest: object) -> Term:
    return Term(text=text, kind=kind, weight=weight, **rest)  # type: ignore[arg-type]


def cue(text: str, change: Change, side: Side = Side.BEFORE, reach: int = 20, factor: float = 0.2) -> Cue:
    return Cue(text=text, change=change, side=side, reach=reach, factor=factor)


WORDS = Lexicon(
    terms=(
        term("fraud"),
        term("ban", Harm.REGULATOR),
        term("falls", Harm.MARKET, 0.6, move=Move.DOWN),
        term("rise", None, 0.5, move=Move.UP),
        term("sues", Harm.LEGAL, 0.7, hits=Hits.OBJECT),
        term("sued", Harm.LEGAL, 0.7, hits=Hits.OBJECT),
        term("sell", Harm.RATING, 0.6, head=True),
        term("rallies", None, 0.5),
        term("诈骗"),
        term("立案", Harm.LEGAL),
        term("死亡", Harm.DEATH, 0.9),
    ),
    cues=(
        cue("not", Change.NEGATED),
        cue("denies", Change.DENIED, reach=60, factor=0.45),
        cue("if", Change.CONDITIONAL, factor=0.5),
        cue("once", Change.PAST, factor=0.85),
        cue("所谓", Change.QUOTED, factor=0.85),
        cue("防范", Change.PREVENTED),
        cue("没有", Change.NEGATED, reach=4, factor=0.1),
        cue("辟谣", Change.DENIED, Side.BOTH, 40, 0.45),
    ),
    masks=("反诈骗", "ban the bomb"),
    reversed=("bad loans",),
    generic=frozenset({"钱包"}),
    authorities=frozenset({"sec"}),
    authority_suffixes=("公安局",),
    object_before=("对",),
    passive_after=("被",),
    speech=("表示", "says"),
    cause=("on",),
    contrast=("while",),
    against=("vs",),
)


def score(text: str, *entities: str) -> list[float]:
    return [blame.score for blame in assess(text, entities, WORDS).blamed]


def test_a_plain_bad_word_makes_a_text_negative_and_names_its_kind() -> None:
    risk = assess("甲公司涉嫌诈骗", ["甲公司"], WORDS)

    assert risk.negative >= 0.5
    assert risk.harms == (Harm.FRAUD,)
    assert risk.blamed[0].score >= 0.5
    assert risk.blamed[0].spans == ((5, 7),)


def test_a_text_without_bad_words_is_not_negative() -> None:
    assert assess("甲公司发布年报", ["甲公司"], WORDS).negative == 0


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("This is not fraud", Change.NEGATED),
        ("Acme denies fraud", Change.DENIED),
        ("if fraud is found", Change.CONDITIONAL),
        ("once a fraud", Change.PAST),
        ("所谓诈骗一事", Change.QUOTED),
        ("银行宣传防范诈骗", Change.PREVENTED),
        ("没有诈骗", Change.NEGATED),
        ("诈骗一事纯属谣言,公司已辟谣", Change.DENIED),
    ],
)
def test_what_stands_near_a_bad_word_takes_weight_away_and_says_so(text: str, change: Change) -> None:
    (reason,) = assess(text, [], WORDS).reasons

    assert reason.changes == (change,)
    assert reason.weight < 0.8


def test_a_mask_hides_the_bad_word_inside_it() -> None:
    assert assess("反诈骗中心", [], WORDS).reasons == ()


def test_words_of_a_spaced_script_are_found_whole() -> None:
    assert assess("The bank of Banff, urban", [], WORDS).reasons == ()


def test_a_price_that_falls_is_bad_and_bad_loans_that_fall_are_not() -> None:
    assert score("Acme falls", "Acme") >= [0.5]
    assert score("Acme bad loans falls", "Acme") == [0.0]
    assert score("Acme bad loans rise", "Acme") >= [0.5]


def test_who_sues_is_not_blamed_but_who_is_sued() -> None:
    acting, suffering = score("Acme sues Globex", "Acme", "Globex")
    assert acting < 0.5 <= suffering

    suffering, acting = score("Acme sued by Globex", "Acme", "Globex")
    assert acting < 0.5 <= suffering


def test_each_clause_speaks_of_its_own_name() -> None:
    assert [value >= 0.5 for value in score("Acme falls while Globex rallies", "Acme", "Globex")] == [True, False]


def test_names_that_are_listed_together_share_their_fate() -> None:
    assert all(value >= 0.5 for value in score("Acme, Globex and Initech falls", "Acme", "Globex", "Initech"))


def test_authorities_and_speakers_are_not_blamed_for_what_they_tell_of_others() -> None:
    police, company = score("西城公安局对甲公司立案", "西城公安局", "甲公司")
    assert police < 0.5 <= company

    bank, company = score("乙银行表示,甲公司诈骗", "乙银行", "甲公司")
    assert bank < 0.5 <= company


def test_a_common_noun_is_never_blamed() -> None:
    assert score("某钱包诈骗", "钱包") == [0.0]


def test_a_name_inside_a_longer_name_does_not_count() -> None:
    assert score("利得行诈骗", "利得", "利得行")[0] == 0.0


def test_a_recommendation_counts_only_at_the_head() -> None:
    assert score("Sell Acme at 30", "Acme") >= [0.5]
    assert score("Acme may sell", "Acme") == [0.0]


def test_traditional_characters_and_full_width_give_original_offsets() -> None:
    text = "Ａ公司 涉嫌詐騙"
    risk = assess(text, ["A公司"], WORDS)

    assert [text[start:end] for start, end in risk.blamed[0].spans] == ["詐騙"]


def test_a_title_weighs_more_than_a_body() -> None:
    assert assess("诈骗", [], WORDS, title_end=2).negative > assess("公告。诈骗", [], WORDS, title_end=2).negative


def test_harms_come_gravest_first() -> None:
    assert assess("立案,两人死亡", [], WORDS).harms == (Harm.DEATH, Harm.LEGAL)


PIECES = st.lists(
    st.sampled_from(
        [
            *("诈骗", "立案", "没有", "辟谣", "Acme", "甲公司", "falls", "if", "not", "。", ",", " ", "\n", "對", "被"),
            *("rise", "bad loans", " vs ", " while ", "反诈骗", "ﬁ", "İ", "é", "\u200b", "Ａ", "🙂"),
        ]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(PIECES | st.text(max_size=60), st.lists(st.sampled_from(["Acme", "甲公司", "sec", "", " "]), max_size=4))
def test_figures_stay_in_range_and_spans_lie_in_the_text(text: str, entities: list[str]) -> None:
    risk = assess(text, entities, WORDS)

    assert 0 <= risk.negative <= 1
    assert [blame.entity for blame in risk.blamed] == entities
    for blame in risk.blamed:
        assert 0 <= blame.score <= risk.negative
        assert all(0 <= start < end <= len(text) for start, end in blame.spans)
    for reason in risk.reasons:
        assert text[slice(*reason.span)] == reason.word
