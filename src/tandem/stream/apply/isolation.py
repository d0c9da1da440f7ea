"""Find the one event that breaks a batch, so that it fails alone (ENGINE_RULES 17)."""

import re
from collections.abc import Callable, Sequence
from typing import Final

import psycopg

from tandem.kernel.errors import TandemError
from tandem.kernel.turn import Turn
from tandem.stream.apply import store
from tandem.stream.projection import AppliedEvent, Failure

FAILURES_MAX: Final = 32
"""Bisection stops after so many failures in a turn: each costs a logarithm of the batch, and a turn is bounded."""
_REASON_CHARACTERS_MAX: Final = 500
_NOT_TEXT: Final = re.compile("[\x00-\x1f]+")

Work = Callable[[Sequence[AppliedEvent]], None]


def settle(
    turn: Turn,
    events: Sequence[AppliedEvent],
    work: Work,
    failures: list[Failure],
) -> tuple[list[AppliedEvent], list[AppliedEvent]]:
    """Do ``work`` on logged events; when it raises, halve them until the guilty ones stand alone, each part logged with its own work.

    Appends the guilty to ``failures``; returns the events that were worked on and, once there are ``FAILURES_MAX`` failures, the rest:
    neither the guilty nor the rest are in the log any more. The order of the events is kept. Raises what is not the events' fault:
    the database going away, a lock, a cancelled statement.
    """
    reason = _attempt(turn, events, work) if events else None
    if reason is None:
        return list(events), []
    store.unlog(turn, events)
    if len(events) == 1:
        failures.append(Failure(events[0], reason))
        return [], []
    return _bisect(turn, events, work, failures)


def _bisect(
    turn: Turn,
    events: Sequence[AppliedEvent],
    work: Work,
    failures: list[Failure],
) -> tuple[list[AppliedEvent], list[AppliedEvent]]:
    done: list[AppliedEvent] = []
    rest: list[AppliedEvent] = []
    parts = _halves(events)

    def logged(part: Sequence[AppliedEvent]) -> None:
        store.log(turn, part)
        work(part)

    while parts:
        part = parts.pop()
        if len(failures) >= FAILURES_MAX:
            rest += part
            continue
        reason = _attempt(turn, part, logged)
        if reason is None:
            done += part
        elif len(part) == 1:
            failures.append(Failure(part[0], reason))
        else:
            parts += _halves(part)
    return done, rest


def _halves(part: Sequence[AppliedEvent]) -> list[Sequence[AppliedEvent]]:
    """The later half first: parts are taken from the end."""
    half = len(part) // 2
    return [part[half:], part[:half]]


def _attempt(turn: Turn, part: Sequence[AppliedEvent], work: Work) -> str | None:
    try:
        with turn.tx.savepoint():
            work(part)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise  # the machine's trouble, not the event's: the whole turn is tried again
    except Exception as error:  # noqa: BLE001 - contributed code may raise anything; the reason is kept with the event
        return reason_of(error)
    return None


def reason_of(error: Exception) -> str:
    """Say in one line why an event could not be applied: the stable code and sentence of ours, or the kind of anything else."""
    if isinstance(error, TandemError):
        text = f"{error.code}: {error.zh} / {error.en}"
    elif isinstance(error, psycopg.Error):
        # The primary message only: the detail line quotes row values, which may be personal.
        text = f"{error.sqlstate}: {error.diag.message_primary or type(error).__name__}"
    else:
        text = f"{type(error).__name__}: {error}"
    return _NOT_TEXT.sub(" ", text)[:_REASON_CHARACTERS_MAX]
