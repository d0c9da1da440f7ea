"""Asking the outside for a run that waits: claim, ask, record; a commit between each, and no transaction open while the network answers.

The answer is an event of the customer or thing, which ends the run's wait (ENGINE_RULES 16). A sender that dies leaves rows that become
anybody's again; a repeat carries the same key. An address that fails again and again is left alone for a while.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

import psycopg
import structlog

from tandem.flow.answers import fit, mapped
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.isolation import is_poison, reason_of
from tandem.flow.sealed import opening
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import InvalidInput
from tandem.kernel.ids import derived_id
from tandem.kernel.roles import register_sql
from tandem.kernel.rounds import Rounds
from tandem.kernel.settings import settings
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.webhooks.post import Answer, exchange
from tandem.stream.webhooks.targets import RefusedTarget, parse_target

log = structlog.get_logger(__name__)

ANSWERED: Final = "http.answered"
BATCH: Final = 32
THREADS: Final = 8
IDLE_SECONDS: Final = 0.25
#: Failures in a row after which an address rests, for how long at first and at most.
TROUBLES: Final = 5
REST_FIRST: Final = timedelta(seconds=5)
REST_MAX: Final = timedelta(minutes=5)
#: Beyond a request's own time-out, after which a claimed row belongs to a sender that died.
LOST: Final = timedelta(seconds=60)
_AGAIN: Final = frozenset({408, 425, 429})

register_sql(
    """
create or replace function flow_calling_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct c.tenant_id from http_call c where c.state in ('pending', 'sending') and c.next_at <= now()
$$
"""
)
register_sql("revoke all on function flow_calling_tenants() from public")
register_sql("grant execute on function flow_calling_tenants() to tandem_worker")


@dataclass(frozen=True, slots=True)
class Call:
    """A question this sender took."""

    bucket: int
    id: UUID
    customer_id: UUID | None
    origin_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    run_id: UUID
    block: str
    visit: int
    method: str
    url: str = field(repr=False)
    host: str
    headers: dict[str, str] = field(repr=False)
    secrets: dict[str, dict[str, str]]
    body: str | None = field(repr=False)
    answers: dict[str, list[str]]
    attempts: int
    attempts_max: int
    seconds: int
    lane: int
    cause_id: UUID | None
    root_id: UUID | None
    hops: int


class Asker(Protocol):
    """How one request is made; tests put their own here."""

    def __call__(self, call: Call) -> Answer: ...


_RETURNING: Final = "returning " + ", ".join(f"c.{one.name}" for one in fields(Call))
_CLAIM: Final = f"""
with due as materialized (
  select c.bucket, c.id from http_call c
  where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.state in ('pending', 'sending') and c.next_at <= %(machine_now)s
    and c.valid_until > %(now)s and c.attempts < c.attempts_max
    and not exists (select from http_circuit h where h.tenant_id = %(tenant)s and h.host = c.host and h.until > %(machine_now)s)
  order by c.next_at, c.id limit %(limit)s for update of c skip locked)
update http_call c set state = 'sending', attempts = c.attempts + 1, next_at = %(machine_now)s::timestamptz + make_interval(secs => c.seconds) + %(lost)s
from due d where c.bucket = d.bucket and c.id = d.id and c.tenant_id = %(tenant)s
{_RETURNING}
"""
_LATE: Final = """
update http_call c set state = 'late', body = null
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.valid_until <= %(now)s
  and (c.state = 'pending' or (c.state = 'sending' and c.next_at <= %(machine_now)s))
"""
# Asked as often as allowed, and every sender died before it recorded the answer: nothing is asked any more, the run is told.
_SPENT: Final = f"""
with due as materialized (
  select c.bucket, c.id from http_call c
  where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.state in ('pending', 'sending') and c.next_at <= %(machine_now)s
    and c.valid_until > %(now)s and c.attempts >= c.attempts_max
  order by c.next_at, c.id limit %(limit)s for update of c skip locked)
update http_call c set state = 'sending', next_at = %(machine_now)s::timestamptz + %(lost)s
from due d where c.bucket = d.bucket and c.id = d.id and c.tenant_id = %(tenant)s
{_RETURNING}
"""
_GIVE_UP: Final = """
update http_call c set state = 'failed', body = null, problem = %(problem)s
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = %(id)s and c.state = 'sending'
"""
# A call whose customer was merged meanwhile stands in another bucket under the same id: every bucket is looked at.
_RECORD: Final = """
update http_call c set state = n.state, code = n.code, problem = n.problem,
  next_at = %(machine_now)s::timestamptz + make_interval(secs => n.pause), body = case when n.state = 'pending' then c.body end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(codes)s::int[], %(problems)s::text[], %(pauses)s::float8[]) n(id, state, code, problem, pause)
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = n.id and c.state = 'sending'
returning c.id, c.bucket, c.customer_id
"""
_TROUBLE: Final = """
insert into http_circuit as h (tenant_id, host, failures, problem) values (%(tenant)s, %(host)s, 1, %(problem)s)
on conflict (tenant_id, host) do update set failures = h.failures + 1, problem = excluded.problem,
  until = case when h.failures + 1 >= %(troubles)s then %(machine_now)s::timestamptz
    + least(%(most)s::interval, %(first)s::interval * 2 ^ least(h.failures + 1 - %(troubles)s, 20)) end
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a question: its new state, and the way by which the run goes on where it does."""

    state: str
    port: str | None
    pause: float = 0.0
    data: Mapping[str, Any] | None = None
    problem: str | None = None
    """What is wrong with an answer that came well."""


Outcome = tuple[Call, Answer, Told]
_ENDED: Final = Told("failed", "failed")
_UNFIT: Final = Told("failed", "failed", problem="a value of the answer is not of its declared type")
_UNKNOWN: Final = Answer(None, 0, "no answer was recorded")


def judge(call: Call, answer: Answer) -> Told:
    """Pure: what an answer means. Refusals are final; silence and breakdowns are tried again, longer apart each time."""
    if answer.is_success:
        data = mapped(call.answers, answer.text)
        return _UNFIT if data is None else Told("answered", "ok", data=data)
    refused = answer.code is not None and answer.code < 500 and answer.code not in _AGAIN
    if refused:
        return Told("failed", "refused")
    if call.attempts >= call.attempts_max:
        return Told("failed", "failed")
    return Told("pending", None, pause=float(answer.retry_after_seconds or min(300, 2**call.attempts)))


def ask_due(db: Database, tenant: UUID, *, asker: Asker | None = None) -> int:
    """Ask one batch of a tenant's due questions; returns how many got an outcome."""
    with db.tx("worker", tenant=tenant) as tx:
        params = _params(tx)
        tx.execute(_LATE, params)
        params |= {"limit": BATCH, "lost": LOST}
        spent = tx.all(Call, _SPENT, params)
        calls = tx.all(Call, _CLAIM, params)
        known = opening.open_secrets(tx, (name for call in calls for name in opening.names_of(call.url, call.secrets)))
    outcomes = [(call, _UNKNOWN, _ENDED) for call in spent]
    if calls:
        with ThreadPoolExecutor(min(THREADS, len(calls)), thread_name_prefix="http-call") as pool:
            answers = list(pool.map(partial(_answer, known, asker or _ask), calls))
        outcomes += [(call, answer, judge(call, answer)) for call, answer in zip(calls, answers, strict=True)]
    if outcomes:
        _keep(db, tenant, outcomes)
    return len(outcomes)


def _keep(db: Database, tenant: UUID, outcomes: Sequence[Outcome]) -> None:
    """Record a batch; where its data cannot be, one by one, so that a bad answer fails alone. Raises what is no answer's fault."""
    error = _refused(db, tenant, outcomes)
    if error is None:
        return
    if len(outcomes) > 1:
        for one in outcomes:
            _keep(db, tenant, [one])
        return
    ((call, answer, told),) = outcomes
    log.warning("http_call_unrecorded", tenant=str(tenant), call=str(call.id), reason=fit(reason_of(error)))
    if told is not _ENDED:
        unkept = replace(answer, text=None, problem="the answer could not be recorded")
        _keep(db, tenant, [(call, unkept, _ENDED)])
        return
    # Not even its end can be told: it is asked no more, and the run goes on by its time-out.
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(_GIVE_UP, _params(tx) | {"id": call.id, "problem": fit(reason_of(error))})


def _refused(db: Database, tenant: UUID, outcomes: Sequence[Outcome]) -> Exception | None:
    try:
        with db.tx("worker", tenant=tenant) as tx:
            _record(tx, outcomes)
    except (psycopg.Error, ValueError, RecursionError) as error:
        if not is_poison(error):
            raise
        return error
    return None


def _answer(known: Mapping[str, opening.Opened], asker: Asker, call: Call) -> Answer:
    """Ask with the credentials put in. What comes back goes on without them: an answer or a reason may quote what it was sent."""
    names = opening.names_of(call.url, call.secrets)
    try:
        opening.allowed(names, call.host, known)
    except opening.SecretUnfit as unfit:
        return Answer(None, 0, str(unfit))
    if not names:
        return asker(call)
    asked = replace(
        call,
        url=opening.with_url(call.url, known),
        headers=opening.with_headers(call.headers, call.secrets.get("headers", {}), known),
        body=opening.with_body(call.body, call.secrets.get("body", {}), known),
    )
    answer = asker(asked)
    values = [known[name].value for name in names]
    return replace(answer, text=opening.cleaned(answer.text, values), problem=opening.cleaned(answer.problem, values))


def _ask(call: Call) -> Answer:
    private = settings().webhook_private_targets
    headers = {"Accept": "application/json", "Idempotency-Key": str(call.id), **call.headers}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    began = time.monotonic()
    try:
        got = exchange(
            call.method,
            parse_target(call.url, private_allowed=private),
            headers,
            body=None if call.body is None else call.body.encode(),
            private_allowed=private,
            total_seconds=call.seconds,
        )
    except TimeoutError:
        return Answer(None, _since(began), "timed out")
    except (RefusedTarget, InvalidInput, OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, _since(began), f"{type(error).__name__}: {error}"[:300])
    problem = None if 200 <= got.code < 300 else f"answered {got.code}"
    return Answer(got.code, _since(began), problem, got.body.decode("utf-8", errors="replace"), got.retry_after_seconds)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _record(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    by_id = {call.id: (call, answer, told) for call, answer, told in outcomes}
    rows = tx.cursor(
        _RECORD,
        _params(tx)
        | {
            "ids": list(by_id),
            "states": [told.state for _, _, told in outcomes],
            "codes": [answer.code for _, answer, _ in outcomes],
            "problems": [_problem(answer, told) for _, answer, told in outcomes],
            "pauses": [told.pause for _, _, told in outcomes],
        },
    ).fetchall()
    found = [(*by_id[one], bucket, customer) for one, bucket, customer in rows]
    emit(
        tx,
        [
            _event(call, answer, told, bucket, customer, tx.now)
            for call, answer, told, bucket, customer in found
            if told.port is not None
        ],
    )
    for call, answer, _ in outcomes:
        if answer is not _UNKNOWN:
            _look_after(tx, call, answer)


def _problem(answer: Answer, told: Told) -> str | None:
    """Why it went wrong; of an address that speaks no HTTP the reason quotes what it said."""
    problem = told.problem or answer.problem
    return None if problem is None else fit(problem)


def _event(call: Call, answer: Answer, told: Told, bucket: int, customer: UUID | None, now: datetime) -> NewEvent:
    return NewEvent(
        type=ANSWERED,
        bucket=bucket,
        customer_id=customer,
        origin_id=call.origin_id,
        subject_type=call.subject_type,
        subject_id=call.subject_id,
        occurred_at=now,
        payload={
            "run_id": str(call.run_id),
            "visit": call.visit,
            "block": call.block,
            "port": told.port,
            "code": answer.code,
            "problem": _problem(answer, told),
            "data": dict(told.data or {}),
        },
        event_id=derived_id(call.id, ANSWERED),
        lane=0 if call.lane < 2 else 2,
        cause_id=call.cause_id,
        root_id=call.root_id,
        hops=call.hops + 1,
    )


def _look_after(tx: Tx, call: Call, answer: Answer) -> None:
    """Let an address that keeps failing rest; one that answers, even to refuse, is well."""
    params = {
        "tenant": tx.tenant_id,
        "host": call.host,
        "problem": fit(answer.problem or "")[:300],
        "machine_now": tx.machine_now,
    }
    if answer.code is not None and answer.code < 500:
        tx.execute("delete from http_circuit where tenant_id = %(tenant)s and host = %(host)s", params)
        return
    tx.execute(
        _TROUBLE,
        params | {"troubles": TROUBLES, "first": REST_FIRST, "most": REST_MAX},
    )


def _params(tx: Tx) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "now": tx.now, "machine_now": tx.machine_now}


def asking(*, asker: Asker | None = None) -> Callable[[Database], float]:
    """The worker's job: one batch of every tenant with something due."""
    rounds = Rounds("flow.http")

    def run(db: Database) -> float:
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select tenant_id from flow_calling_tenants()")]
        return 0.0 if rounds.each(tenants, lambda tenant: ask_due(db, tenant, asker=asker)) else IDLE_SECONDS

    return run
