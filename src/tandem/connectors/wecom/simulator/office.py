"""Operations of the office: tokens and tickets, members, departments, media, application messages, internal chats."""

from __future__ import annotations

import hashlib
from email.parser import BytesParser
from typing import Any

from tandem.connectors.simulator.base import token
from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import Member

_MEDIA_BYTES = {"image": 2 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
_MEDIA_LEAST = 5
_USERS_MAX = 1000


def get_token(called: Called) -> Answer:
    """A token of the application; asked for again it is a new one, and the old stays good."""
    settings, secrets = called.shop.settings, called.shop.secrets
    if called.query.get("corpid") != settings["corp_id"]:
        raise Refusal(40013, "invalid corpid")
    if called.query.get("corpsecret") != secrets["secret"]:
        raise Refusal(40001, "invalid credential")
    called.shop.calls.append("refresh")
    return {
        "access_token": token(called.shop, "access", called.shop.token_seconds),
        "expires_in": called.shop.token_seconds,
    }


def _ticket(called: Called, kind: str) -> Answer:
    # The same for two hours: whoever signs and whoever checks see one.
    text = f"{called.corp.seed}|{kind}|{called.stamp // 7200}"
    return {"ticket": hashlib.sha256(text.encode()).hexdigest(), "expires_in": 7200 - called.stamp % 7200}


@operation("get_jsapi_ticket", "GET")
def _jsapi_ticket(called: Called) -> Answer:
    return _ticket(called, "corp")


@operation("ticket/get", "GET")
def _agent_ticket(called: Called) -> Answer:
    if called.query.get("type") != "agent_config":
        raise Refusal(40058, "invalid type")
    return _ticket(called, "agent")


@operation("getcallbackip", "GET")
def _callback_ip(_called: Called) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


def _shown(member: Member) -> dict[str, Any]:
    return {
        "userid": member.userid,
        "name": member.name,
        "department": member.departments,
        "mobile": member.mobile,
        "status": member.status,
        "main_department": member.departments[0],
        "gender": "0",
        "position": "",
    }


@operation("user/get", "GET")
def _user(called: Called) -> Answer:
    return _shown(called.member(called.query.get("userid", "")))


def _of_department(called: Called) -> list[Member]:
    try:
        department = int(called.query.get("department_id", ""))
    except ValueError as error:
        raise Refusal(60003, "department not found") from error
    if department not in called.corp.departments:
        raise Refusal(60003, "department not found")
    return called.corp.staff_of(department, nested=called.query.get("fetch_child") in {"1", "True", "true"})


@operation("user/list", "GET")
def _users(called: Called) -> Answer:
    return {"userlist": [_shown(one) for one in _of_department(called)]}


@operation("user/simplelist", "GET")
def _users_simply(called: Called) -> Answer:
    found = _of_department(called)
    return {"userlist": [{"userid": one.userid, "name": one.name, "department": one.departments} for one in found]}


@operation("user/list_id")
def _user_ids(called: Called) -> Answer:
    found = [
        (one.userid, number)
        for one in called.corp.members.values()
        if one.resigned_at is None
        for number in one.departments
    ]
    page, following = called.page(found, default=100, most=10_000)
    return {
        "dept_user": [{"userid": userid, "department": number} for userid, number in page],
        "next_cursor": following,
    }


@operation("user/getuserinfo", "GET")
def _user_of_code(called: Called) -> Answer:
    # Good for one use within five minutes; given out by the act `sign_in`, which stands for the page that a member sees.
    given = called.corp.store("oauth_code").pop(called.query.get("code", ""), None)
    if given is None or given["until"] < called.now:
        raise Refusal(40029, "invalid code")
    userid = given["member"]
    return {"UserId": userid, "userid": userid, "DeviceId": ""}


def _departments(called: Called) -> list[dict[str, Any]]:
    root = int(called.query.get("id") or 1)
    if root not in called.corp.departments:
        raise Refusal(60123, "invalid party id")
    wanted = {root}
    for one in sorted(called.corp.departments.values(), key=lambda one: one.id):
        if one.parent in wanted:
            wanted.add(one.id)
    return [
        {"id": one.id, "name": one.name, "parentid": one.parent, "order": one.id}
        for one in called.corp.departments.values()
        if one.id in wanted
    ]


@operation("department/list", "GET")
def _department_list(called: Called) -> Answer:
    return {"department": _departments(called)}


@operation("department/simplelist", "GET")
def _department_ids(called: Called) -> Answer:
    return {
        "department_id": [{name: one[name] for name in ("id", "parentid", "order")} for one in _departments(called)]
    }


@operation("department/get", "GET")
def _department(called: Called) -> Answer:
    return {"department": _departments(called)[0]}


def _uploaded(called: Called) -> bytes:
    """The file of a multipart body. Raises Refusal."""
    kind = called.query.get("content_type", "")
    message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + called.body)
    for part in message.walk():
        found = part.get_payload(decode=True)
        if part.get_filename() is not None and isinstance(found, bytes):
            return found
    raise Refusal(44001, "empty media data")


def _keep_file(called: Called, kind: str) -> Answer:
    if kind not in _MEDIA_BYTES:
        raise Refusal(40004, "invalid media type")
    content = _uploaded(called)
    if len(content) <= _MEDIA_LEAST:
        raise Refusal(40006, "invalid media size: at least 5 bytes")
    if len(content) > _MEDIA_BYTES[kind]:
        raise Refusal(40006, "invalid media size")
    media_id = called.corp.next_id("3")
    called.corp.store("media")[media_id] = {"type": kind, "size": len(content), "created_at": called.stamp}
    return {"type": kind, "media_id": media_id, "created_at": str(called.stamp)}


@operation("media/upload")
def _upload(called: Called) -> Answer:
    return _keep_file(called, called.query.get("type", ""))


@operation("media/upload_attachment")
def _upload_attachment(called: Called) -> Answer:
    if called.query.get("attachment_type") not in {"1", "2"}:
        raise Refusal(40058, "invalid attachment_type")
    return _keep_file(called, called.query.get("media_type", ""))


@operation("media/uploadimg")
def _upload_image(called: Called) -> Answer:
    number = hashlib.sha256(_uploaded(called)).hexdigest()[:24]
    return {"url": f"https://wework.qpic.cn/{number}/0"}


@operation("message/send")
def _send(called: Called) -> Answer:
    given = called.given
    wanted = [one for one in str(given.get("touser") or "").split("|") if one]
    if not (wanted or given.get("toparty") or given.get("totag")):
        raise Refusal(40003, "touser, toparty and totag are all empty")
    known = list(called.corp.members) if wanted == ["@all"] else [one for one in wanted if one in called.corp.members]
    if wanted and not known:
        raise Refusal(81013, "user & party & tag all invalid")
    kind = called.text("msgtype")
    if kind not in given:
        raise Refusal(40008, f"invalid message type: {kind} is missing")
    msgid = called.corp.next_id("m")
    called.corp.outgoing.append({"to": known, "kind": "application", "msgid": msgid, "message": given[kind]})
    return {"invaliduser": "|".join(one for one in wanted if one not in known and one != "@all"), "msgid": msgid}


@operation("message/recall")
def _recall(called: Called) -> Answer:
    msgid = called.text("msgid")
    before = len(called.corp.outgoing)
    called.corp.outgoing[:] = [one for one in called.corp.outgoing if one.get("msgid") != msgid]
    if len(called.corp.outgoing) == before:
        raise Refusal(40088, "invalid msgid")
    return {}


@operation("appchat/create")
def _create_chat(called: Called) -> Answer:
    users = called.texts("userlist", most=2000, least=2)
    for one in users:
        called.member(one)
    chat_id = str(called.given.get("chatid") or called.corp.next_id("ac"))
    if chat_id in called.corp.store("appchat"):
        raise Refusal(86216, "chatid existed")
    owner = str(called.given.get("owner") or users[0])
    called.corp.store("appchat")[chat_id] = {
        "chatid": chat_id,
        "name": called.optional("name", most=50),
        "owner": owner,
        "userlist": users,
    }
    return {"chatid": chat_id}


def _chat(called: Called, chat_id: str) -> dict[str, Any]:
    found = called.corp.store("appchat").get(chat_id)
    if found is None:
        raise Refusal(86001, "chatid is invalid")
    return found


@operation("appchat/get", "GET")
def _get_chat(called: Called) -> Answer:
    return {"chat_info": _chat(called, called.query.get("chatid", ""))}


@operation("appchat/update")
def _update_chat(called: Called) -> Answer:
    chat = _chat(called, called.text("chatid"))
    gone = set(called.texts("del_user_list", most=_USERS_MAX, least=0))
    come = called.texts("add_user_list", most=_USERS_MAX, least=0)
    for one in come:
        called.member(one)
    chat["userlist"] = [one for one in chat["userlist"] if one not in gone] + [
        one for one in come if one not in chat["userlist"]
    ]
    chat |= {name: called.given[name] for name in ("name", "owner") if called.given.get(name)}
    return {}


@operation("appchat/send")
def _send_chat(called: Called) -> Answer:
    chat, kind = _chat(called, called.text("chatid")), called.text("msgtype")
    called.corp.outgoing.append({"to": list(chat["userlist"]), "kind": "appchat", "message": called.given.get(kind)})
    return {}
