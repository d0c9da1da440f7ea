"""Routes of tags both ways."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.domains.contact.placing import problem_words
from tandem.domains.contact.tagging import service
from tandem.kernel.db import Scope
from tandem.stream.customer import view

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
Wins = Literal["last", "ours", "platform", "off"]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class TagAccountOut(BaseModel):
    """An account's tags. `waiting`: customers' tags still to be told there; `stuck`: those that were refused too often."""

    id: UUID
    name: str
    tags_used: int
    tags_max: int
    read_at: datetime | None
    met: bool
    waiting: int
    stuck: int
    problem: str | None


class TagLimits(Body):
    """What the platform allows the account, as it says itself."""

    tags_max: Annotated[int, Field(ge=0, le=100_000)]


class PlatformTagOut(BaseModel):
    """A tag there, the tag of ours that it is, and how many customers have it here."""

    id: UUID
    name: str
    tag: str
    status: Literal["there", "wanted", "gone", "ended"]
    problem: str | None
    customers: int


class PlatformTagGroupOut(BaseModel):
    """A group of tags. `wins`: whose word holds; `off`: not synchronised."""

    id: UUID
    account_id: UUID
    name: str
    wins: Wins
    there: bool
    tags: list[PlatformTagOut]


class TagGroupChange(Body):
    """Whose word holds from now on."""

    wins: Wins


class NewPlatformTags(Body):
    """Tags of ours to be made there: in a group (`group_id`), or in a new one (`group_name`)."""

    account_id: UUID
    group_id: UUID | None = None
    group_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None
    names: Annotated[list[TagName], Field(min_length=1, max_length=200)]


class TagConflictOut(BaseModel):
    """A change that was set back. `had`: whether the customer had the tag here; `kept`: whose word held."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    at: datetime
    customer_id: UUID
    customer_name: str | None = None
    adviser: str
    group: str
    tag: str
    had: Annotated[bool, Field(validation_alias="ours")]
    kept: Literal["ours", "platform"]


@router.get("/tag-accounts")
def list_tag_accounts(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[TagAccountOut]:
    """Connected accounts with their tags."""
    # What is counted are the company's numbers, no customer.
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        rows, following = page_in_memory(service.list_accounts(tx), cursor, limit, "id")
    return Page(items=[_account(row) for row in rows], next=following)


def _account(row: service.AccountRow) -> TagAccountOut:
    return TagAccountOut(
        id=row.id, name=row.name, tags_used=row.tags_used, tags_max=row.tags_max, read_at=row.read_at, met=row.met, waiting=row.waiting,
        stuck=row.stuck, problem=problem_words(row.problem),
    )  # fmt: skip


@router.post("/tag-accounts/{account_id}/read", status_code=202)
def read_tags(access: Writer, account_id: UUID) -> None:
    """Read the platform's tags and everybody's friends now, and try again what could not be told."""
    with access.tx() as tx:
        service.ask_again(tx, account_id)


@router.patch("/tag-accounts/{account_id}", status_code=204)
def change_tag_limits(access: Writer, account_id: UUID, given: TagLimits) -> None:
    """Say how many tags the platform allows."""
    with access.tx() as tx:
        service.set_limits(tx, account_id, given.tags_max)


@router.get("/platform-tag-groups")
def list_platform_tag_groups(
    access: Reader, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[PlatformTagGroupOut]:
    """The platforms' groups of tags in their order."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_groups(tx), cursor, limit, "id")
        labels = service.labels_of(tx, [row.id for row in rows])
    return Page(items=[_group(row, labels[row.id]) for row in rows], next=following)


def _group(row: service.GroupRow, labels: list[service.LabelRow]) -> PlatformTagGroupOut:
    tags = [
        PlatformTagOut(
            id=one.id, name=one.name, tag=one.tag, status=one.status, problem=problem_words(one.problem), customers=one.customers,  # pyright: ignore[reportArgumentType]
        )
        for one in labels
    ]  # fmt: skip
    return PlatformTagGroupOut(
        id=row.id, account_id=row.account_id, name=row.name, wins=row.wins, there=row.there, tags=tags  # pyright: ignore[reportArgumentType]
    )  # fmt: skip


@router.patch("/platform-tag-groups/{group_id}", status_code=204)
def change_platform_tag_group(access: Writer, group_id: UUID, given: TagGroupChange) -> None:
    """Say whose word on a group's tags holds."""
    with access.tx() as tx:
        service.set_wins(tx, group_id, given.wins)


@router.post("/platform-tags", status_code=202)
def put_platform_tags(access: Writer, given: NewPlatformTags) -> None:
    """Have tags of ours made on the platform; it happens within seconds."""
    with access.tx() as tx:
        service.put_tags(tx, given.account_id, group_row=given.group_id, group_name=given.group_name, names=given.names)


@router.get("/tag-conflicts")
def list_tag_conflicts(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[TagConflictOut]:
    """Changes of tags that were set back because the other side's word holds, newest first."""
    with access.tx() as tx:
        rows, following = service.list_conflicts(tx, cursor=cursor, limit=limit)
    items = [TagConflictOut.model_validate(row) for row in rows]
    called = view.names(access, (one.customer_id for one in items))
    for one in items:
        one.customer_name = called.get(one.customer_id)
    return Page(items=items, next=following)
