"""Routes of customers: find, look, change, tag, reveal, export."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from tandem.access import audit
from tandem.access.http import Access, allowed, forbidden, shown_once
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, page_of
from tandem.access.permissions import narrower
from tandem.access.privacy import PERSONAL, may_see
from tandem.catalog.label import Label as Words
from tandem.catalog.model import Catalog
from tandem.kernel.errors import InvalidInput
from tandem.stream.customer import attributes, chapters, export, search, service, timeline, view
from tandem.stream.customer.search import Filters, Place
from tandem.stream.customer.shapes import (
    BulkTag,
    BulkTagged,
    Changes,
    CustomerChange,
    CustomerOut,
    Customers,
    CustomField,
    CustomFieldClass,
    Label,
    RevealBody,
    RevealedOut,
    TagBody,
    TimelineEntry,
    TimelineFact,
)
from tandem.stream.fields import CLASSES
from tandem.stream.places.point import point_text
from tandem.stream.system import catalog_of

router = APIRouter(tags=["customers"])

Reader = Annotated[Access, Depends(allowed("customer.read"))]
Writer = Annotated[Access, Depends(allowed("customer.write"))]
TimelineKind = Literal["order", "visit", "message", "benefit", "label", "consent", "customer", "flow"]
SettingsWriter = Annotated[Access, Depends(allowed("settings.write"))]
Exporter = Annotated[Access, Depends(allowed("customer.export"))]


def _filters(
    q: Annotated[str | None, Query(max_length=200)] = None,
    segment_id: UUID | None = None,
    tag: Annotated[str | None, Query(max_length=200)] = None,
    store_id: UUID | None = None,
    city: Annotated[str | None, Query(max_length=100)] = None,
    stage: Annotated[str | None, Query(max_length=100)] = None,
    last_order_from: AwareDatetime | None = None,
    last_order_to: AwareDatetime | None = None,
    spend_min: Annotated[Decimal | None, Query(ge=0, max_digits=14, decimal_places=2)] = None,
    spend_max: Annotated[Decimal | None, Query(ge=0, max_digits=14, decimal_places=2)] = None,
    region: Annotated[
        str | None,
        Query(
            max_length=300, description="Of a comparison: ids of segments one is in, `!`, ids of those one is not in"
        ),
    ] = None,
) -> Filters:
    return Filters(
        q=q,
        segment_id=segment_id,
        tag=tag,
        store_id=store_id,
        city=city,
        stage=stage,
        last_order_from=last_order_from,
        last_order_to=last_order_to,
        spend_min=spend_min,
        spend_max=spend_max,
        region=region,
    )


Wanted = Annotated[Filters, Depends(_filters)]


@router.get("/customers")
def search_customers(access: Reader, wanted: Wanted, cursor: Cursor = None, limit: Limit = 50) -> Customers:
    """Customers within the caller's scope, newest first. `q`: a whole phone, e-mail, member number or name, an id, or four last digits."""
    with access.tx() as tx:
        places = search.places(tx, wanted, after=_place(cursor), limit=limit + 1)
        shown, following = page_of(places, limit, "created_at", "id")
        items = view.lines(tx, [place.id for place in shown])
        return Customers(items=items, next=following, total=None if cursor else search.total(tx, wanted))


@router.get("/customers.csv")
def export_customers(access: Exporter, wanted: Wanted, language: Literal["zh", "en"] = "zh") -> StreamingResponse:
    """The same customers as a CSV file, at most 50,000; phone numbers stay masked. Every export is on the audit trail."""
    reader = access.narrowed("customer.read")
    if reader is None:
        raise forbidden("customer.read")
    both = replace(reader, scope=narrower(reader.scope, access.scope))

    def pieces() -> Iterator[str]:
        with both.tx() as tx:
            named = {
                name: str(value)
                for name in Filters.__dataclass_fields__
                if (value := getattr(wanted, name)) is not None
            }
            audit.record(tx, "customer.exported", "customer", "csv", None, {"filters": sorted(named)})
            yield from export.rows(tx, wanted, language)

    headers = {"Content-Disposition": 'attachment; filename="customers.csv"'}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/customers/{customer_id}")
def read_customer(access: Reader, customer_id: UUID) -> CustomerOut:
    """One customer: fields, identifiers (masked), tags, profile, segments."""
    with access.tx() as tx:
        return view.customer(tx, customer_id)


@router.patch("/customers/{customer_id}")
def change_customer(access: Writer, customer_id: UUID, body: CustomerChange) -> Changes:
    """Set or clear fields; every change is an event with old and new value, and on the audit trail."""
    given = body.model_dump(mode="json", exclude={"attrs"}, exclude_unset=True)
    if any(not may_see(CLASSES.get(name, "plain")) for name in given):
        raise forbidden(PERSONAL)
    if body.location is not None:
        given["location"] = point_text(body.location.longitude, body.location.latitude)
    with access.tx() as tx:
        return Changes(changed=service.change(tx, customer_id, given, body.attrs))


@router.get("/customers/{customer_id}/timeline")
def read_timeline(
    access: Reader,
    request: Request,
    customer_id: UUID,
    kind: TimelineKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TimelineEntry]:
    """The customer's history, newest first; `kind` leaves one family of happenings."""
    catalog = catalog_of(request)
    before = _moment(cursor)
    with access.tx() as tx:
        found = timeline.happenings(tx, customer_id, before=before, limit=limit + 1, kind=kind)
        told = chapters.told(tx, customer_id, kind=kind, may=access.may, before=before, limit=limit + 1)
        classes = attributes.Classes.of(tx)
        entries = [*(_happened(catalog, classes, one) for one in found), *map(_told, told)]
    entries.sort(key=lambda one: (one.occurred_at, one.event_id), reverse=True)
    shown, following = page_of(entries[: limit + 1], limit, "occurred_at", "event_id")
    return Page(items=shown, next=following)


def _happened(catalog: Catalog, classes: attributes.Classes, one: timeline.Happening) -> TimelineEntry:
    summary = timeline.summary(catalog, one, classes)
    return TimelineEntry(
        event_id=one.event_id,
        type=one.type,
        label=_label(timeline.label_of(catalog, one)),
        occurred_at=one.occurred_at,
        summary=None if summary is None else _label(summary),
        backfill=one.is_backfill,
        facts=[TimelineFact(label=_label(name), value=_label(value)) for name, value in timeline.facts(catalog, one)],
        payload=timeline.plain(catalog, one),
    )


def _told(one: chapters.Told) -> TimelineEntry:
    return TimelineEntry(
        event_id=one.id,
        type=one.type,
        label=_label(one.label),
        occurred_at=one.at,
        summary=_label(one.summary),
        backfill=False,
        facts=[],
        payload={},
    )


def _label(words: Words) -> Label:
    return Label(zh=words.zh, en=words.en)


@router.post("/customers/tags")
def tag_customers(access: Writer, body: BulkTag) -> BulkTagged:
    """Set a tag on many customers by hand, or take it from them; those outside the caller's scope stay as they are."""
    with access.tx() as tx:
        asked, changed = service.tag_many(tx, body.customer_ids, body.tag, remove=body.remove)
    return BulkTagged(asked=asked, changed=changed)


@router.post("/customers/{customer_id}/tags", status_code=201)
def add_customer_tag(access: Writer, customer_id: UUID, body: TagBody) -> Changes:
    """Set a tag by hand."""
    with access.tx() as tx:
        return Changes(changed=["tags"] if service.add_tag(tx, customer_id, body.tag) else [])


@router.delete("/customers/{customer_id}/tags/{tag}")
def remove_customer_tag(access: Writer, customer_id: UUID, tag: str) -> Changes:
    """Take a tag away by hand."""
    with access.tx() as tx:
        return Changes(changed=["tags"] if service.remove_tag(tx, customer_id, tag) else [])


@router.post("/customers/{customer_id}/reveal", dependencies=[Depends(shown_once)])
def reveal_customer(access: Writer, customer_id: UUID, body: RevealBody) -> RevealedOut:
    """Show one personal value in the clear; the look is recorded."""
    access.require(PERSONAL)
    with access.tx() as tx:
        return RevealedOut(value=service.reveal(tx, customer_id, body.field))


@router.get("/custom-fields")
def list_custom_fields(access: Reader, cursor: Cursor = None, limit: LongLimit = 500) -> Page[CustomField]:
    """The company's own fields of customers, each with its class of data."""
    with access.tx() as tx:
        rows, following = page_in_memory(attributes.listed(tx), cursor, limit, "name")
    items = [CustomField(name=one.name, privacy=one.privacy, classed=one.classed) for one in rows]
    return Page(items=items, next=following)


@router.put("/custom-fields")
def classify_custom_field(access: SettingsWriter, body: CustomFieldClass) -> CustomField:
    """Say which class of data a field is; whoever lacks the class neither sees nor changes it from now on."""
    with access.tx() as tx:
        attributes.classify(tx, body.name, body.privacy)
    return CustomField(name=body.name, privacy=body.privacy, classed=True)


def _place(cursor: str | None) -> Place | None:
    found = _moment(cursor)
    return None if found is None else Place(*found)


def _moment(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    at, one = from_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(at or ""), UUID(one or "")
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor",
            "翻页标记无效，请从第一页重新开始。",
            "The cursor is not valid; start again from the first page.",
        ) from error


__all__ = ["router"]
