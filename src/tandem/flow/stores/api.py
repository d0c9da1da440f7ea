"""Routes of stores' own values for a flow."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StrictBool, StrictStr

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, page_of
from tandem.access.shapes import Body
from tandem.flow.kinds.store_settings import Setting, Value
from tandem.flow.stores import service

DRAWS: Final = "flow.write"
"""Whoever holds it sees drafts and stopped flows here too."""
router = APIRouter(tags=["flows"])

Adapter = Annotated[Access, Depends(allowed("flow.adapt"))]


class StoreSettingOut(BaseModel):
    """Something a store may set. `default` holds where it has not; numbers lie within `least` and `most`, texts within `length`."""

    name: str
    label: str
    type: Literal["text", "number", "bool"]
    default: StrictBool | float | str
    least: float | None
    most: float | None
    length: int


class StoreSettingsOut(BaseModel):
    """What stores may set in a flow."""

    settings: list[StoreSettingOut]


class FlowStoreOut(BaseModel):
    """A store with what it has set (`values`) and what its customers get (`effective`): the limits of today's version hold."""

    store_id: UUID
    code: str
    name: str
    values: dict[str, StrictBool | float | str]
    effective: dict[str, StrictBool | float | str]
    updated_at: datetime | None
    updated_by: str | None


class OpenFlowOut(BaseModel):
    """A published flow in which stores may set something; `adapted`: how many stores of the caller's scope have set it otherwise."""

    id: UUID
    name: str
    status: Literal["running", "paused", "draining"]
    adapted: int


class Adapted(Body):
    """All of a store's values; names left out go back to head office's."""

    values: dict[str, Annotated[StrictBool | float | StrictStr, Field()]] = Field(max_length=20)


@router.get("/store-flows")
def list_store_flows(access: Adapter, cursor: Cursor = None, limit: Limit = 50) -> Page[OpenFlowOut]:
    """The published flows in which stores may set something."""
    after = from_cursor(cursor, 1)[0] if cursor is not None else None
    with access.tx() as tx:
        rows, following = page_of(service.open_flows(tx, after=after, limit=limit + 1), limit, "id")
    return Page(items=[_flow(one) for one in rows], next=following)


@router.get("/flows/{flow_id}/store-settings")
def list_store_settings(access: Adapter, flow_id: UUID) -> StoreSettingsOut:
    """What stores may set in this flow, by its current version."""
    with access.tx() as tx:
        known = service.settings_of(tx, flow_id, drawer=access.may(DRAWS))
        return StoreSettingsOut(settings=[_setting(one) for one in known.values()])


@router.get("/flows/{flow_id}/stores")
def list_flow_stores(
    access: Adapter, flow_id: UUID, cursor: Cursor = None, limit: LongLimit = 100
) -> Page[FlowStoreOut]:
    """The stores of the caller's scope by code, with what each has set for this flow."""
    with access.tx() as tx:
        known = service.settings_of(tx, flow_id, drawer=access.may(DRAWS))
        rows, following = page_in_memory(service.stores(tx, flow_id), cursor, limit, "store_id")
    return Page(items=[_store(one, known) for one in rows], next=following)


@router.put("/flows/{flow_id}/stores/{store_id}")
def adapt_flow(access: Adapter, flow_id: UUID, store_id: UUID, body: Adapted) -> FlowStoreOut:
    """Set a store's own words, thresholds and switches, within head office's limits. Effective at once; a new version keeps them."""
    values: dict[str, service.Given] = {
        name: one if isinstance(one, bool | str) else Decimal(str(one)) for name, one in body.values.items()
    }
    drawer = access.may(DRAWS)
    with access.tx() as tx:
        done = service.adapt(tx, flow_id, store_id, values, drawer=drawer)
        return _store(done, service.settings_of(tx, flow_id, drawer=drawer))


def _flow(one: service.OpenFlow) -> OpenFlowOut:
    return OpenFlowOut.model_validate(one, from_attributes=True)


def _setting(one: Setting) -> StoreSettingOut:
    return StoreSettingOut(
        name=one.name,
        label=one.label,
        type=one.type,
        default=_plain(one.fitted(None)),
        least=None if one.least is None else float(one.least),
        most=None if one.most is None else float(one.most),
        length=one.length,
    )


def _store(one: service.StoreValues, known: dict[str, Setting]) -> FlowStoreOut:
    return FlowStoreOut(
        store_id=one.store_id,
        code=one.code,
        name=one.name,
        values=one.values,
        effective={name: _plain(setting.fitted(one.values.get(name))) for name, setting in known.items()},
        updated_at=one.updated_at,
        updated_by=one.updated_by,
    )


def _plain(value: Value, /) -> str | bool | float:
    return float(value) if isinstance(value, Decimal) else value
