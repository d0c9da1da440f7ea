"""What strangers' browsers tell of an opened link: the token says whose it is, and nothing else they say is believed.

Looking at a page records nothing: link scanners and previews fetch it and go. Only what its script tells once the page was seen counts.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec

from tandem.domains.contact.material.service import MaterialRow, live_material
from tandem.domains.contact.media.service import MediaRow, get_media, stretch
from tandem.domains.contact.radar.events import RADAR_TOLD
from tandem.domains.contact.radar.tables import SHARDS
from tandem.domains.contact.radar.token import Link, opened, tenant_of
from tandem.kernel.db import Database, Scope
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id
from tandem.stream.door.pressure import PRESSURE
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.keys import tenant_keys
from tandem.stream.sources.limits import Limit

BODY_BYTES_MAX: Final = 1_000
SECONDS_MAX: Final = 4 * 3600
PAGES: Final = Limit(60, 30)
"""Pages that one address may open in a minute."""
CALLS: Final = Limit(120, 40)
"""What one address may tell in a minute."""
OF_LINK: Final = Limit(600, 200)
"""What may be told of one link in a minute, whoever tells."""

Random = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16,32}$")]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page tells. `visit` is made up for each opening, `device` once for a browser. `depth` in per cent."""

    visit: Random
    device: Random
    what: Literal["opened", "left", "going", "liked", "forwarded"]
    seconds: Annotated[int, msgspec.Meta(ge=0, le=SECONDS_MAX)] = 0
    depth: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


_DECODER: Final = msgspec.json.Decoder(Told)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that holds, and what it shows. `material` None: put away or expired."""

    link: Link
    material: MaterialRow | None


def look(db: Database, token: str, address: str) -> Opened:
    """What a link shows. Records nothing. Raises NotFound for one that is not ours, Throttled."""
    PAGES.spend(address)
    return _open(db, token)


def file_of(db: Database, token: str, address: str) -> tuple[UUID, MediaRow, bytes] | None:
    """Whose the file behind a link is, the file, its first stretch; None where none is to show today. Raises NotFound, Throttled."""
    PAGES.spend(address)
    opened_ = _open(db, token)
    found = opened_.material
    if found is None or found.media_id is None:
        return None
    with db.tx("web", tenant=opened_.link.tenant) as tx:
        return opened_.link.tenant, get_media(tx, found.media_id), stretch(tx, found.media_id, 0)


def _open(db: Database, token: str) -> Opened:
    tenant = tenant_of(token)
    if tenant is None:
        raise _unknown()
    try:
        with db.tx("web", tenant=tenant) as tx:
            link = opened(tenant_keys(tx), token)
            if link is None:
                raise _unknown()
            return Opened(link, live_material(tx, link.thing))
    except LookupError as error:
        raise _unknown() from error


def take(db: Database, token: str, address: str, body: bytes) -> None:
    """Take what a page tells. Raises NotFound, InvalidInput, Throttled; nothing was kept then."""
    CALLS.spend(address)
    if len(body) > BODY_BYTES_MAX:
        raise _garbled()
    try:
        told = _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise _garbled() from error
    found = _open(db, token)
    OF_LINK.spend(token)
    if found.material is None:
        return
    PRESSURE.check(db, found.link.tenant)
    customer = found.link.customer
    if customer is None or not _stands(db, found.link.tenant, customer):
        _count(db, found.link, told)
    else:
        _tell(db, found.link, customer, token, told)


_STANDS: Final = """
select 1 from customer as c cross join lateral (select tandem_bucket(c.merged_into) as bucket offset 0) as b
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = tandem_bucket(%(customer)s) and c.id = %(customer)s
  and (c.merged_into is null or exists (
    select from customer as s where s.bucket = b.bucket and s.tenant_id = %(tenant)s
      and s.id = c.merged_into))
"""


def _stands(db: Database, tenant: UUID, customer: UUID) -> bool:
    """Whether a link's customer is still known: links go on after somebody was erased, and nothing is kept under her id again."""
    with db.tx("web", tenant=tenant, scope=Scope.all()) as tx:
        return bool(tx.value(_STANDS, {"tenant": tenant, "buckets": list(range(BUCKETS)), "customer": customer}))


def _tell(db: Database, link: Link, customer: UUID, token: str, told: Told) -> None:
    with db.tx("door", tenant=link.tenant) as tx:
        device = tenant_keys(tx).blind("radar_device", "", told.device).hex()[:32]
        payload: dict[str, Any] = {
            "visit_id": str(derived_id(token, told.visit)), "material_id": str(link.thing), "member": link.member, "device": device,
            "what": told.what, "seconds": told.seconds, "depth": told.depth,
        }  # fmt: skip
        event = NewEvent(
            type=RADAR_TOLD, bucket=bucket_of(customer), customer_id=customer, occurred_at=tx.now, payload=payload
        )
        emit(tx, [event])


_COUNT: Final = """
insert into radar_count as c (tenant_id, material_id, member, day, shard, opened, finished, liked, forwarded, seconds)
values (%(tenant)s, %(material)s, %(member)s, (%(now)s at time zone %(zone)s)::date, %(shard)s, %(opened)s, %(finished)s, %(liked)s, %(forwarded)s,
  %(seconds)s)
on conflict (tenant_id, material_id, member, day, shard) do update set opened = c.opened + excluded.opened,
  finished = c.finished + excluded.finished, liked = c.liked + excluded.liked, forwarded = c.forwarded + excluded.forwarded,
  seconds = c.seconds + excluded.seconds
"""


def _count(db: Database, link: Link, told: Told) -> None:
    leaves = told.what == "left"
    with db.tx("door", tenant=link.tenant) as tx:
        tx.execute("set local synchronous_commit = off")
        tx.execute(
            _COUNT,
            {
                "tenant": link.tenant, "material": link.thing, "member": link.member, "now": tx.now, "zone": str(tx.zone),
                "shard": random.randrange(SHARDS),  # noqa: S311 - spreads writers, decides nothing
                "opened": int(told.what == "opened"), "finished": int(leaves and told.depth >= 90), "liked": int(told.what == "liked"),
                "forwarded": int(told.what == "forwarded"), "seconds": told.seconds if leaves else 0,
            },
        )  # fmt: skip


def _unknown() -> NotFound:
    return NotFound("no_such_link", "链接无效。", "There is no such link.")


def _garbled() -> InvalidInput:
    return InvalidInput("bad_call", "内容无法识别。", "The call is not understood.")
