"""Mass messages as people draft, check, start, remind of and cancel them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.codes import check_account
from tandem.domains.contact.media import attachments as carrying
from tandem.domains.contact.sending.ports import said
from tandem.domains.contact.sending.ruling import CHANNEL
from tandem.domains.contact.sending.shapes import MassSendChange, NewMassSend
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, new_id
from tandem.kernel.wake import wake
from tandem.stream.rows import to_json

_ALL_BUCKETS: Final = list(range(BUCKETS))
_TEXT_BYTES: Final = 4000
_POST_CHARACTERS: Final = 2000


@dataclass(frozen=True, slots=True)
class SendRow:
    """A mass message."""

    id: UUID
    account_id: UUID
    simulated: bool
    name: str
    kind: str
    body: str
    attachments: list[Any]
    segment_id: UUID | None
    segment: str | None
    members: list[str]
    groups: list[UUID]
    tags: list[UUID]
    status: str
    audience_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    tasks: int
    tasks_made: int
    tasks_confirmed: int
    problem: dict[str, Any] | None


_SEND: Final = """
select s.id, s.account_id, coalesce((a.config->>'simulated')::boolean, false) as simulated, s.name, s.kind, s.body, s.attachments, s.segment_id,
  g.name as segment, s.members, s.groups, s.tags, s.status, s.audience_at, s.started_at, s.finished_at, s.created_at, coalesce(t.n, 0) as tasks,
  coalesce(t.made, 0) as tasks_made, coalesce(t.confirmed, 0) as tasks_confirmed, t.problem
from mass_send as s join source_account as a on a.tenant_id = %(tenant)s and a.id = s.account_id
left join segment as g on g.tenant_id = %(tenant)s and g.id = s.segment_id
left join lateral (
  select count(*) as n, count(*) filter (where t.ref is not null) as made, count(*) filter (where t.confirmed) as confirmed,
    (array_agg(t.problem) filter (where t.problem is not null))[1] as problem
  from mass_send_task as t where t.tenant_id = %(tenant)s and t.mass_send_id = s.id) as t on true
where s.tenant_id = %(tenant)s
"""


def list_sends(tx: Tx, *, kind: str | None, cursor: str | None, limit: int) -> tuple[list[SendRow], str | None]:
    """A page of mass messages, newest first. Raises InvalidInput for a cursor we did not make."""
    made, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        SendRow,
        f"""{_SEND} and (%(kind)s::text is null or s.kind = %(kind)s)
        and (%(made)s::timestamptz is null or (s.created_at, s.id) < (%(made)s::timestamptz, %(last)s::uuid))
        order by s.created_at desc, s.id desc limit %(more)s""",
        {"tenant": tx.tenant_id, "kind": kind, "made": made, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "created_at", "id")


def get_send(tx: Tx, send_id: UUID) -> SendRow:
    """One mass message. Raises NotFound."""
    row = tx.maybe(SendRow, f"{_SEND} and s.id = %(id)s", {"tenant": tx.tenant_id, "id": send_id})
    if row is None:
        raise NotFound("no_such_mass_send", "没有这个群发任务。", "There is no such mass message.")
    return row


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many of a mass message stand somewhere, for a reason."""

    mass_send_id: UUID
    state: str
    reason: str | None
    n: int


def counts_of(tx: Tx, ids: list[UUID]) -> dict[UUID, list[CountRow]]:
    """Where the people and groups of some mass messages stand, most first. The transaction must see every customer: these are sums."""
    found: dict[UUID, list[CountRow]] = {one: [] for one in ids}
    rows = tx.all(
        CountRow,
        """
        select mass_send_id, state, reason, count(*) as n from mass_send_person
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and mass_send_id = any(%(ids)s::uuid[])
        group by mass_send_id, state, reason
        union all select mass_send_id, state, reason, count(*) from mass_send_group
        where tenant_id = %(tenant)s and mass_send_id = any(%(ids)s::uuid[]) group by mass_send_id, state, reason
        order by n desc, state, reason
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "ids": ids},
    )
    for row in rows:
        found[row.mass_send_id].append(row)
    return found


def create_send(tx: Tx, given: NewMassSend) -> UUID:
    """Draft a mass message. Raises InvalidInput, NotFound for the account."""
    check_account(tx, given.account_id)
    send_id = new_id()
    tx.execute(
        """
        insert into mass_send (id, tenant_id, account_id, name, kind, body, attachments, segment_id, members, groups, tags, created_by, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(kind)s, %(body)s, %(attachments)s::jsonb, %(segment)s, %(members)s::text[],
          %(groups)s::uuid[], %(tags)s::uuid[], %(user)s, now(), now())
        """,
        {
            "id": send_id, "tenant": tx.tenant_id, "account": given.account_id, "name": given.name, "kind": given.kind, "body": given.body,
            "attachments": to_json(given.attachments), "segment": given.segment_id, "members": given.members, "groups": given.groups, "tags": given.tags,
            "user": tx.user_id,
        },
    )  # fmt: skip
    _check(tx, get_send(tx, send_id), whole=False)
    audit.record(tx, "mass_send.created", "mass_send", send_id, None, {"name": given.name, "kind": given.kind})
    return send_id


def change_send(tx: Tx, send_id: UUID, given: MassSendChange) -> None:
    """Change a draft, or one that was only checked: it is a draft again. Raises NotFound, InvalidInput, Conflict."""
    before = _locked(tx, send_id)
    _only(before, "draft", "checked")
    names = ("name", "body", "attachments", "segment_id", "members", "groups", "tags")
    new = {name: getattr(before, name) if (value := getattr(given, name)) is None else value for name in names}
    tx.execute(
        """
        update mass_send set name = %(name)s, body = %(body)s, attachments = %(attachments)s::jsonb, segment_id = %(segment_id)s,
          members = %(members)s::text[], groups = %(groups)s::uuid[], tags = %(tags)s::uuid[], status = 'draft', updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        new | {"attachments": to_json(new["attachments"]), "tenant": tx.tenant_id, "id": send_id},
    )
    _forget_people(tx, send_id)
    _check(tx, get_send(tx, send_id), whole=False)
    old, changed = audit.changes({"name": before.name, "body": before.body}, {"name": new["name"], "body": new["body"]})
    audit.record(tx, "mass_send.changed", "mass_send", send_id, old, changed)


def check_send(tx: Tx, send_id: UUID) -> None:
    """Take the audience as of now and ask of everybody whether she may be written to. Raises NotFound, InvalidInput, Conflict."""
    row = _locked(tx, send_id)
    _only(row, "draft", "checked")
    _check(tx, row, whole=True)
    words.refuse(tx, said(row.body, row.attachments))
    _forget_people(tx, send_id)
    tx.execute(
        """
        update mass_send set status = 'gathering', audience_at = %(now)s, gathered = 0, due_at = now(), updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": send_id, "now": tx.now},
    )
    audit.record(tx, "mass_send.checked", "mass_send", send_id)


def start_send(tx: Tx, send_id: UUID) -> None:
    """Ask everybody again, book, and let the platform make its tasks. Raises NotFound, Conflict where nobody was checked."""
    row = _locked(tx, send_id)
    _only(row, "checked")
    words.refuse(tx, said(row.body, row.attachments))
    params = {"tenant": tx.tenant_id, "id": send_id, "now": tx.now, "buckets": _ALL_BUCKETS, "at": tx.machine_now}
    if row.kind == "customers":
        _keep_words(tx, row)
        tx.execute(
            """
            update mass_send_person set state = 'booking', due_at = %(now)s
            where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and mass_send_id = %(id)s and state = 'ready'
            """,
            params,
        )
        wake(tx, _ALL_BUCKETS)
    tx.execute(
        "update mass_send set status = 'booking', started_at = %(now)s, due_at = now(), updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        params,
    )
    audit.record(tx, "mass_send.started", "mass_send", send_id, None, {"name": row.name})


def _keep_words(tx: Tx, row: SendRow) -> None:
    """The outbox tells what was sent by a template; this one is nobody's to choose."""
    tx.execute(
        """
        insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, archived_at, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(name)s, %(channel)s, 'marketing', %(body)s, '{}', now(), now(), now()) on conflict do nothing
        """,
        {
            "id": row.id,
            "tenant": tx.tenant_id,
            "name": f"{row.name} #{str(row.id)[-6:]}",
            "channel": CHANNEL,
            "body": row.body,
        },
    )


def cancel_send(tx: Tx, send_id: UUID) -> None:
    """Stop it: what was not confirmed goes to nobody, what was sent stays sent. Raises NotFound, Conflict for one that is over."""
    row = _locked(tx, send_id)
    if row.status in {"done", "cancelled"}:
        raise _state(row)
    params = {"tenant": tx.tenant_id, "id": send_id, "buckets": _ALL_BUCKETS, "now": tx.now}
    tx.execute(
        """
        update mass_send set status = 'cancelled', finished_at = %(now)s, updated_at = now(),
          -- A turn may just be putting customers into a flow's: they are given back when it is over.
          due_at = now() + case when window_minutes is null and block is null then interval '0' else interval '1 minute' end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params,
    )
    # Who is in no task yet is given back in her own turn, which may be booking her just now; others when the platform stopped theirs.
    tx.execute(
        """
        update mass_send_group set state = 'cancelled', reason = 'cancelled' where tenant_id = %(tenant)s and mass_send_id = %(id)s
          and task_id is null and state in ('waiting', 'ready')
        """,
        params,
    )
    tx.execute(
        """
        update mass_send_task set cancel_wanted = true, due_at = now()
        where tenant_id = %(tenant)s and mass_send_id = %(id)s and state in ('waiting', 'making', 'made')
        """,
        params,
    )
    audit.record(tx, "mass_send.cancelled", "mass_send", send_id, {"status": row.status}, None)


def remind(tx: Tx, send_id: UUID) -> int:
    """Ask the advisers who have not confirmed once more; returns how many. Raises NotFound, Conflict where nobody may be asked again."""
    _locked(tx, send_id)
    n = tx.execute(
        """
        update mass_send_task as t set remind_wanted = true, due_at = now()
        where t.tenant_id = %(tenant)s and t.mass_send_id = %(id)s and t.state = 'made' and not t.confirmed and not t.remind_wanted and t.member <> ''
          and (select count(*) from unnest(t.reminded) as r(at) where r.at > now() - interval '24 hours') < coalesce(
            (select reminders_max from mass_account as k where k.tenant_id = %(tenant)s and k.account_id = t.account_id), 3)
        """,
        {"tenant": tx.tenant_id, "id": send_id},
    )
    if not n:
        raise Conflict(
            "nobody_to_remind", "没有可以提醒的员工：都已确认，或 24 小时内已提醒过足够多次。",
            "There is nobody to remind: all have confirmed, or were reminded often enough within 24 hours.",
        )  # fmt: skip
    audit.record(tx, "mass_send.reminded", "mass_send", send_id, None, {"tasks": n})
    return n


def _locked(tx: Tx, send_id: UUID) -> SendRow:
    """One mass message whose status nobody changes meanwhile. Raises NotFound, Forbidden for whoever sees only some customers."""
    if tx.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "群发面向人群里的全部客户，需要全部数据范围。",
            "A mass message is for everybody in its segment; it needs the whole data scope.",
        )
    tx.execute(
        "select from mass_send where tenant_id = %(tenant)s and id = %(id)s for update",
        {"tenant": tx.tenant_id, "id": send_id},
    )
    return get_send(tx, send_id)


def _forget_people(tx: Tx, send_id: UUID) -> None:
    """Nothing was booked of an earlier check."""
    params = {"tenant": tx.tenant_id, "id": send_id, "buckets": _ALL_BUCKETS}
    tx.execute(
        "delete from mass_send_person where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and mass_send_id = %(id)s",
        params,
    )
    tx.execute("delete from mass_send_group where tenant_id = %(tenant)s and mass_send_id = %(id)s", params)


def _only(row: SendRow, *statuses: str) -> None:
    if row.status not in statuses:
        raise _state(row)


def _state(row: SendRow) -> Conflict:
    return Conflict(
        "mass_send_state",
        "群发任务现在的状态不允许这样做。",
        f"A mass message that is {row.status} does not allow this.",
    )


def _tag_problems(tx: Tx, row: SendRow) -> list[Detail]:
    if not row.tags:
        return []
    if row.kind != "moments":
        return [Detail("tags", "只有朋友圈可以按标签可见", "only posts are seen by tag")]
    there: int = tx.value(
        """
        select count(*) from platform_tag where tenant_id = %(tenant)s and account_id = %(account)s and id = any(%(ids)s::uuid[]) and status = 'there'
        """,
        {"tenant": tx.tenant_id, "account": row.account_id, "ids": row.tags},
    )
    gone = there < len(set(row.tags))
    return [Detail("tags", "有标签在企业微信里已不存在", "WeCom has one of the tags no more")] if gone else []


def _check(tx: Tx, row: SendRow, *, whole: bool) -> None:
    """Raises InvalidInput for what the platform would refuse; `whole`: it is to go out, so nothing may be missing."""
    problems: list[Detail] = []
    if len(row.body.encode()) > _TEXT_BYTES:
        problems.append(Detail("body", "最多 4000 字节", "4000 bytes at most"))
    kinds = [str(one.get("msgtype") or "") for one in row.attachments]
    if row.kind == "moments" and len(row.body) > _POST_CHARACTERS:
        problems.append(Detail("body", "朋友圈最多 2000 字", "2000 characters at most in a post"))
    if row.kind == "moments" and kinds and (len(set(kinds)) > 1 or (len(kinds) > 1 and set(kinds) != {"image"})):
        problems.append(
            Detail(
                "attachments", "朋友圈只能有 9 张图片、1 个视频或 1 个链接之一", "9 images, or one video, or one link"
            )
        )
    problems += carrying.problems(tx, row.attachments) + _tag_problems(tx, row)
    if whole and not row.body and not row.attachments:
        problems.append(Detail("body", "文字和附件至少要有一样", "words or an attachment"))
    if whole and row.kind == "customers" and row.segment is None:
        problems.append(Detail("segment_id", "请选择人群", "choose a segment"))
    if whole and row.kind == "groups" and not row.groups:
        problems.append(Detail("groups", "请选择客户群", "choose groups"))
    if problems:
        raise InvalidInput("bad_mass_send", "群发内容有误。", "The mass message is not right.", details=tuple(problems))
