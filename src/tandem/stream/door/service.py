"""The door's use cases: accept a call at once, take an envelope for later, resolve what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.stream.door import quarantine
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.receive import forget, keep, receive
from tandem.stream.door.resolve import resolve
from tandem.stream.door.understand import Interpreter, Understood
from tandem.stream.door.wire import Parsed, Problem, refusal
from tandem.stream.keys import tenant_keys

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


def accept(tx: Tx, kinds: DoorKinds, parsed: Parsed, *, partial: bool = False, keep_refused: bool = True) -> Answer:
    """Receive and resolve records in this transaction, which the caller commits.

    Without `partial`, one bad record refuses all: raises InvalidInput with up to 100 places, and nothing is written. With it, bad ones
    are counted in `refused` and, unless `keep_refused` is off, kept in quarantine.
    """
    keys = tenant_keys(tx)
    sound, problems = understand(Interpreter(kinds, keys, tx.tenant_id, tx.now), parsed)
    _refuse(problems, partial=partial)
    answer = Answer()
    for start in range(0, len(sound), BATCH_MAX):
        received = receive(tx, sound[start : start + BATCH_MAX])
        keep(tx, keys, received.fresh)
        resolved = resolve(tx, keys, received.fresh)
        _refuse(resolved.problems, partial=partial)
        problems += resolved.problems
        unresolved = {problem.index for problem in resolved.problems}
        forget(tx, [record for record in received.fresh if record.item.index in unresolved])
        answer.duplicates += received.duplicates
        answer.updates += received.updates
        answer.accepted += len(received.fresh) - received.updates - len(resolved.problems)
        answer.events += len(resolved.events)
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
    item = quarantine.take(tx, keys, record_id)
    answer = accept(tx, kinds, Parsed([item], [], {}), partial=True, keep_refused=False)
    quarantine.settle(tx, record_id, answer.refused)
    return answer
