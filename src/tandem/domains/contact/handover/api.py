"""Routes of hand-overs and of those who were lost."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.domains.contact.handover import service, working
from tandem.domains.contact.placing import problem_words
from tandem.domains.contact.shapes import Member
from tandem.domains.contact.tagging import walking
from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden, NotFound
from tandem.stream.customer import view

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
Days = Annotated[int, Query(ge=1, le=366, description="How many days back")]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AdviserFriends(_Row):
    """An adviser: friends now, lost within the days asked for, being handed over. `held`: `missing` of hers wait to be believed lost."""

    account_id: UUID
    member: str
    name: str
    away: bool
    friends: int
    lost: int
    lost_by_customer: int
    handing_over: int
    held: bool
    missing: int | None


class AdviserFriend(_Row):
    """A friend of an adviser who may be chosen. `times`: handed over lately; `capped`: the platform allows it no more."""

    id: UUID
    customer_id: UUID
    customer_name: str | None = None
    added_at: datetime
    orders: int
    last_order_at: datetime | None
    times: int
    capped: bool
    under_way: bool


class LostFriend(_Row):
    """A friendship that ended."""

    id: UUID
    customer_id: UUID
    customer_name: str | None = None
    member: str
    adviser: str
    live_code: str | None
    added_at: datetime | None
    lost_at: datetime
    lost_by: Literal["customer", "adviser", "unknown"]


class MissingBelieved(Body):
    """Whose missing friends are to be believed lost at the next reading."""

    account_id: UUID
    member: Member


class NewHandOver(Body):
    """A hand-over to begin: all of an adviser's customers, or some. The message is told to customers of one who still serves."""

    account_id: UUID
    giver: Member
    taker: Member
    customers: Annotated[list[UUID], Field(min_length=1, max_length=10_000)] | None = None
    with_groups: bool = True
    message: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class HandOverOut(BaseModel):
    """A hand-over. Customers by where they are; `unknown`: the platform's customers of hers whom nobody here knows."""

    id: UUID
    giver: str
    giver_name: str
    taker: str
    taker_name: str
    resigned: bool
    state: Literal["gathering", "running", "done"]
    planned: int
    asked: int
    done: int
    refused: int
    unknown: int
    groups: int
    groups_done: int
    problem: str | None
    created_at: datetime
    finished_at: datetime | None


class HandOverItemOut(_Row):
    """A customer of a hand-over, and the platform's code where it said no."""

    id: UUID
    customer_id: UUID
    customer_name: str | None = None
    state: Literal["planned", "asking", "asked", "done", "refused", "full", "capped", "none", "failed", "stopped"]
    code: str | None
    asked_at: datetime | None
    finished_at: datetime | None


@router.get("/adviser-friends")
def list_adviser_friends(
    access: Reader, days: Days = 30, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[AdviserFriends]:
    """Advisers with their friends and those they lost, leavers with friends first."""
    # What leaves it are the company's sums, no customer.
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        rows, following = page_in_memory(service.list_advisers(tx, days), cursor, limit, "member")
    return Page(items=[AdviserFriends.model_validate(row) for row in rows], next=following)


@router.get("/adviser-friends/{account_id}/{member}/customers")
def list_friends_of_adviser(
    access: Reader, account_id: UUID, member: Member, cursor: Cursor = None, limit: Limit = 50
) -> Page[AdviserFriend]:
    """An adviser's friends as they are now, the latest first: whom to choose for a hand-over."""
    with access.tx() as tx:
        rows, following = service.list_friends(tx, account_id, member, cursor=cursor, limit=limit)
    items = [AdviserFriend.model_validate(row) for row in rows]
    called = view.names(access, (one.customer_id for one in items))
    for one in items:
        one.customer_name = called.get(one.customer_id)
    return Page(items=items, next=following)


@router.get("/lost-friends")
def list_lost_friends(
    access: Reader,
    *,
    member: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[LostFriend]:
    """Friendships that ended, newest first."""
    with access.tx() as tx:
        rows, following = service.list_lost(tx, member=member, cursor=cursor, limit=limit)
    items = [LostFriend.model_validate(row) for row in rows]
    called = view.names(access, (one.customer_id for one in items))
    for one in items:
        one.customer_name = called.get(one.customer_id)
    return Page(items=items, next=following)


@router.post("/lost-friends/believed", status_code=202)
def believe_missing(access: Writer, given: MissingBelieved) -> None:
    """Say that an adviser really lost so many at once."""
    _refuse_narrow(access)
    with access.tx() as tx:
        if walking.trust(tx, given.account_id, given.member) == 0:
            raise NotFound("nobody_missing", "没有待确认的流失。", "Nobody is waiting to be called lost.")
        audit.record(tx, "lost_friends.believed", "adviser", given.account_id, None, {"member": given.member})


@router.get("/hand-overs")
def list_hand_overs(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[HandOverOut]:
    """Hand-overs, newest first."""
    with access.tx() as tx:
        rows, following = service.list_all(tx, cursor=cursor, limit=limit)
    return Page(items=_shown(access, rows), next=following)


@router.post("/hand-overs", status_code=201)
def begin_hand_over(access: Writer, given: NewHandOver) -> HandOverOut:
    """Begin handing an adviser's customers to another; it goes on by itself."""
    _refuse_narrow(access)
    with access.tx() as tx:
        wanted = service.NewHandOver(
            given.account_id, given.giver, given.taker, given.customers, given.with_groups, given.message
        )
        row = service.get(tx, service.begin(tx, wanted))
    return _shown(access, [row])[0]


@router.get("/hand-overs/{hand_over_id}")
def get_hand_over(access: Reader, hand_over_id: UUID) -> HandOverOut:
    """One hand-over."""
    with access.tx() as tx:
        row = service.get(tx, hand_over_id)
    return _shown(access, [row])[0]


@router.post("/hand-overs/{hand_over_id}/stop", status_code=202)
def stop_hand_over(access: Writer, hand_over_id: UUID) -> None:
    """Ask for nobody further."""
    _refuse_narrow(access)
    with access.tx() as tx:
        service.stop(tx, hand_over_id)


@router.get("/hand-overs/{hand_over_id}/customers")
def list_hand_over_customers(
    access: Reader, hand_over_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[HandOverItemOut]:
    """A hand-over's customers and where each of them is."""
    with access.tx() as tx:
        rows, following = service.list_items(tx, hand_over_id, cursor=cursor, limit=limit)
    items = [HandOverItemOut.model_validate(row) for row in rows]
    called = view.names(access, (one.customer_id for one in items))
    for one in items:
        one.customer_name = called.get(one.customer_id)
    return Page(items=items, next=following)


def _refuse_narrow(access: Access) -> None:
    """An adviser's friends and groups are the company's, of whichever store; whoever sees only some customers moves none of them."""
    if access.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "员工的客户属于全公司，需要全部数据范围。",
            "An adviser's customers are the whole company's; this needs the whole data scope.",
        )


def _shown(access: Access, rows: list[service.HandOverRow]) -> list[HandOverOut]:
    """Hand-overs with their sums, which are the company's."""
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        sums = working.counts(tx, [row.id for row in rows])
    return [_out(row, sums.get(row.id, {})) for row in rows]


def _out(row: service.HandOverRow, found: dict[str, int]) -> HandOverOut:
    groups = sum(n for state, n in found.items() if state.startswith("group_"))
    return HandOverOut(
        id=row.id, giver=row.giver, giver_name=row.giver_name, taker=row.taker, taker_name=row.taker_name, resigned=row.resigned,
        state=row.state, planned=found.get("planned", 0),  # pyright: ignore[reportArgumentType]
        asked=found.get("asking", 0) + found.get("asked", 0), done=found.get("done", 0),
        refused=sum(found.get(one, 0) for one in ("refused", "full", "capped", "none", "failed", "stopped")), unknown=row.unknown, groups=groups,
        groups_done=found.get("group_done", 0), problem=problem_words(row.problem), created_at=row.created_at, finished_at=row.finished_at,
    )  # fmt: skip
