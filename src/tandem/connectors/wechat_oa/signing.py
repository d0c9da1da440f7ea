"""Official-account signatures of pages and cards; pushes use the kit's envelopes."""

from __future__ import annotations

from collections.abc import Iterable

from tandem.connectors.kit.digests import sha1_hex


def jsapi_signature(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    """What `wx.config` wants; the URL without its `#` part."""
    page = url.partition("#")[0]
    return sha1_hex(f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}")


def card_signature(values: Iterable[str]) -> str:
    """SHA-1 of the sorted values, joined."""
    return sha1_hex("".join(sorted(values)))
