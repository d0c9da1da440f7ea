"""CPU of every statement, back end and Python apart: what `--statements` of a benchmark prints."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

_BLANK = re.compile(r"\s+")


class Ledger:
    """Calls, back-end seconds, Python seconds and rows by the beginning of a statement's text."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0])

    def report(self, n: int, top: int = 25) -> list[dict[str, Any]]:
        """The statements whose back ends cost most, in microseconds per unit of work."""
        order = sorted(self.spent.items(), key=lambda item: -(item[1][1] + item[1][2]))[:top]
        return [
            {
                "calls": int(calls),
                "rows": int(rows),
                "postgres_us": round(server / n * 1e6, 2),
                "python_us": round(own / n * 1e6, 2),
                "statement": text,
            }
            for text, (calls, server, own, rows) in order
        ]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count every statement that any cursor of this process runs meanwhile."""
        original = psycopg.Cursor.execute
        spent = self.spent

        def execute(cursor: Any, query: Any, *args: Any, **more: Any) -> Any:
            stat = Path(f"/proc/{cursor.connection.info.backend_pid}/schedstat")
            server, own = int(stat.read_text().split()[0]), time.process_time()
            try:
                return original(cursor, query, *args, **more)
            finally:
                entry = spent[_short(str(query))]
                entry[2] += time.process_time() - own
                entry[1] += (int(stat.read_text().split()[0]) - server) / 1e9
                entry[0] += 1
                entry[3] += max(0, cursor.rowcount)

        psycopg.Cursor.execute = execute  # type: ignore[method-assign]
        try:
            yield
        finally:
            psycopg.Cursor.execute = original  # type: ignore[method-assign]


def _short(text: str) -> str:
    flat = _BLANK.sub(" ", text).strip()
    return f"{flat[:150]} … {flat[-60:]}" if len(flat) > 220 else flat
