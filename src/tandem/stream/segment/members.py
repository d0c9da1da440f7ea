"""Who is inside a segment, for lists and for one customer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.customer import store


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A customer inside."""

    customer_id: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one customer stands: inside since when, and when time alone may next change that."""

    since: datetime | None
    due_at: datetime | None


def members(tx: Tx, segment_id: UUID, *, after: UUID | None, limit: int) -> list[MemberRow]:
    """At most ``limit`` members after one, in the order of the index (bucket, id): those the transaction may see."""
    return tx.all(
        MemberRow,
        """
        select customer_id, since from segment_member
        where tenant_id = %(tenant)s and segment_id = %(segment)s
          and (%(after)s::uuid is null or (bucket, customer_id) > (%(bucket)s::smallint, %(after)s::uuid))
        order by bucket, customer_id limit %(limit)s
        """,
        {
            "tenant": tx.tenant_id,
            "segment": segment_id,
            "after": after,
            "bucket": None if after is None else bucket_of(after),
            "limit": limit,
        },
    )


def standing(tx: Tx, segment_id: UUID, customer_id: UUID) -> Standing:
    """How one customer stands to a segment. Raises NotFound for a customer the transaction may not see."""
    store.visible(tx, customer_id)
    return tx.one(
        Standing,
        """
        select (select since from segment_member
                where bucket = %(bucket)s and tenant_id = %(tenant)s and segment_id = %(segment)s and customer_id = %(customer)s) as since,
               (select due_at from segment_due
                where bucket = %(bucket)s and tenant_id = %(tenant)s and segment_id = %(segment)s and customer_id = %(customer)s) as due_at
        """,
        {
            "bucket": bucket_of(customer_id),
            "tenant": tx.tenant_id,
            "segment": segment_id,
            "customer": customer_id,
        },
    )
