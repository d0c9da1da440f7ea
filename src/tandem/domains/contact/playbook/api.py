"""Routes of group playbooks."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact.playbook import plans, reading
from tandem.domains.contact.playbook.shapes import (
    NewPlaybook,
    PlaybookGroupOut,
    PlaybookOut,
    PlaybookPlaceOut,
    PlaybookPlan,
    PlaybookStep,
    PlaybookStepOut,
)
from tandem.kernel.db import Tx
from tandem.kernel.errors import Forbidden

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Sender = Annotated[Access, Depends(allowed("contact.send"))]


@router.get("/group-playbooks")
def list_group_playbooks(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[PlaybookOut]:
    """Plans of days for groups, newest first."""
    with access.tx() as tx:
        rows, following = plans.list_playbooks(tx, cursor=cursor, limit=limit)
        steps = reading.steps_of(tx, [row.id for row in rows])
    return Page(items=[_out(row, steps[row.id]) for row in rows], next=following)


@router.post("/group-playbooks", status_code=201)
def create_group_playbook(access: Sender, given: NewPlaybook) -> PlaybookOut:
    """Draft a playbook: nothing happens before it begins."""
    _refuse_giving(access, given.steps)
    with access.tx() as tx:
        return _one(tx, plans.create_playbook(tx, given))


@router.get("/group-playbooks/{playbook_id}")
def get_group_playbook(access: Reader, playbook_id: UUID) -> PlaybookOut:
    """One playbook and how far each step is."""
    with access.tx() as tx:
        return _one(tx, playbook_id)


@router.put("/group-playbooks/{playbook_id}")
def change_group_playbook(access: Sender, playbook_id: UUID, given: PlaybookPlan) -> PlaybookOut:
    """Replace a draft's plan."""
    _refuse_giving(access, given.steps)
    with access.tx() as tx:
        plans.change_playbook(tx, playbook_id, given)
        return _one(tx, playbook_id)


@router.delete("/group-playbooks/{playbook_id}", status_code=204)
def remove_group_playbook(access: Sender, playbook_id: UUID) -> None:
    """Throw a draft away."""
    with access.tx() as tx:
        plans.remove_playbook(tx, playbook_id)


@router.post("/group-playbooks/{playbook_id}/copy", status_code=201)
def copy_group_playbook(access: Sender, playbook_id: UUID) -> PlaybookOut:
    """Draft the same plan once more."""
    with access.tx() as tx:
        return _one(tx, plans.copy_playbook(tx, playbook_id))


@router.post("/group-playbooks/{playbook_id}/begin")
def begin_group_playbook(access: Sender, playbook_id: UUID) -> PlaybookOut:
    """Let a playbook run from its first day on; owners confirm every message."""
    with access.tx() as tx:
        if any(one.coupon_id is not None for one in plans.steps_of(tx, playbook_id)):
            _may_give(access)
        plans.begin(tx, playbook_id)
        return _one(tx, playbook_id)


@router.post("/group-playbooks/{playbook_id}/pause")
def pause_group_playbook(access: Sender, playbook_id: UUID) -> PlaybookOut:
    """Hold a playbook: no further step begins."""
    with access.tx() as tx:
        plans.pause(tx, playbook_id, paused=True)
        return _one(tx, playbook_id)


@router.post("/group-playbooks/{playbook_id}/resume")
def resume_group_playbook(access: Sender, playbook_id: UUID) -> PlaybookOut:
    """Let a playbook go on; steps whose time passed meanwhile are missed."""
    with access.tx() as tx:
        plans.pause(tx, playbook_id, paused=False)
        return _one(tx, playbook_id)


@router.post("/group-playbooks/{playbook_id}/end")
def end_group_playbook(access: Sender, playbook_id: UUID) -> PlaybookOut:
    """End a playbook: what owners have not confirmed goes to nobody."""
    with access.tx() as tx:
        plans.end(tx, playbook_id)
        return _one(tx, playbook_id)


@router.get("/group-playbooks/{playbook_id}/groups")
def list_playbook_groups(
    access: Reader, playbook_id: UUID, cursor: Cursor = None, limit: LongLimit = 500
) -> Page[PlaybookGroupOut]:
    """Where each group stands with every step that has begun."""
    with access.tx() as tx:
        plans.get_playbook(tx, playbook_id)
        rows, following = page_in_memory(reading.groups_of(tx, playbook_id), cursor, limit, "group_id")
        places = reading.places_of(tx, playbook_id)
    items = [
        PlaybookGroupOut(
            group_id=row.group_id, group=row.group, owner=row.owner, ended=row.ended,
            places=[PlaybookPlaceOut.model_validate(one) for one in places.get(row.group_id, [])],
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=following)


@router.post("/group-playbooks/{playbook_id}/steps/{step_id}/groups/{group_id}/done", status_code=204)
def finish_group_task(
    access: Annotated[Access, Depends(allowed("contact.write"))], playbook_id: UUID, step_id: UUID, group_id: UUID
) -> None:
    """Say that a group's task is done."""
    with access.tx() as tx:
        plans.finish_task(tx, playbook_id, step_id, group_id)


def _refuse_giving(access: Access, steps: list[PlaybookStep]) -> None:
    if any(one.coupon_id is not None for one in steps):
        _may_give(access)


def _may_give(access: Access) -> None:
    """Coupons for everybody in a group are promised by whoever may give them to every customer."""
    access.require("coupon.write")
    reach = access.identity.reach("coupon.write")
    if reach is None or reach.kind != "all":
        raise Forbidden(
            "out_of_scope", "群里的每位客户都会得到优惠券，需要全部数据范围。", "Everybody in the groups gets a coupon; it needs the whole data scope.",
        )  # fmt: skip


def _one(tx: Tx, playbook_id: UUID) -> PlaybookOut:
    return _out(plans.get_playbook(tx, playbook_id), reading.steps_of(tx, [playbook_id])[playbook_id])


def _out(row: plans.PlaybookRow, steps: list[reading.StepRow]) -> PlaybookOut:
    return PlaybookOut(
        id=row.id, account_id=row.account_id, name=row.name, status=row.status,  # pyright: ignore[reportArgumentType]
        groups=row.groups, begins_on=row.begins_on, started_at=row.started_at, finished_at=row.finished_at, created_at=row.created_at,
        steps=[PlaybookStepOut.model_validate(one) for one in steps],
    )  # fmt: skip
