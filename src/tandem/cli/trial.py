"""`tandem trial`: a company of a trade with a made-up year, opened and emptied from the terminal."""

import threading
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from tandem.cli.talk import say

if TYPE_CHECKING:
    from tandem.demo.trial.service import TrialRow
    from tandem.kernel.db import Database

trial_app = typer.Typer(help="试用企业 · Trial companies with a year of sample data.", no_args_is_help=True)
Company = Annotated[
    str,
    typer.Option(
        help="由哪个企业开通（代码）· The code of the company that opens it; may be left out where there is one."
    ),
]


@trial_app.command("trades")
def trades() -> None:
    """列出可试用的行业 · List the trades."""
    from tandem.demo.trial.trades import TRADES

    for trade in TRADES.values():
        typer.echo(f"{trade.code:14} {trade.label.zh} · {trade.label.en} ({trade.customers})")


@trial_app.command("open")
def open_trial(
    trade: Annotated[str, typer.Argument(help="行业代码，见 tandem trial trades · A trade's code.")],
    company: Company = "",
    customers: Annotated[int | None, typer.Option(help="客户数 · How many customers.", min=20, max=5000)] = None,
) -> None:
    """开通一个试用企业 · Open a trial: a company of its own with a year behind it."""
    from tandem.cli.database import database, read_settings
    from tandem.cli.demo import quiet_logs
    from tandem.demo.trial import service
    from tandem.kernel.errors import Conflict

    quiet_logs(read_settings())
    with database() as db:
        host = _company(db, company)
        with db.tx("web", tenant=host) as tx:
            trial_id = service.request(tx, trade, customers)
        done = _awaited(db, host, trial_id, ("ready", "failed"))
    if done is None or done.status != "ready":
        problem = (done.problem if done else None) or {"zh": "未完成", "en": "not finished"}
        raise Conflict(
            "trial_failed", f"试用未能开通：{problem['zh']}", f"The trial could not be opened: {problem['en']}"
        )
    seconds = 0 if done.ready_at is None else (done.ready_at - done.opened_at).total_seconds()
    say(
        f"“{done.name}”已就绪：{done.records} 条记录，{seconds:.0f} 秒。在网页“设置 · 试用企业”中进入。",
        f"“{done.name}” is ready: {done.records} records in {seconds:.0f} s. Enter it at Settings · Trials.",
    )


@trial_app.command("empty")
def empty_trial(
    name: Annotated[str, typer.Argument(help="试用企业的名称 · The trial's name, as the list shows it.")],
    company: Company = "",
) -> None:
    """清空一个试用企业 · Take a trial away with everything in it."""
    from tandem.cli.database import database, read_settings
    from tandem.cli.demo import quiet_logs
    from tandem.demo.trial import service
    from tandem.kernel.errors import NotFound

    quiet_logs(read_settings())
    with database() as db:
        host = _company(db, company)
        with db.tx("web", tenant=host) as tx:
            found = next((one for one in service.listed(tx) if one.name == name), None)
            if found is None:
                raise NotFound("no_such_trial", f"没有试用企业“{name}”。", f"There is no trial “{name}”.")
            service.empty(tx, found.id, name)
        _awaited(db, host, found.id, ())
    say(f"“{name}”已清空。", f"“{name}” is gone.")


def _awaited(db: "Database", host: UUID, trial_id: UUID, states: tuple[str, ...]) -> "TrialRow | None":
    """The trial once it is in one of these states or gone; this process works on it beside any server."""
    from tandem.assembly import system
    from tandem.demo.loading import working
    from tandem.demo.trial import service

    pause = threading.Event()
    with working(db, system()):
        while True:
            with db.tx("web", tenant=host) as tx:
                found = next((one for one in service.listed(tx) if one.id == trial_id), None)
            if found is None or found.status in states:
                return found
            pause.wait(0.2)


def _company(db: "Database", code: str) -> UUID:
    """The company by its code, or the only one there is. Raises NotFound."""
    from tandem.kernel.errors import NotFound

    with db.connection("owner") as connection:
        found = connection.execute(
            "select id, code from tenant where trial_of is null and (%(code)s = '' or code = %(code)s) limit 2",
            {"code": code},
        ).fetchall()
    if len(found) != 1:
        raise NotFound("which_company", "请用 --company 指明企业代码。", "Say which company with --company CODE.")
    return found[0][0]
