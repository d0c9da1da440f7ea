"""WeChat shop: a token in the query, lists of ids with their details, pushes in WeChat's sealed envelopes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, cast

from tandem.catalog.label import Label
from tandem.connectors.kit import envelopes
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
    want,
)
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import ident, member, texts, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.connectors.wechat_shop.mapping import read_aftersales, read_orders, read_wares
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

EXPIRED: Final = {40001, 40014, 42001}
PAGE_SIZE: Final = 50
WARES_AT_ONCE: Final = 30

MANIFEST: Final = Manifest(
    name="wechat_shop",
    label=Label("微信小店", "WeChat shop"),
    auth="client_credentials",
    hosts={"api": "https://api.weixin.qq.com"},
    settings=(
        Setting("app_id", Label("AppID", "App id")),
        Setting("app_secret", Label("AppSecret", "App secret"), secret=True),
        Setting("token", Label("消息推送 Token", "Push token"), secret=True, required=False),
        Setting("encoding_aes_key", Label("EncodingAESKey", "EncodingAESKey"), secret=True, required=False),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in"}),
    push="webhook",
    money="fen",
    time="seconds",
    rates={"": Rate(20, 60)},
    sheet="wechat_shop.md: authorisation high, sealed pushes high, data high",
)


def sign(call: Call, given: Credentials) -> Request:
    """Nothing is signed: the token stands in the query."""
    body = compact(dict(call.params)).encode()
    headers = {"content-type": "application/json"}
    return Request("POST", f"{given.base['api']}{call.path}", {"access_token": given.token}, headers, body)


def judge(call: Call, answer: Answer) -> Any:
    """The body of a successful answer. Raises ConnectorFailure."""
    del call
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    if not body.get("errcode"):
        return body
    raise failure_of(body)


def failure_of(body: Mapping[str, Any]) -> ConnectorFailure:
    """WeChat's error in our words."""
    code, told = int(body.get("errcode") or 0), str(body.get("errmsg") or "")
    if code in EXPIRED:
        return NotAuthorised(told, platform_code=str(code), expired=True)
    if code in {40013, 40125, 40164, 606006, 48001}:
        return WronglySetUp(told, platform_code=str(code))
    if code == 45009:
        # The day's quota: the platform counts anew at midnight, an hour is soon enough to look again.
        return TooMany(told, platform_code=str(code), retry_after_seconds=3600)
    if code in {31042, 45011}:
        return TooMany(told, platform_code=str(code))
    return Passing(told, platform_code=str(code)) if code == -1 else Lasting(told, platform_code=str(code))


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The stable token: asked for again it stays the same until it ends; forced where the platform refuses the one it gave."""
    held = grant is not None and grant.expires_at is not None and grant.expires_at > given.now + timedelta(minutes=5)
    body = {
        "grant_type": "client_credential",
        "appid": given.settings["app_id"],
        "secret": given.secrets["app_secret"],
        "force_refresh": held,
    }
    request = Request(
        "POST",
        f"{given.base['api']}/cgi-bin/stable_token",
        headers={"content-type": "application/json"},
        body=compact(body).encode(),
    )
    found = judge(Call("token"), send(request))
    return Grant(str(found["access_token"]), given.now + timedelta(seconds=int(found["expires_in"])))


def _ask(asking: Asking, path: str, params: Mapping[str, Any]) -> Any:
    return asking.call(Call(path.rpartition("/channels/ec/")[2], params, path=path))


def _range(window: Window) -> dict[str, int]:
    return {"start_time": int(window.since.timestamp()), "end_time": int(window.until.timestamp()) + 1}


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window: the list has ids only, so each is asked for."""
    params = {"update_time_range": _range(window), "page_size": PAGE_SIZE, "next_key": at or ""}
    found = _ask(asking, "/channels/ec/order/list/get", params)
    items = [order(asking, one)["orders"][0] for one in texts(found, "order_id_list")]
    return Page({"orders": items}, len(items), str(found["next_key"]) if found.get("has_more") and items else None)


def order(asking: Asking, order_id: str) -> Any:
    """One order, as a page of one."""
    return {"orders": [member(_ask(asking, "/channels/ec/order/get", {"order_id": order_id}), "order")]}


def receiver(asking: Asking, order_id: str, purpose: str) -> Receiver | None:
    """The receiver of an order, opened by `order/sensitiveinfo/decode` within the shop's own quota."""
    del purpose
    told = member(_ask(asking, "/channels/ec/order/sensitiveinfo/decode", {"order_id": order_id}), "address_info")
    if not told:
        return None
    places = [word(told, part) for part in ("province_name", "city_name", "county_name", "detail_info")]
    return Receiver(word(told, "user_name"), word(told, "tel_number"), "".join(places))


def aftersales(asking: Asking, window: Window, at: str | None) -> Page:
    """After-sale cases changed in a window, each with its detail."""
    span = _range(window)
    params = {"begin_update_time": span["start_time"], "end_update_time": span["end_time"], "next_key": at or ""}
    found = _ask(asking, "/channels/ec/aftersale/getaftersalelist", params)
    items = [aftersale(asking, one)["after_sale_orders"][0] for one in texts(found, "after_sale_order_id_list")]
    following = str(found["next_key"]) if found.get("has_more") and items else None
    return Page({"after_sale_orders": items}, len(items), following)


def aftersale(asking: Asking, after_sale_order_id: str) -> Any:
    """One case, as a page of one."""
    found = _ask(asking, "/channels/ec/aftersale/getaftersaleorder", {"after_sale_order_id": after_sale_order_id})
    return {"after_sale_orders": [member(found, "after_sale_order")]}


def wares(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything on sale, each with its variants: stock changes without the ware being changed, so the whole is read."""
    del window
    found = _ask(
        asking, "/channels/ec/product/list/get", {"status": 5, "page_size": WARES_AT_ONCE, "next_key": at or ""}
    )
    ids = texts(found, "product_ids")
    items = [
        member(_ask(asking, "/channels/ec/product/get", {"product_id": one, "data_type": 1}), "product") for one in ids
    ]
    more = len(ids) == WARES_AT_ONCE and found.get("next_key")
    return Page({"products": items}, len(items), str(found["next_key"]) if more else None)


def check(asking: Asking) -> Mapping[str, Any]:
    """The shop's name."""
    info = member(_ask(asking, "/channels/ec/basics/info/get", {}), "info")
    return {"shop": word(info, "nickname"), "id": str(asking.credentials.settings["app_id"])}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set a variant's stock to a number (`diff_type` 3)."""
    params = {"product_id": item["product_id"], "sku_id": item["sku_id"], "diff_type": 3, "num": quantity}
    _ask(asking, "/channels/ec/product/stock/update", params)


# ------------------------------------------------------------------------------------------------------------- pushes


def _sealed(body: Any) -> str:
    found: Any = json.loads(body) if isinstance(body, str | bytes) else body
    return ident(cast("dict[str, Any]", found), "Encrypt")


def verify(given: Credentials, delivery: Delivery) -> None:
    """The signature over the sealed text, and that it opens for our app: a replay for another is refused."""
    query, token = delivery.query, given.secrets.get("token", "")
    try:
        sealed = _sealed(delivery.body)
        signed = envelopes.is_signed(
            query.get("msg_signature", ""), token, query.get("timestamp", ""), query.get("nonce", ""), sealed
        )
        if not token or not signed:
            raise not_verified()
        _open(given, sealed)
    except (NotGenuine, Refused, ValueError) as error:
        raise not_verified() from error


def _open(given: Credentials, sealed: str) -> dict[str, Any]:
    key, app = given.secrets.get("encoding_aes_key", ""), str(given.settings["app_id"])
    return cast("dict[str, Any]", json.loads(envelopes.opened(key, sealed, receiver_id=app).message))


def challenge(given: Credentials, query: Mapping[str, str]) -> tuple[str, str]:
    """The address check: the signature of a plain push, the echo as it came."""
    token = given.secrets.get("token", "")
    if not token or not envelopes.is_signed(query["signature"], token, query["timestamp"], query["nonce"]):
        raise not_verified()
    return query["echostr"], "text/plain"


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """What an event names, to be fetched."""
    del seen
    message = _open(given, _sealed(push.body))
    stamp = f"{word(message, 'Event')}:{word(message, 'CreateTime')}"
    named = member(message, "order_info") or member(message, "finder_shop_aftersale_status_update")
    if named.get("order_id"):
        yield want("orders", ident(named, "order_id"), stamp=stamp)
    if named.get("after_sale_order_id"):
        yield want("refunds", ident(named, "after_sale_order_id"), stamp=stamp)


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(
        Resource("orders", orders, read_orders, order, window_max=timedelta(days=6, hours=23)),
        Resource("refunds", aftersales, read_aftersales, aftersale, window_max=timedelta(hours=23)),
        Resource("products", wares, read_wares, windowed=False, every_seconds=3600),
    ),
    pushes=Pushes(verify, read_push, reply=lambda _given, _delivery: ("success", "text/plain"), challenge=challenge),
    receiver=receiver,
    set_stock=set_stock,
)
