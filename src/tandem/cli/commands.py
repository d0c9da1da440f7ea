"""The commands. Rooms are imported inside them, so that `tandem --help` is quick and one broken room stays one broken command."""

import signal
import socket
import threading
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.connectors import connector_app, simulate
from tandem.cli.people import tenant_app, user_app
from tandem.cli.supervisor import follow_lifeline
from tandem.cli.talk import say
from tandem.cli.trial import trial_app

app = typer.Typer(
    name="tandem",
    help="Tandem 双擎 SCRM。Settings are environment variables TANDEM_*.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(tenant_app, name="tenant")
app.add_typer(user_app, name="user")
app.add_typer(connector_app, name="connector")
app.command()(simulate)
app.add_typer(trial_app, name="trial")


@app.command()
def server() -> None:
    """启动全部（数据库、迁移、演示数据、网页、工作进程）· Start everything on this machine; Ctrl-C stops it."""
    from tandem.cli.server import serve

    serve()


@app.command()
def web(
    fd: Annotated[int | None, typer.Option(help="A listening socket inherited from the supervisor.")] = None,
) -> None:
    """启动一个网页进程 · Run one web process against TANDEM_DATABASE_URL."""
    from tandem.kernel.collector import calm_collector, pause_collector

    pause_collector()
    import uvicorn

    from tandem.cli.address import listen
    from tandem.cli.database import read_settings
    from tandem.web import create_app
    from tandem.web.server import Bounded, WebServer

    follow_lifeline()
    known = read_settings()
    door = listen(known.host, known.port) if fd is None else socket.socket(fileno=fd)
    configuration = uvicorn.Config(
        create_app(known),
        http=Bounded,
        ws="none",
        server_header=False,
        log_level=known.log_level,
        log_config=None,
        timeout_graceful_shutdown=10,
        access_log=False,
    )
    calm_collector()
    WebServer(configuration).run(sockets=[door])


@app.command()
def worker() -> None:
    """启动一个工作进程 · Run one worker: the engines' loop and the modules' jobs."""
    from tandem.kernel.collector import calm_collector, pause_collector

    pause_collector()
    from tandem.assembly import system
    from tandem.cli.database import database, read_settings
    from tandem.flow.worker import run
    from tandem.web.logs import configure_logs

    follow_lifeline()
    configure_logs(read_settings())
    assembled = system()
    calm_collector()
    with database() as opened:
        run(opened, assembled, assembled.jobs)


@app.command()
def door() -> None:
    """启动一个入口进程 · Run one door: only the jobs that resolve received events to customers."""
    from tandem.kernel.collector import calm_collector, pause_collector

    pause_collector()
    from tandem.assembly import system
    from tandem.cli.database import database, read_settings
    from tandem.flow.worker import start_jobs
    from tandem.web.logs import configure_logs

    stop = stop_on_signal()
    configure_logs(read_settings())
    jobs = [job for module in system().modules if module.name == "door" for job in module.jobs]
    calm_collector()
    with database() as opened:
        threads = start_jobs(jobs, opened, stop)
        stop.wait()
        for thread in threads:
            thread.join(timeout=5)


@app.command()
def migrate() -> None:
    """升级数据库结构 · Bring the database to the current schema."""
    from tandem.cli.database import addresses, read_settings
    from tandem.migrations import migrate as bring_up

    known = read_settings()
    with addresses() as database:
        outcome = bring_up(
            database.owner,
            known.master_key_bytes(),
            lock_timeout_seconds=known.lock_timeout_seconds,
            statement_timeout_seconds=known.migration_statement_timeout_seconds,
        )
    say(
        f"数据库结构：{outcome.before or '空库'} → {outcome.after}。",
        f"Schema: {outcome.before or 'empty'} to {outcome.after}.",
    )


@app.command()
def demo(full: Annotated[bool, typer.Option("--full", help="导入全年数据 · Import the whole year.")] = False) -> None:
    """导入演示数据 · Load the demo tenant from a real retailer's year."""
    from tandem.cli.database import database, read_settings
    from tandem.cli.demo import quiet_logs
    from tandem.demo import load

    quiet_logs(read_settings())
    migrate()
    with database() as opened:
        load(opened, full=full, say=say)


@app.command()
def openapi(
    file: Annotated[
        Path | None, typer.Argument(help="写入的文件，缺省为标准输出 · Where to write; standard output by default.")
    ] = None,
) -> None:
    """输出 OpenAPI 描述 · Print the API's OpenAPI description, from which the browser's client is generated."""
    from tandem.web import openapi_text

    if file is None:
        typer.echo(openapi_text(), nl=False)
    else:
        file.write_text(openapi_text(), encoding="utf-8")


@app.command(name="rehearse-restore")
def rehearse_restore() -> None:
    """演练备份恢复 · Rehearse restore from backup and point-in-time recovery on copies; your data stays as it is."""
    import tempfile

    from tandem.cli.database import addresses
    from tandem.cli.rehearsal import rehearse
    from tandem.kernel.errors import Misconfigured

    with addresses() as database, tempfile.TemporaryDirectory(prefix="tandem-rehearsal-") as work:
        if database.server is None:
            raise Misconfigured(
                "rehearsal_outside",
                "演练只适用于内置数据库；外部数据库请按 docs 用其自身的备份工具演练。",
                "The rehearsal is for the embedded database; rehearse an outside one with its own backup tools.",
            )
        Path(work).chmod(0o755)
        report = rehearse(database.server, Path(work), say, before=lambda _: None, mistake=lambda _: None)
    rows = sum(report.end_restored.values())
    say(
        f"恢复了 {len(report.end_restored)} 张表、{rows} 行，用时 {report.restore_seconds:.1f} 秒。",
        f"Restored {len(report.end_restored)} tables and {rows} rows in {report.restore_seconds:.1f} s.",
    )
    if report.differences:
        say("演练期间有变化的表：", "Tables that changed during the rehearsal:")
        typer.echo("\n".join(report.differences))


def stop_on_signal() -> threading.Event:
    """Return an event that SIGTERM, SIGINT or the supervisor's end sets; loops look at it between turns."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    follow_lifeline()
    return stop
