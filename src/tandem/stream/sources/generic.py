"""The connector for any system that can post JSON: a signature or a token, and a mapping that somebody set up on screen."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from tandem.catalog.label import Label
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import (
    Account,
    Delivery,
    Raw,
    Reply,
    body_digest,
    not_verified,
    register_connector,
)
from tandem.stream.sources.mapping import Mapped, apply, mapping_of

ID_LENGTH_MAX: Final = 150
_HEADER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


class HookConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sender proves itself. `prefix` stands before the signature (`sha256=`); `id_header` names a delivery.

    `signed` is what the signature covers, joined by points: the body alone, or with the texts of the two headers named
    (`id.timestamp.body` is how Standard Webhooks sign). With a time, calls further off than `tolerance_seconds` are refused. A
    name that is not covered is not believed: whoever caught one signed call could send it again under other names, or spend
    the names of calls to come. Such a delivery is named by what it says.
    """

    verify: Literal["hmac_sha256", "bearer"] = "hmac_sha256"
    header: str = "X-Signature"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    id_header: str | None = None
    timestamp_header: str | None = None
    signed: Literal["body", "timestamp.body", "id.timestamp.body"] = "body"
    tolerance_seconds: int = 300
    reply: str | None = None
    """The text a platform wants to read back (`success`), if it wants any."""


class GenericHook:
    """Webhooks of systems that we know nothing else about."""

    name = "webhook"
    label = Label("通用 Webhook", "Webhook")
    kept_query: tuple[str, ...] = ()

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in their stored form. Raises InvalidInput."""
        try:
            read = msgspec.convert(dict(config), HookConfig)
        except msgspec.ValidationError as error:
            raise _bad("config", str(error)) from error
        for name in (read.header, read.id_header, read.timestamp_header):
            if name is not None and not _HEADER.fullmatch(name):
                raise _bad("config.header", "not the name of a header")
        if "timestamp" in read.signed and read.timestamp_header is None:
            raise _bad("config.timestamp_header", "which header tells the time that is signed?")
        if "id" in read.signed and read.id_header is None:
            raise _bad("config.id_header", "which header tells the id that is signed?")
        if not 10 <= read.tolerance_seconds <= 86_400:
            raise _bad("config.tolerance_seconds", "10..86400")
        return msgspec.to_builtins(read)

    def verify(self, account: Account, delivery: Delivery) -> None:
        """Compare the signature or token in constant time."""
        config = msgspec.convert(dict(account.config), HookConfig)
        if config.verify == "bearer":
            scheme, _, given = delivery.headers.get("authorization", "").partition(" ")
            wanted = account.secret if scheme.lower() == "bearer" else None
        else:
            given = delivery.headers.get(config.header.lower(), "").strip().removeprefix(config.prefix)
            wanted = signature(account.secret, _signed(config, delivery), config.encoding)
            given = given.lower() if config.encoding == "hex" else given
        if wanted is None or not account.secret or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise not_verified()
        if "timestamp" in config.signed and not _is_recent(config, delivery):
            raise not_verified()

    def delivery_id(self, account: Account, delivery: Delivery) -> str:
        """What the named header says where its sender vouches for it, else a digest of the body."""
        config = msgspec.convert(dict(account.config), HookConfig)
        vouched = config.verify == "bearer" or config.signed == "id.timestamp.body"
        named = delivery.headers.get(config.id_header.lower(), "") if config.id_header and vouched else ""
        if len(named) > ID_LENGTH_MAX:
            # Cut short, two deliveries could be taken for one, and the second would be lost.
            return body_digest(named.encode())
        return named or body_digest(delivery.body)

    def answer(self, account: Account, delivery: Delivery) -> Reply:
        """The configured text, or a short JSON object."""
        del delivery
        text = account.config.get("reply")
        return Reply() if text is None else Reply(str(text), "text/plain")

    def read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        """What the account's mapping makes of a body."""
        if not raw.is_json:
            raise Refused("body", "内容不是 JSON", "the body is not JSON")
        return read_mapped(account, raw)


def _signed(config: HookConfig, delivery: Delivery) -> bytes:
    """What the signature is over."""
    names = {"id": config.id_header, "timestamp": config.timestamp_header}
    parts = [delivery.headers.get((names[one] or "").lower(), "") for one in config.signed.split(".")[:-1]]
    return b".".join([*(one.encode() for one in parts), delivery.body])


def _is_recent(config: HookConfig, delivery: Delivery) -> bool:
    """Whether the time that was signed, seconds (or milliseconds) since 1970, is near ours."""
    told = delivery.headers.get((config.timestamp_header or "").lower(), "").strip()
    if not told.isdecimal() or not told.isascii() or len(told) > 13:
        return False
    seconds = int(told) / 1000 if len(told) == 13 else int(told)
    return abs(time.time() - seconds) <= config.tolerance_seconds


def read_mapped(account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
    """Apply an account's mapping. Raises Refused where it has none or a broken one."""
    if account.mapping is None:
        raise Refused("mapping", "这个数据源还没有字段映射", "this source has no mapping yet")
    try:
        mapping = mapping_of(account.mapping)
    except msgspec.ValidationError as error:
        raise Refused("mapping", f"字段映射有误：{error}", f"the mapping is not right: {error}") from error
    return apply(mapping, raw.body, raw.zone)


def signature(secret: str, body: bytes, encoding: str = "hex") -> str:
    """HMAC-SHA256 of a body, as senders write it into the header."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256)
    return digest.hexdigest() if encoding == "hex" else base64.b64encode(digest.digest()).decode()


def _bad(where: str, told: str) -> InvalidInput:
    return InvalidInput(
        "bad_source_config",
        "数据源设置有误。",
        "The source's settings are not right.",
        details=(Detail(where, told, told),),
    )


register_connector(GenericHook())
