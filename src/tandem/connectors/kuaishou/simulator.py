"""Kuaishou shop as a simulator: signed GETs, cursors that end in `nomore`, sealed pushes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from tandem.connectors.kit.texts import compact, same
from tandem.connectors.kuaishou.signing import seal_push, sign
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Order, Product, SoldRefund, State

SETTINGS: Final = {"app_key": "ks683702719562282620"}
SECRETS: Final = {
    "app_secret": "simulated-kuaishou-secret",
    "sign_secret": "simulated-kuaishou-sign",
    "message_secret": base64.b64encode(b"simulated-ks-msg").decode(),
}
FIRST: Final = 2_600_000_000_000_000
STATUS: Final[Mapping[State, int]] = {
    "placed": 10,
    "paid": 30,
    "shipped": 40,
    "finished": 70,
    "cancelled": 80,
    "refunded": 80,
}
DAY_MS: Final = 86_400_000
SKU: Final = 33_000_000
ITEM: Final = 22_000_000


def _fail(result: int, msg: str) -> Said:
    return Said({"result": result, "error_msg": msg, "error_code": result})


def _at(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)


def _window(param: Mapping[str, Any]) -> tuple[datetime, datetime]:
    since, until = (datetime.fromtimestamp(param[name] / 1000, UTC) for name in ("beginTime", "endTime"))
    return since, until


def _seller(shop: Shop, param: Mapping[str, Any]) -> dict[str, Any]:
    del shop, param
    return {"name": "演示快手小店", "openId": "f18d"}


class Kuaishou:
    """The simulated platform."""

    name: ClassVar[str] = "kuaishou"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.path.startswith("/oauth2/"):
            return self._token(shop, asked.query)
        query = asked.query if asked.method == "GET" else asked.form()
        method = query.get("method", "")
        if not same(query.get("sign", ""), sign(shop.secrets["sign_secret"], query)):
            return _fail(21, "签名错误")
        if not holds(shop, query.get("access_token", "")):
            return _fail(28, "access_token 已过期")
        shop.calls.append(method)
        found: Callable[[Shop, dict[str, Any]], Any] | None = {
            "open.order.cursor.list": self._orders,
            "open.order.detail": self._detail,
            "open.seller.order.refund.pcursor.list": self._refunds,
            "open.seller.order.refund.detail": self._refund_detail,
            "open.user.seller.get": _seller,
            "open.item.sku.stock.update": self._stock,
            "open.item.list.get": _items,
            "open.item.get": _item,
            "open.order.decrypt.batch": _opened,
        }.get(method)
        said: Any = None if found is None else found(shop, json.loads(query["param"]))
        if isinstance(said, Said):
            return said
        return _fail(802000, "参数错误") if said is None else Said({"result": 1, "error_msg": "SUCCESS", "data": said})

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail(801002, "调用频率超限")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """One sealed push that names the order."""
        state = order.state(shop.now())
        info = {"oid": FIRST + order.number, "sellerId": 1, "status": STATUS[state]}
        message = {
            "eventId": f"e-{order.number}-{state}",
            "msgId": f"m-{order.number}-{state}",
            "bizId": FIRST + order.number,
            "appKey": shop.settings["app_key"],
            "event": "kwaishop_order_paySuccess",
            "info": compact(info),
            "createTime": _at(shop.now()),
        }
        sealed = seal_push(shop.secrets["message_secret"], compact(message))
        return [Pushed({}, {}, base64.b64encode(sealed))]

    def _token(self, shop: Shop, query: Mapping[str, str]) -> Said:
        shop.calls.append("refresh")
        refreshing = query.get("grant_type") == "refresh_token"
        good = query.get("app_secret") == shop.secrets["app_secret"] and (
            holds(shop, query.get("refresh_token", ""), "refresh")
            if refreshing
            else query.get("code") == "simulated-code"
        )
        if not good:
            return Said({"result": 100200101, "error_msg": "invalid grant"})
        return Said(
            {
                "result": 1,
                "access_token": token(shop, "access", shop.token_seconds),
                "expires_in": shop.token_seconds,
                "refresh_token": token(shop, "refresh", 15_552_000),
                "refresh_token_expires_in": 15_552_000,
                "open_id": "f18d",
            }
        )

    def _orders(self, shop: Shop, param: Mapping[str, Any]) -> Any:
        if param["endTime"] - param["beginTime"] > 7 * DAY_MS:
            return _fail(802001, "时间跨度不能超过 7 天")
        found = shop.world.modified(*_window(param), shop.now())
        page = int(param["cursor"] or 0)
        shown, more = sliced(found, page, param["pageSize"])
        return {"orderList": [self._order(shop, one) for one in shown], "cursor": str(page + 1) if more else "nomore"}

    def _detail(self, shop: Shop, param: Mapping[str, Any]) -> Any:
        order = shop.world.order(param["oid"] - FIRST, shop.now())
        return None if order is None else self._order(shop, order)

    def _refunds(self, shop: Shop, param: Mapping[str, Any]) -> Any:
        if param["endTime"] - param["beginTime"] > DAY_MS:
            return _fail(802001, "时间跨度不能超过 1 天")
        found = shop.world.refunds(*_window(param), shop.now())
        shown, more = sliced(found, param["currentPage"] - 1, param["pageSize"])
        return {"refundOrderInfoList": [self._refund(*one) for one in shown], "pcursor": "more" if more else "nomore"}

    def _refund_detail(self, shop: Shop, param: Mapping[str, Any]) -> Any:
        order = shop.world.order(param["refundId"] - FIRST, shop.now())
        refund = None if order is None else order.refund_at(shop.now())
        return None if order is None or refund is None else self._refund(order, refund)

    def _stock(self, shop: Shop, param: Mapping[str, Any]) -> Any:
        if param["changeType"] not in {1, 2} or param["skuChangeStock"] <= 0:
            return _fail(802000, "changeType 只能是 1 或 2，数量须大于 0")
        product = next((one for one in shop.world.products if SKU + one.number == param["skuId"]), None)
        if product is None:
            return None
        by = param["skuChangeStock"] if param["changeType"] == 1 else -param["skuChangeStock"]
        key = str(param["skuId"])
        shop.world.stock[key] = shop.world.left(key, product) + by
        return {"ok": True}

    def _order(self, shop: Shop, order: Order) -> dict[str, Any]:
        now, line = shop.now(), order.lines[0]
        steps = {state: at for at, state in order.changes() if at <= now}
        base = {
            "oid": FIRST + order.number,
            "status": STATUS[order.state(now)],
            "createTime": _at(order.created_at),
            "payTime": _at(steps.get("paid")),
            "updateTime": _at(order.modified_at(now)),
            "totalFee": order.paid,
            "expressFee": order.freight,
            "discountFee": order.discount,
            "buyerOpenId": f"f{order.buyer.number:06d}",
            "buyerNick": f"{order.buyer.name[0]}***",
            "carrierType": 2 if order.number % 3 == 0 else 1,
            "carrierId": 900_000 + order.number,
        }
        item = {
            "skuId": SKU + line.product.number,
            "itemId": ITEM + line.product.number,
            "itemTitle": line.product.name,
            "num": line.quantity,
            "price": line.product.price,
        }
        address = {
            "city": order.buyer.city,
            "encryptedConsignee": f"##name-{order.number}##",
            "encryptedMobile": f"##phone-{order.number}##",
            "encryptedAddress": f"##street-{order.number}##",
        }
        return {"orderBaseInfo": base, "orderItemInfo": item, "orderAddress": address}

    def _refund(self, order: Order, refund: SoldRefund) -> dict[str, Any]:
        return {
            "refundId": FIRST + refund.number,
            "oid": FIRST + order.number,
            "refundFee": refund.amount,
            "status": 60 if refund.done_at else 10,
            "createTime": _at(refund.asked_at),
            "updateTime": _at(refund.done_at or refund.asked_at),
        }


def _told(shop: Shop, product: Product) -> dict[str, Any]:
    sku = SKU + product.number
    variant = {"kwaiSkuId": sku, "skuStock": shop.world.left(str(sku), product), "skuSalePrice": product.price}
    return {"kwaiItemId": ITEM + product.number, "title": product.name, "skuList": [variant]}


def _items(shop: Shop, param: Mapping[str, Any]) -> dict[str, Any]:
    page, _ = sliced(shop.world.products, param["pageNumber"] - 1, param["pageSize"])
    return {"total": len(shop.world.products), "items": [_told(shop, one) for one in page]}


def _item(shop: Shop, param: Mapping[str, Any]) -> Any:
    return next((_told(shop, one) for one in shop.world.products if ITEM + one.number == param["kwaiItemId"]), None)


def _opened(shop: Shop, param: Mapping[str, Any]) -> Any:
    told: list[dict[str, Any]] = []
    for one in param["batchDecryptList"][:100]:
        order = shop.world.order(int(one["bizId"]) - FIRST, shop.now())
        what, _, number = str(one["encryptedData"]).strip("#").partition("-")
        if order is None or number != str(order.number):
            return _fail(802000, "密文与订单不匹配")
        plain = {"name": order.buyer.name, "phone": order.buyer.phone, "street": "人民路 1 号"}
        told.append({**one, "decryptedData": plain.get(what, "")})
    return told


SIMULATOR: Final = Kuaishou()
