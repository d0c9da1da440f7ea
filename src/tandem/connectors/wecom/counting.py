"""What WeCom counts itself: groups by owner and day (D 92133), how members worked by day (`get_user_behavior_data`).

Both tell whole days of the last 180, yesterday the latest; a call spans 30 of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from tandem.connectors.kit.values import epoch, listed, member, whole, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.counting.ports import GroupCount, WorkCount

PAGE: Final = 1000


class CountPart(Asks):
    """Implements `contact.counting.ports.CountCalls`."""

    def group_counts(self, owners: Sequence[str], day: datetime) -> Sequence[GroupCount]:
        """Owners without a group that day are not told."""
        found: list[GroupCount] = []
        offset = 0
        while True:
            asked: dict[str, Any] = {
                "day_begin_time": int(day.timestamp()),
                "owner_filter": {"userid_list": list(owners)},
                "offset": offset,
                "limit": PAGE,
            }
            page = self._ask("externalcontact/groupchat/statistic", asked)
            rows = listed(page, "items")
            found += [_counted(one) for one in rows]
            offset = whole(page, "next_offset", 0)
            if not rows or offset >= whole(page, "total", 0):
                return found

    def work_counts(self, member: str, since: datetime, until: datetime) -> Sequence[WorkCount]:
        """One member a call: WeCom adds up whoever is asked for together."""
        asked = {"userid": [member], "start_time": int(since.timestamp()), "end_time": int(until.timestamp())}
        rows = listed(self._ask("externalcontact/get_user_behavior_data", asked), "behavior_data")
        return [
            WorkCount(
                at, whole(one, "new_apply_cnt", 0), whole(one, "new_contact_cnt", 0), whole(one, "chat_cnt", 0), whole(one, "message_cnt", 0),
                None if one.get("reply_percentage") is None else float(one["reply_percentage"]),
                None if one.get("avg_reply_time") is None else whole(one, "avg_reply_time", 0), whole(one, "negative_feedback_cnt", 0),
            )
            for one in rows
            if (at := epoch(one, "stat_time")) is not None
        ]  # fmt: skip


def _counted(one: dict[str, Any]) -> GroupCount:
    data = member(one, "data")
    named = (
        "new_chat_cnt",
        "chat_total",
        "chat_has_msg",
        "new_member_cnt",
        "member_total",
        "member_has_msg",
        "msg_total",
    )
    return GroupCount(word(one, "owner"), *(whole(data, name, 0) for name in named))
