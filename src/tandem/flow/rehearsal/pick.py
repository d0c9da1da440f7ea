"""Sample people for a dry run: at random, or from those whom the draft is about."""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import UUID

from tandem.catalog import Entity
from tandem.flow.graph import Graph
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.module import KindRegistry
from tandem.flow.node import Role
from tandem.flow.plan import config_of
from tandem.flow.subjects import rows_of
from tandem.kernel.db import Tx

# Of some buckets, chosen by the salt: which bucket a customer is in is chance (the end of her id), so whoever is in a few of them is as
# good a draw as one among all, and a million customers are not sorted to find twenty.
_RANDOM: Final = """
select id from customer where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and merged_into is null and not held
order by md5(id::text || %(salt)s) limit %(n)s
"""
#: How many buckets are asked at a time, until there are enough: few customers, or few that one may see, need them all.
ROUNDS: Final = (4, 28, 224)
_MEMBERS: Final = """
select m.customer_id from segment_member as m join customer as c on c.bucket = m.bucket and c.id = m.customer_id
where m.tenant_id = %(tenant)s and m.bucket = any(%(buckets)s::smallint[]) and m.segment_id = %(segment)s order by m.since desc limit %(n)s
"""
# The latest of each kind are close to the end of the log: a few days back is far enough.
_HAPPENED: Final = """
select id from (
  select distinct on (e.customer_id) e.customer_id as id, e.occurred_at from event as e
  join customer as c on c.bucket = e.bucket and c.id = e.customer_id and c.merged_into is null
  where e.tenant_id = %(tenant)s and e.bucket = any(%(buckets)s::smallint[]) and e.type = any(%(types)s)
    and e.occurred_at > %(now)s::timestamptz - interval '30 days' and e.occurred_at <= %(now)s) as x
order by occurred_at desc limit %(n)s
"""
FIRST_MAX: Final = 2_000
"""Of so many things some are drawn: nobody waits for all orders of years to be sorted."""
_THINGS: Final = """
select id from (
  select t.id from {table} as t where t.tenant_id = %(tenant)s and t.bucket = any(%(buckets)s::smallint[]) and {such} limit %(first)s) as c
order by md5(id::text || %(salt)s) limit %(n)s
"""
_TOLD: Final = """
select id from (
  select distinct on (e.subject_id) e.subject_id as id, e.occurred_at from event as e
  where e.tenant_id = %(tenant)s and e.bucket = any(%(buckets)s::smallint[]) and e.type = any(%(types)s) and e.subject_type = %(subject)s
    and e.occurred_at > %(now)s::timestamptz - interval '30 days' and e.occurred_at <= %(now)s) as x
order by occurred_at desc limit %(n)s
"""


def pick_things(tx: Tx, kinds: KindRegistry, graph: Graph, entity: Entity, how: str, n: int, salt: str) -> list[UUID]:
    """Up to `n` things of a sort the caller may see: to which the start's event happened lately, or any of the first `FIRST_MAX`."""
    params = {
        "tenant": tx.tenant_id,
        "buckets": EVERY_BUCKET,
        "n": n,
        "now": tx.now,
        "salt": salt,
        "first": FIRST_MAX,
        "subject": entity.name,
    }
    if how == "audience":
        for block in graph.blocks:
            kind = kinds.get(block.kind, block.version)
            trigger = (
                None if kind is None or kind.role is not Role.START else kind.trigger(config_of(kind, block.config))
            )
            if trigger is not None and not trigger.of_flow:
                return tx.values(_TOLD, params | {"types": list(trigger.types)})
    return tx.values(_THINGS.format(table=entity.table, such=rows_of(entity, "t")), params)


def pick(tx: Tx, kinds: KindRegistry, graph: Graph, how: str, n: int, salt: str) -> list[UUID]:
    """Up to `n` customers the caller may see: `audience` (in its segment, or to whom its event happened lately) or `random`."""
    params = {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "n": n, "now": tx.now, "salt": salt}
    if how == "audience":
        for block in graph.blocks:
            kind = kinds.get(block.kind, block.version)
            if kind is None or kind.role is not Role.START:
                continue
            config = config_of(kind, block.config)
            audience, trigger = kind.audience(config), kind.trigger(config)
            if audience is not None and audience.segment_id is not None:
                return tx.values(_MEMBERS, params | {"segment": audience.segment_id})
            if trigger is not None:
                return tx.values(_HAPPENED, params | {"types": list(trigger.types)})
    return _at_random(tx, n, salt)


def _at_random(tx: Tx, n: int, salt: str) -> list[UUID]:
    """Up to `n` customers; the same for the same salt as long as the same are there."""
    order = sorted(EVERY_BUCKET, key=lambda one: hashlib.md5(f"{one}{salt}".encode(), usedforsecurity=False).digest())
    found: list[UUID] = []
    for size in ROUNDS:
        if len(found) >= n:
            break
        asked, order = order[:size], order[size:]
        params = {"tenant": tx.tenant_id, "buckets": asked, "n": n - len(found), "salt": salt}
        found += tx.values(_RANDOM, params)
    return found
