"""The watch language: what it means, and what it says when it cannot be read."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.query import DIALECTS, QueryInvalid, import_query, parse, read, show
from monitors.query import problems as wording
from monitors.query.tree import And, AtLeast, Near, Node, Not, Or, Place, Query, Term, Unless, Wild, Within


def codes(text: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.column) for problem in parse(text).problems if problem.is_error]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("苹果 AND 三星 OR 爆炸", "(苹果 AND 三星) OR 爆炸"),
        ("（苹果　ＯＲ　三星） AND 标题：爆炸", "(苹果 OR 三星) AND title:爆炸"),
        ("apple | samsung & fire", "apple OR (samsung AND fire)"),
        ("苹果 或 三星", "苹果 OR 三星"),
        ("apple -juice", "apple AND NOT juice"),
        ("apple NOT juice", "apple AND NOT juice"),
        ("NOT juice AND apple", "NOT juice AND apple"),
        ("apple !juice +fire", "apple AND NOT juice AND fire"),
        ('"Tim Cook" (fire OR smoke)', '"Tim Cook" AND (fire OR smoke)'),
        ("“Tim Cook” AND 「苹果」", '"Tim Cook" AND 苹果'),
        ("apple NEAR samsung", "apple NEAR/5 samsung"),
        ("apple ONEAR/3 samsung NEAR/2 fire", "apple ONEAR/3 samsung NEAR/2 fire"),
        ("apple NEAR/2f samsung", "apple ONEAR/2 samsung"),
        ("apple w/4 samsung", "apple NEAR/4 samsung"),
        ('"big red fire"~3', "big NEAR/3 red NEAR/3 fire"),
        ('"big — \u200b fire"~3', "big NEAR/3 fire"),
        ("headline:(a1 OR b1)", "title:(a1 OR b1)"),
        ("site:bbc.co.uk AND fire", "source:bbc.co.uk AND fire"),
        ("{IT} AND recall*", "{IT} AND recall*"),
        ("中国 UNLESS 发展中国家", "中国 UNLESS 发展中国家"),
        ("中国 除非/3 发展", "中国 UNLESS/3 发展"),
        ("atleast3 (fire OR smoke)", "atleast/3 (fire OR smoke)"),
        ("~recall", "recall OR recalls OR recalled OR recalling"),
        ("中国*", "中国"),
        ("AT&T", "AT&T"),
        ("Coca-Cola", "Coca-Cola"),
        (r"a\*b AND c\(d\)", '"a*b" AND "c(d)"'),
        ("10:30", '"10:30"'),
        ("#新品 OR @handle OR $AAPL", '"#新品" OR "@handle" OR "$AAPL"'),
        ("👍🏽", '"👍🏽"'),
        ("((apple))", "apple"),
        ("NOT NOT apple", "apple"),
        ("「星炉」AND「爆炸」", "星炉 AND 爆炸"),
        ("「星炉」或『爆炸』", "星炉 OR 爆炸"),
        ("{IT}AND{AI}", "{IT} AND {AI}"),
        ("NOT「山庄」 AND 星炉", "NOT 山庄 AND 星炉"),
        ("‘星炉’ AND rock’n’roll", "星炉 AND rock’n’roll"),
        ("fire|（smoke）", "fire OR smoke"),
        (r"星炉\AND爆炸", '"星炉AND爆炸"'),
    ],
)
def test_a_query_is_read_as_meant(written: str, means: str) -> None:
    assert show(read(written)) == means


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("(苹果 OR 三星 AND 爆炸", [("E101", 1)]),
        ("苹果 AND", [("E102", 4)]),
        ("foo AND OR bar", [("E102", 5)]),
        ("苹果 手机", [("E103", 1)]),
        ("a1 b1 c1 AND (d1 e1", [("E103", 1), ("E101", 14), ("E103", 15)]),
        ("“苹果", [("E104", 1)]),
        ("“苹果 UNLESS/3 (星炉", [("E104", 1), ("E101", 14)]),
        ("foo NEAR/60 bar", [("E105", 5)]),
        ("foo NEAR (bar AND baz)", [("E106", 10)]),
        ("foo NEAR NOT bar", [("E106", 10)]),
        ("apple OR NOT juice", [("E107", 10)]),
        ("lang:zh", [("E107", 1)]),
        ("source:bbc", [("E107", 1)]),
        ("*foo", [("E108", 1)]),
        ("headine:foo", [("E109", 1)]),
        ("—", [("E110", 1)]),
        ("AND foo", [("E111", 1)]),
        (")foo", [("E112", 1)]),
        ("foo }", [("E112", 5)]),
        ("()", [("E113", 1)]),
        ("   ", [("E114", 1)]),
        ("fo*", [("E115", 1)]),
        ("{foo", [("E116", 1)]),
        ("atleast/0 foo", [("E117", 1)]),
        ("title: ", [("E118", 1)]),
        ("foo UNLESS (bar AND baz)", [("E121", 12)]),
        ("title:(foo AND body:bar)", [("E122", 16)]),
        ("foo AND lang:(zh AND en)", [("E123", 14)]),
        ("中*国", [("E124", 1)]),
        ("foo NEAR lang:zh", [("E125", 10)]),
        ("abc*d*e*f", [("E127", 1)]),
        ("atleast/2 (foo AND bar)", [("E126", 11)]),
        ("星炉AND爆炸", [("E128", 1)]),
        ("“星炉”OR爆炸", [("E128", 5)]),
        ("星炉ＡＮＤ“爆炸”", [("E128", 1)]),
        ("title:星炉NEAR/3爆炸", [("E128", 7)]),
        ("星炉NEAR/3f爆炸", [("E128", 1)]),
        ("foo AND (bar OR *x) AND {y", [("E108", 17), ("E116", 25)]),
    ],
)
def test_every_error_is_named_with_its_column(written: str, wrong: list[tuple[str, int]]) -> None:
    assert codes(written) == wrong


def test_a_query_may_not_be_endless() -> None:
    assert codes("a" * 30_000) == [("E119", 20_001)]
    assert "E119" in dict(codes("(" * 100 + "foo" + ")" * 100))


@pytest.mark.parametrize(
    "written",
    [
        "atleast2 " * 2000 + "abc",
        "abc NEAR " + "-" * 19_000 + "abc",
        "title:" * 3000 + "abc",
        " NEAR/3 ".join(["abc"] * 1500),
        "(" * 39 + " NEAR/3 ".join(["abc"] * 1200) + ")" * 39,
        " UNLESS ".join(["abcd"] * 1500),
        '"' + " ".join(["abc"] * 4900) + '"~3',
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_query_that_nests_without_end_is_too_deep_and_nothing_breaks(written: str, dialect: str) -> None:
    parsed = parse(written, DIALECTS[dialect])

    assert parsed.query is None
    assert "E119" in {problem.code for problem in parsed.problems}


@pytest.mark.parametrize("written", ["abc NEAR/{} def", '"abc def"~{}', "abc UNLESS/{} def", "atleast/{} abc"])
def test_a_number_of_thousands_of_digits_is_too_large_and_nothing_breaks(written: str) -> None:
    assert {problem.code for problem in parse(written.format("9" * 5000)).errors} <= {"E105", "E117"}


def test_forty_brackets_and_a_row_of_forty_words_are_not_too_deep() -> None:
    row = " NEAR/3 ".join(f"abc{number}" for number in range(40))

    assert parse("(" * 40 + "abc" + ")" * 40).query is not None
    assert parse(row).query is not None


def test_thousands_of_errors_are_all_named_and_the_first_have_fixes() -> None:
    problems = parse("(abc def) " * 2000).errors

    assert len(problems) == 2000
    assert problems[0].fixes and not problems[-1].fixes


def test_a_foreign_query_without_end_is_too_long_and_is_not_read() -> None:
    imported = import_query("apple OR " * 200_000 + "pear", "google")

    assert [problem.code for problem in imported.problems] == ["E119"]


def test_two_words_without_operator_offer_two_whole_queries() -> None:
    problem = parse("(苹果 手机) AND 爆炸").errors[0]

    assert problem.fixes == ('("苹果 手机") AND 爆炸', "(苹果 AND 手机) AND 爆炸")
    assert all(parse(fix).query for fix in problem.fixes)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fire or smoke", "fire OR smoke"),
        ("苹果 或者 三星 不含 手机", "苹果 OR 三星 NOT 手机"),
        ("苹果 和 三星 手机", "苹果 AND 三星 AND 手机"),
        ("星炉AND爆炸", "星炉 AND 爆炸"),
        ("“星炉”OR爆炸", "“星炉” OR 爆炸"),
    ],
)
def test_among_the_fixes_is_what_was_meant(written: str, meant: str) -> None:
    fixes = [fix for problem in parse(written).errors for fix in problem.fixes]

    assert meant in fixes and parse(meant).query is not None


@pytest.mark.parametrize("written", ["lang:zh", "lang:ZH_Hant", "lang：zh－hans", "lang:(en OR pt-BR)", "语言:yue"])
def test_a_code_of_a_language_is_no_problem(written: str) -> None:
    assert not parse(f"星炉 AND {written}").problems


@pytest.mark.parametrize(
    "text", ["星炉AND爆炸", "时尚ＯＲ生活", "near9&", "ＡＮＤ", "NOT爱", "或", "海NEAR/3港", "OR", "‘引’"]
)
def test_a_name_that_looks_like_an_operator_is_printed_in_quotes(text: str) -> None:
    query = Query(root=Term(text=text))

    assert read(show(query)) == query


@pytest.mark.parametrize(
    "pattern",
    [
        "title:*",
        "ab(c)*",
        "NEAR/3*",
        "星炉AND爆炸?",
        "（abc*",
        "-abc*",
        r"abc\\*d?",
        "abc d*",
        "abc^2*",
        "Oracle*",
        "abc*\\\\",
    ],
)
def test_a_word_with_wildcards_is_printed_so_that_reading_it_gives_it_again(pattern: str) -> None:
    query = Query(root=Wild(pattern=pattern))

    assert read(show(query)) == query


def test_the_name_of_a_language_has_its_code_as_a_fix() -> None:
    (problem,) = parse("星炉 AND 语言:繁體中文").problems

    assert problem.fixes == ("星炉 AND 语言:zh-hant",)


def test_the_caret_stands_under_wide_characters() -> None:
    problem = parse("苹果 手机").errors[0]

    assert problem.caret("苹果 手机") == "苹果 手机\n" + "^" * 9


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("foo and bar", "W201"),
        ("foo AND bar OR baz", "W202"),
        ("AI", "W203"),
        ("中国*", "W206"),
        ("苹果，三星", "W207"),
        ("苹果 或者 三星", "W208"),
        ("苹果 AND lang:chinese", "W209"),
        ("~recall", "I301"),
        ("apple^3", "I302"),
    ],
)
def test_what_is_read_differently_than_it_looks_is_told(written: str, code: str) -> None:
    assert code in [problem.code for problem in parse(written).problems]


def test_brackets_silence_the_warning_about_mixing() -> None:
    assert parse("(foo AND bar) OR baz").problems == ()


@pytest.mark.parametrize(
    ("dialect", "written", "means"),
    [
        ("meltwater", "apple NEAR samsung", "apple NEAR/4 samsung"),
        ("meltwater", "apple NOT juice OR pear", "(apple AND NOT juice) OR pear"),
        ("brandwatch", "(a1 OR b1) NEAR/2f c1 <<<a note>>> AND {IT}", "(a1 OR b1) ONEAR/2 c1 AND {IT}"),
        ("brandwatch", "raw:Google+", "{Google+}"),
        ("factiva", "apple computer near5 recall", '"apple computer" NEAR/4 recall'),
        ("factiva", "apple w/5 recall and hd=fire", "apple ONEAR/4 recall AND title:fire"),
        ("factiva", "atleast5 recall", "atleast/5 recall"),
        ("factiva", "recall$2", "recall*"),
        ("lucene", "apple pear", "apple OR pear"),
        ("lucene", "+apple -juice pie", "apple AND NOT juice"),
        ("lucene", "a1 OR b1 AND c1", "b1 AND c1"),
        ("lucene", 'title:(fire smoke)^3 AND "a1 b1"~5', "title:(fire OR smoke) AND a1 NEAR/5 b1"),
        ("google", "apple OR samsung fire -juice", "(apple OR samsung) AND fire AND NOT juice"),
        ("google", "allintitle:fire smoke", "title:(fire AND smoke)"),
        ("google", "apple AROUND(3) fire site:bbc.co.uk", "apple NEAR/3 fire AND source:bbc.co.uk"),
    ],
)
def test_queries_of_other_tools_keep_their_meaning(dialect: str, written: str, means: str) -> None:
    imported = import_query(written, dialect)

    assert imported.text == means
    assert any(problem.code == "I303" for problem in imported.problems)
    assert show(read(imported.text)) == imported.text


@pytest.mark.parametrize(
    ("dialect", "written", "code"),
    [
        ("brandwatch", "apple AND author:smith", "I302"),
        ("factiva", "apple /F50/", "E130"),
        ("factiva", "apple same recall", "E130"),
        ("lucene", "apple AND /joh?n/", "E130"),
        ("lucene", "roam~", "E130"),
        ("lucene", "apple pie +fire", "I304"),
    ],
)
def test_an_import_says_what_it_cannot_keep(dialect: str, written: str, code: str) -> None:
    assert code in [problem.code for problem in import_query(written, dialect).problems]


def test_reading_a_wrong_query_raises_with_all_problems() -> None:
    with pytest.raises(QueryInvalid) as caught:
        read("(foo bar")

    assert {problem.code for problem in caught.value.problems} == {"E101", "E103"}


def test_every_message_exists_in_both_languages_and_is_used() -> None:
    from importlib.resources import files

    folder = files("monitors.query")
    sources = "".join(file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".py"))
    sources += files("crisis.cli").joinpath("watch.py").read_text("utf-8")
    used = set(re.findall(r'"([EWI]\d{3})"', sources))
    messages = yaml.safe_load(folder.joinpath("messages.yaml").read_text("utf-8"))

    assert used == set(wording.known_codes())
    for message in messages.values():
        names = [
            set(re.findall(r"\{(\w+)\}", f"{message[lang]['cause']} {message[lang]['fix']}")) for lang in ("zh", "en")
        ]
        assert names[0] == names[1]
        assert message["zh"]["cause"] and message["en"]["cause"]


terms = st.sampled_from(
    ["ab", "苹果", "Tim Cook", "AND", "near5", 'say "x"', "a\\b", "10:30", "w/5", "-x", "é", "👍", "或", "a{b}"]
)
leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(lambda text, exact: Term(text=text, exact=exact), terms, st.booleans()),
    st.sampled_from(["recall*", "wo?d", "abc*d", r"ab\*c?"]).map(lambda pattern: Wild(pattern=pattern)),
)


def _either(parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return Or(parts=tuple(flat))


def _both(parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return And(parts=tuple(flat))


standing = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_either),
        st.builds(
            lambda left, right, distance, ordered: Near(left=left, right=right, distance=distance, ordered=ordered),
            inner,
            inner,
            st.integers(0, 50),
            st.booleans(),
        ),
        st.builds(
            lambda part, mask, distance: Unless(part=part, mask=mask, distance=distance),
            inner,
            inner,
            st.none() | st.integers(0, 50),
        ),
    ),
    max_leaves=5,
)
trees = st.recursive(
    standing
    | st.builds(lambda count, part: AtLeast(count=count, part=part), st.integers(1, 100), standing)
    | st.builds(
        lambda place, part: Within(place=place, part=part), st.sampled_from([Place.TITLE, Place.BODY]), standing
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_either),
        st.builds(lambda first, second: _both([first, Not(part=second)]), inner, standing),
        st.lists(inner, min_size=2, max_size=3).map(_both),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_what_is_printed_reads_as_the_same_tree(tree: Node) -> None:
    assert read(show(tree)) == Query(root=tree)


SIGNS = ["(", ")", " AND ", " OR ", " NOT ", " NEAR/3 ", " UNLESS ", "title:", "lang:zh", '"', "“", "{", "}", "*", "?"]
SIGNS += [
    "苹果",
    "ab",
    " ",
    "\u3000",
    "（",
    "~",
    "^2",
    "-",
    "+",
    "|",
    "&",
    "atleast/2 ",
    "~3",
    "near9",
    ":",
    "<<<",
    "\\",
]
SIGNS += ["[a TO b]", "/x/"]
soup = st.lists(st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs"]), max_size=14).map("".join)


@settings(max_examples=400, deadline=None)
@given(soup, st.sampled_from(sorted(DIALECTS)))
def test_anything_typed_is_read_or_has_an_error_inside_the_text(text: str, dialect: str) -> None:
    parsed = parse(text)
    assert (parsed.query is None) == bool(parsed.errors)
    for problem in parsed.problems:
        assert 1 <= problem.column <= max(1, len(text))
        assert problem.line("zh") and problem.line("en") and problem.caret(text)
    if parsed.query is not None:
        assert read(show(parsed.query)) == parsed.query
    imported = import_query(text, dialect)
    assert imported.text == "" or read(imported.text)
