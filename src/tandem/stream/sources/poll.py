"""Asking a source on a schedule: JSON over HTTP, everything changed since a cursor, page by page.

One worker at a time holds an account (a lease with its holder's id; a page is only taken while it holds). The cursor goes forward in the
commit that makes its page durable, never ahead of it, and each round begins a little before where the last ended, so that what a platform
writes late is still met; what is met twice is a duplicate at the door. Failures wait longer each time.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, cast
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from tandem.catalog.label import Label
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.ids import new_id
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings
from tandem.stream.door.kinds import Refused
from tandem.stream.door.pending import take_in
from tandem.stream.door.wire import Parsed
from tandem.stream.sources import raw
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account, Delivery, Raw, Reply, body_digest, not_verified, register_connector
from tandem.stream.sources.generic import read_mapped
from tandem.stream.sources.hooks import BODY_BYTES_MAX
from tandem.stream.sources.mapping import Mapped
from tandem.stream.sources.paths import BadPath, parse_path, read
from tandem.stream.webhooks.post import exchange
from tandem.stream.webhooks.targets import RefusedTarget, Resolve, check_target, parse_target

LEASE: Final = timedelta(seconds=120)
PAGES_MAX: Final = 50
"""Pages of one round; the next round goes on."""
TIMEOUT_SECONDS: Final = 20.0
PAUSE_MAX_SECONDS: Final = 3600
_ROUNDS: Final = Rounds("sources.poll")


class PollConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a source is asked. `next` is where a page names the one after it, `changed` where a record tells when it was changed."""

    url: str
    every_seconds: int = 60
    overlap_seconds: int = 300
    back_days: int = 90
    since_parameter: str = "since"
    page_parameter: str = "page"
    records: str = "items"
    next: str | None = "next"
    changed: str = "updated_at"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered."""

    status: int
    body: bytes
    retry_after_seconds: int | None = None


class Fetch(Protocol):
    """How one page is fetched; tests put their own here."""

    def __call__(self, url: str, headers: Mapping[str, str]) -> Fetched: ...


class PollFailed(Exception):
    """A page could not be had; `retry_after_seconds` where the source said so."""

    def __init__(self, told: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(told)
        self.retry_after_seconds = retry_after_seconds


class Poll:
    """Sources that are asked. Nobody calls them, so nothing verifies."""

    name = "poll"
    label = Label("定时拉取", "Asked on schedule")
    kept_query: tuple[str, ...] = ()

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in their stored form. Raises InvalidInput."""
        try:
            found = msgspec.convert(dict(config), PollConfig)
            for path in (found.records, found.next or "", found.changed):
                parse_path(path)
        except (msgspec.ValidationError, BadPath) as error:
            raise _bad(str(error)) from error
        if not (
            5 <= found.every_seconds <= 86_400 and 0 <= found.overlap_seconds <= 86_400 and 0 <= found.back_days <= 1000
        ):
            raise _bad("every_seconds 5..86400, overlap_seconds 0..86400, back_days 0..1000")
        check_target(found.url, private_allowed=settings().webhook_private_targets)
        return cast("dict[str, Any]", msgspec.to_builtins(found))

    def verify(self, account: Account, delivery: Delivery) -> None:
        """Nobody may post to an account that is asked."""
        del account, delivery
        raise not_verified()

    def delivery_id(self, account: Account, delivery: Delivery) -> str:
        """A page is named by what it says."""
        del account
        return body_digest(delivery.body)

    def answer(self, account: Account, delivery: Delivery) -> Reply:
        """Never asked for: `verify` lets nobody in."""
        del account, delivery
        return Reply()

    def read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        """What the account's mapping makes of a page."""
        if not raw.is_json:
            raise Refused("body", "内容不是 JSON", "the page is not JSON")
        return read_mapped(account, raw)


def _bad(told: str) -> InvalidInput:
    return InvalidInput(
        "bad_source_config",
        "数据源设置有误。",
        "The source's settings are not right.",
        details=(Detail("config", told, told),),
    )


register_connector(Poll())


def job(fetch: Fetch | None = None) -> Any:
    """The worker's job: one round of each account that is due."""

    def run(db: Database) -> float:
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select tenant_id from source_due_tenants()")]
        return 0.0 if _ROUNDS.each(tenants, lambda tenant: poll_due(db, tenant, fetch or _fetch)) else 5.0

    return run


class _Due(msgspec.Struct, frozen=True):
    account_id: UUID
    cursor: dict[str, Any]
    failures: int


# Materialized: as a plain subquery a join may run it again for each row, and lease accounts that nobody then asks.
_TAKE: Final = """
with d as materialized (
  select account_id from source_poll where tenant_id = %(tenant)s and next_at <= now()
    and (leased_until is null or leased_until <= now()) order by next_at limit 1 for update skip locked)
update source_poll p set leased_until = now() + %(lease)s, holder = %(holder)s from d
where p.tenant_id = %(tenant)s and p.account_id = d.account_id returning p.account_id, p.cursor, p.failures
"""


def poll_due(db: Database, tenant: UUID, fetch: Fetch) -> int:
    """Ask one account of a tenant that is due; returns how many were asked (0 or 1)."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        due = tx.maybe(_Due, _TAKE, {"tenant": tenant, "lease": LEASE, "holder": holder})
        account = None if due is None else opened_account(tx, account_id=due.account_id)
    if due is None:
        return 0
    if account is None or account.status != "active":
        _end(db, tenant, due.account_id, holder, pause=PAUSE_MAX_SECONDS, problem=None)
        return 1
    config = msgspec.convert(dict(account.config), PollConfig)
    try:
        _read_pages(db, account, config, due.cursor, holder, fetch)
    except PollFailed as failed:
        pause = failed.retry_after_seconds or min(PAUSE_MAX_SECONDS, 5 * 2 ** min(due.failures, 12))
        _end(db, tenant, due.account_id, holder, pause=pause, problem=str(failed)[:300])
    else:
        _end(db, tenant, due.account_id, holder, pause=config.every_seconds, problem=None)
    return 1


def _read_pages(
    db: Database, account: Account, config: PollConfig, cursor: Mapping[str, Any], holder: UUID, fetch: Fetch
) -> None:
    """Page after page, each durable before the next is asked for. A round that was cut short goes on at its page."""
    now = datetime.now(UTC)
    newest = datetime.fromisoformat(str(cursor.get("newest") or (now - timedelta(days=config.back_days)).isoformat()))
    since = str(cursor.get("since") or (newest - timedelta(seconds=config.overlap_seconds)).isoformat())
    page: str | None = cursor.get("page")
    for _ in range(PAGES_MAX):
        query = {config.since_parameter: since} | ({} if page is None else {config.page_parameter: page})
        url = f"{config.url}{'&' if '?' in config.url else '?'}{urlencode(query)}"
        fetched = fetch(url, {"Authorization": f"Bearer {account.secret}", "Accept": "application/json"})
        found = _page(config, fetched)
        newest = max([newest, *(_times(config, found))])
        following = read(found, config.next) if config.next else None
        page = None if following in (None, "", False) else str(following)
        kept = {"newest": newest.isoformat()} | ({} if page is None else {"page": page, "since": since})
        _keep(db, account, fetched.body, kept, holder, lag=now - newest, empty=not read(found, config.records))
        if page is None:
            return


def _page(config: PollConfig, fetched: Fetched) -> Any:
    if fetched.status != 200:
        raise PollFailed(f"answered {fetched.status}", fetched.retry_after_seconds)
    if len(fetched.body) > BODY_BYTES_MAX:
        raise PollFailed("a page is larger than 950 KB; ask for smaller pages")
    try:
        found = json.loads(fetched.body)
    except (ValueError, RecursionError) as error:
        raise PollFailed("the page is not JSON") from error
    if not isinstance(read(found, config.records), list):
        raise PollFailed(f"there is no list at {config.records}")
    return found


def _times(config: PollConfig, found: Any) -> Iterable[datetime]:
    """When the page's records were changed; a clock that runs ahead of ours does not move the cursor past now."""
    now = datetime.now(UTC)
    for record in read(found, config.records):
        try:
            moment = datetime.fromisoformat(str(read(record, config.changed)))
        except ValueError:
            continue
        yield min(now, moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _keep(
    db: Database, account: Account, body: bytes, cursor: dict[str, Any], holder: UUID, *, lag: timedelta, empty: bool
) -> None:
    """A page and the cursor behind it, in one commit. Raises PollFailed when another worker holds the account by now."""
    with db.tx("door", tenant=account.tenant_id) as tx:
        _hold(tx, account.id, holder, cursor, lag)
        if not empty:
            item = raw.envelope(account.source, body_digest(body), tx.now, raw.wrap(body))
            take_in(tx, Parsed([item], [], {}))


def _hold(tx: Tx, account_id: UUID, holder: UUID, cursor: dict[str, Any], lag: timedelta) -> None:
    held = tx.execute(
        """
        update source_poll set cursor = %(cursor)s::jsonb, lag_seconds = %(lag)s, leased_until = now() + %(lease)s
        where tenant_id = %(tenant)s and account_id = %(account)s and holder = %(holder)s
        """,
        {
            "tenant": tx.tenant_id,
            "account": account_id,
            "holder": holder,
            "lease": LEASE,
            "cursor": json.dumps(cursor),
            "lag": max(0, round(lag.total_seconds())),
        },
    )
    if not held:
        raise PollFailed("another worker took the account over")


def _end(db: Database, tenant: UUID, account_id: UUID, holder: UUID, *, pause: int, problem: str | None) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update source_poll set leased_until = null, holder = null, next_at = now() + make_interval(secs => %(pause)s),
              failures = case when %(problem)s::text is null then 0 else failures + 1 end, last_problem = %(problem)s,
              last_ok_at = case when %(problem)s::text is null then now() else last_ok_at end
            where tenant_id = %(tenant)s and account_id = %(account)s and holder = %(holder)s
            """,
            {"tenant": tenant, "account": account_id, "holder": holder, "pause": pause, "problem": problem},
        )


def _fetch(url: str, headers: Mapping[str, str], resolve: Resolve | None = None) -> Fetched:
    """One page, from the address that was judged: a name that changes its mind between look and call leads nowhere else."""
    private = settings().webhook_private_targets
    try:
        target = parse_target(url, private_allowed=private)
        got = exchange(
            "GET",
            target,
            headers,
            private_allowed=private,
            resolve=resolve,
            total_seconds=TIMEOUT_SECONDS,
            bytes_max=BODY_BYTES_MAX + 1,
        )
    except TimeoutError as error:
        raise PollFailed("timed out") from error
    except (RefusedTarget, InvalidInput, OSError, http.client.HTTPException, ValueError) as error:
        raise PollFailed(f"{type(error).__name__}: {error}") from error
    after = got.retry_after_seconds
    return Fetched(got.code, got.body, None if after is None else min(after, PAUSE_MAX_SECONDS))
