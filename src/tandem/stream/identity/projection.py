"""`customer.identified`: the evidence for identifiers that a known customer gained, written in the turn that holds her bucket."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Final

from tandem.kernel.turn import Turn
from tandem.stream.identity import store
from tandem.stream.identity.store import Evidence, KeyRow
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

# A door may have given the identifier while its owner was being merged: the pointer then names somebody who is no longer alive.
_MEND: Final = """
update identifier as i set customer_id = r.c, bucket = r.b
from jsonb_to_recordset(%(rows)s::jsonb) as r(k text, s text, h text, c uuid, b smallint, g uuid)
where i.tenant_id = %(tenant)s and i.kind = r.k and i.scope = r.s and i.value_hash = decode(r.h, 'base64')
  and i.origin_id = r.g and i.customer_id <> r.c
"""


def _apply(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    evidence = [_evidence(event, one) for event in events for one in event.payload["identifiers"]]
    unique = {(one.b, one.c, one.k, one.s, one.h): one for one in evidence}
    store.witness(turn.tx, list(unique.values()))
    forwarded = [
        KeyRow(one.k, one.s, one.h, one.c, one.b, one.g)
        for one in unique.values()
        if one.c != one.g and one.r != "weak"
    ]
    if forwarded:
        turn.tx.execute(_MEND, {"tenant": turn.tenant_id, "rows": to_json(forwarded)})


def _evidence(event: AppliedEvent, said: dict[str, Any]) -> Evidence:
    owner = event.customer_id
    if owner is None:
        message = "customer.identified belongs to a customer"
        raise ValueError(message)
    return Evidence(
        c=owner,
        b=event.bucket,
        g=event.origin_id or owner,
        k=said["kind"],
        s=said["scope"],
        h=b64decode(said["hash"]),
        e=b64decode(said["value_enc"]),
        l=said["last4"],
        u=said["source"],
        r=said["rule"],
        o=event.occurred_at,
    )


IDENTIFIED: Final = Projection(types=("customer.identified",), apply=_apply, name="identity.evidence")
