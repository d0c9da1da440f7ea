"""Douyin shop as a simulator: signs and codes as the gateway has them, pushes signed and stamped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from tandem.connectors.douyin.signing import event_sign, sign
from tandem.connectors.kit.texts import compact, same
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Order, SoldRefund, State

SETTINGS: Final = {"app_key": "6838846757429331469", "shop_id": "95250"}
SECRETS: Final = {"app_secret": "simulated-douyin-secret"}
FIRST: Final = 4_700_000_000_000_000_000
STATUS: Final[Mapping[State, int]] = {
    "placed": 1,
    "paid": 2,
    "shipped": 3,
    "finished": 5,
    "cancelled": 4,
    "refunded": 21,
}
TAGS: Final[Mapping[State, str]] = {
    "placed": "100", "paid": "101", "shipped": "102", "finished": "103", "cancelled": "106", "refunded": "206",
}  # fmt: skip


def _fail(code: int, sub_code: str, msg: str) -> Said:
    return Said({"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": msg, "data": None, "log_id": "s"})


def _at(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())


PRODUCT: Final = 3_470_000_000_000_000_000
SKU: Final = 1_700_000_000_000_000


class Douyin:
    """The simulated platform."""

    name: ClassVar[str] = "douyin"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        query, method = asked.query, asked.query.get("method", "")
        wanted = sign(
            shop.settings["app_key"],
            shop.secrets["app_secret"],
            method,
            query.get("timestamp", ""),
            asked.body.decode(errors="replace"),
        )
        if not same(query.get("sign", ""), wanted) or asked.path != "/" + method.replace(".", "/"):
            return _fail(40003, "isv.signature-invalid:check", "签名校验失败")
        if abs(float(query["timestamp"]) - shop.now().timestamp()) > 600:
            return _fail(40004, "isv.timestamp-invalid", "时间戳过期")
        if method in {"token.create", "token.refresh"}:
            return self._token(shop, asked.json())
        if not holds(shop, query.get("access_token", "")):
            return _fail(30002, "isv.access-token-expired", "access_token 已过期")
        shop.calls.append(method)
        found: Callable[[Shop, dict[str, Any]], Any] | None = {
            "order.searchList": self._search,
            "order.orderDetail": self._detail,
            "afterSale.List": self._aftersales,
            "afterSale.Detail": self._aftersale,
            "sku.syncStock": self._stock,
            "product.listV2": _items,
            "sku.list": _skus,
            "order.batchDecrypt": self._decrypt,
        }.get(method)
        said = None if found is None else found(shop, asked.json())
        if said is None:
            return _fail(50002, "isv.business-failed:order-not-exist", "订单不存在")
        return Said({"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": said, "log_id": "s"})

    def throttled(self) -> Said:
        """The gateway's frequency error."""
        return _fail(80000, "isv.flow-limit", "请求太频繁")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """One push that names the order as it is now."""
        now = shop.now()
        state = order.state(now)
        data = {"p_id": FIRST + order.number, "shop_id": 95250, "order_status": STATUS[state]}
        message = {"tag": TAGS[state], "msg_id": f"{FIRST + order.number}:{TAGS[state]}:{_at(now)}", "data": data}
        body = compact([message]).encode()
        key = shop.settings["app_key"]
        headers = {"app-id": key, "event-sign": event_sign(key, shop.secrets["app_secret"], body)}
        return [Pushed(headers, {}, body)]

    def _token(self, shop: Shop, params: Mapping[str, Any]) -> Said:
        shop.calls.append("refresh")
        if params.get("grant_type") == "refresh_token":
            if not holds(shop, str(params.get("refresh_token")), "refresh"):
                return _fail(30005, "isv.refresh-token-expired", "refresh_token 已过期")
        elif str(params.get("shop_id")) != shop.settings["shop_id"]:
            return _fail(30006, "isv.shop-not-authorised", "店铺未授权")
        data = {
            "access_token": token(shop, "access", shop.token_seconds),
            "expires_in": shop.token_seconds,
            "refresh_token": token(shop, "refresh", 14 * 86_400),
            "shop_id": 95250,
            "shop_name": "演示抖店",
            "scope": "SCOPE",
        }
        return Said({"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": data})

    def _search(self, shop: Shop, params: Mapping[str, Any]) -> dict[str, Any]:
        now = shop.now()
        since = datetime.fromtimestamp(params.get("update_time_start", 0), UTC)
        until = datetime.fromtimestamp(params.get("update_time_end", now.timestamp()), UTC)
        found = shop.world.modified(since, until, now)
        page, _ = sliced(found, params["page"], params["size"])
        told = [self._order(shop, one) for one in page]
        return {"page": params["page"], "size": params["size"], "total": len(found), "shop_order_list": told}

    def _detail(self, shop: Shop, params: Mapping[str, Any]) -> dict[str, Any] | None:
        order = shop.world.order(int(params["shop_order_id"]) - FIRST, shop.now())
        return None if order is None else {"shop_order_detail": self._order(shop, order)}

    def _aftersales(self, shop: Shop, params: Mapping[str, Any]) -> dict[str, Any]:
        since, until = (datetime.fromtimestamp(params[name], UTC) for name in ("start_time", "end_time"))
        found = shop.world.refunds(since, until, shop.now())
        page, more = sliced(found, params["page"], params["size"])
        return {"items": [self._case(*one) for one in page], "has_more": more, "total": len(found)}

    def _aftersale(self, shop: Shop, params: Mapping[str, Any]) -> dict[str, Any] | None:
        order = shop.world.order(int(params["after_sale_id"]) - FIRST, shop.now())
        refund = None if order is None else order.refund_at(shop.now())
        if order is None or refund is None:
            return None
        case = self._case(order, refund)
        info = case.pop("aftersale_info")
        info |= {
            "after_sale_id": info.pop("aftersale_id"),
            "real_refund_amount": refund.amount,
            "refund_time": _at(refund.done_at),
        }
        return {"process_info": {"after_sale_info": info}, **case}

    def _decrypt(self, shop: Shop, params: Mapping[str, Any]) -> dict[str, Any]:
        told: list[dict[str, Any]] = []
        for one in params["cipher_infos"][:50]:
            order = shop.world.order(int(one["auth_id"]) - FIRST, shop.now())
            text = str(one["cipher_text"])
            plain = (
                ""
                if order is None
                else {"#": order.buyer.name, "$": f"{order.buyer.phone}-7576", "~": "人民路 1 号"}.get(text[:1], "")
            )
            fits = order is not None and text.strip("#$~") == str(order.number)
            told.append(
                {
                    "auth_id": one["auth_id"],
                    "cipher_text": text,
                    "decrypt_text": plain if fits else "",
                    "err_no": 0 if fits else 300001,
                    "err_msg": "" if fits else "密文不属于该订单",
                    "is_virtual_tel": text.startswith("$"),
                }
            )
        return {"decrypt_infos": told}

    def _stock(self, shop: Shop, params: Mapping[str, Any]) -> dict[str, Any]:
        done = shop.memory.setdefault("idempotent", set())
        if params["idempotent_id"] not in done:
            done.add(params["idempotent_id"])
            before = shop.world.stock.get(str(params["sku_id"]), 0) if params.get("incremental") else 0
            shop.world.stock[str(params["sku_id"])] = before + int(params["stock_num"])
        return {}

    def _order(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        order_id = str(FIRST + order.number)
        return {
            "order_id": order_id,
            "shop_id": 95250,
            "order_status": STATUS[order.state(now)],
            "create_time": _at(order.created_at),
            "pay_time": _at(steps.get("paid")),
            "update_time": _at(order.modified_at(now)),
            "finish_time": _at(steps.get("finished")),
            "pay_amount": order.paid,
            "post_amount": order.freight,
            "promotion_amount": order.discount,
            "doudian_open_id": f"#{order.buyer.number:08d}Lyd4U4J3p",
            "encrypt_post_receiver": f"##{order.number}##",
            "encrypt_post_tel": f"$${order.number}$$",
            "post_addr": {
                "province": {"name": ""},
                "city": {"name": order.buyer.city},
                "encrypt_detail": f"~~{order.number}~~",
            },
            "sku_order_list": [self._sku(order, order_id, index) for index in range(len(order.lines))],
        }

    def _sku(self, order: Order, order_id: str, index: int) -> dict[str, Any]:
        line, freight = order.lines[index], order.freight if index == 0 else 0
        return {
            "order_id": f"{order_id}{index}",
            "parent_order_id": order_id,
            "product_id": PRODUCT + line.product.number,
            "sku_id": SKU + line.product.number,
            "product_name": line.product.name,
            "item_num": line.quantity,
            "origin_amount": line.product.price,
            "sum_amount": line.product.price * line.quantity,
            "pay_amount": line.paid + freight,
            "post_amount": freight,
            "promotion_amount": line.discount,
            "theme_type": "1" if order.number % 3 == 0 else "0",
            "room_id": 7_300_000_000_000 + order.number if order.number % 3 == 0 else 0,
        }

    def _case(self, order: Order, refund: SoldRefund) -> dict[str, Any]:
        info = {
            "aftersale_id": str(FIRST + refund.number),
            "aftersale_status": 12 if refund.done_at else 6,
            "refund_status": 3 if refund.done_at else 1,
            "refund_amount": refund.amount,
            "apply_time": _at(refund.asked_at),
            "update_time": _at(refund.done_at or refund.asked_at),
        }
        return {"aftersale_info": info, "order_info": {"shop_order_id": str(FIRST + order.number)}}


def _items(shop: Shop, params: Mapping[str, Any]) -> dict[str, Any]:
    page, _ = sliced(shop.world.products, params["page"] - 1, params["size"])
    told = [{"product_id": PRODUCT + one.number, "name": one.name, "status": 0} for one in page]
    return {"data": told, "total": len(shop.world.products), "page": params["page"], "size": params["size"]}


def _skus(shop: Shop, params: Mapping[str, Any]) -> Any:
    found = next((one for one in shop.world.products if PRODUCT + one.number == int(params["product_id"])), None)
    if found is None:
        return None
    sku = SKU + found.number
    told = {"id": sku, "product_id": params["product_id"], "price": found.price}
    return [told | {"stock_num": shop.world.left(str(sku), found)}]


SIMULATOR: Final = Douyin()
