"""Douyin shop: calls signed over their exact body, pages from 0, pushes that name what to fetch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.douyin.mapping import read_aftersales, read_items, read_orders
from tandem.connectors.douyin.signing import event_sign, param_json
from tandem.connectors.douyin.signing import sign as signature
from tandem.connectors.kit.failures import (
    ConnectorFailure,
    Lasting,
    NotAuthorised,
    Passing,
    TooMany,
    WronglySetUp,
)
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
from tandem.connectors.kit.texts import same
from tandem.connectors.kit.values import ident, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

PAGE_SIZE: Final = 100
ITEMS: Final = 20
DEPTH_MAX: Final = 50_000
"""page * size beyond this is refused: a window that holds more is cut by hand of smaller windows."""
REFUND_TAGS: Final = range(200, 300)

MANIFEST: Final = Manifest(
    name="douyin",
    label=Label("抖店", "Douyin shop"),
    auth="client_credentials",
    hosts={"api": "https://openapi-fxg.jinritemai.com"},
    settings=(
        Setting("app_key", Label("App Key", "App key")),
        Setting("shop_id", Label("店铺 ID", "Shop id"), pattern=r"\d{1,20}"),
        Setting("app_secret", Label("App Secret", "App secret"), secret=True),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in", "decrypt"}),
    push="webhook",
    money="fen",
    time="seconds",
    rates={"order.searchList": Rate(10, 20), "": Rate(8, 16)},
    sheet="douyin_shop.md: signing high, push high, data high; error families from secondary texts",
)


def sign(call: Call, given: Credentials) -> Request:
    """The body that is sent is the very text that is signed; the token is not."""
    body = param_json(dict(call.params))
    moment = str(int(given.now.timestamp()))
    query = {
        "app_key": str(given.settings["app_key"]),
        "method": call.operation,
        "timestamp": moment,
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": signature(query_key(given), given.secrets["app_secret"], call.operation, moment, body),
    }
    if given.token:
        query["access_token"] = given.token
    return Request(
        "POST",
        f"{given.base['api']}/{call.operation.replace('.', '/')}",
        query,
        {"content-type": "application/json;charset=UTF-8"},
        body.encode(),
    )


def query_key(given: Credentials) -> str:
    """The app's key as text."""
    return str(given.settings["app_key"])


def judge(call: Call, answer: Answer) -> Any:
    """`data` of a successful answer. Raises ConnectorFailure."""
    del call
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    if body.get("code") == 10000:
        return body.get("data") or {}
    raise failure_of(body)


def failure_of(body: Mapping[str, Any]) -> ConnectorFailure:
    """Douyin's error in our words."""
    code, sub = int(body.get("code") or 0), str(body.get("sub_code") or "")
    told, named = str(body.get("sub_msg") or body.get("msg") or code), f"{code} {sub}".strip()
    if code == 80000 or "limit" in sub:
        return TooMany(told, platform_code=named)
    if 30001 <= code <= 30007:
        return NotAuthorised(told, platform_code=named, expired=True)
    if code in {40003, 40004} or "sign" in sub:
        return WronglySetUp(told, platform_code=named)
    if code in {20000, 90000} or sub.startswith("isp."):
        return Passing(told, platform_code=named)
    return Lasting(told, platform_code=named)


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The shop's token: made for the shop, or renewed. Raises ConnectorFailure."""
    if grant is not None and grant.refresh:
        call = Call("token.refresh", {"grant_type": "refresh_token", "refresh_token": grant.refresh})
        try:
            return _token(send, given, call)
        except NotAuthorised:
            pass  # an old token is no loss: an app of the shop's own may ask for a first one at any time
    params = {"grant_type": "authorization_self", "shop_id": str(given.settings["shop_id"]), "code": ""}
    return _token(send, given, Call("token.create", params))


def _token(send: Send, given: Credentials, call: Call) -> Grant:
    found = judge(call, send(sign(call, given.with_token(""))))
    return Grant(
        str(found["access_token"]),
        given.now + timedelta(seconds=int(found["expires_in"])),
        str(found.get("refresh_token") or ""),
        None,
        {"shop": str(found.get("shop_name") or ""), "shop_id": str(found.get("shop_id") or "")},
    )


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window, oldest change first."""
    page = int(at or 0)
    params = {
        "page": page,
        "size": PAGE_SIZE,
        "update_time_start": int(window.since.timestamp()),
        "update_time_end": int(window.until.timestamp()) + 1,
        "order_by": "update_time",
        "order_asc": True,
    }
    found = asking.call(Call("order.searchList", params))
    items = listed(found, "shop_order_list")
    more = (page + 1) * PAGE_SIZE < min(int(found.get("total") or 0), DEPTH_MAX)
    return Page({"shop_order_list": items}, len(items), str(page + 1) if more and items else None)


def order(asking: Asking, order_id: str) -> Any:
    """One order, as a page of one."""
    found = asking.call(Call("order.orderDetail", {"shop_order_id": order_id}))
    return {"shop_order_list": [member(found, "shop_order_detail")]}


def receiver(asking: Asking, order_id: str, purpose: str) -> Receiver | None:
    """The receiver of an order, opened by `order.batchDecrypt`; the shop must have been granted it."""
    del purpose
    found = member(asking.call(Call("order.orderDetail", {"shop_order_id": order_id})), "shop_order_detail")
    sealed = {
        "name": word(found, "encrypt_post_receiver"),
        "phone": word(found, "encrypt_post_tel"),
        "address": word(member(found, "post_addr"), "encrypt_detail"),
    }
    asked = [{"auth_id": order_id, "cipher_text": text} for text in sealed.values() if text]
    if not asked:
        return None
    told = listed(asking.call(Call("order.batchDecrypt", {"cipher_infos": asked})), "decrypt_infos")
    plain = {word(one, "cipher_text"): one for one in told if not int(word(one, "err_no") or 0)}
    opened = {what: plain.get(text, {}) for what, text in sealed.items()}
    area = member(found, "post_addr")
    places = [word(member(area, part), "name") for part in ("province", "city", "town", "street")]
    return Receiver(
        word(opened["name"], "decrypt_text"),
        word(opened["phone"], "decrypt_text"),
        "".join([*places, word(opened["address"], "decrypt_text")]),
        virtual=str(opened["phone"].get("is_virtual_tel")).lower() == "true",
    )


def aftersales(asking: Asking, window: Window, at: str | None) -> Page:
    """After-sale cases changed in a window, each with its detail where money went back: only that tells how much and when."""
    page = int(at or 0)
    params = {
        "page": page,
        "size": PAGE_SIZE,
        "start_time": int(window.since.timestamp()),
        "end_time": int(window.until.timestamp()) + 1,
        "order_by": ["update_time desc"],
    }
    found = asking.call(Call("afterSale.List", params))
    infos = [member(one, "aftersale_info") for one in listed(found, "items")]
    done = [one for one in infos if word(one, "refund_status") == "3"]
    items = [aftersale(asking, ident(one, "aftersale_id"))["items"][0] for one in done]
    more = str(found.get("has_more")).lower() == "true" and bool(infos)
    return Page({"items": items}, len(items), str(page + 1) if more else None)


def aftersale(asking: Asking, aftersale_id: str) -> Any:
    """One case, as a page of one."""
    return {"items": [asking.call(Call("afterSale.Detail", {"after_sale_id": aftersale_id}))]}


def items(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything on sale with its variants: stock changes without the product being changed, so the whole is read."""
    del window
    page = int(at or 1)
    found = asking.call(Call("product.listV2", {"page": page, "size": ITEMS, "status": 0}))
    told = listed(found, "data")
    whole = [one | {"skus": _variants(asking, ident(one, "product_id"))} for one in told]
    return Page({"items": whole}, len(whole), following(page, ITEMS, found.get("total"), told))


def _variants(asking: Asking, product_id: str) -> list[dict[str, Any]]:
    return listed({"skus": asking.call(Call("sku.list", {"product_id": product_id}))}, "skus")


def check(asking: Asking) -> Mapping[str, Any]:
    """A call that costs little; the shop's name came with the token."""
    params = {"page": 0, "size": 1, "order_by": "update_time"}
    asking.call(Call("order.searchList", params))
    grant = asking.credentials.grant
    return {"shop": grant.get("shop") or asking.credentials.settings["shop_id"], "id": grant.get("shop_id") or ""}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set a variant's stock to a number; the same key again changes nothing."""
    params = {"sku_id": item["sku_id"], "stock_num": quantity, "incremental": False, "idempotent_id": item["key"]}
    asking.call(Call("sku.syncStock", params))


# ------------------------------------------------------------------------------------------------------------- pushes


def verify(given: Credentials, delivery: Delivery) -> None:
    """`event-sign` over the body as it came."""
    wanted = event_sign(query_key(given), given.secrets["app_secret"], delivery.body)
    if delivery.headers.get("app-id") != query_key(given) or not same(delivery.headers.get("event-sign", ""), wanted):
        raise not_verified()


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """What a push names, to be fetched. Tags that nobody listed are news of an order all the same."""
    del given, seen
    for message in _messages(push.body):
        data: Any = message.get("data")
        found = cast("dict[str, Any]", json.loads(data)) if isinstance(data, str) else member(message, "data")
        if not found.get("p_id"):
            continue  # a test message on registration
        stamp = word(message, "msg_id") or word(message, "msgId")
        yield want("orders", ident(found, "p_id"), stamp=stamp)
        if int(word(message, "tag") or 0) in REFUND_TAGS and found.get("aftersale_id"):
            yield want("refunds", ident(found, "aftersale_id"), stamp=stamp)


def _messages(body: Any) -> list[dict[str, Any]]:
    return [cast("dict[str, Any]", body)] if isinstance(body, dict) else listed({"items": body}, "items")


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(
        Resource("orders", orders, read_orders, order, window_max=timedelta(days=7)),
        Resource("refunds", aftersales, read_aftersales, aftersale, window_max=timedelta(days=7)),
        Resource("products", items, read_items, windowed=False, every_seconds=3600),
    ),
    pushes=Pushes(
        verify, read_push, reply=lambda _given, _delivery: ('{"code":0,"msg":"success"}', "application/json")
    ),
    receiver=receiver,
    set_stock=set_stock,
)
