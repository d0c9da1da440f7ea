"""Pure: what is kept of a foreign server's answer. It may hold anything; what leaves here can be stored and is of its declared kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from tandem.catalog.event_values import read_event
from tandem.flow.scopes import TYPES

#: What PostgreSQL stores neither as text nor in JSON: NUL and halves of surrogate pairs.
_UNFIT: Final = re.compile("[\x00\ud800-\udfff]")


def fit(text: str) -> str:
    """The text without what PostgreSQL refuses."""
    return _UNFIT.sub("", text)


def mapped(answers: Mapping[str, Sequence[str]], text: str | None) -> dict[str, Any] | None:
    """The wanted values of a JSON answer by name; None when one of them is not of its declared kind.

    What is not there is left out; what is no JSON, or nested deeper than can be read, has none.
    """
    try:
        found: Any = msgspec.json.decode(fit(text or "").encode())
    except (msgspec.DecodeError, RecursionError):
        return {}
    values: dict[str, Any] = {}
    for name, (path, kind) in answers.items():
        value = _kept(_at(found, path), kind)
        if value is None:
            continue
        if read_event(value, TYPES[kind]) is None:
            return None
        values[name] = value
    return values


def _at(found: Any, path: str) -> Any:
    for part in [one for one in path.split(".") if one]:
        if isinstance(found, dict):
            found = cast("dict[str, Any]", found).get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(cast("list[Any]", found)):
            found = cast("list[Any]", found)[int(part)]
        else:
            return None
    return found


def _kept(value: Any, kind: str) -> Any:
    if isinstance(value, str):
        return fit(value)
    if kind == "text" and isinstance(value, bool):
        return str(value).lower()
    return str(value) if kind == "text" and isinstance(value, int | float) else value
