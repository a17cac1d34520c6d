"""The coverage matrix: every audience in every region with its channels, and what is still blank.

A blank answer or an audience without a channel is a hole; while there is one, texts for it cannot be submitted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from crisis.core.audience import AudiencePlan
from crisis.core.text import Text

Ways = TypeVar("Ways")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One audience in one region: by which channels it is reached, and whether it was told there."""

    audience: str
    region: str
    channels: tuple[Text, ...]
    told: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Hole:
    """What is missing for an audience: an answer (who, know_or_need, feel, motivate), channels, spokesperson, ..."""

    audience: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """The matrix. `share` is the part of audiences without a hole, 0..1; `may_submit` when there is none."""

    cells: tuple[Cell, ...]
    holes: tuple[Hole, ...]
    share: float

    @property
    def may_submit(self) -> bool:
        return not self.holes

    def blocks(self, audience: str) -> tuple[str, ...]:
        """What keeps a text for this audience from being submitted."""
        return tuple(hole.what for hole in self.holes if hole.audience == audience)


def coverage(
    plans: Sequence[AudiencePlan], regions: Sequence[str], *, told: Collection[tuple[str, str]] = ()
) -> Coverage:
    """The matrix of these plans over regions ("" stands for everywhere). `told` are (audience, region) already done."""
    cells = []
    holes: list[Hole] = []
    for plan in plans:
        holes.extend(Hole(audience=plan.audience, what=what) for what in plan.blanks)
        if not plan.channels:
            holes.append(Hole(audience=plan.audience, what="channels"))
        if not (plan.spokesperson.zh.strip() and plan.spokesperson.en.strip()):
            holes.append(Hole(audience=plan.audience, what="spokesperson"))
        if len(plan.questions) < 3:
            holes.append(Hole(audience=plan.audience, what="questions"))
        for region in regions or ("",):
            cells.append(
                Cell(
                    audience=plan.audience,
                    region=region,
                    channels=ways_to(region, plan.channels, plan.channels_china, plan.channels_international),
                    told=(plan.audience, region) in told,
                )
            )
    clean = len({plan.audience for plan in plans} - {hole.audience for hole in holes})
    return Coverage(cells=tuple(cells), holes=tuple(holes), share=clean / len(plans) if plans else 1.0)


def as_record(matrix: Coverage, lang: str) -> Mapping[str, Any]:
    """The matrix as plain JSON values with channel names in one language."""
    return {
        "cells": [
            {
                "audience": cell.audience,
                "region": cell.region,
                "channels": [channel[lang] for channel in cell.channels],
                "told": cell.told,
            }
            for cell in matrix.cells
        ],
        "holes": [{"audience": hole.audience, "what": hole.what} for hole in matrix.holes],
        "share": round(matrix.share, 3),
        "may_submit": matrix.may_submit,
    }


def ways_to(region: str, everywhere: Ways, china: Ways, abroad: Ways) -> Ways:
    """The channels that reach a region: one written in Chinese by those of China, one in Latin letters by the others;
    "" stands for everywhere."""
    if not region:
        return everywhere
    return china if any("\u4e00" <= char <= "\u9fff" for char in region) else abroad
