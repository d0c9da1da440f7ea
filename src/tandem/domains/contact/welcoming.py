"""Sending welcomes: straight from the platform's call, within the 20 seconds for which its code is good (decision 121).

Claim, send, record, with a commit between each. A claim is one worker's; the platform lets a code be used once, so a repeat after a lost
answer cannot greet twice. What is late is counted as late and shown, never sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from tandem.domains.contact.gateway import GatewayFailure, Line, Person, Welcome, gateway_of
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.media import attachments, lending
from tandem.domains.contact.saying import Arrival, Rule, first, fitting, names_customer, said
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.keys import day_key, tenant_keys
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.contact")

GOOD_FOR: Final = timedelta(seconds=20)
"""How long a welcome code is good after the platform told of it (D 92137)."""
BATCH: Final = 48
HANDS: Final = 6
"""Welcomes that one worker has under way at a time."""
LOST_AFTER: Final = timedelta(seconds=6)
"""A claim without an answer for so long is a dead sender's, or a platform's that does not answer."""
PAUSE: Final = timedelta(seconds=1)
"""Between two tries of one welcome."""
WITHOUT_FILES: Final = "without_files:"
"""The reason of a welcome that went out without a file of its own."""
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: str
    account_id: UUID
    member: str
    live_code_id: UUID | None
    channel: str
    adviser: str
    told_at: datetime
    received_at: datetime
    attempts: int
    code_enc: bytes
    external_enc: bytes


@dataclass(frozen=True, slots=True)
class _Call:
    """A claimed call, opened. `rules`: what may be said, in order; `tags`: what we know of her."""

    id: str
    account_id: UUID
    adviser: str
    attempts: int
    code: str
    external: str
    rules: list[Rule]
    tags: frozenset[str]
    guard: words.Guard


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one claim: `attempts` tells it from another worker's later one."""

    id: str
    attempts: int
    welcome: str
    reason: str | None = None
    message: UUID | None = None
    noted: words.Noted | None = None


_EXPIRE: Final = """
update friend_call set welcome = case when attempts > 0 then 'unknown' else 'expired' end, code_enc = null, external_enc = null,
  finished_at = %(machine_now)s, reason = case when attempts > 0 then coalesce(reason, 'unanswered') else 'too_late' end
where tenant_id = %(tenant)s and welcome in ('waiting', 'sending') and told_at <= %(machine_now)s::timestamptz - %(good_for)s
  and (welcome = 'waiting' or claimed_at <= %(machine_now)s::timestamptz - %(lost_after)s)
"""
# The oldest first: their time is over first, and those for whom it is over are not here any more.
_CLAIM: Final = """
with taken as materialized (
  select id from friend_call where tenant_id = %(tenant)s and (
    (welcome = 'waiting' and (claimed_at is null or claimed_at <= %(machine_now)s::timestamptz - %(pause)s))
    or (welcome = 'sending' and claimed_at <= %(machine_now)s::timestamptz - %(lost_after)s))
  order by told_at, id limit %(limit)s for update skip locked
), claimed as (
  update friend_call as f set welcome = 'sending', claimed_at = %(machine_now)s, attempts = f.attempts + 1 from taken as t
  where f.tenant_id = %(tenant)s and f.id = t.id returning f.*)
select c.id, c.account_id, c.member, c.live_code_id, coalesce(l.channel, '') as channel, coalesce(a.name, c.member) as adviser, c.told_at,
  c.received_at, c.attempts, c.code_enc, c.external_enc
from claimed as c
left join live_code as l on l.tenant_id = %(tenant)s and l.id = c.live_code_id
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = c.account_id and a.member = c.member
order by c.told_at, c.id
"""
_RULES: Final = """
select id, name, body, attachments, live_codes, channels, members, tags, days, from_time, until_time from welcome_message
where tenant_id = %(tenant)s and active order by place, created_at, id
"""
_RECORD: Final = """
update friend_call as f set welcome = n.welcome, reason = n.reason, welcome_id = n.message,
  finished_at = case when n.welcome = 'waiting' then null else clock_timestamp() end,
  code_enc = case when n.welcome = 'waiting' then f.code_enc end, external_enc = case when n.welcome = 'waiting' then f.external_enc end
from jsonb_to_recordset(%(rows)s::jsonb) as n(id text, welcome text, reason text, message uuid, attempts int)
where f.tenant_id = %(tenant)s and f.id = n.id and f.welcome = 'sending' and f.attempts = n.attempts
"""


# Others of the lot were sent before it: the time in which an answer is awaited begins with its own sending.
_BEGIN: Final = """
update friend_call set claimed_at = %(machine_now)s
where tenant_id = %(tenant)s and id = %(id)s and welcome = 'sending' and attempts = %(attempts)s
"""


def greet(db: Database, tenant: UUID) -> int:
    """Send one batch of a tenant's welcomes; returns how many were taken up."""
    calls, silent = _claim(db, tenant)
    if silent:
        _record(db, tenant, silent)
    if calls:
        with ThreadPoolExecutor(max_workers=min(HANDS, len(calls))) as hands:
            lots = [calls[number::HANDS] for number in range(min(HANDS, len(calls)))]
            for hand in [hands.submit(_send, db, tenant, lot) for lot in lots]:
                hand.result()
    return len(calls) + len(silent)


def _claim(db: Database, tenant: UUID) -> tuple[list[_Call], list[_Result]]:
    with db.tx("worker", tenant=tenant) as tx:
        params: dict[str, Any] = {
            "tenant": tenant, "machine_now": tx.machine_now, "good_for": GOOD_FOR, "lost_after": LOST_AFTER, "pause": PAUSE,
            "limit": BATCH,
        }  # fmt: skip
        tx.execute(_EXPIRE, params)
        claimed = tx.all(_Claimed, _CLAIM, params)
        if not claimed:
            return [], []
        rules = tx.all(Rule, _RULES, {"tenant": tenant})
        return _opened(tx, claimed, rules)


def _opened(tx: Tx, claimed: Sequence[_Claimed], rules: Sequence[Rule]) -> tuple[list[_Call], list[_Result]]:
    keys, zone, guard = tenant_keys(tx), ZoneInfo(tx.zone), words.guard_of(tx)
    shift = tx.now - tx.machine_now
    days = {day: day_key(tx, keys, day) for day in {one.received_at.date() for one in claimed}}
    calls: list[_Call] = []
    silent: list[_Result] = []
    for one in claimed:
        arrival = Arrival(one.member, one.live_code_id, one.channel, (one.told_at + shift).astimezone(zone))
        fit = fitting(rules, arrival)
        if not fit:
            silent.append(_Result(one.id, one.attempts, "silent", "no_message"))
            continue
        key = days[one.received_at.date()]
        code, external = keys.open(key, bytes(one.code_enc)), keys.open(key, bytes(one.external_enc))
        calls.append(_Call(one.id, one.account_id, one.adviser, one.attempts, code, external, fit, frozenset(), guard))
    asked = {one.id: (one.account_id, one.external) for one in calls if any(rule.tags for rule in one.rules)}
    known = _tags(tx, asked) if asked else {}
    return [replace(one, tags=known.get(one.id, frozenset())) for one in calls], silent


def _tags(tx: Tx, asked: Mapping[str, tuple[UUID, str]]) -> dict[str, frozenset[str]]:
    """Our own tags of those who were known before they were added: by their id at the platform."""
    keys = tenant_keys(tx)
    accounts = tx.cursor(
        "select id, connector, config from source_account where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "ids": list({account for account, _ in asked.values()})},
    ).fetchall()
    scopes = {row[0]: gateway.scope(row[2]) for row in accounts if (gateway := gateway_of(row[1])) is not None}
    rows = [
        {"call": call, "scope": scopes[account], "hash": keys.blind("open_id", scopes[account], external).hex()}
        for call, (account, external) in asked.items()
        if account in scopes
    ]
    found = tx.cursor(
        """
        select n.call, array_agg(t.tag) from jsonb_to_recordset(%(rows)s::jsonb) as n(call text, scope text, hash text)
        join identifier as i on i.tenant_id = %(tenant)s and i.kind = 'open_id' and i.scope = n.scope and i.value_hash = decode(n.hash, 'hex')
        join customer_tag as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = i.bucket
          and t.customer_id = i.customer_id
        group by n.call
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "rows": to_json(rows)},
    )
    return {call: frozenset(tags) for call, tags in found}


def _send(db: Database, tenant: UUID, lot: Sequence[_Call]) -> None:
    """Send some welcomes one after another, each recorded as soon as it has its answer."""
    for account in sorted({one.account_id for one in lot}):
        mine = [one for one in lot if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                for one in mine:
                    if _still_claimed(db, tenant, one):
                        _record(db, tenant, [_say(db, tenant, line, one)])
        except GatewayFailure as failure:
            _record(db, tenant, [_Result(one.id, one.attempts, "refused", _reason(failure)) for one in mine])


def _still_claimed(db: Database, tenant: UUID, call: _Call) -> bool:
    """Whether the call is still ours to answer, its claim begun anew; False where it waited so long that another worker took it."""
    with db.tx("worker", tenant=tenant) as tx:
        begun = {"tenant": tenant, "id": call.id, "attempts": call.attempts, "machine_now": tx.machine_now}
        return bool(tx.execute(_BEGIN, begun))


def _say(db: Database, tenant: UUID, line: Line, call: _Call) -> _Result:
    """Say one welcome. What was not done goes back to wait while its time lasts."""
    rule: Rule | None = None
    try:
        person: Person | None = None
        if any(one.tags or names_customer(one.body) for one in call.rules):
            person = line.person(call.external)
        rule = first(call.rules, call.tags | (person.tags if person else frozenset[str]()))
        if rule is None:
            return _Result(call.id, call.attempts, "silent", "no_message")
        text = said(rule.body, customer=person.name if person else None, adviser=call.adviser)
        hit = words.deciding(call.guard, text)
        if hit is not None and hit.level == "block":
            # A word that came to the list later, or with her name: the other greetings are other words, and nobody is greeted with this.
            noted = words.Noted(hit, "welcome", rule.name)
            return _Result(call.id, call.attempts, "refused", f"{words.FORBIDDEN}{hit.word}", rule.id, noted)
        carried, without = _carried(db, tenant, line, call, rule)
        line.welcome(call.code, Welcome(text, carried))
    except GatewayFailure as failure:
        return _failed(call, failure, rule)
    return _Result(call.id, call.attempts, "sent", without, rule.id)


def _carried(db: Database, tenant: UUID, line: Line, call: _Call, rule: Rule) -> tuple[list[Any], str | None]:
    """What goes out beside the words, and why not all of it does: there is no second chance to greet, so a missing file stays out."""
    if not any(attachments.carried(rule.attachments)):
        return attachments.resolved(rule.attachments, lambda _media, _use: ""), None
    # What the platform still has is good enough for a message that goes out now: renewing it is the job's.
    with db.tx("worker", tenant=tenant) as tx:
        there = lending.known(tx, call.account_id, rule.attachments)
    if there is not None:
        return there, None
    try:
        return lending.ready(db, tenant, call.account_id, line, rule.attachments, looks=lending.LOOKS_GREETING), None
    except GatewayFailure as failure:
        plain = [one for one in rule.attachments if not any(attachments.carried([one]))]
        return plain, f"{WITHOUT_FILES}{_reason(failure)}"


def _failed(call: _Call, failure: GatewayFailure, rule: Rule | None) -> _Result:
    message = None if rule is None else rule.id
    if failure.why in {"later", "lost"}:
        return _Result(call.id, call.attempts, "waiting", f"{failure.why}:{failure.code}", message)
    if failure.why == "spent":
        # After a lost answer the use that spent it was most likely our own; nobody can tell.
        return _Result(call.id, call.attempts, "unknown" if call.attempts > 1 else "taken", _reason(failure), message)
    if failure.why == "expired":
        return _Result(call.id, call.attempts, "expired", _reason(failure), message)
    return _Result(call.id, call.attempts, "refused", _reason(failure), message)


def _reason(failure: GatewayFailure) -> str:
    return f"{failure.code} {failure.told}".strip()[:300]


def _record(db: Database, tenant: UUID, results: Sequence[_Result]) -> None:
    rows = [
        {"id": one.id, "welcome": one.welcome, "reason": one.reason, "message": one.message, "attempts": one.attempts}
        for one in results
    ]
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(_RECORD, {"tenant": tenant, "rows": to_json(rows)})
        words.note(tx, [one.noted for one in results if one.noted is not None])
