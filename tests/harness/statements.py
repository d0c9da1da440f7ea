"""Reading statements as an architect does: whose rows do they reach, and is the bucket named?"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

from tandem.kernel import db

WORDS = re.compile(
    r"\b(?:from|join|update|into|using)\s+(?:only\s+)?\"?([a-z_]+)\"?(?:\s+(?:as\s+)?\"?([a-z_][a-z0-9_]*)\"?)?",
    re.IGNORECASE,
)
KEYWORDS = {
    "where",
    "on",
    "set",
    "using",
    "cross",
    "left",
    "join",
    "select",
    "values",
    "order",
    "group",
    "limit",
    "inner",
    "union",
    "returning",
}


@contextmanager
def overheard() -> Generator[set[str]]:
    """Every statement that any transaction runs meanwhile."""
    statements: set[str] = set()

    def observe(statement: str, params: object) -> None:
        statements.add(statement)

    db.observers.append(observe)
    try:
        yield statements
    finally:
        db.observers.remove(observe)


def unnamed(statement: str, tables: set[str]) -> list[str]:
    """Tables of the statement whose rows are reached without a bucket: no `alias.bucket`, and no `bucket` of an insert or single table."""
    found: list[str] = []
    text = statement.lower()
    for match in WORDS.finditer(text):
        table, alias = match[1], match[2]
        if table not in tables:
            continue
        names = {table} | ({alias} if alias and alias not in KEYWORDS else set())
        own = any(
            re.search(rf"\"?{name}\"?\.\"?bucket\"?\s*(=|in\b)|=\s*\"?{name}\"?\.\"?bucket\"?", text) for name in names
        )
        bare = re.search(r"(?<![\w.])bucket\s*=\s*((any\s*\()?%|\w+\.bucket\b)", text) is not None
        inserted = (
            text[match.start() : match.start() + 4] == "into"
            and re.match(r"[^)]*\bbucket\b", text[match.end() :]) is not None
        )
        if not (own or bare or inserted):
            found.append(table)
    return found
