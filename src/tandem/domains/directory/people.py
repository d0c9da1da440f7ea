"""What a person decides about changes: one, or all that she saw, leavers beyond the limit among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.http import Access
from tandem.access.paging import from_cursor, page_of
from tandem.domains.directory import accounts, applying, filing
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, TandemError


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change with who decided it."""

    id: UUID
    account_id: UUID
    member: str
    name: str
    what: str
    user_id: UUID | None
    before: list[Any]
    after: list[Any]
    state: str
    why: str
    found_at: datetime
    done_at: datetime | None
    decided_by_name: str | None


_ROWS: Final = """
select c.id, c.account_id, c.member, c.name, c.what, c.user_id, c.before, c.after, c.state, c.why, c.found_at, c.done_at, d.name as decided_by_name
from directory_change as c left join staff_user as d on d.tenant_id = %(tenant)s and d.id = c.decided_by
where c.tenant_id = %(tenant)s and c.account_id = %(account)s
"""


def list_changes(
    tx: Tx, account: UUID, *, waiting: bool, cursor: str | None, limit: int
) -> tuple[list[ChangeRow], str | None]:
    """A page of what waits, or of the history, newest first. Raises NotFound, InvalidInput for a cursor we did not make."""
    accounts.get_account(tx, account)
    (last,) = from_cursor(cursor, 1) if cursor else (None,)
    states = ["open", "held"] if waiting else ["done", "refused"]
    rows = tx.all(
        ChangeRow,
        f"""{_ROWS} and c.state = any(%(states)s::text[]) and (%(last)s::uuid is null or c.id < %(last)s::uuid)
        order by c.id desc limit %(more)s""",
        {"tenant": tx.tenant_id, "account": account, "states": states, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "id")


def do(access: Access, changes: Sequence[UUID]) -> dict[UUID, TandemError]:
    """Do these changes, each by itself; returns why those that were not done were not. Raises Forbidden."""
    problems: dict[UUID, TandemError] = {}
    for change in changes:
        try:
            with access.tx() as tx:
                accounts.require_whole(tx)
                applying.apply(tx, change, access.identity)
        except TandemError as error:
            problems[change] = error
    with access.tx() as tx:
        filing.go_on(tx)
    return problems


def refuse(tx: Tx, change: UUID) -> None:
    """Leave somebody as they are: said again only when the directory says something else. Raises Forbidden, Conflict."""
    accounts.require_whole(tx)
    refused = tx.execute(
        """
        update directory_change set state = 'refused', decided_by = %(user)s, done_at = now()
        where tenant_id = %(tenant)s and id = %(id)s and state = 'open' and what <> 'leave'
        """,
        {"tenant": tx.tenant_id, "id": change, "user": tx.user_id},
    )
    if not refused:
        raise Conflict(
            "change_over",
            "这项变动已经处理过，或不能这样处理：要留下一位离开的人，请先解除对应关系。",
            "This change is over, or cannot be refused: to keep somebody who left, say first that she is no member.",
        )
    audit.record(tx, "directory.change_refused", "directory_change", change)
