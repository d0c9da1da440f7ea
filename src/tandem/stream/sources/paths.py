"""Dotted paths into JSON: `data.orders[0].id`, `$.buyer["first.name"]`, `lines[-1]`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, cast

PATH_LENGTH_MAX: Final = 300
_STEP: Final = re.compile(r'\.?([^.\[\]"]+)|\[(-?\d{1,6})\]|\["([^"]+)"\]')

Step = str | int


class BadPath(ValueError):
    """Text that is no path; `at` is the place of the first character that does not fit."""

    def __init__(self, at: int) -> None:
        super().__init__(f"not a path from character {at + 1}")
        self.at = at


@lru_cache(maxsize=4096)
def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path; none for the whole (`` or `$`). Raises BadPath."""
    at = 1 if text.startswith("$") else 0
    if len(text) > PATH_LENGTH_MAX:
        raise BadPath(PATH_LENGTH_MAX)
    steps: list[Step] = []
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (not steps and text[at] == "." and not text.startswith("$")):
            raise BadPath(at)
        name, number, quoted = found.groups()
        steps.append(int(number) if number is not None else quoted or name)
        at = found.end()
    return tuple(steps)


def read(value: Any, path: str) -> Any:
    """What stands at a path, or None where nothing does. Raises BadPath."""
    for step in parse_path(path):
        if isinstance(step, int):
            items = cast("Sequence[Any]", value) if isinstance(value, list) else ()
            if not -len(items) <= step < len(items):
                return None
            value = items[step]
        elif isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(step)
        else:
            return None
    return value


def write(target: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path, making objects and lists on the way; a list grows by one at a time. Raises BadPath."""
    steps = parse_path(path)
    here: Any = target
    for place, step in enumerate(steps):
        following: Any = None
        if place + 1 < len(steps):
            following = [] if isinstance(steps[place + 1], int) else {}
        here = _step_in(here, step, value if following is None else following, last=following is None, path=path)


def _step_in(here: Any, step: Step, fresh: Any, *, last: bool, path: str) -> Any:
    if isinstance(step, int) and isinstance(here, list):
        items = cast("list[Any]", here)
        if not 0 <= step <= len(items):
            raise BadPath(len(path))
        if step == len(items):
            items.append(fresh)
        elif last:
            items[step] = fresh
        return items[step]
    if isinstance(step, str) and isinstance(here, dict):
        fields = cast("dict[str, Any]", here)
        if last or step not in fields:
            fields[step] = fresh
        return fields[step]
    raise BadPath(len(path))
