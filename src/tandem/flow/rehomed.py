"""A thing found its owner (a walk-in order's buyer became known): what hangs on its runs follows them into her bucket.

The runs themselves and what names its subject are moved by `stream.identity.rehome`, around which `reheard` lets them catch up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from tandem.flow.gate_tables import FlowTicket
from tandem.flow.tables import FlowArm, FlowDue, FlowMishap, FlowParked, FlowStepLog, HumanTask
from tandem.kernel.ids import bucket_of
from tandem.kernel.schema import Base
from tandem.kernel.turn import Turn


@dataclass(frozen=True, slots=True)
class _Carried:
    """A table whose rows name their run: which of them go along (SQL over `t`), and what becomes of columns (SQL over `g`)."""

    where: str
    values: tuple[tuple[str, str], ...] = ()


_BY_RUN: Final[dict[type[Base], _Carried]] = dict.fromkeys(
    (FlowDue, FlowParked, FlowStepLog, FlowMishap, FlowTicket, HumanTask), _Carried("true")
)
_RUNS: Final = (
    "t.run_id in (select r.id from flow_run r where r.bucket = %(to_bucket)s and r.tenant_id = %(tenant)s and r.subject_id = %(subject)s"
    " and r.subject_type = %(type)s)"
)


def carry(model: type[Base], *, where: str = "true", **values: str) -> None:
    """Let a room's rows, which name their run by `run_id` and its customer, move with the run.

    `where` (SQL over the row `t`) chooses what is still to be done: what somebody got already stays with her. `values` are columns that
    become something else, as SQL over the row `g`: what was decided for the former owner is decided anew.
    """
    _BY_RUN[model] = _Carried(where, tuple(sorted(values.items())))


def follow(turn: Turn, subject_type: str, subject: UUID, source: int, owner: UUID) -> None:
    """Move timers, logs, tasks and the arms of its experiments."""
    to = bucket_of(owner)
    params = turn.params(from_bucket=source, to_bucket=to, type=subject_type, subject=subject, owner=owner)
    for model, carried in _BY_RUN.items():
        turn.tx.execute(_move(model, f"{_RUNS} and {carried.where}", carried.values), params)
    turn.tx.execute(_move(FlowArm, "t.subject_id = %(subject)s"), params)


@lru_cache(maxsize=32)
def _move(model: type[Base], which: str, values: tuple[tuple[str, str], ...] = ()) -> str:
    table = model.metadata.tables[model.__tablename__]
    columns = [column.name for column in table.columns]
    given = {
        "bucket": "%(to_bucket)s::smallint",
        "customer_id": "%(owner)s::uuid",
        "origin_id": "coalesce(g.origin_id, %(owner)s::uuid)",
        **dict(values),
    }
    chosen = ", ".join(given.get(name, f"g.{name}") for name in columns)
    return (
        f"with gone as (delete from {table.name} t where t.bucket = %(from_bucket)s and t.tenant_id = %(tenant)s and {which}"
        f" and t.customer_id is distinct from %(owner)s returning t.*)"
        f" insert into {table.name} ({', '.join(columns)}) select {chosen} from gone g on conflict do nothing"
    )
