"""What is known of a case has a place where the reader sees it: coverage, values, legal clocks, sums, mentions."""

from __future__ import annotations

import re

from crisis.core.audienceplan import AudienceEntry
from crisis.core.people import Person
from crisis.core.sources import StoredMention, Story
from crisis.flows import responses, triage
from crisis.store import incidents, records, schema
from crisis.web.app import create_app
from tests.web.browsers import Browser, spoken
from tests.web.test_visibility import lay_article
from tests.world import World


def page(world: World, path: str, lang: str = "en", *, by: Person | None = None) -> str:
    answer = Browser(create_app(world.desk), world.desk, by or world.lin).get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    return answer.text


def part(shown: str, identity: str) -> str:
    return shown.partition(f'id="{identity}"')[2].partition("</section>")[0]


def entry_of(world: World, key: str, audience: str) -> AudienceEntry:
    with world.desk.reading() as db:
        incident = incidents.by_key(db, key, person=world.lin)
        return next(item for item in incidents.audiences(db, incident.id) if item.audience == audience)


def test_the_coverage_shows_each_audience_in_each_region_with_its_channels_and_what_was_heard_there(
    world: World,
) -> None:
    incident = world.incident(regions=["温州", "Berlin"])
    responses.enter(
        world.desk,
        incident.key,
        by=world.lin,
        audience="customers",
        region="温州",
        stance=-2,
        said="退吗",
        question=True,
    )

    shown = spoken(part(page(world, f"/i/{incident.key}/audiences"), "coverage"))

    assert "<th>温州</th>" in shown and "<th>Berlin</th>" in shown
    customers = re.search(r"audiences/customers.*?</tr>", shown, re.S)
    assert customers and "1 response" in customers[0] and "−2.0" in customers[0]
    planned = entry_of(world, incident.key, "customers").details
    assert str(planned["channels_china"][0]["en"]) in customers[0]
    assert str(planned["channels_international"][0]["en"]) in customers[0]
    assert "no blank answer" in shown


def test_a_blank_answer_stands_in_the_coverage_with_what_it_keeps_from_going_out(world: World) -> None:
    incident = world.incident(regions=["温州"])
    entry = entry_of(world, incident.key, "customers")
    responses.answer(world.desk, incident.key, "customers", by=world.lin, seen=entry.mark, who="")

    english = part(page(world, f"/i/{incident.key}/audiences"), "coverage")
    chinese = part(page(world, f"/i/{incident.key}/audiences", "zh"), "coverage")

    assert "1 audience with a blank answer: no text for it can be sent for approval" in english
    assert "blank: Who are they" in english
    assert "1 类受众有空格：写给他们的稿子不能送审" in chinese


def test_an_audience_says_what_it_values(world: World) -> None:
    incident = world.incident()

    shown = page(world, f"/i/{incident.key}/audiences/customers")

    planned = entry_of(world, incident.key, "customers").details
    assert "What they value" in shown
    for value in (*planned["values_material"], *planned["values_inner"]):
        assert str(value["en"]) in shown


def test_the_room_names_the_legal_clocks_that_may_run_with_their_source_and_that_they_are_no_advice(
    world: World,
) -> None:
    incident = world.incident("杭州一户人家星炉灶具爆炸，一人死亡，两人受伤", regions=["杭州"])

    english = part(page(world, f"/i/{incident.key}"), "reminders")
    chinese = part(page(world, f"/i/{incident.key}", "zh"), "reminders")

    assert "not advice: verify with counsel" in english and "请与法务核实" in chinese
    assert "China, mainland" in english and "2 working days" in english and "in force since" in english
    assert "中国内地" in chinese and "2 个工作日" in chinese


def test_the_room_says_where_no_reminder_is_kept_and_where_nobody_knows_whose_law_holds(world: World) -> None:
    incident = world.incident(regions=["杭州", "巴西", "云岭县", "New Zealand"])

    english = part(page(world, f"/i/{incident.key}"), "reminders")
    chinese = part(page(world, f"/i/{incident.key}", "zh"), "reminders")

    assert "No reminder is kept for Brazil: ask counsel there." in english
    assert "系统没有巴西的法律提醒：请向当地律师核实。" in chinese
    assert "The desk does not know whose law holds in" in english and "云岭县" in english
    assert "系统不知道云岭县适用哪里的法律" in chinese
    assert "None of the reminders kept for New Zealand fits this case today." in english
    assert "系统所存新西兰的提醒今天都不适用于本案" in chinese


def test_the_law_of_the_place_of_an_incident_counts_beside_that_of_the_home_of_the_organisation(
    world: World,
) -> None:
    incident = world.incident("悉尼一户人家星炉灶具爆炸，一人死亡，两人受伤", regions=["悉尼"])

    english = part(page(world, f"/i/{incident.key}"), "reminders")

    assert "Report in writing to the ACCC within 2 days" in english
    assert 'href="https://www.productsafety.gov.au/"' in english
    assert "China, mainland" in english


def test_the_rows_of_a_score_stand_under_it_and_add_up(world: World) -> None:
    incident = world.incident()

    shown = page(world, f"/i/{incident.key}")

    with world.desk.reading() as db:
        judged = incidents.classifications(db, incidents.by_key(db, incident.key, person=world.lin).id)[0]
    score = judged.scores[str(judged.primary)]
    assert f"What adds up to {score:.1f} for " in shown
    rows = [row for row in judged.evidence if row["type"] == str(judged.primary)]
    assert abs(sum(row["points"] for row in rows) - score) < 0.05
    if len(rows) > 7:
        assert f"{len(rows) - 7} smaller row" in shown


def test_each_mention_of_the_room_leads_to_why_it_is_one(world: World) -> None:
    incident = world.incident()
    with world.desk.reading() as db:
        story = records.find(db, Story, incident_id=incident.id)[0]
    _, mention = lay_article(world, story.id, "晚报")

    assert f'href="/why/mention/{mention}"' in part(page(world, f"/i/{incident.key}"), "mentions")


def test_a_story_that_became_an_incident_leads_to_it_whoever_may_know_of_it(world: World) -> None:
    story = world.story()
    incident = triage.declare(world.desk, story.id, by=world.lin, severity=3, title="灶具爆炸", restricted=False)

    shown = page(world, f"/inbox/S-{story.id}")

    assert f'<a href="/i/{incident.key}">{incident.key} <span lang="zh-Hans">灶具爆炸</span></a>' in shown


def test_a_word_of_harm_says_what_it_threatens_and_what_its_clause_does_to_it_in_the_readers_language(
    world: World,
) -> None:
    story = world.story()
    _, mention = lay_article(world, story.id, "晚报")
    with world.desk.transaction() as db:
        stored = records.get(db, StoredMention, mention)
        word = {"span": [0, 2], "word": "晚报", "kind": "injury", "weight": 0.4, "changes": ["denied"]}
        db.execute(
            schema.mention.update()
            .where(schema.mention.c.id == stored.id)
            .values(risk={"negative": 0.4, "harms": ["injury"], "reasons": [word]})
        )

    for path in (f"/why/mention/{mention}", f"/inbox/S-{story.id}"):
        english, chinese = page(world, path), page(world, path, "zh")
        assert "people hurt" in english and "denied: less weight" in english
        assert "有人受伤" in chinese and "有人否认，减分" in chinese and "denied" not in chinese


def test_a_step_says_which_rule_sets_its_date_and_which_role_shares_it(world: World) -> None:
    incident = world.incident()

    english, chinese = (page(world, f"/i/{incident.key}", lang) for lang in ("en", "zh"))

    assert "At each promised time" in english and "每个承诺的时间点" in chinese
    assert "＋ Counsel" in english and "＋ 法务" in chinese
