"""The review queue: pairs that wait for a person, alike ones together, and what the tenant's rules are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.identity.portraits import read_rules
from tandem.stream.identity.rules import OPTIONAL, Rules
from tandem.stream.identity.side_by_side import Asked
from tandem.stream.rows import to_json

AT_ONCE_MAX: Final = 500

# Both living, and both seen by the person: the joins run under row-level security, so the buckets come first, as in `identity.stuck`.
_OPEN: Final = """
from merge_review as r
cross join lateral (select tandem_bucket(r.a_id) as a, tandem_bucket(r.b_id) as b offset 0) as h
join customer as a on a.bucket = h.a and a.tenant_id = r.tenant_id and a.id = r.a_id and a.merged_into is null
join customer as b on b.bucket = h.b and b.tenant_id = r.tenant_id and b.id = r.b_id and b.merged_into is null
where r.tenant_id = %(tenant)s and r.status = 'open' and (%(pattern)s::text is null or r.pattern = %(pattern)s)
"""


def pairs(tx: Tx, *, after: tuple[UUID, UUID] | None, limit: int, pattern: str | None = None) -> list[Asked]:
    """Pairs that wait for a person."""
    a, b = after or (None, None)
    return tx.all(
        Asked,
        f"""
        select r.a_id, r.b_id, r.reason, r.pattern, r.evidence, r.filed_at {_OPEN}
          and (%(a)s::uuid is null or (r.a_id, r.b_id) > (%(a)s::uuid, %(b)s::uuid))
        order by r.a_id, r.b_id limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "a": a, "b": b, "limit": limit, "pattern": pattern},
    )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Pairs with the same evidence: how many wait, and one of them."""

    pattern: str
    reason: str
    count: int
    evidence: dict[str, object]


def patterns(tx: Tx) -> list[Pattern]:
    """What waits, by evidence, the most first."""
    return tx.all(
        Pattern,
        f"""
        select r.pattern, min(r.reason) as reason, count(*) as count, (array_agg(r.evidence order by r.a_id, r.b_id))[1] as evidence {_OPEN}
        group by r.pattern order by count(*) desc, r.pattern limit 50
        """,
        {"tenant": tx.tenant_id, "pattern": None},
    )


def keep_alike_apart(tx: Tx, pattern: str) -> int:
    """Settle for every pair with this evidence (at most `AT_ONCE_MAX`) that they are two people; returns how many."""
    alike = pairs(tx, after=None, limit=AT_ONCE_MAX, pattern=pattern)
    rows = [{"a": pair.a_id, "b": pair.b_id} for pair in alike]
    if rows:
        tx.execute(
            """
            update merge_review as r set status = 'kept_apart', decided_at = %(now)s, decided_by = %(by)s
            from jsonb_to_recordset(%(rows)s::jsonb) as w(a uuid, b uuid)
            where r.tenant_id = %(tenant)s and r.a_id = w.a and r.b_id = w.b and r.status = 'open'
            """,
            {"tenant": tx.tenant_id, "now": tx.now, "by": tx.user_id, "rows": to_json(rows)},
        )
        audit.record(tx, "customer.kept_apart", "merge_review", pattern, None, {"pairs": len(rows)})
    return len(rows)


def merge_alike(tx: Tx, pattern: str) -> int:
    """File the merge of every pair with this evidence (at most `AT_ONCE_MAX`), the older customer staying; returns how many."""
    alike = pairs(tx, after=None, limit=AT_ONCE_MAX, pattern=pattern)
    rows = [{"i": new_id(), "a": pair.a_id, "b": pair.b_id} for pair in alike]
    if rows:
        tx.execute(
            """
            insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, forced, reason, filed_at, filed_by)
            select %(tenant)s, r.i, 'merge', r.a, r.b, true, 'by_hand', %(now)s, %(by)s
            from jsonb_to_recordset(%(rows)s::jsonb) as r(i uuid, a uuid, b uuid)
            on conflict (tenant_id, verb, survivor_id, loser_id) where status = 'queued' and verb = 'merge'
            do update set forced = true, filed_by = excluded.filed_by, reason = excluded.reason
            """,
            {"tenant": tx.tenant_id, "now": tx.now, "by": tx.user_id, "rows": to_json(rows)},
        )
        audit.record(tx, "customer.merged", "merge_review", pattern, None, {"pairs": len(rows)})
    return len(rows)


def any_pair(tx: Tx, one: UUID, other: UUID) -> Asked:
    """Two customers beside one another though nobody asked. Raises NotFound where the person may not see one of them."""
    a, b = min(one, other), max(one, other)
    seen = tx.value(
        """
        select count(*) from (select i as id, tandem_bucket(i) as bucket from unnest(%(ids)s::uuid[]) as u(i) offset 0) as w
        join customer as c on c.bucket = w.bucket and c.tenant_id = %(tenant)s and c.id = w.id and c.merged_into is null
        """,
        {"tenant": tx.tenant_id, "ids": [a, b]},
    )
    if a == b or seen < 2:
        raise NotFound("customer_not_found", "没有这位客户。", "There is no such customer.")
    return Asked(a, b, "by_hand", "", {}, None)


@dataclass(frozen=True, slots=True)
class Night:
    """How the last nightly comparison went. Times are machine time."""

    trained_at: datetime | None
    scored_at: datetime | None
    customers: int
    proposed: int
    merged: int


def last_night(tx: Tx) -> Night | None:
    """The last nightly comparison of the tenant."""
    return tx.maybe(
        Night,
        "select trained_at, scored_at, customers, proposed, merged from identity_model where tenant_id = %(tenant)s",
        {"tenant": tx.tenant_id},
    )


def set_rules(tx: Tx, rules: Rules) -> None:
    """Decide what joins with this tenant. Raises InvalidInput for kinds that always join or bounds that cross."""
    if unknown := [kind for kind in rules.weak if kind not in OPTIONAL]:
        raise InvalidInput(
            "always_joins",
            f"{unknown[0]} 必须唯一，不能改为弱标识。",
            f"{unknown[0]} must be unique and cannot be made weak.",
        )
    if rules.merge_above is not None and rules.merge_above < rules.review_above:
        raise InvalidInput(
            "bounds_cross",
            "自动合并的界限不能低于人工确认的界限。",
            "Merging without asking cannot begin below asking.",
        )
    before, after = msgspec.to_builtins(read_rules(tx)), msgspec.to_builtins(rules)
    tx.execute(
        """
        insert into identity_rules (tenant_id, rules, updated_at, updated_by) values (%(tenant)s, %(rules)s, %(now)s, %(by)s)
        on conflict (tenant_id) do update set rules = excluded.rules, updated_at = excluded.updated_at, updated_by = excluded.updated_by
        """,
        {"tenant": tx.tenant_id, "rules": Jsonb(after), "now": tx.now, "by": tx.user_id},
    )
    changed = [name for name in after if before[name] != after[name]]
    audit.record(
        tx,
        "identity_rules.changed",
        "identity_rules",
        tx.tenant_id,
        {name: before[name] for name in changed},
        {name: after[name] for name in changed},
    )
