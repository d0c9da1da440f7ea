"""What the parser's terminals are called when a person reads about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tandem.catalog.label import Label

_VALUE: Final = frozenset({"NUMBER", "STRING", "NAME", "DURATION", "AGGREGATE", "TRUE", "FALSE", "NULL"})
_OPERATOR: Final = frozenset({"COMPARE", "BETWEEN", "CONTAINS", "_STARTS_WITH", "_ENDS_WITH", "IS"})

_WORDS: Final = {
    "PLUS_MINUS": Label("+ 或 -", "+ or -"),
    "TIMES_DIVIDE": Label("* 或 /", "* or /"),
    "AND": Label("and", "and"),
    "OR": Label("or", "or"),
    "NOT": Label("not", "not"),
    "IN": Label("in", "in"),
    "LAST": Label("last", "last"),
    "WHERE": Label("where", "where"),
    "WITH": Label("with", "with"),
    "MISSING": Label("missing", "missing"),
    "LPAR": Label("(", "("),
    "RPAR": Label(")", ")"),
    "LSQB": Label("[", "["),
    "RSQB": Label("]", "]"),
    "COMMA": Label("逗号", "a comma"),
    "COLON": Label("冒号", "a colon"),
    "DOT": Label("点号", "a dot"),
    "NUMBER": Label("数字", "a number"),
    "NAME": Label("名称", "a name"),
    "DURATION": Label("时长（如 7 days）", "a duration (such as 7 days)"),
    "$END": Label("表达式结尾", "the end of the expression"),
}

# What people write who come from another language, and what it is called here.
_FOREIGN: Final = {
    "==": "=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "&&": "and",
    "||": "or",
    "!": "not",
    "，": ",",
    "（": "(",
    "）": ")",
    "＝": "=",
    "‘": "'",
    "’": "'",
    "“": "'",
    "”": "'",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "IN": "in",
    "like": "contains",
    "null": "missing",
}


def describe_terminals(names: Iterable[str]) -> Label:
    """Name what could stand here: values and operators as groups, the rest one by one."""
    left = set(names)
    parts: list[Label] = []
    if left & {"STRING", "TRUE"}:
        parts.append(Label("一个值", "a value"))
        left -= _VALUE | {"LPAR", "LSQB", "PLUS_MINUS", "NOT"}
    if "COMPARE" in left:
        parts.append(Label("运算符", "an operator"))
        left -= _OPERATOR | {"PLUS_MINUS", "TIMES_DIVIDE", "NOT", "IN", "DOT", "LPAR"}
    parts += [_WORDS[name] for name in sorted(left) if name in _WORDS]
    if not parts:
        return Label("别的内容", "something else")
    return Label(
        "、".join(p.zh for p in parts[:-1]) + ("或" if parts[:-1] else "") + parts[-1].zh,
        _english([p.en for p in parts]),
    )


def _english(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " or " + parts[-1]


def describe_token(text: str) -> tuple[Label, str | None]:
    """Quote what stands there, and say how it is written here when it comes from another language."""
    shown = text if len(text) <= 30 else text[:29] + "…"
    for length in (len(text), 2, 1):
        if text[:length] in _FOREIGN:
            return Label(f"“{text[:length]}”", f"{text[:length]!r}"), _FOREIGN[text[:length]]
    return Label(f"“{shown}”", f"{shown!r}"), None
