"""Pinduoduo as a simulator: signed forms, half-hour increments, sealed buyers. Unpaid orders are not shown, as on the real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from tandem.connectors.kit.texts import same
from tandem.connectors.kit.values import GMT8
from tandem.connectors.pinduoduo.signing import sign
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Order, SoldRefund, State

SETTINGS: Final = {"client_id": "a1b2c3d4e5f6"}
SECRETS: Final = {"client_secret": "simulated-pinduoduo-secret"}
HIDES: Final[frozenset[State]] = frozenset({"placed", "cancelled"})
STATUS: Final[Mapping[State, int]] = {"paid": 1, "shipped": 2, "finished": 3, "refunded": 2}


def _fail(code: int, msg: str, sub_code: str = "") -> Said:
    told = {"error_code": code, "error_msg": msg, "sub_code": sub_code, "sub_msg": msg, "request_id": "s"}
    return Said({"error_response": told})


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(GMT8).strftime("%Y-%m-%d %H:%M:%S")


def _yuan(fen: int) -> float:
    return float(Decimal(fen) / 100)


def _sn(number: int) -> str:
    return f"261101-{number:015d}"


class Pinduoduo:
    """The simulated platform."""

    name: ClassVar[str] = "pinduoduo"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.host == "auth":
            return self._token(shop, asked.json())
        form_ = asked.form()
        given = form_.pop("sign", "")
        if not same(given, sign(shop.secrets["client_secret"], form_)):
            return _fail(20004, "签名sign校验失败")
        if abs(float(form_["timestamp"]) - shop.now().timestamp()) > 600:
            return _fail(20003, "timestamp 过期")
        if not holds(shop, form_.get("access_token", "")):
            return _fail(10019, "access_token已过期")
        method = form_["type"]
        shop.calls.append(method)
        found: Callable[[Shop, dict[str, str]], Any] | None = {
            "pdd.order.number.list.increment.get": self._increment,
            "pdd.order.list.get": self._orders,
            "pdd.order.information.get": self._information,
            "pdd.refund.list.increment.get": self._refunds,
            "pdd.mall.info.get": _mall,
            "pdd.goods.quantity.update": self._stock,
            "pdd.goods.list.get": self._goods,
            "pdd.open.decrypt.batch": self._decrypt,
        }.get(method)
        said: Any = None if found is None else found(shop, form_)
        if isinstance(said, Said):
            return said
        return (
            _fail(21001, "业务参数错误")
            if said is None
            else Said({f"{method.split('.', 1)[1].replace('.', '_')}_response": said})
        )

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail(70031, "调用过于频繁，请调整调用频率")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """It pushes over a websocket, which nobody speaks here."""
        del shop, order
        return ()

    def _token(self, shop: Shop, body: Mapping[str, Any]) -> Said:
        shop.calls.append("refresh")
        refreshing = body.get("grant_type") == "refresh_token"
        good = body.get("client_secret") == shop.secrets["client_secret"] and (
            holds(shop, str(body.get("refresh_token")), "refresh")
            if refreshing
            else body.get("code") == "simulated-code"
        )
        if not good:
            return _fail(10000, "授权已失效")
        return Said(
            {
                "access_token": token(shop, "access", shop.token_seconds),
                "expires_in": shop.token_seconds,
                "refresh_token": token(shop, "refresh", 30 * 86_400),
                "refresh_token_expires_in": 30 * 86_400,
                "owner_id": "9001",
                "owner_name": "演示拼多多店",
            }
        )

    def _shown(self, shop: Shop, orders: Sequence[Order]) -> list[Order]:
        return [one for one in orders if one.state(shop.now()) not in HIDES]

    def _increment(self, shop: Shop, form: Mapping[str, str]) -> Any:
        since, until = (datetime.fromtimestamp(int(form[f"{name}_updated_at"]), UTC) for name in ("start", "end"))
        if (until - since).total_seconds() > 1800:
            return _fail(21002, "时间跨度不能超过 30 分钟")
        found = self._shown(shop, shop.world.modified(since, until, shop.now()))
        page, more = sliced(found, int(form["page"]) - 1, int(form["page_size"]))
        return {"order_sn_list": [{"order_sn": _sn(one.number)} for one in page], "has_next": more}

    def _orders(self, shop: Shop, form: Mapping[str, str]) -> Any:
        since, until = (datetime.fromtimestamp(int(form[f"{name}_confirm_at"]), UTC) for name in ("start", "end"))
        if (until - since).total_seconds() > 86_400:
            return _fail(21002, "时间跨度不能超过 24 小时")
        orders = [one for one in shop.world.orders(shop.now()) if one.paid_at and since <= one.paid_at < until]
        page, more = sliced(self._shown(shop, orders), int(form["page"]) - 1, int(form["page_size"]))
        return {"order_list": [self._order(shop, one) for one in page], "has_next": more}

    def _information(self, shop: Shop, form: Mapping[str, str]) -> Any:
        order = shop.world.order(int(form["order_sn"].partition("-")[2]), shop.now())
        return None if order is None else {"order_info": self._order(shop, order)}

    def _refunds(self, shop: Shop, form: Mapping[str, str]) -> Any:
        since, until = (datetime.fromtimestamp(int(form[f"{name}_updated_at"]), UTC) for name in ("start", "end"))
        if (until - since).total_seconds() > 1800:
            return _fail(21002, "时间跨度不能超过 30 分钟")
        found = shop.world.refunds(since, until, shop.now())
        page, _ = sliced(found, int(form["page"]) - 1, int(form["page_size"]))
        return {"refund_list": [self._refund(*one) for one in page], "total_count": len(found)}

    def _stock(self, shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
        shop.world.stock[form["sku_id"]] = int(form["quantity"])
        return {"is_success": True}

    def _decrypt(self, shop: Shop, form: Mapping[str, str]) -> Any:
        now = shop.now().timestamp()
        if now - shop.memory.get("decrypted_at", 0.0) < 10:
            return _fail(70031, "调用过于频繁，请调整调用频率")
        shop.memory["decrypted_at"] = now
        told: list[dict[str, Any]] = []
        for one in json.loads(form["data_list"]):
            order = shop.world.order(int(one["data_tag"].partition("-")[2]), shop.now())
            text = str(one["encrypted_data"]).strip("~")
            plain: dict[str, str] = {}
            if order is not None:
                plain = {
                    f"name{order.number}": order.buyer.name,
                    f"tel{order.number}": order.buyer.phone,
                    f"addr{order.number}": "人民路 1 号",
                }
            told.append(
                {
                    **one,
                    "decrypted_data": plain.get(text, ""),
                    "error_code": 0 if text in plain else 51003,
                    "error_msg": "",
                }
            )
        return {"data_decrypt_list": told}

    def _goods(self, shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
        page, _ = sliced(shop.world.products, int(form["page"]) - 1, int(form["page_size"]))
        told = [
            {
                "goods_id": 40_000_000 + one.number,
                "goods_name": one.name,
                "sku_list": [
                    {
                        "sku_id": 50_000_000 + one.number,
                        "sku_quantity": shop.world.left(str(50_000_000 + one.number), one),
                    }
                ],
            }
            for one in page
        ]
        return {"goods_list": told, "total_count": len(shop.world.products)}

    def _order(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        state = order.state(now)
        items = [
            {
                "goods_id": 40_000_000 + line.product.number,
                "sku_id": 50_000_000 + line.product.number,
                "goods_name": line.product.name,
                "goods_price": _yuan(line.product.price),
                "goods_count": line.quantity,
            }
            for line in order.lines
        ]
        return {
            "order_sn": _sn(order.number),
            "order_status": STATUS.get(state, 1),
            "refund_status": 4 if state == "refunded" else 1,
            "confirm_status": 1,
            "created_time": _time(order.created_at),
            "pay_time": _time(order.paid_at),
            "confirm_time": _time(order.paid_at),
            "shipping_time": _time(steps.get("shipped")),
            "updated_at": _time(order.modified_at(now)),
            "pay_amount": _yuan(order.paid),
            "postage": _yuan(order.freight),
            "discount_amount": _yuan(order.discount),
            "goods_amount": _yuan(order.paid + order.discount - order.freight),
            "receiver_name": f"~name{order.number}~",
            "contact_mobile": f"~tel{order.number}~",
            "receiver_address": f"~addr{order.number}~",
            "city": order.buyer.city,
            "item_list": items,
        }

    def _refund(self, order: Order, refund: SoldRefund) -> dict[str, Any]:
        return {
            "id": 70_000_000 + refund.number,
            "order_sn": _sn(order.number),
            "refund_amount": f"{Decimal(refund.amount) / 100:.2f}",
            "after_sales_status": 10 if refund.done_at else 2,
            "updated_time": _time(refund.done_at or refund.asked_at),
        }


def _mall(shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
    del shop, form
    return {"mall_name": "演示拼多多店", "mall_id": 9001}


SIMULATOR: Final = Pinduoduo()
