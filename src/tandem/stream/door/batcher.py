"""Small calls that arrive together share one transaction, so that a busy till pays for a commit once, not once per receipt.

Nobody waits for company: a call that finds no flush under way is flushed at once, and what arrives meanwhile goes in the next flush.
Each call still stands or falls alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final
from uuid import UUID

import psycopg

from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import TandemError
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.receive import keep, receive
from tandem.stream.door.resolve import resolve
from tandem.stream.door.service import Answer, accept, understand
from tandem.stream.door.understand import Interpreter, Understood
from tandem.stream.door.wire import Parsed, refusal
from tandem.stream.keys import tenant_keys
from tandem.stream.rights.suppression import without_erased

SMALL_RECORDS_MAX: Final = 50
"""A call of more records is a batch already."""
FLUSH_CALLS_MAX: Final = 100


@dataclass(slots=True)
class _Call:
    """A caller's records and what became of them. `leads`: this caller has been handed the next flush."""

    parsed: Parsed
    ready: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answer: Answer | None = None
    error: BaseException | None = None


class _Spoilt(Exception):
    """One call cannot be resolved, which is only known inside the shared transaction: each goes by itself."""


class Batcher:
    """The shared flushes of one process, one line per tenant."""

    def __init__(self, kinds: Callable[[], DoorKinds]) -> None:
        self._kinds = kinds
        self._lock = threading.Lock()
        self._waiting: dict[UUID, list[_Call]] = {}

    def submit(self, db: Database, tenant: UUID, parsed: Parsed) -> Answer:
        """Take a small call in, with whatever arrived beside it. Raises what `accept` raises."""
        call = _Call(parsed)
        with self._lock:
            line = self._waiting.get(tenant)
            if line is None:
                self._waiting[tenant] = []
                call.leads = True
            else:
                line.append(call)
        if not call.leads:
            call.ready.wait()
        if call.leads:
            self._lead(db, tenant, call)
        if call.error is not None:
            raise call.error
        if call.answer is None:
            message = "a flushed call has an answer or an error"
            raise AssertionError(message)
        return call.answer

    def _lead(self, db: Database, tenant: UUID, own: _Call) -> None:
        """Flush our own call and those that wait, then hand the lead to the first of those that came meanwhile."""
        with self._lock:
            line = self._waiting[tenant]
            calls = [own, *line[:FLUSH_CALLS_MAX]]
            del line[:FLUSH_CALLS_MAX]
        try:
            _flush(db, tenant, self._kinds(), calls)
        except BaseException as error:
            for call in calls:
                call.error = call.error or (None if call.answer else error)
            raise
        finally:
            for call in calls[1:]:
                call.ready.set()
            self._hand_over(tenant)

    def _hand_over(self, tenant: UUID) -> None:
        with self._lock:
            line = self._waiting[tenant]
            if not line:
                del self._waiting[tenant]
                return
            following = line.pop(0)
        following.leads = True
        following.ready.set()


def _flush(db: Database, tenant: UUID, kinds: DoorKinds, calls: Sequence[_Call]) -> None:
    if len(calls) > 1:
        try:
            with db.tx("door", tenant=tenant) as tx:
                _together(tx, kinds, calls)
        except (_Spoilt, TandemError, psycopg.Error):
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
