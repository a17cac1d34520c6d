"""How bad a text is, toward whom, and because of which words.

    text -> folded -> terms, cues, masks (one automaton) -> clauses -> events -> who is hit -> Risk

`assess` is the door. The words come from the shelf (`playbooks/lexicon/`), read by
`crisis.content.lexicon` and handed over as a `Lexicon`: nothing here knows a word of any language.
"""

from monitors.risk.lexicon import Change, Cue, Gap, Harm, Hits, Lexicon, Move, Side, Term
from monitors.risk.score import Blame, Reason, Risk, assess

__all__ = [
    "Blame",
    "Change",
    "Cue",
    "Gap",
    "Harm",
    "Hits",
    "Lexicon",
    "Move",
    "Reason",
    "Risk",
    "Side",
    "Term",
    "assess",
]
