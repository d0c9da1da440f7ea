"""What platforms ask on people's behalf: a copy of what is held, or erasure. It becomes a request that staff decide upon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, cast

import msgspec

from tandem.access import audit
from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.kernel.live import announce
from tandem.kernel.settings import settings
from tandem.stream.door.kinds import DoorKind, Envelope, Identifier, Normalised
from tandem.stream.identity.identifiers import Malformed, canonical
from tandem.stream.keys import tenant_keys
from tandem.stream.rights.requests import TOPIC
from tandem.stream.rows import to_json
from tandem.stream.sources.mapping import Mapped

PRIVACY: Final = "privacy_request"
Asked = Literal["export", "erase"]


class PrivacyIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`identifiers` name one person; `scope` everybody whom a shop numbered (the shop left the platform). One of the two."""

    what: Asked
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    identifiers: Annotated[list[Identifier], msgspec.Meta(max_length=20)] = []
    scope: Annotated[str, msgspec.Meta(max_length=100)] = ""


class _Filed(msgspec.Struct, frozen=True):
    what: str
    reason: str
    scope: str
    names: list[tuple[str, str, str]]
    at: datetime


def privacy(
    *, what: Asked, request_id: str | None, reason: str, identifiers: Sequence[Any] = (), scope: str = ""
) -> Mapped:
    """A request as mappings make it. `request_id`: the platform's number of this very request; None where it gives none, then each
    delivery is a request: one named after the person would be taken for a repetition when she asks again after a refusal.
    """
    payload = {"what": what, "reason": reason, "identifiers": list(identifiers), "scope": scope}
    return Mapped(0, PRIVACY, None if request_id is None else f"privacy:{request_id}"[:200], None, payload)


def _normalise(envelope: Envelope, asked: PrivacyIn) -> Normalised:
    """Nobody is made known by such a request: its identifiers are only looked up. One that cannot be read names nobody."""
    names: list[tuple[str, str, str]] = []
    for one in asked.identifiers:
        try:
            value = canonical(one.kind, one.value)
        except Malformed:
            value = None
        if value is not None:
            names.append((one.kind, one.scope, value))
    return Normalised(reference=_Filed(asked.what, asked.reason, asked.scope, names, envelope.time))


# The person's living customer; one request of a kind at a time. Nobody here filed it, so two approve it.
_FILE: Final = """
with named as (
  select distinct r.what, r.reason, r.at, i.customer_id
  from jsonb_to_recordset(%(asked)s::jsonb) as r(what text, reason text, at timestamptz, kind text, scope text, hash text)
  join identifier i on i.tenant_id = %(tenant)s and i.scope = r.scope and i.customer_id is not null
    and case when r.hash is null then i.kind = 'online_account' else i.kind = r.kind and i.value_hash = decode(r.hash, 'hex') end)
insert into rights_request (tenant_id, id, kind, customer_id, reason, asked_at, due_at)
select %(tenant)s, tandem_new_id(), n.what, n.customer_id, min(n.reason), min(n.at), min(n.at) + %(days)s
from named n
where not exists (
  select from rights_request q where q.tenant_id = %(tenant)s and q.customer_id = n.customer_id and q.kind = n.what
    and q.status in ('open', 'approved'))
group by n.what, n.customer_id
"""


def _file(tx: Tx, records: Sequence[object]) -> None:
    keys = tenant_keys(tx)
    rows: list[dict[str, Any]] = []
    for one in cast("Sequence[_Filed]", records):
        told: dict[str, Any] = {"what": one.what, "reason": one.reason, "at": one.at}
        if one.scope:
            rows.append({**told, "kind": None, "scope": one.scope, "hash": None})
        rows += [
            {**told, "kind": kind, "scope": scope, "hash": keys.blind(kind, scope, value).hex()}
            for kind, scope, value in one.names
        ]
    due = timedelta(days=settings().rights_due_days)
    filed = tx.execute(_FILE, {"tenant": tx.tenant_id, "asked": to_json(rows), "days": due})
    audit.record(tx, "rights.requested", "rights_request", None, None, {"by": "platform", "requests": filed})
    announce(tx, TOPIC)


DOOR_KINDS: Final = (
    DoorKind(
        PRIVACY,
        Label("平台转来的个人信息请求", "Privacy request by a platform"),
        PrivacyIn,
        _normalise,
        _file,
        # Filed by nobody of ours: a colleague who could say it for the platform would file without being known as the one who did.
        verified_only=True,
    ),
)
