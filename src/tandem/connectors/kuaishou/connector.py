"""Kuaishou shop: calls signed with a secret of their own, cursors, pushes sealed with another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode

from tandem.catalog.label import Label
from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, Passing, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import (
    Asking,
    Grant,
    Page,
    Platform,
    Push,
    Pushes,
    Receiver,
    Resource,
    Seen,
    Window,
    following,
    want,
)
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import ident, listed, member, whole, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status, form
from tandem.connectors.kuaishou.mapping import read_items, read_orders, read_refunds
from tandem.connectors.kuaishou.signing import open_push
from tandem.connectors.kuaishou.signing import sign as signature
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

NO_MORE: Final = "nomore"
EXPIRED: Final = {24, 28}
POSTED: Final = {"open.order.decrypt.batch", "open.item.sku.stock.update"}
ITEMS: Final = 50

MANIFEST: Final = Manifest(
    name="kuaishou",
    label=Label("快手小店", "Kuaishou shop"),
    auth="oauth",
    hosts={"api": "https://openapi.kwaixiaodian.com", "page": "https://open.kwaixiaodian.com"},
    settings=(
        Setting("app_key", Label("App Key", "App key")),
        Setting("app_secret", Label("App Secret", "App secret"), secret=True),
        Setting("sign_secret", Label("签名密钥 signSecret", "Sign secret"), secret=True),
        Setting("message_secret", Label("消息密钥", "Message secret"), secret=True, required=False),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in", "decrypt"}),
    push="webhook",
    money="fen",
    time="milliseconds",
    rates={"": Rate(5, 10)},
    sheet="kuaishou_shop.md: signing high, sealed pushes high, data high; error families from secondary texts",
)


def sign(call: Call, given: Credentials) -> Request:
    """One JSON parameter, signed with everything beside it."""
    params = {
        "appkey": str(given.settings["app_key"]),
        "method": call.operation,
        "version": "1",
        "access_token": given.token,
        "timestamp": str(int(given.now.timestamp() * 1000)),
        "signMethod": "HMAC_SHA256",
        "param": compact(dict(call.params)),
    }
    params["sign"] = signature(given.secrets["sign_secret"], params)
    url = f"{given.base['api']}/{call.operation.replace('.', '/')}"
    if call.operation not in POSTED:
        return Request("GET", url, params)
    headers, body = form(params)
    return Request("POST", url, headers=headers, body=body)


def judge(call: Call, answer: Answer) -> Any:
    """`data` of a successful answer. Raises ConnectorFailure."""
    del call
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    if body.get("result") == 1:
        return body.get("data") or {}
    raise failure_of(body)


def failure_of(body: Mapping[str, Any]) -> ConnectorFailure:
    """Kuaishou's error in our words."""
    code = int(body.get("result") or 0)
    told, named = str(body.get("error_msg") or code), f"{code} {body.get('error_code') or ''}".strip()
    if code in EXPIRED:
        return NotAuthorised(told, platform_code=named, expired=True)
    if code in {21, 22, 23, 25, 26, 27}:
        return WronglySetUp(told, platform_code=named)
    if code in {15, 16, 80} or code // 1000 == 801:
        return TooMany(told, platform_code=named)
    if code in {10, 11, 12}:
        return Passing(told, platform_code=named)
    return Lasting(told, platform_code=named)


def authorise_url(given: Credentials, redirect: str, state: str) -> str:
    """Where the seller says yes."""
    query = {
        "app_id": str(given.settings["app_key"]),
        "redirect_uri": redirect,
        "scope": "merchant_order,merchant_refund,merchant_item,user_info",
        "response_type": "code",
        "state": state,
    }
    return f"{given.base['page']}/oauth/authorize?{urlencode(query)}"


def exchange(send: Send, given: Credentials, code: str) -> Grant:
    """The first token."""
    return _token(send, given, "access_token", {"grant_type": "code", "code": code})


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The next token. Raises NotAuthorised."""
    if grant is None or not grant.refresh:
        raise NotAuthorised("the seller has not authorised yet")
    return _token(send, given, "refresh_token", {"grant_type": "refresh_token", "refresh_token": grant.refresh})


def _token(send: Send, given: Credentials, what: str, params: Mapping[str, str]) -> Grant:
    keys = {"app_id": str(given.settings["app_key"]), "app_secret": given.secrets["app_secret"]}
    answer = send(Request("GET", f"{given.base['api']}/oauth2/{what}", {**keys, **params}))
    if answer.status != 200:
        check_status(answer)
    found = cast("dict[str, Any]", answer.json())
    if found.get("result") != 1:
        raise NotAuthorised(str(found.get("error_msg") or "no token"), platform_code=str(found.get("result")))
    return Grant(
        str(found["access_token"]),
        given.now + timedelta(seconds=int(found["expires_in"])),
        str(found.get("refresh_token") or ""),
        given.now + timedelta(seconds=int(found.get("refresh_token_expires_in") or 15_552_000)),
        {"open_id": str(found.get("open_id") or "")},
    )


def _milliseconds(window: Window) -> dict[str, int]:
    return {"beginTime": int(window.since.timestamp() * 1000), "endTime": int(window.until.timestamp() * 1000) + 1}


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window (`queryType` 2, all views)."""
    params = {
        "orderViewStatus": 1,
        "pageSize": 50,
        "sort": 2,
        "queryType": 2,
        "cursor": at or "",
        **_milliseconds(window),
    }
    found = asking.call(Call("open.order.cursor.list", params))
    items, cursor = listed(found, "orderList"), word(found, "cursor")
    return Page({"orderList": items}, len(items), cursor if cursor not in {"", NO_MORE} and items else None)


def order(asking: Asking, oid: str) -> Any:
    """One order, as a page of one."""
    return {"orderList": [asking.call(Call("open.order.detail", {"oid": int(oid)}))]}


def refunds(asking: Asking, window: Window, at: str | None) -> Page:
    """Refunds changed in a window (`type` 9: by time of change)."""
    page, _, cursor = (at or "1|").partition("|")
    params = {
        "type": 9,
        "pageSize": 100,
        "sort": 2,
        "currentPage": int(page),
        "pcursor": cursor,
        **_milliseconds(window),
    }
    found = asking.call(Call("open.seller.order.refund.pcursor.list", params))
    items, cursor = listed(found, "refundOrderInfoList"), word(found, "pcursor")
    following = f"{int(page) + 1}|{cursor}" if cursor not in {"", NO_MORE} and items else None
    return Page({"refundOrderInfoList": items}, len(items), following)


def refund(asking: Asking, refund_id: str) -> Any:
    """One refund, as a page of one."""
    return {"refundOrderInfoList": [asking.call(Call("open.seller.order.refund.detail", {"refundId": int(refund_id)}))]}


def check(asking: Asking) -> Mapping[str, Any]:
    """Who the seller is."""
    found = asking.call(Call("open.user.seller.get"))
    return {"shop": word(found, "name") or word(found, "sellerNick"), "id": word(found, "openId")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Bring a variant's stock to a number. The platform only adds (`changeType` 1) and takes away (2): what differs from now is told."""
    kwai, sku = int(item["product_id"]), int(item["sku_id"])
    variants = listed(asking.call(Call("open.item.get", {"kwaiItemId": kwai})), "skuList")
    now = next((one for one in variants if str(one.get("kwaiSkuId")) == str(sku)), None)
    if now is None:
        raise Lasting("the item has no such variant", platform_code="sku")
    more = quantity - whole(now, "skuStock", 0)
    if more:
        change = {"changeType": 1 if more > 0 else 2, "skuChangeStock": abs(more)}
        asking.call(Call("open.item.sku.stock.update", {"kwaiItemId": kwai, "skuId": sku, **change}))


def items(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything on sale with its variants: stock changes without the item being changed, so the whole is read."""
    del window
    page = int(at or 1)
    found = asking.call(Call("open.item.list.get", {"pageNumber": page, "pageSize": ITEMS}))
    told = listed(found, "items")
    return Page({"items": told}, len(told), following(page, ITEMS, found.get("total"), told))


_SEALED: Final = ("encryptedConsignee", "encryptedMobile", "encryptedAddress")


def receiver(asking: Asking, oid: str, purpose: str) -> Receiver | None:
    """The receiver of an order, opened by `open.order.decrypt.batch` within the shop's own quota."""
    del purpose
    told = member(asking.call(Call("open.order.detail", {"oid": int(oid)})), "orderAddress")
    sealed = [word(told, one) for one in _SEALED]
    asked = [{"bizId": oid, "encryptedData": text} for text in sealed if text]
    if not asked:
        return None
    opened = listed({"items": asking.call(Call("open.order.decrypt.batch", {"batchDecryptList": asked}))}, "items")
    plain = {word(one, "encryptedData"): word(one, "decryptedData") for one in opened}
    name, phone, street = (plain.get(text, "") for text in sealed)
    return Receiver(
        name, phone, "".join([*(word(told, part) for part in ("province", "city", "district", "town")), street])
    )


def verify(given: Credentials, delivery: Delivery) -> None:
    """A push is genuine when it opens, and is for our app: the sealing is all the proof there is."""
    try:
        message = json.loads(open_push(given.secrets.get("message_secret", ""), delivery.body.decode()))
    except (NotGenuine, ValueError) as error:
        raise not_verified() from error
    if not isinstance(message, dict) or cast("dict[str, Any]", message).get("appKey") != given.settings["app_key"]:
        raise not_verified()


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """What a push names, to be fetched."""
    del seen
    message = cast("dict[str, Any]", json.loads(open_push(given.secrets["message_secret"], str(push.body))))
    info: Any = message.get("info")
    found = cast("dict[str, Any]", json.loads(info)) if isinstance(info, str) else member(message, "info")
    stamp = ident(message, "eventId", "msgId")
    if found.get("oid"):
        yield want("orders", ident(found, "oid"), stamp=stamp)
    if found.get("refundId"):
        yield want("refunds", ident(found, "refundId"), stamp=stamp)


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    authorise_url=authorise_url,
    exchange=exchange,
    resources=(
        Resource("orders", orders, read_orders, order, window_max=timedelta(days=6, hours=23)),
        Resource("refunds", refunds, read_refunds, refund, window_max=timedelta(hours=23)),
        Resource("products", items, read_items, windowed=False, every_seconds=3600),
    ),
    pushes=Pushes(verify, read_push, reply=lambda _given, _delivery: ('{"result":1}', "application/json")),
    receiver=receiver,
    set_stock=set_stock,
)
