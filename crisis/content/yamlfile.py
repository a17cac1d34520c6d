"""A YAML file as a checked value: what is wrong is told as `file:line: where: what`.

The shape is a frozen dataclass of `crisis.core`; pydantic compares the two, and the marks of the YAML
nodes turn its paths into line numbers. Unknown keys are errors: a mistyped key must not be dropped in
silence.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from crisis.errors import ContentInvalid

Value = TypeVar("Value")
_Plain: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Plain):  # type: ignore[misc]  # the fast loader where there is one
    """YAML lets the later of two equal keys win without a word; here the second one is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} is there twice", key.start_mark
                )
            seen.add(str(key.value))
        return cast(dict[Hashable, Any], super().construct_mapping(node, deep))


@lru_cache(maxsize=64)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _line(node: yaml.Node, path: tuple[int | str, ...]) -> int:
    """The line of the deepest node on a path, 1-based."""
    for step in path:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if str(key.value) == str(step):
                    node = value
                    break
            else:
                break
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            continue
    return int(node.start_mark.line) + 1


def load(file: Path, shape: type[Value] | Any) -> Value:
    """The value of a YAML file. Raises ContentInvalid with every problem of the file, each with its line."""
    text = file.read_text(encoding="utf-8")
    name = file.name if file.parent == file else f"{file.parent.name}/{file.name}"
    try:
        record = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ContentInvalid((f"{name}:{line}: not YAML: {getattr(error, 'problem', error)}",)) from None
    try:
        value: Value = _adapter(cast(Hashable, shape)).validate_python(record)
    except ValidationError as error:
        # Only a file that is wrong pays for a second reading that keeps the line numbers.
        tree = yaml.compose(text, Loader=_Loader) or yaml.ScalarNode("", "")
        problems = []
        for item in error.errors():
            path = tuple(step for step in item["loc"] if isinstance(step, int | str))
            where = ".".join(str(step) for step in path)
            problems.append(f"{name}:{_line(tree, path)}: {where}: {item['msg']}")
        raise ContentInvalid(tuple(problems)) from None
    return value


@dataclass(frozen=True, kw_only=True)
class UnknownField:
    """A key of a file that nothing reads, with its line and the known name that is nearest to it, or none."""

    line: int
    where: str
    nearest: str

    def __str__(self) -> str:
        meant = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"{self.line}: unknown field {self.where}{meant}"


Known = Mapping[str, "Known | None"]


def unknown_fields(text: str, known: Known) -> tuple[UnknownField, ...]:
    """Every key of a YAML text that is not among the known ones, in the order of the lines.

    `known` maps a field to its own fields, or to None when what lies in it has none.
    """
    tree = yaml.compose(text, Loader=_Loader)
    return tuple(sorted(_unknown(tree, known, ""), key=lambda found: found.line)) if tree is not None else ()


def _unknown(node: yaml.Node, known: Known, above: str) -> Iterator[UnknownField]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        name = str(key.value)
        if name == "<<":
            continue
        if name not in known:
            line = int(key.start_mark.line) + 1
            yield UnknownField(line=line, where=f"{above}{name}", nearest=nearest(name, known))
        elif (inside := known[name]) is not None:
            yield from _unknown(value, inside, f"{above}{name}.")


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that somebody meant who wrote this one, or nothing where none is near."""
    by_fold = {item.casefold().replace("_", ""): item for item in known}
    found = get_close_matches(name.casefold().replace("_", "").replace("-", ""), list(by_fold), n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""
