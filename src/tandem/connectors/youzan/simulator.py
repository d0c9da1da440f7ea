"""Youzan as a simulator: tokens by shop, trades by page, pushes signed in a header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final
from urllib.parse import quote

from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import GMT8
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.talks import changed, talks
from tandem.connectors.simulator.world import Order, Product, SoldRefund, State
from tandem.connectors.youzan.signing import event_sign

SETTINGS: Final = {"client_id": "simulated-client", "kdt_id": "160"}
SECRETS: Final = {"client_secret": "simulated-youzan-secret"}
STATUS: Final[Mapping[State, str]] = {
    "placed": "WAIT_BUYER_PAY", "paid": "WAIT_SELLER_SEND_GOODS", "shipped": "WAIT_BUYER_CONFIRM_GOODS", "finished": "TRADE_SUCCESS",
    "cancelled": "TRADE_CLOSED", "refunded": "TRADE_CLOSED",
}  # fmt: skip


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(GMT8).strftime("%Y-%m-%d %H:%M:%S")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=GMT8)


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def _fail(code: int, msg: str) -> Said:
    return Said({"gw_err_resp": {"err_code": code, "err_msg": msg}})


def _tid(number: int) -> str:
    return f"E2026{number:018d}"


class Youzan:
    """The simulated platform."""

    name: ClassVar[str] = "youzan"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.path == "/auth/token":
            return self._token(shop, asked.json())
        if not holds(shop, asked.query.get("access_token", "")):
            return _fail(4203, "invalid access_token")
        method = asked.path.split("/")[2]
        shop.calls.append(method)
        found: Callable[[Shop, dict[str, Any]], Any] | None = {
            "youzan.trades.sold.get": self._trades,
            "youzan.trade.get": self._trade_get,
            "youzan.trade.refund.search": self._refunds,
            "youzan.trade.refund.get": self._refund_get,
            "youzan.shop.get": _shop,
            "youzan.item.quantity.update": self._stock,
            "youzan.items.onsale.get": _onsale,
            "youzan.item.get": _item,
            "youzan.message.courier.consultation.list": _consultations,
            "youzan.message.courier.consultation.msg.list": _messages,
            "youzan.cloud.secret.decrypt.single": _opened,
        }.get(method)
        said: Any = None if found is None else found(shop, asked.json())
        if said is None:
            return Said({"code": 101500120, "success": False, "message": "not found", "data": None})
        return Said({"code": 200, "success": True, "message": "successful", "data": said, "trace_id": "s"})

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail(20001, "rate limited")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """trade_TradePaid, version 2."""
        state = order.state(shop.now())
        body = compact(
            {
                "client_id": shop.settings["client_id"],
                "id": _tid(order.number),
                "kdt_id": int(shop.settings["kdt_id"]),
                "mode": 1,
                "msg": quote(compact({"tid": _tid(order.number)})),
                "msg_id": f"{order.number}-{state}",
                "status": STATUS[state],
                "test": False,
                "type": "trade_TradePaid",
                "version": 1,
            }
        ).encode()
        sign = event_sign(shop.settings["client_id"], shop.secrets["client_secret"], body)
        return [Pushed({"event-sign": sign, "event-type": "trade_TradePaid"}, {}, body)]

    def _token(self, shop: Shop, body: Mapping[str, Any]) -> Said:
        shop.calls.append("refresh")
        if body.get("client_secret") != shop.secrets["client_secret"]:
            return Said({"code": 4204, "success": False, "message": "invalid client"})
        ends = shop.now() + timedelta(seconds=shop.token_seconds)
        given = token(shop, "access", shop.token_seconds)
        data = {"access_token": given, "expires": int(ends.timestamp() * 1000), "authority_id": shop.settings["kdt_id"]}
        return Said({"code": 200, "success": True, "data": data})

    def _trades(self, shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
        found = shop.world.modified(_moment(body["start_update"]), _moment(body["end_update"]), shop.now())
        page, _ = sliced(found, body["page_no"] - 1, body["page_size"])
        told = [{"full_order_info": self._trade(shop, one)} for one in page]
        return {"total_results": len(found), "full_order_info_list": told}

    def _trade_get(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        order = shop.world.order(int(str(body["tid"])[5:]), shop.now())
        return None if order is None else {"full_order_info": self._trade(shop, order)}

    def _refunds(self, shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
        since, until = (datetime.fromtimestamp(body[f"update_time_{one}"] / 1000, UTC) for one in ("start", "end"))
        found = shop.world.refunds(since, until, shop.now())
        page, _ = sliced(found, body["page_no"] - 1, body["page_size"])
        return {"total": len(found), "refunds": [self._refund(*one) for one in page]}

    def _refund_get(self, shop: Shop, body: Mapping[str, Any]) -> Any:
        order = shop.world.order(int(str(body["refund_id"])[1:]), shop.now())
        refund = None if order is None else order.refund_at(shop.now())
        return None if order is None or refund is None else self._refund(order, refund)

    def _stock(self, shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
        shop.world.stock[str(body["sku_id"])] = int(body["quantity"])
        return {"is_success": True}

    def _trade(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        lines = [
            {
                "oid": f"{order.number}{index}",
                "item_id": 300_000 + line.product.number,
                "sku_id": 400_000 + line.product.number,
                "title": line.product.name,
                "num": line.quantity,
                "payment": _yuan(line.paid),
                "total_fee": _yuan(line.paid + line.discount),
            }
            for index, line in enumerate(order.lines)
        ]
        info = {
            "tid": _tid(order.number),
            "status": STATUS[order.state(now)],
            "created": _time(order.created_at),
            "pay_time": _time(steps.get("paid")),
            "update_time": _time(order.modified_at(now)),
        }
        pay = {"payment": _yuan(order.paid), "post_fee": _yuan(order.freight)}
        buyer = {"yz_open_id": f"yz{order.buyer.number:06d}", "buyer_phone": "$sealed$"}
        address = {
            "delivery_province": "",
            "delivery_city": order.buyer.city,
            "delivery_address": f"$1$street-{order.number}$",
            "receiver_name": f"$1$name-{order.number}$",
            "receiver_tel": f"$1$phone-{order.number}$",
        }
        return {"order_info": info, "pay_info": pay, "buyer_info": buyer, "address_info": address, "orders": lines}

    def _refund(self, order: Order, refund: SoldRefund) -> dict[str, Any]:
        return {
            "refund_id": f"R{refund.number}",
            "tid": _tid(order.number),
            "status": "SUCCESS" if refund.done_at else "WAIT_SELLER_AGREE",
            "modified": _time(refund.done_at or refund.asked_at),
            "refund_fund_list": [{"refund_fee": refund.amount}],
        }


def _variant(shop: Shop, product: Product) -> dict[str, Any]:
    sku = 400_000 + product.number
    return {"sku_id": sku, "price": product.price, "quantity": shop.world.left(str(sku), product)}


def _onsale(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    page, _ = sliced(shop.world.products, body["page_no"] - 1, body["page_size"])
    told = [{"item_id": 300_000 + one.number, "title": one.name, "price": one.price} for one in page]
    return {"count": len(shop.world.products), "items": told}


def _item(shop: Shop, body: Mapping[str, Any]) -> Any:
    found = next((one for one in shop.world.products if 300_000 + one.number == int(body["item_id"])), None)
    if found is None:
        return None
    return {"item": {"item_id": body["item_id"], "title": found.name, "skus": [_variant(shop, found)]}}


def _consultations(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    since, until = (datetime.fromtimestamp(body[f"{one}_time"] / 1000, UTC) for one in ("start", "end"))
    found = changed(shop.world, since, until, shop.now())
    page, _ = sliced(found, body["page_no"] - 1, body["page_size"])
    told = [
        {"consultation_id": 9_000_000 + one.number, "yz_open_id": f"yz{one.buyer.number:06d}", "tid": _tid(one.number)}
        for one in page
    ]
    return {"total": len(found), "items": told}


def _messages(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    number = int(body["consultation_id"]) - 9_000_000
    told = next((one.messages for one in talks(shop.world, shop.now()) if one.number == number), ())
    items = [
        {
            "msg_id": 9_500_000 + one.number,
            "msg_type": "text",
            "content": one.text,
            "from": "customer" if one.by == "buyer" else "cs",
            "send_time": int(one.at.timestamp() * 1000),
        }
        for one in told
    ]
    return {"total": len(items), "items": items}


def _opened(shop: Shop, body: Mapping[str, Any]) -> Any:
    """A sealed text of one of the shop's trades; what is not sealed comes back as it is."""
    text = str(body["source"])
    what, _, number = text.removeprefix("$1$").rstrip("$").partition("-")
    if not text.startswith("$1$"):
        return text
    order = shop.world.order(int(number or 0), shop.now())
    if order is None:
        return None
    return {"name": order.buyer.name, "phone": order.buyer.phone, "street": "人民路 1 号"}.get(what)


def _shop(shop: Shop, body: Mapping[str, Any]) -> dict[str, Any]:
    del body
    return {"id": int(shop.settings["kdt_id"]), "name": "演示有赞店"}


SIMULATOR: Final = Youzan()
