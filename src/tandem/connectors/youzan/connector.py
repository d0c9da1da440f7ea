"""Youzan: tokens in the query, nothing signed, pushes by header; trades by page number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import unquote

from tandem.catalog.label import Label
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
from tandem.connectors.kit.texts import compact, same
from tandem.connectors.kit.values import as_gmt8, ident, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.connectors.youzan.mapping import read_consultations, read_items, read_refunds, read_trades
from tandem.connectors.youzan.signing import event_sign
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

PAGE_SIZE: Final = 100
CONSULTATIONS: Final = 20
"""At once: each is a call of its own."""
ITEMS: Final = 20
JSON: Final = {"content-type": "application/json"}

MANIFEST: Final = Manifest(
    name="youzan",
    label=Label("有赞", "Youzan"),
    auth="client_credentials",
    hosts={"api": "https://open.youzanyun.com"},
    settings=(
        Setting("client_id", Label("client_id", "Client id")),
        Setting("kdt_id", Label("店铺 kdt_id", "Shop's kdt_id"), pattern=r"\d{1,20}"),
        Setting("client_secret", Label("client_secret", "Client secret"), secret=True),
    ),
    capabilities=frozenset(
        {"orders", "refunds", "products", "customers", "stock_out", "stock_in", "messages", "decrypt"}
    ),
    push="webhook",
    money="yuan",
    time="gmt8",
    rates={"": Rate(5, 10)},
    sheet="youzan.md: pushes high, authorisation and data medium; refund states and consultations' fields not verified in a public source",
)


def sign(call: Call, given: Credentials) -> Request:
    """Nothing is signed."""
    version = call.path or "3.0.0"
    url = f"{given.base['api']}/api/{call.operation}/{version}"
    return Request("POST", url, {"access_token": given.token}, JSON, compact(dict(call.params)).encode())


def judge(call: Call, answer: Answer) -> Any:
    """`data` of a successful answer. Raises ConnectorFailure."""
    del call
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    error = member(body, "gw_err_resp")
    if error:
        raise failure_of(int(error.get("err_code") or 0), word(error, "err_msg"))
    if body.get("success") is False or int(body.get("code") or 200) != 200:
        raise failure_of(int(body.get("code") or 0), word(body, "message"))
    found: Any = body.get("data") or body.get("response") or {}
    return found


def failure_of(code: int, told: str) -> ConnectorFailure:
    """Youzan's error in our words."""
    if code in {4201, 4202, 4203, 10003}:
        return NotAuthorised(told, platform_code=str(code), expired=True)
    if code in {10004, 4204}:
        return WronglySetUp(told, platform_code=str(code))
    if code in {20001, 20002}:
        return TooMany(told, platform_code=str(code), retry_after_seconds=3600 if code == 20002 else None)
    return Passing(told, platform_code=str(code)) if code in {50000, 50001} else Lasting(told, platform_code=str(code))


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The shop's own token, for its id; how long it lives, only its `expires` tells. Raises ConnectorFailure."""
    del grant
    body = {
        "authorize_type": "silent",
        "client_id": given.settings["client_id"],
        "client_secret": given.secrets["client_secret"],
        "grant_id": given.settings["kdt_id"],
        "refresh": False,
    }
    found = judge(
        Call("token"), send(Request("POST", f"{given.base['api']}/auth/token", {}, JSON, compact(body).encode()))
    )
    ends = datetime.fromtimestamp(int(found["expires"]) / 1000, UTC)
    return Grant(str(found["access_token"]), ends, facts={"kdt_id": word(found, "authority_id")})


def trades(asking: Asking, window: Window, at: str | None) -> Page:
    """Trades changed in a window."""
    page = int(at or 1)
    params = {
        "start_update": as_gmt8(window.since),
        "end_update": as_gmt8(window.until + timedelta(seconds=1)),
        "page_no": page,
        "page_size": PAGE_SIZE,
    }
    found = asking.call(Call("youzan.trades.sold.get", params, path="4.0.4"))
    items = listed(found, "full_order_info_list")
    after = following(page, PAGE_SIZE, found.get("total_results"), items)
    return Page({"full_order_info_list": items}, len(items), after)


def trade(asking: Asking, tid: str) -> Any:
    """One trade, as a page of one."""
    return {"full_order_info_list": [asking.call(Call("youzan.trade.get", {"tid": tid}, path="4.0.2"))]}


def refunds(asking: Asking, window: Window, at: str | None) -> Page:
    """Refunds changed in a window; page times size stays under 3,000, so windows are short."""
    page = int(at or 1)
    params = {
        "update_time_start": int(window.since.timestamp() * 1000),
        "update_time_end": int(window.until.timestamp() * 1000) + 1,
        "page_no": page,
        "page_size": PAGE_SIZE,
    }
    found = asking.call(Call("youzan.trade.refund.search", params, path="3.0.1"))
    items = listed(found, "refunds")
    return Page({"refunds": items}, len(items), following(page, PAGE_SIZE, found.get("total"), items))


def refund(asking: Asking, refund_id: str) -> Any:
    """One refund, as a page of one."""
    return {"refunds": [asking.call(Call("youzan.trade.refund.get", {"refund_id": refund_id}, path="3.0.1"))]}


def consultations(asking: Asking, window: Window, at: str | None) -> Page:
    """Consultations with a message in a window, each with its messages. The platform holds 90 days of them."""
    page = int(at or 1)
    params = {
        "start_time": int(window.since.timestamp() * 1000),
        "end_time": int(window.until.timestamp() * 1000) + 1,
        "page_no": page,
        "page_size": CONSULTATIONS,
    }
    found = asking.call(Call("youzan.message.courier.consultation.list", params, path="1.0.0"))
    items = listed(found, "items")
    told = [one | {"messages": _messages(asking, ident(one, "consultation_id"))} for one in items]
    return Page({"consultations": told}, len(told), following(page, CONSULTATIONS, found.get("total"), items))


def _messages(asking: Asking, consultation: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    page = 1
    while True:
        params = {"consultation_id": consultation, "page_no": page, "page_size": PAGE_SIZE}
        found = asking.call(Call("youzan.message.courier.consultation.msg.list", params, path="1.0.0"))
        items = listed(found, "items")
        told += items
        if following(page, PAGE_SIZE, found.get("total"), items) is None:
            return told
        page += 1


def items(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything on sale with its variants: stock changes without the item being changed, so the whole is read."""
    del window
    page = int(at or 1)
    found = asking.call(Call("youzan.items.onsale.get", {"page_no": page, "page_size": ITEMS}))
    told = listed(found, "items")
    whole = [member(asking.call(Call("youzan.item.get", {"item_id": one["item_id"]})), "item") for one in told]
    return Page({"items": whole}, len(whole), following(page, ITEMS, found.get("count"), told))


def receiver(asking: Asking, tid: str, purpose: str) -> Receiver | None:
    """The receiver of a trade, each sealed field opened by the platform: its keys are the shop's own."""
    del purpose
    found = asking.call(Call("youzan.trade.get", {"tid": tid}, path="4.0.2"))
    told = member(member(found, "full_order_info") or found, "address_info")
    name, phone, street = (_plain(asking, word(told, f"{one}")) for one in _SEALED)
    if not phone and not street:
        return None
    places = [word(told, f"delivery_{part}") for part in ("province", "city", "district")]
    return Receiver(name, phone, "".join([*places, street]))


_SEALED: Final = ("receiver_name", "receiver_tel", "delivery_address")


def _plain(asking: Asking, text: str) -> str:
    """A sealed text in plain; what is plain already the platform gives back as it is."""
    if not text:
        return ""
    opened = asking.call(Call("youzan.cloud.secret.decrypt.single", {"source": text}, path="1.0.0"))
    return str(opened or "") if isinstance(opened, str) else word(cast("dict[str, Any]", opened), "decrypt_data")


def check(asking: Asking) -> Mapping[str, Any]:
    """The shop's name."""
    found = asking.call(Call("youzan.shop.get"))
    return {"shop": word(found, "name"), "id": word(found, "id")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set a variant's stock to a number."""
    params = {"item_id": item["product_id"], "sku_id": item["sku_id"], "quantity": quantity, "type": 0}
    asking.call(Call("youzan.item.quantity.update", params, path="4.0.0"))


def verify(given: Credentials, delivery: Delivery) -> None:
    """Event-Sign over the body as it came, from our app and for our shop."""
    client, secret = str(given.settings["client_id"]), given.secrets["client_secret"]
    if not same(delivery.headers.get("event-sign", ""), event_sign(client, secret, delivery.body)):
        raise not_verified()
    if str(json.loads(delivery.body).get("kdt_id")) != str(given.settings["kdt_id"]):
        raise not_verified()


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """What a push names, to be fetched; its `msg` is percent-encoded JSON."""
    del given, seen
    body = cast("dict[str, Any]", push.body)
    kind, stamp = word(body, "type"), word(body, "msg_id")
    if body.get("test") or not kind.startswith("trade_"):
        return
    message = cast("dict[str, Any]", json.loads(unquote(word(body, "msg"))))
    if message.get("tid") or body.get("id"):
        yield want("orders", ident(message if message.get("tid") else body, "tid", "id"), stamp=stamp)
    if kind.startswith("trade_refund_") and message.get("refund_id"):
        yield want("refunds", ident(message, "refund_id"), stamp=stamp)


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(
        # Its batches lag: nothing is asked for before it is half a minute old.
        Resource("orders", trades, read_trades, trade, window_max=timedelta(days=7), settle=timedelta(seconds=30)),
        Resource("refunds", refunds, read_refunds, refund, window_max=timedelta(days=1), settle=timedelta(seconds=30)),
        Resource("products", items, read_items, windowed=False, every_seconds=3600),
        Resource(
            "messages", consultations, read_consultations, window_max=timedelta(days=7), settle=timedelta(seconds=30)
        ),
    ),
    pushes=Pushes(
        verify, read_push, reply=lambda _given, _delivery: ('{"code":0,"msg":"success"}', "application/json")
    ),
    receiver=receiver,
    set_stock=set_stock,
)
