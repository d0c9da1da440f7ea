"""The door for providers' delivery reports: they sign nothing, so the address holds a token that only the provider is told."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Account, Delivery, Raw, Reply, body_digest, not_verified
from tandem.stream.sources.mapping import Mapped

CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Report:
    """One message's fate as its provider tells it. `at`: as the provider wrote it, `YYYY-MM-DD HH:MM:SS` in China."""

    ref: str
    delivered: bool
    at: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportDoor:
    """A provider's calls. `read_one` makes a report of one element of the list; None for what names no message."""

    name: str
    label: Label
    channel: str
    reply: str
    read_one: Callable[[Mapping[str, Any]], Report | None]
    kept_query: tuple[str, ...] = ()

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """There is nothing to set. Raises InvalidInput."""
        if config:
            name = next(iter(config))
            problem = Detail(f"config.{name}", "没有这项设置", "there is no such setting")
            raise InvalidInput(
                "bad_source_config", "数据源设置有误。", "The source's settings are not right.", details=(problem,)
            )
        return {}

    def verify(self, account: Account, delivery: Delivery) -> None:
        """The token in the address, compared in constant time."""
        given = delivery.query.get("token", "")
        if not account.secret or not hmac.compare_digest(given.encode(), account.secret.encode()):
            raise not_verified()

    def delivery_id(self, account: Account, delivery: Delivery) -> str:
        """A digest: a call told again says the same."""
        del account
        return body_digest(delivery.body)

    def answer(self, account: Account, delivery: Delivery) -> Reply:
        """What the provider wants to read, or it calls again."""
        del account, delivery
        return Reply(self.reply, "application/json")

    def read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        """The reports of a call. Raises Refused when it is no list."""
        del account
        if not raw.is_json or not isinstance(raw.body, list):
            raise Refused("", "回执应是 JSON 数组", "reports come as a JSON array")
        items = cast("Sequence[Any]", raw.body)
        return [one for index, item in enumerate(items) if (one := self._mapped(index, item)) is not None]

    def _mapped(self, index: int, item: Any) -> Mapped | Refused | None:
        if not isinstance(item, dict):
            return Refused(f"[{index}]", "应是对象", "is to be an object")
        found = self.read_one(cast("dict[str, Any]", item))
        if found is None or not found.ref:
            return None
        try:
            at = datetime.strptime(found.at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC)
        except ValueError:
            return Refused(f"[{index}]", "回执时间应为 年-月-日 时:分:秒", "a report's time reads YYYY-MM-DD HH:MM:SS")
        state = "delivered" if found.delivered else "undelivered"
        payload = {
            "channel": self.channel,
            "ref": found.ref,
            "state": state,
            "at": at.isoformat(),
            "reason": found.reason[:500],
        }
        return Mapped(index, "message_report", f"report:{found.ref}:{state}"[:200], at, payload)
