"""The floor under the classifier's figures. It only rises; it needs a data folder (CRISIS_DATA)."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

DATA = os.environ.get("CRISIS_DATA", "")
# Held-out share of right answers, a little below what was measured (docs/figures.md) for chance in the folds.
FLOOR = {"types": 0.82, "early": 0.62, "kinds": 0.88, "severity": 0.75}


@pytest.mark.skipif(not DATA, reason="CRISIS_DATA does not name a data folder")
def test_the_classifier_keeps_its_figures() -> None:
    np = pytest.importorskip("numpy")
    file = Path(__file__).parent.parent / "eval" / "fit.py"
    spec = importlib.util.spec_from_file_location("classifier_fit", file)
    assert spec is not None and spec.loader is not None
    fit = importlib.util.module_from_spec(spec)
    sys.modules["classifier_fit"] = fit
    spec.loader.exec_module(fit)
    from crisis.content.classifier import rules

    cases = fit.labelled(Path(DATA))
    tables = fit.Tables.of(cases, rules())
    out = fit.held_out(cases, tables, rules(), count=5, seed=1)

    credit = tables.kind >= 0
    ladder = (out["severity"][:, None] >= out["borders"]).sum(axis=1)
    figures = {
        "types": (out["types"].argmax(axis=1) == tables.primary).mean(),
        "early": (out["early"].argmax(axis=1) == tables.primary).mean(),
        "kinds": (out["kinds"].argmax(axis=1) == tables.kind)[credit].mean(),
        "severity": (ladder == tables.severity).mean(),
    }
    assert {name: share for name, share in figures.items() if share < FLOOR[name]} == {}
    assert int(np.abs(ladder - tables.severity).max()) <= 1
