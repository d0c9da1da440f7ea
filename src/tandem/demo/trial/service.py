"""Opening, entering, leaving and emptying trials. What takes long is a job of the company that opened the trial (`work.py`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.identity import Identity
from tandem.access.service import assign_role, create_user
from tandem.access.sessions import open_session
from tandem.demo.trial.trade import Trade
from tandem.demo.trial.trades import TRADES
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.jobs import file_job
from tandem.kernel.live import announce

OPEN_JOB: Final = "trial.open"
EMPTY_JOB: Final = "trial.empty"
TOPIC: Final = "trials"
TRIALS_MAX: Final = 10
CUSTOMERS_MIN: Final = 20
CUSTOMERS_MAX: Final = 5_000


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as it stands. `records` is how many there are to tell (or tables to empty), `done` how many were."""

    id: UUID
    trade: str
    name: str
    status: str
    customers: int
    records: int
    done: int
    opened_by: UUID | None
    opened_at: datetime
    ready_at: datetime | None
    problem: dict[str, Any] | None


# A trial that waits for a job which is no more has failed, whatever became of the job: its worker died, or somebody cancelled it.
_STATUS: Final = f"""
case when trial.status in ('opening', 'emptying') and not exists (
  select from job where job.tenant_id = trial.tenant_id and job.kind in ('{OPEN_JOB}', '{EMPTY_JOB}')
    and job.state in ('queued', 'running') and job.payload ->> 'trial' = trial.id::text
) then 'failed' else trial.status end as status
"""
_COLUMNS: Final = f"id, trade, name, {_STATUS}, customers, records, done, opened_by, opened_at, ready_at, problem"


def listed(tx: Tx) -> list[TrialRow]:
    """The company's trials, newest first; never more than `TRIALS_MAX`."""
    return tx.all(
        TrialRow,
        f"select {_COLUMNS} from trial where tenant_id = %(tenant)s order by opened_at desc, id desc limit {TRIALS_MAX}",
        {"tenant": tx.tenant_id},
    )


def get(tx: Tx, trial_id: UUID) -> TrialRow:
    """One trial. Raises NotFound."""
    row = tx.maybe(
        TrialRow,
        f"select {_COLUMNS} from trial where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": trial_id},
    )
    if row is None:
        raise NotFound("no_such_trial", "没有这个试用企业。", "There is no such trial.")
    return row


def trade_of(code: str) -> Trade:
    """A trade by its code. Raises InvalidInput naming those there are."""
    if code not in TRADES:
        names = ", ".join(TRADES)
        raise InvalidInput(
            "no_such_trade",
            "没有这个行业。",
            "There is no such trade.",
            details=(Detail("trade", f"可选：{names}", f"one of {names}"),),
        )
    return TRADES[code]


def request(tx: Tx, code: str, customers: int | None = None) -> UUID:
    """Have a trial opened; returns its id. Raises InvalidInput, Conflict past `TRIALS_MAX`, Forbidden inside a trial."""
    trade = trade_of(code)
    if tx.value("select trial_of from tenant where id = %(tenant)s", {"tenant": tx.tenant_id}) is not None:
        raise Forbidden("trial_in_trial", "试用企业里不能再开试用。", "No trial can be opened inside a trial.")
    tx.execute("select pg_advisory_xact_lock(hashtext('trial'), hashtext(%(t)s))", {"t": str(tx.tenant_id)})
    known = listed(tx)
    if len(known) >= TRIALS_MAX:
        raise Conflict("too_many_trials", f"最多同时 {TRIALS_MAX} 个试用。", f"At most {TRIALS_MAX} trials at a time.")
    trial_id, wanted = new_id(), customers or trade.customers
    same = sum(one.trade == code for one in known)
    name = f"{trade.company}（试用{same + 1 if same else ''}）"
    tx.execute(
        """
        insert into trial (tenant_id, id, trade, name, status, customers, records, done, opened_by, opened_at)
        values (%(tenant)s, %(id)s, %(trade)s, %(name)s, 'opening', %(customers)s, 0, 0, %(user)s, now())
        """,
        {"tenant": tx.tenant_id, "id": trial_id, "trade": code, "name": name, "customers": wanted, "user": tx.user_id},
    )
    file_job(tx, OPEN_JOB, {"trial": str(trial_id)})
    audit.record(tx, "trial.opened", "trial", trial_id, None, {"trade": code, "name": name, "customers": wanted})
    announce(tx, TOPIC)
    return trial_id


def empty(tx: Tx, trial_id: UUID, name: str) -> None:
    """Have a trial emptied: everything in it goes. `name` is its name, typed. Raises NotFound, InvalidInput, Conflict.

    What is being opened or emptied must be waited for, unless its job has died.
    """
    # Locked before it is read: of two who ask at once, the second finds the job of the first.
    this = {"tenant": tx.tenant_id, "id": trial_id}
    tx.execute("select from trial where tenant_id = %(tenant)s and id = %(id)s for update", this)
    row = get(tx, trial_id)
    if name.strip() != row.name:
        raise InvalidInput(
            "wrong_name",
            "企业名称不一致，没有清空。",
            "That is not its name; nothing was emptied.",
            details=(Detail("name", f"请输入“{row.name}”", f"type “{row.name}”"),),
        )
    if row.status not in {"ready", "failed"}:
        raise Conflict(
            "trial_busy", "正在开通或清空，请等它完成。", "It is being opened or emptied; wait until that is done."
        )
    tx.execute(
        """
        update trial set status = 'emptying', done = 0, records = 0, problem = null where tenant_id = %(tenant)s and id = %(id)s
        """,
        this,
    )
    file_job(tx, EMPTY_JOB, {"trial": str(trial_id)})
    audit.record(tx, "trial.emptied", "trial", trial_id, {"name": row.name, "trade": row.trade}, None)
    announce(tx, TOPIC)


def login_inside(login: str, trial_id: UUID) -> str:
    """The log-in, inside a trial, of somebody of the company that opened it."""
    return f"{login}@{trial_id.hex[-12:]}"


def enter(db: Database, identity: Identity, trial: TrialRow, *, address: str | None, agent: str | None) -> str:
    """A session in a trial for somebody of the company that opened it; returns its token. Raises Conflict before it is ready."""
    if trial.status != "ready":
        raise Conflict("trial_not_ready", "试用企业还没有准备好。", "The trial is not ready yet.")
    login = login_inside(identity.login, trial.id)
    with db.tx("web", tenant=trial.id) as tx:
        user_id: UUID | None = tx.value(
            "select id from staff_user where tenant_id = %(tenant)s and login = %(login)s",
            {"tenant": tx.tenant_id, "login": login},
        )
        if user_id is None:
            # Nobody knows the password: the way in is from the company that opened it.
            user_id = create_user(tx, login=login, name=identity.name, password=secrets.token_urlsafe(32))
            assign_role(tx, user_id, "admin")
    return open_session(db, trial.id, user_id, address=address, agent=agent)
