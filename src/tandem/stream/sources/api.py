"""Routes: source accounts, and trying a mapping on a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query

from tandem.access.http import Access, allowed, shown_once
from tandem.access.paging import Cursor, Limit, Page
from tandem.access.shapes import Label
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKinds, Refused
from tandem.stream.door.understand import Interpreter
from tandem.stream.door.wire import Item, Problem
from tandem.stream.keys import tenant_keys
from tandem.stream.sources import accounts
from tandem.stream.sources.accounts import AccountRow
from tandem.stream.sources.mapping import Mapped, mapping_of, records_of
from tandem.stream.sources.shapes import (
    MadeSource,
    NewSecret,
    NewSource,
    ShownSecret,
    SourceChange,
    SourceOut,
    Trial,
    TrialAnswer,
    TrialChange,
    TrialProblem,
    TrialRecord,
)

Reader = Annotated[Access, Depends(allowed("source.read"))]
Writer = Annotated[Access, Depends(allowed("source.write"))]
SHOWN_MAX: Final = 50
#: Who is called instead of calling.
_ADDRESSES: Final = {"poll": None, "beacon": "/v1/beacon"}
_plain = APIRouter()


def sources_router(kinds: Callable[[], DoorKinds]) -> APIRouter:
    """The routes; `kinds` gives every kind of record the assembled house understands: a trial asks the door itself."""
    router = APIRouter(tags=["sources"])
    router.include_router(_plain)

    @router.post("/source-mappings/try")
    def try_mapping(access: Writer, body: Trial) -> TrialAnswer:
        """Read a sample with a mapping and ask the door what it thinks of the records; nothing is kept."""
        accounts.check_mapping(body.mapping)
        with access.tx("door") as tx:
            found, refused = records_of(mapping_of(body.mapping), body.sample, tx.zone)
            interpreter = Interpreter(kinds(), tenant_keys(tx), tx.tenant_id, tx.now)
            records = [_record(interpreter, tx, one) for one in found[:SHOWN_MAX]]
        return TrialAnswer(records=records, problems=[_refusal(one) for one in refused[:SHOWN_MAX]])

    _ = try_mapping
    return router


@_plain.get("/source-accounts")
def list_sources(
    access: Reader,
    connector: Annotated[str | None, Query(max_length=50)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SourceOut]:
    """Accounts that send or are asked, newest first."""
    with access.tx() as tx:
        rows, following = accounts.list_accounts(tx, cursor=cursor, limit=limit, connector=connector)
    return Page(items=[_out(row) for row in rows], next=following)


@_plain.post("/source-accounts", status_code=201, dependencies=[Depends(shown_once)])
def create_source(access: Writer, body: NewSource) -> MadeSource:
    """Set up a source. The answer shows its secret for the only time."""
    values = body.model_dump(exclude={"secret"})
    with access.tx() as tx:
        account_id, secret = accounts.create_account(tx, values, body.secret)
        return MadeSource(source=_out(accounts.get_account(tx, account_id)), secret=secret)


@_plain.get("/source-accounts/{account_id}")
def read_source(access: Reader, account_id: UUID) -> SourceOut:
    """One account."""
    with access.tx() as tx:
        return _out(accounts.get_account(tx, account_id))


@_plain.patch("/source-accounts/{account_id}")
def change_source(access: Writer, account_id: UUID, body: SourceChange) -> SourceOut:
    """Change, pause or mend the mapping. Reaches every process within a few seconds."""
    nullable = {"mapping", "silent_minutes_max", "secret_expires_at"}
    given = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None or name in nullable
    }
    with access.tx() as tx:
        if given.keys() & {"config", "secret"}:
            accounts.refuse_way_in(tx, access.identity.grants, account_id)
        accounts.change_account(tx, accounts.get_account(tx, account_id), given, given.pop("secret", None))
        return _out(accounts.get_account(tx, account_id))


@_plain.delete("/source-accounts/{account_id}", status_code=204)
def remove_source(access: Writer, account_id: UUID) -> None:
    """Take a source away; what it sent stays."""
    with access.tx() as tx:
        accounts.remove_account(tx, account_id)


@_plain.post("/source-accounts/{account_id}/secret", dependencies=[Depends(shown_once)])
def set_source_secret(access: Writer, account_id: UUID, body: NewSecret) -> ShownSecret:
    """Put another secret in place; the old one ends within a few seconds."""
    with access.tx() as tx:
        accounts.refuse_way_in(tx, access.identity.grants, account_id)
        return ShownSecret(secret=accounts.set_secret(tx, account_id, body.secret, body.expires_at))


def _out(row: AccountRow) -> SourceOut:
    values: dict[str, Any] = {name: getattr(row, name) for name in AccountRow.__dataclass_fields__}
    return SourceOut(**values, address=_ADDRESSES.get(row.connector, f"/hooks/{row.connector}/{row.id}"))


def _record(interpreter: Interpreter, tx: Tx, found: Mapped) -> TrialRecord:
    when = found.time or tx.now
    payload = msgspec.json.encode(found.payload)
    item = Item(0, "sample", found.external_id or "sample", found.kind, when, 0, payload, verified=True)
    read = interpreter.read(item)
    problem = None
    if isinstance(read, Problem):
        where = read.where.removeprefix("events[0].")
        problem = TrialProblem(where=where, what=Label(zh=read.zh, en=read.en))
    return TrialRecord(
        kind=found.kind,
        external_id=found.external_id,
        time=found.time,
        payload=found.payload,
        changes=[TrialChange(where=one.where, before=one.before, after=one.after) for one in found.changes],
        problem=problem,
    )


def _refusal(one: Refused) -> TrialProblem:
    return TrialProblem(where=one.where, what=Label(zh=one.zh, en=one.en))
