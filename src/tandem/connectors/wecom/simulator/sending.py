"""Operations that reach customers: welcome messages, mass messages and moments, which staff must confirm, and words that are held back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tandem.connectors.kit.values import texts
from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import WELCOME_SECONDS, Contact, Corp

_TEXT_BYTES = 4000
_ATTACHMENTS_MAX = 9
_CUSTOMERS_MAX = 10_000
_REMINDERS_MAX = 3
_WAITING, _SENT, _NO_FRIEND, _OVER_QUOTA = 0, 1, 2, 3
_MONTH = timedelta(days=30)


def _message(called: Called) -> dict[str, Any]:
    """What is to be said. Raises Refusal."""
    text = str(called.nested("text").get("content") or "")
    attachments = list(called.given.get("attachments") or [])
    # Before 2021 an attachment stood beside the text; libraries still send it so.
    attachments += [
        {"msgtype": name, name: called.given[name]}
        for name in ("image", "link", "miniprogram")
        if called.given.get(name)
    ]
    if not text and not attachments:
        raise Refusal(40058, "text and attachments are both empty")
    if len(text.encode()) > _TEXT_BYTES:
        raise Refusal(40058, "text exceeds 4000 bytes")
    if len(attachments) > _ATTACHMENTS_MAX:
        raise Refusal(40058, "attachments exceed max count 9")
    check_files(called, attachments)
    return {"text": text, "attachments": attachments}


def check_files(called: Called, attachments: list[dict[str, Any]]) -> None:
    """Every file that is named is there. Raises Refusal."""
    for one in attachments:
        inside: dict[str, Any] = one.get(str(one.get("msgtype"))) or {}
        for name in ("media_id", "pic_media_id"):
            if inside.get(name):
                called.media(inside[name])


@operation("externalcontact/send_welcome_msg")
def _welcome(called: Called) -> Answer:
    code = called.given.get("welcome_code")
    if not code:
        raise Refusal(41049, "missing welcome code")
    found = called.corp.welcomes.get(str(code))
    if found is None or called.now - found.made_at > timedelta(seconds=WELCOME_SECONDS):
        raise Refusal(41050, "invalid welcome code")
    contact = called.corp.contacts[found.contact]
    follow = contact.follows.get(found.userid)
    if found.used or follow is None or follow.chatted:
        raise Refusal(41051, "externaluser has started chatting")
    message = _message(called)
    found.used = True
    called.corp.outgoing.append({"to": [found.contact], "from": found.userid, "kind": "welcome", "message": message})
    return {}


# ------------------------------------------------------------------------------------------------ mass messages


def _tagged(given: dict[str, Any], tags: list[str]) -> bool:
    """Does she have one tag of each group of the filter?"""
    wanted: dict[str, Any] = given.get("tag_filter") or {}
    groups: list[dict[str, Any]] = wanted.get("group_list") or []
    return all(set(one.get("tag_list") or []) & set(tags) for one in groups)


@operation("externalcontact/add_msg_template")
def _mass(called: Called) -> Answer:
    given, corp = dict(called.given), called.corp
    message = _message(called)
    chat_type = given.get("chat_type") or "single"
    if chat_type not in {"single", "group"}:
        raise Refusal(40058, "chat_type is single or group")
    sender = str(given.get("sender") or "")
    if sender:
        called.member(sender)
    elif chat_type == "group":
        raise Refusal(40058, "sender is required for groups")
    if chat_type == "group":
        wanted = list(given.get("chat_id_list") or [one.id for one in corp.groups.values() if one.owner == sender])
        rows = {one: sender for one in wanted if one in corp.groups and corp.groups[one].owner == sender}
    else:
        wanted = called.texts("external_userid", most=_CUSTOMERS_MAX, least=0) or list(corp.contacts)
        rows = _recipients(called, wanted, sender, given)
    if not rows:
        raise Refusal(41048, "no customer to send")
    msgid = corp.next_id("msg")
    corp.store("mass")[msgid] = {
        "msgid": msgid, "chat_type": chat_type, "created_at": called.stamp, "message": message, "rows": rows, "done": {}, "reminded": [],
        "cancelled": False, "creator": sender,
    }  # fmt: skip
    return {
        "fail_list": [one for one in wanted if one not in rows] if given.get("external_userid") else [],
        "msgid": msgid,
    }


def _recipients(called: Called, wanted: list[str], sender: str, given: dict[str, Any]) -> dict[str, str]:
    """Customer -> the member who gets the task: the one named, or who last became her friend."""
    rows: dict[str, str] = {}
    for external in wanted:
        contact = called.corp.contacts.get(external)
        follows = {} if contact is None else contact.follows
        mine = {userid: one for userid, one in follows.items() if sender in {"", userid} and _tagged(given, one.tags)}
        if mine:
            rows[external] = max(mine, key=lambda userid: mine[userid].created_at)
    return rows


def over_quota(corp: Corp, contact: Contact, now: datetime) -> bool:
    """Has she had as many mass messages as a month allows?"""
    return sum(at > now - _MONTH for at in contact.sent) >= corp.limits["mass_per_month"]


def confirm(corp: Corp, msgid: str, userid: str, now: datetime) -> int:
    """A member taps "send" on her task; returns to how many it went. Raises KeyError."""
    task, sent = corp.store("mass")[msgid], 0
    if task["cancelled"]:
        return 0
    for target, sender in task["rows"].items():
        if sender != userid or target in task["done"]:
            continue
        contact = corp.contacts.get(target)
        status = _SENT
        if contact is not None:
            status = (
                _NO_FRIEND
                if userid not in contact.follows
                else _OVER_QUOTA
                if over_quota(corp, contact, now)
                else _SENT
            )
        if status == _SENT:
            sent += 1
            if contact is not None:
                contact.sent.append(now)
            corp.outgoing.append(
                {"to": [target], "from": userid, "kind": "mass", "msgid": msgid, "message": task["message"]}
            )
        task["done"][target] = (status, int(now.timestamp()))
    return sent


@operation("externalcontact/get_groupmsg_list_v2")
def _mass_list(called: Called) -> Answer:
    since, until = (int(called.given.get(name) or 0) for name in ("start_time", "end_time"))
    if not since < until <= since + int(_MONTH.total_seconds()) + 86_400:
        raise Refusal(40058, "start_time to end_time is one month at most")
    kind = str(called.given.get("chat_type") or "single")
    found = [
        one
        for one in called.corp.store("mass").values()
        if since <= one["created_at"] <= until and one["chat_type"] == kind
    ]
    page, following = called.page(found, default=50, most=100)
    told = [
        {
            "msgid": one["msgid"],
            "creator": one["creator"],
            "create_time": str(one["created_at"]),
            "create_type": 0,
            "text": {"content": one["message"]["text"]},
        }
        for one in page
    ]
    return {"group_msg_list": told, "next_cursor": following}


@operation("externalcontact/get_groupmsg_task")
def _mass_task(called: Called) -> Answer:
    task = called.kept("mass", "msgid", 40058)
    senders = sorted(set(task["rows"].values()))
    done = {
        sender: [task["done"][one] for one, who in task["rows"].items() if who == sender and one in task["done"]]
        for sender in senders
    }
    rows = [
        {
            "userid": one,
            "status": 2 if done[one] else 0,
            **({"send_time": max(at for _, at in done[one])} if done[one] else {}),
        }
        for one in senders
    ]
    page, following = called.page(rows, default=500, most=1000)
    return {"task_list": page, "next_cursor": following}


def _results(task: dict[str, Any], userid: str | None) -> list[dict[str, Any]]:
    name = "chat_id" if task["chat_type"] == "group" else "external_userid"
    found: list[dict[str, Any]] = []
    for target, sender in task["rows"].items():
        if userid in {None, sender}:
            status, at = task["done"].get(target, (_WAITING, 0))
            found.append({name: target, "userid": sender, "status": status, **({"send_time": at} if at else {})})
    return found


@operation("externalcontact/get_groupmsg_send_result")
def _mass_result(called: Called) -> Answer:
    task, userid = called.kept("mass", "msgid", 40058), called.text("userid")
    page, following = called.page(_results(task, userid), default=500, most=1000)
    return {"send_list": page, "next_cursor": following}


@operation("externalcontact/get_group_msg_result")
def _mass_result_once(called: Called) -> Answer:
    # The older way, without pages.
    return {"check_status": 1, "detail_list": _results(called.kept("mass", "msgid", 40058), None)}


@operation("externalcontact/remind_groupmsg_send")
def _remind(called: Called) -> Answer:
    task = called.kept("mass", "msgid", 40058)
    lately = [at for at in task["reminded"] if called.stamp - at < 86_400]
    if len(lately) >= _REMINDERS_MAX:
        raise Refusal(45009, "3 reminders in 24 hours at most")
    task["reminded"].append(called.stamp)
    return {}


@operation("externalcontact/cancel_groupmsg_send")
def _cancel(called: Called) -> Answer:
    called.kept("mass", "msgid", 40058)["cancelled"] = True
    return {}


# ------------------------------------------------------------------------------------------------------ moments

_MOMENT_TEXT_MAX = 2000
_MOMENT_IMAGES_MAX = 9


@operation("externalcontact/add_moment_task")
def _moment(called: Called) -> Answer:
    text = str(called.nested("text").get("content") or "")
    attachments = list(called.given.get("attachments") or [])
    kinds = {str(one.get("msgtype")) for one in attachments}
    if not text and not attachments:
        raise Refusal(40058, "text and attachments are both empty")
    if len(text) > _MOMENT_TEXT_MAX or len(text.encode()) > _TEXT_BYTES:
        raise Refusal(40058, "text has at most 2000 characters and 4000 bytes")
    if len(kinds) > 1 or len(attachments) > (_MOMENT_IMAGES_MAX if kinds == {"image"} else 1):
        raise Refusal(40058, "9 images, or one video, or one link")
    check_files(called, attachments)
    scope: dict[str, Any] = called.nested("visible_range").get("sender_list") or {}
    named: list[str] = scope.get("user_list") or []
    users = [called.member(one).userid for one in named] or [
        one.userid for one in called.corp.members.values() if one.resigned_at is None
    ]
    job, moment = called.corp.next_id("job"), called.corp.next_id("mom")
    called.corp.store("moment")[moment] = {
        "moment_id": moment, "job": job, "created_at": called.stamp, "text": text, "attachments": attachments, "users": users, "published": [],
        "tags": texts(called.nested("visible_range").get("external_contact_list"), "tag_list"),
        "cancelled": False,
    }  # fmt: skip
    called.corp.store("moment_job")[job] = {"moment_id": moment, "created_at": called.stamp}
    return {"jobid": job}


@operation("externalcontact/get_moment_task_result", "GET")
def _moment_result(called: Called) -> Answer:
    job = called.corp.store("moment_job").get(called.query.get("jobid", ""))
    if job is None or called.stamp - job["created_at"] > 86_400:
        raise Refusal(40058, "invalid jobid")
    return {
        "status": 3,
        "type": "add_moment_task",
        "result": {"errcode": 0, "errmsg": "ok", "moment_id": job["moment_id"]},
    }


@operation("externalcontact/cancel_moment_task")
def _cancel_moment(called: Called) -> Answer:
    called.kept("moment", "moment_id", 40058)["cancelled"] = True
    return {}


@operation("externalcontact/get_moment_list")
def _moments(called: Called) -> Answer:
    since, until = (int(called.given.get(name) or 0) for name in ("start_time", "end_time"))
    if not since < until <= since + int(_MONTH.total_seconds()):
        raise Refusal(40058, "start_time to end_time is 30 days at most")
    found = [one for one in called.corp.store("moment").values() if since <= one["created_at"] <= until]
    page, following = called.page(found, default=20, most=20)
    told = [
        {
            "moment_id": one["moment_id"],
            "creator": "",
            "create_time": str(one["created_at"]),
            "create_type": 0,
            "visible_type": 1,
            "text": {"content": one["text"]},
        }
        for one in page
    ]
    return {"moment_list": told, "next_cursor": following}


@operation("externalcontact/get_moment_task")
def _moment_task(called: Called) -> Answer:
    found = called.kept("moment", "moment_id", 40058)
    rows = [{"userid": one, "publish_status": int(one in found["published"])} for one in found["users"]]
    page, following = called.page(rows, default=500, most=1000)
    return {"task_list": page, "next_cursor": following}


@operation("externalcontact/get_moment_customer_list")
def _moment_customers(called: Called) -> Answer:
    called.kept("moment", "moment_id", 40058)
    userid = called.text("userid")
    rows = [{"userid": userid, "external_userid": one.id} for one in called.corp.following(userid)]
    page, following = called.page(rows, default=500, most=1000)
    return {"customer_list": page, "next_cursor": following}


@operation("externalcontact/get_moment_send_result")
def _moment_sent(called: Called) -> Answer:
    found, userid = called.kept("moment", "moment_id", 40058), called.text("userid")
    rows = (
        [{"external_userid": one.id} for one in called.corp.following(userid)] if userid in found["published"] else []
    )
    page, following = called.page(rows, default=3000, most=5000)
    return {"customer_list": page, "next_cursor": following}


@operation("externalcontact/get_moment_comments")
def _moment_comments(called: Called) -> Answer:
    post, userid = called.kept("moment", "moment_id", 40058), called.text("userid")
    said = {what: [one for one in post.get(what, []) if one["userid"] == userid] for what in ("comment", "like")}
    return {
        # A customer by `external_userid`, a colleague by `userid`.
        f"{what}_list": [
            ({"userid": one["by"]} if "by" in one else {"external_userid": one["external_userid"]})
            | {"create_time": one["create_time"]}
            for one in rows
        ]
        for what, rows in said.items()
    }


# -------------------------------------------------------------------------------------------------- held-back words

_RULE = ("rule_name", "word_list", "semantics_list", "intercept_type", "applicable_range")


def _checked_rule(called: Called, rule: dict[str, Any]) -> dict[str, Any]:
    words = list(rule.get("word_list") or [])
    if not 0 < len(str(rule.get("rule_name") or "")) <= 20:
        raise Refusal(41068, "rule_name has 1 to 20 characters")
    if not 0 < len(words) <= called.corp.limits["intercept_words"]:
        raise Refusal(41069, "word_list has 1 to 300 words")
    if any(not 0 < len(str(one)) <= 32 for one in words):
        raise Refusal(41070, "a word has 1 to 32 characters")
    if not set(rule.get("semantics_list") or []) <= {1, 2, 3}:
        raise Refusal(41073, "semantics_list has 1, 2 and 3")
    if rule.get("intercept_type") not in {1, 2}:
        raise Refusal(41071, "intercept_type is 1 or 2")
    return rule


@operation("externalcontact/add_intercept_rule")
def _add_rule(called: Called) -> Answer:
    rule = _checked_rule(called, {name: called.given[name] for name in _RULE if name in called.given})
    rule_id = called.corp.next_id("rule")
    called.corp.store("intercept")[rule_id] = {**rule, "rule_id": rule_id, "create_time": called.stamp}
    return {"rule_id": rule_id}


@operation("externalcontact/get_intercept_rule_list", "GET")
def _rules(called: Called) -> Answer:
    kept = called.corp.store("intercept").values()
    return {"rule_list": [{name: one[name] for name in ("rule_id", "rule_name", "create_time")} for one in kept]}


@operation("externalcontact/get_intercept_rule")
def _get_rule(called: Called) -> Answer:
    return {"rule": called.kept("intercept", "rule_id", 41072)}


@operation("externalcontact/update_intercept_rule")
def _update_rule(called: Called) -> Answer:
    rule = called.kept("intercept", "rule_id", 41072)
    rule |= _checked_rule(called, {name: rule[name] for name in _RULE if name in rule} | {name: called.given[name] for name in _RULE if name in called.given})  # fmt: skip
    if "extra_rule" in called.given:
        rule["semantics_list"] = list(called.nested("extra_rule").get("semantics_list") or [])
    users = {str(one) for one in texts(rule.get("applicable_range"), "user_list")}
    users |= set(called.nested("add_applicable_range").get("user_list") or [])
    users -= set(called.nested("remove_applicable_range").get("user_list") or [])
    rule["applicable_range"] = {"user_list": sorted(users)}
    return {}


@operation("externalcontact/del_intercept_rule")
def _delete_rule(called: Called) -> Answer:
    called.kept("intercept", "rule_id", 41072)
    del called.corp.store("intercept")[called.given["rule_id"]]
    return {}
