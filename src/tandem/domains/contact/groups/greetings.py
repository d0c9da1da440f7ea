"""Words for newcomers of groups: kept here, handed to the platform, picked by a group's owner in the platform's own client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.codes import check_account
from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.groups.ports import GroupGreeting
from tandem.domains.contact.groups.shapes import GroupWelcomeChange, NewGroupWelcome
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.media import attachments, lending
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

LEASE: Final = timedelta(seconds=60)
_TEXT_BYTES: Final = 3000


@dataclass(frozen=True, slots=True)
class WelcomeRow:
    """Words for newcomers."""

    id: UUID
    account_id: UUID
    name: str
    body: str
    attachment: dict[str, Any] | None
    notify: bool
    template_id: str | None
    version: int
    placed_version: int | None
    removed: bool
    problem: dict[str, Any] | None


_ROW: Final = """
select id, account_id, name, body, attachment, notify, template_id, version, placed_version, removed, problem
from group_welcome where tenant_id = %(tenant)s
"""


def list_welcomes(tx: Tx) -> list[WelcomeRow]:
    """All of them by name; those taken away only until the platform has heard of it."""
    return tx.all(WelcomeRow, f"{_ROW} and not removed order by name, id limit 5000", {"tenant": tx.tenant_id})


def get_welcome(tx: Tx, welcome_id: UUID) -> WelcomeRow:
    """One of them. Raises NotFound."""
    row = tx.maybe(WelcomeRow, f"{_ROW} and id = %(id)s and not removed", {"tenant": tx.tenant_id, "id": welcome_id})
    if row is None:
        raise NotFound("no_such_group_welcome", "没有这条入群欢迎语。", "There are no such words for newcomers.")
    return row


def create_welcome(tx: Tx, given: NewGroupWelcome) -> UUID:
    """Keep words for newcomers. Raises InvalidInput, Conflict (name taken, the platform's limit), NotFound for the account."""
    check_account(tx, given.account_id)
    _check(tx, given.body, given.attachment)
    _check_name(tx, given.account_id, given.name, None)
    params = {"tenant": tx.tenant_id, "account": given.account_id}
    used, most = tx.cursor(
        """
        select (select count(*) from group_welcome where tenant_id = %(tenant)s and account_id = %(account)s),
          coalesce((select greetings_max from group_account where tenant_id = %(tenant)s and account_id = %(account)s), 100)
        """,
        params,
    ).fetchone() or (0, 100)
    if used >= most:
        raise Conflict(
            "group_welcomes_full", f"平台最多允许 {most} 条入群欢迎语。", f"The platform allows {most} of them.",
        )  # fmt: skip
    welcome_id = new_id()
    tx.execute(
        """
        insert into group_welcome (id, tenant_id, account_id, name, body, attachment, notify, due_at, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(body)s, %(attachment)s::jsonb, %(notify)s, now(), now(), now())
        """,
        params | {"id": welcome_id, "name": given.name, "body": given.body, "notify": given.notify}
        | {"attachment": None if given.attachment is None else to_json(given.attachment)},
    )  # fmt: skip
    audit.record(
        tx, "group_welcome.created", "group_welcome", welcome_id, None, {"name": given.name, "body": given.body}
    )
    return welcome_id


def change_welcome(tx: Tx, welcome_id: UUID, given: GroupWelcomeChange) -> None:
    """Put other words; the platform follows. Raises NotFound, InvalidInput, Conflict."""
    before = get_welcome(tx, welcome_id)
    _check(tx, given.body, given.attachment)
    _check_name(tx, before.account_id, given.name, welcome_id)
    tx.execute(
        """
        update group_welcome set name = %(name)s, body = %(body)s, attachment = %(attachment)s::jsonb, notify = %(notify)s, version = version + 1,
          due_at = now(), failures = 0, problem = null, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id, "id": welcome_id, "name": given.name, "body": given.body, "notify": given.notify,
            "attachment": None if given.attachment is None else to_json(given.attachment),
        },
    )  # fmt: skip
    old, new = audit.changes(
        {"name": before.name, "body": before.body, "notify": before.notify},
        {"name": given.name, "body": given.body, "notify": given.notify},
    )
    audit.record(tx, "group_welcome.changed", "group_welcome", welcome_id, old, new)


def remove_welcome(tx: Tx, welcome_id: UUID) -> None:
    """Take words away, from the platform too. Raises NotFound."""
    before = get_welcome(tx, welcome_id)
    tx.execute(
        """
        update group_welcome set removed = true, name = name || ' ' || id, version = version + 1, due_at = now(), updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": welcome_id},
    )
    audit.record(tx, "group_welcome.removed", "group_welcome", welcome_id, {"name": before.name}, None)


def _check(tx: Tx, body: str, attachment: dict[str, Any] | None) -> None:
    problems: list[Detail] = []
    if not body and attachment is None:
        problems.append(Detail("body", "文字和附件至少要有一样", "words or an attachment"))
    if len(body.encode()) > _TEXT_BYTES:
        problems.append(Detail("body", "最多 3000 字节", "3000 bytes at most"))
    if attachment is not None:
        problems += attachments.problems(tx, [attachment], "attachment")
    if problems:
        raise InvalidInput(
            "bad_group_welcome", "入群欢迎语有误。", "The words for newcomers are not right.", details=tuple(problems)
        )


def _check_name(tx: Tx, account_id: UUID, name: str, but: UUID | None) -> None:
    taken = tx.value(
        """
        select 1 from group_welcome where tenant_id = %(tenant)s and account_id = %(account)s and name = %(name)s and id is distinct from %(but)s
        """,
        {"tenant": tx.tenant_id, "account": account_id, "name": name, "but": but},
    )
    if taken:
        raise Conflict(
            "group_welcome_name_taken", f"已有名为“{name}”的入群欢迎语。", f"There already is one called {name!r}.",
            details=(Detail("name", "名称重复", "name already taken"),),
        )  # fmt: skip


# ----------------------------------------------------------------------------------------------- the platform's side

_TAKE: Final = """
with due as materialized (
  select id from group_welcome where tenant_id = %(tenant)s and due_at <= now() and (leased_until is null or leased_until <= now())
  order by due_at limit 20 for update skip locked)
update group_welcome as w set leased_until = now() + %(lease)s from due as d where w.tenant_id = %(tenant)s and w.id = d.id
returning w.id, w.account_id, w.name, w.body, w.attachment, w.notify, w.template_id, w.version, w.placed_version, w.removed, w.problem
"""


def place_due(db: Database, tenant: UUID) -> int:
    """Hand due words to the platform; returns how many."""
    with db.tx("worker", tenant=tenant) as tx:
        held = tx.all(WelcomeRow, _TAKE, {"tenant": tenant, "lease": LEASE})
    for one in held:
        try:
            with line_of(db, tenant, one.account_id) as line:
                template = _hand_over(db, tenant, line, one)
        except GatewayFailure as failure:
            with db.tx("worker", tenant=tenant) as tx:
                _failed(tx, one, failure)
        else:
            with db.tx("worker", tenant=tenant) as tx:
                _done(tx, one, template)
    return len(held)


def _hand_over(db: Database, tenant: UUID, line: Line, one: WelcomeRow) -> str | None:
    if one.removed:
        if one.template_id is not None:
            line.drop_greeting(one.template_id)
        return None
    carried = lending.ready(db, tenant, one.account_id, line, [one.attachment] if one.attachment else [])
    return line.put_greeting(one.template_id, GroupGreeting(one.body, carried[0] if carried else None, one.notify))


def _done(tx: Tx, one: WelcomeRow, template: str | None) -> None:
    params = {"tenant": tx.tenant_id, "id": one.id, "template": template, "version": one.version}
    if one.removed:
        tx.execute("delete from group_welcome where tenant_id = %(tenant)s and id = %(id)s", params)
        return
    tx.execute(
        """
        update group_welcome set template_id = %(template)s, placed_version = %(version)s, leased_until = null, failures = 0, problem = null,
          due_at = case when version = %(version)s then null else now() end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params,
    )


def _failed(tx: Tx, one: WelcomeRow, failure: GatewayFailure) -> None:
    if one.removed and failure.why in {"gone", "refused"}:
        _done(tx, one, None)
        return
    tx.execute(
        """
        update group_welcome set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb,
          due_at = now() + coalesce(make_interval(secs => %(after)s), least(interval '1 hour', make_interval(secs => 5 * 2 ^ least(failures, 12))))
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id, "id": one.id, "problem": to_json(failure.problem()), "after": failure.retry_after_seconds,
        },
    )  # fmt: skip
