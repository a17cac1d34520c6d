"""The incident's page shows what officers said about similar incidents, and the log what moved the judgement."""

from __future__ import annotations

from crisis.core.case import CrisisType, FactStatus
from crisis.flows import facts, judgement, people
from crisis.flows.facts import NewFact
from crisis.web.app import create_app
from crisis.web.session import COOKIE
from tests.world import World

REASON = "胶管、气源和使用都有份，没有一个主因。"


def page(world: World, path: str, lang: str) -> str:
    with world.desk.transaction() as db:
        token = people.open_session(db, world.lin, now=world.desk.real_now())
    client = create_app(world.desk).test_client()
    client.set_cookie(COOKIE, token)
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    return answer.text


def test_a_former_correction_stands_beside_the_type_of_a_similar_incident(world: World) -> None:
    first, second = world.incident(), world.incident()
    judgement.overrule(
        world.desk,
        first.key,
        by=world.lin,
        primary=CrisisType.MATRIX,
        secondary=(),
        credit_kind=None,
        reason=REASON,
        since=0,
    )

    shown = page(world, f"/i/{second.key}", "en")

    assert "Officers changed the type of incidents like this one" in shown
    assert REASON in shown and first.key in shown
    # Beside its own type the reason stands once, as the judgement in force, and not as a former case.
    assert "Officers changed the type" not in page(world, f"/i/{first.key}", "en")


def test_the_log_says_what_moved_the_judgement(world: World) -> None:
    incident = world.incident()
    claim = "公司承认伪造检测报告，高层明知并隐瞒多年；监管部门立案并处罚"
    typed = NewFact(claim_zh=claim, status=FactStatus.CONFIRMED, source="通报", as_of=world.clock())
    facts.add(world.desk, incident.key, typed, by=world.lin)

    assert "改变判断的是：" in page(world, f"/i/{incident.key}", "zh")
    assert "what moved it: " in page(world, f"/i/{incident.key}", "en")
