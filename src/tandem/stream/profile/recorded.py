"""Write what was said about customers' fields: the columns, who said it when, and an event with old and new value."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import orjson

from tandem.kernel.columns import smallints, uuids
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn
from tandem.stream import inbox
from tandem.stream.events import UPDATED, NewEvent
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.profile import said_store
from tandem.stream.profile.divided import DIVISION, divided
from tandem.stream.profile.sayings import (
    ATTRIBUTE,
    COLUMNS,
    NAME,
    Changed,
    Known,
    Said,
    SealedName,
    Standing,
    Value,
    settle,
    shown,
)
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.segment.cause import BY_TIME, Cause, cause_of
from tandem.stream.tags import service as tags
from tandem.stream.tags.store import IMPORT

RECORDED: Final = "customer.recorded"


def project(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Apply `customer.recorded` events: fields by the strongest and latest saying, tags added."""
    stores = _stores(
        turn, {code for event in events if isinstance(code := event.payload.get("fields", {}).get("store"), str)}
    )
    sayings = [said for event in events for said in _sayings(turn, event, stores)]
    causes = {(event.bucket, event.customer_id): cause_of(event) for event in events if event.customer_id is not None}
    write(turn, sayings, causes)
    rows = {
        (event.bucket, event.customer_id, tags.clean(tag))
        for event in events
        if event.customer_id is not None
        for tag in event.payload.get("tags", ())
    }
    if rows:
        heard = tags.without_computed(turn.tx, rows)
        tags.know(turn.tx, {tag for _, _, tag in heard})
        tags.add(turn, heard, source=IMPORT, causes=causes)


PROJECTION: Final = Projection((RECORDED,), project, name="stream.recorded")
"""For the assembly, beside what the domains contribute."""


def write(
    turn: Turn,
    sayings: Sequence[Said],
    causes: Mapping[tuple[int, UUID], Cause] | None = None,
) -> list[Changed]:
    """Let sayings hold where no stronger or later one stands, in a bounded number of statements; returns the fields whose value changed.

    What does not hold is kept beside it, as what that source says.

    Whoever gives ``causes`` is applying those events, and judges the customers in the same turn; without, segments follow the
    `customer.updated` events that are filed here.
    """
    if not sayings:
        return []
    known = read(turn, {said.customer for said in sayings})
    rules = said_store.priority(turn.tx)
    changed = settle(sayings, known, rules)
    from_names = divided(changed, known)
    named = {one.said.customer: one for one in settle(from_names, known, rules)}
    changed = [one for one in changed if one.said.field != DIVISION or one.said.customer not in named]
    changed += named.values()
    if changed:
        _write_fields(turn, changed)
    said_store.keep(turn, [one for one in (*sayings, *from_names) if one.customer in known], changed, known)
    news = [one for one in changed if one.is_new]
    _announce(turn, news, causes or {})
    return news


_AS_TEXT: Final[Mapping[str, str]] = dict.fromkeys(("birthday", "store_id", "owner_user_id"), "::text")
"""Values are as JSON has them: dates and ids are text."""


def read(turn: Turn, customers: set[tuple[int, UUID]]) -> dict[tuple[int, UUID], Known]:
    """What these customers show now."""
    if not customers:
        return {}
    chosen = sorted(customers, key=itemgetter(0))
    rows = turn.tx.all(
        _Row,
        f"""
        select c.bucket, c.id, c.name_enc, c.name_hash, c.attrs, {", ".join(f"c.{name}{_AS_TEXT.get(name, '')}" for name in COLUMNS)},
               coalesce((
                 select jsonb_agg(jsonb_build_array(f.field, f.source, f.at, f.value is null and f.name_enc is null)) from customer_field as f
                 where f.bucket = c.bucket and f.customer_id = c.id and f.tenant_id = %(tenant)s and f.holds
               ), '[]') as said
        from unnest(%(t_buckets)s::smallint[], %(ids)s::uuid[]) as t(bucket, id)
        join customer as c on c.bucket = t.bucket and c.id = t.id and c.tenant_id = %(tenant)s
        where t.bucket = any(%(buckets)s::smallint[])
        """,
        turn.params(t_buckets=smallints([one[0] for one in chosen]), ids=uuids([one[1] for one in chosen])),
    )
    return {(row.bucket, row.id): row.known() for row in rows}


@dataclass(frozen=True, slots=True)
class _Row:
    bucket: int
    id: UUID
    name_enc: bytes | None
    name_hash: bytes | None
    attrs: dict[str, Any]
    said: list[tuple[str, str, str, bool]]
    gender: Any
    birthday: Any
    city: Any
    district: Any
    division: Any
    location: Any
    stage: Any
    level: Any
    store_id: Any
    owner_user_id: Any
    do_not_contact: Any

    def known(self) -> Known:
        values: dict[str, Value] = {name: getattr(self, name) for name in COLUMNS}
        if self.name_enc is not None and self.name_hash is not None:
            values[NAME] = SealedName(bytes(self.name_enc), bytes(self.name_hash))
        values |= {ATTRIBUTE + key: value for key, value in self.attrs.items()}
        said: dict[str, list[Standing]] = {}
        for name, source, at, empty in self.said:
            said.setdefault(name, []).append(Standing(source, datetime.fromisoformat(at), empty))
        return Known(values, said)


def _sayings(turn: Turn, event: AppliedEvent, stores: Mapping[str, UUID]) -> list[Said]:
    if event.customer_id is None:
        return []
    payload = event.payload
    values: dict[str, Value] = {name: value for name, value in payload.get("fields", {}).items() if name in COLUMNS}
    store = stores.get(payload.get("fields", {}).get("store"))
    if store is not None:
        values["store_id"] = str(store)
    if "name_enc" in payload:
        values[NAME] = _name(turn, event)
    values |= {ATTRIBUTE + key: value for key, value in payload.get("attrs", {}).items()}
    customer = (event.bucket, event.customer_id)
    source = str(payload.get("source", ""))
    return [
        Said(customer, name, value, event.occurred_at, source, event.event_id, event.origin_id)
        for name, value in values.items()
    ]


def _name(turn: Turn, event: AppliedEvent) -> SealedName:
    """The event's name under its customer's own key; it came under the key of the customer it was recorded for."""
    sealed, digest = b64decode(event.payload["name_enc"]), bytes.fromhex(event.payload["name_hash"])
    if event.origin_id in {None, event.customer_id} or event.origin_id is None or event.customer_id is None:
        return SealedName(sealed, digest)
    keys = tenant_keys(turn.tx)
    wrapped = dict(
        turn.tx.cursor(
            """
            select id, key_enc from customer
            where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
            """,
            {
                "tenant": turn.tenant_id,
                "homes": [bucket_of(event.origin_id), bucket_of(event.customer_id)],
                "ids": [event.origin_id, event.customer_id],
            },
        ),
    )
    origin, owner = (data_key(keys, bytes(wrapped[one])) for one in (event.origin_id, event.customer_id))
    return SealedName(keys.seal(owner, keys.open(origin, sealed)), digest, sealed)


def _stores(turn: Turn, codes: set[str]) -> dict[str, UUID]:
    if not codes:
        return {}
    rows = turn.tx.cursor(
        "select code, id from org_unit where tenant_id = %(tenant)s and kind = 'store' and code = any(%(codes)s::text[])",
        turn.params(codes=sorted(codes)),
    )
    return dict(rows)


_TYPES: Final = {"birthday": "date", "store_id": "uuid", "owner_user_id": "uuid", "do_not_contact": "boolean"}

# `written` names the fields that a row writes: a null may be meant, or not said at all. The list of buckets bounds what comes in: as a
# condition on the table it would make a scan of everybody look cheap.
_WRITE: Final = f"""
update customer as c
set {", ".join(f"{name} = case when '{name}' = any(n.written) then n.{name} else c.{name} end" for name in COLUMNS)},
    name_enc = case when '{NAME}' = any(n.written) then decode(n.name_enc, 'hex') else c.name_enc end,
    name_hash = case when '{NAME}' = any(n.written) then decode(n.name_hash, 'hex') else c.name_hash end,
    attrs = jsonb_strip_nulls(c.attrs || n.attrs), updated_at = %(now)s
from (
  select r.* from jsonb_to_recordset(%(rows)s::jsonb) as r(
    bucket smallint, id uuid, written text[], attrs jsonb, name_enc text, name_hash text,
    {", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in COLUMNS)})
  where r.bucket = any(%(buckets)s::smallint[])) as n
where c.bucket = n.bucket and c.id = n.id and c.tenant_id = %(tenant)s
"""


def _write_fields(turn: Turn, changed: Sequence[Changed]) -> None:
    rows: dict[tuple[int, UUID], dict[str, Any]] = {}
    for one in changed:
        if one.is_new:
            bucket, customer = one.said.customer
            row = rows.setdefault(one.said.customer, {"bucket": bucket, "id": customer, "written": [], "attrs": {}})
            _put(row, one.said)
    if rows:
        turn.tx.execute(_WRITE, turn.params(rows=orjson.dumps(list(rows.values())).decode()), prepare=True)


def _put(row: dict[str, Any], said: Said) -> None:
    if said.field.startswith(ATTRIBUTE):
        row["attrs"][said.field.removeprefix(ATTRIBUTE)] = said.value
        return
    row["written"].append(said.field)
    if isinstance(said.value, SealedName):
        row |= {"name_enc": said.value.sealed.hex(), "name_hash": said.value.digest.hex()}
    elif said.field == "do_not_contact":
        row[said.field] = bool(said.value)
    elif said.field != NAME:
        row[said.field] = said.value


def _announce(turn: Turn, changed: Sequence[Changed], causes: Mapping[tuple[int, UUID], Cause]) -> None:
    by_customer: dict[tuple[int, UUID], list[Changed]] = {}
    for one in changed:
        by_customer.setdefault(one.said.customer, []).append(one)
    inbox.follow_up(
        turn, [_updated(turn, customer, news, causes.get(customer, BY_TIME)) for customer, news in by_customer.items()]
    )


def _updated(turn: Turn, customer: tuple[int, UUID], news: Sequence[Changed], cause: Cause) -> NewEvent:
    return NewEvent(
        type=UPDATED,
        bucket=customer[0],
        customer_id=customer[1],
        occurred_at=turn.now,
        payload={
            "source": news[0].said.source,
            "changes": {one.said.field: {"old": shown(one.old), "new": shown(one.said.value)} for one in news},
        },
        lane=cause.lane,
        mode=cause.mode,
        cause_id=cause.event_id,
        root_id=cause.root_id,
        hops=cause.hops + 1,
    )
