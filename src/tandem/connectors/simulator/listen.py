"""The simulation behind a socket: a small threaded HTTP server that can also hang up, as real gateways do."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tandem.connectors.simulator.base import Said
from tandem.connectors.simulator.server import Dropped, Simulation


def serve(simulation: Simulation, host: str, port: int, bound: socket.socket | None = None) -> ThreadingHTTPServer:
    """A server that is ready to `serve_forever`. Port 0 takes a free one; `bound` is a socket that listens already."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                said = simulation.answer(self.command, self.path, headers, self.rfile.read(length))
            except Dropped:
                # Half-closed: the caller has sent everything and will never read an answer.
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            except (KeyError, ValueError, IndexError) as error:
                said = Said({"error": f"the simulator cannot read this: {error!r}"}, 400)
            content = said.content()
            self.send_response(said.status)
            for name, value in {"content-type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  the base class looks them up by these names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by the base class
            """Quiet: the platform's own traffic screen shows every call."""

    server = ThreadingHTTPServer((host, port), Handler, bind_and_activate=bound is None)
    if bound is not None:
        server.socket.close()
        server.socket = bound
        server.server_address = bound.getsockname()
        server.server_name, server.server_port = str(server.server_address[0]), int(server.server_address[1])
    server.daemon_threads = True
    return server
