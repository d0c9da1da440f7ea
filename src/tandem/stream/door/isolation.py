"""Find the one record that breaks a batch in the database, so that it fails alone (ENGINE_RULES 17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import psycopg
import structlog

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError, Unavailable
from tandem.stream.door.entities import Beaten
from tandem.stream.door.resolve import Resolved, resolve
from tandem.stream.door.understand import Understood
from tandem.stream.door.wire import Problem

log = structlog.get_logger(__name__)

FAILURES_MAX: Final = 32
"""Bisection stops after so many failures in a batch: each costs a logarithm of the batch, and so many are hardly the records' fault."""
BEATEN_MAX: Final = 100
"""Once is rare. So often means that what stands in the way cannot be seen, and who tries for ever holds locks for ever."""
#: SQLSTATE classes that a record's own data can cause: data exception, integrity violation, raised by a function, too large.
_RECORDS_FAULT: Final = ("21", "22", "23", "44", "54", "P0")


def resolve_apart(tx: Tx, keys: TenantKeys, records: Sequence[Understood]) -> tuple[Resolved, list[Understood]]:
    """Resolve records; where that raises, halve them until the guilty ones stand alone, each with a problem and no effect.

    Also returns the records that were left when `FAILURES_MAX` had failed: nothing has become of them. Raises what is not a record's
    fault: the database going away, a lock, a cancelled statement, a defect of the tables.
    """
    whole = Resolved()
    rest: list[Understood] = []
    failed = beaten_for = 0
    parts = [records] if records else []
    while parts:
        part = parts.pop()
        if failed >= FAILURES_MAX:
            rest += part
            continue
        try:
            with tx.savepoint():
                resolved = resolve(tx, keys, part)
        except Beaten as beaten:
            beaten_for += 1
            if beaten_for > BEATEN_MAX:
                raise _too_busy() from beaten
            parts.append(part)  # whoever was quicker has committed: the next look finds what it made
        except (
            Exception
        ) as error:  # the edge of a record: rules of the database and of modules may refuse it in any way
            if not _may_be_a_records_fault(error):
                raise
            if len(part) > 1:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
                continue
            failed += 1
            whole.problems.append(_problem(tx, part[0], error))
        else:
            whole.events += resolved.events
            whole.problems += resolved.problems
            whole.customers_made += resolved.customers_made
    return whole, rest


def not_tried(records: Sequence[Understood]) -> list[Problem]:
    """Say of records that were left, where they cannot wait for another call, that they were not looked at."""
    return [
        Problem(
            record.item.index,
            record.item.place,
            f"同批已有 {FAILURES_MAX} 条失败，这条未处理",
            f"not tried: {FAILURES_MAX} others of its batch had failed",
        )
        for record in records
    ]


def _too_busy() -> Unavailable:
    return Unavailable(
        "door_contended",
        "其他来源正在写入同一批数据，请稍后重试。",
        "Others are writing the same things just now; try again shortly.",
    )


def _may_be_a_records_fault(error: Exception) -> bool:
    if isinstance(error, psycopg.Error):
        return error.sqlstate is not None and error.sqlstate.startswith(_RECORDS_FAULT)
    return not isinstance(error, Unavailable | MemoryError | OSError)


def _problem(tx: Tx, record: Understood, error: Exception) -> Problem:
    item = record.item
    zh, en = _reason(error)
    log.warning(
        "record_failed", tenant=str(tx.tenant_id), source=item.source, kind=item.kind, reason=en, exc_info=error
    )
    return Problem(item.index, f"{item.place}.payload", zh, en)


def _reason(error: Exception) -> tuple[str, str]:
    """What a person reads, in Chinese and English. Of the database only its primary message: the detail quotes values."""
    if isinstance(error, TandemError):
        return error.zh, error.en
    if isinstance(error, psycopg.Error):
        told = f"{error.sqlstate}: {error.diag.message_primary or type(error).__name__}"
        return f"数据库拒绝了这条记录：{told}", f"the database refused this record: {told}"
    told = type(error).__name__
    return f"处理这条记录时出错：{told}", f"this record could not be worked on: {told}"
