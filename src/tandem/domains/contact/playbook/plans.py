"""Group playbooks as people plan, begin, pause, end and copy them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.codes import check_account
from tandem.domains.contact.media import attachments as carrying
from tandem.domains.contact.playbook.shapes import NewPlaybook, PlaybookPlan, PlaybookStep
from tandem.domains.contact.sending.ports import said
from tandem.domains.contact.sending.service import cancel_send
from tandem.domains.marketing import service as marketing
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json


@dataclass(frozen=True, slots=True)
class PlaybookRow:
    """A playbook without its steps."""

    id: UUID
    account_id: UUID
    name: str
    status: str
    groups: list[UUID]
    begins_on: date | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime


_PLAYBOOK: Final = """
select id, account_id, name, status, groups, begins_on, started_at, finished_at, created_at from group_playbook where tenant_id = %(tenant)s
"""


def list_playbooks(tx: Tx, *, cursor: str | None, limit: int) -> tuple[list[PlaybookRow], str | None]:
    """A page of playbooks, newest first. Raises InvalidInput for a cursor we did not make."""
    made, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        PlaybookRow,
        f"""{_PLAYBOOK} and (%(made)s::timestamptz is null or (created_at, id) < (%(made)s::timestamptz, %(last)s::uuid))
        order by created_at desc, id desc limit %(more)s""",
        {"tenant": tx.tenant_id, "made": made, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "created_at", "id")


def get_playbook(tx: Tx, playbook_id: UUID) -> PlaybookRow:
    """One playbook. Raises NotFound."""
    row = tx.maybe(PlaybookRow, f"{_PLAYBOOK} and id = %(id)s", {"tenant": tx.tenant_id, "id": playbook_id})
    if row is None:
        raise NotFound("no_such_playbook", "没有这个群 SOP。", "There is no such group playbook.")
    return row


def create_playbook(tx: Tx, given: NewPlaybook) -> UUID:
    """Draft a playbook. Raises InvalidInput, NotFound for the account or a coupon."""
    check_account(tx, given.account_id)
    _check(tx, given)
    playbook_id = new_id()
    tx.execute(
        """
        insert into group_playbook (id, tenant_id, account_id, name, groups, begins_on, created_by, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(groups)s::uuid[], %(begins)s, %(user)s, now(), now())
        """,
        _params(tx, playbook_id, given) | {"account": given.account_id, "user": tx.user_id},
    )
    _put_steps(tx, playbook_id, given.steps)
    audit.record(tx, "group_playbook.created", "group_playbook", playbook_id, None, {"name": given.name})
    return playbook_id


def change_playbook(tx: Tx, playbook_id: UUID, given: PlaybookPlan) -> None:
    """Replace a draft's plan. Raises NotFound, InvalidInput, Conflict for one that has begun."""
    before = _locked(tx, playbook_id)
    _only(before, "draft")
    _check(tx, given)
    tx.execute(
        """
        update group_playbook set name = %(name)s, groups = %(groups)s::uuid[], begins_on = %(begins)s, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        _params(tx, playbook_id, given),
    )
    tx.execute(
        "delete from group_playbook_step where tenant_id = %(tenant)s and playbook_id = %(id)s",
        _params(tx, playbook_id, given),
    )
    _put_steps(tx, playbook_id, given.steps)
    old, new = audit.changes({"name": before.name}, {"name": given.name})
    audit.record(tx, "group_playbook.changed", "group_playbook", playbook_id, old, new | {"steps": len(given.steps)})


def copy_playbook(tx: Tx, playbook_id: UUID) -> UUID:
    """The same plan as a draft, to be begun on another day. Raises NotFound."""
    before = get_playbook(tx, playbook_id)
    steps = [
        PlaybookStep(day=one.day, at=one.at, kind=one.kind, title=one.title, body=one.body, attachments=one.attachments, coupon_id=one.coupon_id)
        for one in steps_of(tx, playbook_id)
    ]  # fmt: skip
    name = f"{before.name[:90]} (2)"
    return create_playbook(tx, NewPlaybook(account_id=before.account_id, name=name, groups=before.groups, steps=steps))


def remove_playbook(tx: Tx, playbook_id: UUID) -> None:
    """Throw a draft away. Raises NotFound, Conflict for one that has begun."""
    before = _locked(tx, playbook_id)
    _only(before, "draft")
    params = {"tenant": tx.tenant_id, "id": playbook_id}
    tx.execute("delete from group_playbook_step where tenant_id = %(tenant)s and playbook_id = %(id)s", params)
    tx.execute("delete from group_playbook where tenant_id = %(tenant)s and id = %(id)s", params)
    audit.record(tx, "group_playbook.removed", "group_playbook", playbook_id, {"name": before.name}, None)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it was planned."""

    id: UUID
    day: int
    at: str
    kind: Any
    title: str
    body: str
    attachments: list[Any]
    coupon_id: UUID | None
    mass_send_id: UUID | None
    state: str


def steps_of(tx: Tx, playbook_id: UUID) -> list[PlannedStep]:
    """A playbook's steps in the order of their days."""
    return tx.all(
        PlannedStep,
        """
        select id, day, at, kind, title, body, attachments, coupon_id, mass_send_id, state from group_playbook_step
        where tenant_id = %(tenant)s and playbook_id = %(id)s order by day, at, place limit 500
        """,
        {"tenant": tx.tenant_id, "id": playbook_id},
    )


def begin(tx: Tx, playbook_id: UUID) -> None:
    """Let a playbook run from its first day on. Raises NotFound, InvalidInput, Conflict, Forbidden for who sees only some customers."""
    before = _locked(tx, playbook_id)
    _only(before, "draft")
    steps = steps_of(tx, playbook_id)
    zone = ZoneInfo(tx.zone)
    today = tx.now.astimezone(zone).date()
    begins = before.begins_on or today
    problems: list[Detail] = []
    if not before.groups:
        problems.append(Detail("groups", "请选择客户群", "choose groups"))
    if not steps:
        problems.append(Detail("steps", "请添加至少一步", "add a step"))
    if begins < today:
        problems.append(Detail("begins_on", "开始日期已过", "the first day is over"))
    if problems:
        raise InvalidInput("bad_playbook", "群 SOP 设置有误。", "The playbook is not right.", details=tuple(problems))
    for number, one in enumerate(steps):
        words.refuse(tx, said(one.body, one.attachments), f"steps[{number}].body")
    moments = [due(begins, one.day, one.at, zone) for one in steps]
    rows = [{"id": one.id, "due_at": moment} for one, moment in zip(steps, moments, strict=True)]
    late = [number for number, moment in enumerate(moments) if moment < tx.now - timedelta(minutes=1)]
    if late:
        raise InvalidInput(
            "bad_playbook", "群 SOP 设置有误。", "The playbook is not right.",
            details=tuple(Detail(f"steps[{at}]", "今天的这个时间已过，请改时间或改开始日期", "this time is over today") for at in late),
        )  # fmt: skip
    params = {"tenant": tx.tenant_id, "id": playbook_id, "begins": begins, "now": tx.now, "rows": to_json(rows)}
    tx.execute(
        """
        update group_playbook_step as s set due_at = n.due_at from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, due_at timestamptz)
        where s.tenant_id = %(tenant)s and s.id = n.id
        """,
        params,
    )
    tx.execute(
        """
        update group_playbook set status = 'running', begins_on = %(begins)s, started_at = %(now)s, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params,
    )
    audit.record(
        tx,
        "group_playbook.begun",
        "group_playbook",
        playbook_id,
        None,
        {"name": before.name, "groups": len(before.groups)},
    )


def due(begins: date, day: int, at: str, zone: ZoneInfo) -> datetime:
    """When a step is due. Pure."""
    return datetime.combine(begins + timedelta(days=day - 1), time.fromisoformat(at), zone)


def pause(tx: Tx, playbook_id: UUID, *, paused: bool) -> None:
    """Hold a playbook, or let it go on; steps whose time passed meanwhile are missed. Raises NotFound, Conflict."""
    before = _locked(tx, playbook_id)
    _only(before, "running" if paused else "paused")
    tx.execute(
        "update group_playbook set status = %(status)s, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": playbook_id, "status": "paused" if paused else "running"},
    )
    if not paused:
        tx.execute(
            """
            update group_playbook_step set state = 'missed', due_at = null
            where tenant_id = %(tenant)s and playbook_id = %(id)s and state = 'waiting' and due_at < %(now)s
            """,
            {"tenant": tx.tenant_id, "id": playbook_id, "now": tx.now},
        )
    audit.record(tx, f"group_playbook.{'paused' if paused else 'resumed'}", "group_playbook", playbook_id)


def end(tx: Tx, playbook_id: UUID) -> None:
    """End a playbook: nothing more begins, what owners have not confirmed goes to nobody. Raises NotFound, Conflict."""
    before = _locked(tx, playbook_id)
    _only(before, "running", "paused")
    for one in steps_of(tx, playbook_id):
        if one.state == "begun" and one.mass_send_id is not None:
            try:
                cancel_send(tx, one.mass_send_id)
            except Conflict:
                continue  # it is over
    params = {"tenant": tx.tenant_id, "id": playbook_id, "now": tx.now}
    tx.execute(
        """
        update group_playbook_step set state = case when state = 'waiting' then 'cancelled' when state = 'begun' then 'done' else state end, due_at = null
        where tenant_id = %(tenant)s and playbook_id = %(id)s
        """,
        params,
    )
    tx.execute(
        """
        update group_playbook set status = 'ended', finished_at = %(now)s, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s
        """,
        params,
    )
    audit.record(tx, "group_playbook.ended", "group_playbook", playbook_id)


def finish_task(tx: Tx, playbook_id: UUID, step_id: UUID, group_id: UUID) -> None:
    """An owner did what her group's task says. Raises NotFound where there is no such task to do."""
    done = tx.execute(
        """
        update group_playbook_mark as m set state = 'done', at = %(now)s, done_by = %(user)s from group_playbook_step as s
        where m.tenant_id = %(tenant)s and m.step_id = %(step)s and m.group_chat_id = %(group)s and m.state = 'open'
          and s.tenant_id = %(tenant)s and s.id = m.step_id and s.playbook_id = %(id)s and s.kind = 'task'
        """,
        {
            "tenant": tx.tenant_id,
            "id": playbook_id,
            "step": step_id,
            "group": group_id,
            "now": tx.now,
            "user": tx.user_id,
        },
    )
    if not done:
        raise NotFound("no_such_task", "没有待完成的群任务。", "There is no such task to do.")
    audit.record(
        tx,
        "group_playbook.task_done",
        "group_playbook",
        playbook_id,
        None,
        {"step": str(step_id), "group": str(group_id)},
    )


def _locked(tx: Tx, playbook_id: UUID) -> PlaybookRow:
    if tx.scope.kind != "all":
        raise Forbidden("out_of_scope", "群 SOP 面向群里的全部客户，需要全部数据范围。", "A playbook is for everybody in its groups; it needs the whole data scope.")  # fmt: skip
    tx.execute(
        "select from group_playbook where tenant_id = %(tenant)s and id = %(id)s for update",
        {"tenant": tx.tenant_id, "id": playbook_id},
    )
    return get_playbook(tx, playbook_id)


def _only(row: PlaybookRow, *statuses: str) -> None:
    if row.status not in statuses:
        raise Conflict(
            "playbook_state", "群 SOP 现在的状态不允许这样做。", f"A playbook that is {row.status} does not allow this."
        )


def _check(tx: Tx, given: PlaybookPlan) -> None:
    problems: list[Detail] = []
    for number, one in enumerate(given.steps):
        where = f"steps[{number}]"
        problems += carrying.problems(tx, one.attachments, f"{where}.attachments")
        if one.kind == "message" and not one.body.strip() and not one.attachments:
            problems.append(Detail(f"{where}.body", "文字和附件至少要有一样", "words or an attachment"))
        if one.kind != "message" and not one.body.strip():
            problems.append(Detail(f"{where}.body", "请填写内容", "words are missing"))
        if len(one.body.encode()) > 4000:
            problems.append(Detail(f"{where}.body", "最多 4000 字节", "4000 bytes at most"))
        if one.coupon_id is not None and marketing.get_template(tx, one.coupon_id).archived:
            problems.append(Detail(f"{where}.coupon_id", "优惠券模板已归档", "the coupon template is archived"))
    known = tx.value(
        "select count(*) from group_chat where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])", {"tenant": tx.tenant_id, "ids": given.groups}
    )  # fmt: skip
    if known < len(set(given.groups)):
        problems.append(Detail("groups", "有的客户群不存在", "a group is not there"))
    if problems:
        raise InvalidInput("bad_playbook", "群 SOP 设置有误。", "The playbook is not right.", details=tuple(problems))


def _put_steps(tx: Tx, playbook_id: UUID, steps: Sequence[PlaybookStep]) -> None:
    rows = [one.model_dump(mode="json") | {"id": new_id(), "place": place} for place, one in enumerate(steps)]
    tx.execute(
        """
        insert into group_playbook_step (id, tenant_id, playbook_id, place, day, at, kind, title, body, attachments, coupon_id)
        select n.id, %(tenant)s, %(playbook)s, n.place, n.day, n.at, n.kind, n.title, n.body, n.attachments, n.coupon_id
        from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, place smallint, day smallint, at text, kind text, title text, body text,
          attachments jsonb, coupon_id uuid)
        """,
        {"tenant": tx.tenant_id, "playbook": playbook_id, "rows": to_json(rows)},
    )


def _params(tx: Tx, playbook_id: UUID, given: PlaybookPlan) -> dict[str, Any]:
    groups = list(dict.fromkeys(given.groups))
    return {"tenant": tx.tenant_id, "id": playbook_id, "name": given.name, "groups": groups, "begins": given.begins_on}
