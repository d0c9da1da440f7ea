"""The address people type: take it before anything slow starts, or say who has it."""

import errno
import socket

import psutil

from tandem.kernel.errors import Conflict, Misconfigured


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on the port (0: any free one). Conflict names the process that has it, where knowable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as error:
        taken.close()
        raise _refused(host, port, error) from None
    return taken


def _refused(host: str, port: int, error: OSError) -> Conflict | Misconfigured:
    if error.errno == errno.EADDRINUSE:
        holder = holder_of(port)
        zh = f"被进程 {holder} 占用" if holder else "已被占用"
        en = f"taken by process {holder}" if holder else "taken"
        return Conflict(
            "port_busy",
            f"端口 {port} {zh}；换一个端口：TANDEM_PORT={port + 1} script/server。",
            f"Port {port} is {en}; use another: TANDEM_PORT={port + 1} script/server.",
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return Misconfigured(
            "port_privileged",
            f"端口 {port} 需要管理员权限；请用 1024 以上的端口，例如 TANDEM_PORT=8420 script/server。",
            f"Port {port} is for the administrator only; use one above 1024: TANDEM_PORT=8420 script/server.",
        )
    return Misconfigured(
        "address", f"无法监听 {host}:{port}：{error.strerror}。", f"Cannot listen on {host}:{port}: {error.strerror}."
    )


def holder_of(port: int) -> str:
    """Return number and name of the process listening on a port, or nothing when it is not ours to see."""
    try:
        for connection in psutil.net_connections("inet"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr
                and connection.laddr.port == port
                and connection.pid
            ):
                return f"{connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return ""
