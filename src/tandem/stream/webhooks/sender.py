"""Sending: claim a batch, post it, record what came back; a commit between each, and no transaction open while the network answers.

A sender that dies leaves rows that become anybody's again when their claim runs out: at least once, always under the same id. Of one
customer's events to one subscription only the first is out at a time, until it has failed `ORDER_ATTEMPTS` times.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.live import announce
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json
from tandem.stream.webhooks import health, signing, simulated
from tandem.stream.webhooks.post import TOTAL_SECONDS, Answer, post
from tandem.stream.webhooks.schedule import ORDER_ATTEMPTS, next_pause
from tandem.stream.webhooks.targets import parse_target

BATCH: Final = 64
PER_WEBHOOK: Final = 16
"""Of one batch, so that a slow receiver holds up others by a fraction of it."""
THREADS: Final = 16
CLAIM: Final = timedelta(seconds=8 * TOTAL_SECONDS)
"""How long a claimed row is its sender's: twice what BATCH / THREADS rounds of TOTAL_SECONDS can take."""
FLUSH_SECONDS: Final = 0.25
IDLE_SECONDS: Final = 1.0
TOPIC: Final = "webhooks"
ALL_BUCKETS: Final = list(range(BUCKETS))


class Poster(Protocol):
    """How one request is made; tests put their own here."""

    def __call__(self, claimed: "Claimed", headers: dict[str, str]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this sender took, with what it needs of its subscription."""

    bucket: int
    id: UUID
    webhook_id: UUID
    body: str
    attempts: int
    url: str
    key_enc: bytes
    secret_enc: bytes
    old_secret_enc: bytes | None


_CLAIM: Final = f"""
with due as materialized (
  select d.bucket, d.id, d.webhook_id, d.owner_id, d.occurred_at, d.status, d.next_at,
         row_number() over (partition by d.webhook_id order by d.next_at, d.occurred_at, d.id) as place
  from webhook_delivery as d join webhook as w on w.tenant_id = %(tenant)s and w.id = d.webhook_id and w.status = 'active'
  where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.status in ('pending', 'sending') and d.next_at <= now()
    and not exists (
      select from webhook_delivery as e
      where e.bucket = d.bucket and e.tenant_id = %(tenant)s and e.owner_id = d.owner_id and e.webhook_id = d.webhook_id
        and e.status in ('pending', 'sending') and e.id <> d.id
        and (e.status = 'sending' and e.next_at > now()
             or e.attempts < {ORDER_ATTEMPTS} and (e.occurred_at, e.id) < (d.occurred_at, d.id)))
), taken as materialized (
  select d.bucket, d.id from webhook_delivery as d join due as u on u.bucket = d.bucket and u.id = d.id
  where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
    and d.status = u.status and d.next_at = u.next_at and u.place <= {PER_WEBHOOK}
  order by u.place, d.next_at limit %(limit)s for update of d skip locked
), claimed as (
  update webhook_delivery as d set status = 'sending', next_at = now() + %(claim)s
  from taken as t where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.bucket = t.bucket and d.id = t.id
  returning d.bucket, d.id, d.webhook_id, d.body, d.attempts, d.occurred_at
)
select c.bucket, c.id, c.webhook_id, c.body, c.attempts, w.url, w.key_enc, w.secret_enc,
       case when w.old_secret_until > now() then w.old_secret_enc end as old_secret_enc
from claimed as c join webhook as w on w.tenant_id = %(tenant)s and w.id = c.webhook_id
order by c.occurred_at, c.id
"""

# A delivery whose customer was merged meanwhile stands in another bucket under the same id: every bucket is looked at.
_RECORD: Final = """
with r as materialized (
  select * from jsonb_to_recordset(%(rows)s::jsonb) as r(i uuid, st text, pause double precision, code int, ms int, problem text,
                                                         answer text, at timestamptz)
), done as (
  update webhook_delivery as d set status = r.st, attempts = d.attempts + 1, last_code = r.code, last_problem = r.problem,
         next_at = now() + make_interval(secs => r.pause), finished_at = case when r.st = 'pending' then null else now() end
  from r where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.id = r.i and d.status = 'sending'
  returning d.bucket, d.id, d.attempts, d.customer_id, d.origin_id, d.subject_id
)
insert into webhook_attempt (bucket, tenant_id, delivery_id, number, customer_id, origin_id, subject_id, at, code, milliseconds, problem, answer)
select d.bucket, %(tenant)s, d.id, d.attempts, d.customer_id, d.origin_id, d.subject_id, r.at, r.code, r.ms, r.problem, r.answer
from done as d join r on r.i = d.id
on conflict (bucket, delivery_id, number) do nothing
"""


def job(*, poster: Poster | None = None) -> Callable[[Database], float]:
    """The worker's job: one batch of every tenant with something due."""
    rounds = Rounds("webhooks")

    def run(db: Database) -> float:
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select tenant_id from webhook_due_tenants()")]
        return 0.0 if rounds.each(tenants, lambda tenant: send_due(db, tenant, poster=poster)) else IDLE_SECONDS

    return run


def send_due(db: Database, tenant_id: UUID, *, poster: Poster | None = None, limit: int = BATCH) -> int:
    """Send one batch of a tenant's due deliveries; returns how many got an outcome."""
    with db.tx("worker", tenant=tenant_id) as tx:
        keys = tenant_keys(tx)
        claimed = tx.all(Claimed, _CLAIM, {"tenant": tenant_id, "buckets": ALL_BUCKETS, "limit": limit, "claim": CLAIM})
    if not claimed:
        return 0
    record = partial(_record, db, tenant_id)
    _send_all(claimed, partial(_send, keys, poster or _post), record)
    return len(claimed)


def _send_all(
    claimed: Sequence[Claimed],
    send: Callable[[Claimed], Answer],
    record: Callable[[Sequence[tuple[Claimed, Answer]]], None],
) -> None:
    """Send side by side, and record what is there every quarter of a second: quick receivers do not wait for slow ones."""
    with ThreadPoolExecutor(min(THREADS, len(claimed)), thread_name_prefix="webhook") as pool:
        open_: dict[Future[Answer], Claimed] = {pool.submit(send, one): one for one in claimed}
        while open_:
            wait(open_, timeout=FLUSH_SECONDS, return_when=FIRST_COMPLETED)
            done = [future for future in open_ if future.done()]
            if done:
                record([(open_.pop(future), future.result()) for future in done])


def _send(keys: TenantKeys, poster: Poster, one: Claimed) -> Answer:
    key = keys.unwrap(bytes(one.key_enc))
    sealed = [one.secret_enc] + ([one.old_secret_enc] if one.old_secret_enc is not None else [])
    opened = [keys.open(key, bytes(secret)) for secret in sealed]
    return poster(one, signing.headers(opened, one.id, datetime.now(UTC), one.body.encode()))


def _post(claimed: Claimed, headers: dict[str, str]) -> Answer:
    private = settings().webhook_private_targets
    target, body = parse_target(claimed.url, private_allowed=private), claimed.body.encode()
    return simulated.answer(target, body, headers) or post(target, body, headers, private_allowed=private)


def _record(db: Database, tenant_id: UUID, outcomes: Sequence[tuple[Claimed, Answer]]) -> None:
    with db.tx("worker", tenant=tenant_id) as tx:
        tx.execute(
            _RECORD,
            {
                "tenant": tenant_id,
                "buckets": ALL_BUCKETS,
                "rows": to_json([_row(tx, one, answer) for one, answer in outcomes]),
            },
        )
        health.note(tx, outcomes)
        announce(tx, TOPIC)


def _row(tx: Tx, one: Claimed, answer: Answer) -> dict[str, Any]:
    pause = None if answer.is_success else next_pause(one.attempts + 1, asked_seconds=answer.retry_after_seconds)
    state = "delivered" if answer.is_success else "dead" if pause is None or answer.code == health.GONE else "pending"
    return {
        "i": one.id,
        "st": state,
        "pause": pause.total_seconds() if pause is not None else 0.0,
        "code": answer.code,
        "ms": answer.milliseconds,
        "problem": answer.problem,
        "answer": answer.text,
        "at": tx.machine_now,
    }
