"""Lines on their way to the door, and the door's problems on their way back to the lines. Shared by preview and import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tandem.catalog.label import Label
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Scope, Tx
from tandem.stream.door.reach import codes
from tandem.stream.door.understand import hash_of
from tandem.stream.door.wire import Item, Problem
from tandem.stream.imports import cleaning, records
from tandem.stream.imports.fields import Mapping, called
from tandem.stream.imports.files import FileRow
from tandem.stream.imports.records import BadCell, Omission
from tandem.stream.imports.rows import Line
from tandem.stream.projection import BACKFILL
from tandem.stream.rows import to_json


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken, as it came, and why."""

    line: Line
    zh: str
    en: str


def home(tx: Tx, scope: Scope) -> str | None:
    """The code of the only shop that a scope reaches, if it is one."""
    if scope.kind == "all" or len(scope.store_ids) != 1:
        return None
    return next(iter(codes(tx, scope)), None)


@dataclass(slots=True)
class Batch:
    """Lines as records. `began` is when the import was started, in business time: what a file says of a person, it says as of then."""

    row: FileRow
    mapping: Mapping
    rules: frozenset[str]
    keys: TenantKeys
    zone: ZoneInfo
    began: datetime
    home: str | None = None
    """The shop of records that name none, where their sender reaches only this one."""
    items: list[Item] = field(default_factory=list[Item])
    refused: dict[int, Refusal] = field(default_factory=dict[int, Refusal])
    left_out: dict[int, Refusal] = field(default_factory=dict[int, Refusal])
    """Lines that are taken without some of their cells, unless they are refused in the end."""
    _lines: list[list[Line]] = field(default_factory=list[list[Line]])
    _as_they_came: dict[int, Line] = field(default_factory=dict[int, Line])

    def read(self, lines: Sequence[Line]) -> None:
        """Clean the lines and make records of them; what cannot be one is refused."""
        self._as_they_came |= {line.number: line for line in lines}
        mapping, cleaned = cleaning.clean_lines(self.rules, self.mapping, lines)
        if cleaning.ONCE in self.rules:
            cleaned = self._once(cleaned)
        for together in records.group(self.row.kind, mapping, cleaned):
            how = records.Reading(self.zone, self.began.date(), cleaning.STRICT in self.rules)
            try:
                payload = records.payload(self.row.kind, mapping, together, how)
                if self.home is not None:
                    payload.setdefault("store", self.home)
                self._add(mapping, together, payload)
            except BadCell as bad:
                told = called(self.row.kind, bad.field)
                self._refuse(together, f"{told.zh}：{bad.zh}", f"{told.en}: {bad.en}")
            else:
                self._note(together[0], how.left)

    def _once(self, lines: Sequence[Line]) -> list[Line]:
        """The lines without those that repeat an earlier one; each of these is noted."""
        seen: dict[tuple[str, ...], Line] = {}
        for line in lines:
            first = seen.setdefault(tuple(line.cells), line)
            if first is not line:
                told = f"与第 {first.number} 行完全相同，只算一次", f"exactly like row {first.number}: counts once"
                self.left_out[line.number] = Refusal(self._as_they_came[line.number], *told)
        return list(seen.values())

    def _note(self, line: Line, left: Sequence[Omission]) -> None:
        if left:
            named = [(called(self.row.kind, one.field), one) for one in left]
            zh = "；".join(f"{told.zh}：{one.zh}，已略去" for told, one in named)
            en = "; ".join(f"{told.en}: {one.en}, left out" for told, one in named)
            self.left_out[line.number] = Refusal(self._as_they_came[line.number], zh[:1000], en[:1000])

    def _add(self, mapping: Mapping, together: list[Line], payload: dict[str, Any]) -> None:
        first = together[0]
        if self.row.kind == "order":
            when = datetime.fromisoformat(payload["paid_at"] or payload["placed_at"])
            external = payload["order_id"]
        else:
            # A later row of the file says it later, whichever piece is taken in first.
            when = self.began + timedelta(microseconds=first.number)
            external = self._external_id(mapping, first, payload)
        body = to_json(payload).encode()
        self.items.append(Item(len(self._lines), self.row.source, external[:200], self.row.kind, when, BACKFILL, body))
        self._lines.append(together)

    def correct(self, tx: Tx) -> None:
        """Say of orders that came before and now look different that this is how they are as of the import, so that it counts."""
        if self.row.kind != "order" or not self.items:
            return
        known = dict(
            tx.cursor(
                """
                select external_id, payload_hash from intake_key
                where tenant_id = %(tenant)s and source = %(source)s and external_id = any(%(ids)s::text[])
                """,
                {"tenant": tx.tenant_id, "source": self.row.source, "ids": [item.external_id for item in self.items]},
            )
        )
        self.items = (
            [
                self._as_of_now(item) if known.get(item.external_id, hash_of(item)) != hash_of(item) else item
                for item in self.items
            ]
            if known
            else self.items
        )

    def _as_of_now(self, item: Item) -> Item:
        payload = msgspec.json.decode(item.payload, type=dict[str, Any])
        return msgspec.structs.replace(
            item, payload=to_json({**payload, "modified_at": self.began.isoformat()}).encode()
        )

    def _external_id(self, mapping: Mapping, line: Line, payload: dict[str, Any]) -> str:
        """A stable id, so that the same file again is no news; never the identifier itself, which is personal."""
        given = line.get(mapping, "external_id")
        if given:
            return given
        known = payload["identifiers"]
        return (
            self.keys.blind("import", known[0]["kind"], known[0]["value"]).hex()
            if known
            else f"{self.row.id}:{line.number}"
        )

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Take back what the door would not have."""
        for problem in problems:
            told = self._where(problem)
            zh = f"{told.zh}：{problem.zh}" if told else problem.zh
            en = f"{told.en}: {problem.en}" if told else problem.en
            self._refuse(self._lines[problem.index], zh, en)

    def _where(self, problem: Problem) -> Label | None:
        """The column a problem is about, as the person calls it: the door speaks of places in a payload."""
        name, _, rest = problem.where.partition("payload.")[2].partition("[")
        number = rest.partition("]")[0]
        if name == "identifiers" and number.isdecimal():
            item = next(one for one in self.items if one.index == problem.index)
            name = msgspec.json.decode(item.payload)["identifiers"][int(number)]["kind"]
        elif name == "lines" and rest.partition("].")[2]:
            name = rest.partition("].")[2]
        elif name == "identifiers":
            return None
        return called(self.row.kind, name.partition(".")[0]) if name else None

    def _refuse(self, together: Sequence[Line], zh: str, en: str) -> None:
        for line in together:
            self.left_out.pop(line.number, None)
            self.refused.setdefault(line.number, Refusal(self._as_they_came[line.number], zh[:1000], en[:1000]))
