"""Routes of what an author picks by name: the roles and colleagues a block hands work to, the flows that call a flow."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from tandem.access import roles, staff
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.flow import using
from tandem.flow.service import get_flow

router = APIRouter(tags=["flows"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]


class Hand(BaseModel):
    """A role or a colleague by name: less than `user.read` shows, and all that a block's form needs."""

    id: UUID
    name: str


class Attribute(BaseModel):
    """A name under which customers keep a value of the tenant's own; its `id` is the name."""

    id: str
    name: str


class CallerOut(BaseModel):
    """A flow that calls another: in the version at work (`published`), in its drawing (`drafted`), or in both."""

    id: UUID
    name: str
    status: str
    published: bool
    drafted: bool


@router.get("/flow-choices/roles")
def list_roles_to_hand_to(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[Hand]:
    """The roles that a task may be handed to."""
    with access.tx() as tx:
        rows, following = page_in_memory(roles.list_roles(tx), cursor, limit, "id")
    return Page(items=[Hand(id=row.id, name=row.name) for row in rows], next=following)


@router.get("/flow-choices/users")
def list_users_to_hand_to(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[Hand]:
    """The colleagues who may become a customer's owner, by name."""
    with access.tx() as tx:
        rows, following = staff.list_staff(tx, q=None, cursor=cursor, limit=limit)
    return Page(items=[Hand(id=row.id, name=row.name) for row in rows], next=following)


@router.get("/flow-choices/attributes")
def list_attributes(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[Attribute]:
    """The tenant's own attributes by name, as far as flows write them or customers have them. Another name may be given all the same."""
    with access.tx() as tx:
        rows, following = page_in_memory(
            [Attribute(id=one, name=one) for one in using.attributes(tx)], cursor, limit, "id"
        )
    return Page(items=rows, next=following)


@router.get("/flows/{flow_id}/callers")
def list_callers(access: Reader, flow_id: UUID, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[CallerOut]:
    """The flows that call this one. What is published of it reaches them all."""
    with access.tx() as tx:
        get_flow(tx, flow_id)
        rows, following = page_in_memory(using.callers(tx, flow_id), cursor, limit, "id")
    return Page(items=[CallerOut.model_validate(row, from_attributes=True) for row in rows], next=following)
