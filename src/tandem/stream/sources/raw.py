"""A delivery as it is kept: an envelope around the body exactly as it came, and how it is opened again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from tandem.kernel.db import Tx
from tandem.stream.door.envelopes import register_envelope
from tandem.stream.door.kinds import Refused
from tandem.stream.door.wire import Item
from tandem.stream.sources import tally
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account, Raw, connector_of
from tandem.stream.sources.mapping import Mapped

HOOK: Final = "hook"
"""The kind of an envelope that a webhook or a poller left."""
ID_PREFIX: Final = "hook:"
"""Before an envelope's outside id, so that it never meets a record's own."""
STANDING: Final = "_standing"
"""In the kept query of a page that was read for what stands there, whenever it came about: its records are old, not late."""


class _Kept(msgspec.Struct, omit_defaults=True):
    body: Any = None
    text: str | None = None
    query: dict[str, str] = {}


_DECODER: Final = msgspec.json.Decoder(_Kept)


def wrap(body: bytes, query: Mapping[str, str] | None = None) -> bytes:
    """The kept form: `{"body": <JSON>}`, or `{"text": ...}` for what is not JSON."""
    named = msgspec.json.encode(dict(query)) if query else b""
    tail = b',"query":' + named if named else b""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b'{"text":' + msgspec.json.encode(body.decode(errors="replace")) + tail + b"}"
    return b'{"body":' + body.strip() + tail + b"}"


def envelope(
    source: str, delivery_id: str, at: datetime, payload: bytes, *, index: int = 0, mode: int = 0, kind: str = HOOK
) -> Item:
    """A verified delivery as the door's receive step takes it. An envelope's outside id begins with its kind."""
    return Item(index, source, f"{kind}:{delivery_id}"[:200], kind, at, mode, payload, verified=True)


def read_envelope(account: Account, item: Item, zone: str) -> Sequence[Mapped | Refused]:
    """What a connector makes of a kept delivery. Raises Refused when nothing can be read of it."""
    return _read(account, _raw(item, zone))


def _read(account: Account, raw: Raw) -> Sequence[Mapped | Refused]:
    connector = connector_of(account.connector)
    if connector is None:
        raise Refused("connector", f"没有接入方式 {account.connector}", f"there is no connector {account.connector}")
    return list(connector.read(account, raw))


def _raw(item: Item, zone: str) -> Raw:
    try:
        kept = _DECODER.decode(item.payload)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Refused("", f"不是保存的投递：{error}", f"not a kept delivery: {error}") from error
    is_json = kept.text is None
    return Raw(kept.body if is_json else kept.text, is_json, kept.query, item.time, zone)


def item_of(found: Mapped, envelope_: Item) -> Item | Refused:
    """A mapped record as the door takes it. Without an id of its own it is named after its delivery and place."""
    external_id = found.external_id or f"{envelope_.external_id.removeprefix(ID_PREFIX)}#{found.place}"[:200]
    if external_id.startswith(ID_PREFIX):
        return Refused(
            "external_id", f"外部编号不能以 {ID_PREFIX} 开头", f"an external id may not begin with {ID_PREFIX}"
        )
    payload = msgspec.json.encode(found.payload)
    if "\x00" in external_id or b"\\u0000" in payload.replace(b"\\\\", b""):
        return Refused("", "文本中不能有空字符（\\u0000）", "text must not contain a NUL character (\\u0000)")
    return Item(
        0,
        envelope_.source,
        external_id,
        found.kind,
        found.time or envelope_.time,
        envelope_.mode,
        payload,
        verified=envelope_.verified,
    )


def _open(tx: Tx, item: Item) -> Sequence[Item | Refused]:
    account = opened_account(tx, source=item.source)
    if account is None:
        raise Refused("source", f"数据源 {item.source} 已不存在", f"there is no source {item.source} any more")
    raw = _raw(item, tx.zone)
    found = _read(account, raw)
    told = [one.time for one in found if isinstance(one, Mapped) and one.time is not None]
    # The newest says how far behind the delivery is: what stands beside it may be history.
    if told and not item.mode and STANDING not in raw.query:
        tally.late(tx.tenant_id, item.source, (item.time - max(told)).total_seconds())
    return [item_of(one, item) if isinstance(one, Mapped) else one for one in found]


register_envelope(HOOK, _open)
