"""`crisis risk`: texts to how bad they are, and toward whom.

Reads `{"id","text","entities":[...],"title_end"?}`; an article of the other commands (`title`, `body`) does as
well. Writes `{"id","negative","blamed":[{"entity","score","spans"}],"harms","reasons"}`; spans count characters
of the original text, .5 is the point of decision for both figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from crisis.cli.ndjson import FILES, Lines, write
from crisis.content.lexicon import lexicon
from monitors.article import BadField
from monitors.risk import Risk, assess


@dataclass(frozen=True, kw_only=True)
class Question:
    """A text and whom it may be about. `title_end` is None when the text is one piece."""

    id: str | int
    text: str
    entities: tuple[str, ...]
    title_end: int | None


def question_of(line: Mapping[str, Any]) -> Question:
    """The question of one input object. Raises BadField."""
    identity = line.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int) or identity == "":
        raise BadField("id", "missing")
    entities = line.get("entities")
    if entities is None:
        entities = []
    if not isinstance(entities, list) or not all(isinstance(entity, str) for entity in entities):
        raise BadField("entities", "not a list of texts")
    title_end = line.get("title_end")
    if title_end is not None and (isinstance(title_end, bool) or not isinstance(title_end, int) or title_end < 0):
        raise BadField("title_end", "not a whole number")
    text = line.get("text")
    if text is None:
        title, body = line.get("title") or "", line.get("body") or ""
        if not isinstance(title, str) or not isinstance(body, str):
            raise BadField("text", "not a text")
        if not title and not body:
            raise BadField("text", "missing")
        text = f"{title}\n{body}" if body else title
        title_end = len(title) if body else None
    if not isinstance(text, str):
        raise BadField("text", "not a text")
    return Question(id=identity, text=text, entities=tuple(entities), title_end=title_end)


def answer(question: Question, risk: Risk) -> dict[str, Any]:
    """The output object of one text."""
    return {
        "id": question.id,
        "negative": risk.negative,
        "blamed": [
            {"entity": blame.entity, "score": blame.score, "spans": [list(span) for span in blame.spans]}
            for blame in risk.blamed
        ],
        "harms": [str(harm) for harm in risk.harms],
        "reasons": [
            {
                "span": list(reason.span),
                "word": reason.word,
                "kind": str(reason.kind),
                "weight": reason.weight,
                "changes": [str(change) for change in reason.changes],
            }
            for reason in risk.reasons
        ],
    }


@click.command("risk")
@FILES
def command(files: tuple[str, ...]) -> None:
    """How bad a text is, and toward whom, with the words that say so."""
    words = lexicon()
    lines = Lines()
    for question in lines.read(files, question_of):
        write(answer(question, assess(question.text, question.entities, words, title_end=question.title_end)))
    lines.exit()
