"""A person's request about her data: filed by one, decided by another, done by a job before its due date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Forbidden, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.jobs import file_job
from tandem.kernel.live import announce
from tandem.kernel.settings import settings
from tandem.stream.customer import store
from tandem.stream.keys import tenant_keys
from tandem.stream.rights import receipt

JOB_KIND: Final = "rights"
TOPIC: Final = "rights"


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as screens show it."""

    id: UUID
    kind: str
    customer_id: UUID
    reason: str
    status: str
    asked_at: datetime
    due_at: datetime
    created_by: UUID | None
    created_by_name: str | None
    first_approved_by: UUID | None
    first_approved_by_name: str | None
    decided_by: UUID | None
    decided_by_name: str | None
    decided_at: datetime | None
    note: str | None
    done_at: datetime | None
    receipt: dict[str, Any] | None
    receipt_hash: str | None
    signature: str | None
    has_file: bool


_REQUEST: Final = """
select q.id, q.kind, q.customer_id, q.reason, q.status, q.asked_at, q.due_at, q.created_by, c.name as created_by_name,
       q.first_approved_by, f.name as first_approved_by_name, q.decided_by, d.name as decided_by_name, q.decided_at, q.note, q.done_at, q.receipt, q.receipt_hash, q.signature,
       exists (select from rights_file f where f.tenant_id = q.tenant_id and f.request_id = q.id and f.expires_at > now()) as has_file
from rights_request q
left join staff_user c on c.tenant_id = q.tenant_id and c.id = q.created_by
left join staff_user f on f.tenant_id = q.tenant_id and f.id = q.first_approved_by
left join staff_user d on d.tenant_id = q.tenant_id and d.id = q.decided_by
where q.tenant_id = %(tenant)s
"""


def list_requests(tx: Tx, *, status: str | None, cursor: str | None, limit: int) -> tuple[list[RequestRow], str | None]:
    """A page of requests, newest first."""
    params: dict[str, Any] = {"tenant": tx.tenant_id, "limit": limit + 1}
    more = ""
    if status is not None:
        more += " and q.status = %(status)s"
        params["status"] = status
    if cursor is not None:
        params["at"], params["id"] = from_cursor(cursor, 2)
        more += " and (q.asked_at, q.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    rows = tx.all(RequestRow, f"{_REQUEST}{more} order by q.asked_at desc, q.id desc limit %(limit)s", params)
    return page_of(rows, limit, "asked_at", "id")


def get_request(tx: Tx, request_id: UUID, *, lock: bool = False) -> RequestRow:
    """One request. Raises NotFound."""
    params = {"tenant": tx.tenant_id, "id": request_id}
    row = tx.maybe(RequestRow, f"{_REQUEST} and q.id = %(id)s {'for no key update of q' if lock else ''}", params)
    if row is None:
        raise NotFound("no_such_request", "没有这个请求。", "There is no such request.")
    return row


def file_request(tx: Tx, *, kind: str, customer_id: UUID, reason: str, asked_at: datetime | None) -> UUID:
    """File a request; returns its id. Raises NotFound for a customer the caller may not see, Conflict where one is open already."""
    store.visible(tx, customer_id)
    params: dict[str, Any] = {"tenant": tx.tenant_id, "customer": customer_id, "kind": kind}
    if tx.value(
        """
        select exists (select from rights_request where tenant_id = %(tenant)s and customer_id = %(customer)s and kind = %(kind)s
                       and status in ('open', 'approved'))
        """,
        params,
    ):
        raise Conflict(
            "request_open", "这位客户已有相同的请求在办理。", "The same request of this customer is open already."
        )
    request_id, asked = new_id(), asked_at or tx.now
    due = asked + timedelta(days=settings().rights_due_days)
    tx.execute(
        """
        insert into rights_request (tenant_id, id, kind, customer_id, reason, asked_at, due_at, created_by)
        values (%(tenant)s, %(id)s, %(kind)s, %(customer)s, %(reason)s, %(asked)s, %(due)s, %(user)s)
        """,
        {**params, "id": request_id, "reason": reason, "asked": asked, "due": due, "user": tx.user_id},
    )
    audit.record(tx, "rights.requested", "rights_request", request_id, None, {"kind": kind, "due_at": due})
    announce(tx, TOPIC)
    return request_id


def approve(tx: Tx, request_id: UUID) -> None:
    """Let a request be carried out. Raises NotFound, Conflict when it is decided already, Forbidden for who filed it.

    What nobody here filed stays open after one approval and needs that of another colleague, so that two agree to it too.
    """
    row = _open(tx, request_id)
    if row.created_by is None and row.first_approved_by is None:
        _approve_first(tx, row)
        return
    if row.created_by is None and row.first_approved_by == tx.user_id:
        raise Forbidden(
            "second_person",
            "需要由第一位审批人之外的另一位同事审批。",
            "Somebody other than who approved it first must approve it too.",
        )
    job_id = file_job(tx, JOB_KIND, {"request_id": str(request_id)})
    _decide(tx, row, "approved", None, job_id)


def _approve_first(tx: Tx, row: RequestRow) -> None:
    if tx.user_id is None:
        raise Forbidden("second_person", "需要由人审批。", "A person must approve it.")
    tx.execute(
        "update rights_request set first_approved_by = %(user)s where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": row.id, "user": tx.user_id},
    )
    audit.record(tx, "rights.approved_first", "rights_request", row.id, None, {"first_approved_by": tx.user_id})
    announce(tx, TOPIC)


def refuse(tx: Tx, request_id: UUID, note: str) -> None:
    """Turn a request down, with the reason that the person is told. Raises like `approve`."""
    _decide(tx, _open(tx, request_id), "refused", note, None)


def _open(tx: Tx, request_id: UUID) -> RequestRow:
    row = get_request(tx, request_id, lock=True)
    if row.status not in {"open", "failed"}:
        raise Conflict("request_decided", "这个请求已经处理。", "This request was decided already.")
    if row.created_by is not None and row.created_by == tx.user_id:
        raise Forbidden(
            "second_person",
            "需要由提交人之外的另一位同事审批。",
            "Somebody other than who filed it must decide.",
        )
    return row


def _decide(tx: Tx, row: RequestRow, status: str, note: str | None, job_id: UUID | None) -> None:
    tx.execute(
        """
        update rights_request set status = %(status)s, note = %(note)s, decided_by = %(user)s, decided_at = %(now)s, job_id = %(job)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": row.id,
            "status": status,
            "note": note,
            "user": tx.user_id,
            "now": tx.now,
            "job": job_id,
        },
    )
    audit.record(
        tx, f"rights.{status}", "rights_request", row.id, {"status": row.status}, {"status": status, "note": note}
    )
    announce(tx, TOPIC)


def finish(tx: Tx, request_id: UUID, told: Mapping[str, Any]) -> None:
    """Note that a request is done, with its signed receipt."""
    sealed = receipt.seal(tenant_keys(tx), told)
    tx.execute(
        """
        update rights_request set status = 'done', done_at = %(now)s, receipt = %(receipt)s, receipt_hash = %(hash)s, signature = %(signature)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": request_id,
            "now": tx.now,
            "receipt": Jsonb(dict(told)),
            "hash": sealed.digest,
            "signature": sealed.signature,
        },
    )
    audit.record(tx, "rights.done", "rights_request", request_id, None, {"receipt_hash": sealed.digest})
    announce(tx, TOPIC)


def fail(tx: Tx, request_id: UUID, note: str) -> None:
    """Note that the job could not do it; it can be approved again."""
    tx.execute(
        "update rights_request set status = 'failed', note = %(note)s where tenant_id = %(tenant)s and id = %(id)s and status = 'approved'",
        {"tenant": tx.tenant_id, "id": request_id, "note": note},
    )
    announce(tx, TOPIC)
