"""Amazon as a simulator: hourly tokens, orders and refunds by cursor, errors as the platform words them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Order, SoldRefund, State

WORTH: Final = 7
"""It prices in dollars."""
SETTINGS: Final = {
    "region": "na",
    "marketplace_id": "ATVPDKIKX0DER",
    "seller_id": "A3TH9S8BH6GOGM",
    "client_id": "amzn1.application-oa2-client.simulated",
}
HIDES: Final[frozenset[State]] = frozenset({"placed"})
SECRETS: Final = {"client_secret": "simulated-amazon-secret", "refresh_token": "Atzr|simulated-refresh-token"}
STATUS: Final[Mapping[State, str]] = {
    "placed": "PENDING", "paid": "UNSHIPPED", "shipped": "UNSHIPPED", "finished": "SHIPPED", "cancelled": "CANCELLED",
    "refunded": "CANCELLED",
}  # fmt: skip


def _fail(code: str, message: str, status: int) -> Said:
    return Said({"errors": [{"code": code, "message": message, "details": ""}]}, status)


def _money(cents: int) -> dict[str, str]:
    return {"amount": f"{Decimal(cents) / 100:.2f}", "currencyCode": "USD"}


def _charge(cents: int) -> dict[str, Any]:
    return {"CurrencyCode": "USD", "CurrencyAmount": float(Decimal(cents) / 100)}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _id(number: int) -> str:
    return f"701-{number:07d}-{(number * 37) % 10**7:07d}"


def _number(order_id: str) -> int:
    return int(order_id.split("-")[1])


def _cursor(page: int, query: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps({"page": page, "query": dict(query)}).encode()).decode()


class Amazon:
    """The simulated platform."""

    name: ClassVar[str] = "amazon"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.host == "auth":
            return self._token(shop, asked.form())
        given = asked.headers.get("x-amz-access-token", "")
        if not holds(shop, given):
            return _fail("Unauthorized", "The access token you provided has expired.", 403)
        path = asked.path.strip("/")
        routes: tuple[tuple[str, Callable[[Shop, Asked], Said]], ...] = (
            ("orders/2026-01-01/orders/", self._order),
            ("orders/2026-01-01/orders", self._orders),
            ("finances/v0/financialEvents", self._refunds),
            (f"listings/2021-08-01/items/{shop.settings['seller_id']}/", self._patch),
            (f"listings/2021-08-01/items/{shop.settings['seller_id']}", self._listings),
            ("sellers/v1/marketplaceParticipations", _participations),
        )
        shop.calls.append(path)
        for prefix, said in routes:
            if path.startswith(prefix) if prefix.endswith("/") else path == prefix:
                return said(shop, asked)
        return _fail("NotFound", "The resource does not exist.", 404)

    def throttled(self) -> Said:
        """The operation's bucket is empty."""
        told = _fail("QuotaExceeded", "You exceeded your quota for the requested resource.", 429)
        return Said(told.body, 429, {"x-amzn-ratelimit-limit": "0.5"})

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """Notifications go to a queue of the seller's at AWS, not to an address of ours."""
        del shop, order
        return ()

    def _token(self, shop: Shop, body: Mapping[str, str]) -> Said:
        shop.calls.append("refresh")
        if any(body.get(name) != shop.secrets[name] for name in ("client_secret", "refresh_token")):
            return Said(
                {"error": "invalid_grant", "error_description": "The request has an invalid grant parameter"}, 400
            )
        return Said(
            {
                "access_token": token(shop, "access", shop.token_seconds),
                "token_type": "bearer",
                "expires_in": shop.token_seconds,
            }
        )

    def _paged(self, asked: Asked, token_name: str) -> tuple[int, Mapping[str, str]]:
        given = asked.query.get(token_name)
        if given is None:
            return 0, asked.query
        kept = json.loads(base64.urlsafe_b64decode(given))
        return int(kept["page"]), kept["query"]

    def _orders(self, shop: Shop, asked: Asked) -> Said:
        page, query = self._paged(asked, "paginationToken")
        since, until = (datetime.fromisoformat(query[f"lastUpdated{one}"]) for one in ("After", "Before"))
        if until > shop.now() - timedelta(minutes=2) and page == 0:
            return _fail("InvalidInput", "lastUpdatedBefore must be at least two minutes in the past.", 400)
        found = shop.world.modified(since, until, shop.now())
        shown, more = sliced(found, page, int(query["maxResultsPerPage"]))
        told: dict[str, Any] = {"orders": [self._told(shop, one) for one in shown]}
        return Said(told | ({"pagination": {"nextToken": _cursor(page + 1, query)}} if more else {}))

    def _order(self, shop: Shop, asked: Asked) -> Said:
        order = shop.world.order(_number(asked.path.rsplit("/", 1)[1]), shop.now())
        return Said({"order": self._told(shop, order)}) if order else _fail("NotFound", "No such order.", 404)

    def _refunds(self, shop: Shop, asked: Asked) -> Said:
        page, query = self._paged(asked, "NextToken")
        since, until = (datetime.fromisoformat(query[f"Posted{one}"]) for one in ("After", "Before"))
        found = [
            (order, refund)
            for order, refund in shop.world.refunds(since, until, shop.now())
            if refund.done_at is not None
        ]
        shown, more = sliced(found, page, int(query["MaxResultsPerPage"]))
        events = {"RefundEventList": [_refund(*one) for one in shown]}
        payload: dict[str, Any] = {"FinancialEvents": events}
        return Said({"payload": payload | ({"NextToken": _cursor(page + 1, query)} if more else {})})

    def _listings(self, shop: Shop, asked: Asked) -> Said:
        page = int(asked.query.get("pageToken", "0"))
        shown, more = sliced(shop.world.products, page, int(asked.query["pageSize"]))
        items = [
            {
                "sku": f"SKU-{one.number:03d}",
                "summaries": [{"itemName": one.name, "marketplaceId": shop.settings["marketplace_id"]}],
                "offers": [{"price": {"amount": f"{Decimal(one.price) / 100:.2f}", "currencyCode": "USD"}}],
                "fulfillmentAvailability": [
                    {
                        "fulfillmentChannelCode": "DEFAULT",
                        "quantity": shop.world.left(f"SKU-{one.number:03d}", one),
                    }
                ],
            }
            for one in shown
        ]
        return Said({"items": items} | ({"pagination": {"nextToken": str(page + 1)}} if more else {}))

    def _patch(self, shop: Shop, asked: Asked) -> Said:
        sku = asked.path.rsplit("/", 1)[1]
        for patch in asked.json().get("patches", []):
            shop.world.stock[sku] = int(patch["value"][0]["quantity"])
        return Said({"sku": sku, "status": "ACCEPTED", "submissionId": "s", "issues": []})

    def _told(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        pending = order.state(now) == "placed"
        shown: dict[str, Any] = {
            "orderId": _id(order.number),
            "createdTime": _iso(order.created_at),
            "lastUpdatedTime": _iso(order.modified_at(now)),
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": shop.settings["marketplace_id"]},
            "fulfillment": {"fulfillmentStatus": STATUS[order.state(now)], "fulfilledBy": "MERCHANT"},
            "orderItems": [_item(order, index, pending=pending) for index in range(len(order.lines))],
        }
        if not pending:
            shown["buyer"] = {
                "buyerName": order.buyer.name,
                "buyerEmail": f"b{order.buyer.number:06d}@marketplace.amazon.com",
            }
            shown["proceeds"] = {"grandTotal": _money(order.paid)}
        return shown


def _item(order: Order, index: int, *, pending: bool) -> dict[str, Any]:
    line = order.lines[index]
    told: dict[str, Any] = {
        "orderItemId": f"{order.number}{index:02d}",
        "quantityOrdered": line.quantity,
        "product": {
            "asin": f"B0{line.product.number:08d}",
            "sellerSku": f"SKU-{line.product.number:03d}",
            "title": line.product.name,
        },
    }
    if not pending:
        parts = [{"type": "ITEM", "subtotal": _money(line.paid + line.discount)}]
        if line.discount:
            parts.append({"type": "DISCOUNT", "subtotal": _money(-line.discount)})
        told["proceeds"] = {"proceedsTotal": _money(line.paid), "breakdowns": parts}
    return told


def _refund(order: Order, refund: SoldRefund) -> dict[str, Any]:
    """The goods go back in full, the promotion is taken back with them: together what the buyer gets."""
    off = 100
    return {
        "AmazonOrderId": _id(order.number),
        "PostedDate": _iso(refund.done_at or refund.asked_at),
        "ShipmentItemAdjustmentList": [
            {
                "OrderAdjustmentItemId": f"adj{refund.number}",
                "SellerSKU": f"SKU-{order.lines[0].product.number:03d}",
                "ItemChargeAdjustmentList": [
                    {"ChargeType": "Principal", "ChargeAmount": _charge(-refund.amount - off)}
                ],
                "PromotionAdjustmentList": [
                    {"PromotionType": "PromotionMetaDataDefinitionValue", "PromotionAmount": _charge(off)}
                ],
            }
        ],
    }


def _participations(shop: Shop, asked: Asked) -> Said:
    del asked
    place = {"id": shop.settings["marketplace_id"], "name": "Amazon.com", "countryCode": "US"}
    return Said(
        {"payload": [{"marketplace": place, "storeName": "Tandem Demo", "participation": {"isParticipating": True}}]}
    )


SIMULATOR: Final = Amazon()
