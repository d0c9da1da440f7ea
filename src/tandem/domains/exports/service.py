"""Asking for an export, deciding about a plain one, stopping it, taking the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.access.http import Access
from tandem.access.permissions import narrower, within
from tandem.access.privacy import PERSONAL, Privacy
from tandem.domains.exports.lists import BY_NAME, ExportList
from tandem.domains.exports.sources import CHOICES
from tandem.domains.exports.store import ExportRow, drop_parts, get
from tandem.domains.exports.work import JOB_KIND
from tandem.kernel import jobs
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce
from tandem.stream.customer.search import region_of
from tandem.stream.keys import tenant_keys

PEOPLE: Final = "customer.export"
PLAIN: Final = "export.plain"
APPROVE: Final = "export.approve"
REASON_MIN: Final = 5
_WORD: Final = re.compile(r"[\w .-]{1,100}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    list: str
    format: str
    filters: Mapping[str, str]
    plain: bool
    reason: str


def request(access: Access, asked: Asked) -> UUID:
    """File an export; a plain one waits for a second person. Raises Forbidden, InvalidInput."""
    chosen = BY_NAME.get(asked.list)
    if chosen is None:
        raise InvalidInput("no_such_list", "没有这个列表。", "There is no such list.")
    view = view_of(access, chosen)
    check_filters(chosen, asked.filters)
    plain = asked.plain and chosen.personal
    if plain:
        access.require(PLAIN)
        access.require(PEOPLE)
        access.require(PERSONAL)
        _check_reason(asked.reason)
    scope = {
        "kind": view.scope.kind,
        "store_ids": [str(one) for one in view.scope.store_ids],
        "privacy": sorted(view.privacy),
    }
    with access.tx() as tx:
        export_id = new_id()
        mark = _watermark(tx, export_id)
        _insert(tx, export_id, asked, plain=plain, scope=scope, mark=mark)
        told = {"list": asked.list, "plain": plain, "reason": asked.reason, "filters": dict(asked.filters)}
        audit.record(tx, "export.requested", "export", export_id, None, told)
        if not plain:
            _file(tx, export_id)
        announce(tx, "exports")
    return export_id


@dataclass(frozen=True, slots=True)
class View:
    """How far a file of somebody's reaches, and the classes of data that it may show."""

    scope: Scope
    privacy: frozenset[Privacy]


def view_of(access: Access, chosen: ExportList) -> View:
    """The one rule of who takes what out, whichever way a list leaves (decision 62). Raises Forbidden.

    Customers leave only by `customer.export`, as far as it and the right to see them both reach. Other lists that name people leave
    without it too, but nobody's name or number is in them, nor where it does not reach as far as the list does.
    """
    reader, exporter = access.identity.reach(chosen.permission), access.identity.reach(PEOPLE)
    if reader is None or (chosen.people and exporter is None):
        raise Forbidden("forbidden", f"您不能导出{chosen.label.zh}。", f"You may not export {chosen.label.en.lower()}.")
    if chosen.people and exporter is not None:
        return View(narrower(reader, exporter), access.privacy)
    named = not chosen.personal or (exporter is not None and within(reader, exporter))
    return View(reader, access.privacy if named else frozenset({"plain"}))


def check_filters(chosen: ExportList, filters: Mapping[str, str]) -> None:
    """Raise InvalidInput for a filter the list does not know, or one that cannot be read."""
    details = [
        Detail(f"filters.{name}", "没有这个筛选项", "no such filter") for name in filters if name not in chosen.filters
    ]
    for name, given in filters.items():
        if given and not _readable(name, given):
            details.append(Detail(f"filters.{name}", "无法识别的值", "a value that cannot be read"))
    if details:
        raise InvalidInput("bad_filters", "筛选条件有误。", "The filters are wrong.", details=tuple(details))


def _readable(name: str, given: str) -> bool:
    if name in CHOICES:
        return given in CHOICES[name]
    try:
        return _reads(name, given)
    except (ValueError, InvalidOperation, InvalidInput):
        return False


def _reads(name: str, given: str) -> bool:
    """Whether a filter can be read. Raises ValueError or InvalidOperation for what is nothing of its kind."""
    if name.endswith("_id") or name == "actor":
        UUID(given)
    elif name == "region":
        region_of(given)
    elif name in {"from", "to"}:
        date.fromisoformat(given)
    elif name == "spend_min":
        return Decimal(given).is_finite()
    elif name == "within_days":
        return int(given) in range(10_000)
    elif name == "key":
        return given.isprintable()
    else:
        return _WORD.fullmatch(given) is not None
    return True


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < REASON_MIN:
        raise InvalidInput(
            "reason_missing",
            f"导出明文需要说明用途（至少 {REASON_MIN} 个字），审批人会看到。",
            f"An export in the clear needs a reason of at least {REASON_MIN} characters; the approver sees it.",
            details=(Detail("reason", "请说明用途", "say what it is for"),),
        )


def _watermark(tx: Tx, export_id: UUID) -> str:
    name = tx.value(
        "select name from staff_user where tenant_id = %(tenant)s and id = %(user)s",
        {"tenant": tx.tenant_id, "user": tx.user_id},
    )
    return f"{name} {tx.machine_now:%Y-%m-%d} {export_id.hex[-8:]}"


def _insert(tx: Tx, export_id: UUID, asked: Asked, *, plain: bool, scope: Mapping[str, object], mark: str) -> None:
    tx.execute(
        """
        insert into export_file (tenant_id, id, list, format, filters, plain, reason, watermark, scope, state, key_enc, created_by, created_at)
        values (%(tenant)s, %(id)s, %(list)s, %(format)s, %(filters)s, %(plain)s, %(reason)s, %(mark)s, %(scope)s, %(state)s, %(key)s,
                %(user)s, now())
        """,
        {
            "tenant": tx.tenant_id,
            "id": export_id,
            "list": asked.list,
            "format": asked.format,
            "filters": Jsonb({name: given for name, given in asked.filters.items() if given}),
            "plain": plain,
            "reason": asked.reason.strip(),
            "mark": mark,
            "scope": Jsonb(dict(scope)),
            "state": "waiting" if plain else "filed",
            "key": tenant_keys(tx).new_data_key()[1],
            "user": tx.user_id,
        },
    )


def _file(tx: Tx, export_id: UUID) -> None:
    job = jobs.file_job(tx, JOB_KIND, {"export_id": str(export_id)})
    tx.execute(
        "update export_file set job_id = %(job)s, state = 'filed' where tenant_id = %(tenant)s and id = %(id)s",
        {"job": job, "tenant": tx.tenant_id, "id": export_id},
    )


def decide(tx: Tx, export_id: UUID, *, approve: bool) -> None:
    """Let a waiting export go on, or refuse it. Raises Forbidden for one's own, Conflict for one that does not wait."""
    row = get(tx, export_id)
    if row.created_by == tx.user_id:
        raise Forbidden(
            "own_export",
            "不能审批自己的导出，需要另一位有权限的同事。",
            "Nobody decides about an export of their own; a second person has to.",
        )
    taken = tx.execute(
        """
        update export_file set state = %(state)s, decided_by = %(user)s, decided_at = now()
        where tenant_id = %(tenant)s and id = %(id)s and state = 'waiting'
        """,
        {"state": "filed" if approve else "refused", "user": tx.user_id, "tenant": tx.tenant_id, "id": export_id},
    )
    if not taken:
        raise Conflict("not_waiting", "这个导出不在等待审批。", "This export does not wait for a decision.")
    if approve:
        _file(tx, export_id)
    audit.record(tx, "export.approved" if approve else "export.refused", "export", export_id)
    announce(tx, "exports")


def cancel(tx: Tx, row: ExportRow) -> None:
    """Stop an export that waits or runs, or give up its file."""
    if row.status in {"refused", "cancelled", "expired"}:
        raise Conflict("not_running", "这个导出已经结束。", "This export has ended.")
    if row.job_id is not None and row.status in {"queued", "running"}:
        jobs.cancel_job(tx, row.job_id)
    tx.execute(
        "update export_file set state = 'cancelled' where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": row.id},
    )
    drop_parts(tx, row.id)
    audit.record(tx, "export.cancelled", "export", row.id)
    announce(tx, "exports")


def taken(access: Access, tx: Tx, export_id: UUID) -> ExportRow:
    """Note that the file is taken; only whose export it is may, as long as they might still make it. Raises Forbidden, Conflict."""
    row = get(tx, export_id)
    if row.created_by != access.user_id:
        raise NotFound("no_such_export", "没有这个导出任务。", "There is no such export.")
    view = view_of(access, BY_NAME[row.list])
    if row.plain:
        access.require(PLAIN)
    if not _still_reaches(view, row.scope):
        raise Forbidden(
            "scope_narrowed",
            "您的数据范围已变，请重新导出。",
            "You may see less than when this was made; export it again.",
        )
    if row.status != "done":
        raise Conflict(
            "no_file", "文件还没有生成，或者已经过期。", "There is no file: it is not made yet, or it has expired."
        )
    tx.execute(
        "update export_file set downloads = downloads + 1 where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": export_id},
    )
    audit.record(
        tx, "export.downloaded", "export", export_id, None, {"list": row.list, "plain": row.plain, "rows": row.rows}
    )
    return row


def _still_reaches(view: View, made_with: Mapping[str, Any]) -> bool:
    """Whether the caller may still take out everything that the file was made with."""
    if not set(made_with["privacy"]) <= view.privacy:
        return False
    if view.scope.kind == "all":
        return True
    stores = {str(one) for one in view.scope.store_ids}
    return view.scope.kind == made_with["kind"] and set(made_with["store_ids"]) <= stores
