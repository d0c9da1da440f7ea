"""Mending what lies in quarantine: by reason and source with counts, one record's text, and replays of many as a job with progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.jobs import Handler, Job, JobRun, file_job, get_job, open_job
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.quarantine import REASON
from tandem.stream.door.service import Answer, replay, replay_open
from tandem.stream.door.wire import PAYLOAD_BYTES_MAX
from tandem.stream.keys import day_key, tenant_keys

REPLAY_JOB: Final = "quarantine.replay"
GROUPS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Group:
    """Open records of one source with the same first reason. `reason` names it to a filter or a bulk replay."""

    source: str
    kind: str
    reason: str
    where: str
    zh: str
    en: str
    count: int
    oldest: datetime
    newest: datetime


def groups(tx: Tx) -> list[Group]:
    """What lies open, by source and reason, the most first; at most `GROUPS_MAX`."""
    return tx.all(
        Group,
        f"""
        select source, kind, {REASON} as reason, min(regexp_replace(problems->0->>'where', '^(events\\[[0-9]+\\]\\.?|[a-z_]+ .*: )', '')) as where,
          min(problems->0->>'zh') as zh, min(problems->0->>'en') as en, count(*)::int as count,
          min(received_at) as oldest, max(received_at) as newest
        from quarantine where tenant_id = %(tenant)s and status = 'open'
        group by source, kind, {REASON} order by count(*) desc, source, reason limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "limit": GROUPS_MAX},
    )


def try_mended(tx: Tx, kinds: DoorKinds, record_id: UUID, text: str) -> Answer:
    """What would become of a record if it said this; nothing is changed. Raises what `mend` raises."""
    with tx.savepoint():
        answer = mend(tx, kinds, record_id, text)
        raise psycopg.Rollback
    return answer


class _Open(msgspec.Struct, frozen=True):
    status: str
    kind: str
    key_day: date


def mend(tx: Tx, kinds: DoorKinds, record_id: UUID, text: str) -> Answer:
    """Put a record's mended text in place and replay it; refused by the door it stays, with the new text and its reasons.

    A mended text is ours and no longer what a verified sender said: kinds that are `verified_only` are refused out of it.

    Raises NotFound, Conflict for a record that was replayed or has no frame, InvalidInput for text that is not JSON.
    """
    kept = tx.maybe(
        _Open,
        "select status, kind, key_day from quarantine where tenant_id = %(tenant)s and id = %(id)s for update",
        {"tenant": tx.tenant_id, "id": record_id},
    )
    if kept is None:
        raise NotFound("no_such_record", "没有这条隔离记录。", "There is no such quarantined record.")
    if kept.status == "open" and kept.kind:
        _check_json(text)
        keys = tenant_keys(tx)
        sealed = keys.seal(day_key(tx, keys, kept.key_day), text)
        tx.execute(
            "update quarantine set payload_enc = %(sealed)s, verified = false where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tx.tenant_id, "id": record_id, "sealed": sealed},
        )
    return replay(tx, kinds, record_id)


def _check_json(text: str) -> None:
    raw = text.encode(errors="replace")
    problem = None
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = str(error)
    if len(raw) > PAYLOAD_BYTES_MAX:
        problem = "more than 1 MB"
    if problem is not None:
        raise InvalidInput(
            "not_json",
            "修改后的内容不是合法的 JSON。",
            "The mended text is not JSON.",
            details=(Detail("payload", problem, problem),),
        )


def file_replay(tx: Tx, *, source: str | None, reason: str | None) -> Job:
    """File a replay of everything open now, or of one source's records, or of one reason's. Raises Conflict while one is under way."""
    if open_job(tx, REPLAY_JOB) is not None:
        raise Conflict("replay_under_way", "已有一次批量重放在进行中。", "A bulk replay is under way already.")
    chosen = tx.one(
        _Chosen,
        f"""
        select count(*)::int as count, max(id::text) as last from quarantine
        where tenant_id = %(tenant)s and status = 'open' and kind <> ''
          and (%(source)s::text is null or source = %(source)s) and (%(reason)s::text is null or {REASON} = %(reason)s)
        """,
        {"tenant": tx.tenant_id, "source": source, "reason": reason},
    )
    payload = {"source": source, "reason": reason, "upto": chosen.last}
    return get_job(tx, file_job(tx, REPLAY_JOB, payload, total=chosen.count))


class _Chosen(msgspec.Struct, frozen=True):
    count: int
    last: str | None


def replay_job(tx: Tx, job_id: UUID) -> Job:
    """A bulk replay and how far it is. Raises NotFound."""
    job = get_job(tx, job_id)
    if job.kind != REPLAY_JOB:
        raise NotFound("no_such_job", "没有这个任务。", "There is no such job.")
    return job


def replay_handler(kinds: Callable[[], DoorKinds]) -> Handler:
    """What a worker does with a bulk replay: rounds of a transaction each, going on after a crash where the last one ended."""

    def handle(run: JobRun) -> Mapping[str, Any] | None:
        upto = run.payload.get("upto")
        if upto is None:
            return {"taken": 0, "refused": 0}
        state: dict[str, Any] = {"after": None, "taken": 0, "refused": 0, **run.checkpoint}
        while True:
            with run.tx("door") as tx:
                after = None if state["after"] is None else UUID(state["after"])
                # The job's own row is the worker's: progress is noted in a transaction of its own, and a round twice is harmless.
                done = replay_open(
                    tx,
                    kinds(),
                    after,
                    source=run.payload.get("source"),
                    reason=run.payload.get("reason"),
                    upto=UUID(upto),
                )
            state["taken"] += done.taken
            state["refused"] += done.refused
            state["after"] = None if done.following is None else str(done.following)
            with run.tx() as tx:
                run.report(tx, state["taken"] + state["refused"], checkpoint=state)
            if done.following is None:
                return {"taken": state["taken"], "refused": state["refused"]}

    return handle
