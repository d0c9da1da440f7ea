"""Shopify as a simulator: token checks, cursor pages, the leaky bucket's 429, webhooks with the whole record."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from tandem.connectors.shopify.signing import webhook_hmac
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.world import Buyer, Order, State

WORTH: Final = 7
"""It prices in dollars."""
SETTINGS: Final = {"shop": "tandem-demo", "client_id": "simulated-client"}
SECRETS: Final = {"client_secret": "simulated-shopify-secret"}
FIRST: Final = 450_000_000
FINANCIAL: Final[Mapping[State, str]] = {
    "placed": "pending", "paid": "paid", "shipped": "paid", "finished": "paid", "cancelled": "voided", "refunded": "refunded",
}  # fmt: skip


def _money(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


VARIANT: Final = 808_000_000
ITEM: Final = 490_000_000
LOCATION: Final = 655_441_491

_FIXED: Final[Mapping[str, Any]] = {
    "shop.json": {"shop": {"id": 690933842, "name": "Tandem Demo", "myshopify_domain": "tandem-demo.myshopify.com"}},
}


def _elsewhere(shop: Shop) -> dict[int, int]:
    """What each other location has of every item; none as long as nobody opens one."""
    return shop.memory.get("elsewhere", {})


def _locations(shop: Shop) -> Said:
    names = {LOCATION: "Tandem"} | {one: f"Depot {one}" for one in _elsewhere(shop)}
    return Said({"locations": [{"id": one, "name": name, "active": True} for one, name in names.items()]})


def _levels(shop: Shop, item: int) -> Said:
    product = next((one for one in shop.world.products if one.number == item - ITEM), None)
    if product is None:
        return Said({"inventory_levels": []})
    others = _elsewhere(shop)
    here = shop.world.left(str(item - ITEM + VARIANT), product) - sum(others.values())
    told = {LOCATION: here, **others}
    levels = [{"inventory_item_id": item, "location_id": one, "available": left} for one, left in told.items()]
    return Said({"inventory_levels": levels})


def _set_stock(shop: Shop, body: Mapping[str, Any]) -> Said:
    if body["location_id"] != LOCATION:
        return Said({"errors": "Not Found"}, 404)
    whole = int(body["available"]) + sum(_elsewhere(shop).values())
    shop.world.stock[str(int(body["inventory_item_id"]) - ITEM + VARIANT)] = whole
    return Said({"inventory_level": body})


class Shopify:
    """The simulated platform. Its offline tokens last; `expire` makes it refuse them, as a shop does that removes the app."""

    name: ClassVar[str] = "shopify"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.path == "/admin/oauth/access_token":
            return self._token(shop, asked.json())
        if not holds(shop, asked.headers.get("x-shopify-access-token", ""), "offline"):
            return Said({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, 401)
        _, _, _, _, what = asked.path.split("/", 4)
        shop.calls.append(what)
        fixed: dict[str, Callable[[], Said]] = {
            "locations.json": lambda: _locations(shop),
            "inventory_levels.json": lambda: _levels(shop, int(asked.query["inventory_item_ids"])),
            "inventory_levels/set.json": lambda: _set_stock(shop, asked.json()),
        }
        if what in _FIXED or what in fixed:
            return Said(_FIXED[what]) if what in _FIXED else fixed[what]()
        if what.startswith("orders/"):
            order = shop.world.order(int(what[7:-5]) - FIRST, shop.now())
            return Said({"order": self._order(shop, order)}) if order else Said({"errors": "Not Found"}, 404)
        return self._list(shop, asked, what.removesuffix(".json"))

    def throttled(self) -> Said:
        """The leaky bucket is full."""
        return Said({"errors": "Exceeded 2 calls per second for api client."}, 429, {"retry-after": "2"})

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """orders/updated with the whole order."""
        body = json.dumps(self._order(shop, order), ensure_ascii=False).encode()
        state = order.state(shop.now())
        headers = {
            "x-shopify-topic": "orders/updated",
            "x-shopify-shop-domain": f"{shop.settings['shop']}.myshopify.com",
            "x-shopify-webhook-id": f"wh-{order.number}-{state}-{_iso(order.modified_at(shop.now()))}",
            "x-shopify-hmac-sha256": webhook_hmac(shop.secrets["client_secret"], body),
            "content-type": "application/json",
        }
        return [Pushed(headers, {}, body)]

    def _token(self, shop: Shop, body: Mapping[str, Any]) -> Said:
        shop.calls.append("refresh")
        if body.get("client_secret") != shop.secrets["client_secret"] or body.get("code") != "simulated-code":
            return Said({"error": "invalid_request"}, 400)
        return Said({"access_token": token(shop, "offline", 10 * 365 * 86_400), "scope": "read_orders"})

    def _list(self, shop: Shop, asked: Asked, key: str) -> Said:
        query = dict(asked.query)
        page = 0
        if "page_info" in query:
            if set(query) - {"page_info", "limit"}:
                return Said({"errors": "page_info may not be combined with filters"}, 400)
            kept = json.loads(base64.urlsafe_b64decode(query["page_info"]))
            page, query = kept["page"], {**kept["query"], "limit": query.get("limit", "50")}
        found: list[Any] = list(shop.world.products)
        if key != "products":
            since, until = (datetime.fromisoformat(query[f"updated_at_{one}"]) for one in ("min", "max"))
            orders = shop.world.modified(since, until, shop.now())
            found = shop.world.buyers(orders) if key == "customers" else list(orders)
        shown, more = sliced(found, page, int(query["limit"]))
        told: list[dict[str, Any]] = []
        for one in shown:
            if key == "products":
                told.append(self._product(shop, one))
            else:
                told.append(self._customer(one) if key == "customers" else self._order(shop, one))
        headers: dict[str, str] = {"x-shopify-shop-api-call-limit": "1/40"}
        if more:
            info = base64.urlsafe_b64encode(json.dumps({"page": page + 1, "query": query}).encode()).decode()
            headers["link"] = f'<https://tandem-demo.myshopify.com/admin/api/x/{key}.json?page_info={info}>; rel="next"'
        return Said({key: told}, 200, headers)

    def _order(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        refund = order.refund_at(now)
        financial = FINANCIAL[order.state(now)]
        done = refund is not None and refund.done_at is not None
        if done and financial == "paid":
            financial = "partially_refunded"
        return {
            "id": FIRST + order.number,
            "name": f"#{order.number}",
            "created_at": _iso(order.created_at),
            "processed_at": _iso(steps.get("paid") or order.created_at),
            "updated_at": _iso(order.modified_at(now)),
            "closed_at": _iso(steps.get("finished")),
            "cancelled_at": _iso(steps.get("cancelled")),
            "financial_status": financial,
            "fulfillment_status": "fulfilled" if "shipped" in steps else None,
            "currency": "USD",
            "total_price": _money(order.paid),
            "total_discounts": _money(order.discount),
            "customer": self._customer(order.buyer),
            "line_items": [self._line(order, index) for index in range(len(order.lines))],
            "refunds": [self._refund(order, refund)] if done else [],
        }

    def _line(self, order: Order, index: int) -> dict[str, Any]:
        line = order.lines[index]
        return {
            "id": (FIRST + order.number) * 10 + index,
            "product_id": 632_000_000 + line.product.number,
            "variant_id": VARIANT + line.product.number,
            "name": line.product.name,
            "quantity": line.quantity,
            "price": _money(line.product.price),
            "discount_allocations": [{"amount": _money(line.discount)}] if line.discount else [],
        }

    def _refund(self, order: Order, refund: Any) -> dict[str, Any]:
        part = {"kind": "refund", "status": "success", "amount": _money(refund.amount)}
        return {
            "id": 509_000_000 + refund.number,
            "order_id": FIRST + order.number,
            "created_at": _iso(refund.done_at),
            "transactions": [part],
            "refund_line_items": [],
        }

    def _customer(self, buyer: Buyer) -> dict[str, Any]:
        return {
            "id": 207_000_000 + buyer.number,
            "email": buyer.email,
            "first_name": buyer.name[1:],
            "last_name": buyer.name[0],
            "orders_count": 1,
            "updated_at": "2026-01-01T00:00:00+00:00",
            "default_address": {"city": buyer.city},
        }

    def _product(self, shop: Shop, product: Any) -> dict[str, Any]:
        number = VARIANT + product.number
        left = shop.world.left(str(number), product)
        variant = {"id": number, "title": "Default Title", "price": _money(product.price), "inventory_quantity": left}
        variant |= {"inventory_item_id": ITEM + product.number}
        return {
            "id": 632_000_000 + product.number,
            "title": product.name,
            "product_type": product.category,
            "variants": [variant],
        }


SIMULATOR: Final = Shopify()
