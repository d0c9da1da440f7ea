"""Raw copies: envelopes, quarantined records, pieces and refused rows of files. They are sealed by the day, so each is opened and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, LiteralString, cast

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.stream.keys import data_key, day_key
from tandem.stream.rights.person import Person

SLICE: Final = 2000
SHORT: Final = 6
"""Shorter values (a member number "12") are looked for as whole JSON strings only, since they occur in anything."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table of sealed raw rows: its key columns, in order, which of them names the day's key, and what is sealed."""

    table: str
    keys: tuple[str, ...]
    day: str
    sealed: str
    join: str = ""
    arrived: str = ""
    """The column that tells when a row came, where there is one."""


SOURCES: Final = (
    Source(
        "intake",
        ("received_at", "id"),
        "(t.received_at at time zone 'UTC')::date",
        "payload_enc",
        arrived="t.received_at",
    ),
    Source("quarantine", ("id",), "t.key_day", "payload_enc", arrived="t.received_at"),
    Source(
        "import_piece",
        ("import_id", "number"),
        "f.key_enc",
        "rows_enc",
        " join import_file as f on f.tenant_id = t.tenant_id and f.id = t.import_id",
    ),
    Source(
        "import_refusal",
        ("import_id", "row_no"),
        "f.key_enc",
        "row_enc",
        " join import_file as f on f.tenant_id = t.tenant_id and f.id = t.import_id",
    ),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A raw row that names the person: where it stands, and what it says."""

    table: str
    key: tuple[Any, ...]
    text: str


class Finder:
    """Tells whether a raw text names a person: any spelling of one of her identifiers in it."""

    def __init__(self, values: frozenset[str]) -> None:
        spellings = {spelling for value in values for spelling in _spellings(value)}
        long = sorted(one for one in spellings if len(one) >= SHORT)
        short = sorted(f'"{one}"' for one in spellings if len(one) < SHORT)
        self._words = (
            re.compile("|".join(re.escape(one) for one in (*long, *short)), re.IGNORECASE) if spellings else None
        )
        self._digits = [one for one in (re.sub(r"\D", "", value) for value in values if value.startswith("+")) if one]

    def names(self, text: str) -> bool:
        """Whether the text holds one of them; telephone numbers are also found with spaces, dashes or full-width digits."""
        if self._words is not None and self._words.search(text):
            return True
        if not self._digits:
            return False
        plain = _PUNCTUATION.sub("", text.translate(_HALF_WIDTH))
        return any(one in plain or one.removeprefix("86") in plain for one in self._digits)


_PUNCTUATION: Final = re.compile(r"[\s\-()+.]")
_HALF_WIDTH: Final = {ord("０") + n: str(n) for n in range(10)}


def _spellings(value: str) -> set[str]:
    return {value, value.removeprefix("+86"), value.removeprefix("+")} if value.startswith("+") else {value}


def copies(tx: Tx, keys: TenantKeys, who: Person, *, since: datetime | None = None) -> Iterator[Copy]:
    """Every raw row that names her. Reads each table whole, in slices: days are bounded by retention. `since` looks at the newest only."""
    finder = Finder(who.values)
    opened = _DayKeys(tx, keys)
    for source in SOURCES:
        after: tuple[Any, ...] | None = None
        while True:
            rows = tx.cursor(
                _slice_sql(source, first=after is None, newest=since is not None),
                {"tenant": tx.tenant_id, "limit": SLICE, "since": since, **_after(after)},
            ).fetchall()
            for *key, day, sealed in rows:
                text = opened.open(day, bytes(sealed))
                if finder.names(text):
                    yield Copy(source.table, tuple(key), text)
            if len(rows) < SLICE:
                break
            after = tuple(rows[-1][: len(source.keys)])


class _DayKeys:
    def __init__(self, tx: Tx, keys: TenantKeys) -> None:
        self._tx = tx
        self._keys = keys
        self._opened: dict[date, bytes] = {}

    def open(self, day: date | bytes, sealed: bytes) -> str:
        """What is sealed under a day's key, or under a file's own, wrapped as it is stored."""
        if not isinstance(day, date):
            return self._keys.open(data_key(self._keys, bytes(day)), sealed)
        if day not in self._opened:
            self._opened[day] = day_key(self._tx, self._keys, day)
        return self._keys.open(self._opened[day], sealed)


def _after(after: tuple[Any, ...] | None) -> dict[str, Any]:
    return {} if after is None else {f"k{place}": value for place, value in enumerate(after)}


@lru_cache(maxsize=16)
def _slice_sql(source: Source, *, first: bool, newest: bool) -> LiteralString:
    columns = ", ".join(f"t.{name}" for name in source.keys)
    places = ", ".join(f"%(k{place})s" for place in range(len(source.keys)))
    beyond = "" if first else f" and ({columns}) > ({places})"
    if newest and source.arrived:
        beyond += f" and {source.arrived} >= %(since)s"
    return cast(
        "LiteralString",
        f"select {columns}, {source.day}, t.{source.sealed} from {source.table} as t{source.join}"
        f" where t.tenant_id = %(tenant)s{beyond} order by {columns} limit %(limit)s",
    )


def drop(tx: Tx, found: list[Copy]) -> dict[str, int]:
    """Delete raw rows; returns how many by table. What the door knows of an envelope is blanked, so that its digest says nothing."""
    counts: dict[str, int] = {}
    for source in SOURCES:
        keys = [copy.key for copy in found if copy.table == source.table]
        for key in keys:
            params: dict[str, Any] = {"tenant": tx.tenant_id, **_after(key)}
            where = " and ".join(f"t.{name} = %(k{place})s" for place, name in enumerate(source.keys))
            if source.table == "intake":
                tx.execute(_BLANK.format(where=where), params)
            counts[source.table] = counts.get(source.table, 0) + tx.execute(
                f"delete from {source.table} as t where t.tenant_id = %(tenant)s and {where}", params
            )
    return counts


_BLANK: Final = """
update intake_key as k set payload_hash = '' from intake as t
where k.tenant_id = %(tenant)s and t.tenant_id = %(tenant)s and {where} and k.source = t.source and k.external_id = t.external_id
"""

__all__ = ["SOURCES", "Copy", "Finder", "copies", "drop"]
