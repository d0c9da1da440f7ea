"""Links to materials: `{{radar.material}}` and `{{radar.CODE}}` in messages, and those an adviser takes from the sidebar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.contact.radar.token import Link, sign
from tandem.domains.messaging.service import Recipient, Values, offer_placeholders
from tandem.kernel.db import Tx
from tandem.kernel.settings import settings
from tandem.stream.keys import tenant_keys

PREFIX: Final = "radar"
_OF_RUN: Final = "radar.material"


def address(tx: Tx, link: Link) -> str:
    """A link as it is sent."""
    return f"{(settings().public_url or '').rstrip('/')}/r/{sign(tenant_keys(tx), link)}"


def advisers_of(tx: Tx, customers: Sequence[tuple[int, UUID]]) -> dict[UUID, str]:
    """The adviser who became a customer's friend last, for those who have one."""
    rows: list[tuple[UUID, str]] = tx.cursor(
        """
        select distinct on (customer_id) customer_id, member from friendship
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(ids)s::uuid[]) and lost_at is null
          and added_at is not null
        order by customer_id, added_at desc
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": sorted({one[0] for one in customers}),
            "ids": [one[1] for one in customers],
        },
    ).fetchall()
    return dict(rows)


def fill(tx: Tx, names: Sequence[str], recipients: Sequence[Recipient], values: Values) -> None:
    """Put a link of her own into each message; one whose material may not be shown today is left out, and the message is not sent."""
    codes = [name.removeprefix(f"{PREFIX}.") for name in names if name != _OF_RUN]
    params: dict[str, Any] = {
        "tenant": tx.tenant_id, "codes": codes, "now": tx.now, "zone": str(tx.zone), "buckets": sorted({one.bucket for one in recipients}),
        "runs": [one.run_id for one in recipients],
    }  # fmt: skip
    live = "m.status = 'approved' and (m.expires_on is null or m.expires_on >= (%(now)s at time zone %(zone)s)::date)"
    known: dict[str, UUID] = dict(
        tx.cursor(
            f"select m.code, m.id from material as m where m.tenant_id = %(tenant)s and m.code = any(%(codes)s::text[]) and {live}",
            params,
        ).fetchall()
    )
    of_run: dict[UUID, UUID] = {}
    if _OF_RUN in names:
        of_run = dict(
            tx.cursor(
                f"""
                select r.id, m.id from flow_run as r
                join material as m on m.tenant_id = %(tenant)s and m.id = (r.vars -> 'memory' ->> 'material_id')::uuid
                where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.id = any(%(runs)s::uuid[]) and {live}
                """,
                params,
            ).fetchall()
        )
    members = advisers_of(tx, [(one.bucket, one.customer_id) for one in recipients])
    for one in recipients:
        for name in names:
            thing = of_run.get(one.run_id) if name == _OF_RUN and one.run_id else known.get(name.removeprefix("radar."))
            if thing is not None:
                link = Link(tx.tenant_id, thing, one.customer_id, members.get(one.customer_id, ""))
                values[one.message_id][name] = address(tx, link)


offer_placeholders(PREFIX, fill, {_OF_RUN: Label("素材链接（前面选好的素材）", "Link to the material chosen before")})
