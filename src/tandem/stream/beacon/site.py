"""A web site as a source account: its key is the account's id and is no secret; where it may be used is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

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
from tandem.stream.sources.mapping import Mapped

NAME: Final = "beacon"
ORIGINS_MAX: Final = 50
_HOST: Final = re.compile(r"[a-z0-9\u0080-\uffff]([a-z0-9\u0080-\uffff.-]*[a-z0-9\u0080-\uffff])?(:\d{1,5})?")


class SiteConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`origins`: the pages that may send (`https://shop.example.com`). The limits are per minute."""

    origins: list[str]
    per_minute: int = 6_000
    per_address: int = 240


class Site:
    """The connector of web sites. It is called by browsers through a door of its own and by nobody through `/hooks/`."""

    name = NAME
    label = Label("网站埋点", "Web site")
    kept_query: tuple[str, ...] = ()

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in their stored form. Raises InvalidInput."""
        try:
            read = msgspec.convert(dict(config), SiteConfig)
        except msgspec.ValidationError as error:
            raise _bad("config", str(error), str(error)) from error
        origins = list(dict.fromkeys(_origin(one, index) for index, one in enumerate(read.origins)))
        if not 1 <= len(origins) <= ORIGINS_MAX:
            raise _bad(
                "config.origins", f"请填写 1 至 {ORIGINS_MAX} 个网站地址", f"between 1 and {ORIGINS_MAX} origins"
            )
        for name in ("per_minute", "per_address"):
            if not 1 <= getattr(read, name) <= 100_000:
                raise _bad(f"config.{name}", "应在 1 到 100000 之间", "between 1 and 100,000")
        return msgspec.to_builtins(
            SiteConfig(origins=origins, per_minute=read.per_minute, per_address=read.per_address)
        )

    def verify(self, account: Account, delivery: Delivery) -> None:
        """Nobody posts for a site from a server."""
        del account, delivery
        raise not_verified()

    def delivery_id(self, account: Account, delivery: Delivery) -> str:
        """Never asked."""
        del account
        return body_digest(delivery.body)

    def answer(self, account: Account, delivery: Delivery) -> Reply:
        """Never asked."""
        del account, delivery
        return Reply()

    def read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        """Never asked: `visits` opens what browsers send."""
        del account, raw
        return ()


def config_of(account: Account) -> SiteConfig:
    """The settings of a site's account."""
    return msgspec.convert(dict(account.config), SiteConfig)


def _origin(text: str, index: int) -> str:
    where = f"config.origins[{index}]"
    try:
        parts = urlsplit(text.strip().rstrip("/").lower())
        _ = parts.port
    except ValueError as error:
        raise _bad(where, "不是网站地址", "not the address of a web site") from error
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.netloc) or parts.path or parts.query:
        raise _bad(
            where,
            "应为 https://shop.example.com 的形式，不带路径",
            "of the form https://shop.example.com, without a path",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _bad(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        "bad_source_config",
        "数据源设置有误。",
        "The source's settings are not right.",
        details=(Detail(where, zh, en),),
    )


register_connector(Site())
