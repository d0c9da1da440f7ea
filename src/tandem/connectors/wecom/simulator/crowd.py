"""What people do in customer groups and with posts: they join, leave, publish, like. WeCom tells of what happens in groups only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from tandem.connectors.simulator.base import is_time
from tandem.connectors.wecom.simulator.corp import Contact, Corp, Group

BY_CODE, INVITED = 3, 1
"""Join scenes: by a code of the group, and by a member who asked her in."""
LEFT, PUT_OUT = 0, 1
"""Quit scenes."""
STORY_AFTER: Final = timedelta(seconds=100)
_NEWCOMERS: Final = ("阿宁", "果果妈妈", "小满", "乐乐爸爸", "Mia", "糖豆妈")


def found(corp: Corp, owner: str, name: str, now: datetime) -> Group:
    """A member opens a group."""
    made = Group(corp.next_id("wr"), name, owner, now)
    made.members[owner] = (1, now, INVITED, "")
    corp.groups[made.id] = made
    corp.tell("change_external_chat", "create", now, ChatId=made.id)
    return made


def join(corp: Corp, group: Group, contact: Contact, now: datetime, *, state: str = "", scene: int = BY_CODE) -> bool:
    """A customer joins; False where there is no room, or she is there already."""
    if contact.id in group.members or len(group.members) >= corp.limits["group_members"]:
        return False
    _changing(corp, group)
    group.members[contact.id] = (2, now, scene, state)
    corp.tell(
        "change_external_chat", "update", now,
        ChatId=group.id, UpdateDetail="add_member", JoinScene=scene, MemChangeCnt=1, MemChangeList=[contact.id], **_versions(group),
    )  # fmt: skip
    return True


def join_by_code(corp: Corp, config_id: str, contact: Contact, now: datetime) -> str | None:
    """A customer scans a group's code: the first of its groups with room, else a new one where the code makes them. Raises KeyError."""
    way = corp.store("join_way")[config_id]
    state = str(way.get("state") or "")
    groups = [corp.groups[one] for one in way["chat_id_list"] if one in corp.groups and not corp.groups[one].dismissed]
    for group in groups:
        if join(corp, group, contact, now, state=state):
            return group.id
    if not way.get("auto_create_room") or not groups:
        return None
    number = int(way.get("room_base_id") or 1)
    way["room_base_id"] = number + 1
    made = found(corp, groups[0].owner, f"{way.get('room_base_name') or groups[0].name}{number}", now)
    way["chat_id_list"] = [*way["chat_id_list"], made.id][-5:]
    join(corp, made, contact, now, state=state)
    return made.id


def leave(corp: Corp, group: Group, contact: Contact, now: datetime, *, scene: int = LEFT) -> bool:
    """A customer leaves or is put out; False where she was not there."""
    if contact.id not in group.members:
        return False
    _changing(corp, group)
    del group.members[contact.id]
    corp.tell(
        "change_external_chat", "update", now,
        ChatId=group.id, UpdateDetail="del_member", QuitScene=scene, MemChangeCnt=1, MemChangeList=[contact.id], **_versions(group),
    )  # fmt: skip
    return True


def rename(corp: Corp, group: Group, name: str, now: datetime) -> None:
    """The owner gives the group another name."""
    _changing(corp, group)
    group.name = name
    corp.tell("change_external_chat", "update", now, ChatId=group.id, UpdateDetail="change_name")


def dismiss(corp: Corp, group: Group, now: datetime) -> None:
    """The owner ends the group."""
    group.dismissed = True
    corp.tell("change_external_chat", "dismiss", now, ChatId=group.id)


def _changing(corp: Corp, group: Group) -> None:
    """Events arrive at once, what `groupchat/get` says may come later: so many reads still see the group as it was (LWdoc:6016)."""
    lag = corp.limits.get("group_lag_reads", 0)
    group.stale = [(dict(group.members), group.name)] * lag
    group.version = str(int(group.version) + 1)


def _versions(group: Group) -> dict[str, str]:
    return {"LastMemVer": str(int(group.version) - 1), "CurMemVer": group.version}


def publish(corp: Corp, moment_id: str, userid: str, now: datetime) -> bool:
    """A member puts the corporation's post into her moments. Raises KeyError."""
    post = corp.store("moment")[moment_id]
    if post.get("cancelled") or userid not in post["users"]:
        return False
    if userid not in post["published"]:
        post["published"].append(userid)
    del now
    return True


def react(corp: Corp, moment_id: str, userid: str, contact: Contact, what: str, now: datetime) -> bool:
    """A customer likes a post or comments on it (`like`, `comment`). Raises KeyError."""
    post: dict[str, Any] = corp.store("moment")[moment_id]
    if userid not in post["published"]:
        return False
    post.setdefault(what, []).append(
        {"userid": userid, "external_userid": contact.id, "create_time": int(now.timestamp())}
    )
    return True


def story(corp: Corp, memory: dict[str, Any], now: datetime) -> None:
    """Once for a corporation, whichever process it lives in: people scan its codes, and a friend goes."""
    told = corp.store("story")
    if "newcomers" in told or not is_time(memory, "newcomers_at", STORY_AFTER, now):
        return
    told["newcomers"] = {"at": int(now.timestamp())}
    known = [one for one in corp.contacts.values() if one.follows]
    names = iter(_NEWCOMERS)
    for config in list(corp.store("contact_way"))[:3]:
        for name in (next(names), next(names)):
            corp.scan(config, corp.new_contact(name, gender=2), now)
    if known:
        friend = known[-1]
        corp.lose(friend, next(iter(friend.follows)), now)
