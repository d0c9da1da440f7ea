"""Up to where feeds were read. A place goes forward in the commit that keeps what was read: nothing is left out, whatever dies."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tandem.kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Spot:
    """A feed of an account."""

    account_id: UUID
    resource: str
    feed: str


def place_of(tx: Tx, spot: Spot) -> str:
    """Up to where it was read; "" when it never was."""
    found = tx.values(f"select place from connector_place {_THIS}", _params(tx, spot))
    return str(found[0]) if found else ""


def put(tx: Tx, spot: Spot, place: str) -> None:
    """It was read up to here."""
    tx.execute(
        """
        insert into connector_place (tenant_id, account_id, resource, feed, place)
        values (%(tenant)s, %(account)s, %(resource)s, %(feed)s, %(place)s)
        on conflict (tenant_id, account_id, resource, feed) do update set place = excluded.place, updated_at = now()
        """,
        _params(tx, spot) | {"place": place},
    )


def forget(tx: Tx, spot: Spot) -> None:
    """Begin anew: the platform no longer knows the place."""
    tx.execute(f"delete from connector_place {_THIS}", _params(tx, spot))


_THIS = "where tenant_id = %(tenant)s and account_id = %(account)s and resource = %(resource)s and feed = %(feed)s"


def _params(tx: Tx, spot: Spot) -> dict[str, object]:
    return {"tenant": tx.tenant_id, "account": spot.account_id, "resource": spot.resource, "feed": spot.feed}
