"""Routes of what the platform counts of groups and of advisers' work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.domains.contact.placing import problem_words
from tandem.kernel.db import Tx

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Days = Annotated[int, Query(ge=1, le=366, description="How many days back")]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class GroupDayOut(_Row):
    """All groups on one day, as the platform counts."""

    day: date
    new_groups: int
    groups: int
    active_groups: int
    new_people: int
    people: int
    active_people: int
    messages: int


class OwnerFigures(_Row):
    """An owner's groups: what came within the days asked for, and how things stood on the last of them."""

    member: str
    name: str
    new_groups: int
    new_people: int
    messages: int
    groups: int
    people: int
    active_people: int


class GroupFigures(BaseModel):
    """What the platform counted of groups, by day and by owner. It counts whole days: today is not in it."""

    days: list[GroupDayOut]
    owners: list[OwnerFigures]
    read_at: datetime | None
    problem: str | None


class AdviserWork(_Row):
    """How an adviser worked within the days asked for. `replied`: percent of chats answered; `reply_minutes`: to the first answer."""

    account_id: UUID
    member: str
    name: str
    applied: int
    added: int
    chats: int
    messages: int
    replied: Decimal | None
    reply_minutes: Decimal | None
    removed_by: int

    @property
    def key(self) -> str:
        """Two companies may call somebody the same."""
        return f"{self.account_id}/{self.member}"


_BY_DAY: Final = """
select day, sum(new_groups)::int as new_groups, sum(groups)::int as groups, sum(active_groups)::int as active_groups,
  sum(new_people)::int as new_people, sum(people)::int as people, sum(active_people)::int as active_people, sum(messages)::int as messages
from group_day where tenant_id = %(tenant)s and day > %(since)s and (%(account)s::uuid is null or account_id = %(account)s) group by day order by day
"""
_BY_OWNER: Final = """
select d.owner as member, coalesce(max(a.name), d.owner) as name, sum(d.new_groups)::int as new_groups, sum(d.new_people)::int as new_people,
  sum(d.messages)::int as messages, (array_agg(d.groups order by d.day desc))[1] as groups, (array_agg(d.people order by d.day desc))[1] as people,
  (array_agg(d.active_people order by d.day desc))[1] as active_people
from group_day as d left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = d.account_id and a.member = d.owner
where d.tenant_id = %(tenant)s and d.day > %(since)s and (%(account)s::uuid is null or d.account_id = %(account)s)
group by d.account_id, d.owner order by messages desc, name limit 1000
"""
# Averages weigh each day by its chats: a day with one answered chat says little of a month.
_WORK: Final = """
select d.account_id, d.member, coalesce(max(a.name), d.member) as name, sum(d.applied)::int as applied, sum(d.added)::int as added,
  sum(d.chats)::int as chats, sum(d.messages)::int as messages,
  round(sum(d.replied * d.chats) filter (where d.replied is not null) / nullif(sum(d.chats) filter (where d.replied is not null), 0), 1) as replied,
  round(sum(d.reply_minutes * d.chats) filter (where d.reply_minutes is not null)::numeric
    / nullif(sum(d.chats) filter (where d.reply_minutes is not null), 0), 1) as reply_minutes,
  sum(d.removed_by)::int as removed_by
from adviser_day as d left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = d.account_id and a.member = d.member
where d.tenant_id = %(tenant)s and d.day > %(since)s group by d.account_id, d.member order by chats desc, name, d.account_id, d.member limit 5000
"""


@dataclass(frozen=True, slots=True)
class _Read:
    read_at: datetime | None
    problem: dict[str, Any] | None


def _params(tx: Tx, days: int, account: UUID | None = None) -> dict[str, Any]:
    return {
        "tenant": tx.tenant_id,
        "since": tx.now.astimezone(ZoneInfo(tx.zone)).date() - timedelta(days=days + 1),
        "account": account,
    }


@router.get("/group-figures")
def get_group_figures(access: Reader, days: Days = 30, account_id: UUID | None = None) -> GroupFigures:
    """What the platform counted of groups, by day and by owner."""
    with access.tx() as tx:
        params = _params(tx, days, account_id)
        read = tx.one(
            _Read,
            """
            select max(read_at) as read_at, (array_agg(problem) filter (where problem is not null))[1] as problem from count_account
            where tenant_id = %(tenant)s and (%(account)s::uuid is null or account_id = %(account)s)
            """,
            params,
        )
        return GroupFigures(
            days=tx.all(GroupDayOut, _BY_DAY, params), owners=tx.all(OwnerFigures, _BY_OWNER, params), read_at=read.read_at,
            problem=problem_words(read.problem),
        )  # fmt: skip


@router.get("/adviser-work")
def list_adviser_work(
    access: Reader, days: Days = 30, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[AdviserWork]:
    """How advisers worked, those with most chats first."""
    with access.tx() as tx:
        rows, following = page_in_memory(tx.all(AdviserWork, _WORK, _params(tx, days)), cursor, limit, "key")
    return Page(items=rows, next=following)
