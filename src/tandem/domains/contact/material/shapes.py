"""What the routes of materials, scripts and topics take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tandem.access.shapes import Body

Kind = Literal["article", "page", "pdf", "image", "video"]
Life = Literal["draft", "approved", "archived"]
Named = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
Folder = Annotated[str, Field(max_length=60)]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\w")]


class NewMaterial(Body):
    """An article has words of its own; everything else is a file of yours or lies at an address."""

    name: Named
    kind: Kind = "article"
    folder: Folder = ""
    url: str | None = Field(default=None, max_length=1000)
    media_id: UUID | None = None
    words: str = Field(default="", max_length=10_000)
    product: str = Field(default="", max_length=100)
    expires_on: date | None = None

    @model_validator(mode="after")
    def _has_content(self) -> NewMaterial:
        if self.kind == "article":
            if not self.words.strip() or self.url is not None or self.media_id is not None:
                raise ValueError("an article has words and no address")
            return self
        if self.media_id is not None:
            if self.url is not None or self.kind == "page":
                raise ValueError("a material is a file of yours or lies at an address, not both; a page is no file")
            return self
        told = urlsplit(self.url or "")
        if told.scheme not in {"http", "https"} or not told.hostname or told.username is not None:
            raise ValueError("the address should look like https://example.com/page")
        return self


class MaterialOut(BaseModel):
    """A material."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    code: str
    name: str
    kind: Kind
    folder: str
    url: str | None
    media_id: UUID | None
    words: str
    product: str
    status: Life
    expires_on: date | None
    updated_at: datetime
    own: bool
    """The caller wrote of it since it was approved last: somebody else has to approve it."""


class NewScript(Body):
    """Words with placeholders such as `{{customer.name|亲}}`."""

    title: Named
    folder: Folder = ""
    body: str = Field(min_length=1, max_length=4000)
    material_id: UUID | None = None
    expires_on: date | None = None


class ScriptOut(BaseModel):
    """A talk script."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    title: str
    folder: str
    body: str
    material_id: UUID | None
    material: str | None
    status: Life
    expires_on: date | None
    uses: int
    updated_at: datetime
    own: bool
    """The caller wrote of it since it was approved last: somebody else has to approve it."""


class Approval(Body):
    """`seen`: the `updated_at` of what was read; what was changed after it is not approved."""

    seen: datetime


class NewTopic(Body):
    """`groups`: every group must be met by one of its words."""

    name: Named
    groups: list[Annotated[list[Word], Field(min_length=1, max_length=30)]] = Field(min_length=1, max_length=8)
    but: list[Word] = Field(default=[], max_length=30)
    questions_only: bool = False
    product: str = Field(default="", max_length=100)
    material_id: UUID | None = None
    active: bool = True


class TopicOut(BaseModel):
    """A topic."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    groups: list[list[str]]
    but: list[str]
    questions_only: bool
    product: str
    material_id: UUID | None
    material: str | None
    active: bool


class Sentence(Body):
    """A sentence to try."""

    text: str = Field(min_length=1, max_length=2000)


class Recognised(BaseModel):
    """What a sentence is about, if anything."""

    topic_id: UUID | None = None
    topic: str | None = None
    material: str | None = None
    question: bool = False
