"""Does the event that a block waits for happen at all? Asked of the event log, and remembered a while: a check runs at every save."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.node import CheckContext, Finding
from tandem.kernel.db import Tx

LOOKED_BACK: Final = timedelta(days=90)
REMEMBERED: Final = timedelta(minutes=10)
_KNOWN_MAX: Final = 10_000
#: What flows bring about themselves: it may well begin with the flow that is being drawn.
_OWN: Final = (
    "message.",
    "survey.",
    "coupon.",
    "points.",
    "gift.",
    "lottery.",
    "level.",
    "tag.",
    "segment.",
    "http.",
    "flow.",
)

_known: dict[tuple[UUID, str], tuple[datetime, bool]] = {}

# A company that has just begun has no past to judge by: nothing is said of it.
_UNHEARD: Final = """
select exists (select from event e where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
    and e.occurred_at > %(since)s and e.occurred_at <= %(now)s)
  and not exists (select from event e where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
    and e.occurred_at > %(since)s and e.occurred_at <= %(now)s and e.type = %(type)s)
"""


def unheard(ctx: CheckContext, event_type: str, where: str) -> Iterable[Finding]:
    """A warning where the event has not happened to anybody for `LOOKED_BACK`, though others have."""
    if not ctx.knows_event(event_type) or event_type.startswith(_OWN) or not _is_unheard(ctx.tx, event_type):
        return
    days = LOOKED_BACK.days
    yield Finding(
        "event_unheard",
        Label(
            f"过去 {days} 天没有任何客户发生过这个事件，等它的人多半都会超时",
            f"This event has happened to nobody for {days} days; whoever waits for it will most likely run into the time-out",
        ),
        Label(
            "请确认选对了事件（例如订单多半一下单就已付款，要等的是“订单付款”），或先接通会带来它的数据源",
            "See whether it is the right one (most orders come in paid already: wait for 'order paid'), or connect the source that brings it",
        ),
        where,
        "warning",
    )


def _is_unheard(tx: Tx, event_type: str) -> bool:
    key = (tx.tenant_id, event_type)
    known = _known.get(key)
    if known is not None and known[0] > tx.machine_now - REMEMBERED:
        return known[1]
    found: bool = tx.value(
        _UNHEARD,
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "type": event_type,
            "since": tx.now - LOOKED_BACK,
            "now": tx.now,
        },
    )
    if len(_known) >= _KNOWN_MAX:
        _known.clear()
    _known[key] = (tx.machine_now, found)
    return found
