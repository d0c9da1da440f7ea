"""Operations on the ways by which customers come: contact codes, group codes, acquisition links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import Contact, Corp

_SINGLE, _MULTI = 1, 2
_MINI_PROGRAM, _QR = 1, 2
_USERS_MAX = 100
_DEPARTMENTS_MAX = 100
_CHATS_MAX = 5
_LINK_USERS_MAX = 500
_BOUGHT = 1000
_LOW = 19
"""With fewer than 20 left WeCom tells of it."""
_BY_LINK = 16
_WAY = ("type", "scene", "style", "remark", "skip_verify", "state", "user", "party", "is_temp", "expires_in", "chat_expires_in", "unionid", "conclusions", "is_exclusive", "mark_source")  # fmt: skip


def _checked_way(called: Called, way: dict[str, Any]) -> dict[str, Any]:
    """The way as it may be kept. Raises Refusal."""
    if way.get("type") not in {_SINGLE, _MULTI}:
        raise Refusal(41038, "contact way type is invalid")
    if way.get("scene") not in {_MINI_PROGRAM, _QR}:
        raise Refusal(41039, "contact way scene is invalid")
    users, parties = list(way.get("user") or []), list(way.get("party") or [])
    if way["type"] == _SINGLE and (len(users) != 1 or parties):
        raise Refusal(41041, "type 1 needs exactly one user")
    if not users + parties:
        raise Refusal(41037, "contact way needs users or departments")
    if len(users) > _USERS_MAX or len(parties) > _DEPARTMENTS_MAX:
        raise Refusal(41041, "too many users")
    for one in users:
        if called.member(one).status != 1:
            raise Refusal(41054, f"user is not activated: {one}")
    if set(parties) - called.corp.departments.keys():
        raise Refusal(60123, "invalid party id")
    if way.get("is_temp") and way["type"] != _SINGLE:
        raise Refusal(41042, "a temporary way is of type 1")
    if len(str(way.get("state") or "")) > 30 or len(str(way.get("remark") or "")) > 30:
        raise Refusal(41043, "state and remark have at most 30 characters")
    return way


@operation("externalcontact/add_contact_way")
def _add(called: Called) -> Answer:
    ways = called.corp.store("contact_way")
    if len(ways) + len(called.corp.store("join_way")) >= called.corp.limits["contact_ways"]:
        raise Refusal(41045, "contact way count exceeds limit")
    way = _checked_way(called, {name: called.given[name] for name in _WAY if name in called.given})
    config_id = called.corp.next_id("cf")
    shown = {"qr_code": f"https://wework.qpic.cn/{config_id}/0"} if way["scene"] == _QR else {}
    ways[config_id] = {"skip_verify": True, **way, "config_id": config_id, **shown, "created_at": called.stamp}
    return {"config_id": config_id, **shown}


@operation("externalcontact/get_contact_way")
def _get(called: Called) -> Answer:
    way = called.kept("contact_way", "config_id", 41044)
    return {"contact_way": {name: value for name, value in way.items() if name not in {"scans", "created_at"}}}


@operation("externalcontact/list_contact_way")
def _list(called: Called) -> Answer:
    since, until = int(called.given.get("start_time") or 0), int(called.given.get("end_time") or called.stamp)
    ways = called.corp.store("contact_way").values()
    found = [one["config_id"] for one in ways if since <= one["created_at"] <= until and not one.get("is_temp")]
    page, following = called.page(found, default=100, most=1000)
    return {"contact_way": [{"config_id": one} for one in page], "next_cursor": following}


@operation("externalcontact/update_contact_way")
def _update(called: Called) -> Answer:
    way = called.kept("contact_way", "config_id", 41044)
    fixed = {"type", "scene", "is_temp", "unionid"}
    changed = {name: called.given[name] for name in _WAY if name in called.given and name not in fixed}
    way |= _checked_way(called, {name: way[name] for name in _WAY if name in way} | changed)
    return {}


@operation("externalcontact/del_contact_way")
def _delete(called: Called) -> Answer:
    called.kept("contact_way", "config_id", 41044)
    del called.corp.store("contact_way")[called.given["config_id"]]
    return {}


@operation("externalcontact/close_temp_chat")
def _close(called: Called) -> Answer:
    called.follow(called.text("userid"), called.text("external_userid"))
    return {}


_JOIN = ("scene", "remark", "auto_create_room", "room_base_name", "room_base_id", "chat_id_list", "state")


def _checked_join(called: Called, way: dict[str, Any]) -> dict[str, Any]:
    if way.get("scene") not in {_MINI_PROGRAM, _QR}:
        raise Refusal(41039, "join way scene is invalid")
    chats = list(way.get("chat_id_list") or [])
    if not 0 < len(chats) <= _CHATS_MAX:
        raise Refusal(40058, "chat_id_list has 1 to 5 groups")
    for one in chats:
        called.group(one)
    if len(str(way.get("state") or "")) > 30 or len(str(way.get("room_base_name") or "")) > 40:
        raise Refusal(40058, "state has at most 30 characters, room_base_name 40")
    return way


@operation("externalcontact/groupchat/add_join_way")
def _add_join(called: Called) -> Answer:
    way = _checked_join(called, {name: called.given[name] for name in _JOIN if name in called.given})
    config_id = called.corp.next_id("jw")
    called.corp.store("join_way")[config_id] = {
        "auto_create_room": 1, **way, "config_id": config_id, "qr_code": f"https://wework.qpic.cn/{config_id}/0",
    }  # fmt: skip
    return {"config_id": config_id}


@operation("externalcontact/groupchat/get_join_way")
def _get_join(called: Called) -> Answer:
    return {"join_way": called.kept("join_way", "config_id", 41044)}


@operation("externalcontact/groupchat/update_join_way")
def _update_join(called: Called) -> Answer:
    way = called.kept("join_way", "config_id", 41044)
    way |= _checked_join(called, {name: way[name] for name in _JOIN if name in way} | {name: called.given[name] for name in _JOIN if name in called.given})  # fmt: skip
    return {}


@operation("externalcontact/groupchat/del_join_way")
def _delete_join(called: Called) -> Answer:
    called.kept("join_way", "config_id", 41044)
    del called.corp.store("join_way")[called.given["config_id"]]
    return {}


@operation("externalcontact/customer_acquisition/create_link")
def _create_link(called: Called) -> Answer:
    name = called.text("link_name", most=30)
    scope = called.nested("range")
    users: list[str] = scope.get("user_list") or []
    if not users + list(scope.get("department_list") or []) or len(users) > _LINK_USERS_MAX:
        raise Refusal(40058, "range has 1 to 500 users")
    for one in users:
        called.member(one)
    link_id = called.corp.next_id("cawc")
    link = {
        "link_id": link_id,
        "link_name": name,
        "url": f"https://work.weixin.qq.com/ca/{link_id}",
        "create_time": called.stamp,
    }
    called.corp.store("link")[link_id] = link | {"range": scope, "skip_verify": bool(called.given.get("skip_verify"))}
    return {"link": link}


@operation("externalcontact/customer_acquisition/get")
def _get_link(called: Called) -> Answer:
    link = called.kept("link", "link_id", 40058)
    shown = {name: link[name] for name in ("link_id", "link_name", "url", "create_time", "skip_verify")}
    return {"link": shown, "range": link["range"], "skip_verify": link["skip_verify"]}


@operation("externalcontact/customer_acquisition/list_link")
def _list_links(called: Called) -> Answer:
    page, following = called.page(list(called.corp.store("link")), default=100, most=100)
    return {"link_id_list": page, "next_cursor": following}


@operation("externalcontact/customer_acquisition/update_link")
def _update_link(called: Called) -> Answer:
    link = called.kept("link", "link_id", 40058)
    link |= {name: called.given[name] for name in ("link_name", "range", "skip_verify") if name in called.given}
    return {}


@operation("externalcontact/customer_acquisition/delete_link")
def _delete_link(called: Called) -> Answer:
    called.kept("link", "link_id", 40058)
    del called.corp.store("link")[called.given["link_id"]]
    return {}


@operation("externalcontact/customer_acquisition/customer")
def _link_customers(called: Called) -> Answer:
    link = called.kept("link", "link_id", 40058)
    shown = ("external_userid", "userid", "chat_status", "state")
    rows = [{name: one[name] for name in shown} for one in link.get("customers", [])]
    page, following = called.page(rows, default=100, most=1000)
    return {"customer_list": page, "next_cursor": following}


@operation("externalcontact/customer_acquisition/statistic")
def _link_statistic(called: Called) -> Answer:
    link = called.kept("link", "link_id", 40058)
    since, until = int(called.given.get("start_time") or 0), int(called.given.get("end_time") or 0)
    if not 0 < since < until:
        raise Refusal(40058, "start_time is before end_time")
    return {
        "click_link_customer_cnt": sum(since <= at < until for at in link.get("clicks", [])),
        "new_customer_cnt": sum(since <= one["at"] < until for one in link.get("customers", [])),
    }


def _bought(corp: Corp) -> dict[str, Any]:
    """What the corporation bought of friends by links, and what is left."""
    return corp.store("link_quota").setdefault("all", {"total": _BOUGHT, "balance": _BOUGHT})


@operation("externalcontact/customer_acquisition_quota", "GET")
def _quota(called: Called) -> Answer:
    bought = _bought(called.corp)
    parts = [{"expire_date": called.stamp + 180 * 86_400, "balance": bought["balance"]}] if bought["balance"] else []
    return {**bought, "quota_list": parts}


def buy(corp: Corp, n: int, now: datetime) -> int:
    """The corporation buys more (or, in a test, has as many less); returns what is left."""
    bought = _bought(corp)
    bought["total"] += max(n, 0)
    bought["balance"] = max(0, bought["balance"] + n)
    if n > 0:
        corp.tell("customer_acquisition", "balance_increased", now)
    return int(bought["balance"])


def open_link(corp: Corp, link_id: str, contact: Contact, now: datetime, *, state: str, adds: bool) -> str | None:
    """A person opens a link, and becomes a friend of one of its members in turn where the balance lets her. Raises KeyError."""
    link, bought = corp.store("link")[link_id], _bought(corp)
    link.setdefault("clicks", []).append(int(now.timestamp()))
    if not adds or bought["balance"] <= 0:
        return None
    users: list[str] = link["range"].get("user_list") or []
    known: list[dict[str, Any]] = link.setdefault("customers", [])
    userid = users[len(known) % len(users)]
    code = corp.add_friend(contact, userid, now, way=_BY_LINK, state=state)
    if code is None:
        return None
    known.append(
        {"external_userid": contact.id, "userid": userid, "chat_status": 0, "state": state, "at": int(now.timestamp())}
    )
    bought["balance"] -= 1
    if bought["balance"] in {_LOW, 0}:
        corp.tell("customer_acquisition", "balance_exhausted" if not bought["balance"] else "balance_low", now)
    return code


def remove_link(corp: Corp, link_id: str, now: datetime) -> None:
    """Somebody takes a link away in the console, which is told. Raises KeyError."""
    del corp.store("link")[link_id]
    corp.tell("customer_acquisition", "delete_link", now, LinkId=link_id)
