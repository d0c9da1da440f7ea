"""Operations of hand-over and statistics."""

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
    if until >= called.stamp:
        raise Refusal(40058, "end_time is yesterday at the latest")
    rows: list[dict[str, Any]] = []
    for day in range(since, until + 1, 86_400):
        fresh = sum(
            day <= follow.created_at.timestamp() < day + 86_400
            for contact in called.corp.contacts.values()
            for userid, follow in contact.follows.items()
            if not users or userid in users
        )
        # Who chats when is no part of the story; how much follows from who and when.
        chats = sum((day // 86_400 * 7 + sum(map(ord, one))) % 9 for one in users or called.corp.members)
        rows.append(
            {
                "stat_time": day,
                "new_contact_cnt": fresh,
                "new_apply_cnt": fresh,
                "chat_cnt": chats,
                "message_cnt": chats * 4,
                # Without chats there is nothing to answer: these two are left out.
                **({"reply_percentage": 80.5 + chats % 19, "avg_reply_time": 3 + chats % 7} if chats else {}),
                "negative_feedback_cnt": 0,
            }
        )
    return {"behavior_data": rows}
