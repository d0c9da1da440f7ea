"""Routes of messaging."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body, Label, Name
from tandem.catalog.model import Catalog
from tandem.domains.messaging import service
from tandem.domains.messaging.placeholders import find, render
from tandem.domains.messaging.policy import CAP_MAX, Limits
from tandem.domains.messaging.reactions import Reaction, react_now
from tandem.domains.messaging.simulated import MODES, Behaviour, Mode, behaviour_of, set_behaviour
from tandem.domains.messaging.values import Recipient, fill, offered_labels, placeholder_names
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import new_id
from tandem.stream.customer import view

router = APIRouter(tags=["messages"])

CanRead = Annotated[Access, Depends(allowed("message.read"))]
CanWrite = Annotated[Access, Depends(allowed("message.write"))]
CanTemplate = Annotated[Access, Depends(allowed("template.write"))]
CanSettings = Annotated[Access, Depends(allowed("settings.write"))]
MessageClass = Literal["marketing", "transactional"]
BodyText = Annotated[str, Field(min_length=1, max_length=service.BODY_MAX)]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class MessageTemplate(_Row):
    """A message template."""

    id: UUID
    name: str
    channel: str
    message_class: MessageClass
    body: str
    placeholders: list[str]
    repeat_unknown: bool
    archived: bool
    updated_at: datetime


class NewMessageTemplate(Body):
    """A template to add."""

    name: Name
    message_class: MessageClass = "marketing"
    channel: Literal["simulated"] = "simulated"
    body: BodyText
    repeat_unknown: bool = False


class MessageTemplateChange(Body):
    """What to change; absent keys stay."""

    name: Name | None = None
    body: BodyText | None = None
    archived: bool | None = None


class PreviewRequest(Body):
    """A text to try, on one customer or without any."""

    body: BodyText
    customer_id: UUID | None = None


class Placeholder(BaseModel):
    """A placeholder a template may use."""

    name: str
    label: Label
    personal: bool


class Preview(BaseModel):
    """The text as it would arrive; `missing` are placeholders without a value for this customer."""

    text: str
    missing: list[str]


class Message(_Row):
    """A message and what became of it. `customer_name` is null for the nameless and for whom the caller may not see."""

    id: UUID
    customer_id: UUID
    customer_name: str | None = None
    template_id: UUID
    template: str
    channel: str
    message_class: MessageClass
    status: str
    reason: str | None
    planned_at: datetime
    release_at: datetime
    finished_at: datetime | None
    reported: Literal["delivered", "undelivered"] | None = None
    """What its provider reported later."""
    reported_reason: str | None = None
    reported_at: datetime | None = None
    flow_id: UUID | None
    run_id: UUID | None
    block: str | None


class StateCount(_Row):
    """How many messages are in a state for a reason."""

    status: str
    reason: str | None
    n: int


class PhoneText(_Row):
    """A message as it arrived on the simulated phone. `customer_name` as in a message."""

    id: UUID
    customer_id: UUID
    customer_name: str | None = None
    template_id: UUID | None
    delivered_at: datetime
    text: str


Cap = Annotated[int, Field(ge=1, le=CAP_MAX)]


class FrequencyCap(Body):
    """Limits on marketing messages per customer over all channels (null: none) and quiet hours in the tenant's local time."""

    per_day: Cap | None = None
    per_week: Cap | None = None
    per_month: Cap | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


class PhoneReaction(Body):
    """What the customer does with a message."""

    what: Reaction


class SimulatedBehaviour(Body):
    """How the simulated channel behaves."""

    mode: Mode = "deliver"
    latency_seconds: Annotated[float, Field(ge=0, le=2)] = 0.0
    people: bool | None = None
    """Somebody reads, presses and answers what arrives. Left out: as it is."""
    refusing: (
        Annotated[
            list[Literal["sms", "email", "official_account", "mini_program", "dingtalk", "feishu"]], Field(max_length=6)
        ]
        | None
    ) = None
    """Channels that refuse whatever the mode. Left out: as it is."""


class SimulatedState(BaseModel):
    """How the simulated channel behaves now, and how it can."""

    mode: str
    latency_seconds: float
    people: bool
    refusing: list[str]
    modes: dict[str, Label]


@router.get("/message-templates")
def list_message_templates(
    access: CanRead, *, archived: bool = False, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[MessageTemplate]:
    """Templates by name."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_templates(tx, archived=archived), cursor, limit, "id")
    return Page(items=[MessageTemplate.model_validate(row) for row in rows], next=following)


@router.get("/messages")
def list_messages(
    access: CanRead,
    *,
    state: str | None = None,
    customer_id: UUID | None = None,
    template_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Message]:
    """The outbox, newest first."""
    with access.tx() as tx:
        rows, following = service.list_messages(
            tx, state=state, customer_id=customer_id, template_id=template_id, cursor=cursor, limit=limit
        )
    items = [Message.model_validate(row) for row in rows]
    _name(access, items)
    return Page(items=items, next=following)


@router.get("/messages/states")
def count_message_states(access: CanRead) -> Page[StateCount]:
    """How many messages are in which state, and why."""
    with access.tx() as tx:
        return Page(items=[StateCount.model_validate(row) for row in service.count_states(tx)])


@router.get("/simulated-inbox")
def list_simulated_inbox(
    access: CanRead, customer_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[PhoneText]:
    """What arrived on the simulated phones, newest first."""
    with access.tx() as tx:
        rows, following = service.simulated_inbox(tx, customer_id=customer_id, cursor=cursor, limit=limit)
    items = [PhoneText.model_validate(row) for row in rows]
    _name(access, items)
    return Page(items=items, next=following)


@router.post("/simulated-inbox/{message_id}/reactions", status_code=202)
def react_on_simulated_phone(access: CanWrite, message_id: UUID, given: PhoneReaction) -> None:
    """Read, press or answer a message on the simulated phone, as its customer would. The same twice counts once."""
    with access.tx() as tx:
        react_now(tx, message_id, given.what)


def _name(access: Access, items: Iterable[Message | PhoneText]) -> None:
    """Say whose the messages are, as far as the caller may see customers: reading messages alone shows no names."""
    called = view.names(access, (one.customer_id for one in items))
    for one in items:
        one.customer_name = called.get(one.customer_id)


@router.get("/simulated-channel")
def get_simulated_channel(access: CanRead) -> SimulatedState:
    """How the simulated channel behaves."""
    with access.tx() as tx:
        return _state(behaviour_of(tx))


@router.put("/simulated-channel")
def set_simulated_channel(access: CanSettings, given: SimulatedBehaviour) -> SimulatedState:
    """Let the simulated channel fail, time out or throttle, to see what messaging does then."""
    with access.tx() as tx:
        before = behaviour_of(tx)
        people = before.people if given.people is None else given.people
        refusing = before.refusing if given.refusing is None else tuple(given.refusing)
        after = Behaviour(given.mode, given.latency_seconds, people, refusing)
        set_behaviour(tx, after)
        audit.record(
            tx,
            "simulated_channel.changed",
            "simulated_channel",
            tx.tenant_id,
            {"mode": before.mode, "people": before.people, "refusing": list(before.refusing)},
            {"mode": after.mode, "people": after.people, "refusing": list(after.refusing)},
        )
    return _state(after)


def _state(behaviour: Behaviour) -> SimulatedState:
    return SimulatedState(
        mode=behaviour.mode,
        latency_seconds=behaviour.latency_seconds,
        people=behaviour.people,
        refusing=list(behaviour.refusing),
        modes={mode: Label(zh=label.zh, en=label.en) for mode, label in MODES.items()},
    )


@router.get("/frequency-cap")
def get_frequency_cap(access: CanRead) -> FrequencyCap:
    """The caps and quiet hours."""
    with access.tx() as tx:
        return _shape(service.get_limits(tx))


@router.put("/frequency-cap")
def set_frequency_cap(access: CanWrite, given: FrequencyCap) -> FrequencyCap:
    """Set the caps and quiet hours."""
    limits = Limits(given.per_day, given.per_week, given.per_month, given.quiet_from, given.quiet_until)
    with access.tx() as tx:
        service.set_limits(tx, limits)
        return _shape(service.get_limits(tx))


def _shape(limits: Limits) -> FrequencyCap:
    return FrequencyCap(
        per_day=limits.per_day,
        per_week=limits.per_week,
        per_month=limits.per_month,
        quiet_from=limits.quiet_from,
        quiet_until=limits.quiet_until,
    )


def template_router(catalog: Callable[[], Catalog]) -> APIRouter:
    """The routes that check or fill templates; `catalog` gives the assembled one."""
    routes = APIRouter(tags=["messages"])

    @routes.post("/message-templates", status_code=201)
    def create_message_template(access: CanTemplate, given: NewMessageTemplate) -> MessageTemplate:
        """Add a template; its placeholders are checked against the catalog."""
        with access.tx() as tx:
            template_id = service.create_template(tx, catalog(), **given.model_dump())
            return MessageTemplate.model_validate(service.get_template(tx, template_id))

    @routes.patch("/message-templates/{template_id}")
    def change_message_template(
        access: CanTemplate, template_id: UUID, given: MessageTemplateChange
    ) -> MessageTemplate:
        """Change a template; messages not yet sent use the new text."""
        with access.tx() as tx:
            service.change_template(
                tx, catalog(), template_id, name=given.name, body=given.body, archived=given.archived
            )
            return MessageTemplate.model_validate(service.get_template(tx, template_id))

    @routes.get("/message-templates/placeholders")
    def list_placeholders(access: CanRead) -> Page[Placeholder]:
        """What a template may say of a customer and of what a flow got for her."""
        del access
        items = [
            Placeholder(name=name, label=Label(zh=field.label.zh, en=field.label.en), personal=field.encrypted)
            for name, field in sorted(placeholder_names(catalog()).items())
        ]
        items += [
            Placeholder(name=name, label=Label(zh=label.zh, en=label.en), personal=False)
            for name, label in sorted(offered_labels().items())
        ]
        return Page(items=items)

    @routes.post("/message-templates/preview")
    def preview_message(access: CanRead, given: PreviewRequest) -> Preview:
        """The text as a customer would get it. Personal values show as stars: revealing them has a route and a trace of its own."""
        return _preview(access, catalog(), given)

    _ = (create_message_template, change_message_template, list_placeholders, preview_message)
    return routes


def _preview(access: Access, catalog: Catalog, given: PreviewRequest) -> Preview:
    service.check_body(catalog, given.body)
    used = {one.name: one.instead for one in find(given.body)}
    known = placeholder_names(catalog)
    plain = [name for name in used if name in known and not known[name].encrypted]
    values: dict[str, str] = {name: "＊＊" for name in used if name in known and known[name].encrypted}
    if given.customer_id is not None and plain:
        with access.tx() as tx:
            values |= _values(tx, catalog, given.customer_id, plain)
    missing = [name for name, instead in used.items() if name not in values and instead is None]
    return Preview(text=render(given.body, lambda name: values.get(name, _shown(name, used))), missing=missing)


def _values(tx: Tx, catalog: Catalog, customer_id: UUID, plain: Sequence[str]) -> dict[str, str]:
    bucket = tx.value(
        "select bucket from customer where tenant_id = %(tenant)s and bucket = tandem_bucket(%(id)s) and id = %(id)s",
        {"tenant": tx.tenant_id, "id": customer_id},
    )
    if bucket is None:
        raise NotFound("no_such_customer", "没有这个客户。", "There is no such customer.")
    tx.open_customers([customer_id])
    message_id = new_id()
    return fill(tx, catalog, [Recipient(message_id, bucket, customer_id, None)], plain)[message_id]


def _shown(name: str, used: Mapping[str, str | None]) -> str | None:
    # A value that only a run brings (a coupon's code) keeps its name in the preview.
    return None if used[name] is not None else f"〔{name}〕"
