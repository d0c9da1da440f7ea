"""The archive of a simulated corporation: the library's calls, over HTTP.

RSA is the platform's; how a message itself is sealed is the native library's secret, so the simulator has a way of its own
(AES-256-GCM under a digest of the random key), which only this file and `wecom/simulator/archive.py` know.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tandem.connectors.wecom.archive.library import Chunk, Fetch, LibraryFailure, Sealed, as_sealed

TIMEOUT_SECONDS: Final = 10.0
_NONCE: Final = 12


def seal(random_key: str, text: str, *, nonce: bytes | None = None) -> str:
    """A message as the simulator gives it out."""
    own = secrets.token_bytes(_NONCE) if nonce is None else nonce
    return base64.b64encode(own + AESGCM(_key(random_key)).encrypt(own, text.encode(), None)).decode()


def _key(random_key: str) -> bytes:
    return hashlib.sha256(random_key.encode()).digest()


def over_http(base: str) -> Fetch:
    """Ask a simulator at an address (`http://host:port/wecom/api`), by the standard library alone: it is all that this process loads."""

    def fetch(path: str, query: Mapping[str, str]) -> bytes:
        try:
            with urlopen(Request(f"{base}{path}?{urlencode(query)}"), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  the simulator's address is ours
                return bytes(answer.read())
        except (URLError, OSError) as error:
            raise LibraryFailure(type(error).__name__, 10001) from error

    return fetch


class SimulatedLibrary:
    """Implements `ArchiveLibrary`."""

    def __init__(self, fetch: Fetch, corp_id: str, secret: str) -> None:
        self._fetch = fetch
        self._who = {"corpid": corp_id, "secret": secret}

    def _ask(self, path: str, **query: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._fetch(f"/finance-sdk/{path}", self._who | query))
        except ValueError as error:
            raise LibraryFailure("the answer cannot be read", 10002) from error
        if found.get("errcode"):
            raise LibraryFailure(str(found.get("errmsg")), int(found["errcode"]))
        return found

    def pull(self, seq: int, limit: int) -> Sequence[Sealed]:
        """As GetChatData."""
        return [as_sealed(one) for one in self._ask("chatdata", seq=str(seq), limit=str(limit))["chatdata"]]

    def open(self, random_key: str, message: str) -> str:
        """As DecryptData."""
        try:
            raw = base64.b64decode(message, validate=True)
            return AESGCM(_key(random_key)).decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (ValueError, InvalidTag) as error:
            raise LibraryFailure("the message does not open with this key", 10006) from error

    def media(self, file_id: str, place: str) -> Chunk:
        """As GetMediaData."""
        found = self._ask("media", sdkfileid=file_id, indexbuf=place)
        return Chunk(base64.b64decode(found["data"]), "" if found["is_finish"] else str(found["outindexbuf"]))

    def close(self) -> None:
        """Nothing is held."""
