"""WeCom's customer groups as the private domain reaches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.values import epoch, listed, member, texts, whole, word
from tandem.connectors.wecom.mapping import whose
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.groups.ports import GroupGreeting, GroupMember, GroupRead, JoinSpec, JoinWay
from tandem.stream.door.kinds import Refused

PAGE: Final = 500
CUSTOMER, QR = 2, 2
REMARK_MAX: Final = 30
#: How somebody came into a group (join_scene); what is not here is told by its number.
SCENES: Final[Mapping[int, str]] = {1: "invited", 2: "link", 3: "code"}


class GroupCalls:
    """The calls on groups of one corporation. Implements `contact.groups.ports.GroupLine`; `_ask` and the rest come from the line."""

    def _ask(self, name: str, params: Mapping[str, Any], method: str = "POST") -> Any:
        raise NotImplementedError

    @property
    def _seen(self) -> Seen:
        raise NotImplementedError

    def _at(self, moment: datetime) -> datetime:
        raise NotImplementedError

    def groups(self, cursor: str) -> tuple[Sequence[str], str]:
        """Ids of groups by page, with what the application sees of them."""
        page = self._ask("externalcontact/groupchat/list", {"limit": PAGE, **({"cursor": cursor} if cursor else {})})
        return [word(one, "chat_id") for one in listed(page, "group_chat_list")], word(page, "next_cursor")

    def group(self, chat_id: str) -> GroupRead:
        """A group with everybody in it."""
        told = member(self._ask("externalcontact/groupchat/get", {"chat_id": chat_id, "need_name": 1}), "group_chat")
        try:
            members = [self._member(one) for one in listed(told, "member_list")]
            opened = epoch(told, "create_time")
        except Refused as refused:
            raise GatewayFailure("refused", refused.en) from refused
        return GroupRead(
            chat_id, word(told, "name"), word(told, "owner"), word(told, "notice"), None if opened is None else self._at(opened),
            word(told, "member_version"), members,
        )  # fmt: skip

    def _member(self, one: dict[str, Any]) -> GroupMember:
        key, joined, scene = word(one, "userid"), epoch(one, "join_time"), whole(one, "join_scene", 0)
        if joined is None or not key:
            raise Refused("member_list", "群成员缺少编号或入群时间", "a member without an id or a time")
        theirs = whose(self._seen, key, word(one, "unionid")) if whole(one, "type", 0) == CUSTOMER else ()
        return GroupMember(
            key, self._at(joined), SCENES.get(scene, str(scene)), word(one, "state"), word(one, "name"), theirs
        )

    def put_join_way(self, config_id: str | None, spec: JoinSpec) -> str:
        """Make or change a group's code."""
        way = {
            "scene": QR,
            "remark": spec.remark[:REMARK_MAX],
            "auto_create_room": int(spec.opens_groups),
            "room_base_name": spec.base_name,
            "room_base_id": spec.base_id,
            "chat_id_list": list(spec.chat_ids),
            "state": spec.state,
        }
        if config_id is not None:
            self._ask("externalcontact/groupchat/update_join_way", {"config_id": config_id, **way})
            return config_id
        return word(self._ask("externalcontact/groupchat/add_join_way", way), "config_id")

    def join_way(self, config_id: str) -> JoinWay:
        """A group's code as WeCom holds it."""
        way = member(self._ask("externalcontact/groupchat/get_join_way", {"config_id": config_id}), "join_way")
        return JoinWay(config_id, word(way, "qr_code"), texts(way, "chat_id_list"))

    def drop_join_way(self, config_id: str) -> None:
        """Take a group's code away."""
        self._ask("externalcontact/groupchat/del_join_way", {"config_id": config_id})

    def put_greeting(self, template_id: str | None, greeting: GroupGreeting) -> str:
        """Make or change a template of words for newcomers."""
        body: dict[str, Any] = {"notify": int(greeting.notify)}
        if greeting.text:
            body["text"] = {"content": greeting.text}
        if greeting.attachment is not None:
            kind = str(greeting.attachment.get("msgtype") or "")
            body[kind] = greeting.attachment.get(kind)
        if template_id is not None:
            self._ask("externalcontact/group_welcome_template/edit", {"template_id": template_id, **body})
            return template_id
        return word(self._ask("externalcontact/group_welcome_template/add", body), "template_id")

    def drop_greeting(self, template_id: str) -> None:
        """Take a template away."""
        self._ask("externalcontact/group_welcome_template/del", {"template_id": template_id})
