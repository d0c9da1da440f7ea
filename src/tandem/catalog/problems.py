"""What is wrong with an expression: the place, what was found, what was expected, the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tandem.catalog.label import Label
from tandem.kernel.errors import Detail, InvalidInput


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text: offsets in code points, `end` exclusive; line and column of its start count from one."""

    start: int
    end: int
    line: int
    column: int


NOWHERE: Final = Span(0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `suggestion` is text that could stand in its place."""

    code: str
    span: Span
    found: Label
    expected: Label
    suggestion: str | None = None

    @property
    def message(self) -> Label:
        line, column = self.span.line, self.span.column
        zh = f"第 {line} 行第 {column} 列：此处是{self.found.zh}，应为{self.expected.zh}"
        en = f"Line {line}, column {column}: found {self.found.en}, expected {self.expected.en}"
        if self.suggestion is not None:
            zh += f"。您是不是要写 {self.suggestion}"
            en += f". Did you mean {self.suggestion}"
        mark = "？" if self.suggestion is not None else "。"
        return Label(zh + mark, en + ("?" if self.suggestion is not None else "."))

    def json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "start": self.span.start,
            "end": self.span.end,
            "line": self.span.line,
            "column": self.span.column,
            "found": self.found.json(),
            "expected": self.expected.json(),
            "suggestion": self.suggestion,
            "message": self.message.json(),
        }


class ExpressionError(InvalidInput):
    """An expression that does not parse or does not type-check; `problems` holds every mistake found, in text order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.span.start, p.span.end)))
        first = self.problems[0]
        details = tuple(Detail(f"{p.span.start}-{p.span.end}", p.message.zh, p.message.en) for p in self.problems)
        super().__init__(f"expression_{first.code}", first.message.zh, first.message.en, details=details)


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """Return the valid name that a person most likely meant, or None when none is near."""
    matches = difflib.get_close_matches(name.lower(), list(valid), n=1, cutoff=0.5)
    return matches[0] if matches else None
