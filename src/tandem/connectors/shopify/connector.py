"""Shopify: a shop's own host, cursor pages by the Link header, webhooks that carry the whole record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from tandem.catalog.label import Label
from tandem.connectors.kit.failures import Lasting, NotAuthorised
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Page, Platform, Push, Pushes, Resource, Seen, Window
from tandem.connectors.kit.texts import compact, same
from tandem.connectors.kit.values import ident, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status
from tandem.connectors.shopify.mapping import read_customers, read_orders, read_privacy, read_products, read_refund
from tandem.connectors.shopify.signing import webhook_hmac
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

VERSION: Final = "2026-07"
PAGE_SIZE: Final = 250
SCOPES: Final = "read_orders,read_customers,read_products,read_locations,write_inventory"
_NEXT: Final = re.compile(r"<([^>]+)>;\s*rel=\"next\"")

MANIFEST: Final = Manifest(
    name="shopify",
    label=Label("Shopify", "Shopify"),
    auth="oauth",
    hosts={"api": "https://{shop}.myshopify.com"},
    settings=(
        Setting("shop", Label("店铺域名前缀", "Shop's name before .myshopify.com"), pattern=r"[a-z0-9][a-z0-9-]{0,59}"),
        Setting("client_id", Label("Client ID", "Client id"), required=False),
        Setting("client_secret", Label("Client Secret", "Client secret"), secret=True),
        Setting(
            "access_token", Label("访问令牌（自建应用）", "Access token (custom app)"), secret=True, required=False
        ),
        Setting(
            "location_id",
            Label("发布库存的地点编号", "Location whose stock is set"),
            required=False,
            pattern=r"[0-9]{1,20}",
            help=Label(
                "店铺有多个地点时必填。库存按各地点合计；改动的差额计入此地点。",
                "Needed where the shop has several. Counts are those of all locations together; what changes, changes at this one.",
            ),
        ),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in"}),
    push="webhook",
    money="major",
    time="iso",
    rates={"": Rate(2, 40)},
    sheet="shopify.md: high throughout",
    account_hosts=True,
)


def sign(call: Call, given: Credentials) -> Request:
    """Calls carry the token; nothing is signed."""
    headers = {"x-shopify-access-token": given.token, "accept": "application/json"}
    url = f"{given.base['api']}/admin/api/{VERSION}/{call.path}"
    if call.method == "GET":
        return Request("GET", url, {name: str(value) for name, value in call.params.items()}, headers)
    headers["content-type"] = "application/json"
    return Request(call.method, url, {}, headers, compact(dict(call.params)).encode())


def judge(call: Call, answer: Answer) -> Any:
    """The body; where another page follows, `_next` names it. Raises ConnectorFailure."""
    if answer.status == 401:
        raise NotAuthorised("Invalid API key or access token", platform_code="401")
    if answer.status >= 400:
        check_status(answer)
        raise Lasting(f"HTTP {answer.status}: {_errors(answer)}", platform_code=str(answer.status))
    body = cast("dict[str, Any]", answer.json())
    following = _NEXT.search(answer.headers.get("link", ""))
    if following is not None:
        body["_next"] = parse_qs(urlsplit(following.group(1)).query)["page_info"][0]
    del call
    return body


def _errors(answer: Answer) -> str:
    try:
        return str(answer.json().get("errors"))[:200]
    except (AttributeError, ValueError):
        return ""


def authorise_url(given: Credentials, redirect: str, state: str) -> str:
    """Where the shop's owner installs the app."""
    query = {
        "client_id": str(given.settings.get("client_id") or ""),
        "scope": SCOPES,
        "redirect_uri": redirect,
        "state": state,
    }
    return f"{given.base['api']}/admin/oauth/authorize?{urlencode(query)}"


def exchange(send: Send, given: Credentials, code: str) -> Grant:
    """The offline token: it does not expire."""
    body = {"client_id": given.settings.get("client_id"), "client_secret": given.secrets["client_secret"], "code": code}
    answer = send(
        Request(
            "POST",
            f"{given.base['api']}/admin/oauth/access_token",
            headers={"content-type": "application/json"},
            body=compact(body).encode(),
        )
    )
    if answer.status >= 400:
        check_status(answer)
        raise NotAuthorised("the code was refused", platform_code=str(answer.status))
    return Grant(str(answer.json()["access_token"]), facts={"scope": str(answer.json().get("scope") or "")})


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """A custom app's token stands in its settings; others are given once and for all. Raises NotAuthorised."""
    del send
    known = given.secrets.get("access_token") or ""
    if known and (grant is None or grant.access != known):
        return Grant(known)
    raise NotAuthorised("the shop withdrew the token, or never gave one")


def _listing(path: str, key: str, *, changed: bool = True) -> Any:
    """Pages of a list: what changed in the window, or the whole."""

    def page(asking: Asking, window: Window, at: str | None) -> Page:
        # With a cursor every other filter has to be dropped.
        params: dict[str, Any] = {"limit": PAGE_SIZE}
        if at is not None:
            params["page_info"] = at
        elif changed:
            params |= {
                "updated_at_min": window.since.isoformat(timespec="seconds"),
                "updated_at_max": (window.until + timedelta(seconds=1)).isoformat(timespec="seconds"),
                "order": "updated_at asc",
            } | ({"status": "any"} if key == "orders" else {})
        found = asking.call(Call(key, params, "GET", path))
        items = listed(found, key)
        return Page({key: items}, len(items), found.get("_next"))

    return page


def order(asking: Asking, order_id: str) -> Any:
    """One order, as a page of one."""
    return {"orders": [member(asking.call(Call("orders", {}, "GET", f"orders/{int(order_id)}.json")), "order")]}


def check(asking: Asking) -> Mapping[str, Any]:
    """The shop's name."""
    shop = member(asking.call(Call("shop", {}, "GET", "shop.json")), "shop")
    return {"shop": str(shop.get("name") or ""), "id": str(shop.get("id") or "")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set what is available of an item in the whole shop, at its one location or at the one that was chosen: there is left what the
    others do not have. Raises Lasting where none is chosen of several, or the others have more already.
    """
    places = [
        one
        for one in listed(asking.call(Call("locations", {}, "GET", "locations.json")), "locations")
        if one.get("active", True)
    ]
    chosen = str(asking.credentials.settings.get("location_id") or "")
    here = [one for one in places if not chosen or ident(one, "id") == chosen]
    if len(here) != 1:
        known = ", ".join(f"{word(one, 'name')} ({ident(one, 'id')})" for one in places)
        told = (
            "the chosen location is none of the shop's"
            if chosen
            else "the shop has several locations: choose one in its settings"
        )
        raise Lasting(f"{told}: {known}", platform_code="locations")
    left = quantity - (_elsewhere(asking, item, ident(here[0], "id")) if len(places) > 1 else 0)
    if left < 0:
        raise Lasting(f"the other locations have {quantity - left} already", platform_code="locations")
    body = {"location_id": here[0]["id"], "inventory_item_id": item["listing"], "available": left}
    asking.call(Call("inventory", body, "POST", "inventory_levels/set.json"))


def _elsewhere(asking: Asking, item: Mapping[str, Any], here: str) -> int:
    """What the other locations have of an item, inactive ones too: the shop's own count holds them all."""
    params = {"inventory_item_ids": item["listing"], "limit": PAGE_SIZE}
    levels = listed(asking.call(Call("inventory", params, "GET", "inventory_levels.json")), "inventory_levels")
    return sum(int(one.get("available") or 0) for one in levels if ident(one, "location_id") != here)


# ------------------------------------------------------------------------------------------------------------- pushes


def _header(delivery: Delivery, name: str) -> str:
    return delivery.headers.get(f"x-shopify-{name}") or delivery.headers.get(f"shopify-{name}", "")


def verify(given: Credentials, delivery: Delivery) -> None:
    """The HMAC over the body as it came, from this shop."""
    wanted = webhook_hmac(given.secrets["client_secret"], delivery.body)
    shop = f"{given.settings['shop']}.myshopify.com"
    if not same(_header(delivery, "hmac-sha256"), wanted) or _header(delivery, "shop-domain") != shop:
        raise not_verified()


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """The record itself, told apart by its shape: a webhook's body does not name its topic."""
    del given
    body = cast("dict[str, Any]", push.body)
    asked = read_privacy(body, seen)
    if asked is not None:
        return (asked,)
    if "line_items" in body and "financial_status" in body:
        return read_orders({"orders": [body]}, seen)
    if "refund_line_items" in body:
        return read_refund({"refund": body}, seen)
    if "variants" in body:
        return read_products({"products": [body]}, seen)
    if "orders_count" in body or "default_address" in body:
        return read_customers({"customers": [body]}, seen)
    return ()


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    authorise_url=authorise_url,
    exchange=exchange,
    resources=(
        Resource("orders", _listing("orders.json", "orders"), read_orders, order, window_max=timedelta(days=30)),
        Resource("customers", _listing("customers.json", "customers"), read_customers, window_max=timedelta(days=30)),
        # Quantities change without the product being changed: the whole list is read.
        Resource(
            "products",
            _listing("products.json", "products", changed=False),
            read_products,
            windowed=False,
            every_seconds=3600,
        ),
    ),
    pushes=Pushes(
        verify,
        read_push,
        delivery_id=lambda delivery: _header(delivery, "webhook-id") or None,
        reply=lambda _given, _delivery: ("", "text/plain"),
    ),
    set_stock=set_stock,
)
