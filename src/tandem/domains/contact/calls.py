"""Filing that the platform told of a new friend: with the call itself where it comes straight to us, else when the door understands it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, cast

import msgspec

from tandem.kernel.db import Tx
from tandem.stream.door.kinds import Key
from tandem.stream.keys import day_key, tenant_keys
from tandem.stream.rows import to_json

_SHORT: Final = 200


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new friend as the platform told it. `id` is the call's own, the same however often it comes; `welcome_code` may be missing."""

    id: Key
    source: Key
    member: Key
    external: Key
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    state: Annotated[str, msgspec.Meta(max_length=_SHORT)] = ""
    welcome_code: Annotated[str, msgspec.Meta(max_length=_SHORT)] = ""


# Ordered, so that two doors that file the same calls never wait for each other crosswise. A call that is known already changes nothing.
_FILE: Final = """
insert into friend_call (tenant_id, id, account_id, member, state, live_code_id, who, day, told_at, received_at, fresh, welcome, code_enc, external_enc)
select %(tenant)s, n.id, a.id, n.member, n.state, c.id, decode(n.who, 'hex'), (%(now)s at time zone %(zone)s)::date, n.at, %(machine_now)s, c.id is not null,
  case when n.code is null then 'none' else 'waiting' end, decode(n.code, 'hex'), case when n.code is null then null else decode(n.external, 'hex') end
from jsonb_to_recordset(%(rows)s::jsonb)
  as n(id text, source text, member text, state text, who text, at timestamptz, code text, external text)
join source_account as a on a.tenant_id = %(tenant)s and a.source = n.source
left join live_code as c on c.tenant_id = %(tenant)s and c.account_id = a.id and c.state = n.state and n.state <> ''
order by n.id
on conflict (tenant_id, id) do nothing
"""


def file_told(tx: Tx, records: Sequence[object]) -> None:
    """File calls in the caller's transaction; what can be read of a person is sealed."""
    told = {one.id: one for one in cast("Sequence[Told]", records)}
    if not told:
        return
    keys = tenant_keys(tx)
    key = day_key(tx, keys, tx.machine_now.date())
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "source": one.source,
            "member": one.member,
            "state": one.state,
            "who": keys.blind("friend_call", one.source, one.external).hex(),
            "at": one.at,
            "code": keys.seal(key, one.welcome_code).hex() if one.welcome_code else None,
            "external": keys.seal(key, one.external).hex(),
        }
        for one in told.values()
    ]
    params = {"tenant": tx.tenant_id, "now": tx.now, "machine_now": tx.machine_now, "zone": str(tx.zone)}
    tx.execute(_FILE, params | {"rows": to_json(rows)})
