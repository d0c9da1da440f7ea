"""WeCom's corporation tags, who has them, and whom a member follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tandem.connectors.kit.values import epoch, listed, member, texts, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.reaching import Friend, GroupThere, TagThere

PAGE_SIZE = 100
NO_CUSTOMERS = {"84061"}
"""Normal for a member who has none."""


def _group(found: dict[str, Any]) -> GroupThere:
    tags = [TagThere(word(one, "id"), word(one, "name")) for one in listed(found, "tag") if not one.get("deleted")]
    return GroupThere(word(found, "group_id"), word(found, "group_name"), tags)


class TagPart(Asks):
    """Implements `contact.reaching.TagCalls`."""

    def tag_groups(self) -> list[GroupThere]:
        """Every group with its tags."""
        found = self._ask("externalcontact/get_corp_tag_list", {})
        return [_group(one) for one in listed(found, "tag_group")]

    def add_tags(self, group_id: str | None, group_name: str, names: Sequence[str]) -> GroupThere:
        """Add tags; WeCom makes a group that is not there, and knows same-named tags as one."""
        whose = {"group_name": group_name} if group_id is None else {"group_id": group_id}
        made = self._ask("externalcontact/add_corp_tag", {**whose, "tag": [{"name": one} for one in names]})
        return _group(member(made, "tag_group"))

    def drop_tag(self, tag_id: str) -> None:
        """Take a tag away; its group goes with its last one."""
        self._ask("externalcontact/del_corp_tag", {"tag_id": [tag_id]})

    def mark(self, member: str, external: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Give and take a customer's tags."""
        who = {"userid": member, "external_userid": external}
        self._ask("externalcontact/mark_tag", {**who, "add_tag": list(add), "remove_tag": list(remove)})

    def friends(self, member: str) -> list[Friend]:
        """Whom a member follows, page by page."""
        found: list[Friend] = []
        cursor = ""
        while True:
            asked = {"userid_list": [member], "cursor": cursor, "limit": PAGE_SIZE}
            try:
                page = self._ask("externalcontact/batch/get_by_user", asked)
            except GatewayFailure as failure:
                if failure.code in NO_CUSTOMERS:
                    return found
                raise
            found += [_friend(one) for one in listed(page, "external_contact_list")]
            cursor = word(page, "next_cursor")
            if not cursor:
                return found


def _friend(one: dict[str, Any]) -> Friend:
    follow = member(one, "follow_info")
    who = word(member(one, "external_contact"), "external_userid")
    return Friend(who, epoch(follow, "createtime"), frozenset(texts(follow, "tag_id")))
