"""The door's use cases: accept a call at once, take an envelope for later, resolve what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.quarantine import put_aside
from tandem.stream.door.receive import keep, receive
from tandem.stream.door.resolve import resolve
from tandem.stream.door.understand import Interpreter, Understood
from tandem.stream.door.wire import Item, Parsed, Problem, refusal
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


def accept(tx: Tx, kinds: DoorKinds, parsed: Parsed, *, partial: bool = False, quarantine: bool = True) -> Answer:
    """Receive and resolve records in this transaction, which the caller commits.

    Without `partial`, one bad record refuses all: raises InvalidInput with up to 100 places, and nothing is written. With it, bad ones
    are counted in `refused` and, unless `quarantine` is off, kept in quarantine.
    """
    keys = tenant_keys(tx)
    interpreter = Interpreter(kinds, keys, tx.tenant_id, tx.now)
    sound: list[Understood] = []
    problems = list(parsed.problems)
    for item in parsed.items:
        read = interpreter.read(item)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            sound.append(read)
    _refuse(problems, partial=partial)
    answer = Answer()
    for start in range(0, len(sound), BATCH_MAX):
        received = receive(tx, sound[start : start + BATCH_MAX])
        keep(tx, keys, received.fresh)
        resolved = resolve(tx, keys, received.fresh)
        _refuse(resolved.problems, partial=partial)
        problems += resolved.problems
        answer.duplicates += received.duplicates
        answer.updates += received.updates
        answer.accepted += len(received.fresh) - received.updates - len(resolved.problems)
        answer.events += len(resolved.events)
    if problems and quarantine:
        put_aside(tx, keys, parsed, problems)
    answer.refused = sorted(problems, key=lambda problem: problem.index)
    return answer


def _refuse(problems: Sequence[Problem], *, partial: bool) -> None:
    if problems and not partial:
        raise refusal(sorted(problems, key=lambda problem: problem.index))


def items_by_index(parsed: Parsed) -> dict[int, Item]:
    """The records of a call by their place in it."""
    return {item.index: item for item in parsed.items}
