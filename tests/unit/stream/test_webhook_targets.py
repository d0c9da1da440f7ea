"""Where webhooks may not go, however it is spelt; how long they pause; what a slow receiver costs."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta

import pytest

from tandem.kernel.errors import InvalidInput
from tandem.stream.webhooks.post import post
from tandem.stream.webhooks.schedule import ATTEMPTS_MAX, WAITS, next_pause
from tandem.stream.webhooks.targets import RefusedTarget, check_target, judged_addresses, parse_target

INSIDE = (
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://10.0.0.8/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a00:1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://localhost/",
    "https://localhost./",
    "https://db.internal/",
    "https://printer.local/",
)
MALFORMED = (
    "http://example.com/",
    "ftp://example.com/",
    "https://user:pw@example.com/",
    "https://example.com/#part",
    "https:///path",
    "https://exa mple.com/",
    "https://example.com/\r\nX: y",
    "https://example.com:99999/",
    "https://example.com/ü",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("url", [*INSIDE, *MALFORMED])
def test_such_an_address_is_refused_when_it_is_saved(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_target(url, private_allowed=False)


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?a=1", "https://8.8.8.8:8443/", "https://[2001:4860:4860::8888]/"]
)
def test_a_public_address_may_be_saved(url: str) -> None:
    assert check_target(url, private_allowed=False).scheme == "https"


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::1"], ["fe80::1%eth0"], []])
def test_a_name_that_leads_inside_is_refused_when_it_is_used(found: list[str]) -> None:
    target = parse_target("https://evil.example/", private_allowed=False)
    with pytest.raises(RefusedTarget):
        judged_addresses(target, private_allowed=False, resolve=lambda _host, _port: found)


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to something public when it is judged and to loopback a moment later gains nothing."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    connected: list[str] = []

    def connect(address: tuple[str, int], **_more: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    target = parse_target("https://rebind.example/", private_allowed=False)
    answer = post(target, b"{}", {}, resolve=lambda _host, _port: next(answers))
    assert connected == ["93.184.215.14"]
    assert answer.code is None
    assert not answer.is_success


@pytest.mark.parametrize(
    ("scheme", "first", "again"),
    [("http", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), ("https", b"\x16\x03\x03\x40\x00", b"\x02")],
)
def test_a_receiver_that_drips_is_cut_off(scheme: str, first: bytes, again: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        there, _ = listener.accept()
        with there:
            there.sendall(first)
            # It ends by itself, so that a post that is not cut off fails this test instead of hanging.
            for _ in range(2_000):
                if stop.wait(0.05):
                    return
                try:
                    there.sendall(again)
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    target = parse_target(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", private_allowed=True)
    started = time.monotonic()
    answer = post(target, b"{}", {}, private_allowed=True, total_seconds=0.5)
    stop.set()
    thread.join()
    listener.close()
    assert time.monotonic() - started < 60
    assert (answer.code, answer.problem) == (None, "timed out")


def test_pauses_grow_jitter_and_end() -> None:
    exact = [next_pause(n, chance=lambda: 0.5) for n in range(1, ATTEMPTS_MAX)]
    assert [round(one.total_seconds(), 6) for one in exact if one] == [one.total_seconds() for one in WAITS]
    assert next_pause(ATTEMPTS_MAX) is None
    assert next_pause(1, chance=lambda: 0.0) == timedelta(seconds=4)
    assert next_pause(1, chance=lambda: 1.0) == timedelta(seconds=6)
    assert next_pause(1, asked_seconds=90, chance=lambda: 0.5) == timedelta(seconds=90)
    assert next_pause(1, asked_seconds=10**8, chance=lambda: 0.5) == timedelta(days=1)
