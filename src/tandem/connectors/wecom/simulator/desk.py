"""Customer service (微信客服): accounts, who serves, messages to fetch, answers within 48 hours and five, states of a talk.

Codes: 95007, 95013 and 95018 stand in public reports; the others are the platform's list as remembered, not verified here.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from tandem.connectors.kit.values import listed, member, word
from tandem.connectors.simulator.base import is_time
from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import Corp

BAD_ACCOUNT, TOO_MANY, TOO_LATE, NO_SERVICER, BAD_CHANGE, BAD_STATE = 95000, 95001, 95002, 95014, 95016, 95018
NEW, ROBOT, POOL, PERSON, ENDED = 0, 1, 2, 3, 4
ANSWERS_MAX: Final = 5
ANSWER_SECONDS: Final = 48 * 3600
STORY_AFTER: Final = timedelta(seconds=90)
STORY: Final = (
    "请问今天几点关门呀",
    "买错尺码了可以换吗",
    "积分能换什么",
    "你们和隔壁那家是一个老板吗",
    "下单三天了怎么还没发货",
)
#: From which state a talk may go where, by the API.
_GOES: Final = {
    NEW: {ROBOT, POOL, PERSON, ENDED},
    ROBOT: {POOL, PERSON, ENDED},
    POOL: {PERSON, ENDED},
    PERSON: {PERSON, POOL, ENDED},
    ENDED: set[int](),
}


def kf_account(corp: Corp) -> str:
    """The one account of customer service."""
    accounts = corp.store("kf_account")
    if not accounts:
        # The same whatever was made before it: a demo is told of its desk before the simulator runs.
        number = "wk" + hashlib.sha256(f"{corp.seed}|kf".encode()).hexdigest()[:30]
        accounts[number] = {
            "open_kfid": number, "name": "在线客服", "avatar": "", "servicers": [], "messages": [], "answers": [], "states": {},
        }  # fmt: skip
    return next(iter(accounts))


def _put(corp: Corp, external: str, now: datetime, **message: Any) -> None:
    """A message that can be fetched: an event says only that there is something."""
    account = corp.store("kf_account")[kf_account(corp)]
    account["messages"].append(
        {"msgid": corp.next_id("km"), "open_kfid": account["open_kfid"], "external_userid": external, "send_time": int(now.timestamp()), **message}
    )  # fmt: skip
    corp.tell("kf_msg_or_event", None, now, Token=corp.next_id("ENC"), OpenKfId=account["open_kfid"])


def kf_says(corp: Corp, external: str, text: str, now: datetime, *, kind: str = "text") -> None:
    """A customer writes to customer service. A talk that was ended begins anew."""
    account = corp.store("kf_account")[kf_account(corp)]
    if account["states"].get(external, (NEW, ""))[0] == ENDED:
        account["states"][external] = (NEW, "")
    inner = {"content": text} if kind == "text" else {"media_id": corp.next_id("3")}
    _put(corp, external, now, origin=3, msgtype=kind, **{kind: inner})


def story(corp: Corp, memory: dict[str, Any], now: datetime) -> None:
    """Some customers ask what they want to know."""
    if not is_time(memory, "kf_story_at", STORY_AFTER, now):
        return
    for contact, text in zip(list(corp.contacts.values())[12:], STORY, strict=False):
        kf_says(corp, contact.id, text, now)


def kf_touches(corp: Corp, external: str, label: str, now: datetime) -> None:
    """A customer touches a line of the last menu that she was sent. Raises KeyError for a line that is not there."""
    menus = [one["msgmenu"] for one in answers(corp) if one["to"] == external and one["msgtype"] == "msgmenu"]
    lines = [one["click"] for one in menus[-1]["list"]] if menus else []
    touched = next((one for one in lines if one["content"] == label), None)
    if touched is None:
        raise KeyError(label)
    _put(corp, external, now, origin=3, msgtype="text", text={"content": label, "menu_id": touched["id"]})


def kf_answers(corp: Corp, external: str, servicer: str, text: str, now: datetime) -> None:
    """A servicer answers in WeCom itself."""
    account = corp.store("kf_account")[kf_account(corp)]
    account["states"][external] = (PERSON, servicer)
    _put(corp, external, now, origin=5, msgtype="text", servicer_userid=servicer, text={"content": text})


def kf_ends(corp: Corp, external: str, now: datetime) -> None:
    """A servicer ends a talk."""
    account = corp.store("kf_account")[kf_account(corp)]
    _, servicer = account["states"].get(external, (NEW, ""))
    account["states"][external] = (ENDED, "")
    event = {
        "event_type": "session_status_change", "change_type": 3, "external_userid": external, "open_kfid": account["open_kfid"],
        "old_servicer_userid": servicer,
    }  # fmt: skip
    _put(corp, external, now, origin=4, msgtype="event", event=event)


def answers(corp: Corp) -> list[dict[str, Any]]:
    """What customers were sent through the API, oldest first."""
    found: list[dict[str, Any]] = corp.store("kf_account")[kf_account(corp)]["answers"]
    return found


def _account(called: Called) -> dict[str, Any]:
    kf_account(called.corp)
    wanted = str(called.given.get("open_kfid") or called.query.get("open_kfid") or kf_account(called.corp))
    found = called.corp.store("kf_account").get(wanted)
    if found is None:
        raise Refusal(BAD_ACCOUNT, "invalid open_kfid")
    return found


@operation("kf/account/list", "GET")
def _accounts(called: Called) -> Answer:
    kf_account(called.corp)
    shown = [
        {name: one[name] for name in ("open_kfid", "name", "avatar")}
        for one in called.corp.store("kf_account").values()
    ]
    return {"account_list": shown}


@operation("kf/servicer/list", "GET")
def _servicers(called: Called) -> Answer:
    return {"servicer_list": [{"userid": one, "status": 0} for one in _account(called)["servicers"]]}


def _change_servicers(called: Called, *, come: bool) -> Answer:
    account, users = _account(called), called.texts("userid_list", most=100)
    for one in users:
        called.member(one)
    kept = [one for one in account["servicers"] if one not in users]
    account["servicers"] = [*kept, *users] if come else kept
    return {"result_list": [{"userid": one, "errcode": 0, "errmsg": "success"} for one in users]}


@operation("kf/servicer/add")
def _add_servicers(called: Called) -> Answer:
    return _change_servicers(called, come=True)


@operation("kf/servicer/del")
def _remove_servicers(called: Called) -> Answer:
    return _change_servicers(called, come=False)


@operation("kf/sync_msg")
def _sync(called: Called) -> Answer:
    # What was sent through the API is not among it: it comes from customers, servicers and the system only.
    messages = _account(called)["messages"]
    limit = called.whole("limit", default=1000, most=1000)
    begin = int(str(called.given.get("cursor") or "")[1:] or 0)
    end = min(len(messages), begin + limit)
    return {"next_cursor": f"c{end}", "has_more": int(end < len(messages)), "msg_list": messages[begin:end]}


def _look_at_menu(menu: Any) -> None:
    """Limits as public client libraries note them."""
    lines = [member(one, "click") for one in listed(menu, "list")]
    wrong = any(not _bytes(one, "id", 64) or not _bytes(one, "content", 128) for one in lines)
    if wrong or not 1 <= len(lines) <= 10 or not _bytes(menu, "head_content", 1024):
        raise Refusal(40058, "invalid msgmenu")


def _bytes(row: dict[str, Any], name: str, most: int) -> bool:
    return 1 <= len(word(row, name).encode()) <= most


@operation("kf/send_msg")
def _reply(called: Called) -> Answer:
    account, external, kind = _account(called), called.text("touser"), called.text("msgtype")
    if kind == "msgmenu":
        _look_at_menu(called.given.get("msgmenu") or {})
    state, _ = account["states"].get(external, (NEW, ""))
    theirs = [one for one in account["messages"] if one["external_userid"] == external and one["origin"] == 3]
    if state not in {NEW, ROBOT}:
        raise Refusal(BAD_STATE, "send msg session status invalid")
    if not theirs or called.stamp - theirs[-1]["send_time"] > ANSWER_SECONDS:
        raise Refusal(TOO_LATE, "send msg time limit")
    since = account["messages"].index(theirs[-1])
    if sum(one["to"] == external and one["after"] == since for one in account["answers"]) >= ANSWERS_MAX:
        raise Refusal(TOO_MANY, "send msg count limit")
    msgid = str(called.given.get("msgid") or called.corp.next_id("km"))
    if any(one["msgid"] == msgid for one in account["answers"]):
        raise Refusal(40058, "msgid is repeated")
    account["answers"].append(
        {
            "msgid": msgid,
            "to": external,
            "after": since,
            "at": called.stamp,
            "msgtype": kind,
            kind: called.given.get(kind),
        }
    )
    return {"msgid": msgid}


@operation("kf/service_state/get")
def _state(called: Called) -> Answer:
    state, servicer = _account(called)["states"].get(called.text("external_userid"), (NEW, ""))
    return {"service_state": state, "servicer_userid": servicer}


@operation("kf/service_state/trans")
def _change_state(called: Called) -> Answer:
    account, wanted = _account(called), int(called.given.get("service_state") or 0)
    external, servicer = called.text("external_userid"), str(called.given.get("servicer_userid") or "")
    before, _ = account["states"].get(external, (NEW, ""))
    if wanted not in _GOES[before]:
        raise Refusal(BAD_CHANGE, "session status change is not allowed")
    if wanted == PERSON and servicer not in account["servicers"]:
        raise Refusal(NO_SERVICER, "servicer_userid is not a servicer of this account")
    account["states"][external] = (wanted, servicer)
    return {"msg_code": called.corp.next_id("MC")}
