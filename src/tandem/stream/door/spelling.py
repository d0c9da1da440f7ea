"""A field or a value that a record's kind does not know: where it stands, which name was probably meant, which values there are."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final, cast

import msgspec
from msgspec import inspect

_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.+?)`(?: - at `\$(.*)`)?")
_ENUM: Final = re.compile(r"Invalid enum value (.+?)(?: - at `\$(.*)`)?")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[[^\]]*\]")


def misspelt(model: type[msgspec.Struct], error: Exception) -> tuple[str, str, str] | None:
    """(path of the field, Chinese, English) where a decoder refused a field that `model` does not know, else None."""
    found = _UNKNOWN.fullmatch(str(error))
    if found is None:
        return None
    name, path = found[1], found[2] or ""
    known = _fields_at(model, path)
    where = f"{path}.{name}".removeprefix(".")
    near = get_close_matches(name, known, n=1)
    if near:
        return where, f"未知字段 {name}，是否应为 {near[0]}？", f"unknown field {name}; did you mean {near[0]}?"
    names = sorted(known)
    return where, f"未知字段 {name}，可用：{'、'.join(names)}", f"unknown field {name}; known are {', '.join(names)}"


def unlisted(model: type[msgspec.Struct], error: Exception) -> tuple[str, str, str] | None:
    """(path, Chinese, English) where a decoder refused a value that is not among those a field of `model` allows, else None."""
    found = _ENUM.fullmatch(str(error))
    if found is None:
        return None
    value, path = found[1].strip("'"), found[2] or ""
    allowed = [str(one) for one in _values_at(model, path)]
    where = path.removeprefix(".")
    if not allowed:
        return where, f"不允许的值“{value}”", f"“{value}” is not allowed"
    return (
        where,
        f"不允许的值“{value}”，可用：{'、'.join(allowed)}",
        f"“{value}” is not allowed; allowed are {', '.join(allowed)}",
    )


def _values_at(model: type[msgspec.Struct], path: str) -> list[str | int]:
    literals = [kind for kind in _plain(_kinds_at(model, path)) if isinstance(kind, inspect.LiteralType)]
    return [value for kind in literals for value in cast("tuple[str | int, ...]", kind.values)]


def _fields_at(model: type[msgspec.Struct], path: str) -> list[str]:
    """The names that the object at `path` (`.lines[0]`) may have; none where the path leads nowhere."""
    kinds = _plain(_kinds_at(model, path))
    return [field.encode_name for kind in kinds if isinstance(kind, inspect.StructType) for field in kind.fields]


def _kinds_at(model: type[msgspec.Struct], path: str) -> list[inspect.Type]:
    """What may stand at `path`."""
    kinds: list[inspect.Type] = [inspect.type_info(model)]
    for step in _STEP.finditer(path):
        kinds = [inner for kind in kinds for inner in _inside(kind, step[1])]
    return kinds


def _inside(kind: inspect.Type, field: str | None) -> list[inspect.Type]:
    """What stands in a type under a field's name, or at any position where there is no name."""
    inner: list[inspect.Type] = []
    for one in _plain([kind]):
        if isinstance(one, inspect.StructType):
            inner += [part.type for part in one.fields if part.encode_name == field]
        elif field is None and isinstance(one, inspect.ListType):
            inner.append(one.item_type)
        elif field is None and isinstance(one, inspect.DictType):
            inner.append(one.value_type)
    return inner


def _plain(kinds: list[inspect.Type]) -> list[inspect.Type]:
    """Unions taken apart, annotations taken off."""
    plain: list[inspect.Type] = []
    for kind in kinds:
        if isinstance(kind, inspect.UnionType):
            plain += _plain(list(kind.types))
        elif isinstance(kind, inspect.Metadata):
            plain += _plain([kind.type])
        else:
            plain.append(kind)
    return plain
