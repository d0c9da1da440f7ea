"""A simulator lives in real time, a demo in its own: how far apart they are is kept with each simulated account."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx

# Each change is kept with its moment: what happened before a leap of the demo's clock stays where it was when it is read again.
_NOTE: Final = """
update source_account a set config = a.config || jsonb_build_object('clock',
  coalesce(a.config->'clock', '[]'::jsonb) || jsonb_build_array(jsonb_build_array(%(now)s::timestamptz, %(ahead)s::int)))
where a.tenant_id = %(tenant)s and a.id = %(account)s and a.config ->> 'simulated' = 'true'
  and coalesce((a.config->'clock'->-1->>1)::int, 0) <> %(ahead)s::int
"""


def note(tx: Tx, account_id: UUID) -> None:
    """Keep how far the demo's clock is ahead of a simulated account's; nothing for a real one."""
    ahead = round((tx.now - tx.machine_now).total_seconds())
    tx.execute(_NOTE, {"tenant": tx.tenant_id, "account": account_id, "now": tx.machine_now, "ahead": ahead})
