"""Running an import: a piece per transaction, through the ordinary door, as history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel import jobs
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.jobs import JobRun
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.service import Answer, accept
from tandem.stream.door.wire import Item, Parsed, Problem
from tandem.stream.imports import records
from tandem.stream.imports.files import FileRow, get, open_piece
from tandem.stream.imports.records import BadCell, Line
from tandem.stream.keys import day_key, tenant_keys
from tandem.stream.projection import BACKFILL
from tandem.stream.rows import to_json


def handler(kinds: Callable[[], DoorKinds]) -> jobs.Handler:
    """What the worker runs for an import's job: a piece per transaction, from the last checkpoint."""

    def run(job: JobRun) -> Mapping[str, Any]:
        import_id = UUID(job.payload["import_id"])
        with job.tx() as tx:
            row = get(tx, import_id)
        done = int(job.checkpoint.get("rows", 0))
        for number in range(int(job.checkpoint.get("piece", 0)), row.pieces):
            with job.tx() as tx:
                done += _run_piece(tx, kinds(), row, number)
                job.report(tx, done, checkpoint={"piece": number + 1, "rows": done})
        return {"rows": done}

    return run


def _run_piece(tx: Tx, kinds: DoorKinds, row: FileRow, number: int) -> int:
    """Take one piece in through the ordinary door, as history, and let go of it; returns its rows."""
    keys = tenant_keys(tx)
    lines = open_piece(tx, keys, row, number)
    batch = _Batch(row, keys, ZoneInfo(tx.zone), tx.machine_now)
    batch.read(lines)
    answer = accept(tx, kinds, Parsed(batch.items, [], {}), partial=True, keep_refused=False)
    batch.refuse(answer.refused)
    _keep_refused(tx, keys, row, batch.refused)
    _count(tx, row, answer, len(batch.refused))
    tx.execute(
        "delete from import_piece where tenant_id = %(tenant)s and import_id = %(import)s and number = %(number)s",
        {"tenant": tx.tenant_id, "import": row.id, "number": number},
    )
    return len(lines)


@dataclass(slots=True)
class _Batch:
    """A piece on its way from lines to records."""

    row: FileRow
    keys: TenantKeys
    zone: ZoneInfo
    now: datetime
    items: list[Item] = field(default_factory=list[Item])
    refused: dict[int, tuple[Line, str, str]] = field(default_factory=dict[int, tuple[Line, str, str]])
    _lines: list[list[Line]] = field(default_factory=list[list[Line]])

    def read(self, lines: Sequence[Line]) -> None:
        for together in records.group(self.row.kind, self.row.mapping, lines):
            try:
                self._add(together, records.payload(self.row.kind, self.row.mapping, together, self.zone))
            except BadCell as bad:
                self._refuse(together, bad.zh, bad.en)

    def _add(self, together: list[Line], payload: dict[str, Any]) -> None:
        # Only an order's own time says when it happened; what a file knows of a person is known now.
        when = (
            datetime.fromisoformat(payload["paid_at"] or payload["placed_at"]) if self.row.kind == "order" else self.now
        )
        external = payload["order_id"] if self.row.kind == "order" else self._external_id(together[0], payload)
        body = to_json(payload).encode()
        self.items.append(Item(len(self._lines), self.row.source, external[:200], self.row.kind, when, BACKFILL, body))
        self._lines.append(together)

    def _external_id(self, line: Line, payload: dict[str, Any]) -> str:
        """A stable id, so that the same file again is no news; never the identifier itself, which is personal."""
        given = line.get(self.row.mapping, "external_id")
        if given:
            return given
        known = payload["identifiers"]
        return (
            self.keys.blind("import", known[0]["kind"], known[0]["value"]).hex()
            if known
            else f"{self.row.id}:{line.number}"
        )

    def refuse(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            where = problem.where.partition("payload.")[2]
            prefix = f"{where}：" if where else ""
            self._refuse(self._lines[problem.index], f"{prefix}{problem.zh}", f"{prefix}{problem.en}")

    def _refuse(self, together: Sequence[Line], zh: str, en: str) -> None:
        for line in together:
            self.refused.setdefault(line.number, (line, zh, en))


def _keep_refused(tx: Tx, keys: TenantKeys, row: FileRow, refused: Mapping[int, tuple[Line, str, str]]) -> None:
    key = day_key(tx, keys, row.key_day)
    rows = [
        {"n": number, "c": keys.seal(key, to_json(line.cells)), "z": zh[:1000], "e": en[:1000]}
        for number, (line, zh, en) in refused.items()
    ]
    if rows:
        tx.execute(
            """
            insert into import_refusal (tenant_id, import_id, row_no, row_enc, zh, en)
            select %(tenant)s, %(import)s, r.n, decode(r.c, 'base64'), r.z, r.e
            from jsonb_to_recordset(%(rows)s::jsonb) as r(n int, c text, z text, e text)
            on conflict do nothing
            """,
            {"tenant": tx.tenant_id, "import": row.id, "rows": to_json(rows)},
        )


def _count(tx: Tx, row: FileRow, answer: Answer, refused: int) -> None:
    tx.execute(
        """
        update import_file set accepted = accepted + %(accepted)s, duplicates = duplicates + %(duplicates)s,
                               updates = updates + %(updates)s, refused = refused + %(refused)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "accepted": answer.accepted,
            "duplicates": answer.duplicates,
            "updates": answer.updates,
            "refused": refused,
            "tenant": tx.tenant_id,
            "id": row.id,
        },
    )
