"""The door's use cases: accept a call at once, take an envelope for later, resolve what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tandem.kernel.db import Scope, Tx
from tandem.stream.door import quarantine
from tandem.stream.door.envelopes import is_envelope, resolve_envelopes
from tandem.stream.door.isolation import not_tried, resolve_apart
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.reach import beyond
from tandem.stream.door.receive import forget, keep, receive
from tandem.stream.door.understand import Interpreter, Understood
from tandem.stream.door.wire import Item, Parsed, Problem, refusal
from tandem.stream.events import NewEvent
from tandem.stream.keys import tenant_keys
from tandem.stream.rights.suppression import without_erased

REPLAY_MAX: Final = 500
"""Quarantined records tried again in one transaction."""
BATCH_MAX: Final = 1000
"""Records per set of statements: large enough to share their cost, small enough to keep JSON documents and locks short."""


@dataclass(slots=True)
class Answer:
    """What became of a call's records."""

    accepted: int = 0
    duplicates: int = 0
    updates: int = 0
    refused: list[Problem] = field(default_factory=list[Problem])
    events: int = 0
    emitted: list[NewEvent] = field(default_factory=list[NewEvent])
    """What was filed in the inboxes, for callers that keep account of it."""
    customers_made: int = 0


def accept(
    tx: Tx,
    kinds: DoorKinds,
    parsed: Parsed,
    *,
    partial: bool = False,
    keep_refused: bool = True,
    scope: Scope | None = None,
) -> Answer:
    """Receive and resolve records in this transaction, which the caller commits. `scope`: the sender's, where it is not the transaction's.

    Without `partial`, one bad record refuses all: raises InvalidInput with up to 100 places, and nothing is written. With it, bad ones
    are counted in `refused` and, unless `keep_refused` is off, kept in quarantine.
    """
    keys = tenant_keys(tx)
    sound, problems = understand(Interpreter(kinds, keys, tx.tenant_id, tx.now), parsed)
    if strange := beyond(tx, scope or tx.scope, sound):
        told = {problem.index for problem in strange}
        sound, problems = [record for record in sound if record.item.index not in told], [*problems, *strange]
    _refuse(problems, partial=partial)
    known = without_erased(tx, keys, sound)
    # Whom somebody asked to be forgotten is told to the sender as nothing new, which it is not to learn more from.
    answer = Answer(duplicates=len(sound) - len(known))
    sound = known
    for start in range(0, len(sound), BATCH_MAX):
        received = receive(tx, sound[start : start + BATCH_MAX])
        keep(tx, keys, received.fresh)
        resolved, rest = resolve_apart(tx, keys, received.fresh)
        resolved.problems += not_tried(rest)
        _refuse(resolved.problems, partial=partial)
        problems += resolved.problems
        unresolved = {problem.index for problem in resolved.problems}
        if unresolved:
            forget(tx, [record for record in received.fresh if record.item.index in unresolved])
        answer.duplicates += received.duplicates
        answer.updates += received.updates
        answer.accepted += len(received.fresh) - received.updates - len(resolved.problems)
        answer.events += len(resolved.events)
        answer.emitted += resolved.events
        answer.customers_made += resolved.customers_made
    if problems and keep_refused:
        quarantine.put_aside(tx, keys, parsed, problems)
    answer.refused = sorted(problems, key=lambda problem: problem.index)
    return answer


def understand(interpreter: Interpreter, parsed: Parsed) -> tuple[list[Understood], list[Problem]]:
    """What the sound records mean, and everything that is wrong with the others."""
    sound: list[Understood] = []
    problems = list(parsed.problems)
    for item in parsed.items:
        read = interpreter.read(item)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            sound.append(read)
    return sound, problems


def _refuse(problems: Sequence[Problem], *, partial: bool) -> None:
    if problems and not partial:
        raise refusal(sorted(problems, key=lambda problem: problem.index))


def replay(tx: Tx, kinds: DoorKinds, record_id: UUID) -> Answer:
    """Try a quarantined record again, as history (ENGINE_RULES 11). Still refused, it stays with its new reasons.

    Raises NotFound for an unknown record, Conflict for one that was replayed already or whose very frame is broken.
    """
    keys = tenant_keys(tx)
    answer = _again(tx, kinds, [quarantine.take(tx, keys, record_id)])
    quarantine.settle(tx, record_id, answer.refused)
    return answer


def _again(tx: Tx, kinds: DoorKinds, items: list[Item]) -> Answer:
    """Take records and envelopes of records in once more; problems carry the index of what was given."""
    unpacked = resolve_envelopes(tx, tenant_keys(tx), kinds, [item for item in items if is_envelope(item)])
    plain = Parsed([item for item in items if not is_envelope(item)], [], {})
    answer = accept(tx, kinds, plain, partial=True, keep_refused=False)
    answer.accepted += unpacked.accepted
    answer.updates += unpacked.updates
    answer.duplicates += unpacked.duplicates
    answer.refused += unpacked.problems
    return answer


@dataclass(frozen=True, slots=True)
class Replayed:
    """A round over the quarantine: how many records were taken, how many stay with new reasons, after which id the next round begins."""

    taken: int
    refused: int
    following: UUID | None


def replay_open(
    tx: Tx,
    kinds: DoorKinds,
    after: UUID | None,
    *,
    source: str | None = None,
    reason: str | None = None,
    upto: UUID | None = None,
) -> Replayed:
    """Try the next `REPLAY_MAX` open records after this id again, oldest first, as `replay` does; `following` is None at the end."""
    keys = tenant_keys(tx)
    ids, items = quarantine.take_open(tx, keys, after=after, limit=REPLAY_MAX, source=source, reason=reason, upto=upto)
    if not items:
        return Replayed(0, 0, None)
    answer = _again(tx, kinds, items)
    reasons: dict[int, list[Problem]] = {}
    for problem in answer.refused:
        reasons.setdefault(problem.index, []).append(problem)
    for index, record_id in enumerate(ids):
        quarantine.settle(tx, record_id, reasons.get(index, ()))
    following = ids[-1] if len(ids) == REPLAY_MAX else None
    return Replayed(len(ids) - len(reasons), len(reasons), following)
