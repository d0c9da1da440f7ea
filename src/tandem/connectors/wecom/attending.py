"""Talks at service desks (微信客服), as WeCom takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tandem.connectors.kit.values import listed, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.attending.ports import Choice, DeskThere

POOL: Final = 2
PERSON: Final = 3


LABEL_BYTES_MAX: Final = 128


def cut(label: str) -> str:
    """A menu's line as WeCom takes it: 128 bytes, whole characters. Pure."""
    kept = label.encode()
    return label if len(kept) <= LABEL_BYTES_MAX else kept[: LABEL_BYTES_MAX - 3].decode(errors="ignore") + "…"


class DeskPart(Asks):
    """Implements `contact.attending.ports.DeskCalls`."""

    def desks(self) -> list[DeskThere]:
        """Those that the application may serve."""
        found = self._ask("kf/account/list", {}, "GET")
        return [DeskThere(word(one, "open_kfid"), word(one, "name")) for one in listed(found, "account_list")]

    def say(self, desk: str, external: str, number: str, text: str, choices: Sequence[Choice] = ()) -> None:
        """Five times at most, within 48 hours of what she wrote last; refused while a person serves her.

        With choices as `msgmenu`, whose fields and limits were read in public client libraries, not at a page of WeCom's own.
        """
        said: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        if choices:
            lines = [{"type": "click", "click": {"id": one.id, "content": cut(one.label)}} for one in choices]
            said = {"msgtype": "msgmenu", "msgmenu": {"head_content": text, "list": lines}}
        self._ask("kf/send_msg", {"touser": external, "open_kfid": desk, "msgid": number, **said})

    def hand_on(self, desk: str, external: str, servicer: str) -> None:
        """To a servicer, or into the waiting room."""
        who = {"service_state": PERSON, "servicer_userid": servicer} if servicer else {"service_state": POOL}
        self._ask("kf/service_state/trans", {"open_kfid": desk, "external_userid": external, **who})
