"""Taobao and Tmall: TOP calls signed by MD5, increments read from the last page back, TMC messages asked for and confirmed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote, urlencode

from tandem.catalog.label import Label
from tandem.connectors.kit.failures import (
    ConnectorFailure,
    Garbled,
    Lasting,
    NotAuthorised,
    Passing,
    TooMany,
    WronglySetUp,
)
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Page, Platform, Poll, Receiver, Resource, Window, following
from tandem.connectors.kit.texts import compact, pairs
from tandem.connectors.kit.values import as_gmt8, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status, form
from tandem.connectors.taobao.mapping import read_items, read_messages, read_refund_words, read_refunds, read_trades
from tandem.connectors.taobao.signing import sign as signature

TRADE_FIELDS: Final = (
    "tid,tid_str,status,created,pay_time,modified,end_time,payment,post_fee,total_fee,discount_fee,buyer_open_uid,buyer_nick,"
    "step_trade_status,receiver_state,receiver_city,orders.oid,orders.oid_str,orders.num_iid,orders.sku_id,orders.title,orders.num,"
    "orders.price,orders.payment,orders.divide_order_fee,orders.discount_fee,orders.part_mjz_discount,orders.refund_status"
)
REFUND_FIELDS: Final = (
    "refund_id,tid,oid,refund_fee,status,created,modified,has_good_return,buyer_open_uid,refund_phase"
)
PAGE_SIZE: Final = 100
ITEMS_AT_ONCE: Final = 40
"""As many as variants can be asked for at once."""
SIGN: Final = {24, 25}
SESSION: Final = {26, 27}

MANIFEST: Final = Manifest(
    name="taobao",
    label=Label("淘宝 / 天猫", "Taobao / Tmall"),
    auth="oauth",
    hosts={
        "api": "https://gw.api.taobao.com/router/rest",
        "auth": "https://oauth.taobao.com/token",
        "page": "https://oauth.taobao.com/authorize",
    },
    settings=(
        Setting("app_key", Label("App Key", "App key")),
        Setting("app_secret", Label("App Secret", "App secret"), secret=True),
    ),
    capabilities=frozenset(
        {"orders", "refunds", "products", "customers", "stock_out", "stock_in", "messages", "decrypt"}
    ),
    push="poll",
    money="yuan",
    time="gmt8",
    rates={"": Rate(10, 20)},
    sheet="taobao.md: signing high, polled messages high, data high",
)


def sign(call: Call, given: Credentials) -> Request:
    """A signed form. Empty parameters are not sent."""
    params: dict[str, Any] = {
        "method": call.operation,
        "app_key": given.settings["app_key"],
        "session": given.token,
        "timestamp": as_gmt8(given.now),
        "format": "json",
        "v": "2.0",
        "sign_method": "md5",
        **call.params,
    }
    kept = dict(pairs(params, empty=False))
    headers, body = form(kept | {"sign": signature(given.secrets["app_secret"], kept)})
    return Request("POST", given.base["api"], headers=headers, body=body)


def judge(call: Call, answer: Answer) -> Any:
    """What stands under the method's own name. Raises ConnectorFailure."""
    if answer.status != 200:
        check_status(answer)
    body = answer.json()
    error = member(body, "error_response")
    if error:
        raise failure_of(error)
    found = member(body, call.operation.replace(".", "_").removeprefix("taobao_") + "_response")
    if not found and not isinstance(body, Mapping):
        raise Garbled(call.operation)
    return found


def failure_of(error: Mapping[str, Any]) -> ConnectorFailure:
    """TOP's error in our words: `isp.*` may pass, `isv.*` does not."""
    code, sub = int(error.get("code") or 0), str(error.get("sub_code") or "")
    told = str(error.get("sub_msg") or error.get("msg") or code)
    named = f"{code} {sub}".strip()
    if code == 7 or "limited" in sub:
        return TooMany(told, platform_code=named)
    if code in SESSION:
        return NotAuthorised(told, platform_code=named, expired=True)
    if code in SIGN or code in {11, 12, 13, 22, 28, 29}:
        return WronglySetUp(told, platform_code=named)
    if sub.startswith("isp.") or (code in {10, 15} and not sub.startswith("isv.")):
        return Passing(told, platform_code=named)
    return Lasting(told, platform_code=named)


# ------------------------------------------------------------------------------------------------------- authorisation


def authorise_url(given: Credentials, redirect: str, state: str) -> str:
    """Where the seller says yes."""
    query = {
        "response_type": "code",
        "client_id": given.settings["app_key"],
        "redirect_uri": redirect,
        "state": state,
        "view": "web",
    }
    return f"{given.base['page']}?{urlencode(query)}"


def exchange(send: Send, given: Credentials, code: str) -> Grant:
    """The first token."""
    return _token(send, given, {"grant_type": "authorization_code", "code": code, "view": "web"})


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The next token. Raises NotAuthorised where the seller has to say yes again."""
    if grant is None or not grant.refresh:
        raise NotAuthorised("the seller has not authorised yet")
    return _token(send, given, {"grant_type": "refresh_token", "refresh_token": grant.refresh})


def _token(send: Send, given: Credentials, params: Mapping[str, str]) -> Grant:
    keys = {"client_id": str(given.settings["app_key"]), "client_secret": given.secrets["app_secret"]}
    headers, body = form({**keys, **params})
    answer = send(Request("POST", given.base["auth"], headers=headers, body=body))
    if answer.status >= 500 or answer.status == 429:
        check_status(answer)
    found = answer.json()
    if "access_token" not in found:
        raise NotAuthorised(
            str(found.get("error_description") or found.get("error") or "no token"),
            platform_code=str(found.get("error") or ""),
        )
    ends = {
        name: given.now + timedelta(seconds=int(found[key])) if found.get(key) else None
        for name, key in (("access", "expires_in"), ("refresh", "re_expires_in"))
    }
    return Grant(
        found["access_token"],
        ends["access"],
        str(found.get("refresh_token") or ""),
        ends["refresh"],
        {"shop": unquote(str(found.get("taobao_user_nick") or "")), "user_id": str(found.get("taobao_user_id") or "")},
    )


# ------------------------------------------------------------------------------------------------------------- asking


def _backwards(asking: Asking, operation: str, params: Mapping[str, Any], at: str | None, key: str) -> Page:
    """From the last page to the first: what is changed while we read moves to pages that are still to come, never out of sight."""
    page = int(at) if at else _last_page(asking, operation, params)
    if page == 0:
        return Page({key: []}, 0)
    found = asking.call(Call(operation, {**params, "page_no": page, "page_size": PAGE_SIZE, "use_has_next": "false"}))
    items = listed(found, key, key[:-1])
    return Page({key: items}, len(items), str(page - 1) if page > 1 else None)


def _last_page(asking: Asking, operation: str, params: Mapping[str, Any]) -> int:
    found = asking.call(Call(operation, {**params, "page_no": 1, "page_size": PAGE_SIZE, "use_has_next": "false"}))
    return math.ceil(int(found.get("total_results") or 0) / PAGE_SIZE)


def _window(window: Window) -> dict[str, str]:
    return {"start_modified": as_gmt8(window.since), "end_modified": as_gmt8(window.until + timedelta(seconds=1))}


def trades(asking: Asking, window: Window, at: str | None) -> Page:
    """Trades changed in a window."""
    params = {"fields": TRADE_FIELDS, **_window(window)}
    return _backwards(asking, "taobao.trades.sold.increment.get", params, at, "trades")


def refunds(asking: Asking, window: Window, at: str | None) -> Page:
    """Refunds changed in a window."""
    return _backwards(asking, "taobao.refunds.receive.get", {"fields": REFUND_FIELDS, **_window(window)}, at, "refunds")


def trade(asking: Asking, tid: str) -> Any:
    """One trade, as a page of one."""
    found = asking.call(Call("taobao.trade.fullinfo.get", {"fields": TRADE_FIELDS, "tid": tid}))
    return {"trades": [member(found, "trade")]}


WORD_FIELDS: Final = "id,owner_role,content,created,message_type,refund_phase"
ONSALE: Final = "onsale"


def refund_words(asking: Asking, window: Window, at: str | None) -> Page:
    """What buyer and shop wrote about the refunds that changed in a window. The desk's own chat (旺旺) has no public interface."""
    page = refunds(asking, window, at)
    told = [one | {"words": _words(asking, one)} for one in listed(page.body, "refunds")]
    return Page({"refunds": told}, len(told), page.next)


def _words(asking: Asking, refund_: Mapping[str, Any]) -> list[dict[str, Any]]:
    # Tmall wants the phase, Taobao takes it.
    phase = word(refund_, "refund_phase") or ONSALE
    asked = {
        "fields": WORD_FIELDS,
        "refund_id": word(refund_, "refund_id"),
        "refund_phase": phase,
        "page_size": PAGE_SIZE,
    }
    found = asking.call(Call("taobao.refund.messages.get", asked))
    return listed(found, "refund_messages", "refund_message")


#: What it is opened for, as the platform numbers it: shipping by hand, service after the sale.
SCENES: Final = {"ship": "1006", "after_sale": "2001"}


def receiver(asking: Asking, tid: str, purpose: str) -> Receiver | None:
    """The receiver of a trade, by its OAID. Not every application may; the address stays masked since 2026-08-31."""
    asked = {"fields": "tid,oaid,receiver_state,receiver_city,receiver_district,receiver_address", "tid": tid}
    found = member(asking.call(Call("taobao.trade.fullinfo.get", asked)), "trade")
    oaid = word(found, "oaid")
    if not oaid:
        return None
    query = compact([{"oaid": oaid, "tid": tid, "scene": SCENES[purpose]}])
    told = listed(asking.call(Call("taobao.top.oaid.decrypt", {"query_list": query})), "receiver_list", "receiver")
    if not told:
        return None
    one = told[0]
    places = [word(one, part) for part in ("state", "city", "district", "town", "address_detail")]
    return Receiver(
        word(one, "name"),
        word(one, "mobile") or word(one, "phone"),
        "".join(places),
        virtual=str(one.get("privacy_protection")).lower() == "true",
    )


def refund(asking: Asking, refund_id: str) -> Any:
    """One refund, as a page of one."""
    found = asking.call(Call("taobao.refund.get", {"fields": REFUND_FIELDS, "refund_id": refund_id}))
    return {"refunds": [member(found, "refund")]}


def items(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything on sale with its variants: stock changes without the item being changed, so the whole is read."""
    del window
    page = int(at or 1)
    params = {"fields": "num_iid,title,price,num", "page_no": page, "page_size": ITEMS_AT_ONCE}
    found = asking.call(Call("taobao.items.onsale.get", params))
    told = listed(found, "items", "item")
    numbers = ",".join(str(one["num_iid"]) for one in told)
    asked = {"fields": "sku_id,num_iid,quantity,price,properties_name", "num_iids": numbers}
    variants = listed(asking.call(Call("taobao.item.skus.get", asked)), "skus", "sku") if told else []
    after = following(page, ITEMS_AT_ONCE, found.get("total_results"), told)
    return Page({"items": told, "skus": variants}, len(told), after)


def take_messages(asking: Asking) -> Page:
    """Messages of the default group; they come again until they are confirmed."""
    found = asking.call(Call("taobao.tmc.messages.consume", {"group_name": "default", "quantity": 100}))
    items = listed(found, "messages", "tmc_message")
    return Page({"messages": items}, len(items))


def confirm_messages(asking: Asking, body: Any) -> None:
    """Let go of messages that are durable here."""
    ids = ",".join(str(one["id"]) for one in listed(body, "messages"))
    asking.call(Call("taobao.tmc.messages.confirm", {"group_name": "default", "s_message_ids": ids}))


def check(asking: Asking) -> Mapping[str, Any]:
    """Who the seller is."""
    found = member(asking.call(Call("taobao.user.seller.get", {"fields": "user_id,nick"})), "user")
    return {"shop": str(found.get("nick") or ""), "id": str(found.get("user_id") or "")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set a variant's stock to a number (`type` 1: not an increment)."""
    params = {"num_iid": item["product_id"], "type": 1, "skuid_quantities": f"{item['sku_id']}:{quantity}"}
    asking.call(Call("taobao.skus.quantity.update", params))


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    authorise_url=authorise_url,
    exchange=exchange,
    resources=(
        # The platform's longest window is a day; with the overlap in front it must not be passed.
        Resource("orders", trades, read_trades, trade, window_max=timedelta(hours=23)),
        Resource("refunds", refunds, read_refunds, refund, window_max=timedelta(hours=23)),
        Resource("products", items, read_items, windowed=False, every_seconds=3600),
        Resource("messages", refund_words, read_refund_words, window_max=timedelta(hours=23), every_seconds=120),
    ),
    queue=Poll(take_messages, confirm_messages, read_messages),
    receiver=receiver,
    set_stock=set_stock,
)
