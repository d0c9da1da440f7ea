"""JS-SDK signatures: what lets a page call the platform's app (D 96909, D 94313). Pure."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit


@dataclass(frozen=True, slots=True)
class Signed:
    """What `wx.config` and `agentConfig` take beside the ids."""

    timestamp: int
    nonce: str
    signature: str


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """sha1 over the four in their fixed order and as they are; of the address everything before `#`."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={urldefrag(url).url}"
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the platform's algorithm


def sign(ticket: str, url: str, timestamp: int) -> Signed:
    """Sign an address with a fresh nonce."""
    nonce = secrets.token_hex(8)
    return Signed(timestamp, nonce, signature(ticket, nonce, timestamp, url))


def is_trusted(url: str, hosts: Collection[str]) -> bool:
    """Whether an address is one of ours: https, at a trusted host, nobody's name before it. A local page may be plain http."""
    try:
        told = urlsplit(url)
        host, port = told.hostname or "", told.port
    except ValueError:
        return False
    if told.username is not None or told.password is not None or host not in hosts:
        return False
    local = host in {"localhost", "127.0.0.1"}
    return (told.scheme == "https" and port in {None, 443}) or (local and told.scheme == "http")
