"""Routes of outgoing webhooks."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access.http import Access, allowed, shown_once
from tandem.access.paging import Cursor, Limit, Page, from_cursor, to_cursor
from tandem.access.privacy import privacy_of
from tandem.access.shapes import Label
from tandem.catalog import Catalog
from tandem.catalog.model import EventType
from tandem.kernel.errors import Forbidden
from tandem.stream.system import catalog_of
from tandem.stream.webhooks import deliveries, service
from tandem.stream.webhooks.shapes import (
    AttemptOut,
    DeliveryLine,
    DeliveryOut,
    DeliveryStatus,
    EventFieldOut,
    EventTypeOut,
    MadeWebhook,
    NewWebhook,
    Replay,
    Replayed,
    Rotation,
    Secret,
    WebhookChange,
    WebhookOut,
)

router = APIRouter(tags=["webhooks"])

Reader = Annotated[Access, Depends(allowed("webhook.read"))]
Writer = Annotated[Access, Depends(allowed("webhook.write"))]
_EXAMPLES: Final[dict[str, Any]] = {
    "number": 12.5,
    "text": "text",
    "bool": True,
    "date": "2026-05-01",
    "timestamp": "2026-05-01T02:03:04Z",
}


@router.get("/webhooks")
def list_webhooks(access: Reader, request: Request, cursor: Cursor = None, limit: Limit = 50) -> Page[WebhookOut]:
    """Subscriptions, newest first, with the counts of the last seven days."""
    with access.tx() as tx:
        rows, following = service.list_webhooks(tx, cursor=cursor, limit=limit)
    return Page(items=[_out(catalog_of(request), row) for row in rows], next=following)


@router.post("/webhooks", status_code=201, dependencies=[Depends(shown_once)])
def create_webhook(access: Writer, request: Request, body: NewWebhook) -> MadeWebhook:
    """Subscribe an address to events. The answer shows the signing secret for the only time."""
    _refuse_narrow(access)
    values = body.model_dump()
    _check(access, catalog_of(request), values)
    with access.tx() as tx:
        webhook_id, secret = service.create_webhook(tx, values)
        return MadeWebhook(webhook=_out(catalog_of(request), service.get_webhook(tx, webhook_id)), secret=secret)


@router.get("/webhooks/{webhook_id}")
def read_webhook(access: Reader, request: Request, webhook_id: UUID) -> WebhookOut:
    """One subscription."""
    with access.tx() as tx:
        return _out(catalog_of(request), service.get_webhook(tx, webhook_id))


@router.patch("/webhooks/{webhook_id}")
def change_webhook(access: Writer, request: Request, webhook_id: UUID, body: WebhookChange) -> WebhookOut:
    """Change, pause or switch on again. What happens while it is not active is not told afterwards."""
    _refuse_narrow(access)
    given = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    with access.tx() as tx:
        row = service.get_webhook(tx, webhook_id)
        whole = {name: getattr(row, name) for name in ("url", "event_types", "filter", "include_personal")}
        _check(access, catalog_of(request), {**whole, **given})
        if given.get("url", row.url) != row.url and service.told_personal(tx, webhook_id):
            # What waits, and what is replayed, keeps the body it was filed with and goes to the new address.
            _require_sensitive(access)
        service.change_webhook(tx, row, given)
        return _out(catalog_of(request), service.get_webhook(tx, webhook_id))


@router.delete("/webhooks/{webhook_id}", status_code=204)
def remove_webhook(access: Writer, webhook_id: UUID) -> None:
    """End a subscription; what still waits is given up."""
    with access.tx() as tx:
        service.remove_webhook(tx, webhook_id)


@router.post("/webhooks/{webhook_id}/secret", dependencies=[Depends(shown_once)])
def rotate_webhook_secret(access: Writer, webhook_id: UUID, body: Rotation) -> Secret:
    """Make a new secret. Until the overlap ends every request carries both signatures, so that receivers change over in peace."""
    _refuse_narrow(access)
    with access.tx() as tx:
        secret, until = service.rotate_secret(tx, webhook_id, timedelta(hours=body.overlap_hours))
        return Secret(secret=secret, old_secret_until=until)


@router.post("/webhooks/{webhook_id}/test", status_code=202)
def send_test_event(access: Writer, webhook_id: UUID) -> DeliveryLine:
    """File an event of type `webhook.test`; its delivery shows what the receiver answered."""
    with access.tx() as tx:
        return _line(deliveries.get_delivery(tx, service.file_test(tx, webhook_id))[0])


@router.get("/webhooks/{webhook_id}/deliveries")
def list_webhook_deliveries(
    access: Reader,
    webhook_id: UUID,
    status: DeliveryStatus | None = None,
    type: Annotated[str | None, Query(max_length=100)] = None,  # noqa: A002 - the name in the address
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryLine]:
    """What was and will be sent to one subscription, newest first; `status=dead` lists the dead letters."""
    with access.tx() as tx:
        rows, following = deliveries.list_deliveries(
            tx, webhook_id, status=status, event_type=type, cursor=cursor, limit=limit
        )
    return Page(items=[_line(row) for row in rows], next=following)


@router.post("/webhooks/{webhook_id}/replay", status_code=202)
def replay_webhook_deliveries(access: Writer, webhook_id: UUID, body: Replay) -> Replayed:
    """Send many deliveries again, 5,000 a call, each under its old id and with its old body."""
    with access.tx() as tx:
        replayed, more = deliveries.replay_many(
            tx, webhook_id, status=body.status, filed_from=body.filed_from, filed_to=body.filed_to
        )
    return Replayed(replayed=replayed, more=more)


@router.get("/webhook-deliveries/{delivery_id}")
def read_webhook_delivery(access: Reader, delivery_id: UUID) -> DeliveryOut:
    """One delivery: its body as sent, and every attempt with code, time and answer."""
    with access.tx() as tx:
        row, body, personal, attempts = deliveries.get_delivery(tx, delivery_id)
    hidden = personal and "sensitive" not in privacy_of(access.identity)
    log = [
        AttemptOut(
            number=one.number,
            at=one.at,
            code=one.code,
            milliseconds=one.milliseconds,
            problem=one.problem,
            answer=None if hidden else one.answer,
        )
        for one in attempts
    ]
    return DeliveryOut(**_line(row).model_dump(), webhook_id=row.webhook_id, body=None if hidden else body, log=log)


@router.post("/webhook-deliveries/{delivery_id}/replay", status_code=202)
def replay_webhook_delivery(access: Writer, delivery_id: UUID) -> DeliveryLine:
    """Send one delivery again, under its old id and with its old body."""
    with access.tx() as tx:
        deliveries.replay_one(tx, delivery_id)
        return _line(deliveries.get_delivery(tx, delivery_id)[0])


@router.get("/webhook-event-types")
def list_webhook_event_types(
    _access: Reader, request: Request, cursor: Cursor = None, limit: Limit = 200
) -> Page[EventTypeOut]:
    """Every event type one can subscribe to, by name: its version, the fields of `data`, an example of the body."""
    known = catalog_of(request).event_types
    after = "" if cursor is None else str(from_cursor(cursor, 1)[0])
    names = [name for name in sorted(known) if name > after]
    shown, more = names[:limit], len(names) > limit
    return Page(items=[_event_type(known[name]) for name in shown], next=to_cursor(shown[-1]) if more else None)


def _check(access: Access, catalog: Catalog, values: dict[str, Any]) -> None:
    if values["include_personal"]:
        _require_sensitive(access)
    service.check_sense(
        catalog,
        url=values["url"],
        event_types=values["event_types"],
        text=values["filter"],
        privacy=privacy_of(access.identity),
    )


def _require_sensitive(access: Access) -> None:
    if "sensitive" not in privacy_of(access.identity):
        raise Forbidden(
            "forbidden",
            "推送个人信息需要查看个人和敏感信息的权限（privacy.personal、privacy.sensitive）。",
            "To send personal data one must be allowed to see personal and sensitive data (privacy.personal, privacy.sensitive).",
        )


def _refuse_narrow(access: Access) -> None:
    """A webhook tells of every customer; whoever sees only some may not make one."""
    if access.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "推送覆盖全部客户，需要全部数据范围。",
            "A webhook tells of every customer; it needs the whole data scope.",
        )


def _out(catalog: Catalog, row: service.WebhookRow) -> WebhookOut:
    problem = service.filter_problem(
        catalog, row.event_types, row.filter, frozenset({"plain", "personal", "sensitive"})
    )
    values = {name: getattr(row, name) for name in service.WebhookRow.__dataclass_fields__}
    return WebhookOut(**values, filter_problem=None if problem is None else Label(zh=problem[0], en=problem[1]))


def _line(row: deliveries.DeliveryRow) -> DeliveryLine:
    return DeliveryLine(**{name: getattr(row, name) for name in DeliveryLine.model_fields})


def _event_type(kind: EventType) -> EventTypeOut:
    fields = [one for one in kind.fields if not one.encrypted]
    return EventTypeOut(
        name=kind.name,
        version=kind.version,
        label=Label(zh=kind.label.zh, en=kind.label.en),
        fields=[
            EventFieldOut(
                name=one.name, type=str(one.type), label=Label(zh=one.label.zh, en=one.label.en), privacy=one.privacy
            )
            for one in fields
        ],
        example={
            "id": "018f7c9e-5a00-7000-8000-000000000001",
            "type": kind.name,
            "version": kind.version,
            "timestamp": "2026-05-01T02:03:04Z",
            "customer_id": "018f7c9e-5a00-7000-8000-0000000000aa",
            "subject": None,
            "data": {one.name: _EXAMPLES.get(str(one.type), []) for one in fields if one.privacy == "plain"},
        },
    )
