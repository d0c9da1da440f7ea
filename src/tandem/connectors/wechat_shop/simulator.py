"""WeChat shop as a simulator: stable tokens, lists of ids, sealed pushes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from tandem.connectors.kit.envelopes import sealed, signature
from tandem.connectors.kit.texts import compact
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Order, State, union_id

SETTINGS: Final = {"app_id": "wx0123456789abcdef"}
SECRETS: Final = {
    "app_secret": "simulated-wechat-shop-secret",
    "token": "simulated-push-token",
    "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
FIRST: Final = 3_700_000_000_000_000_000
STATUS: Final[Mapping[State, int]] = {
    "placed": 10, "paid": 20, "shipped": 30, "finished": 100, "cancelled": 250, "refunded": 200,
}  # fmt: skip
DAY: Final = 86_400


def _fail(code: int, msg: str) -> Said:
    return Said({"errcode": code, "errmsg": msg})


def _at(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())


def _info(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    del shop, body
    return {"info": {"nickname": "演示微信小店"}}


def _opened(shop: Shop, body: Mapping[str, Any]) -> Any:
    order = shop.world.order(int(body["order_id"]) - FIRST, shop.now())
    if order is None:
        return None
    place = {"city_name": order.buyer.city, "county_name": "", "detail_info": "人民路 1 号"}
    return {"address_info": {"user_name": order.buyer.name, "tel_number": order.buyer.phone, **place}}


class WechatShop:
    """The simulated platform."""

    name: ClassVar[str] = "wechat_shop"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        body = asked.json()
        if asked.path == "/cgi-bin/stable_token":
            return self._token(shop, body)
        if not holds(shop, asked.query.get("access_token", "")):
            return _fail(42001, "access_token expired")
        what = asked.path.removeprefix("/channels/ec/")
        shop.calls.append(what)
        found: Callable[[Shop, dict[str, Any]], Any] | None = {
            "order/list/get": self._orders,
            "order/get": self._order_get,
            "order/sensitiveinfo/decode": _opened,
            "aftersale/getaftersalelist": self._aftersales,
            "aftersale/getaftersaleorder": self._aftersale,
            "product/stock/update": self._stock,
            "product/list/get": self._wares,
            "product/get": self._ware,
            "basics/info/get": _info,
        }.get(what)
        said: Any = None if found is None else found(shop, body)
        if isinstance(said, Said):
            return said
        return _fail(40097, "invalid args") if said is None else Said({"errcode": 0, "errmsg": "ok", **said})

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail(31042, "api freq out of limit")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """channels_ec_order_pay, sealed and signed."""
        event = {
            "ToUserName": "gh_1",
            "FromUserName": "OPENID",
            "CreateTime": _at(order.modified_at(shop.now())),
            "MsgType": "event",
            "Event": "channels_ec_order_pay",
            "order_info": {"order_id": str(FIRST + order.number), "pay_time": str(_at(order.paid_at))},
        }
        random = hashlib.md5(str(order.number).encode(), usedforsecurity=False).digest()
        key, app = shop.secrets["encoding_aes_key"], shop.settings["app_id"]
        text = sealed(key, compact(event), receiver_id=app, random=random)
        stamp, nonce = str(_at(shop.now())), f"n{order.number}"
        query = {
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": signature(shop.secrets["token"], stamp, nonce, text),
        }
        return [Pushed({}, query, compact({"ToUserName": "gh_1", "Encrypt": text}).encode())]

    def _token(self, shop: Shop, body: Mapping[str, Any]) -> Said:
        shop.calls.append("refresh")
        if body.get("appid") != shop.settings["app_id"]:
            return _fail(40013, "invalid appid")
        if body.get("secret") != shop.secrets["app_secret"]:
            return _fail(40125, "invalid appsecret")
        return Said({"access_token": token(shop, "access", shop.token_seconds), "expires_in": shop.token_seconds})

    def _orders(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        span = body["update_time_range"]
        if span["end_time"] - span["start_time"] > 7 * DAY:
            return _fail(40097, "invalid time range")
        since, until = (datetime.fromtimestamp(span[name], UTC) for name in ("start_time", "end_time"))
        found, page = shop.world.modified(since, until, shop.now()), int(body["next_key"] or 0)
        shown, more = sliced(found, page, body["page_size"])
        ids = [str(FIRST + one.number) for one in shown]
        return {"order_id_list": ids, "next_key": str(page + 1), "has_more": more}

    def _order_get(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        order = shop.world.order(int(body["order_id"]) - FIRST, shop.now())
        return None if order is None else {"order": self._order(shop, order)}

    def _aftersales(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        if body["end_update_time"] - body["begin_update_time"] > DAY:
            return _fail(40097, "invalid time range")
        since, until = (datetime.fromtimestamp(body[f"{name}_update_time"], UTC) for name in ("begin", "end"))
        found, page = shop.world.refunds(since, until, shop.now()), int(body["next_key"] or 0)
        shown, more = sliced(found, page, 50)
        ids = [str(FIRST + refund.number) for _, refund in shown]
        return {"after_sale_order_id_list": ids, "next_key": str(page + 1), "has_more": more}

    def _aftersale(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        order = shop.world.order(int(body["after_sale_order_id"]) - FIRST, shop.now())
        refund = None if order is None else order.refund_at(shop.now())
        if order is None or refund is None:
            return None
        case = {
            "after_sale_order_id": str(FIRST + refund.number),
            "order_id": str(FIRST + order.number),
            "status": "MERCHANT_REFUND_SUCCESS" if refund.done_at else "MERCHANT_PROCESSING",
            "type": "REFUND",
            "refund_info": {"amount": refund.amount},
            "create_time": _at(refund.asked_at),
            "update_time": _at(refund.done_at or refund.asked_at),
        }
        return {"after_sale_order": case}

    def _stock(self, shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
        shop.world.stock[str(body["sku_id"])] = int(body["num"])
        return {}

    def _wares(self, shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
        page = int(body["next_key"] or 0)
        shown, _ = sliced(shop.world.products, page, int(body["page_size"]))
        return {"product_ids": [str(10_000_000 + one.number) for one in shown], "next_key": str(page + 1)}

    def _ware(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        number = int(body["product_id"]) - 10_000_000
        for one in shop.world.products:
            if one.number == number:
                sku = str(20_000_000 + number)
                told = {"sku_id": sku, "sale_price": one.price, "stock_num": shop.world.left(sku, one)}
                return {"product": {"product_id": body["product_id"], "title": one.name, "skus": [told]}}
        return None

    def _order(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        items = [
            {
                "product_id": str(10_000_000 + line.product.number),
                "sku_id": str(20_000_000 + line.product.number),
                "sku_cnt": line.quantity,
                "title": line.product.name,
                "sale_price": line.product.price,
                "real_price": line.paid,
            }
            for line in order.lines
        ]
        detail = {
            "product_infos": items,
            "pay_info": {"pay_time": _at(steps.get("paid"))},
            "price_info": {"order_price": order.paid, "freight": order.freight, "discounted_price": order.discount},
            "ext_info": {"order_scene": 2 if order.number % 3 == 0 else 1},
        }
        return {
            "order_id": str(FIRST + order.number),
            "openid": f"oAbc{order.buyer.number:06d}",
            "unionid": union_id(order.buyer.number),
            "status": STATUS[order.state(now)],
            "create_time": _at(order.created_at),
            "update_time": _at(order.modified_at(now)),
            "order_detail": detail,
        }


SIMULATOR: Final = WechatShop()
