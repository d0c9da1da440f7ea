"""What a link says: whose tenant, which material, by which adviser, for whom. Signed, so that nobody can say it for somebody else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.kernel.crypto import TenantKeys

_MAC_BYTES: Final = 12
_NOBODY: Final = UUID(int=0)
TOKEN_MAX: Final = 300
KIND: Final = "radar_link"


@dataclass(frozen=True, slots=True)
class Link:
    """A link's meaning. `customer` None: shown to whoever comes."""

    tenant: UUID
    thing: UUID
    customer: UUID | None = None
    member: str = ""


def sign(keys: TenantKeys, link: Link, kind: str = KIND) -> str:
    """The token of a link. The same link gives the same token."""
    body = link.tenant.bytes + link.thing.bytes + (link.customer or _NOBODY).bytes + link.member.encode()
    return base64.urlsafe_b64encode(body + _mac(keys, body, kind)).rstrip(b"=").decode()


def tenant_of(token: str) -> UUID | None:
    """Whose token it claims to be; nothing in it may be believed before `opened` says so."""
    body = _body(token)
    return None if body is None else UUID(bytes=body[:16])


def opened(keys: TenantKeys, token: str, kind: str = KIND) -> Link | None:
    """What a token says, or None for one that was not signed with these keys."""
    whole = _body(token)
    if whole is None or not hmac.compare_digest(_mac(keys, whole[:-_MAC_BYTES], kind), whole[-_MAC_BYTES:]):
        return None
    tenant, thing, customer = (UUID(bytes=whole[place : place + 16]) for place in (0, 16, 32))
    try:
        member = whole[48:-_MAC_BYTES].decode()
    except UnicodeDecodeError:
        return None
    return Link(tenant, thing, None if customer == _NOBODY else customer, member)


def _body(token: str) -> bytes | None:
    if len(token) > TOKEN_MAX:
        return None
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return whole if len(whole) >= 48 + _MAC_BYTES else None


def _mac(keys: TenantKeys, body: bytes, kind: str) -> bytes:
    key = keys.blind(kind, "", "signing")
    return hmac.new(key, body, hashlib.sha256).digest()[:_MAC_BYTES]
