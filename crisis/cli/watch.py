"""`crisis watch`: why a watch caught an article, what a query would have caught, how a foreign query reads here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import yaml

from crisis.cli.match import YAML_FILE, load_watches
from crisis.cli.ndjson import FILES, Lines, write
from crisis.cli.organisation import organisation_in
from monitors.article import Article, article_of
from monitors.matcher import Matcher, as_line
from monitors.matcher.explain import Clause, Explanation, explain, worded
from monitors.query import DIALECTS, Problem, import_query, parse, show
from monitors.query.tree import Term, walk
from monitors.suggest import namesakes, suggest
from monitors.watch import Watch, watches_of

# A query may begin with a sign of exclusion: `-juice AND apple` is no option.
_QUERY = {"ignore_unknown_options": True}
_LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default="en", help="Language of the sentences.")


@click.group("watch")
def command() -> None:
    """Explain and try watches."""


@command.command("explain")
@click.option("--watches", required=True, type=YAML_FILE, help="YAML list of {id, query}.")
@click.option("--id", "identity", required=True, help="Which watch.")
@click.option("--json", "as_json", is_flag=True, help="One object per article instead of a text.")
@_LANG
@FILES
def explain_command(watches: Path, identity: str, as_json: bool, lang: str, files: tuple[str, ...]) -> None:
    """Why a watch caught each article (NDJSON), or which clause failed and what came nearest."""
    watch = next((watch for watch in load_watches(watches) if watch.id == identity), None)
    if watch is None:
        raise click.ClickException(f"{watches}: no watch has the id {identity}")
    lines = Lines()
    for article in lines.read(files, article_of):
        explanation = explain(article, watch)
        if as_json:
            write(_explanation_line(explanation, lang))
        else:
            click.echo(_told(explanation, article, watch, lang))
    lines.exit()


def _told(explanation: Explanation, article: Article, watch: Watch, lang: str) -> str:
    verdict = "V_caught" if explanation.matched else "V_not_caught"
    told = [worded(verdict, lang, article=article.id, query=watch.query)]
    told += _tree(explanation.clause, article, lang, 1)
    return "\n".join(told)


def _tree(clause: Clause, article: Article, lang: str, depth: int) -> Iterator[str]:
    quoted = "; ".join(
        f"{span.field} {span.start}-{span.end} “{getattr(article, str(span.field))[span.start : span.end]}”"
        for span in clause.spans[:4]
    )
    shown = f"  [{quoted}]" if quoted and not clause.parts else ""
    yield f"{'  ' * depth}{'+' if clause.holds else '-'} {clause.written}: {clause.because(lang)}{shown}"
    for part in clause.parts:
        yield from _tree(part, article, lang, depth + 1)


def _explanation_line(explanation: Explanation, lang: str) -> dict[str, Any]:
    return {
        "article": explanation.article,
        "watch": explanation.watch,
        "matched": explanation.matched,
        "clause": _clause_line(explanation.clause, lang),
        "failed": [_clause_line(clause, lang) for clause in explanation.failed],
    }


def _clause_line(clause: Clause, lang: str) -> dict[str, Any]:
    return {
        "clause": clause.written,
        "column": clause.column,
        "holds": clause.holds,
        "reason": clause.reason,
        "because": clause.because(lang),
        "spans": [
            {"field": str(span.field), "start": span.start, "end": span.end, "term": span.term} for span in clause.spans
        ],
        "parts": [_clause_line(part, lang) for part in clause.parts],
    }


@command.command("try", context_settings=_QUERY)
@click.argument("query")
@click.option("--days", type=click.IntRange(min=1), default=7, show_default=True, help="Up to the newest article.")
@_LANG
@FILES
def try_command(query: str, days: int, lang: str, files: tuple[str, ...]) -> None:
    """What a query would have caught in the last days of some articles (NDJSON): mentions, and a count at the end.

    Articles without a date are never taken for new: they are left out and counted.
    """
    parsed = parse(query)
    _complain(query, parsed.problems, lang)
    if parsed.query is None:
        raise SystemExit(2)
    lines = Lines()
    articles = list(lines.read(files, article_of))
    dated = [(article.published, article) for article in articles if article.published is not None]
    newest = max((moment for moment, _ in dated), default=None)
    recent = [article for moment, article in dated if newest is not None and moment > newest - timedelta(days=days)]
    matcher = Matcher([Watch(id="try", query=query)])
    terms: Counter[str] = Counter()
    caught = 0
    for article in recent:
        for mention in matcher.match(article):
            caught += 1
            terms.update({span.term for span in mention.spans})
            write({**as_line(mention), "title": article.title, "published": _iso(article.published)})
    words = [node.text for node in walk(parsed.query.root) if isinstance(node, Term) and not node.exact]
    for word in dict.fromkeys(words):
        for longer, _ in namesakes(word, [f"{article.title}\n{article.body}" for article in recent]):
            masked = f'{word} UNLESS "{longer}"'
            args: dict[str, str | int] = {"word": word, "longer": longer, "masked": masked}
            _complain(query, (Problem(code="W204", span=(0, 1), args=args),), lang)
    told = worded(
        "V_tried",
        lang,
        days=days,
        articles=len(recent),
        caught=caught,
        daily=f"{caught / days:.1f}",
        undated=len(articles) - len(dated),
        terms=", ".join(f"{term} {count}" for term, count in terms.most_common(10)),
    )
    click.echo(told.rstrip(), err=True)
    lines.exit()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


@command.command("own")
@click.option("--org", required=True, type=YAML_FILE, help="YAML or JSON: {name, aliases, products, people, exclude}.")
def own_command(org: Path) -> None:
    """The watches that an organisation gets by itself, as YAML for --watches."""
    for watch in watches_of(organisation_in(org)):
        line = yaml.safe_dump([{"id": watch.id, "query": watch.query}], allow_unicode=True, sort_keys=False, width=1000)
        click.echo(line.rstrip())


@command.command("suggest")
@click.option("--org", required=True, type=YAML_FILE, help="YAML or JSON: {name, aliases, products, people, exclude}.")
@FILES
def suggest_command(org: Path, files: tuple[str, ...]) -> None:
    """What might be added to an organisation: other words and spellings, and namesakes found in articles (FILES)."""
    lines = Lines()
    articles = list(lines.read(files, article_of)) if files else []
    for found in suggest(organisation_in(org), articles):
        write({"name": found.name, "text": found.text, "why": str(found.why), "seen": found.seen})
    lines.exit()


@command.command("import", context_settings=_QUERY)
@click.argument("query")
@click.option(
    "--from", "dialect", required=True, type=click.Choice(sorted(DIALECTS)), help="The tool it was written for."
)
@_LANG
def import_command(query: str, dialect: str, lang: str) -> None:
    """A query of another tool in our language, with what was changed or left out."""
    imported = import_query(query, dialect)
    _complain(query, imported.problems, lang)
    if not imported.text:
        raise SystemExit(2)
    click.echo(imported.text)


@command.command("check", context_settings=_QUERY)
@click.argument("query")
@_LANG
def check_command(query: str, lang: str) -> None:
    """How a query is read, and everything that is wrong with it, with columns and fixes. Status 2 when it cannot be
    watched."""
    parsed = parse(query)
    _complain(query, parsed.problems, lang)
    if parsed.query is None:
        raise SystemExit(2)
    click.echo(show(parsed.query))


def _complain(query: str, problems: tuple[Problem, ...], lang: str) -> None:
    for problem in problems:
        click.echo(problem.line(lang), err=True)
        if problem.code[0] != "I" and problem.code != "W204":
            click.echo("    " + problem.caret(query).replace("\n", "\n    "), err=True)
        for fix in problem.fixes:
            click.echo(f"    -> {fix}", err=True)
