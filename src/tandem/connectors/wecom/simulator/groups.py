"""Operations on customer groups and their welcome templates."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import Group
from tandem.connectors.wecom.simulator.sending import check_files

_STAFF, _CUSTOMER = 1, 2
_PAGE_MAX = 1000
_DAY = timedelta(days=1)
_OWNERS_MAX = 100


@operation("externalcontact/groupchat/list")
def _list(called: Called) -> Answer:
    owners = set(called.nested("owner_filter").get("userid_list") or [])
    status = int(called.given.get("status_filter") or 0)
    found = [
        {"chat_id": one.id, "status": one.status}
        for one in called.corp.groups.values()
        if not one.dismissed and (not owners or one.owner in owners) and status in {0, one.status}
    ]
    page, following = called.page(found, default=_PAGE_MAX, most=_PAGE_MAX)
    return {"group_chat_list": page, **({"next_cursor": following} if following else {})}


def _joined(called: Called, userid: str, row: tuple[int, Any, int, str]) -> dict[str, Any]:
    kind, at, scene, state = row
    shown: dict[str, Any] = {
        "userid": userid,
        "type": kind,
        "join_time": int(at.timestamp()),
        "join_scene": scene,
        "group_nickname": "",
    }
    if kind == _CUSTOMER:
        contact = called.corp.contacts[userid]
        shown |= {"name": contact.name, "unionid": contact.unionid} | ({"state": state} if state else {})
    else:
        shown |= {"name": called.corp.members[userid].name, "invitor": {"userid": userid}}
    return shown


@operation("externalcontact/groupchat/get")
def _get(called: Called) -> Answer:
    group = called.group(called.text("chat_id"))
    lagging = bool(group.stale)
    members, name = group.stale.pop() if lagging else (group.members, group.name)
    shown = {
        "chat_id": group.id,
        "name": name,
        "owner": group.owner,
        "create_time": int(group.created_at.timestamp()),
        "notice": group.notice,
        "member_list": [_joined(called, userid, row) for userid, row in members.items()],
        "admin_list": [],
        "member_version": str(int(group.version) - lagging),
    }
    return {"group_chat": shown}


def _counted(groups: list[Group], since: Any, until: Any) -> dict[str, int]:
    groups = [one for one in groups if one.created_at < until]
    members = [row for group in groups for row in group.members.values() if row[1] < until]
    # Talk in groups is no part of the story; how much there was follows from the day, on work days more.
    lively = [len(one.members) * (1 + (since.toordinal() * 7 + len(one.name)) % 5) for one in groups]
    fresh = [row for row in members if since <= row[1] < until]
    return {
        "new_chat_cnt": sum(since <= one.created_at < until for one in groups),
        "chat_total": len(groups),
        "chat_has_msg": sum(n > 0 for n in lively),
        "new_member_cnt": len(fresh),
        "member_total": len(members),
        "member_has_msg": sum(min(len(one.members), n // 3) for one, n in zip(groups, lively, strict=True)),
        "msg_total": sum(lively),
    }


def _days(called: Called) -> tuple[Any, Any]:
    """From the begin of the first day to the end of the last: yesterday and 180 days back, 30 at a time (D 92133)."""
    begin = int(called.given.get("day_begin_time") or 0)
    if begin <= 0:
        raise Refusal(40058, "day_begin_time is required")
    end = int(called.given.get("day_end_time") or begin)
    since, until = (called.now.fromtimestamp(one, tz=called.now.tzinfo) for one in (begin, end))
    if not since <= until <= since + 30 * _DAY or until + _DAY > called.now or since < called.now - 181 * _DAY:
        raise Refusal(40058, "days are yesterday to 180 days ago, 30 at most")
    return since, until + _DAY


@operation("externalcontact/groupchat/statistic")
def _statistic(called: Called) -> Answer:
    since, until = _days(called)
    wanted = list(called.nested("owner_filter").get("userid_list") or [])
    if len(wanted) > _OWNERS_MAX:
        raise Refusal(40058, "owner_filter has 100 owners at most")
    owners = set(wanted or called.corp.members)
    by_owner = Counter(one.owner for one in called.corp.groups.values() if not one.dismissed)
    limit, offset = called.whole("limit", default=500, most=_PAGE_MAX), int(called.given.get("offset") or 0)
    rows = [
        {
            "owner": owner,
            "data": _counted(
                [one for one in called.corp.groups.values() if one.owner == owner],
                since,
                until,
            ),
        }
        for owner in sorted(owners & by_owner.keys())
    ]
    return {"total": len(rows), "next_offset": min(len(rows), offset + limit), "items": rows[offset : offset + limit]}


@operation("externalcontact/groupchat/statistic_group_by_day")
def _by_day(called: Called) -> Answer:
    since, until = _days(called)
    groups = [one for one in called.corp.groups.values() if not one.dismissed]
    days = [since + n * _DAY for n in range((until - since).days)]
    return {"items": [{"stat_time": int(day.timestamp()), "data": _counted(groups, day, day + _DAY)} for day in days]}


_TEMPLATE = ("text", "image", "link", "miniprogram", "file", "video", "agentid", "notify")


@operation("externalcontact/group_welcome_template/add")
def _add_template(called: Called) -> Answer:
    kept = called.corp.store("group_welcome")
    if len(kept) >= called.corp.limits["welcome_templates"]:
        raise Refusal(41055, "group welcome template count exceeds limit")
    made = {name: called.given[name] for name in _TEMPLATE if name in called.given}
    if sum(name in made for name in _TEMPLATE[1:6]) > 1:
        raise Refusal(40058, "one attachment at most")
    if not made.keys() & set(_TEMPLATE[:6]):
        raise Refusal(40058, "a template needs text or an attachment")
    check_files(called, [{"msgtype": name, name: made[name]} for name in _TEMPLATE[1:6] if made.get(name)])
    template_id = called.corp.next_id("msg")
    kept[template_id] = made
    return {"template_id": template_id}


@operation("externalcontact/group_welcome_template/get")
def _get_template(called: Called) -> Answer:
    return called.kept("group_welcome", "template_id", 40058)


@operation("externalcontact/group_welcome_template/edit")
def _edit_template(called: Called) -> Answer:
    called.kept("group_welcome", "template_id", 40058).update(
        {name: called.given[name] for name in _TEMPLATE if name in called.given}
    )
    return {}


@operation("externalcontact/group_welcome_template/del")
def _delete_template(called: Called) -> Answer:
    called.kept("group_welcome", "template_id", 40058)
    del called.corp.store("group_welcome")[called.given["template_id"]]
    return {}
