"""JD as a simulator: signed forms and signed headers, orders by page, after-sales cases with and without an amount."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from tandem.connectors.jd.signing import sign, sign_headers
from tandem.connectors.kit.texts import same
from tandem.connectors.kit.values import GMT8
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Order, SoldRefund, State

SETTINGS: Final = {"app_key": "ABCDEF0123456789ABCDEF0123456789"}
SECRETS: Final = {"app_secret": "simulated-jd-secret"}
HIDES: Final[frozenset[State]] = frozenset({"placed"})
STATUS: Final[Mapping[State, str]] = {
    "placed": "NOT_PAY", "paid": "WAIT_SELLER_STOCK_OUT", "shipped": "WAIT_GOODS_RECEIVE_CONFIRM", "finished": "FINISHED_L",
    "cancelled": "TRADE_CANCELED", "refunded": "TRADE_CANCELED",
}  # fmt: skip
FIRST: Final = 270_000_000_000
MONTH_SECONDS: Final = 31 * 86_400


def _fail(code: str, zh: str) -> Said:
    return Said({"error_response": {"code": code, "zh_desc": zh, "en_desc": zh}})


def _time(moment: datetime | None) -> str:
    return "0001-01-01 00:00:00" if moment is None else moment.astimezone(GMT8).strftime("%Y-%m-%d %H:%M:%S")


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=GMT8)


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


class Jd:
    """The simulated platform."""

    name: ClassVar[str] = "jd"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.host == "auth":
            return self._token(shop, asked)
        if asked.host == "sp":
            return self._sp(shop, asked)
        form_ = asked.form()
        return self._refused(shop, form_) or self._form(shop, form_)

    def _refused(self, shop: Shop, form_: dict[str, str]) -> Said | None:
        given = form_.pop("sign", "")
        if not same(given, sign(shop.secrets["app_secret"], form_)):
            return _fail("12", "无效签名")
        if abs((_at(form_["timestamp"]) - shop.now()).total_seconds()) > 360:
            return _fail("22", "无效时间戳")
        if not holds(shop, form_.get("access_token", "")):
            return _fail("19", "无效access_token")
        return None

    def _form(self, shop: Shop, form_: Mapping[str, str]) -> Said:
        method = form_["method"]
        shop.calls.append(method)
        found: Callable[[Shop, dict[str, Any]], Any] | None = {
            "jingdong.pop.order.search": self._search,
            "jingdong.pop.order.get": self._get,
            "jingdong.sku.read.searchSkuList": self._wares,
            "jingdong.stock.write.updateSkuStock": self._stock,
            "jingdong.vender.shop.query": _vender,
        }.get(method)
        said = None if found is None else found(shop, json.loads(form_["360buy_param_json"]))
        if said is None:
            return _fail("21", "无效方法名或参数")
        return said if isinstance(said, Said) else Said({f"{method.replace('.', '_')}_responce": {"code": "0", **said}})

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail("8", "应用调用频率超限")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """No public document shows how its messages are signed; nothing is pushed."""
        del shop, order
        return ()

    def _token(self, shop: Shop, asked: Asked) -> Said:
        shop.calls.append("refresh")
        body = asked.form()
        refreshing = asked.path.endswith("/refresh_token")
        good = body.get("app_secret") == shop.secrets["app_secret"] and (
            holds(shop, str(body.get("refresh_token")), "refresh")
            if refreshing
            else body.get("code") == "simulated-code"
        )
        if not good:
            return Said({"code": "402", "msg": "授权已失效"})
        return Said(
            {
                "access_token": token(shop, "access", shop.token_seconds),
                "expires_in": shop.token_seconds,
                "refresh_token": token(shop, "refresh", 30 * 86_400),
                "open_id": "jd-seller-1",
                "code": 0,
            }
        )

    def _sp(self, shop: Shop, asked: Asked) -> Said:
        names = {"X-JOS-App-Key", "X-JOS-Access-Token", "X-JOS-Timestamp"}
        headers = {name: asked.headers.get(name.lower(), "") for name in names}
        _, _, case = asked.path.partition("/afs-orders/")
        wanted = sign_headers(shop.secrets["app_secret"], headers, asked.query, {"afsOrderId": case} if case else {})
        if not same(asked.headers.get("x-jos-sign", ""), wanted):
            return _fail("12", "无效签名")
        if not holds(shop, headers["X-JOS-Access-Token"]):
            return _fail("19", "无效access_token")
        shop.calls.append("afs-order" if case else "afs-orders")
        now = shop.now()
        if case:
            order = shop.world.order(int(case), now)
            refund = None if order is None else order.refund_at(now)
            if order is None or refund is None:
                return Said({"Response": {"success": False, "code": "404", "message": "服务单不存在"}})
            return Said({"Response": {"success": True, "data": _case(order, refund)}})
        since, until = (
            datetime.fromtimestamp(int(asked.query[f"update{one}Time"]) / 1000, UTC) for one in ("Start", "End")
        )
        found = shop.world.refunds(since, until, now)
        page, _ = sliced(found, int(asked.query["page"]) - 1, int(asked.query["pageSize"]))
        told = [{"afsOrderId": str(order.number), "orderId": str(FIRST + order.number)} for order, _ in page]
        pages = {
            "currentPage": int(asked.query["page"]),
            "pageSize": int(asked.query["pageSize"]),
            "totalItems": len(found),
        }
        return Said({"Response": {"success": True, "data": told, "paginationData": pages}})

    def _search(self, shop: Shop, asked: Mapping[str, Any]) -> Any:
        since, until = _at(asked["start_date"]), _at(asked["end_date"])
        if (until - since).total_seconds() > MONTH_SECONDS or int(asked["page_size"]) > 100:
            told = {
                "success": False,
                "errorCode": "10100002",
                "chineseErrCode": "时间跨度不能超过一个月，每页最多 100 条",
            }
            return {"searchorderinfo_result": {"apiResult": told}}
        orders = [one for one in shop.world.modified(since, until, shop.now()) if one.state(shop.now()) not in HIDES]
        page, _ = sliced(orders, int(asked["page"]) - 1, int(asked["page_size"]))
        return {
            "searchorderinfo_result": {
                "apiResult": {"success": True, "errorCode": "0"},
                "orderTotal": len(orders),
                "orderInfoList": [_order(one, shop.now()) for one in page],
            }
        }

    def _get(self, shop: Shop, asked: Mapping[str, Any]) -> Any:
        order = shop.world.order(int(asked["order_id"]) - FIRST, shop.now())
        return None if order is None else {"orderDetailInfo": {"orderInfo": _order(order, shop.now())}}

    def _wares(self, shop: Shop, asked: Mapping[str, Any]) -> Any:
        page, _ = sliced(shop.world.products, int(asked["pageNo"]) - 1, int(asked["page_size"]))
        told = [
            {
                "wareId": 60_000_000 + one.number,
                "skuId": 10_000_000 + one.number,
                "skuName": one.name,
                "jdPrice": _yuan(one.price),
                "stockNum": shop.world.left(str(10_000_000 + one.number), one),
            }
            for one in page
        ]
        return {"page": {"pageNo": asked["pageNo"], "totalItem": len(shop.world.products), "data": told}}

    def _stock(self, shop: Shop, asked: Mapping[str, Any]) -> dict[str, Any]:
        shop.world.stock[str(asked["skuId"])] = int(asked["stockNum"])
        return {"success": True}


def _order(order: Order, now: datetime) -> dict[str, Any]:
    steps = {state: at for at, state in order.changes() if at <= now}
    return {
        "orderId": str(FIRST + order.number),
        "venderId": "9001",
        "orderState": STATUS[order.state(now)],
        "orderTotalPrice": _yuan(order.paid + order.discount - order.freight),
        "orderSellerPrice": _yuan(order.paid - order.freight),
        "shouldPay": _yuan(order.paid),
        "freightPrice": _yuan(order.freight),
        "sellerDiscount": _yuan(order.discount),
        "orderStartTime": _time(order.created_at),
        "paymentConfirmTime": _time(steps.get("paid")),
        "orderEndTime": _time(steps.get("finished")),
        "modified": _time(order.modified_at(now)),
        "open_id_buyer": f"oOJD{order.buyer.number:06d}",
        "pin": f"{order.buyer.name[0]}***",
        "itemInfoList": [
            {
                "skuId": str(10_000_000 + line.product.number),
                "wareId": str(60_000_000 + line.product.number),
                "skuName": line.product.name,
                "jdPrice": _yuan(line.product.price),
                "itemTotal": str(line.quantity),
            }
            for line in order.lines
        ],
    }


def _case(order: Order, refund: SoldRefund) -> dict[str, Any]:
    info: dict[str, Any] = {"refundStatus": 20 if refund.done_at else 10, "applyRefundAmount": _yuan(refund.amount)}
    if refund.done_at:
        info["actualRefundAmount"] = _yuan(refund.amount)
    return {
        "afsOrderId": str(order.number),
        "orderInfo": {"orderId": str(FIRST + order.number)},
        "afsOrderBaseInfo": {
            "applyTime": int(refund.asked_at.timestamp() * 1000),
            "modifiedTime": int((refund.done_at or refund.asked_at).timestamp() * 1000),
        },
        "refundInfo": info | {"estimateRefundDetail": {"maxRefundAmount": _yuan(order.paid)}},
    }


def _vender(shop: Shop, asked: Mapping[str, Any]) -> dict[str, Any]:
    del shop, asked
    return {"shop_jos_result": {"shop_name": "演示京东旗舰店", "vender_id": 9001}}


SIMULATOR: Final = Jd()
