"""E-mail over SMTP: one message, one mailbox; no server inside, and none that holds a sender up."""

from __future__ import annotations

import base64
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tandem.connectors.smtp import carrier
from tandem.connectors.smtp.pinned import session
from tandem.domains.messaging.channel import ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys
from tandem.stream.webhooks import targets

HOST = "smtp.example.com"
KEY = UUID(int=7)


def keys(**changed: str) -> Keys:
    plain = {"host": HOST, "port": "465", "user": "shop", "sender": "shop@example.com", **changed}
    return Keys(UUID(int=1), plain, {"password": "secret"})


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one connection, and its port; it is through when the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(60)

        def run() -> None:
            caller, _ = door.accept()
            with caller:
                caller.settimeout(60)
                serve(caller)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield door.getsockname()[1]
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for HOST with its key, trusted here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def private(monkeypatch: pytest.MonkeyPatch, *, allowed: bool) -> None:
    monkeypatch.setattr(carrier, "settings", lambda: SimpleNamespace(webhook_private_targets=allowed))
    monkeypatch.setattr(targets, "_resolve", lambda _host, _port: ["127.0.0.1"])


def test_a_mail_goes_to_its_one_address_at_the_judged_server(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def serve(raw: socket.socket) -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        with tls.wrap_socket(raw, server_side=True) as caller, caller.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 ready\r\n")
            while line := lines.readline().decode().strip():
                heard.append(line)
                verb = line.split(" ")[0].upper()
                said = {"EHLO": "250-me\r\n250 AUTH PLAIN", "AUTH": "235 ok", "DATA": "354 go", "QUIT": "421 no"}
                lines.write(f"{said.get(verb, '250 ok')}\r\n".encode())
                if verb == "DATA":
                    while lines.readline().strip() != b".":
                        pass
                    lines.write(b"250 taken\r\n")

    private(monkeypatch, allowed=True)
    with listening(serve) as port:
        sent = carrier.send(keys(port=str(port)), Addressed(KEY, "li@example.cn", "你好\n新店开业"))
    assert sent == Delivery(KEY, "sent")  # though the farewell was refused
    envelope = [one.split(" ")[1].lower() for one in heard if one.lower().startswith(("mail", "rcpt"))]
    assert envelope == ["from:<shop@example.com>", "to:<li@example.cn>"]
    assert base64.b64encode(b"\0shop\0secret").decode() in heard[1]


@pytest.mark.parametrize(
    "address",
    ["=?utf-8?q?victim=40evil.com=2c?=x@good.com", "a@x.cn,b@x.cn", "Li <a@x.cn>", "a@x.cn\nBcc: b@x.cn", "x", ""],
)
def test_what_is_not_exactly_one_address_is_sent_to_nobody(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    private(monkeypatch, allowed=False)
    assert carrier.send(keys(), Addressed(KEY, address, "x")) == Delivery(KEY, "failed", "bad_address")


def test_a_first_line_brings_no_header_along() -> None:
    mail = carrier.mail_of(keys(), Addressed(KEY, "li@example.cn", "=?utf-8?q?a=0d=0aBcc:b=40x.cn?= hi"))
    assert mail is not None
    assert b"=0d=0a" in bytes(mail)
    assert str(mail["Subject"]).startswith("= ?utf-8")


@pytest.mark.parametrize("changed", [{"port": "6379"}, {"port": "25"}, {"host": "127.0.0.1"}, {}])
def test_no_server_inside_is_asked(changed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    private(monkeypatch, allowed=False)
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_named: pytest.fail("it was asked"))
    with pytest.raises(ChannelDown) as caught:
        carrier.send(keys(**changed), Addressed(KEY, "li@example.cn", "x"))
    assert caught.value.reason == "server_not_allowed"


def test_a_server_that_draws_out_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    hung_up = threading.Event()

    def drip(caller: socket.socket) -> None:
        # A TLS record that never comes to its end, a byte at a time: no single wait is ever long.
        caller.sendall(b"\x16\x03\x03\x40\x00")
        caller.settimeout(0.02)
        for _ in range(1500):
            try:
                caller.sendall(b"\x00")
                if not caller.recv(65536):
                    hung_up.set()
                    return
            except TimeoutError:
                continue
            except OSError:
                hung_up.set()
                return

    private(monkeypatch, allowed=True)
    with (
        listening(drip) as port,
        pytest.raises(OSError),
        session(HOST, port, private_allowed=True, total_seconds=0.3),
    ):
        pytest.fail("it never opens")
    assert hung_up.is_set()
