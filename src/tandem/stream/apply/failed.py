"""Events that could not be applied, for the people who mend the cause: listed, and put back into the inbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn, in_buckets
from tandem.kernel.wake import wake
from tandem.stream.apply.store import retry

RETRY_MAX: Final = 500
"""Events put back in one transaction, which holds their buckets."""
_ALL_BUCKETS: Final = list(range(BUCKETS))


class FailedEvent(msgspec.Struct, frozen=True):
    """An event put aside, without its payload."""

    event_id: UUID
    bucket: int
    type: str
    customer_id: UUID | None
    occurred_at: datetime
    failed_at: datetime
    reason: str


_FAILED: Final = """
select event_id, bucket, type, customer_id, occurred_at, failed_at, reason from inbox_failed
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
"""


def page(tx: Tx, *, before: tuple[str | None, str | None], limit: int) -> list[FailedEvent]:
    """Failed events, the latest failure first, beyond the (failed_at, event_id) named."""
    return tx.all(
        FailedEvent,
        f"""{_FAILED}
          and (%(at)s::timestamptz is null or (failed_at, event_id) < (%(at)s::timestamptz, %(id)s::uuid))
        order by failed_at desc, event_id desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "at": before[0], "id": before[1], "limit": limit},
    )


def retry_one(tx: Tx, event_id: UUID) -> None:
    """Put a failed event back into its inbox. Raises NotFound."""
    found = tx.all(
        FailedEvent,
        f"{_FAILED} and event_id = %(id)s",
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": event_id},
    )
    if not _put_back(tx, found):
        raise NotFound("no_such_failed_event", "没有这条处理失败的事件。", "There is no such failed event.")


def retry_next(tx: Tx, after: UUID | None) -> tuple[int, UUID | None]:
    """Put the next `RETRY_MAX` failed events after this id back; returns how many, and the id to go on from or None at the end.

    Going by id, not by time, ends even while events fail again: a round meets each at most once.
    """
    found = tx.all(
        FailedEvent,
        f"{_FAILED} and (%(after)s::uuid is null or event_id > %(after)s) order by event_id limit %(limit)s",
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "after": after, "limit": RETRY_MAX},
    )
    return _put_back(tx, found), found[-1].event_id if len(found) == RETRY_MAX else None


def _put_back(tx: Tx, found: Sequence[FailedEvent]) -> int:
    if not found:
        return 0
    buckets = in_buckets(tx.conn, (one.bucket for one in found))
    count = retry(Turn(tx, buckets), [one.event_id for one in found])
    wake(tx, buckets)
    return count
