"""Taobao as a simulator: signatures, sessions, windows and pages as TOP has them; messages wait until they are confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from tandem.connectors.kit.texts import same
from tandem.connectors.kit.values import GMT8
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.talks import refund_words
from tandem.connectors.simulator.world import Order, SoldRefund, State
from tandem.connectors.taobao.signing import sign

SETTINGS: Final = {"app_key": "23000001"}
SECRETS: Final = {"app_secret": "simulated-taobao-secret"}
FIRST: Final = 180_000_000_000_000_000
STATUS: Final[Mapping[State, str]] = {
    "placed": "WAIT_BUYER_PAY",
    "paid": "WAIT_SELLER_SEND_GOODS",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "finished": "TRADE_FINISHED",
    "cancelled": "TRADE_CLOSED_BY_TAOBAO",
    "refunded": "TRADE_CLOSED",
}


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(GMT8).strftime("%Y-%m-%d %H:%M:%S")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=GMT8)


def _error(code: int, msg: str, sub_code: str = "", sub_msg: str = "") -> Said:
    return Said(
        {"error_response": {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg, "request_id": "s"}}
    )


class Taobao:
    """The simulated platform."""

    name: ClassVar[str] = "taobao"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        form = asked.form()
        if asked.host == "auth":
            return self._token(shop, form)
        given = form.pop("sign", "")
        if not same(given, sign(shop.secrets["app_secret"], form, form.get("sign_method", "md5"))):
            return _error(25, "Invalid signature")
        if abs((_moment(form["timestamp"]) - shop.now()).total_seconds()) > 600:
            return _error(30, "Invalid Timestamp")
        if not holds(shop, form.get("session", "")):
            return _error(27, "Invalid session", "invalid-sessionkey", "session 已过期")
        method = form["method"]
        shop.calls.append(method)
        found = getattr(self, "_" + method.removeprefix("taobao.").replace(".", "_"), None)
        if found is None:
            return _error(22, "Invalid method")
        said = found(shop, form)
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        return said if isinstance(said, Said) else Said({root: said | {"request_id": "s"}})

    def throttled(self) -> Said:
        """TOP's frequency error."""
        return _error(
            7, "App Call Limited", "accesscontrol.limited-by-api-access-count", "This ban will last for 1 more seconds"
        )

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """TOP calls nobody: its messages are asked for."""
        del shop, order
        return ()

    def _token(self, shop: Shop, form: Mapping[str, str]) -> Said:
        shop.calls.append("refresh")
        if form.get("client_id") != shop.settings["app_key"] or form.get("client_secret") != shop.secrets["app_secret"]:
            return Said({"error": "invalid_client", "error_description": "client_id or secret is wrong"}, 400)
        refreshing = form.get("grant_type") == "refresh_token"
        if refreshing and not holds(shop, form.get("refresh_token", ""), "refresh"):
            return Said({"error": "invalid_grant", "error_description": "refresh token is over"}, 400)
        if not refreshing and form.get("code") != "simulated-code":
            return Said({"error": "invalid_grant", "error_description": "code is over"}, 400)
        return Said(
            {
                "access_token": token(shop, "access", shop.token_seconds),
                "expires_in": shop.token_seconds,
                "refresh_token": token(shop, "refresh", 30 * 86_400),
                "re_expires_in": 30 * 86_400,
                "taobao_user_nick": "%E6%BC%94%E7%A4%BA%E6%97%97%E8%88%B0%E5%BA%97",
                "taobao_user_id": "2200000000001",
            }
        )

    def _user_seller_get(self, shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
        del shop, form
        return {"user": {"nick": "演示旗舰店", "user_id": 2200000000001}}

    def _trades_sold_increment_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        since, until = _moment(form["start_modified"]), _moment(form["end_modified"])
        if (until - since).total_seconds() > 86_400 or until <= since:
            return _error(41, "Invalid arguments", "isv.invalid-parameter", "时间跨度不能超过一天")
        found = shop.world.modified(since, until, shop.now())[::-1]
        page, more = sliced(found, int(form["page_no"]) - 1, int(form["page_size"]))
        told = {"total_results": len(found)} if form.get("use_has_next") != "true" else {"has_next": more}
        return told | ({"trades": {"trade": [self._trade(shop, one) for one in page]}} if page else {})

    def _trade_fullinfo_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        order = shop.world.order(int(form["tid"]) - FIRST, shop.now())
        return (
            {"trade": self._trade(shop, order)} if order else _error(15, "Remote service error", "isv.trade-not-exist")
        )

    def _top_oaid_decrypt(self, shop: Shop, form: Mapping[str, str]) -> Any:
        told: list[dict[str, Any]] = []
        for one in json.loads(form["query_list"])[:20]:
            order = shop.world.order(int(one["tid"]) - FIRST, shop.now())
            if order is None or one["oaid"] != f"oaid-{order.number}" or one.get("scene") not in {"1006", "2001"}:
                return _error(15, "Remote service error", "isv.oaid-mismatch", "OAID 与订单不匹配")
            told.append(
                {
                    "tid": one["tid"],
                    "oaid": one["oaid"],
                    "name": order.buyer.name,
                    "mobile": f"{order.buyer.phone}-3210",
                    "city": order.buyer.city,
                    "address_detail": "人民路***",
                    "privacy_protection": True,
                }
            )
        return {"receiver_list": {"receiver": told}}

    def _refunds_receive_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        found = shop.world.refunds(_moment(form["start_modified"]), _moment(form["end_modified"]), shop.now())
        page, _ = sliced(found, int(form["page_no"]) - 1, int(form["page_size"]))
        return {"total_results": len(found)} | (
            {"refunds": {"refund": [self._refund(*one) for one in page]}} if page else {}
        )

    def _refund_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        order = shop.world.order(int(form["refund_id"]) - FIRST, shop.now())
        refund = None if order is None else order.refund_at(shop.now())
        if order is None or refund is None:
            return _error(15, "Remote service error", "isv.refund-not-exist")
        return {"refund": self._refund(order, refund)}

    def _refund_messages_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        order = shop.world.order(int(form["refund_id"]) - FIRST, shop.now())
        said = () if order is None else refund_words(order, shop.now())
        told = [
            {
                "id": one.number,
                "owner_role": "1" if one.by == "buyer" else "2",
                "content": one.text,
                "created": _time(one.at),
                "message_type": "NORMAL",
            }
            for one in said
        ]
        return {"total_results": len(told)} | ({"refund_messages": {"refund_message": told}} if told else {})

    def _tmc_messages_consume(self, shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
        waiting = [one for one in _messages(shop) if one["id"] not in _confirmed(shop)]
        page = waiting[: int(form["quantity"])]
        return {"messages": {"tmc_message": page}} if page else {}

    def _tmc_messages_confirm(self, shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
        _confirmed(shop).update(int(one) for one in form["s_message_ids"].split(","))
        return {"is_success": True}

    def _skus_quantity_update(self, shop: Shop, form: Mapping[str, str]) -> dict[str, Any]:
        sku, _, quantity = form["skuid_quantities"].partition(":")
        before = shop.world.stock.get(sku, 0) if form.get("type") == "2" else 0
        shop.world.stock[sku] = before + int(quantity)
        return {"item": {"num_iid": int(form["num_iid"])}}

    def _items_onsale_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        page, _ = sliced(shop.world.products, int(form["page_no"]) - 1, int(form["page_size"]))
        told = [{"num_iid": 600_000_000_000 + one.number, "title": one.name, "price": _yuan(one.price)} for one in page]
        return {"total_results": len(shop.world.products)} | ({"items": {"item": told}} if told else {})

    def _item_skus_get(self, shop: Shop, form: Mapping[str, str]) -> Any:
        wanted = {int(one) - 600_000_000_000 for one in form["num_iids"].split(",")}
        told = [
            {
                "sku_id": 500_000_000_000 + one.number,
                "num_iid": 600_000_000_000 + one.number,
                "quantity": shop.world.left(str(500_000_000_000 + one.number), one),
                "price": _yuan(one.price),
            }
            for one in shop.world.products
            if one.number in wanted
        ]
        return {"skus": {"sku": told}}

    def _trade(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        ends = [steps[one] for one in ("finished", "cancelled", "refunded") if one in steps]
        tid = FIRST + order.number
        found = {
            "tid": tid,
            "tid_str": str(tid),
            "status": STATUS[order.state(now)],
            "created": _time(order.created_at),
            "pay_time": _time(steps.get("paid")),
            "modified": _time(order.modified_at(now)),
            "end_time": _time(max(ends)) if ends else None,
            "payment": _yuan(order.paid),
            "post_fee": _yuan(order.freight),
            "buyer_open_uid": f"AAF{order.buyer.number:06d}x",
            "buyer_nick": f"{order.buyer.name[0]}**",
            "receiver_city": order.buyer.city,
            "oaid": f"oaid-{order.number}",
            "orders": {"order": [self._line(tid, index, line) for index, line in enumerate(order.lines, 1)]},
        }
        return {name: value for name, value in found.items() if value is not None}

    def _line(self, tid: int, index: int, line: Any) -> dict[str, Any]:
        return {
            "oid": tid * 10 + index,
            "oid_str": str(tid * 10 + index),
            "num_iid": 600_000_000_000 + line.product.number,
            "sku_id": str(500_000_000_000 + line.product.number),
            "title": line.product.name,
            "num": line.quantity,
            "price": _yuan(line.product.price),
            "payment": _yuan(line.paid),
            "divide_order_fee": _yuan(line.paid),
            "discount_fee": _yuan(line.discount),
        }

    def _refund(self, order: Order, refund: SoldRefund) -> dict[str, Any]:
        return {
            "refund_id": str(FIRST + refund.number),
            "tid": FIRST + order.number,
            "buyer_open_uid": f"AAF{order.buyer.number:06d}x",
            "refund_phase": "onsale",
            "refund_fee": _yuan(refund.amount),
            "status": "SUCCESS" if refund.done_at else "WAIT_SELLER_AGREE",
            "created": _time(refund.asked_at),
            "modified": _time(refund.done_at or refund.asked_at),
        }


def _messages(shop: Shop) -> list[dict[str, Any]]:
    """A message per order that somebody made since the simulator began; asked for by hand, so few."""
    numbers = [one.number for one in shop.world.orders(shop.now()) if one.created_at > shop.world.epoch]
    return [
        {
            "id": 7_000_000 + number,
            "topic": "taobao_trade_TradeBuyerPay",
            "user_nick": "演示旗舰店",
            "pub_time": _time(shop.now()),
            "content": json.dumps({"tid": FIRST + number, "status": "WAIT_SELLER_SEND_GOODS"}),
        }
        for number in numbers
    ]


def _confirmed(shop: Shop) -> set[int]:
    return shop.memory.setdefault("confirmed", set())


SIMULATOR: Final = Taobao()
