"""playbooks/script.yaml: how our own Chinese wording is written where people read traditional characters."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.script import Scribe, Script, ScriptWords
from crisis.errors import ContentInvalid

_FILE = "script.yaml"


@lru_cache(maxsize=4)
def load_scribe(home: Path | None = None) -> Scribe:
    """The scribe by the file of the last folder that has one. Raises ContentInvalid."""
    files = [folder / _FILE for folder in stacked("playbooks", home)]
    words: ScriptWords = load([file for file in files if file.is_file()][-1], ScriptWords)
    problems = []
    if len(words.simplified) != len(words.traditional):
        problems.append("simplified and traditional differ in length")
    if len(set(words.simplified)) != len(words.simplified):
        problems.append("a character stands twice in simplified")
    if Script.HANS in words.own:
        problems.append("own: simplified wording is not turned")
    if problems:
        raise ContentInvalid(tuple(f"{_FILE}:1: {problem}" for problem in problems))
    return Scribe(words)
