"""Connecting an account: keys, authorisation, a check, a sample, the past and the present. Each step is its own and can be done again."""

from __future__ import annotations

import json
import secrets as randomness
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.connectors.kit import clocks, grants
from tandem.connectors.kit.platform import Platform, Seen, Window
from tandem.connectors.kit.registry import platform_of
from tandem.connectors.kit.session import Session, credentials_of
from tandem.connectors.kit.wire import Request, Send, check_status, wired
from tandem.connectors.simulator.server import RATE, TOKEN_HEADER
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.settings import settings
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.accounts import create_account, get_account, opened_account, remove_account, set_secret
from tandem.stream.sources.connector import Account
from tandem.stream.sources.mapping import Mapped

BACKFILL_DAYS: Final = 90
SAMPLE_DAYS: Final = 30
SAMPLE_MAX: Final = 5
SWEEP_AFTER: Final = timedelta(hours=6)


def find(tx: Tx, account_id: UUID) -> tuple[Platform, Account]:
    """A connected account and its platform. Raises NotFound."""
    account = opened_account(tx, account_id=account_id)
    platform = None if account is None else platform_of(account.connector)
    if account is None or platform is None:
        raise NotFound("no_such_account", "没有这个平台账号。", "There is no such platform account.")
    return platform, account


def create(tx: Tx, connector: str, source: str, name: str, given: Mapping[str, Any]) -> UUID:
    """Set an account up with its keys; asks the platform nothing yet. Raises InvalidInput, Conflict."""
    platform = platform_of(connector)
    if platform is None:
        raise InvalidInput("unknown_connector", "没有这种平台。", "There is no such platform.")
    plain, hidden = _sorted(platform, given)
    values = {
        "connector": connector,
        "source": source,
        "name": name,
        "config": plain,
        "mapping": None,
        "lag_seconds_max": 3600,
        "failure_percent_max": 5,
        "silent_minutes_max": None,
    }
    account_id, _ = create_account(tx, values, json.dumps(hidden))
    # Before anything is pushed or read: on the platform's clock a demo's news would lie in its future.
    clocks.note(tx, account_id)
    tx.execute(
        "insert into connector_grant (tenant_id, account_id) values (%(tenant)s, %(account)s) on conflict do nothing",
        {"tenant": tx.tenant_id, "account": account_id},
    )
    return account_id


def change_secrets(tx: Tx, account_id: UUID, given: Mapping[str, str]) -> None:
    """Replace some of an account's secrets; those not given stay."""
    platform, account = find(tx, account_id)
    known = json.loads(account.secret) | {name: value for name, value in given.items() if value}
    unknown = set(given) - set(platform.manifest.secrets)
    if unknown:
        raise _wrong([Detail(f"secrets.{one}", "没有这项设置", "there is no such setting") for one in sorted(unknown)])
    set_secret(tx, account_id, json.dumps(known))


def _sorted(platform: Platform, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Plain settings and secrets. Raises InvalidInput for a secret that is missing."""
    hidden = set(platform.manifest.secrets)
    lacking = [
        one.name for one in platform.manifest.settings if one.secret and one.required and not given.get(one.name)
    ]
    if lacking:
        raise _wrong([Detail(f"config.{one}", "必填", "required") for one in lacking])
    plain = {name: value for name, value in given.items() if name not in hidden}
    return plain, {name: str(value) for name, value in given.items() if name in hidden and value}


def _wrong(details: Sequence[Detail]) -> InvalidInput:
    return InvalidInput(
        "bad_source_config", "数据源设置有误。", "The source's settings are not right.", details=tuple(details)
    )


def begin_authorisation(tx: Tx, account_id: UUID, redirect: str) -> str | None:
    """The address where the seller says yes; None where the keys alone are enough. The answer must bring our nonce back."""
    platform, account = find(tx, account_id)
    if platform.authorise_url is None:
        return None
    nonce = f"{account_id}.{randomness.token_urlsafe(24)}"
    tx.execute(
        "update connector_grant set nonce = %(nonce)s where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account_id, "nonce": nonce},
    )
    return platform.authorise_url(credentials_of(platform, account), redirect, nonce)


def finish_authorisation(
    db: Database, tenant: UUID, account_id: UUID, code: str, nonce: str, *, send: Send | None = None
) -> None:
    """Take the code that the platform gave for the token. Raises Forbidden for an answer to nobody's question, ConnectorFailure."""
    with db.tx("worker", tenant=tenant) as tx:
        platform, account = find(tx, account_id)
        known = tx.value(
            "select nonce from connector_grant where tenant_id = %(tenant)s and account_id = %(account)s",
            {"tenant": tenant, "account": account_id},
        )
    if not known or not randomness.compare_digest(str(known), nonce):
        raise Forbidden(
            "wrong_state", "授权回调与发起的请求不符，请重新发起。", "This answers no request of ours; begin again."
        )
    with _asking(db, platform, account, send) as session:
        grant = session.exchange(code)
    with db.tx("worker", tenant=tenant) as tx:
        grants.store(tx, account_id, grant)


def check(db: Database, tenant: UUID, account_id: UUID, *, send: Send | None = None) -> Mapping[str, Any]:
    """Ask the platform who we are there; returns the shop's name and id. Raises ConnectorFailure."""
    with db.tx("worker", tenant=tenant) as tx:
        platform, account = find(tx, account_id)
        tx.execute(
            "update connector_grant set state = 'new' where tenant_id = %(tenant)s and account_id = %(account)s and state = 'refused'",
            {"tenant": tenant, "account": account_id},
        )
    with _asking(db, platform, account, send) as session:
        return platform.check(session)


@dataclass(frozen=True, slots=True)
class Sample:
    """A few records as the platform gave them and as they would be taken in."""

    resource: str
    body: Any
    records: list[Mapped]
    problems: list[Refused]


def sample(db: Database, tenant: UUID, account_id: UUID, *, send: Send | None = None) -> list[Sample]:
    """The newest page of each resource, mapped; nothing is kept. Raises ConnectorFailure."""
    with db.tx("worker", tenant=tenant) as tx:
        platform, account = find(tx, account_id)
        zone = tx.zone
    found: list[Sample] = []
    with _asking(db, platform, account, send) as session:
        for resource in platform.resources:
            page = None
            until = datetime.now(UTC) - resource.settle
            oldest = until - timedelta(days=SAMPLE_DAYS)
            while until > oldest:
                since = max(oldest, until - resource.window_max) if resource.windowed else oldest
                page = resource.page(session, Window(since, until), None)
                if page.count:
                    break
                until = since
            if page is None or not page.count:
                continue
            read = list(resource.read(page.body, Seen(account.source, account.config, zone)))
            records = [one for one in read if isinstance(one, Mapped)]
            problems = [one for one in read if isinstance(one, Refused)]
            found.append(Sample(resource.name, page.body, records[:SAMPLE_MAX], problems[:SAMPLE_MAX]))
    return found


def start(tx: Tx, account_id: UUID, *, days: int = BACKFILL_DAYS) -> None:
    """Ask from now on, and go through the past so many days. Started again, what was asked stays asked; the past is walked anew."""
    platform, account = find(tx, account_id)
    for resource in platform.resources:
        past = min(timedelta(days=days), resource.history)
        _file(tx, account_id, resource.name, "live", begin=timedelta(minutes=5))
        _file(tx, account_id, resource.name, "backfill", begin=past, ends=True, again=True)
        _file(tx, account_id, resource.name, "sweep", begin=timedelta(0), ends=True, after=SWEEP_AFTER)
    if platform.queue is not None:
        _file(tx, account_id, "messages", "queue", begin=timedelta(0))
    audit.record(tx, "connector.started", "source_account", account.id, None, {"days": days})


_FILE: Final = """
insert into connector_task as t (tenant_id, account_id, resource, purpose, started_from, at, ends_at, next_at)
values (%(tenant)s, %(account)s, %(resource)s, %(purpose)s, now() - %(begin)s, now() - %(begin)s,
  case when %(ends)s then now() + %(after)s end, now() + %(after)s)
on conflict (tenant_id, account_id, resource, purpose) do update set next_at = now() + %(after)s, failures = 0, problem = null,
  started_from = case when %(again)s then excluded.started_from else t.started_from end,
  at = case when %(again)s then excluded.at else t.at end,
  ends_at = case when %(again)s then excluded.ends_at else t.ends_at end,
  until = case when %(again)s then null else t.until end, page = case when %(again)s then null else t.page end,
  records = case when %(again)s then 0 else t.records end, pages = case when %(again)s then 0 else t.pages end,
  done_at = case when %(again)s then null else t.done_at end
"""


def _file(
    tx: Tx,
    account: UUID,
    resource: str,
    purpose: str,
    *,
    begin: timedelta,
    ends: bool = False,
    again: bool = False,
    after: timedelta = timedelta(0),
) -> None:
    tx.execute(
        _FILE,
        {
            "tenant": tx.tenant_id,
            "account": account,
            "resource": resource,
            "purpose": purpose,
            "begin": begin,
            "ends": ends,
            "again": again,
            "after": after,
        },
    )


def replay(tx: Tx, account_id: UUID, *, days: int) -> None:
    """Read the last days again: what is known is met as a duplicate, what was missed is taken in."""
    platform, _ = find(tx, account_id)
    for resource in platform.resources:
        _file(tx, account_id, resource.name, "backfill", begin=timedelta(days=days), ends=True, again=True)
    audit.record(tx, "connector.replayed", "source_account", account_id, None, {"days": days})


def resume(tx: Tx, account_id: UUID) -> None:
    """Whatever waits after a failure is due now."""
    find(tx, account_id)
    params = {"tenant": tx.tenant_id, "account": account_id}
    tx.execute(
        """
        update connector_task set next_at = now(), failures = 0
        where tenant_id = %(tenant)s and account_id = %(account)s and problem is not null and done_at is null
        """,
        params,
    )
    tx.execute(
        """
        update connector_want w set next_at = now() from source_account a
        where a.tenant_id = %(tenant)s and a.id = %(account)s and w.tenant_id = %(tenant)s and w.source = a.source
        """,
        params,
    )


def simulate(
    account: Account, *, per_minute: int | None, orders: int | None, hook: str, send: Send | None = None
) -> None:
    """Let things happen in a simulated shop, its webhooks sent to `hook`. Raises Conflict for a real account, ConnectorFailure."""
    asked = {"traffic": per_minute, "orders": orders}
    for what, count in asked.items():
        if count is not None:
            _control(account, what, {"count": str(count), "account": str(account.id), "hook": hook}, send)


def rate(account: Account, *, send: Send | None = None) -> float:
    """How many orders a minute a simulated shop has now. Raises Conflict for a real account, ConnectorFailure."""
    found = _control(account, RATE, {}, send, method="GET")
    return float(found["per_minute"])


def act(account: Account, what: str, given: Mapping[str, str], *, hook: str, send: Send | None = None) -> Any:
    """Let somebody do something on a simulated platform (`friend`, `join`, `confirm`, ...); what the simulator says of it.

    Raises Conflict for a real account, ConnectorFailure.
    """
    return _control(account, what, {**given, "account": str(account.id), "hook": hook}, send)


def _control(account: Account, what: str, query: Mapping[str, str], send: Send | None, *, method: str = "POST") -> Any:
    simulator = settings().simulator_url
    if not account.config.get("simulated") or simulator is None:
        raise Conflict("not_simulated", "这不是模拟店铺。", "This is no simulated shop.")
    address = f"{simulator.rstrip('/')}/control/{account.connector}/{what}"
    token = settings().simulator_token
    headers = {} if token is None else {TOKEN_HEADER: token.get_secret_value()}
    with wired(send) as through:
        answer = through(Request(method, address, query, headers))
        check_status(answer)
        return answer.json()


def disconnect(tx: Tx, account_id: UUID) -> None:
    """Forget an account's tokens, tasks and captures; what it brought stays. Raises NotFound, Conflict for one that is none of ours."""
    row = get_account(tx, account_id)
    if platform_of(row.connector) is None:
        raise Conflict("not_a_platform", "这不是平台账号。", "This is no platform account.")
    params = {"tenant": tx.tenant_id, "account": account_id, "source": row.source}
    for table in ("connector_grant", "connector_task", "connector_traffic", "connector_bucket", "connector_place"):
        tx.execute(f"delete from {table} where tenant_id = %(tenant)s and account_id = %(account)s", params)
    tx.execute("delete from connector_want where tenant_id = %(tenant)s and source = %(source)s", params)
    remove_account(tx, account_id)


@contextmanager
def _asking(db: Database, platform: Platform, account: Account, send: Send | None) -> Generator[Session]:
    """A session for one step of the set-up, its connections closed afterwards."""
    with wired(send) as through:
        yield Session(platform, account, db, through)
