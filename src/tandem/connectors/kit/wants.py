"""Things that a push named: filed by the door with the push itself, fetched by a worker, and then taken in like any page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID

import msgspec

from tandem.catalog.label import Label
from tandem.connectors.kit.platform import WANT
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKind, Envelope, Key, Normalised
from tandem.stream.rows import to_json

FETCHED_AT_ONCE: Final = 20


class WantIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing to fetch: a resource of the source's connector and the platform's id."""

    resource: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    id: Key
    at: datetime | None = None


class _Filed(msgspec.Struct, frozen=True):
    source: str
    resource: str
    id: str


def _normalise(envelope: Envelope, want: WantIn) -> Normalised:
    return Normalised(reference=_Filed(envelope.source, want.resource, want.id))


# Ordered, so that two doors that file the same things never wait for each other crosswise.
_FILE: Final = """
insert into connector_want as w (tenant_id, source, resource, external_id, next_at, asked_at)
select %(tenant)s, n.source, n.resource, n.id, now(), now()
from (select distinct source, resource, id from jsonb_to_recordset(%(wants)s::jsonb) as r(source text, resource text, id text)) n
where exists (select from source_account a where a.tenant_id = %(tenant)s and a.source = n.source)
order by n.source, n.resource, n.id
on conflict (tenant_id, source, resource, external_id) do update set asked = w.asked + 1, next_at = least(w.next_at, excluded.next_at)
"""


def _file(tx: Tx, records: Sequence[object]) -> None:
    tx.execute(_FILE, {"tenant": tx.tenant_id, "wants": to_json(cast("Any", list(records)))})


DOOR_KINDS: Final = (
    DoorKind(WANT, Label("平台通知（待取详情）", "Platform notice (to be fetched)"), WantIn, _normalise, _file),
)


class Wanted(msgspec.Struct, frozen=True):
    """A thing that is due to be fetched."""

    source: str
    resource: str
    external_id: str
    asked: int
    failures: int


_DUE: Final = """
with d as materialized (
  select d.source, d.resource, d.external_id from connector_want d
  where d.tenant_id = %(tenant)s and d.next_at <= now()
    and d.source = (select source from connector_want where tenant_id = %(tenant)s and next_at <= now() order by next_at limit 1)
  order by d.next_at limit %(limit)s for update skip locked)
update connector_want w set next_at = now() + interval '2 minutes' from d
where w.tenant_id = %(tenant)s and w.source = d.source and w.resource = d.resource and w.external_id = d.external_id
returning w.source, w.resource, w.external_id, w.asked, w.failures
"""


def take(tx: Tx) -> list[Wanted]:
    """Some due things of one source; nobody else takes them for two minutes."""
    return tx.all(Wanted, _DUE, {"tenant": tx.tenant_id, "limit": FETCHED_AT_ONCE})


def done(tx: Tx, one: Wanted) -> None:
    """It was fetched. What was named again meanwhile stays and is fetched again."""
    tx.execute(
        """
        delete from connector_want where tenant_id = %(tenant)s and source = %(source)s and resource = %(resource)s
          and external_id = %(id)s and asked = %(asked)s
        """,
        _params(tx.tenant_id, one) | {"asked": one.asked},
    )
    tx.execute(f"update connector_want set next_at = now(), failures = 0 {_THIS}", _params(tx.tenant_id, one))


def again(tx: Tx, one: Wanted) -> None:
    """Some of it was fetched: the rest is due at once."""
    tx.execute(
        f"update connector_want set next_at = now(), failures = 0, problem = null {_THIS}", _params(tx.tenant_id, one)
    )


def failed(tx: Tx, one: Wanted, problem: dict[str, Any], pause_seconds: float) -> None:
    """It could not be fetched; try again after so long."""
    tx.execute(
        f"update connector_want set failures = failures + 1, problem = %(problem)s::jsonb, next_at = now() + make_interval(secs => %(pause)s) {_THIS}",
        _params(tx.tenant_id, one) | {"problem": to_json(problem), "pause": pause_seconds},
    )


_THIS: Final = (
    "where tenant_id = %(tenant)s and source = %(source)s and resource = %(resource)s and external_id = %(id)s"
)


def _params(tenant: UUID, one: Wanted) -> dict[str, Any]:
    return {"tenant": tenant, "source": one.source, "resource": one.resource, "id": one.external_id}
