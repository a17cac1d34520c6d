"""The forms of an English word: what `~word` stands for."""

from __future__ import annotations


def word_forms(word: str) -> tuple[str, ...]:
    """The word and its plural, past and -ing forms by the regular rules, without repeats. Others stay alone.

    Irregular words (buy, bought) are not known: write them out.
    """
    lower = word.lower()
    if not (lower.isascii() and lower.isalpha()) or len(lower) < 3:
        return (word,)
    if lower.endswith("y") and lower[-2] not in "aeiou":
        stem = word[:-1]
        forms = [word, f"{stem}ies", f"{stem}ied", f"{word}ing"]
    elif lower.endswith("e"):
        forms = [word, f"{word}s", f"{word}d", f"{word[:-1]}ing"]
    elif lower.endswith(("s", "x", "z", "ch", "sh")):
        forms = [word, f"{word}es", f"{word}ed", f"{word}ing"]
    else:
        forms = [word, f"{word}s", f"{word}ed", f"{word}ing"]
    return tuple(dict.fromkeys(forms))
