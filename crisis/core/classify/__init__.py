"""The classifier: a case to its crisis type, with every point traced to the words it came from."""

from crisis.core.classify.changes import Correction, Difference, Shift, corrections_like, differences, fingerprint
from crisis.core.classify.classification import Classification, Evidence, SeverityRow, classify, language_of
from crisis.core.classify.rules import Rules

__all__ = [
    "Classification",
    "Correction",
    "Difference",
    "Evidence",
    "Rules",
    "SeverityRow",
    "Shift",
    "classify",
    "corrections_like",
    "differences",
    "fingerprint",
    "language_of",
]
