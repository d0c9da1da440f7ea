"""What the routes of things take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Label

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class FieldIn(Body):
    """A field of a sort of things."""

    name: Key
    zh: Called
    en: Called
    type: Literal["text", "number", "bool", "date", "timestamp"]


class StageIn(Body):
    """A stage of a sort of things."""

    name: Key
    zh: Called
    en: Called


class ThingTypeChange(Body):
    """A sort of things, as it is to be."""

    zh: Called
    en: Called
    fields: list[FieldIn] = Field(default_factory=list[FieldIn], max_length=60)
    stages: list[StageIn] = Field(default_factory=list[StageIn], max_length=30)


class NewThingType(ThingTypeChange):
    """A sort of things to define; its key stays for good."""

    name: Key


class ThingFieldOut(BaseModel):
    """A field."""

    name: str
    label: Label
    type: str


class StageOut(BaseModel):
    """A stage and how many things are in it, as far as the caller sees them."""

    name: str
    label: Label
    things: int


class ThingTypeOut(BaseModel):
    """A sort of things."""

    name: str
    label: Label
    fields: list[ThingFieldOut]
    stages: list[StageOut]
    updated_at: datetime


Values = dict[str, str | float | bool | None]


class ThingChange(Body):
    """What to change; a key left out stays, a field that is null is taken away."""

    title: Annotated[str, StringConstraints(max_length=200)] | None = None
    stage: Key | None = None
    store_id: UUID | None = None
    owner_user_id: UUID | None = None
    fields: Values = Field(default_factory=dict[str, Any], max_length=60)


class NewThing(ThingChange):
    """A thing to make. Without a number it gets one."""

    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None


class ThingRow(BaseModel):
    """A thing."""

    id: UUID
    type: str
    number: str
    title: str
    stage: str | None
    stage_at: datetime
    store_id: UUID | None
    owner_user_id: UUID | None
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class ThingEvent(BaseModel):
    """Something that happened to a thing."""

    id: UUID
    type: str
    label: Label
    at: datetime
    payload: dict[str, Any]
