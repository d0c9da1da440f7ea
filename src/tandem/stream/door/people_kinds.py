"""The door's own kinds: what a source knows of a person, what she did, where she was."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec

from tandem.catalog.divisions import divisions, full_name, nearest_code
from tandem.catalog.label import Label
from tandem.stream.door.kinds import (
    CustomerFields,
    DoorKind,
    Envelope,
    EventOut,
    Identifier,
    Key,
    Name,
    Normalised,
    Refused,
    Text,
)
from tandem.stream.places.point import point_text

Identifiers = Annotated[list[Identifier], msgspec.Meta(max_length=20)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

BIRTH_YEAR_MIN: Final = 1900
ATTRIBUTES_MAX: Final = 50
ATTRIBUTE_CHARACTERS_MAX: Final = 1000


class Location(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A place in degrees, WGS-84; kept to six decimal places."""

    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]


class CustomerIn(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a source knows of a person. Missing and null mean that it says nothing about the field."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    name: Name | None = None
    gender: Literal["male", "female", "other"] | None = None
    birthday: date | None = None
    city: Name | None = None
    district: Name | None = None
    division: Key | None = None
    location: Location | None = None
    store: Key | None = None
    tags: Annotated[list[Key], msgspec.Meta(max_length=50)] = []
    attrs: dict[Key, str | int | float | bool | None] = {}


class BehaviourIn(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Something a person did: looked at a page, watched a video to its end."""

    name: Key
    identifiers: Identifiers
    at: Moment
    properties: dict[Key, str | int | float | bool | None] = {}


class VisitIn(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A person in a shop."""

    store: Key
    identifiers: Identifiers
    at: Moment


def _customer(envelope: Envelope, said: CustomerIn) -> Normalised:
    if said.birthday is not None and not date(BIRTH_YEAR_MIN, 1, 1) <= said.birthday <= envelope.time.date():
        raise Refused(
            "birthday", f"生日应在 {BIRTH_YEAR_MIN} 年到今天之间", f"a birthday lies between {BIRTH_YEAR_MIN} and today"
        )
    _check_properties("attrs", said.attrs)
    return Normalised(
        identifiers=said.identifiers,
        needs_customer=True,
        customer=CustomerFields(
            name=_clean(said.name),
            gender=said.gender,
            birthday=None if said.birthday is None else said.birthday.isoformat(),
            city=_clean(said.city),
            district=_clean(said.district),
            division=_division(said.division),
            location=_location(said.location),
            store=said.store,
            tags=tuple(dict.fromkeys(said.tags)),
            attrs=dict(said.attrs),
        ),
    )


def _behaviour(envelope: Envelope, said: BehaviourIn) -> Normalised:
    _check_properties("properties", said.properties)
    payload: dict[str, Any] = {"name": said.name, "source": envelope.source, "properties": said.properties}
    return Normalised(
        identifiers=said.identifiers, events=(EventOut("behaviour.recorded", said.at, payload, once="recorded"),)
    )


def _visit(envelope: Envelope, said: VisitIn) -> Normalised:
    payload: dict[str, Any] = {"store": said.store, "source": envelope.source}
    return Normalised(
        identifiers=said.identifiers, events=(EventOut("visit.recorded", said.at, payload, once="recorded"),)
    )


def _check_properties(where: str, properties: dict[str, str | int | float | bool | None]) -> None:
    if len(properties) > ATTRIBUTES_MAX:
        raise Refused(where, f"最多 {ATTRIBUTES_MAX} 个属性", f"at most {ATTRIBUTES_MAX} properties")
    for name, value in properties.items():
        if isinstance(value, str) and len(value) > ATTRIBUTE_CHARACTERS_MAX:
            raise Refused(
                f"{where}.{name}",
                f"最长 {ATTRIBUTE_CHARACTERS_MAX} 个字符",
                f"at most {ATTRIBUTE_CHARACTERS_MAX} characters",
            )


def _division(code: str | None) -> str | None:
    if code is not None and code not in divisions():
        best = nearest_code(code)
        meant = f"{full_name(best)} {best}" if best else "310000"
        raise Refused(
            "division",
            f"“{code}”不是行政区划代码（GB/T 2260 六位数字），如 {meant}",
            f"“{code}” is no division code (six digits, GB/T 2260), such as {meant}",
        )
    return code


def _location(place: Location | None) -> str | None:
    return None if place is None else point_text(Decimal(repr(place.longitude)), Decimal(repr(place.latitude)))


def _clean(text: Text | None) -> str | None:
    """An empty field of a form says nothing."""
    stripped = text.strip() if text else ""
    return stripped or None


PEOPLE_KINDS: Final = (
    DoorKind("customer", Label("客户资料", "Customer"), CustomerIn, _customer),
    DoorKind("behaviour", Label("行为", "Behaviour"), BehaviourIn, _behaviour),
    DoorKind("visit", Label("到店", "Visit"), VisitIn, _visit),
)
