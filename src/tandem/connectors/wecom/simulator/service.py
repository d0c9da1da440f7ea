"""Operations of hand-over, statistics, customer service (微信客服) and the archive's consents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import Corp

_DONE, _WAITING, _REFUSED, _CAP, _NO_RECORD = 1, 2, 3, 4, 5
_QUARTER = timedelta(days=90)
_HAND_OVER_MAX = 100


def _hand_over(called: Called, *, resigned: bool) -> Answer:
    giver, taker = called.text("handover_userid"), called.text("takeover_userid")
    left = called.corp.members.get(giver)
    if left is None:
        raise Refusal(60111, f"userid not found: {giver}")
    if resigned and left.resigned_at is None:
        raise Refusal(40097, "handover_userid has not resigned")
    if called.member(taker).status != 1:
        raise Refusal(41054, "takeover_userid is not activated")
    wanted = called.texts("external_userid", most=_HAND_OVER_MAX)
    told = [{"external_userid": one, "errcode": _given(called, one, giver, taker)} for one in wanted]
    return {"customer": told}


def _given(called: Called, external: str, giver: str, taker: str) -> int:
    contact = called.corp.contacts.get(external)
    if contact is None or giver not in contact.follows:
        return 40096
    if sum(at > called.now - _QUARTER for at in contact.transfers) >= called.corp.limits["transfers_90_days"]:
        return 40130
    if len(called.corp.following(taker)) >= called.corp.members[taker].contacts_max:
        return 40099
    contact.transfers.append(called.now)
    called.corp.store("transfer")[f"{giver}|{taker}|{external}"] = {"status": _WAITING, "at": called.stamp}
    return 0


@operation("externalcontact/transfer_customer")
def _transfer(called: Called) -> Answer:
    return _hand_over(called, resigned=False)


@operation("externalcontact/resigned/transfer_customer")
def _transfer_resigned(called: Called) -> Answer:
    return _hand_over(called, resigned=True)


@operation("externalcontact/transfer")
def _transfer_once(called: Called) -> Answer:
    # The older way: one customer at a time.
    external = called.text("external_userid")
    code = _given(called, external, called.text("handover_userid"), called.text("takeover_userid"))
    if code:
        raise Refusal(code, "transfer failed")
    return {}


def settle(corp: Corp, external: str, *, refused: bool = False) -> None:
    """A customer takes or refuses the hand-over that waits for her (without an answer it is done after 24 hours)."""
    for key, row in corp.store("transfer").items():
        giver, taker, who = key.split("|")
        if who == external and row["status"] == _WAITING:
            row["status"] = _REFUSED if refused else _DONE
            if not refused:
                contact = corp.contacts[external]
                contact.follows[taker] = contact.follows.pop(giver)


def _result(called: Called) -> Answer:
    giver, taker = called.text("handover_userid"), called.text("takeover_userid")
    found = [
        {"external_userid": key.split("|")[2], "status": row["status"], "takeover_time": row["at"]}
        for key, row in called.corp.store("transfer").items()
        if key.startswith(f"{giver}|{taker}|")
    ]
    page, following = called.page(found, default=1000, most=1000)
    return {"customer": page, "next_cursor": following}


operation("externalcontact/transfer_result")(_result)
operation("externalcontact/resigned/transfer_result")(_result)


@operation("externalcontact/get_unassigned_list")
def _unassigned(called: Called) -> Answer:
    found = [
        {
            "handover_userid": member.userid,
            "external_userid": contact.id,
            "dimission_time": int(member.resigned_at.timestamp()),
        }
        for member in called.corp.members.values()
        if member.resigned_at is not None
        for contact in called.corp.following(member.userid)
    ]
    size = int(called.given.get("page_size") or 1000)
    begin = int(str(called.given.get("cursor") or "")[1:] or int(called.given.get("page_id") or 0) * size)
    end = begin + size
    return {
        "info": found[begin:end],
        "is_last": end >= len(found),
        "next_cursor": f"c{end}" if end < len(found) else "",
    }


def _groups_over(called: Called, *, resigned: bool) -> Answer:
    taker = called.member(called.text("new_owner")).userid
    failed: list[dict[str, Any]] = []
    for chat_id in called.texts("chat_id_list", most=_HAND_OVER_MAX):
        group = called.corp.groups.get(chat_id)
        if group is None or group.dismissed:
            failed.append({"chat_id": chat_id, "errcode": 40050, "errmsg": "chatid is invalid"})
        elif resigned and called.corp.members[group.owner].resigned_at is None:
            failed.append({"chat_id": chat_id, "errcode": 90500, "errmsg": "the owner of this chat is not resigned"})
        else:
            group.owner = taker
            group.members.setdefault(taker, (1, called.now, 1, ""))
    return {"failed_chat_list": failed}


@operation("externalcontact/groupchat/transfer")
def _groups_of_resigned(called: Called) -> Answer:
    return _groups_over(called, resigned=True)


@operation("externalcontact/groupchat/onjob_transfer")
def _groups_of_working(called: Called) -> Answer:
    return _groups_over(called, resigned=False)


@operation("externalcontact/get_user_behavior_data")
def _behaviour(called: Called) -> Answer:
    since, until = (int(called.given.get(name) or 0) for name in ("start_time", "end_time"))
    if not since <= until <= since + 30 * 86_400:
        raise Refusal(40058, "start_time to end_time is 30 days at most")
    users = called.texts("userid", most=100, least=0)
    rows: list[dict[str, Any]] = []
    for day in range(since - since % 86_400, until + 1, 86_400):
        fresh = sum(
            day <= follow.created_at.timestamp() < day + 86_400
            for contact in called.corp.contacts.values()
            for userid, follow in contact.follows.items()
            if not users or userid in users
        )
        rows.append(
            {
                "stat_time": day,
                "new_contact_cnt": fresh,
                "new_apply_cnt": fresh,
                "chat_cnt": 0,
                "message_cnt": 0,
                "negative_feedback_cnt": 0,
            }
        )
    return {"behavior_data": rows}


# ------------------------------------------------------------------------------------------------ customer service


def kf_account(corp: Corp) -> str:
    """The one account of customer service."""
    accounts = corp.store("kf_account")
    if not accounts:
        number = corp.next_id("wk")
        accounts[number] = {
            "open_kfid": number,
            "name": "在线客服",
            "avatar": "",
            "servicers": [],
            "messages": [],
            "states": {},
        }
    return next(iter(accounts))


def kf_says(corp: Corp, external: str, text: str, now: Any) -> None:
    """A customer writes to customer service: an event says only that there is something to fetch."""
    account = corp.store("kf_account")[kf_account(corp)]
    account["messages"].append(
        {
            "msgid": corp.next_id("km"), "open_kfid": account["open_kfid"], "external_userid": external, "send_time": int(now.timestamp()),
            "origin": 3, "msgtype": "text", "text": {"content": text},
        }
    )  # fmt: skip
    corp.tell("kf_msg_or_event", None, now, Token=corp.next_id("ENC"), OpenKfId=account["open_kfid"])


def _account(called: Called) -> dict[str, Any]:
    kf_account(called.corp)
    wanted = str(called.given.get("open_kfid") or called.query.get("open_kfid") or kf_account(called.corp))
    found = called.corp.store("kf_account").get(wanted)
    if found is None:
        raise Refusal(95011, "invalid open_kfid")
    return found


@operation("kf/account/list", "GET")
def _accounts(called: Called) -> Answer:
    kf_account(called.corp)
    return {
        "account_list": [
            {name: one[name] for name in ("open_kfid", "name", "avatar")}
            for one in called.corp.store("kf_account").values()
        ]
    }


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
    messages = _account(called)["messages"]
    limit = called.whole("limit", default=1000, most=1000)
    begin = int(str(called.given.get("cursor") or "")[1:] or 0)
    end = min(len(messages), begin + limit)
    return {"next_cursor": f"c{end}", "has_more": int(end < len(messages)), "msg_list": messages[begin:end]}


@operation("kf/send_msg")
def _reply(called: Called) -> Answer:
    account, external, kind = _account(called), called.text("touser"), called.text("msgtype")
    theirs = [one for one in account["messages"] if one["external_userid"] == external and one["origin"] == 3]
    if not theirs or called.stamp - theirs[-1]["send_time"] > 48 * 3600:
        raise Refusal(95001, "session status is not allowed: 48 hours are over")
    since = account["messages"].index(theirs[-1])
    if sum(one["origin"] == 5 for one in account["messages"][since:]) >= 5:
        raise Refusal(95002, "send msg count limit")
    msgid = str(called.given.get("msgid") or called.corp.next_id("km"))
    account["messages"].append(
        {
            "msgid": msgid,
            "open_kfid": account["open_kfid"],
            "external_userid": external,
            "send_time": called.stamp,
            "origin": 5,
            "msgtype": kind,
            kind: called.given.get(kind),
        }
    )
    return {"msgid": msgid}


@operation("kf/service_state/get")
def _state(called: Called) -> Answer:
    state, servicer = _account(called)["states"].get(called.text("external_userid"), (0, ""))
    return {"service_state": state, "servicer_userid": servicer}


@operation("kf/service_state/trans")
def _change_state(called: Called) -> Answer:
    account, wanted = _account(called), int(called.given.get("service_state") or 0)
    servicer = str(called.given.get("servicer_userid") or "")
    if wanted == 3 and servicer not in account["servicers"]:
        raise Refusal(95013, "servicer_userid is not a servicer of this account")
    account["states"][called.text("external_userid")] = (wanted, servicer)
    return {"msg_code": called.corp.next_id("MC")}


# -------------------------------------------------------------------------------------------------------- archive


@operation("msgaudit/get_permit_user_list")
def _permitted(called: Called) -> Answer:
    return {"ids": [one.userid for one in called.corp.members.values() if one.resigned_at is None]}


@operation("msgaudit/check_single_agree")
def _agreed(called: Called) -> Answer:
    wanted: list[dict[str, str]] = list(called.given.get("info") or [])
    told = [
        {
            **one,
            "agree_status": "Agree" if one.get("exteranalopenid") in called.corp.contacts else "Disagree",
            "status_change_time": called.stamp,
        }
        for one in wanted
    ]
    return {"agreeinfo": told}
