"""Keeping what was said: with its customer, under her key, in her bucket's lock; what follows from it in the same commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.archive import watching
from tandem.domains.contact.archive.folding import Folded, Rules, Talk, fold
from tandem.domains.contact.archive.ports import Consent, Said
from tandem.domains.contact.externals import scope_of
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of, derived_id
from tandem.kernel.turn import in_buckets
from tandem.stream.inbox import emit
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.rows import to_json
from tandem.stream.sources.connector import Account

RANGE: Final = timedelta(days=45)
"""Moments further away than this have no partition; the platform itself keeps five days."""


@dataclass(slots=True)
class Done:
    """What keeping some rows came to. `unread`: so many of an impossible time."""

    kept: int = 0
    withheld: int = 0
    unread: int = 0
    strays: list[Said] = field(default_factory=list[Said])


@dataclass(frozen=True, slots=True)
class _Owner:
    value_hash: bytes
    customer_id: UUID
    origin_id: UUID
    key_enc: bytes | None


# The key is that of whom the platform's id was first given to: a merge moves rows and leaves their seals.
_OWNERS: Final = """
select i.value_hash, i.customer_id, i.origin_id, o.key_enc from identifier as i
cross join lateral (select tandem_bucket(i.origin_id) as bucket offset 0) as b
left join customer as o on o.bucket = b.bucket and o.tenant_id = %(tenant)s and o.id = i.origin_id
where i.tenant_id = %(tenant)s and i.kind = 'open_id' and i.scope = %(scope)s and i.value_hash = any(%(hashes)s::bytea[]) and not i.demoted
"""
_TALKS: Final = """
select id, bucket, customer_id, origin_id, account_id, member, consent, consent_at, first_at, last_at, messages, waiting_since, alarm_at, alarmed_at
from archive_talk where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""
_PUT_TALKS: Final = """
insert into archive_talk (tenant_id, id, bucket, customer_id, origin_id, account_id, member, consent, consent_at, asked_at, first_at, last_at, messages,
  waiting_since, alarm_at, alarmed_at)
select %(tenant)s, n.id, n.bucket, n.customer_id, n.origin_id, n.account_id, n.member, n.consent, n.consent_at, now(), coalesce(n.first_at, %(now)s),
  coalesce(n.last_at, %(now)s), n.messages, n.waiting_since, n.alarm_at, n.alarmed_at
from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, bucket smallint, customer_id uuid, origin_id uuid, account_id uuid, member text, consent text,
  consent_at timestamptz, first_at timestamptz, last_at timestamptz, messages int, waiting_since timestamptz, alarm_at timestamptz,
  alarmed_at timestamptz)
on conflict (bucket, id) do update set consent = excluded.consent, consent_at = excluded.consent_at, first_at = excluded.first_at,
  last_at = excluded.last_at, messages = excluded.messages, waiting_since = excluded.waiting_since, alarm_at = excluded.alarm_at,
  alarmed_at = excluded.alarmed_at
"""
_PUT_MESSAGES: Final = """
insert into archive_message (tenant_id, bucket, id, at, customer_id, origin_id, talk_id, said_by, kind, text_enc, media_enc)
select %(tenant)s, n.* from unnest(%(b)s::smallint[], %(i)s::uuid[], %(a)s::timestamptz[], %(c)s::uuid[], %(o)s::uuid[], %(t)s::uuid[], %(s)s::text[],
  %(k)s::text[], %(x)s::bytea[], %(m)s::bytea[]) as n
on conflict do nothing
"""
_PUT_REPLIES: Final = """
insert into archive_reply (tenant_id, bucket, id, customer_id, origin_id, talk_id, member, asked_at, answered_at, seconds, late)
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, talk_id uuid,
  member text, asked_at timestamptz, answered_at timestamptz, seconds int, late boolean)
on conflict do nothing
"""
_RECALL: Final = """
update archive_message as m set recalled_at = n.at from unnest(%(buckets)s::smallint[], %(ids)s::uuid[], %(times)s::timestamptz[]) as n(bucket, id, at)
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.bucket = n.bucket and m.id = n.id
  and m.at between n.at - interval '5 days' and n.at + interval '5 days'
"""


def talk_id(tx: Tx, account: UUID, member: str, external: str) -> UUID:
    """The talk of a customer, as the platform knows her, and an adviser."""
    return derived_id(tx.tenant_id, account, "talk", member, external)


def message_id(tx: Tx, account: UUID, number: str) -> UUID:
    """A message, by the platform's own number."""
    return derived_id(tx.tenant_id, account, "archived", number)


def without_consent(tx: Tx, account: UUID, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of (member, external) whose consent has to be asked for."""
    ids = {talk_id(tx, account, *pair): pair for pair in pairs}
    known = set[UUID](
        tx.values(
            "select id from archive_talk where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])"
            " and consent <> 'unknown'",
            {"tenant": tx.tenant_id, "ids": list(ids), "buckets": list(range(256))},
        )
    )
    return [pair for one, pair in ids.items() if one not in known]


def keep(tx: Tx, account: Account, rules: Rules, said: Sequence[Said], consents: Sequence[Consent]) -> Done:
    """Keep rows of an archive in the caller's transaction; the same ones again change nothing but the figures of waiting."""
    done = Done()
    mine = [one for one in said if one.what != "other"]
    done.unread = sum(abs(one.at - tx.now) > RANGE for one in mine)
    mine = [one for one in mine if abs(one.at - tx.now) <= RANGE]
    if not mine:
        return done
    owners = _locked_owners(tx, account, {one.external for one in mine})
    talks = _talks(tx, account, owners, mine, consents)
    known = _known(tx, account, talks, mine)
    folded: list[tuple[Said, Folded]] = []
    for one in mine:
        number = talk_id(tx, account.id, one.member, one.external)
        if number not in talks:
            done.strays.append(one)
        elif message_id(tx, account.id, one.number) not in known:
            step = fold(talks[number], one, rules)
            talks[number] = step.talk
            done.withheld += step.withheld
            folded.append((one, step))
    _write(tx, account, owners, talks, folded)
    done.kept = sum(step.kept for _, step in folded)
    return done


def _locked_owners(tx: Tx, account: Account, externals: set[str]) -> dict[str, _Owner]:
    """Whose the platform's ids are, their buckets locked; who moved while we waited for a lock is met again as a stray."""
    keys = tenant_keys(tx)
    scope = scope_of(tx, account.id)
    hashes = {keys.blind("open_id", scope, one): one for one in externals}
    params = {"tenant": tx.tenant_id, "scope": scope, "hashes": list(hashes)}
    before = {hashes[bytes(row.value_hash)]: row for row in tx.all(_Owner, _OWNERS, params)}
    in_buckets(tx.conn, {bucket_of(row.customer_id) for row in before.values()})
    after = {hashes[bytes(row.value_hash)]: row for row in tx.all(_Owner, _OWNERS, params)}
    return {
        name: row
        for name, row in after.items()
        if row.key_enc is not None and name in before and before[name].customer_id == row.customer_id
    }


def _talks(
    tx: Tx, account: Account, owners: Mapping[str, _Owner], said: Sequence[Said], consents: Sequence[Consent]
) -> dict[UUID, Talk]:
    """The talks of these rows; new ones begin with what the platform said of their consent."""
    asked = {(one.member, one.external): one for one in consents}
    found: dict[UUID, Talk] = {}
    for one in said:
        owner = owners.get(one.external)
        if owner is None:
            continue
        told = asked.get((one.member, one.external))
        fresh = Talk(
            talk_id(tx, account.id, one.member, one.external), bucket_of(owner.customer_id), owner.customer_id, owner.origin_id, account.id,
            one.member, "unknown" if told is None else "agreed" if told.agreed else "refused", None if told is None else told.since,
        )  # fmt: skip
        found.setdefault(fresh.id, fresh)
    params = {"tenant": tx.tenant_id, "buckets": sorted({one.bucket for one in found.values()}), "ids": list(found)}
    for row in tx.all(Talk, _TALKS, params):
        begun = found[row.id]
        found[row.id] = (
            replace(row, consent=begun.consent, consent_at=begun.consent_at) if row.consent == "unknown" else row
        )
    return found


def _known(tx: Tx, account: Account, talks: Mapping[UUID, Talk], said: Sequence[Said]) -> set[UUID]:
    """Those that are kept already."""
    params = {
        "tenant": tx.tenant_id, "buckets": sorted({one.bucket for one in talks.values()}), "since": min(one.at for one in said),
        "until": max(one.at for one in said), "ids": [message_id(tx, account.id, one.number) for one in said],
    }  # fmt: skip
    return set(
        tx.values(
            "select id from archive_message where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])"
            " and at between %(since)s and %(until)s",
            params,
        )
    )


def _write(
    tx: Tx,
    account: Account,
    owners: Mapping[str, _Owner],
    talks: Mapping[UUID, Talk],
    folded: Sequence[tuple[Said, Folded]],
) -> None:
    rows = [_row(talks[one]) for one in sorted({step.talk.id for _, step in folded})]
    tx.execute(_PUT_TALKS, {"tenant": tx.tenant_id, "now": tx.now, "rows": to_json(rows)})
    kept = [(one, step) for one, step in folded if step.kept]
    _put_messages(tx, account, owners, kept)
    replies: list[dict[str, Any]] = [
        {
            **{name: getattr(step.talk, name) for name in ("bucket", "customer_id", "origin_id", "member")},
            "id": derived_id(message_id(tx, account.id, one.number), "reply"), "talk_id": step.talk.id, "asked_at": step.reply.asked_at,
            "answered_at": step.reply.answered_at, "seconds": step.reply.seconds, "late": step.reply.late,
        }
        for one, step in kept
        if step.reply is not None
    ]  # fmt: skip
    if replies:
        tx.execute(_PUT_REPLIES, {"tenant": tx.tenant_id, "rows": to_json(replies)})
    recalled = [(step.talk.bucket, one) for one, step in folded if one.what == "recall" and one.recalls]
    if recalled:
        params = {
            "tenant": tx.tenant_id, "buckets": [bucket for bucket, _ in recalled], "times": [one.at for _, one in recalled],
            "ids": [message_id(tx, account.id, one.recalls) for _, one in recalled],
        }  # fmt: skip
        tx.execute(_RECALL, params)
    seen = [watching.Seen(step.talk, message_id(tx, account.id, one.number), one) for one, step in kept]
    emit(tx, watching.watch(tx, seen))


def _row(talk: Talk) -> dict[str, Any]:
    return {name: getattr(talk, name) for name in Talk.__slots__}


def _put_messages(tx: Tx, account: Account, owners: Mapping[str, _Owner], kept: Sequence[tuple[Said, Folded]]) -> None:
    if not kept:
        return
    keys = tenant_keys(tx)
    rows: list[tuple[Any, ...]] = []
    for one, step in kept:
        talk, owner = step.talk, owners[one.external]
        key = data_key(keys, bytes(owner.key_enc or b""))
        sealed = TenantKeys.seal(key, one.text) if one.text else None
        media = TenantKeys.seal(key, to_json(one.media)) if one.media else None
        number = message_id(tx, account.id, one.number)
        rows.append(
            (talk.bucket, number, one.at, talk.customer_id, owner.origin_id, talk.id, one.by, one.kind, sealed, media)
        )
    columns = dict(zip("biacotskxm", map(list, zip(*rows, strict=True)), strict=True))
    tx.execute(_PUT_MESSAGES, {"tenant": tx.tenant_id, **columns})
