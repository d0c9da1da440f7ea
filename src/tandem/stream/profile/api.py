"""Routes of a customer's fields: where each comes from, and which sources a tenant believes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.shapes import Body, Label
from tandem.catalog.model import Catalog
from tandem.stream.profile import priority_service, provenance, said_store
from tandem.stream.profile.priority import ANY_FIELD
from tandem.stream.profile.sayings import ATTRIBUTE
from tandem.stream.system import catalog_of

router = APIRouter(tags=["customers"])

Reader = Annotated[Access, Depends(allowed("customer.read"))]
SettingsReader = Annotated[Access, Depends(allowed("settings.read"))]
SettingsWriter = Annotated[Access, Depends(allowed("settings.write"))]
CatalogNow = Annotated[Catalog, Depends(catalog_of)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\s*]*\*?$")]


class WordOut(BaseModel):
    """What one source said last; `other_person`: of somebody who was merged into this customer."""

    value: Any
    source: str
    at: datetime
    holds: bool
    other_person: bool


class FieldOut(BaseModel):
    """A field of a customer, and what was said of it: what holds first, then the latest."""

    field: str
    label: Label
    said: list[WordOut]


class FieldsOut(BaseModel):
    """The fields of a customer that anybody said something about."""

    fields: list[FieldOut]


class PriorityLine(BaseModel):
    """Whom to believe about a field, the strongest first. `chosen`: the tenant's own order, else the default is shown."""

    field: str
    label: Label
    sources: list[str]
    chosen: bool


class Priorities(BaseModel):
    """The orders of all fields, and the sources that there are to choose from."""

    fields: list[PriorityLine]
    sources: list[str]


class PriorityBody(Body):
    """`sources`: names, `shop*` for all that begin so, `*` for everybody else; null goes back to the default."""

    sources: Annotated[list[Source], Field(min_length=1, max_length=50)] | None


@router.get("/customers/{customer_id}/fields")
def read_customer_fields(access: Reader, customer_id: UUID, catalog: CatalogNow) -> FieldsOut:
    """Where each field of a customer comes from and since when, with what other sources say."""
    with access.tx() as tx:
        words = provenance.words(tx, customer_id, said_store.priority(tx))
    found: dict[str, FieldOut] = {}
    for one in words:
        line = found.setdefault(one.field, FieldOut(field=one.field, label=_label(catalog, one.field), said=[]))
        line.said.append(
            WordOut(value=one.value, source=one.source, at=one.at, holds=one.holds, other_person=one.other_person)
        )
    return FieldsOut(fields=list(found.values()))


@router.get("/settings/field-priority")
def read_field_priority(access: SettingsReader, catalog: CatalogNow) -> Priorities:
    """Which source is believed about which field of a customer."""
    with access.tx() as tx:
        rules, sources = said_store.priority(tx), priority_service.sources(tx)
    names = [*priority_service.FIELDS, *sorted(set(rules.chosen) - set(priority_service.FIELDS))]
    return Priorities(
        fields=[
            PriorityLine(
                field=name, label=_label(catalog, name), sources=list(rules.order(name)), chosen=name in rules.chosen
            )
            for name in names
        ],
        sources=sources,
    )


@router.put("/settings/field-priority/{field}", status_code=204)
def set_field_priority(access: SettingsWriter, field: str, body: PriorityBody) -> None:
    """Decide whom to believe about a field (`*`: about all without an order of their own); it holds for what is said from now on."""
    with access.tx() as tx:
        priority_service.decide(tx, field, body.sources)


def _label(catalog: Catalog, name: str) -> Label:
    if name == ANY_FIELD:
        return Label(zh="其余字段", en="All other fields")
    if name in _REFERENCES:
        return _REFERENCES[name]
    plain = name.removeprefix(ATTRIBUTE)
    known = {one.name: one.label for one in catalog.entities["customer"].fields}.get(plain)
    return Label(zh=known.zh, en=known.en) if known else Label(zh=plain, en=plain)


_REFERENCES = {
    "store_id": Label(zh="所属门店", en="Store"),
    "owner_user_id": Label(zh="专属导购", en="Looked after by"),
}
