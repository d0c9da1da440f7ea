"""The door for what providers report of messages and for what people answer.

They sign nothing, so the address holds a token that only the provider is told.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.domains.messaging.optout import is_opt_out
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
class Answered:
    """What somebody wrote back. `phone`: as identity takes it; `at` in UTC; `ref` names the answer, told again it is the same."""

    phone: str
    text: str
    at: datetime
    ref: str


def in_china(written: str) -> datetime:
    """`YYYY-MM-DD HH:MM:SS` in China, as UTC. Raises ValueError."""
    return datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ReportDoor:
    """A provider's calls. `read_one` makes a report of one element of the list; None for what names no message.

    `read_answer` makes of one what a person wrote back; None for what is no answer. Raises ValueError for a time that is none.
    """

    name: str
    label: Label
    channel: str
    reply: str
    read_one: Callable[[Mapping[str, Any]], Report | None]
    kept_query: tuple[str, ...] = ()
    read_answer: Callable[[Mapping[str, Any]], Answered | None] = field(default=lambda _: None)

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
        return [one for index, item in enumerate(items) for one in self._mapped(index, item)]

    def _mapped(self, index: int, item: Any) -> Iterable[Mapped | Refused]:
        if not isinstance(item, dict):
            return [Refused(f"[{index}]", "应是对象", "is to be an object")]
        told = cast("dict[str, Any]", item)
        try:
            answer, found = self.read_answer(told), self.read_one(told)
            if answer is not None:
                return self._answered(index, answer)
            return [self._reported(index, found)] if found is not None and found.ref else []
        except (ValueError, OverflowError, OSError):  # the last two: seconds beyond any calendar
            return [Refused(f"[{index}]", "时间应为 年-月-日 时:分:秒", "a time reads YYYY-MM-DD HH:MM:SS")]

    def _answered(self, index: int, said: Answered) -> list[Mapped]:
        """Kept as what she wrote; an answer that says so takes her consent back."""
        who = {"identifiers": [{"kind": "phone", "value": said.phone}], "at": said.at.isoformat()}
        name = f"answer:{said.ref}"[:190]
        kept = Mapped(index, "chat_message", name, said.at, {**who, "text": said.text[:2000], "through": self.channel})
        if not is_opt_out(said.text):
            return [kept]
        return [kept, Mapped(index, "message_opt_out", f"{name}:out", said.at, {**who, "channel": self.channel})]

    def _reported(self, index: int, found: Report) -> Mapped:
        at = in_china(found.at)
        state = "delivered" if found.delivered else "undelivered"
        payload = {
            "channel": self.channel,
            "ref": found.ref,
            "state": state,
            "at": at.isoformat(),
            "reason": found.reason[:500],
        }
        return Mapped(index, "message_report", f"report:{found.ref}:{state}"[:200], at, payload)
