"""Routes: platforms, their accounts, the steps of connecting one, and what an operator looks at."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access import audit
from tandem.access.http import Access, allowed, database_of, shown_once
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.privacy import may_see
from tandem.access.shapes import Label
from tandem.catalog.label import Label as Words
from tandem.connectors.kit import overview, quality, service, traffic
from tandem.connectors.kit.doorway import CLOCK
from tandem.connectors.kit.registry import platforms
from tandem.connectors.kit.shapes import (
    AccountLine,
    AccountOut,
    Act,
    AskedOut,
    Authorise,
    Authorised,
    AuthoriseOut,
    Checked,
    Days,
    NewAccount,
    PlatformOut,
    PlatformsOut,
    SampleOut,
    SampleProblem,
    SampleRecord,
    SamplesOut,
    Secrets,
    SettingOut,
    Simulated,
    SimulatedNow,
    TrafficList,
    TrafficOut,
)
from tandem.connectors.simulator.server import keys
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.settings import settings
from tandem.stream.door.redact import HIDDEN, closed
from tandem.stream.imports.veil import Veil
from tandem.stream.sources.accounts import refuse_way_in

Reader = Annotated[Access, Depends(allowed("source.read"))]
Writer = Annotated[Access, Depends(allowed("source.write"))]
Asked = Annotated[Database, Depends(database_of)]
TRAFFIC_MAX: Final = 50
IMPERSONAL: Final = frozenset({"order", "refund", "product"})
"""Kinds whose number at the platform is nobody's; others are often somebody's account."""
router: Final = APIRouter(tags=["connectors"])


@router.get("/connectors")
def list_platforms(access: Reader) -> PlatformsOut:
    """The platforms that can be connected, and what each wants to know."""
    del access
    simulated = settings().simulator_url is not None
    return PlatformsOut(
        platforms=[
            PlatformOut(
                name=one.manifest.name,
                label=_label(one.manifest.label),
                auth=one.manifest.auth,
                push=one.manifest.push,
                capabilities=sorted(one.manifest.capabilities),
                settings=[
                    SettingOut(name=s.name, label=_label(s.label), secret=s.secret, required=s.required)
                    for s in one.manifest.settings
                ],
                tier=quality.tier_of(one.manifest.name),
                simulated=simulated,
            )
            for one in platforms().values()
        ]
    )


@router.get("/connector-accounts")
def list_connector_accounts(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[AccountLine]:
    """Accounts of platforms with their light, newest first."""
    after = None if cursor is None else UUID(str(from_cursor(cursor, 1)[0]))
    with access.tx() as tx:
        rows = overview.rows(tx, after=after, limit=limit + 1)
        shown, following = page_of(rows, limit, "id")
        return Page(items=[AccountLine(**_line(row, tx)) for row in shown], next=following)


@router.post("/connector-accounts", status_code=201)
def create_connector_account(access: Writer, body: NewAccount) -> AccountOut:
    """Set up an account with its keys; the platform is not asked yet."""
    given: dict[str, Any] = dict(body.settings)
    if body.simulated:
        if settings().simulator_url is None or body.connector not in platforms():
            raise NotFound("no_simulator", "没有运行模拟平台。", "No simulator is running.")
        plain, hidden = keys(body.connector)
        given = {**plain, **hidden, **given, "simulated": True}
    with access.tx() as tx:
        return _account(tx, service.create(tx, body.connector, body.source, body.name, given))


@router.get("/connector-accounts/{account_id}")
def read_connector_account(access: Reader, account_id: UUID) -> AccountOut:
    """One account: authorisation, tasks, lag, problems with remedies."""
    with access.tx() as tx:
        return _account(tx, account_id)


@router.post("/connector-accounts/{account_id}/authorise")
def begin_authorisation(access: Writer, account_id: UUID, body: Authorise) -> AuthoriseOut:
    """Where to send the seller, first or again."""
    with access.tx() as tx:
        url = service.begin_authorisation(tx, account_id, body.redirect)
        audit.record(tx, "connector.authorising", "source_account", account_id)
    return AuthoriseOut(url=url)


@router.post("/connector-accounts/{account_id}/authorised")
def finish_authorisation(access: Writer, db: Asked, account_id: UUID, body: Authorised) -> AccountOut:
    """Take the code that the platform gave."""
    with access.tx() as tx:
        service.find(tx, account_id)
    service.finish_authorisation(db, access.tenant_id, account_id, body.code, body.state)
    with access.tx() as tx:
        audit.record(tx, "connector.authorised", "source_account", account_id)
        return _account(tx, account_id)


@router.post("/connector-accounts/{account_id}/check")
def check_account(access: Writer, db: Asked, account_id: UUID) -> Checked:
    """Ask the platform who we are there."""
    found = service.check(db, access.tenant_id, account_id)
    with access.tx() as tx:
        audit.record(tx, "connector.checked", "source_account", account_id)
    return Checked(shop=str(found.get("shop") or ""), id=str(found.get("id") or ""))


@router.post("/connector-accounts/{account_id}/sample", dependencies=[Depends(shown_once)])
def sample_account(access: Writer, db: Asked, account_id: UUID) -> SamplesOut:
    """A page of each resource as it would be taken in; nothing is kept."""
    samples = service.sample(db, access.tenant_id, account_id)
    with access.tx() as tx:
        audit.record(tx, "connector.sampled", "source_account", account_id)
    return SamplesOut(samples=[_sample(one) for one in samples])


@router.post("/connector-accounts/{account_id}/start")
def start_account(access: Writer, account_id: UUID, body: Days) -> AccountOut:
    """Ask from now on, and read the past."""
    with access.tx() as tx:
        service.start(tx, account_id, days=body.days)
        return _account(tx, account_id)


@router.post("/connector-accounts/{account_id}/replay")
def replay_account(access: Writer, account_id: UUID, body: Days) -> AccountOut:
    """Read the last days again."""
    with access.tx() as tx:
        service.replay(tx, account_id, days=body.days)
        return _account(tx, account_id)


@router.post("/connector-accounts/{account_id}/resume")
def resume_account(access: Writer, account_id: UUID) -> AccountOut:
    """Try at once what waits after a failure."""
    with access.tx() as tx:
        service.resume(tx, account_id)
        audit.record(tx, "connector.resumed", "source_account", account_id)
        return _account(tx, account_id)


@router.get("/connector-accounts/{account_id}/simulated")
def read_simulated(access: Reader, account_id: UUID) -> SimulatedNow:
    """How busy a simulated shop is dialled now."""
    with access.tx() as tx:
        _, account = service.find(tx, account_id)
    return SimulatedNow(per_minute=service.rate(account))


@router.post("/connector-accounts/{account_id}/simulated", status_code=204)
def simulate_account(access: Writer, request: Request, account_id: UUID, body: Simulated) -> None:
    """Let things happen in a simulated shop; it pushes them here."""
    with access.tx() as tx:
        platform, account = service.find(tx, account_id)
        audit.record(tx, "connector.simulated", "source_account", account_id)
    base = _reached_at(request) if platform.pushes is not None else None
    pushed = "" if base is None else f"{base}/hooks/{platform.manifest.name}/{account_id}"
    service.simulate(account, per_minute=body.per_minute, orders=body.orders, hook=pushed)


@router.post("/connector-accounts/{account_id}/acts", status_code=204)
def act_on_account(access: Writer, request: Request, account_id: UUID, body: Act) -> None:
    """Let somebody do something on a simulated platform: add a friend, join a group, confirm a task. Its callbacks come here."""
    with access.tx() as tx:
        platform, account = service.find(tx, account_id)
        audit.record(tx, "connector.acted", "source_account", account_id, None, {"what": body.what})
    base = _reached_at(request)
    hook = "" if base is None else f"{base}/hooks/{platform.manifest.name}/{account_id}"
    service.act(account, body.what, body.given, hook=hook)


@router.post("/connector-accounts/{account_id}/secrets")
def replace_secrets(access: Writer, account_id: UUID, body: Secrets) -> AccountOut:
    """Replace some secrets."""
    with access.tx() as tx:
        refuse_way_in(tx, access.identity.grants, account_id)
        service.change_secrets(tx, account_id, body.secrets)
        return _account(tx, account_id)


@router.get("/connector-accounts/{account_id}/traffic")
def read_traffic(
    access: Reader,
    account_id: UUID,
    *,
    failed: Annotated[bool, Query(description="Only calls that failed")] = False,
    limit: Annotated[int, Query(ge=1, le=TRAFFIC_MAX)] = 20,
) -> TrafficList:
    """The last calls, secrets masked. What people bought stands in them: reading them needs the right to see personal data."""
    with access.tx() as tx:
        service.find(tx, account_id)
        calls = traffic.latest(tx, account_id, failed=failed, limit=limit)
    open_ = "personal" in access.privacy
    return TrafficList(
        calls=[
            TrafficOut(
                id=one.id,
                at=one.at,
                operation=one.operation,
                status=one.status,
                failure=one.failure,
                took_ms=one.took_ms,
                text=one.text if open_ else "",
            )
            for one in calls
        ]
    )


@router.delete("/connector-accounts/{account_id}", status_code=204)
def disconnect_account(access: Writer, account_id: UUID) -> None:
    """Forget the account's tokens and tasks; what it brought stays."""
    with access.tx() as tx:
        service.disconnect(tx, account_id)


def _reached_at(request: Request) -> str | None:
    """Where a simulator beside us finds us: what the operator says, else the socket that was asked. Never the Host header: whoever
    asks writes it, and would have the simulator post wherever they like. None where neither is known (a Unix socket).
    """
    told = settings().public_url
    if told is not None:
        return told.rstrip("/")
    host, port = request.scope.get("server") or (None, None)
    if host is None or port is None:
        return None
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _label(words: Words) -> Label:
    return Label(zh=words.zh, en=words.en)


def _line(row: overview.Row, tx: Tx) -> dict[str, Any]:
    manifest = platforms()[row.connector].manifest
    light, why = overview.light_of(row, tx.machine_now, manifest.expiry_warning)
    return {
        "id": row.id,
        "connector": row.connector,
        "platform": _label(manifest.label),
        "source": row.source,
        "name": row.name,
        "status": row.status,
        "simulated": bool(row.config.get("simulated")),
        "light": light,
        "why": _label(why),
        "expires_at": row.expires_at,
    }


def _account(tx: Tx, account_id: UUID) -> AccountOut:
    found = overview.rows(tx, account=account_id, limit=1)
    if not found:
        raise NotFound("no_such_account", "没有这个平台账号。", "There is no such platform account.")
    row = found[0]
    pushed = platforms()[row.connector].pushes is not None
    return AccountOut(
        **_line(row, tx),
        state=row.state,
        address=f"/hooks/{row.connector}/{row.id}" if pushed else None,
        settings={name: value for name, value in row.config.items() if name not in {"simulated", CLOCK}},
        refresh_expires_at=row.refresh_expires_at,
        facts=row.facts,
        problem=_problem(row.problem),
        tasks=[_task(one, tx) for one in overview.tasks(tx, account_id)],
        waiting=row.waiting,
    )


def _task(one: overview.TaskRow, tx: Tx) -> AskedOut:
    live = one.purpose == "live"
    return AskedOut(
        resource=one.resource,
        purpose=one.purpose,
        at=one.at,
        percent=overview.percent(one),
        records=one.records,
        found=one.found,
        lag_seconds=max(0, int((tx.machine_now - one.at).total_seconds())) if live else None,
        next_at=one.next_at,
        last_ok_at=one.last_ok_at,
        done=one.done_at is not None,
        failures=one.failures,
        problem=_problem(one.problem),
    )


def _problem(stored: dict[str, Any] | None) -> Any:
    found = overview.problem_of(stored)
    if found is None:
        return None
    return {**found, "title": _label(cast("Words", found["title"])), "remedy": _label(cast("Words", found["remedy"]))}


def _sample(one: service.Sample) -> SampleOut:
    veil, open_ = Veil.over({}), may_see("personal")
    return SampleOut(
        resource=one.resource,
        records=[
            SampleRecord(
                kind=r.kind,
                external_id=r.external_id if open_ or r.kind in IMPERSONAL else HIDDEN,
                time=r.time,
                payload=closed(r.payload),
            )
            for r in one.records
        ],
        problems=[SampleProblem(where=p.where, what=veil.words(p.zh, p.en)) for p in one.problems],
    )
