"""Browsers in which somebody has signed in before, and from which network a stranger comes: what limits of attempts go by.

A browser keeps one cookie: an id of its own, and a seal for each thing it is known at (a log-in name, an account, a company). It opens
nothing. It only keeps whoever signed in here before apart from strangers, so that they use up allowances of their own and not hers.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from datetime import timedelta
from functools import lru_cache
from typing import Final

from fastapi import Request, Response

COOKIE: Final = "tandem_device"
PATH: Final = "/v1"
KEPT: Final = timedelta(days=180)
SCOPES_MAX: Final = 8
_ID_LETTERS: Final = 22


def known_device(request: Request, scope: str) -> str | None:
    """The id of the browser where it is known at `scope`, else None. What it sends may be anything."""
    device, seals = _sent(request)
    sealed = _seal(request, device, scope) if device else ""
    return device if any(hmac.compare_digest(sealed.encode(), one.encode(errors="replace")) for one in seals) else None


def remember_device(request: Request, response: Response, *scopes: str) -> None:
    """From now on the browser is known at these; the ones known longest go where there are too many."""
    device, seals = _sent(request)
    if not device or not any(True for _ in seals):
        device, seals = secrets.token_urlsafe(16), []
    new = [_seal(request, device, scope) for scope in scopes]
    kept = [*(one for one in seals if one not in new), *new][-SCOPES_MAX:]
    response.set_cookie(
        COOKIE, ".".join([device, *kept]), max_age=int(KEPT.total_seconds()), path=PATH, httponly=True, samesite="lax",
        secure=bool(request.app.state.settings.secure_cookies),
    )  # fmt: skip


def _sent(request: Request) -> tuple[str, list[str]]:
    device, *seals = request.cookies.get(COOKIE, "").split(".")
    return (device, seals[:SCOPES_MAX]) if len(device) == _ID_LETTERS and device.isascii() else ("", [])


def _seal(request: Request, device: str, scope: str) -> str:
    key = hmac.new(request.app.state.master.secret, b"device", hashlib.sha256).digest()
    return hmac.new(key, f"{device}\x1f{scope}".encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=4096)
def party_of(address: str | None) -> str:
    """What limits by address count as one: an IPv4 address, or the network of an IPv6 one, in which one party has addresses without end."""
    network = network_of(address)
    return network if ":" in network else address or ""


@lru_cache(maxsize=4096)
def network_of(address: str | None) -> str:
    """The part of an address that one party holds: what one household or office has, and whoever rents one can change within."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    known = mapped or found
    return str(ipaddress.ip_network(f"{known}/{24 if known.version == 4 else 56}", strict=False))
