"""Consent per purpose and channel, with its proof; taking one back stops what is under way at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput
from tandem.kernel.ids import BUCKETS, bucket_of, new_id
from tandem.kernel.live import announce
from tandem.kernel.turn import Turn, in_bucket
from tandem.stream.customer import store
from tandem.stream.customer.personal import Opener
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import emit, follow_up
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.projection import AppliedEvent
from tandem.stream.rights import hooks
from tandem.stream.rows import to_json

Purpose = Literal["marketing", "service", "profiling", "sensitive"]
State = Literal["granted", "withdrawn"]
PURPOSES: Final[tuple[Purpose, ...]] = ("marketing", "service", "profiling", "sensitive")
EVERY_CHANNEL: Final = "*"
CHANNEL_BOUND: Final = frozenset({"marketing", "service"})
"""Purposes that are about messages, and so about a channel; the others hold for every one."""
ADULT_FROM_YEARS: Final = 14
"""Below, a guardian consents (Personal Information Protection Law, article 31)."""
GRANTED: Final = "consent.granted"
WITHDRAWN: Final = "consent.withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One entry of the log."""

    id: UUID
    channel: str
    purpose: str
    state: str
    text_id: UUID | None
    text_version: int | None
    wording: str | None
    source: str
    guardian: bool
    has_proof: bool
    at: datetime
    recorded_by_name: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """What is said about a consent. `at` is when the person said it (default: now)."""

    channel: str
    purpose: Purpose
    state: State
    source: str
    text_id: UUID | None = None
    guardian: bool = False
    proof: str | None = None
    at: datetime | None = None


_ENTRY: Final = """
select l.id, l.channel, l.purpose, l.state, l.text_id, t.version as text_version, t.wording, l.source, l.guardian,
       l.proof_enc is not null as has_proof, l.at, u.name as recorded_by_name
from consent_log as l
left join consent_text as t on t.tenant_id = l.tenant_id and t.id = l.text_id
left join staff_user as u on u.tenant_id = l.tenant_id and u.id = l.recorded_by
where l.bucket = %(bucket)s and l.tenant_id = %(tenant)s and l.customer_id = %(customer)s
"""


def current(tx: Tx, customer_id: UUID) -> list[Consent]:
    """What holds now, one entry for each purpose and channel. Raises NotFound."""
    store.visible(tx, customer_id)
    params = {"tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "customer": customer_id}
    return tx.all(
        Consent,
        f"""
        select distinct on (purpose, channel) * from ({_ENTRY}) as e
        order by purpose, channel, at desc, state = 'withdrawn' desc, id desc
        """,
        params,
    )


def history(tx: Tx, customer_id: UUID, *, cursor: str | None, limit: int) -> tuple[list[Consent], str | None]:
    """A page of the log, newest first. Raises NotFound."""
    store.visible(tx, customer_id)
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "bucket": bucket_of(customer_id),
        "customer": customer_id,
        "limit": limit + 1,
    }
    beyond = ""
    if cursor is not None:
        params["at"], params["id"] = from_cursor(cursor, 2)
        beyond = " and (l.at, l.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    rows = tx.all(Consent, f"{_ENTRY}{beyond} order by l.at desc, l.id desc limit %(limit)s", params)
    return page_of(rows, limit, "at", "id")


def record(tx: Tx, customer_id: UUID, given: Given) -> tuple[UUID, int]:
    """Note a consent or its withdrawal; returns the entry's id and how many planned messages it stopped.

    Raises NotFound, Conflict for a merged customer, InvalidInput where a channel, wording or guardian is wrong or missing.
    """
    who = _living(tx, customer_id)
    _check(tx, who, given)
    turn = in_bucket(tx, customer_id)
    entry, at = new_id(), min(given.at or tx.now, tx.now)
    keys = tenant_keys(tx)
    sealed = keys.seal(data_key(keys, bytes(who.key_enc)), given.proof) if given.proof else None
    tx.execute(
        """
        insert into consent_log (bucket, tenant_id, customer_id, origin_id, id, channel, purpose, state, text_id, source, guardian, proof_enc,
                                 at, recorded_at, recorded_by)
        values (%(bucket)s, %(tenant)s, %(customer)s, %(customer)s, %(id)s, %(channel)s, %(purpose)s, %(state)s, %(text)s, %(source)s,
                %(guardian)s, %(proof)s, %(at)s, now(), %(user)s)
        """,
        {
            "bucket": bucket_of(customer_id),
            "tenant": tx.tenant_id,
            "customer": customer_id,
            "id": entry,
            "channel": given.channel,
            "purpose": given.purpose,
            "state": given.state,
            "text": given.text_id,
            "source": given.source,
            "guardian": given.guardian,
            "proof": sealed,
            "at": at,
            "user": tx.user_id,
        },
    )
    withdrawn = given.state == "withdrawn" and not _granted_since(tx, customer_id, given, at)
    stopped = hooks.on_withdrawal(turn, customer_id, given.channel, given.purpose) if withdrawn else 0
    told = {"channel": given.channel, "purpose": given.purpose, "source": given.source}
    emit(
        tx,
        [
            NewEvent(
                type=GRANTED if given.state == "granted" else WITHDRAWN,
                bucket=bucket_of(customer_id),
                occurred_at=tx.now,
                payload=told,
                customer_id=customer_id,
            )
        ],
    )
    audit.record(tx, f"consent.{given.state}", "customer", customer_id, None, {**told, "stopped_messages": stopped})
    announce(tx, f"customer:{customer_id}")
    return entry, stopped


@dataclass(frozen=True, slots=True)
class WithdrawnHere:
    """A consent that an applied event says was taken back; `id` follows from the event, so that twice is once."""

    id: UUID
    event: AppliedEvent
    channel: str
    purpose: Purpose
    source: str


_NOTE: Final = """
insert into consent_log (bucket, tenant_id, customer_id, origin_id, id, channel, purpose, state, source, guardian, at, recorded_at)
select n.bucket, %(tenant)s, n.customer_id, n.origin_id, n.id, n.channel, n.purpose, 'withdrawn', n.source, false, n.at, now()
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, customer_id uuid, origin_id uuid, id uuid, channel text, purpose text, source text,
  at timestamptz)
where exists (select from customer as c where c.bucket = n.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
  and c.id = n.customer_id)
on conflict do nothing
"""


def note_withdrawals(turn: Turn, rows: Sequence[WithdrawnHere]) -> None:
    """Write down what customers took back by themselves, for a batch; flows hear of each. What it stops is for whoever calls."""
    told = [
        {
            "bucket": one.event.bucket, "customer_id": one.event.customer_id, "origin_id": one.event.origin_id or one.event.customer_id, "id": one.id,
            "channel": one.channel, "purpose": one.purpose, "source": one.source, "at": min(one.event.occurred_at, turn.now),
        }
        for one in rows
        if one.event.customer_id is not None
    ]  # fmt: skip
    if not told:
        return
    turn.tx.execute(_NOTE, turn.params(rows=to_json(told)))
    follow_up(
        turn,
        [
            following(one.event, WITHDRAWN, {"channel": one.channel, "purpose": one.purpose, "source": one.source})
            for one in rows
            if one.event.customer_id is not None
        ],
    )


@dataclass(frozen=True, slots=True)
class _Living:
    merged_into: UUID | None
    birthday: date | None
    key_enc: bytes


def _living(tx: Tx, customer_id: UUID) -> _Living:
    store.visible(tx, customer_id)
    row = tx.one(
        _Living,
        "select merged_into, birthday, key_enc from customer where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
        {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id},
    )
    if row.merged_into is not None:
        raise Conflict(
            "customer_merged",
            "这位客户已并入另一位客户，请打开合并后的客户。",
            "This customer was merged into another; open that one.",
        )
    return row


def _check(tx: Tx, who: _Living, given: Given) -> None:
    if given.purpose not in CHANNEL_BOUND and given.channel != EVERY_CHANNEL:
        raise _wrong("channel", "此用途不分渠道", "this purpose has no channel; use *")
    if given.state == "withdrawn":
        return
    if given.text_id is not None:
        fits = tx.value(
            """
            select exists (select from consent_text where tenant_id = %(tenant)s and id = %(id)s and purpose = %(purpose)s
                           and channel in ('*', %(channel)s))
            """,
            {"tenant": tx.tenant_id, "id": given.text_id, "purpose": given.purpose, "channel": given.channel},
        )
        if not fits:
            raise _wrong(
                "text_id",
                "没有这个用途和渠道的这段文字",
                "there is no such wording for this purpose and channel",
            )
    elif given.purpose == "sensitive":
        raise _wrong(
            "text_id",
            "敏感信息需要单独同意，请选择出示的文字",
            "sensitive data needs a consent of its own, with its wording",
        )
    if is_minor(who.birthday, tx.now, tx.zone) and not (given.guardian and given.proof):
        raise _wrong(
            "guardian",
            f"未满 {ADULT_FROM_YEARS} 周岁，需要监护人同意并记录凭证",
            f"under {ADULT_FROM_YEARS} a guardian must consent, with proof",
        )


def is_minor(birthday: date | None, now: datetime, zone: str) -> bool:
    """Whether a guardian has to speak: below fourteen on the tenant's day. Nobody whose birthday is unknown is."""
    if birthday is None:
        return False
    today = now.astimezone(ZoneInfo(zone)).date()
    return (today.year - birthday.year) - ((today.month, today.day) < (birthday.month, birthday.day)) < ADULT_FROM_YEARS


def _granted_since(tx: Tx, customer_id: UUID, given: Given, at: datetime) -> bool:
    """Whether a later consent stands against a withdrawal that is only now reported."""
    return bool(
        tx.value(
            """
            select exists (select from consent_log where bucket = %(bucket)s and tenant_id = %(tenant)s and customer_id = %(customer)s
              and purpose = %(purpose)s and channel = %(channel)s and state = 'granted' and at > %(at)s)
            """,
            {
                "bucket": bucket_of(customer_id),
                "tenant": tx.tenant_id,
                "customer": customer_id,
                "purpose": given.purpose,
                "channel": given.channel,
                "at": at,
            },
        )
    )


def proof_of(tx: Tx, customer_id: UUID, entry: UUID) -> str | None:
    """The proof of one entry in the clear; the look is on the trail. Raises NotFound."""
    store.visible(tx, customer_id)
    row = tx.maybe(
        _Proof,
        """
        select origin_id, proof_enc from consent_log
        where bucket = %(bucket)s and tenant_id = %(tenant)s and customer_id = %(customer)s and id = %(id)s
        """,
        {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "customer": customer_id, "id": entry},
    )
    if row is None:
        return None
    audit.record(tx, "consent.proof_shown", "customer", customer_id, None, {"entry": entry})
    return Opener.of(tx, [row.origin_id]).open(row.origin_id, row.proof_enc)


@dataclass(frozen=True, slots=True)
class _Proof:
    origin_id: UUID
    proof_enc: bytes | None


def _wrong(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput("bad_consent", "同意记录有误。", "The consent is not right.", details=(Detail(where, zh, en),))


@dataclass(frozen=True, slots=True)
class Text:
    """A wording. `used`: how many consents were given on this very version."""

    id: UUID
    purpose: str
    channel: str
    version: int
    wording: str
    created_at: datetime
    used: int


def texts(tx: Tx) -> Sequence[Text]:
    """Every wording there ever was, by purpose and channel, newest first; at most 1,000."""
    return tx.all(
        Text,
        """
        select t.id, t.purpose, t.channel, t.version, t.wording, t.created_at, coalesce(l.used, 0)::int as used from consent_text as t
        left join (select text_id, count(*) as used from consent_log
                   where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and state = 'granted' group by text_id) as l
          on l.text_id = t.id
        where t.tenant_id = %(tenant)s order by t.purpose, t.channel, t.version desc limit 1000
        """,
        {"tenant": tx.tenant_id, "buckets": list(range(BUCKETS))},
    )


def add_text(tx: Tx, purpose: Purpose, wording: str, channel: str = EVERY_CHANNEL) -> UUID:
    """Make the next version of a wording for a purpose and channel; returns its id. Raises InvalidInput for a channel that has no place."""
    if purpose not in CHANNEL_BOUND and channel != EVERY_CHANNEL:
        raise _wrong("channel", "此用途不分渠道", "this purpose has no channel; use *")
    text_id = new_id()
    params = {
        "tenant": tx.tenant_id,
        "id": text_id,
        "purpose": purpose,
        "channel": channel,
        "wording": wording,
        "user": tx.user_id,
    }
    tx.execute("select pg_advisory_xact_lock(hashtext(%(tenant)s::text || %(purpose)s || %(channel)s))", params)
    version: int = tx.value(
        """
        insert into consent_text (tenant_id, id, purpose, channel, version, wording, created_at, created_by)
        select %(tenant)s, %(id)s, %(purpose)s, %(channel)s, coalesce(max(version), 0) + 1, %(wording)s, now(), %(user)s
        from consent_text where tenant_id = %(tenant)s and purpose = %(purpose)s and channel = %(channel)s returning version
        """,
        params,
    )
    audit.record(
        tx,
        "consent_text.created",
        "consent_text",
        text_id,
        None,
        {"purpose": purpose, "channel": channel, "version": version},
    )
    return text_id


def rules(tx: Tx) -> dict[str, str]:
    """The channels that have a rule, with it."""
    rows = tx.dicts("select channel, mode from consent_rule where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
    return {row["channel"]: row["mode"] for row in rows}


def set_rule(tx: Tx, channel: str, mode: str) -> None:
    """Say whether marketing on a channel needs a consent first."""
    before = rules(tx).get(channel, "opt_out")
    tx.execute(
        """
        insert into consent_rule (tenant_id, channel, mode) values (%(tenant)s, %(channel)s, %(mode)s)
        on conflict (tenant_id, channel) do update set mode = excluded.mode
        """,
        {"tenant": tx.tenant_id, "channel": channel, "mode": mode},
    )
    audit.record(tx, "consent_rule.changed", "consent_rule", channel, {"mode": before}, {"mode": mode})
