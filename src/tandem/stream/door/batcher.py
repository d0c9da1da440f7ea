"""Small calls that arrive together share one transaction (``stream.flushes``). Each call still stands or falls alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final
from uuid import UUID

import psycopg

from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import TandemError
from tandem.stream.door.entities import Beaten
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.receive import keep, receive
from tandem.stream.door.resolve import resolve
from tandem.stream.door.service import Answer, accept, understand
from tandem.stream.door.understand import Interpreter, Understood
from tandem.stream.door.wire import Parsed, refusal
from tandem.stream.flushes import Flushes
from tandem.stream.keys import tenant_keys
from tandem.stream.rights.suppression import without_erased

SMALL_RECORDS_MAX: Final = 50
"""A call of more records is a batch already."""
FLUSH_CALLS_MAX: Final = 100


@dataclass(slots=True)
class _Call:
    """A caller's records and what became of them."""

    db: Database
    parsed: Parsed
    answer: Answer | None = None
    error: BaseException | None = None


class _Spoilt(Exception):
    """One call cannot be resolved, which is only known inside the shared transaction: each goes by itself."""


class Batcher:
    """The shared flushes of one process, one line per tenant."""

    def __init__(self, kinds: Callable[[], DoorKinds]) -> None:
        self._kinds = kinds
        self.flushes: Flushes[_Call] = Flushes(self._write, FLUSH_CALLS_MAX)

    def submit(self, db: Database, tenant: UUID, parsed: Parsed) -> Answer:
        """Take a small call in, with whatever arrived beside it. Raises what `accept` raises."""
        call = _Call(db, parsed)
        self.flushes.submit(tenant, call)
        if call.answer is None:
            message = "a flushed call has an answer or an error"
            raise AssertionError(message)
        return call.answer

    def _write(self, tenant: UUID, calls: Sequence[_Call]) -> list[BaseException | None]:
        try:
            _flush(calls[0].db, tenant, self._kinds(), calls)
        except BaseException as error:  # noqa: BLE001 - raised by those callers who have no answer yet
            return [call.error or (None if call.answer else error) for call in calls]
        return [call.error for call in calls]


def _flush(db: Database, tenant: UUID, kinds: DoorKinds, calls: Sequence[_Call]) -> None:
    if len(calls) > 1:
        try:
            with db.tx("door", tenant=tenant) as tx:
                _together(tx, kinds, calls)
        except (_Spoilt, Beaten, TandemError, psycopg.Error):
            for call in calls:
                call.answer = call.error = None
        else:
            return
    for call in calls:
        try:
            with db.tx("door", tenant=tenant) as tx:
                call.answer = accept(tx, kinds, call.parsed)
        except (TandemError, psycopg.Error) as error:
            call.error = error


def _together(tx: Tx, kinds: DoorKinds, calls: Sequence[_Call]) -> None:
    keys = tenant_keys(tx)
    interpreter = Interpreter(kinds, keys, tx.tenant_id, tx.now)
    sound: list[Understood] = []
    whose: dict[int, Answer] = {}
    for call in calls:
        records, problems = understand(interpreter, call.parsed)
        if problems:
            call.error = refusal(problems)
            continue
        call.answer = Answer(duplicates=len(records))
        whose |= {id(record): call.answer for record in records}
        sound += records
    if not all(one is other for one, other in zip_longest(sound, without_erased(tx, keys, sound))):
        raise _Spoilt  # somebody in it was erased: each call goes its own way
    received = receive(tx, sound)
    keep(tx, keys, received.fresh)
    if resolve(tx, keys, received.fresh).problems:
        raise _Spoilt
    for record in received.fresh:
        answer = whose[id(record)]
        answer.duplicates -= 1
        answer.updates += record.version > 1
        answer.accepted += record.version == 1
