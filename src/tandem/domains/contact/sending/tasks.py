"""The platform's tasks: made once each whatever happens, reminded of, cancelled, and read back until it is known what became of everybody.

The platform keeps no key of ours. So the moment of asking is written before the call; whoever finds it written and no answer looks through
the platform's own list for a task with these words, this adviser and these people, and asks again only where there is none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.media import lending
from tandem.domains.contact.sending import posts, settling, targets
from tandem.domains.contact.sending.holding import LEASE, SETTLE, SLACK, Held, Work, renewed, write
from tandem.domains.contact.sending.ports import TaskMade, TaskSpec, Words
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.contact")

AT_ONCE: Final = 10
_LIST: Final = "array_agg(ref) filter (where ref is not null)"


_TAKE: Final = """
with due as materialized (
  select id from mass_send_task where tenant_id = %(tenant)s and due_at <= now() and (leased_until is null or leased_until <= now())
  order by due_at limit %(limit)s for update skip locked)
update mass_send_task as t set leased_until = now() + %(lease)s, holder = %(holder)s
from due as d, mass_send as s, source_account as a
where t.tenant_id = %(tenant)s and t.id = d.id and s.tenant_id = %(tenant)s and s.id = t.mass_send_id and a.tenant_id = %(tenant)s and a.id = t.account_id
returning t.id, t.mass_send_id, t.account_id, t.member, t.state, t.asked_at, t.job_ref, t.ref, t.made_at, t.remind_wanted, t.cancel_wanted,
  t.failures, s.kind, s.body, s.attachments, s.members, s.tags, a.source,
  coalesce((select keep_days from mass_account as k where k.tenant_id = %(tenant)s and k.account_id = t.account_id), 30) as keep_days, now() as machine_now
"""


def work_due(db: Database, tenant: UUID) -> int:
    """Work on a tenant's due tasks; returns how many."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        held = tx.all(Held, _TAKE, {"tenant": tenant, "limit": AT_ONCE, "lease": LEASE, "holder": holder})
    for one in held:
        try:
            with line_of(db, tenant, one.account_id) as line:
                with db.tx("worker", tenant=tenant) as tx:
                    work = renewed(tx, Work(db, tenant, holder, line, one))
                if work is not None:
                    _work(work)
        except GatewayFailure as failure:
            with db.tx("worker", tenant=tenant) as tx:
                _failed(tx, holder, one, failure)
    return len(held)


def _work(work: Work) -> None:
    one = work.one
    if one.state in {"waiting", "making"}:
        if one.cancel_wanted and one.asked_at is None:
            settling.give_up(work)
        elif one.kind == "moments":
            posts.make(work)
        else:
            _make(work)
    elif one.kind == "moments":
        posts.read(work)
    else:
        _read(work)


def _make(work: Work) -> None:
    one = work.one
    with work.db.tx("worker", tenant=work.tenant) as tx:
        found = targets.of_task(tx, one.id, one.kind, one.source, one.member)
        known: list[str] = tx.value(
            f"select coalesce({_LIST}, '{{}}') from mass_send_task where tenant_id = %(tenant)s and account_id = %(account)s",
            {"tenant": work.tenant, "account": one.account_id},
        )
        settling.without_address(tx, one.id, found.missing)
        if not found.keys:
            write(tx, work, state="done", due=None)
            return
    spec = TaskSpec("customers" if one.kind == "customers" else "groups", one.member, work.words, sorted(found.keys))
    if one.asked_at is not None:
        ref = work.line.find_task(spec, one.asked_at - SLACK, known)
        if ref is not None:
            _made(work, TaskMade(ref), found)
            return
        if one.machine_now < one.asked_at + SETTLE:
            with work.db.tx("worker", tenant=work.tenant) as tx:
                write(tx, work, due=SETTLE)
            return
        if one.cancel_wanted:
            settling.give_up(work)
            return
    carried = lending.ready(work.db, work.tenant, one.account_id, work.line, one.attachments)
    if not settling.asks(work):
        return
    try:
        made = work.line.send_task(replace(spec, words=Words(one.body, carried)))
    except GatewayFailure as failure:
        _not_made(work, failure)
        return
    _made(work, made, found)


def _made(work: Work, made: TaskMade, found: targets.Targets) -> None:
    with work.db.tx("worker", tenant=work.tenant) as tx:
        if write(tx, work, state="made", ref=made.task_id, due=timedelta(seconds=30)):
            settling.asked(tx, work.one.id)
            settling.refuse(
                tx, work.one.id, [found.keys[one] for one in made.refused if one in found.keys], "not_taken"
            )


def _not_made(work: Work, failure: GatewayFailure) -> None:
    if failure.why == "lost":
        with work.db.tx("worker", tenant=work.tenant) as tx:
            write(tx, work, due=timedelta(seconds=10), problem=failure)
        return
    with work.db.tx("worker", tenant=work.tenant) as tx:
        if failure.why in {"later", "set_up"}:
            # Certainly nothing was made: the next try need not look for it.
            tx.execute(
                "update mass_send_task set asked_at = null where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s",
                {"tenant": work.tenant, "id": work.one.id, "holder": work.holder},
            )
        else:
            if write(tx, work, state="refused", due=None, problem=failure):
                settling.cancel_rest(tx, work.one.id, "platform_refused")
            return
    raise failure


def _read(work: Work) -> None:
    """What became of everybody by now. Ends when nobody is left, when it was cancelled, or when the platform tells no more."""
    one = work.one
    ref = one.ref or ""
    if one.remind_wanted:
        _remind(work, ref)
    if one.cancel_wanted:
        try:
            work.line.cancel_task(ref)
        except GatewayFailure as failure:
            if failure.why not in {"gone", "refused"}:
                raise
    confirmed = work.line.confirmed(ref).get(one.member, False)
    results = work.line.results(ref, one.member)
    made = one.made_at or one.machine_now
    over = one.machine_now >= made + timedelta(days=one.keep_days)
    with work.db.tx("worker", tenant=work.tenant) as tx:
        found = targets.of_task(tx, one.id, one.kind, one.source, one.member)
        left = settling.settle(
            tx, one.id, one.kind, [(found.keys[row.target], row) for row in results if row.target in found.keys]
        )
        if left and (one.cancel_wanted or over):
            settling.cancel_rest(tx, one.id, "cancelled" if one.cancel_wanted else "not_confirmed")
            left = 0
        state = "cancelled" if one.cancel_wanted else "made" if left else "done"
        write(
            tx, work, state=state, due=_again(one.machine_now - made) if left else None, read=True, confirmed=confirmed
        )


def _remind(work: Work, ref: str) -> None:
    with work.db.tx("worker", tenant=work.tenant) as tx:
        # Counted before it is done: two workers never remind twice of one wish.
        tx.execute(
            """
            update mass_send_task set remind_wanted = false, reminded = reminded || now()
            where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
            """,
            {"tenant": work.tenant, "id": work.one.id, "holder": work.holder},
        )
    try:
        work.line.remind(ref)
    except GatewayFailure as failure:
        log.warning("mass_task_not_reminded", tenant=str(work.tenant), task=str(work.one.id), code=failure.code)


def _again(age: timedelta) -> timedelta:
    """How soon to ask again: staff confirm within minutes or days."""
    if age < timedelta(hours=1):
        return timedelta(seconds=60)
    return timedelta(minutes=10) if age < timedelta(days=1) else timedelta(hours=1)


def _failed(tx: Tx, holder: UUID, one: Held, failure: GatewayFailure) -> None:
    pause = failure.pause(one.failures)
    log.warning(
        "mass_task_failed", tenant=str(tx.tenant_id), task=str(one.id), why=failure.why, platform_code=failure.code
    )
    tx.execute(
        """
        update mass_send_task set due_at = now() + %(pause)s, leased_until = null, holder = null, failures = failures + 1, problem = %(problem)s::jsonb
        where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
        """,
        {"tenant": tx.tenant_id, "id": one.id, "holder": holder, "pause": pause, "problem": to_json(failure.problem())},
    )
