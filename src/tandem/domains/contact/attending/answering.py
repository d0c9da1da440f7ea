"""Saying what desks planned: claimed durably first, said once. What may have been said when a worker died goes to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.domains.contact.attending.ports import Choice
from tandem.domains.contact.attending.sealing import Seals
from tandem.domains.contact.externals import externals_of, scope_of
from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.lines import line_of
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import derived_id, new_id
from tandem.kernel.rounds import Rounds
from tandem.kernel.turn import Turn, in_bucket, in_buckets
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.contact")

ROUND_SECONDS: Final = 1.0
LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20
TRIES_MAX: Final = 6
_ROUNDS: Final = Rounds("contact.desks")


@dataclass(frozen=True, slots=True)
class Held:
    """Words of a desk that this worker holds."""

    id: UUID
    customer_id: UUID
    origin_id: UUID
    talk_id: UUID
    desk_id: UUID
    number: str
    text_enc: bytes
    article_id: UUID | None
    choices: list[Any] | None
    asks_person: bool
    failures: int
    account_id: UUID
    source: str
    desk: str
    hand_to: str


# Whoever was sending when its worker died may have been heard: it is not said again (ENGINE_RULES 15).
_STALE: Final = "state = 'sending' and due_at <= now() and leased_until <= now()"
_LEFT_BEHIND: Final = f"""
select distinct bucket from desk_message where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and {_STALE}
"""
_LOST: Final = f"""
update desk_message set state = 'unknown', leased_until = null, holder = null, due_at = null
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and {_STALE} returning talk_id
"""
_TAKE: Final = """
with due as materialized (
  select m.bucket, m.id from desk_message as m
  where m.tenant_id = %(tenant)s and m.state = 'planned' and m.due_at <= now() order by m.due_at limit %(limit)s for update skip locked)
update desk_message as m set state = 'sending', leased_until = now() + %(lease)s, holder = %(holder)s
from due as d, desk_talk as t, service_desk as s, source_account as a
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.bucket = d.bucket and m.id = d.id
  and t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = m.bucket and t.id = m.talk_id
  and s.tenant_id = %(tenant)s and s.id = m.desk_id and a.tenant_id = %(tenant)s and a.id = s.account_id
returning m.id, m.customer_id, m.origin_id, m.talk_id, m.desk_id, m.number, m.text_enc, m.article_id, m.choices, m.asks_person, m.failures,
  s.account_id, a.source, s.number as desk, s.hand_to
"""
# Others may have been slow before it: words that somebody else looked after meanwhile are not said, nor where a person took over since.
_STILL: Final = """
update desk_message as m set leased_until = now() + %(lease)s from desk_talk as t
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.id = %(id)s and m.state = 'sending' and m.holder = %(holder)s
  and t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = m.bucket and t.id = m.talk_id
returning t.state
"""
_SETTLE: Final = """
update desk_message set state = %(state)s, leased_until = null, holder = null, problem = %(problem)s::jsonb,
  due_at = case when %(state)s = 'planned' then now() + make_interval(secs => %(pause)s) end,
  failures = failures + case when %(problem)s::text is null then 0 else 1 end
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
"""
_ASK_PERSON: Final = """
update desk_talk set state = 'asked', asked_at = %(now)s, alarm_at = case when waiting_since is null then alarm_at else least(alarm_at, %(now)s) end
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and state <> 'person'
"""
_ALL_BUCKETS: Final = list(range(256))


def desk_round(db: Database) -> float:
    """Say what every tenant's desks have planned."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from desk_due_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: say_due(db, tenant)) else ROUND_SECONDS


def say_due(db: Database, tenant: UUID) -> int:
    """Say what one tenant's desks have planned; returns how many words were taken."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        _look_after_lost(tx)
        params = {"tenant": tenant, "holder": holder, "lease": LEASE, "limit": AT_ONCE, "buckets": _ALL_BUCKETS}
        held = tx.all(Held, _TAKE, params)
        seals = Seals(tx, [one.origin_id for one in held])
        named = _names(tx, held)
    for account in sorted({one.account_id for one in held}):
        mine = [one for one in held if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                for one in mine:
                    _say(db, tenant, holder, line, one, named.get(one.id), seals.open(one.origin_id, one.text_enc))
        except GatewayFailure as failure:
            for one in mine:
                _settle(db, tenant, holder, one, failure)
    return len(held)


def _look_after_lost(tx: Tx) -> None:
    buckets: list[int] = tx.values(_LEFT_BEHIND, {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS})
    if not buckets:
        return
    # Their buckets first, then the rows as they stand (ENGINE_RULES 1): a turn that holds a bucket may be writing the very talk.
    turn = Turn(tx, in_buckets(tx.conn, buckets))
    lost: list[UUID] = tx.values(_LOST, turn.params())
    if lost:
        tx.execute(_ASK_PERSON, turn.params(ids=lost))
        log.warning("desk_words_lost", count=len(lost))


def _names(tx: Tx, held: list[Held]) -> dict[UUID, str]:
    """The platform's id of each one's customer: hers by which this talk was begun."""
    found: dict[UUID, str] = {}
    for account in {one.account_id for one in held}:
        mine = [one for one in held if one.account_id == account]
        known = externals_of(tx, scope_of(tx, account), [one.customer_id for one in mine])
        for one in mine:
            for external in known.get(one.customer_id, []):
                if derived_id(tx.tenant_id, one.source, "desk_talk", f"{one.desk}\x1f{external}") == one.talk_id:
                    found[one.id] = external
    return found


def _say(db: Database, tenant: UUID, holder: UUID, line: Line, one: Held, external: str | None, text: str) -> None:
    if external is None or not text:
        _settle(db, tenant, holder, one, GatewayFailure("gone", "the customer is not known there any more"))
        return
    params = {"tenant": tenant, "id": one.id, "holder": holder, "lease": LEASE, "buckets": _ALL_BUCKETS}
    with db.tx("worker", tenant=tenant) as tx:
        talk = tx.value(_STILL, params)
    if talk is None:
        return
    if talk == "person":
        # Somebody was quicker.
        _settle(db, tenant, holder, one, None, state="dropped")
        return
    try:
        line.say(one.desk, external, one.number, text, [Choice(**kept) for kept in one.choices or ()])
    except GatewayFailure as failure:
        _settle(db, tenant, holder, one, failure)
        return
    if one.asks_person:
        try:
            line.hand_on(one.desk, external, one.hand_to)
        except GatewayFailure as failure:
            # It was said; who takes over is shown here and told to flows, whatever the platform thinks.
            log.warning("desk_not_handed_on", talk=str(one.talk_id), told=failure.told, code=failure.code)
    _settle(db, tenant, holder, one, None)


def _settle(
    db: Database, tenant: UUID, holder: UUID, one: Held, failure: GatewayFailure | None, *, state: str = "sent"
) -> None:
    """What became of some words; where they were not heard a person is asked for."""
    if failure is not None:
        again = failure.why in {"later", "set_up"} and one.failures + 1 < TRIES_MAX
        state = "planned" if again else "unknown" if failure.why == "lost" else "failed"
    params: dict[str, Any] = {
        "tenant": tenant, "buckets": _ALL_BUCKETS, "id": one.id, "holder": holder, "state": state,
        "problem": None if failure is None else to_json(failure.problem()),
        "pause": 0.0 if failure is None else failure.pause(one.failures).total_seconds(),
    }  # fmt: skip
    with db.tx("worker", tenant=tenant) as tx:
        turn = in_bucket(tx, one.customer_id)
        if not tx.execute(_SETTLE, params):
            return
        if state in {"failed", "unknown"}:
            tx.execute(_ASK_PERSON, turn.params(ids=[one.talk_id]))
        elif state == "sent" and (one.article_id is not None or one.choices):
            # Behind an answer nobody waits, nor behind a menu: what comes next is hers to say.
            tx.execute(
                """
                update desk_talk set waiting_since = null, alarm_at = null, alarmed_at = null
                where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s and state = 'open'
                """,
                turn.params(id=one.talk_id),
            )
        if state == "sent" and one.article_id is not None:
            tx.execute(
                "update knowledge_article set used = used + 1 where tenant_id = %(tenant)s and id = %(id)s",
                {"tenant": tenant, "id": one.article_id},
            )


JOBS: Final = (Job("contact.desks", desk_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
