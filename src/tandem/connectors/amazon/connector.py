"""Amazon SP-API: a token of an hour for a refresh token of the seller's, nothing signed, every operation with a rate of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import quote

from tandem.catalog.label import Label
from tandem.connectors.amazon.mapping import read_listings, read_orders, read_refunds
from tandem.connectors.kit.failures import Lasting, NotAuthorised, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Page, Platform, Resource, Window
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import first, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status, form

ORDERS: Final = "orders/2026-01-01"
INCLUDED: Final = "BUYER,PROCEEDS,PROMOTION,FULFILLMENT"
BEHIND: Final = timedelta(minutes=2, seconds=10)
"""Windows have to end two minutes before now."""
LISTED_AT_ONCE: Final = 20

MANIFEST: Final = Manifest(
    name="amazon",
    label=Label("亚马逊", "Amazon"),
    auth="client_credentials",
    hosts={
        "api": "https://sellingpartnerapi-{region}.amazon.com",
        "auth": "https://api.amazon.com/auth/o2/token",
    },
    settings=(
        Setting("region", Label("区域（na / eu / fe）", "Region (na, eu, fe)"), pattern="na|eu|fe"),
        Setting("marketplace_id", Label("站点 MarketplaceId", "Marketplace id"), pattern=r"[A-Z0-9]{10,16}"),
        Setting("seller_id", Label("卖家编号", "Seller id"), pattern=r"[A-Z0-9]{8,20}"),
        Setting("client_id", Label("LWA Client ID", "LWA client id")),
        Setting("client_secret", Label("LWA Client Secret", "LWA client secret"), secret=True),
        Setting(
            "refresh_token",
            Label("Refresh Token", "Refresh token"),
            secret=True,
            pattern=r"[^\s\x00]{1,2000}",
            help=Label("卖家授权应用后得到。", "Given when the seller authorises the app."),
        ),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in"}),
    push="none",
    money="major",
    time="iso",
    rates={
        "": Rate(0.5, 15),
        "searchOrders": Rate(0.0056, 20),
        "getOrder": Rate(0.5, 30),
        "listFinancialEvents": Rate(0.5, 30),
        "searchListingsItems": Rate(5, 5),
        "patchListingsItem": Rate(5, 5),
    },
    sheet="amazon_sp_api.md: high; paths of finances and listings from memory of the official models",
    account_hosts=True,
)


def sign(call: Call, given: Credentials) -> Request:
    """Calls carry the token; nothing is signed since October 2023."""
    headers = {
        "x-amz-access-token": given.token,
        "x-amz-date": given.now.strftime("%Y%m%dT%H%M%SZ"),
        "user-agent": "Tandem/1 (Language=Python)",
        "accept": "application/json",
    }
    url = f"{given.base['api']}/{call.path}"
    if call.method == "GET":
        return Request("GET", url, {name: str(value) for name, value in call.params.items()}, headers)
    query = {"marketplaceIds": str(given.settings["marketplace_id"])}
    return Request(
        call.method, url, query, headers | {"content-type": "application/json"}, compact(dict(call.params)).encode()
    )


def judge(call: Call, answer: Answer) -> Any:
    """The body. Raises ConnectorFailure by the first of `errors`; a limit is waited for as long as its own rate says."""
    if answer.status < 400:
        return answer.json()
    if answer.status >= 500:
        check_status(answer)
    error = first(answer.json(), "errors")
    code, told = word(error, "code") or str(answer.status), word(error, "message")
    if answer.status == 429:
        rate = answer.headers.get("x-amzn-ratelimit-limit", "")
        per_second = float(rate) if rate.replace(".", "", 1).isdigit() else MANIFEST.rate(call.operation).per_second
        raise TooMany(told, platform_code=code, retry_after_seconds=1 / max(per_second, 0.001))
    if answer.status == 401 or (answer.status == 403 and "expired" in (told + word(error, "details")).lower()):
        raise NotAuthorised(told, platform_code=code, expired=True)
    if answer.status == 403:
        raise WronglySetUp(told, platform_code=code)
    raise Lasting(told, platform_code=code)


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The next hour's token. Raises NotAuthorised where the seller took the authorisation back."""
    del grant
    headers, body = form(
        {
            "grant_type": "refresh_token",
            "refresh_token": given.secrets["refresh_token"],
            "client_id": str(given.settings["client_id"]),
            "client_secret": given.secrets["client_secret"],
        }
    )
    answer = send(Request("POST", given.base["auth"], headers=headers, body=body))
    if answer.status >= 500 or answer.status == 429:
        check_status(answer)
    found = cast("dict[str, Any]", answer.json())
    if not found.get("access_token"):
        told = word(found, "error_description") or "no token"
        raise NotAuthorised(told, platform_code=word(found, "error"))
    return Grant(str(found["access_token"]), given.now + timedelta(seconds=int(found["expires_in"])))


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window, with their items."""
    params: dict[str, Any] = {
        "marketplaceIds": asking.credentials.settings["marketplace_id"],
        "lastUpdatedAfter": _iso(window.since),
        "lastUpdatedBefore": _iso(window.until + timedelta(seconds=1)),
        "includedData": INCLUDED,
        "maxResultsPerPage": 100,
    }
    if at is not None:
        params["paginationToken"] = at
    found = asking.call(Call("searchOrders", params, "GET", f"{ORDERS}/orders"))
    items = listed(found, "orders")
    return Page({"orders": items}, len(items), word(member(found, "pagination"), "nextToken") or None)


def order(asking: Asking, order_id: str) -> Any:
    """One order, as a page of one."""
    call = Call("getOrder", {"includedData": INCLUDED}, "GET", f"{ORDERS}/orders/{quote(order_id, safe='')}")
    return {"orders": [member(asking.call(call), "order")]}


def refunds(asking: Asking, window: Window, at: str | None) -> Page:
    """What went back to buyers, by the day it was booked."""
    params: dict[str, Any] = {"MaxResultsPerPage": 100}
    if at is None:
        params |= {"PostedAfter": _iso(window.since), "PostedBefore": _iso(window.until + timedelta(seconds=1))}
    else:
        params["NextToken"] = at
    found = member(asking.call(Call("listFinancialEvents", params, "GET", "finances/v0/financialEvents")), "payload")
    items = listed(found, "FinancialEvents", "RefundEventList")
    return Page({"RefundEventList": items}, len(items), word(found, "NextToken") or None)


def listings(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything the seller lists: stock changes without the listing being changed, so the whole is read."""
    del window
    given = asking.credentials.settings
    params: dict[str, Any] = {
        "marketplaceIds": given["marketplace_id"],
        "includedData": "summaries,offers,fulfillmentAvailability",
        "pageSize": LISTED_AT_ONCE,
    }
    if at is not None:
        params["pageToken"] = at
    found = asking.call(Call("searchListingsItems", params, "GET", f"listings/2021-08-01/items/{given['seller_id']}"))
    items = listed(found, "items")
    return Page({"items": items}, len(items), word(member(found, "pagination"), "nextToken") or None)


def check(asking: Asking) -> Mapping[str, Any]:
    """The name of the shop at the marketplace."""
    found = asking.call(Call("getMarketplaceParticipations", {}, "GET", "sellers/v1/marketplaceParticipations"))
    wanted = asking.credentials.settings["marketplace_id"]
    for one in listed(found, "payload"):
        if word(member(one, "marketplace"), "id") == wanted:
            return {"shop": word(one, "storeName") or word(member(one, "marketplace"), "name"), "id": wanted}
    raise WronglySetUp("the seller does not sell at this marketplace")


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set what the seller can send of a listing."""
    patch = {
        "op": "replace",
        "path": "/attributes/fulfillment_availability",
        "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}],
    }
    seller, sku = asking.credentials.settings["seller_id"], quote(str(item["sku_id"]), safe="")
    body = {"productType": str(item.get("product_type") or "PRODUCT"), "patches": [patch]}
    asking.call(Call("patchListingsItem", body, "PATCH", f"listings/2021-08-01/items/{seller}/{sku}"))


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    resources=(
        # One call in three minutes on the long run: looked at every five.
        Resource("orders", orders, read_orders, order, window_max=timedelta(days=30), settle=BEHIND, every_seconds=300),
        Resource("refunds", refunds, read_refunds, window_max=timedelta(days=30), settle=BEHIND, every_seconds=900),
        Resource("products", listings, read_listings, windowed=False, every_seconds=3600),
    ),
    set_stock=set_stock,
)
