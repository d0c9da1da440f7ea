"""eBay as a simulator: bearer tokens, orders by offset, notifications signed with a key of its own."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tandem.connectors.kit.texts import compact
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, sliced, token
from tandem.connectors.simulator.talks import Talk, talks
from tandem.connectors.simulator.world import Order, State

# The same keys after every start: numbers of this file, good for nothing but this simulator.
# Two, so that one can take the other's place.
_KEYS: Final = {
    f"5187a07e-0000-4000-8000-00000000000{index}": ec.derive_private_key(20_260_101 + index, ec.SECP256R1())
    for index in (0, 1)
}
KIDS: Final = tuple(_KEYS)

SELLER: Final = "tandem-demo-seller"
WORTH: Final = 7
"""It prices in dollars."""
SETTINGS: Final = {
    "client_id": "Simulated-App-PRD-1",
    "ru_name": "Simulated-RuName",
    "endpoint": "https://tandem.test/hooks/ebay",
}
SECRETS: Final = {
    "client_secret": "PRD-simulated-ebay-secret",
    "verification_token": "simulated-verification-token-of-ebay",
}
PAYMENT: Final[Mapping[State, str]] = {
    "placed": "PENDING", "paid": "PAID", "shipped": "PAID", "finished": "PAID", "cancelled": "FAILED", "refunded": "FULLY_REFUNDED",
}  # fmt: skip
_SPAN: Final = re.compile(r"lastmodifieddate:\[(\S+?)\.\.(\S*?)\]")


def _fail(code: int, message: str, status: int) -> Said:
    told = {"errorId": code, "domain": "ACCESS", "category": "REQUEST", "message": message}
    return Said({"errors": [told]}, status)


def _money(cents: int) -> dict[str, str]:
    return {"value": f"{Decimal(cents) / 100:.2f}", "currency": "USD"}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _id(number: int) -> str:
    return f"06-{number:07d}-{(number * 37) % 10**5:05d}"


class Ebay:
    """The simulated platform."""

    name: ClassVar[str] = "ebay"

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        path = asked.path.strip("/")
        if path == "identity/v1/oauth2/token":
            return self._token(shop, asked)
        if path.startswith("commerce/notification/v1/public_key/"):
            return _public_key(shop, asked, path.rsplit("/", 1)[1])
        kind, _, given = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not holds(shop, given):
            return _fail(1001, "Invalid access token", 401)
        shop.calls.append(path)
        routes = {
            "commerce/identity/v1/user": _user,
            "sell/fulfillment/v1/order": self._orders,
            "sell/inventory/v1/inventory_item": self._items,
            "sell/inventory/v1/bulk_update_price_quantity": _stock,
        }
        if path.startswith("commerce/message/v1/conversation"):
            return _conversations(shop, asked, path.removeprefix("commerce/message/v1/conversation").strip("/"))
        if path in routes:
            return routes[path](shop, asked)
        order = None
        if path.startswith("sell/fulfillment/v1/order/"):
            order = shop.world.order(int(path.rsplit("/", 1)[1].split("-")[1]), shop.now())
        return Said(self._order(shop, order)) if order else _fail(32100, "Invalid order ID", 404)

    def throttled(self) -> Said:
        """The day's calls are used up."""
        return _fail(2001, "Too many requests. The request limit has been reached for the resource.", 429)

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """ORDER_CONFIRMATION, which names the order."""
        now = shop.now()
        told = {
            "metadata": {"topic": "ORDER_CONFIRMATION", "schemaVersion": "1.0", "deprecated": False},
            "notification": {
                "notificationId": f"n-{order.number}-{order.state(now)}",
                "eventDate": _iso(order.modified_at(now)),
                "publishDate": _iso(now),
                "publishAttemptCount": 1,
                "data": {"orderId": _id(order.number)},
            },
        }
        body = compact(told).encode()
        signed = signature(body, shop.memory.get("kid", KIDS[0]))
        return [Pushed({"x-ebay-signature": signed, "content-type": "application/json"}, {}, body)]

    def _token(self, shop: Shop, asked: Asked) -> Said:
        shop.calls.append("refresh")
        wanted = base64.b64encode(f"{shop.settings['client_id']}:{shop.secrets['client_secret']}".encode()).decode()
        body = asked.form()
        refreshing = body.get("grant_type") == "refresh_token"
        known = asked.headers.get("authorization") == f"Basic {wanted}"
        if known and body.get("grant_type") == "client_credentials":
            made = token(shop, "application", shop.token_seconds)
            return Said(
                {"access_token": made, "expires_in": shop.token_seconds, "token_type": "Application Access Token"}
            )
        good = known and (
            holds(shop, str(body.get("refresh_token")), "refresh")
            if refreshing
            else body.get("code") == "simulated-code" and body.get("redirect_uri") == shop.settings["ru_name"]
        )
        if not good:
            told = "the provided authorization refresh token is invalid or was issued to another client"
            return Said({"error": "invalid_grant", "error_description": told}, 400)
        said: dict[str, Any] = {
            "access_token": token(shop, "access", shop.token_seconds),
            "expires_in": shop.token_seconds,
            "token_type": "User Access Token",
        }
        if not refreshing:
            said |= {"refresh_token": token(shop, "refresh", 540 * 86_400), "refresh_token_expires_in": 540 * 86_400}
        return Said(said)

    def _orders(self, shop: Shop, asked: Asked) -> Said:
        query = asked.query
        size, offset, span = int(query["limit"]), int(query["offset"]), _SPAN.search(query["filter"])
        if size > 200 or span is None:
            return _fail(30830, "The 'limit' should be between 1 and 200 (inclusive).", 400)
        since, until = datetime.fromisoformat(span.group(1)), datetime.fromisoformat(span.group(2))
        found = sorted(shop.world.modified(since, until, shop.now()), key=lambda one: (one.created_at, one.number))
        shown, _ = sliced(found, offset // size, size)
        told = [self._order(shop, one) for one in shown]
        return Said({"orders": told, "total": len(found), "limit": size, "offset": offset})

    def _items(self, shop: Shop, asked: Asked) -> Said:
        query = asked.query
        size, offset = int(query["limit"]), int(query["offset"])
        shown, _ = sliced(shop.world.products, offset // size, size)
        told = [
            {
                "sku": f"E-{one.number:03d}",
                "product": {"title": one.name},
                "availability": {
                    "shipToLocationAvailability": {"quantity": shop.world.left(f"E-{one.number:03d}", one)}
                },
            }
            for one in shown
        ]
        return Said({"inventoryItems": told, "total": len(shop.world.products), "size": size})

    def _order(self, shop: Shop, order: Order) -> dict[str, Any]:
        now = shop.now()
        steps = {state: at for at, state in order.changes() if at <= now}
        refund = order.refund_at(now)
        payment = PAYMENT[order.state(now)]
        if refund is not None and refund.done_at is not None and payment == "PAID":
            payment = "PARTIALLY_REFUNDED"
        summary: dict[str, Any] = {"totalDueSeller": _money(order.paid), "refunds": [], "payments": []}
        if "paid" in steps:
            summary["payments"] = [
                {"paymentStatus": "PAID", "paymentDate": _iso(steps["paid"]), "amount": _money(order.paid)}
            ]
        if refund is not None:
            done = refund.done_at is not None
            summary["refunds"] = [
                {
                    "refundId": str(500_000 + refund.number),
                    "refundStatus": "REFUNDED" if done else "PENDING",
                    "refundDate": _iso(refund.done_at or refund.asked_at),
                    "amount": _money(refund.amount),
                }
            ]
        return {
            "orderId": _id(order.number),
            "creationDate": _iso(order.created_at),
            "lastModifiedDate": _iso(order.modified_at(now)),
            "orderPaymentStatus": payment,
            "orderFulfillmentStatus": "FULFILLED" if "finished" in steps else "NOT_STARTED",
            "cancelStatus": {"cancelState": "CANCELED" if order.state(now) == "cancelled" else "NONE_REQUESTED"},
            "buyer": {"username": f"buyer_{order.buyer.number:05d}"},
            "pricingSummary": {"total": _money(order.paid), "deliveryCost": _money(order.freight)},
            "paymentSummary": summary,
            "lineItems": [_line(order, index) for index in range(len(order.lines))],
        }


def _conversations(shop: Shop, asked: Asked, which: str) -> Said:
    if asked.query.get("conversation_type") != "FROM_MEMBERS":
        return _fail(355001, "Invalid conversation type", 400)
    found = talks(shop.world, shop.now())[::-1]
    size, offset = int(asked.query["limit"]), int(asked.query["offset"])
    if which:
        told = next((_messages(one) for one in found if f"c-{one.number}" == which), None)
        return (
            _fail(355002, "Not found", 404)
            if told is None
            else Said({"messages": told[offset : offset + size], "total": len(told)})
        )
    page = [
        {
            "conversationId": f"c-{one.number}",
            "conversationType": "FROM_MEMBERS",
            "latestMessage": _messages(one)[-1],
            "referenceType": "ORDER",
            "referenceId": _id(one.number),
        }
        for one in found[offset : offset + size]
    ]
    return Said({"conversations": page, "total": len(found), "limit": size, "offset": offset})


def _messages(talk: Talk) -> list[dict[str, Any]]:
    buyer, seller = f"buyer_{talk.buyer.number:05d}", SELLER
    return [
        {
            "messageId": f"m-{one.number}",
            "messageBody": one.text,
            "senderUsername": buyer if one.by == "buyer" else seller,
            "recipientUsername": seller if one.by == "buyer" else buyer,
            "createdDate": _iso(one.at),
        }
        for one in talk.messages
    ]


def _user(shop: Shop, asked: Asked) -> Said:
    del shop, asked
    return Said({"username": SELLER, "userId": "U-1"})


def _stock(shop: Shop, asked: Asked) -> Said:
    wanted = asked.json()["requests"]
    for one in wanted:
        shop.world.stock[one["sku"]] = int(one["shipToLocationAvailability"]["quantity"])
    return Said({"responses": [{"sku": one["sku"], "statusCode": 200} for one in wanted]})


def _line(order: Order, index: int) -> dict[str, Any]:
    line = order.lines[index]
    told: dict[str, Any] = {
        "lineItemId": f"{order.number}{index:02d}",
        "legacyItemId": str(110_000_000 + line.product.number),
        "sku": f"E-{line.product.number:03d}",
        "title": line.product.name,
        "quantity": line.quantity,
        "lineItemCost": _money(line.paid + line.discount),
    }
    return told | ({"discountedLineItemCost": _money(line.paid)} if line.discount else {})


def _public_key(shop: Shop, asked: Asked, kid: str) -> Said:
    """The key as the platform writes it: without the line breaks of a PEM. A seller's token is not enough."""
    shop.calls.append("public_key")
    kind, _, given = asked.headers.get("authorization", "").partition(" ")
    if kind != "Bearer" or not holds(shop, given, "application"):
        return _fail(1001, "Invalid access token", 401)
    if kid not in _KEYS or kid in shop.memory.get("withdrawn", ()):
        return _fail(195_001, "The public key was not found.", 404)
    told = base64.b64encode(
        _KEYS[kid]
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode()
    key = f"-----BEGIN PUBLIC KEY-----{told}-----END PUBLIC KEY-----"
    return Said({"key": key, "algorithm": "ECDSA", "digest": "SHA1"})


def signature(body: bytes, kid: str = KIDS[0]) -> str:
    """X-EBAY-SIGNATURE over a body."""
    made = _KEYS[kid].sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303  the platform signs with it
    parts = {"alg": "ecdsa", "kid": kid, "signature": base64.b64encode(made).decode(), "digest": "SHA1"}
    return base64.b64encode(json.dumps(parts).encode()).decode()


SIMULATOR: Final = Ebay()
