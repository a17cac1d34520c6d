"""The words for codes: errors, what happened in the log, states, roles. Marked for the catalogue, shown translated."""

from __future__ import annotations

from crisis.web.wording.happenings import VERBS, happened
from crisis.web.wording.labels import LABELS, ROLES, credits, label, options, receipt, types
from crisis.web.wording.refusals import FIELD, STATE, http_sentence, sentence
from crisis.web.wording.saying import amid, say, yes_or_no

__all__ = [
    "FIELD",
    "LABELS",
    "ROLES",
    "STATE",
    "VERBS",
    "amid",
    "credits",
    "happened",
    "http_sentence",
    "label",
    "options",
    "receipt",
    "say",
    "sentence",
    "types",
    "yes_or_no",
]
