"""Who a visitor is, as the company's own server says it: a JSON web token signed with the site's secret (RFC 7519, HS256 only).

A page cannot be believed when it names somebody, since anybody can open its console. Its server can, because it holds the secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from tandem.stream.door.kinds import Identifier

LIFE_MAX: Final = timedelta(days=90)
TOKEN_LENGTH_MAX: Final = 4_000


class _Head(msgspec.Struct, frozen=True):
    alg: str


class _Claims(msgspec.Struct, frozen=True):
    exp: int | float
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    identifiers: Annotated[list[Identifier], msgspec.Meta(max_length=20)] = []


def identifiers_of(token: str, secret: str, now: datetime) -> tuple[Identifier, ...] | None:
    """Whom a token names: its `identifiers`, and its `sub` as a member number. None for one that is forged, expired or names nobody.

    `now` is machine time: tokens are made by other machines.
    """
    head, _, rest = token.partition(".")
    body, _, sent = rest.partition(".")
    try:
        wanted = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
        # The signature is compared before anything in the token is believed, its algorithm too.
        if not secret or not hmac.compare_digest(wanted, _bytes(sent)):
            return None
        if msgspec.json.decode(_bytes(head), type=_Head).alg != "HS256":
            return None
        claims = msgspec.json.decode(_bytes(body), type=_Claims)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        return None
    if not now.timestamp() < claims.exp <= (now + LIFE_MAX).timestamp():
        return None
    member = () if claims.sub is None else (Identifier("member_no", claims.sub),)
    return (*member, *claims.identifiers) or None


def sign(claims: dict[str, object], secret: str) -> str:
    """A token as a company's server makes it: for tests and for trying out."""
    parts = [_text(msgspec.json.encode(one)) for one in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signed = ".".join(parts)
    return f"{signed}.{_text(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()
