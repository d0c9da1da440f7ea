"""Commands of connectors: the simulated platforms, and a scaffold for a new one."""

from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.talk import say

connector_app = typer.Typer(help="平台连接 · Connectors.", no_args_is_help=True)


@connector_app.command(name="new")
def new(
    name: Annotated[str, typer.Argument(help="文件夹名，如 my_shop · The folder's name.")],
    root: Annotated[Path | None, typer.Option(help="放在哪里 · Where to put it.")] = None,
) -> None:
    """生成一个连接器骨架 · Scaffold a connector: manifest, client, signing, mapping, simulator, quality file, test."""
    from tandem.connectors.kit.scaffold import scaffold

    for path in scaffold(name, root):
        typer.echo(str(path))
    say(
        f"下一步：填好 {name}/，再把它加进 connectors/kit/registry.py。",
        f"Next: fill in {name}/, then add it to connectors/kit/registry.py.",
    )


def simulate(
    host: Annotated[str, typer.Option(help="监听地址 · Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 · Port.")] = 8499,
    fd: Annotated[
        int | None, typer.Option(help="已在监听的套接字 · A socket that listens already.", hidden=True)
    ] = None,
    per_minute: Annotated[float, typer.Option(help="每个店每分钟新订单 · New orders a minute for each shop.")] = 2.0,
    orders: Annotated[int, typer.Option(help="历史订单数 · Orders in each shop's past.")] = 200,
    seed: Annotated[int, typer.Option(help="种子 · Seed.")] = 20_260_101,
    since: Annotated[
        str | None,
        typer.Option(help="起始时刻（ISO），重启后保持一致 · The story's beginning (ISO), the same after a restart."),
    ] = None,
    tell: Annotated[
        list[str] | None,
        typer.Option(help="把回调推送到哪里：平台=地址 · Where a platform's callbacks go: NAME=URL."),
    ] = None,
) -> None:
    """启动全部模拟平台 · Run every simulated platform in one process; TANDEM_SIMULATOR_URL names it to Tandem."""
    import socket
    import threading
    from datetime import UTC, datetime

    from tandem.cli.supervisor import follow_lifeline
    from tandem.connectors.simulator import pusher
    from tandem.connectors.simulator.listen import serve
    from tandem.connectors.simulator.server import Simulation
    from tandem.kernel.settings import settings

    follow_lifeline()

    # Midnight unless told otherwise: a simulator started again the same day is the same simulator.
    epoch = (
        datetime.fromisoformat(since) if since else datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    simulation = Simulation(
        seed=seed, epoch=epoch, per_minute=per_minute, orders_before=orders, folder=settings().home / "simulator"
    )
    given = settings().simulator_token
    if given is not None:
        simulation.token = given.get_secret_value()
    for one in tell or []:
        name, _, hook = one.partition("=")
        simulation.listen(name, hook.rpartition("/")[2], hook)
    server = serve(simulation, host, port, None if fd is None else socket.socket(fileno=fd))
    address = f"http://{host}:{server.server_port}"
    say(
        f"模拟平台 {', '.join(simulation.shops)} 在 {address}；控制：{address}/control/。",
        f"Simulating {', '.join(simulation.shops)} at {address}; control: {address}/control/.",
    )
    if given is None:
        say(
            f"控制口令：TANDEM_SIMULATOR_TOKEN={simulation.token}（请求头 x-simulator-token）。",
            f"Control wants TANDEM_SIMULATOR_TOKEN={simulation.token} (header x-simulator-token).",
        )
    stop = threading.Event()
    pusher.start(simulation, stop)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        stop.set()
        server.server_close()
