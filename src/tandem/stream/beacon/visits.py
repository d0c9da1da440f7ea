"""What kept calls of browsers mean: behaviour of a customer, history of one who has just said who they are, or a visit of nobody.

A device never says who somebody is. What was done on it without a name waits (`beacon_visit`) and becomes the history of whoever
identifies themselves there next; what they do from then on is theirs because each call carries their token, not because of the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tandem.kernel.db import Tx
from tandem.stream.beacon.call import Kept, Told
from tandem.stream.door.envelopes import register_envelope
from tandem.stream.door.kinds import Identifier, Refused
from tandem.stream.door.wire import Item
from tandem.stream.keys import tenant_keys
from tandem.stream.projection import BACKFILL
from tandem.stream.rows import to_json

BEACON: Final = "beacon"
"""The kind of an envelope that a browser left."""
CLAIMED_MAX: Final = 500
"""Visits of one device that become somebody's history at a time, the latest."""
_DECODER: Final = msgspec.json.Decoder(Kept)


class _Held(msgspec.Struct, frozen=True):
    external_id: str
    occurred_at: datetime
    behaviour: dict[str, Any]


_HOLD: Final = """
insert into beacon_visit (tenant_id, source, external_id, device_hash, occurred_at, held_at, behaviour)
select %(tenant)s, %(source)s, r.x, %(device)s, r.o, %(now)s, r.b from jsonb_to_recordset(%(rows)s::jsonb) as r(x text, o timestamptz, b jsonb)
on conflict do nothing
"""
_CLAIM: Final = """
delete from beacon_visit where tenant_id = %(tenant)s and source = %(source)s and external_id in (
  select external_id from beacon_visit where tenant_id = %(tenant)s and source = %(source)s and device_hash = %(device)s
  order by occurred_at desc limit %(limit)s for update skip locked)
returning external_id, occurred_at, behaviour
"""


def _open(tx: Tx, envelope: Item) -> Sequence[Item | Refused]:
    try:
        told = _DECODER.decode(envelope.payload)
    except msgspec.MsgspecError as error:
        raise Refused("", f"不是保存的浏览：{error}", f"not a kept visit: {error}") from error
    device = None if told.device is None else tenant_keys(tx).blind("device", "", told.device.lower())
    if told.identifiers:
        past = [] if device is None else _claimed(tx, envelope, told, device)
        return [*past, *(_item(envelope, told, one) for one in told.events)]
    if device is None:
        # Nobody agreed to be known again: it counts for the site and belongs to nobody.
        return [_item(envelope, told, one) for one in told.events]
    rows = [
        {"x": one.id, "o": _moment(envelope, one), "b": {"name": one.name, "properties": one.properties}}
        for one in told.events
    ]
    params = {"tenant": tx.tenant_id, "source": envelope.source, "device": device, "now": tx.machine_now}
    tx.execute(_HOLD, params | {"rows": to_json(rows)})
    return []


def _claimed(tx: Tx, envelope: Item, told: Kept, device: bytes) -> list[Item]:
    """What was done on this device before: history, which starts nothing."""
    params = {"tenant": tx.tenant_id, "source": envelope.source, "device": device, "limit": CLAIMED_MAX}
    found = sorted(tx.all(_Held, _CLAIM, params), key=lambda one: (one.occurred_at, one.external_id))
    return [
        Item(
            0, envelope.source, one.external_id, "behaviour", one.occurred_at, BACKFILL,
            _payload(told, one.behaviour["name"], one.occurred_at, one.behaviour["properties"]),
        )
        for one in found
    ]  # fmt: skip


def _item(envelope: Item, told: Kept, one: Told) -> Item:
    at = _moment(envelope, one)
    payload = _payload(told, one.name, at, one.properties)
    return Item(0, envelope.source, one.id, "behaviour", at, envelope.mode, payload)


def _payload(told: Kept, name: str, at: datetime, properties: dict[str, Any]) -> bytes:
    identifiers = list(told.identifiers)
    if told.identifiers and told.device is not None:
        identifiers.append(Identifier("device", told.device))
    return msgspec.json.encode({"name": name, "identifiers": identifiers, "at": at, "properties": properties})


def _moment(envelope: Item, one: Told) -> datetime:
    return envelope.time - timedelta(seconds=one.seconds_ago)


register_envelope(BEACON, _open)
