"""The functions as tables for the documentation, so that it cannot fall behind the data."""

from __future__ import annotations

from typing import Final

from tandem.catalog.function_type import Function
from tandem.catalog.functions import GROUPS
from tandem.catalog.label import Label

BEGIN: Final = "<!-- functions: made by tandem.catalog.handbook -->"
END: Final = "<!-- end of functions -->"
_TITLES: Final = {
    "time": Label("日期与时间", "Dates and times"),
    "chinese": Label("中国日历、农历与行政区划", "The Chinese calendar, lunar dates, divisions"),
    "general": Label("通用", "General"),
    "numbers": Label("数字", "Numbers"),
    "texts": Label("文本", "Texts"),
}


def function_tables() -> str:
    """Return one table for each group; what holds for several functions stands below it."""
    return "\n\n".join(_table(_TITLES[group], functions) for group, functions in GROUPS.items())


def _table(title: Label, functions: list[Function]) -> str:
    shown: dict[str, list[Function]] = {}
    for function in functions:
        if not function.hidden:
            shown.setdefault(function.name, []).append(function)
    lines = [f"### {title.en} · {title.zh}", "", "| function | 中文 | meaning | example |", "|---|---|---|---|"]
    lines += [_row(overloads) for overloads in shown.values()]
    notes = dict.fromkeys(f.note for overloads in shown.values() for f in overloads if f.note)
    return "\n".join([*lines, *(line for note in notes for line in ("", f"{note.en}. {note.zh}。"))])


def _row(overloads: list[Function]) -> str:
    signatures = ", ".join(f"`{signature}`" for signature in dict.fromkeys(f.signature for f in overloads))
    first = overloads[0]
    example = f"`{first.example}`" if first.example else ""
    return f"| {signatures} | {first.help.zh} | {first.help.en} | {example} |"
