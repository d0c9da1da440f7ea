"""Talks at service desks (微信客服), as WeCom takes them."""

from __future__ import annotations

from typing import Final

from tandem.connectors.kit.values import listed, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.attending.ports import DeskThere

POOL: Final = 2
PERSON: Final = 3


class DeskPart(Asks):
    """Implements `contact.attending.ports.DeskCalls`."""

    def desks(self) -> list[DeskThere]:
        """Those that the application may serve."""
        found = self._ask("kf/account/list", {}, "GET")
        return [DeskThere(word(one, "open_kfid"), word(one, "name")) for one in listed(found, "account_list")]

    def say(self, desk: str, external: str, number: str, text: str) -> None:
        """Five times at most, within 48 hours of what she wrote last; refused while a person serves her."""
        self._ask(
            "kf/send_msg",
            {"touser": external, "open_kfid": desk, "msgid": number, "msgtype": "text", "text": {"content": text}},
        )

    def hand_on(self, desk: str, external: str, servicer: str) -> None:
        """To a servicer, or into the waiting room."""
        who = {"service_state": PERSON, "servicer_userid": servicer} if servicer else {"service_state": POOL}
        self._ask("kf/service_state/trans", {"open_kfid": desk, "external_userid": external, **who})
