"""Placeholders in message text: `{{customer.name}}`, with words to say when there is no value: `{{customer.name|亲}}`. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from tandem.kernel.errors import Detail

_PLACEHOLDER: Final = re.compile(r"\{\{([^{}]*)\}\}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One place in a text. `at` is its offset in characters; `instead` is said when the value is missing, None refuses to send."""

    name: str
    instead: str | None
    at: int


def find(text: str) -> list[Placeholder]:
    """Every `{{...}}` of a text in order, well-formed or not."""
    found: list[Placeholder] = []
    for match in _PLACEHOLDER.finditer(text):
        name, bar, instead = match.group(1).partition("|")
        found.append(Placeholder(name.strip(), instead.strip() if bar else None, match.start()))
    return found


def names(text: str) -> list[str]:
    """The names a text uses, each once, in order of appearance."""
    return list(dict.fromkeys(one.name for one in find(text)))


def required(text: str) -> list[str]:
    """The names a text cannot do without: said somewhere with no words for when there is no value. In order of appearance."""
    return list(dict.fromkeys(one.name for one in find(text) if one.instead is None))


def problems(text: str, known: Iterable[str]) -> list[Detail]:
    """What is wrong with a text's placeholders: braces left open, malformed and unknown names, with the nearest known one."""
    choices = sorted(known)
    details = _open_braces(text)
    for one in find(text):
        where = f"body[{one.at}]"
        if not _NAME.match(one.name):
            details.append(
                Detail(
                    where,
                    f"占位符“{one.name}”的写法应为 对象.字段",
                    f"the placeholder {one.name!r} should look like object.field",
                ),
            )
        elif one.name not in choices:
            details.append(_unknown(where, one.name, choices))
    return details


def _open_braces(text: str) -> list[Detail]:
    rest = _PLACEHOLDER.sub("", text)
    if "{{" not in rest and "}}" not in rest:
        return []
    return [Detail("body", "有未成对的花括号 {{ 或 }}", "there is a {{ or }} without its other half")]


def _unknown(where: str, name: str, choices: Sequence[str]) -> Detail:
    near = get_close_matches(name, choices, n=1, cutoff=0.5)
    hint_zh = f"，是否想写 {near[0]}？" if near else ""
    hint_en = f"; did you mean {near[0]}?" if near else ""
    return Detail(where, f"没有占位符“{name}”{hint_zh}", f"there is no placeholder {name!r}{hint_en}")


class MissingValue(Exception):
    """A placeholder has no value for this customer and the text says nothing instead."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def render(text: str, value: Callable[[str], str | None]) -> str:
    """The text with its placeholders filled. A value is never read as a placeholder itself. Raises MissingValue."""

    def fill(match: re.Match[str]) -> str:
        name, bar, instead = match.group(1).partition("|")
        found = value(name.strip())
        if found is None and not bar:
            raise MissingValue(name.strip())
        return instead.strip() if found is None else found

    return _PLACEHOLDER.sub(fill, text)
