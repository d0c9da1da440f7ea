"""Pinduoduo: signed forms, increments of at most half an hour, the past by the day. Its websocket is not spoken here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode

from tandem.catalog.label import Label
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, Passing, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Page, Platform, Receiver, Resource, Window, following
from tandem.connectors.kit.texts import compact, pairs
from tandem.connectors.kit.values import ident, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status, form
from tandem.connectors.pinduoduo.mapping import read_goods, read_orders, read_refunds
from tandem.connectors.pinduoduo.signing import sign as signature

PAGE_SIZE: Final = 100
HALF_HOUR: Final = timedelta(minutes=24)
"""The platform's window is 30 minutes; the overlap in front and the second behind must fit in."""

MANIFEST: Final = Manifest(
    name="pinduoduo",
    label=Label("拼多多", "Pinduoduo"),
    auth="oauth",
    hosts={
        "api": "https://gw-api.pinduoduo.com/api/router",
        "auth": "https://open-api.pinduoduo.com/oauth/token",
        "page": "https://fuwu.pinduoduo.com/service-market/auth",
    },
    settings=(
        Setting("client_id", Label("client_id", "Client id")),
        Setting("client_secret", Label("client_secret", "Client secret"), secret=True),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "stock_out", "stock_in", "decrypt"}),
    push="none",
    money="yuan",
    time="gmt8",
    openings_per_day=100,
    rates={"": Rate(5, 10), "pdd.open.decrypt.batch": Rate(0.1, 1)},
    sheet="pinduoduo.md: signing high, orders and refunds high; the websocket's frames are recorded but not spoken",
)


def sign(call: Call, given: Credentials) -> Request:
    """A signed form; empty values are neither sent nor signed."""
    params: dict[str, Any] = {
        "type": call.operation,
        "client_id": given.settings["client_id"],
        "access_token": given.token,
        "timestamp": str(int(given.now.timestamp())),
        "data_type": "JSON",
        "version": "V1",
        **call.params,
    }
    kept = dict(pairs(params, empty=False))
    headers, body = form(kept | {"sign": signature(given.secrets["client_secret"], kept)})
    return Request("POST", given.base["api"], headers=headers, body=body)


def judge(call: Call, answer: Answer) -> Any:
    """The one member of a successful answer. Raises ConnectorFailure."""
    del call
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    error = member(body, "error_response")
    if error:
        raise failure_of(error)
    found: Any = next(iter(body.values()), None)
    return found or {}


def failure_of(error: Mapping[str, Any]) -> ConnectorFailure:
    """Pinduoduo's error in our words."""
    code, told = int(error.get("error_code") or 0), str(error.get("sub_msg") or error.get("error_msg") or "")
    named = f"{code} {error.get('sub_code') or ''}".strip()
    if code == 10019:
        return NotAuthorised(told, platform_code=named, expired=True)
    if code in {20004, 20005, 20031, 20032, 30000}:
        return WronglySetUp(told, platform_code=named)
    if code in {70031, 70032, 70033, 70034, 70035, 70036}:
        return TooMany(told, platform_code=named)
    return Passing(told, platform_code=named) if code in {50000, 52001, 52002} else Lasting(told, platform_code=named)


def authorise_url(given: Credentials, redirect: str, state: str) -> str:
    """Where the merchant says yes."""
    query = {
        "response_type": "code",
        "client_id": str(given.settings["client_id"]),
        "redirect_uri": redirect,
        "state": state,
    }
    return f"{given.base['page']}?{urlencode(query)}"


def exchange(send: Send, given: Credentials, code: str) -> Grant:
    """The first token."""
    return _token(send, given, {"grant_type": "authorization_code", "code": code})


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The next token. Raises NotAuthorised."""
    if grant is None or not grant.refresh:
        raise NotAuthorised("the merchant has not authorised yet")
    return _token(send, given, {"grant_type": "refresh_token", "refresh_token": grant.refresh})


def _token(send: Send, given: Credentials, params: Mapping[str, str]) -> Grant:
    keys = {"client_id": str(given.settings["client_id"]), "client_secret": given.secrets["client_secret"]}
    body = compact({**keys, **params}).encode()
    answer = send(Request("POST", given.base["auth"], headers={"content-type": "application/json"}, body=body))
    if answer.status != 200:
        check_status(answer)
    found = cast("dict[str, Any]", answer.json())
    if not found.get("access_token"):
        raise NotAuthorised(word(member(found, "error_response"), "error_msg") or "no token")
    ends = {
        name: given.now + timedelta(seconds=int(found[key])) if found.get(key) else None
        for name, key in (("access", "expires_in"), ("refresh", "refresh_token_expires_in"))
    }
    facts = {"shop": str(found.get("owner_name") or ""), "mall_id": str(found.get("owner_id") or "")}
    return Grant(
        str(found["access_token"]), ends["access"], str(found.get("refresh_token") or ""), ends["refresh"], facts
    )


def _page(found: Any, key: str, at: str | None) -> Page:
    items = listed(found, key)
    more = bool(found.get("has_next")) and bool(items)
    return Page({key: items}, len(items), str(int(at or 1) + 1) if more else None)


def _span(window: Window, kind: str) -> dict[str, int]:
    return {f"start_{kind}_at": int(window.since.timestamp()), f"end_{kind}_at": int(window.until.timestamp()) + 1}


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window, each with its detail: the increment tells numbers and states only."""
    params = {
        "is_lucky_flag": 0,
        "order_status": 5,
        "refund_status": 5,
        "page": int(at or 1),
        "page_size": PAGE_SIZE,
        "use_has_next": True,
        **_span(window, "updated"),
    }
    found = asking.call(Call("pdd.order.number.list.increment.get", params))
    told = listed(found, "order_sn_list")
    items = [order(asking, ident(one, "order_sn"))["order_list"][0] for one in told]
    after = str(int(at or 1) + 1) if found.get("has_next") and told else None
    return Page({"order_list": items}, len(items), after)


def past_orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders confirmed in a window of up to a day, as they are now."""
    params = {
        "order_status": 5,
        "refund_status": 5,
        "page": int(at or 1),
        "page_size": PAGE_SIZE,
        "use_has_next": True,
        **_span(window, "confirm"),
    }
    return _page(asking.call(Call("pdd.order.list.get", params)), "order_list", at)


def order(asking: Asking, order_sn: str) -> Any:
    """One order, as a page of one."""
    found = asking.call(Call("pdd.order.information.get", {"order_sn": order_sn}))
    return {"order_list": [member(found, "order_info")]}


def receiver(asking: Asking, order_sn: str, purpose: str) -> Receiver | None:
    """The receiver of an order. Outside its cloud the platform opens one batch in ten seconds and a hundred a day."""
    del purpose
    found = member(asking.call(Call("pdd.order.information.get", {"order_sn": order_sn})), "order_info")
    # Since 2025-11-07 the phone stands in `contact_mobile` alone, and name and address may be empty.
    sealed = {
        "name": word(found, "receiver_name"),
        "phone": word(found, "contact_mobile") or word(found, "receiver_phone"),
        "address": word(found, "receiver_address"),
    }
    asked = [{"data_tag": order_sn, "encrypted_data": text} for text in sealed.values() if text]
    if not asked:
        return None
    told = listed(asking.call(Call("pdd.open.decrypt.batch", {"data_list": compact(asked)})), "data_decrypt_list")
    plain = {word(one, "encrypted_data"): one for one in told if not int(word(one, "error_code") or 0)}
    opened = {what: plain.get(text, {}) for what, text in sealed.items()}
    places = [word(found, part) for part in ("province", "city", "town")]
    return Receiver(
        word(opened["name"], "decrypted_data"),
        word(opened["phone"], "decrypted_data"),
        "".join([*places, word(opened["address"], "decrypted_data")]),
        virtual=bool(word(opened["phone"], "virtual_identify_number")),
    )


def refunds(asking: Asking, window: Window, at: str | None) -> Page:
    """After-sale cases changed in a window of at most half an hour."""
    params = {
        "after_sales_type": 1,
        "after_sales_status": 1,
        "page": int(at or 1),
        "page_size": PAGE_SIZE,
        **_span(window, "updated"),
    }
    found = asking.call(Call("pdd.refund.list.increment.get", params))
    items = listed(found, "refund_list")
    after = following(int(at or 1), PAGE_SIZE, found.get("total_count"), items)
    return Page({"refund_list": items}, len(items), after)


def goods(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything on sale: stock changes without the goods being changed, so the whole list is read."""
    del window
    page = int(at or 1)
    found = asking.call(Call("pdd.goods.list.get", {"is_onsale": 1, "page": page, "page_size": PAGE_SIZE}))
    items = listed(found, "goods_list")
    return Page({"goods_list": items}, len(items), following(page, PAGE_SIZE, found.get("total_count"), items))


def check(asking: Asking) -> Mapping[str, Any]:
    """The mall's name."""
    found = asking.call(Call("pdd.mall.info.get"))
    return {"shop": word(found, "mall_name"), "id": word(found, "mall_id")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set a variant's stock to a number (`update_type` 1)."""
    params = {"goods_id": item["product_id"], "sku_id": item["sku_id"], "quantity": quantity, "update_type": 1}
    asking.call(Call("pdd.goods.quantity.update", params))


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    authorise_url=authorise_url,
    exchange=exchange,
    resources=(
        Resource(
            "orders",
            orders,
            read_orders,
            order,
            window_max=HALF_HOUR,
            past=past_orders,
            past_window=timedelta(hours=23, minutes=59),
        ),
        Resource("refunds", refunds, read_refunds, window_max=HALF_HOUR),
        Resource("products", goods, read_goods, windowed=False, every_seconds=3600),
    ),
    receiver=receiver,
    set_stock=set_stock,
)
