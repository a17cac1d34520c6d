"""`crisis drill`: the sample drill from the first article to the release, without a browser, in a temporary folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from crisis.cli.opening import complain, say
from crisis.cli.playing import Stage
from crisis.content.drills import load_drill
from crisis.core.approval import VoteKind
from crisis.core.case import FactStatus
from crisis.core.people import Person, Role
from crisis.core.standing import counts
from crisis.core.statement import hash_to_approve
from crisis.errors import CrisisError
from crisis.flows import approvals, complaints, facts, releases, responses, statements, triage
from crisis.flows import incidents as running
from crisis.flows.desk import at_home, house_of
from crisis.flows.facts import NewFact
from crisis.flows.judgement import standing
from crisis.jobs.worker import run_until_idle
from crisis.store import incidents, log, records, views
from crisis.store import statements as texts


@click.command(name="drill")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", help="Language of the statement.")
@click.option("--home", type=click.Path(path_type=Path), help="Where to keep the desk; default: a temporary folder.")
def command(lang: str, home: Path | None) -> None:
    """Play the sample drill from the first article to the release. Exit status 1 when a step does not hold."""
    try:
        _play(lang, home)
    except CrisisError as error:
        complain(f"a step did not hold: {error}")
        raise SystemExit(1) from None


def _play(lang: str, home: Path | None) -> None:
    drill = load_drill()
    moments = [drill.begins_at + timedelta(minutes=item.minutes) for item in drill.articles]
    with Stage(drill.outlets_to_serve(), begins_at=min(moments), home=home) as stage:
        desk = stage.desk
        house = house_of({"allow": [], **drill.house})
        everybody = stage.set_up(
            house,
            [
                Person(name=item.name, email=item.email, roles=tuple(Role(role) for role in item.roles))
                for item in drill.people
            ],
        )
        by_role = {role: [p for p in everybody.values() if p.has(role)] for role in Role}
        officer = by_role[Role.OFFICER][0]
        alarm = stage.play(sorted(set(moments)))
        if alarm is None:
            complain("the alarm did not come")
            raise SystemExit(1)
        story = stage.story(alarm.story_id)
        with desk.reading() as db:
            at = at_home(db, alarm.at)
        voices = "one voice" if story.voices == 1 else f"{story.voices} voices"
        say(f"{at:%H:%M} alarm: {story.title} ({voices}, severity {story.severity}/5)")
        incident = triage.declare(desk, story.id, by=officer)
        with desk.reading() as db:
            judgement = standing(incidents.classifications(db, incident.id))
            plan = [entry for entry in incidents.audiences(db, incident.id) if not entry.left_out]
            tasks = incidents.tasks(db, incident.id)
        assert judgement is not None
        say(f"{incident.key}: {judgement.primary} ({judgement.confidence:.0%}), {len(tasks)} tasks")
        say("tell in this order: " + ", ".join(entry.audience for entry in plan))
        for zh, en in (
            (
                "5月13日约21时10分，杭州拱墅区一户居民家中燃气灶爆炸",
                "About 21:10 on 13 May a gas stove exploded in a home in Gongshu",
            ),
            ("一位用户双手烫伤，在医院留观", "One user has burned hands and is under observation in hospital"),
        ):
            facts.add(
                desk,
                incident.key,
                NewFact(claim_zh=zh, claim_en=en, source="drill", as_of=stage.now, status=FactStatus.CONFIRMED),
                by=officer,
            )
        draft = statements.draft(desk, incident.key, by=officer, audience="public", lang=lang, kind="holding")
        report = statements.recheck(desk, incident.key, draft.number, by=officer)
        found = counts(report.findings)
        say(
            f"draft: {found.findings} findings, {found.guesses} guesses, "
            + ", ".join(f"{p.principle} {p.score}" for p in report.principles)
        )
        approval = statements.submit(desk, incident.key, draft.number, by=officer)
        for executive in by_role[Role.EXECUTIVE][: approval.needed]:
            approvals.vote(desk, approval.id, by=executive, kind=VoteKind.APPROVE, hash=approval.hash)
        made = releases.release(desk, incident.key, draft.number, by=officer, hash=approval.hash)
        run_until_idle(desk)
        with desk.reading() as db:
            sent = [f"{item.channel} {item.state}" for item in texts.deliveries(db, made.id)]
            text = texts.revision(db, draft.id, draft.revision).text
            same = hash_to_approve(draft, text) == made.hash
        say(f"released {made.hash[:12]} (the approved bytes: {'yes' if same else 'NO'}): {', '.join(sent)}")
        responses.enter(
            desk,
            incident.key,
            by=officer,
            audience="customers",
            region="杭州",
            stance=-1,
            said="还能不能用？",
            question=True,
        )
        complaint = complaints.receive(
            desk,
            {"received_by": officer.name, "unit": "400", "customer_name": "王女士", "details": "同款灶火焰发黄"},
            by=officer,
        )
        complaints.link(desk, complaint.key, by=officer, incident_key=incident.key)
        running.close(desk, incident.key, by=officer, reason="drill")
        with desk.reading() as db:
            problems = log.check(db)
            entries = log.head(db)[0]
            left = views.left_building(db)
            closed = records.get(db, type(incident), incident.id).state
        chain = "DOES NOT HOLD" if problems else "holds"
        say(f"{closed}; log of {entries} entries {chain}; {left} messages left the building")
        if problems or left or not same or report.blocked:
            raise SystemExit(1)
