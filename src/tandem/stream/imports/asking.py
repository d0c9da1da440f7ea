"""What would happen: the door itself is asked, by the very steps an import takes, and everything is undone again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.service import Answer, accept
from tandem.stream.door.wire import Item, Parsed
from tandem.stream.imports import fields
from tandem.stream.imports.batch import Batch, Refusal, home
from tandem.stream.imports.files import FileRow
from tandem.stream.imports.rows import Line
from tandem.stream.keys import tenant_keys

ASKED_ROWS_MAX: Final = 2000
"""A file up to this is asked about whole; of a longer one the first rows are."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the door says to these rows. `people_made` counts customers nobody knew; `new` records, not rows."""

    rows: int
    records: int
    new: int
    updates: int
    duplicates: int
    people_made: int
    refused: list[tuple[int, str, str]]
    left_out: list[tuple[int, str, str]]
    """Rows that go in without some of their cells."""


class _EnoughError(Exception):
    """Undoes the trial."""


def ask(
    tx: Tx, kinds: DoorKinds, row: FileRow, mapping: fields.Mapping, rules: Sequence[str], lines: Sequence[Line]
) -> Forecast:
    """Ask the door about lines. Needs a transaction in the door's role; leaves nothing behind."""
    batch = Batch(row, mapping, frozenset(rules), tenant_keys(tx), ZoneInfo(tx.zone), tx.now, home(tx, tx.scope))
    batch.read(lines)
    batch.correct(tx)
    answer = _tried(tx, kinds, batch.items)
    batch.refuse(answer.refused)
    return Forecast(
        len(lines),
        len(batch.items),
        answer.accepted,
        answer.updates,
        answer.duplicates,
        answer.customers_made,
        _told(batch.refused),
        _told(batch.left_out),
    )


def _told(lines: Mapping[int, Refusal]) -> list[tuple[int, str, str]]:
    return sorted((number, one.zh, one.en) for number, one in lines.items())


def _tried(tx: Tx, kinds: DoorKinds, items: list[Item]) -> Answer:
    answer = Answer()
    try:
        with tx.savepoint():
            answer = accept(tx, kinds, Parsed(items, [], {}), partial=True, keep_refused=False)
            raise _EnoughError  # noqa: TRY301  # the only way out of a savepoint that undoes it
    except _EnoughError:
        return answer
