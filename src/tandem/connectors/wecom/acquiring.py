"""WeCom's acquisition links (获客助手): made, found again, counted, and what balance is left (the D 97297 family of pages).

WeCom gives a link no state of ours. What is appended to its address as `customer_channel` comes back as the event's and the friendship's
state; and the state stands in the link's name, by which one whose making was never answered is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from tandem.connectors.kit.values import epoch, member, texts, whole, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.acquiring.ports import Balance, Clicks
from tandem.domains.contact.places import CodeSpec, Placed

NAME_MAX: Final = 30
PAGES_MAX: Final = 100


def _name(spec: CodeSpec) -> str:
    return f"{spec.remark[: NAME_MAX - 1 - len(spec.state)]} {spec.state}"


def _address(url: str, state: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}customer_channel={state}"


class LinkPart(Asks):
    """Implements `contact.acquiring.ports.LinkCalls`; `_at` comes from the line."""

    def _at(self, moment: datetime) -> datetime:
        raise NotImplementedError

    def put_link(self, link_id: str | None, spec: CodeSpec) -> Placed:
        """Make a link, or change who gets its friends. Its address never changes."""
        body: dict[str, Any] = {
            "link_name": _name(spec),
            "range": {"user_list": list(spec.members)},
            "skip_verify": spec.skip_verify,
        }
        if link_id is not None:
            self._ask("externalcontact/customer_acquisition/update_link", {"link_id": link_id, **body})
            return Placed(link_id, "")
        made = member(self._ask("externalcontact/customer_acquisition/create_link", body), "link")
        return Placed(word(made, "link_id"), _address(word(made, "url"), spec.state))

    def find_link(self, state: str) -> Placed | None:
        """Look through all links by name."""
        for link_id in self._links():
            told = member(self._ask("externalcontact/customer_acquisition/get", {"link_id": link_id}), "link")
            if word(told, "link_name").endswith(f" {state}"):
                return Placed(link_id, _address(word(told, "url"), state))
        return None

    def _links(self) -> Iterator[str]:
        cursor = ""
        for _ in range(PAGES_MAX):
            asked = {"limit": 100, **({"cursor": cursor} if cursor else {})}
            page = self._ask("externalcontact/customer_acquisition/list_link", asked)
            yield from texts(page, "link_id_list")
            cursor = word(page, "next_cursor")
            if not cursor:
                return

    def drop_link(self, link_id: str) -> None:
        """Take a link away; its address leads nowhere afterwards."""
        self._ask("externalcontact/customer_acquisition/delete_link", {"link_id": link_id})

    def balance(self) -> Balance:
        """How many friends the company's links may still bring, and when what is left of it ends."""
        told = self._ask("externalcontact/customer_acquisition_quota", {}, "GET")
        parts: list[dict[str, Any]] = told.get("quota_list") or []
        ends = [(at, whole(one, "balance", 0)) for one in parts if (at := epoch(one, "expire_date")) is not None]
        return Balance(whole(told, "total", 0), whole(told, "balance", 0), [(self._at(at), n) for at, n in ends])

    def clicks(self, link_id: str, since: datetime, until: datetime) -> Clicks:
        """People who opened a link in some time, and who became friends by it."""
        asked = {
            "link_id": link_id,
            "start_time": int(since.astimezone(UTC).timestamp()),
            "end_time": int(until.astimezone(UTC).timestamp()),
        }
        told = self._ask("externalcontact/customer_acquisition/statistic", asked)
        return Clicks(whole(told, "click_link_customer_cnt", 0), whole(told, "new_customer_cnt", 0))
