"""What a page shows to whom it knows, and what she did with it.

Who she is says the company's own server, by the token that the beacon carries too: a page's word is worth nothing. Without one there is
nothing to show, and whoever is shown something is told nothing but that text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from tandem.domains.messaging.events import MESSAGE_CLICKED, MESSAGE_READ, Told
from tandem.domains.messaging.popups.channel import PAGE
from tandem.domains.messaging.reach import reachable
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of, derived_id
from tandem.stream.door.kinds import Identifier, Refused
from tandem.stream.door.understand import spelling
from tandem.stream.door.wire import decoded
from tandem.stream.events import NewEvent
from tandem.stream.identity.composite import Value
from tandem.stream.identity.identifiers import WEAK
from tandem.stream.identity.person import Key
from tandem.stream.identity.store import read as read_keys
from tandem.stream.inbox import emit
from tandem.stream.keys import data_key, tenant_keys

Deed = Literal["shown", "clicked", "closed"]
SEEN_MAX: Final = 20


class Seen(msgspec.Struct, frozen=True):
    """What she did with a pop-up."""

    id: UUID
    what: Deed


class Asked(msgspec.Struct, frozen=True):
    """What a page asks: is there something for whom the token names; and what became of what it showed."""

    token: Annotated[str, msgspec.Meta(max_length=4_000)]
    seen: Annotated[list[Seen], msgspec.Meta(max_length=SEEN_MAX)] = []


@dataclass(frozen=True, slots=True)
class Popup:
    """A pop-up as a page shows it. `link` and `button` are empty where the text has none."""

    id: UUID
    title: str
    text: str
    button: str
    link: str


_DECODER: Final = msgspec.json.Decoder(Asked)
# A line of its own at the end: [Have a look](https://…).
_BUTTON: Final = re.compile(r"(?:\A|\n)\s*\[([^\[\]\n]{1,40})\]\((https://[^\s()<>\"]{1,1000})\)\s*\Z")


def read(body: bytes) -> Asked:
    """Take a body apart. Raises InvalidInput with the place of what is wrong."""
    return decoded(
        _DECODER, body, "bad_popup_call", "弹窗请求格式不正确。", "The call for pop-ups does not have the right shape."
    )


def laid_out(popup_id: UUID, text: str) -> Popup:
    """A message's text as a pop-up: its first line is the title where more follows, a link of its own at the end the button."""
    found = _BUTTON.search(text)
    button, link = (found[1].strip(), found[2]) if found else ("", "")
    rest = text[: found.start()] if found else text
    title, _, body = rest.strip().partition("\n")
    return Popup(popup_id, title if body else "", body.strip() or title, button, link)


def customer_of(tx: Tx, identifiers: Sequence[Identifier], source: str) -> UUID | None:
    """Whom a site's word names, all identifiers the same one; None where they name nobody or several."""
    keys = tenant_keys(tx)
    asked = [Key(one.kind, one.scope, keys.blind(*one)) for one in _spelt(identifiers, source) if one.kind not in WEAK]
    found = {one.customer_id for one in read_keys(tx, asked).values() if not one.demoted}
    return found.pop() if len(found) == 1 else None


def _spelt(identifiers: Sequence[Identifier], source: str) -> Iterator[Value]:
    for place, one in enumerate(identifiers):
        try:
            value = spelling(place, one, source)
        except Refused:
            continue
        if value is not None:
            yield value


# What was let go of by its sender after it was taken is shown to nobody: a consent withdrawn, a customer not to be contacted.
_NEXT: Final = f"""
select r.id, r.text_enc, o.key_enc from page_popup as r
cross join lateral (select tandem_bucket(r.origin_id) as bucket offset 0) as b
join customer as o on o.bucket = b.bucket and o.tenant_id = %(tenant)s and o.id = r.origin_id and o.key_enc is not null
join outbox_message as m on m.bucket = r.bucket and m.tenant_id = %(tenant)s and m.id = r.id
join customer as c on c.bucket = r.bucket and c.tenant_id = %(tenant)s and c.id = r.customer_id
where r.bucket = %(bucket)s and r.tenant_id = %(tenant)s and r.customer_id = %(customer)s and r.closed_at is null and r.until > %(now)s
  and (m.message_class <> 'marketing' or {reachable(PAGE)})
order by m.message_class = 'marketing', r.made_at desc, r.id limit 1
"""


def following(tx: Tx, customer_id: UUID) -> Popup | None:
    """What she is shown next: service notices before offers, the newest first."""
    params = {"tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "customer": customer_id, "now": tx.now}
    row = tx.cursor(_NEXT, params).fetchone()
    if row is None:
        return None
    keys = tenant_keys(tx)
    return laid_out(row[0], TenantKeys.open(data_key(keys, bytes(row[2])), bytes(row[1])))


@dataclass(frozen=True, slots=True)
class _Done(Told):
    what: Deed
    at: datetime


# Each deed counts the first time. A click closes it, and says that it was seen.
_MARK: Final = """
with done as (
  update page_popup as p set shown_at = coalesce(p.shown_at, %(now)s),
    clicked_at = case when n.clicked then coalesce(p.clicked_at, %(now)s) else p.clicked_at end,
    closed_at = case when n.clicked or n.closed then coalesce(p.closed_at, %(now)s) else p.closed_at end
  from (select id, bool_or(what = 'clicked') as clicked, bool_or(what = 'closed') as closed
        from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, what text) group by id) as n
  where p.bucket = %(bucket)s and p.tenant_id = %(tenant)s and p.customer_id = %(customer)s and p.id = n.id
  returning p.bucket, p.id, p.shown_at, p.clicked_at, p.customer_id
)
select m.id, m.bucket, d.customer_id, m.run_id, m.flow_id, m.block, m.channel, m.message_class, m.template_id, t.name as template, m.cause_id,
  m.root_id, m.hops, s.what, %(now)s::timestamptz as at
from done as d
join outbox_message as m on m.bucket = d.bucket and m.bucket = %(bucket)s and m.tenant_id = %(tenant)s and m.id = d.id
join message_template as t on t.tenant_id = %(tenant)s and t.id = m.template_id
cross join lateral (values ('shown', d.shown_at = %(now)s), ('clicked', d.clicked_at = %(now)s)) as s(what, fresh)
where s.fresh order by m.id, s.what desc
"""
_TYPES: Final[dict[Deed, str]] = {"shown": MESSAGE_READ, "clicked": MESSAGE_CLICKED}


def mark(tx: Tx, customer_id: UUID, seen: Sequence[Seen]) -> None:
    """Write down what she did with pop-ups of hers, and tell of it once; those of others are passed over."""
    if not seen:
        return
    rows = msgspec.json.encode([{"id": one.id, "what": one.what} for one in seen]).decode()
    params = {
        "tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "customer": customer_id, "now": tx.now, "rows": rows,
    }  # fmt: skip
    emit(tx, [_event(one) for one in tx.all(_Done, _MARK, params)])


def _event(one: _Done) -> NewEvent:
    kind = _TYPES[one.what]
    return NewEvent(
        type=kind, bucket=one.bucket, customer_id=one.customer_id, occurred_at=one.at, payload=one.payload(),
        event_id=derived_id(one.id, kind), cause_id=one.cause_id, root_id=one.root_id, hops=one.hops + 1,
    )  # fmt: skip
