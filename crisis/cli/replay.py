"""`crisis replay`: a recorded crisis, served as feeds by the loopback server and acted on as it breaks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
import orjson

from crisis.cli.opening import complain, say
from crisis.cli.playing import Stage, player
from crisis.core.people import Role
from crisis.core.sources import StoredArticle
from crisis.flows import triage
from crisis.flows.desk import House
from crisis.flows.judgement import standing
from crisis.store import incidents, log, records
from monitors.article import Article, BadField, article_of
from monitors.loopback import outlets_of
from monitors.organisation import organisation_of

KEEP = 400


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with open(file, "rb") as raw:
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if file.suffix == ".gz" else raw
        for line in stream:
            if line.strip():
                yield orjson.loads(line)


def _once(file: Path) -> list[Article]:
    """Each article once, when it was first seen: boards show the same thing again and again."""
    found: dict[str, Article] = {}
    for line in _lines(file):
        article = article_of(line)
        if article.published is not None:
            found.setdefault(article.id, article)
    return sorted(found.values(), key=lambda item: cast(datetime, item.published))


@click.command(name="replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--orgs", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--case", default="", help="Which organisation of the file; default: the name of FILE.")
@click.option("--home", type=click.Path(path_type=Path), help="Where to keep the desk; default: a temporary folder.")
def command(file: Path, orgs: Path, case: str, home: Path | None) -> None:
    """Serve FILE (articles, NDJSON or .gz) as feeds, listen, and declare the first story that alarms.

    ORGS is a JSON file {case: {"org": {...}}}. Prints what happened; exit status 1 when nothing alarmed.
    """
    case = case or file.name.split(".")[0]
    try:
        organisation = organisation_of(json.loads(orgs.read_text(encoding="utf-8"))[case]["org"])
        articles = _once(file)
    except (BadField, KeyError) as bad:
        complain(f"{case}: {bad}")
        raise SystemExit(2) from None
    moments = sorted({cast(datetime, item.published) for item in articles})
    say(f"{case}: {len(articles)} articles, {len({item.source for item in articles})} outlets, {len(moments)} moments")
    with Stage(outlets_of(articles, keep=KEEP), begins_at=moments[0], home=home) as stage:
        people = stage.set_up(House(organisation=organisation), [player("officer", Role.OFFICER)])
        alarm = stage.play(moments)
        with stage.desk.reading() as db:
            kept = len(records.find(db, StoredArticle))
        served = sum(1 for item in articles if cast(datetime, item.published) <= stage.now)
        say(f"heard {kept} of {served} articles published until {stage.now.isoformat()}")
        if alarm is None:
            complain("nothing alarmed")
            raise SystemExit(1)
        incident = triage.declare(stage.desk, alarm.story_id, by=people["officer"])
        with stage.desk.reading() as db:
            judgement = standing(incidents.classifications(db, incident.id))
            tasks = incidents.tasks(db, incident.id)
            plan = [entry.audience for entry in incidents.audiences(db, incident.id) if not entry.left_out]
            problems = log.check(db)
        assert judgement is not None
        say(f"alarm at {alarm.at.isoformat()}: {stage.story(alarm.story_id).title}")
        for reason in alarm.reasons:
            say(f"  {reason['text']['en']}")
        say(
            f"declared {incident.key}, severity {incident.severity}/5, type {judgement.primary}"
            f" ({judgement.confidence:.0%}), {len(tasks)} tasks, audiences: {', '.join(plan)}"
        )
        say("log: " + ("holds" if not problems else str(problems)))
        if kept != served:
            raise SystemExit(1)
