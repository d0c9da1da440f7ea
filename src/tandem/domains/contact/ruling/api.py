"""Routes of the rules on words that platforms hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.placing import problem_words
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]

RuleLevel = Literal["block", "warn"]
Semantic = Literal["phone", "email", "red_packet"]


class InterceptAccountOut(BaseModel):
    """Whether an account's advisers are held to the words: rules and words that stand there, words too long for it.

    `levels`: which words; `semantics`: what is looked for beside them.
    """

    id: UUID
    name: str
    enabled: bool
    levels: list[RuleLevel]
    semantics: list[Semantic]
    rules: int
    words: int
    skipped: int
    read_at: datetime | None
    problem: str | None


class InterceptChange(Body):
    """Whether advisers are to be held to the words on the platform too, to which, and to what beside; absent keys stay."""

    enabled: bool
    levels: Annotated[list[RuleLevel], Field(min_length=1, max_length=2)] | None = None
    semantics: Annotated[list[Semantic], Field(max_length=3)] | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    name: str
    enabled: bool
    levels: list[Any]
    semantics: list[Any]
    rules: int
    words: int
    skipped: int
    read_at: datetime | None
    problem: dict[str, Any] | None


def _rows(tx: Tx) -> list[_Row]:
    return tx.all(
        _Row,
        """
        select s.id, s.name, coalesce(a.enabled, false) as enabled, coalesce(a.levels, '{block,warn}') as levels,
          coalesce(a.semantics, '{}') as semantics, coalesce(r.rules, 0) as rules, coalesce(r.words, 0) as words,
          coalesce(a.skipped, 0) as skipped, a.read_at, a.problem
        from source_account as s
        left join intercept_account as a on a.tenant_id = %(tenant)s and a.account_id = s.id
        left join (
          select account_id, count(*) as rules, sum(words) as words from intercept_rule where tenant_id = %(tenant)s group by 1) as r
          on r.account_id = s.id
        where s.tenant_id = %(tenant)s and s.connector = any(%(connectors)s::text[]) and s.status = 'active' order by s.name, s.id
        """,
        {"tenant": tx.tenant_id, "connectors": connectors()},
    )


def _out(row: _Row) -> InterceptAccountOut:
    return InterceptAccountOut(
        id=row.id, name=row.name, enabled=row.enabled, levels=row.levels, semantics=row.semantics, rules=row.rules, words=row.words, skipped=row.skipped, read_at=row.read_at,
        problem=problem_words(row.problem),
    )  # fmt: skip


@router.get("/intercept-accounts")
def list_intercept_accounts(
    access: Reader, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[InterceptAccountOut]:
    """Connected accounts and the rules on words that they hold."""
    with access.tx() as tx:
        rows, following = page_in_memory(_rows(tx), cursor, limit, "id")
    return Page(items=[_out(row) for row in rows], next=following)


@router.put("/intercept-accounts/{account_id}")
def change_intercept_account(access: Writer, account_id: UUID, given: InterceptChange) -> InterceptAccountOut:
    """Hold an account's advisers to the words, or let them go; the platform follows within seconds."""
    with access.tx() as tx:
        before = next((row for row in _rows(tx) if row.id == account_id), None)
        if before is None:
            raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
        names = ("enabled", "levels", "semantics")
        old = {name: getattr(before, name) for name in names}
        new = {name: old[name] if (value := getattr(given, name)) is None else value for name in names}
        for name in ("levels", "semantics"):
            new[name] = sorted(set(new[name]))
        tx.execute(
            """
            insert into intercept_account (tenant_id, account_id, enabled, levels, semantics)
            values (%(tenant)s, %(id)s, %(enabled)s, %(levels)s::text[], %(semantics)s::text[])
            on conflict (tenant_id, account_id) do update set enabled = excluded.enabled, levels = excluded.levels, semantics = excluded.semantics,
              due_at = now(), leased_until = null, failures = 0
            """,
            {"tenant": tx.tenant_id, "id": account_id, **new},
        )
        old, new = audit.changes(old, new)
        audit.record(tx, "intercept_rules.changed", "source_account", account_id, old, new)
        return next(_out(row) for row in _rows(tx) if row.id == account_id)
