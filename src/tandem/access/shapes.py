"""Kinds of text and answers that the routes of every room share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

#: What people call things. 100 characters fit every list column.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

#: What machines call things: stable, typed by hand, shown in addresses.
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")
]

PermissionName = Annotated[
    str, StringConstraints(max_length=64, pattern=r"^(\*|[a-z][a-z_0-9]*\.(\*|[a-z][a-z_0-9]*))$")
]


class Body(BaseModel):
    """A request's body: a key nobody knows is an error with its place, not silently ignored."""

    model_config = ConfigDict(extra="forbid", str_max_length=10_000)


class Label(BaseModel):
    """A text in both languages."""

    zh: str
    en: str
