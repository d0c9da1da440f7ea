"""How accounts are doing: a light for each, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from tandem.catalog.label import Label
from tandem.connectors.kit.failures import LABELS, REMEDIES, Kind
from tandem.connectors.kit.registry import platforms
from tandem.kernel.db import Tx

Light = Literal["green", "yellow", "red", "grey"]
LATE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Row:
    """An account with what its light is judged by."""

    id: UUID
    connector: str
    source: str
    name: str
    status: str
    config: dict[str, Any]
    state: str
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    facts: dict[str, Any]
    problem: dict[str, Any] | None
    tasks: int
    failing: int
    worst: dict[str, Any] | None
    live_at: datetime | None
    waiting: int


# A task that waits for its next turn has read everything there was: a list that is read each hour is not late in between.
_ROWS: Final = """
select a.id, a.connector, a.source, a.name, a.status, a.config, coalesce(g.state, 'new') as state, g.expires_at, g.refresh_expires_at,
  coalesce(g.facts, '{}'::jsonb) as facts, g.problem, coalesce(t.tasks, 0)::int as tasks, coalesce(t.failing, 0)::int as failing, t.worst,
  t.live_at, (select count(*)::int from connector_want w where w.tenant_id = %(tenant)s and w.source = a.source) as waiting
from source_account a left join connector_grant g on g.tenant_id = %(tenant)s and g.account_id = a.id
left join lateral (
  select count(*) as tasks, count(*) filter (where problem is not null) as failing,
    (array_agg(problem order by failures desc) filter (where problem is not null))[1] as worst,
    min(case when next_at > now() then greatest(at, now()) else at end) filter (where purpose = 'live') as live_at
  from connector_task where tenant_id = %(tenant)s and account_id = a.id) t on true
where a.tenant_id = %(tenant)s and a.connector = any(%(connectors)s)
"""


def rows(tx: Tx, *, after: UUID | None = None, account: UUID | None = None, limit: int = 50) -> list[Row]:
    """Accounts of platforms, newest first."""
    return tx.all(
        Row,
        f"""{_ROWS} and (%(after)s::uuid is null or a.id < %(after)s::uuid) and (%(account)s::uuid is null or a.id = %(account)s::uuid)
        order by a.id desc limit %(limit)s""",
        {
            "tenant": tx.tenant_id,
            "connectors": list(platforms()),
            "after": after,
            "account": account,
            "limit": limit,
        },
    )


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it is shown."""

    resource: str
    purpose: str
    started_from: datetime
    at: datetime
    ends_at: datetime | None
    next_at: datetime
    last_ok_at: datetime | None
    done_at: datetime | None
    records: int
    found: int
    failures: int
    problem: dict[str, Any] | None


def tasks(tx: Tx, account: UUID) -> list[TaskRow]:
    """What an account is asked for."""
    return tx.all(
        TaskRow,
        """
        select resource, purpose, started_from, at, ends_at, next_at, last_ok_at, done_at, records, found, failures, problem
        from connector_task where tenant_id = %(tenant)s and account_id = %(account)s
        order by array_position(array['live', 'queue', 'backfill', 'sweep'], purpose), resource
        """,
        {"tenant": tx.tenant_id, "account": account},
    )


def percent(task: TaskRow) -> int | None:
    """How far a stretch of the past has come, by time; None where it has no end."""
    if task.ends_at is None or task.purpose == "sweep":
        return None
    whole = (task.ends_at - task.started_from).total_seconds()
    return 100 if task.done_at or whole <= 0 else int(100 * (task.at - task.started_from).total_seconds() / whole)


def light_of(row: Row, now: datetime, warning: timedelta) -> tuple[Light, Label]:
    """The light and its reason: the first of these that holds. Pure."""
    kind = _kind((row.worst or {}).get("kind"))
    ends = row.refresh_expires_at
    days = 0 if ends is None else max(0, (ends - now).days)
    broken: Light = "red" if kind in {"configuration", "authentication"} else "yellow"
    judged: tuple[tuple[bool, Light, Label], ...] = (
        (row.status == "paused", "grey", Label("已停用", "Switched off")),
        (row.state == "refused", "red", Label("授权失效，请重新授权", "The authorisation ended: authorise again")),
        (row.state == "new" and not row.tasks, "grey", Label("尚未完成连接", "Not connected yet")),
        (row.failing > 0, broken, LABELS[kind]),
        (
            ends is not None and ends - now < warning,
            "yellow",
            Label(f"授权将在 {days} 天后到期", f"The authorisation ends in {days} days"),
        ),
        (not row.tasks, "grey", Label("已授权，尚未开始同步", "Authorised, not started")),
        (row.live_at is not None and now - row.live_at > LATE, "yellow", Label("数据有延迟", "Running late")),
    )
    for holds, light, why in judged:
        if holds:
            return light, why
    return "green", Label("运行正常", "Working")


def problem_of(problem: dict[str, Any] | None) -> dict[str, Any] | None:
    """A stored problem with its title and remedy."""
    if problem is None:
        return None
    kind = _kind(problem.get("kind"))
    return {
        "kind": kind,
        "title": LABELS[kind],
        "told": str(problem.get("told") or ""),
        "platform_code": str(problem.get("code") or ""),
        "remedy": REMEDIES[kind],
    }


def _kind(text: Any) -> Kind:
    return text if text in LABELS else "transient"
