"""Envelopes that hold other records: a webhook's body, a page of a poller. Kept whole when they come, opened when they are resolved.

A room that takes such bodies registers how a kind of envelope is opened. An envelope that cannot be opened, or one of whose records is
refused, goes into quarantine as a whole: it is the thing a person can mend (its text, or its source's mapping) and replay. The records
that were sound are not taken twice, since each keeps its own outside id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.stream.door.isolation import not_tried, resolve_apart
from tandem.stream.door.kinds import DoorKinds, Refused
from tandem.stream.door.receive import forget, receive
from tandem.stream.door.understand import Interpreter, Understood
from tandem.stream.door.wire import Item, Problem
from tandem.stream.rights.suppression import without_erased

Opened = Sequence[Item | Refused]
Open = Callable[[Tx, Item], Opened]
"""`(tx, envelope)`: its records in order, a refusal where one cannot be read. An item's index is set by the caller."""

_opens: Final[dict[str, Open]] = {}
BATCH_MAX: Final = 1000


def register_envelope(kind: str, opens: Open) -> None:
    """Say how envelopes of a kind are opened; the same kind again replaces it."""
    _opens[kind] = opens


def is_envelope(item: Item) -> bool:
    """Whether a record is an envelope of other records."""
    return item.kind in _opens


@dataclass(slots=True)
class Unpacked:
    """What became of some envelopes. Problems carry the envelope's index; `erased` are indexes that name somebody who was erased."""

    problems: list[Problem] = field(default_factory=list[Problem])
    erased: set[int] = field(default_factory=set[int])
    accepted: int = 0
    updates: int = 0
    duplicates: int = 0


def resolve_envelopes(tx: Tx, keys: TenantKeys, kinds: DoorKinds, envelopes: Sequence[Item]) -> Unpacked:
    """Open envelopes and take in what they hold, in this transaction."""
    done = Unpacked()
    records: list[Item] = []
    whose: list[int] = []
    for envelope in envelopes:
        for one in _open(tx, envelope):
            if isinstance(one, Refused):
                done.problems.append(Problem(envelope.index, one.where, one.zh, one.en))
            else:
                records.append(msgspec.structs.replace(one, index=len(records)))
                whose.append(envelope.index)
    interpreter = Interpreter(kinds, keys, tx.tenant_id, tx.now)
    for start in range(0, len(records), BATCH_MAX):
        _take(tx, keys, interpreter, records[start : start + BATCH_MAX], whose, done)
    return done


def _open(tx: Tx, envelope: Item) -> Opened:
    try:
        return _opens[envelope.kind](tx, envelope)
    except Refused as refused:
        return (refused,)


def _take(
    tx: Tx, keys: TenantKeys, interpreter: Interpreter, records: Sequence[Item], whose: Sequence[int], done: Unpacked
) -> None:
    sound: list[Understood] = []
    problems: list[Problem] = []
    for item in records:
        read = interpreter.read(item)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            sound.append(read)
    known = without_erased(tx, keys, sound)
    kept = {id(record) for record in known}
    done.erased |= {whose[record.item.index] for record in sound if id(record) not in kept}
    received = receive(tx, known)
    resolved, rest = resolve_apart(tx, keys, received.fresh)
    unresolved = [*resolved.problems, *not_tried(rest)]
    failed = {problem.index for problem in unresolved}
    forget(tx, [record for record in received.fresh if record.item.index in failed])
    done.duplicates += received.duplicates + len(sound) - len(known)
    done.updates += received.updates
    done.accepted += len(received.fresh) - received.updates - len(failed)
    for problem in (*problems, *unresolved):
        record = records[problem.index - records[0].index]
        where = f"{record.kind} {record.external_id}: {problem.where.partition('.')[2]}"
        done.problems.append(Problem(whose[problem.index], where, problem.zh, problem.en))
