"""Handing a member's customers and groups to another, as WeCom takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tandem.connectors.kit.values import epoch, listed, member, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.reaching import Begun, GroupOwned, Outcome

_RESULTS: Final[Mapping[int, Outcome]] = {1: "done", 2: "waiting", 3: "refused", 4: "full", 5: "none"}
#: Every other code is a plain no; for too many hand-overs no public source gives one, 40130 is the simulator's.
_BEGUN: Final[Mapping[str, Begun]] = {
    "0": "asked",
    "40099": "full",
    "40130": "capped",
    "40096": "none",
    "84061": "none",
}
MESSAGE_MAX: Final = 200


def _part(name: str, *, resigned: bool) -> str:
    return f"externalcontact/resigned/{name}" if resigned else f"externalcontact/{name}"


class HandOverPart(Asks):
    """Implements `contact.reaching.HandOverCalls`."""

    def unassigned(self) -> Iterator[tuple[str, str]]:
        """Who left, and whom of hers nobody has taken over."""
        cursor = ""
        while True:
            more: dict[str, Any] = {"cursor": cursor} if cursor else {}
            page = self._ask("externalcontact/get_unassigned_list", {"page_size": 1000, **more})
            for one in listed(page, "info"):
                yield word(one, "handover_userid"), word(one, "external_userid")
            cursor = word(page, "next_cursor")
            if page.get("is_last") or not cursor:
                return

    def transfer(
        self, giver: str, taker: str, externals: Sequence[str], *, resigned: bool, message: str
    ) -> Mapping[str, tuple[Begun, str]]:
        """Begin hand-overs; only a serving member's come with a message."""
        asked: dict[str, Any] = {
            "handover_userid": giver,
            "takeover_userid": taker,
            "external_userid": list(externals),
        }
        if message and not resigned:
            asked["transfer_success_msg"] = message[:MESSAGE_MAX]
        found = self._ask(_part("transfer_customer", resigned=resigned), asked)
        codes = {word(one, "external_userid"): str(one.get("errcode") or 0) for one in listed(found, "customer")}
        return {external: (_BEGUN.get(code, "failed"), code) for external, code in codes.items()}

    def transfer_results(
        self, giver: str, taker: str, *, resigned: bool
    ) -> Mapping[str, tuple[Outcome, datetime | None]]:
        """What became of them."""
        found: dict[str, tuple[Outcome, datetime | None]] = {}
        cursor = ""
        while True:
            asked = {"handover_userid": giver, "takeover_userid": taker, "cursor": cursor}
            page = self._ask(_part("transfer_result", resigned=resigned), asked)
            for one in listed(page, "customer"):
                outcome = _RESULTS.get(int(one.get("status") or 0), "waiting")
                found[word(one, "external_userid")] = (outcome, epoch(one, "takeover_time"))
            cursor = word(page, "next_cursor")
            if not cursor:
                return found

    def owned_groups(self, owner: str) -> list[GroupOwned]:
        """A member's groups, with their names."""
        found: list[str] = []
        cursor = ""
        while True:
            asked: dict[str, Any] = {"status_filter": 0, "owner_filter": {"userid_list": [owner]}, "limit": 1000}
            page = self._ask("externalcontact/groupchat/list", asked | ({"cursor": cursor} if cursor else {}))
            found += [word(one, "chat_id") for one in listed(page, "group_chat_list")]
            cursor = word(page, "next_cursor")
            if not cursor:
                return [GroupOwned(one, self._group_name(one)) for one in found]

    def _group_name(self, chat_id: str) -> str:
        found = self._ask("externalcontact/groupchat/get", {"chat_id": chat_id, "need_name": 0})
        return word(member(found, "group_chat"), "name")

    def transfer_groups(self, taker: str, chats: Sequence[str], *, resigned: bool) -> Mapping[str, tuple[str, str]]:
        """Make somebody their owner."""
        name = "externalcontact/groupchat/transfer" if resigned else "externalcontact/groupchat/onjob_transfer"
        found = self._ask(name, {"chat_id_list": list(chats), "new_owner": taker})
        failed = listed(found, "failed_chat_list")
        return {word(one, "chat_id"): (str(one.get("errcode") or ""), word(one, "errmsg")) for one in failed}
