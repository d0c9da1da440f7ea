"""JD: signed routerjson forms for orders and wares, signed X-JOS headers for after-sales; pages read from the last one back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode

from tandem.catalog.label import Label
from tandem.connectors.jd.mapping import STATUS, read_orders, read_refunds, read_wares
from tandem.connectors.jd.signing import sign as signature
from tandem.connectors.jd.signing import sign_headers
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, Passing, TooMany, WronglySetUp
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import Asking, Grant, Page, Platform, Resource, Window, following
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import as_gmt8, ident, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status, form

PAGE_SIZE: Final = 100
FIELDS: Final = (
    "orderId,venderId,orderState,orderTotalPrice,orderSellerPrice,orderPayment,shouldPay,freightPrice,sellerDiscount,orderStartTime,"
    "orderEndTime,modified,paymentConfirmTime,itemInfoList,open_id_buyer,pin"
)
#: Unpaid orders are not told by this call: an order comes to be known when it is paid.
STATES: Final = ",".join(one for one in STATUS if one != "NOT_PAY")
AFTERCARE: Final = "sp-aftercare"
TOKEN: Final = {"19", "20"}
SIGN: Final = {"10", "11", "12", "13", "18", "22", "25"}
MANY: Final = {"4", "5", "6", "7", "8"}

MANIFEST: Final = Manifest(
    name="jd",
    label=Label("京东", "JD"),
    auth="oauth",
    hosts={
        "api": "https://api.jd.com/routerjson",
        "sp": "https://api-cn.jd.com",
        "auth": "https://open-oauth.jd.com/oauth2",
        "page": "https://open-oauth.jd.com/oauth2/to_login",
    },
    settings=(
        Setting("app_key", Label("App Key", "App key")),
        Setting("app_secret", Label("App Secret", "App secret"), secret=True),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in"}),
    push="none",
    money="yuan",
    time="gmt8",
    rates={"": Rate(5, 10)},
    sheet="jd.md: signing high, data medium to high; pushes not verified, so increments every minute take their place",
)


def sign(call: Call, given: Credentials) -> Request:
    """A signed form, or a GET with signed headers for the newer API."""
    if call.host == "sp":
        return _sp(call, given)
    params = {
        "method": call.operation,
        "app_key": str(given.settings["app_key"]),
        "access_token": given.token,
        "timestamp": as_gmt8(given.now),
        "v": "2.0",
        "360buy_param_json": compact(dict(call.params)),
    }
    headers, body = form(params | {"sign": signature(given.secrets["app_secret"], params)})
    return Request("POST", given.base["api"], headers=headers, body=body)


def _sp(call: Call, given: Credentials) -> Request:
    query = {name: str(value) for name, value in call.params.items() if name != "afsOrderId"}
    variables = {name: str(call.params[name]) for name in ("afsOrderId",) if name in call.params}
    headers = {
        "X-JOS-App-Key": str(given.settings["app_key"]),
        "X-JOS-Access-Token": given.token,
        "X-JOS-Timestamp": str(int(given.now.timestamp() * 1000)),
    }
    signed = sign_headers(given.secrets["app_secret"], headers, query, variables)
    headers |= {"X-JOS-Sign": signed, "X-JOS-Request-Identity": "vender"}
    return Request("GET", f"{given.base['sp']}{call.path}", query, headers)


def judge(call: Call, answer: Answer) -> Any:
    """What stands inside the method's own name, or inside `Response`. Raises ConnectorFailure."""
    if answer.status != 200:
        check_status(answer)
    body = cast("dict[str, Any]", answer.json())
    error = member(body, "error_response")
    if error:
        raise failure_of(word(error, "code"), word(error, "zh_desc") or word(error, "en_desc"))
    if call.host == "sp":
        found = member(body, "Response") or body
        if found.get("success") is False:
            raise failure_of(word(found, "code"), word(found, "message"))
        return found
    # The platform's own spelling.
    return member(body, f"{call.operation.replace('.', '_')}_responce")


def failure_of(code: str, told: str) -> ConnectorFailure:
    """JD's error in our words."""
    if code in MANY:
        return TooMany(told, platform_code=code)
    if code in TOKEN:
        return NotAuthorised(told, platform_code=code, expired=True)
    if code in SIGN:
        return WronglySetUp(told, platform_code=code)
    return Passing(told, platform_code=code) if code in {"1", "2", "43", "67"} else Lasting(told, platform_code=code)


# ------------------------------------------------------------------------------------------------------- authorisation


def authorise_url(given: Credentials, redirect: str, state: str) -> str:
    """Where the seller says yes."""
    query = {
        "app_key": str(given.settings["app_key"]),
        "response_type": "code",
        "redirect_uri": redirect,
        "state": state,
        "scope": "snsapi_base",
    }
    return f"{given.base['page']}?{urlencode(query)}"


def exchange(send: Send, given: Credentials, code: str) -> Grant:
    """The first token."""
    return _token(send, given, "access_token", {"grant_type": "authorization_code", "code": code})


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The next token. Raises NotAuthorised where the seller has to say yes again."""
    if grant is None or not grant.refresh:
        raise NotAuthorised("the seller has not authorised yet")
    return _token(send, given, "refresh_token", {"grant_type": "refresh_token", "refresh_token": grant.refresh})


def _token(send: Send, given: Credentials, path: str, params: Mapping[str, str]) -> Grant:
    keys = {"app_key": str(given.settings["app_key"]), "app_secret": given.secrets["app_secret"]}
    headers, body = form({**keys, **params})
    answer = send(Request("POST", f"{given.base['auth']}/{path}", headers=headers, body=body))
    if answer.status != 200:
        check_status(answer)
    found = cast("dict[str, Any]", answer.json())
    if not found.get("access_token"):
        raise NotAuthorised(word(found, "msg") or "no token", platform_code=word(found, "code"))
    ends = given.now + timedelta(seconds=int(found["expires_in"])) if found.get("expires_in") else None
    return Grant(
        str(found["access_token"]), ends, word(found, "refresh_token"), facts={"open_id": word(found, "open_id")}
    )


# ------------------------------------------------------------------------------------------------------------- asking


def _search(asking: Asking, window: Window, page: int) -> Mapping[str, Any]:
    params = {
        "start_date": as_gmt8(window.since),
        "end_date": as_gmt8(window.until + timedelta(seconds=1)),
        "order_state": STATES,
        "optional_fields": FIELDS,
        "page": str(page),
        "page_size": str(PAGE_SIZE),
        "sortType": "1",
        "dateType": "0",
        "source_id": "JOS",
    }
    found = member(asking.call(Call("jingdong.pop.order.search", params)), "searchorderinfo_result")
    told = member(found, "apiResult")
    if told.get("success") is False:
        raise failure_of(word(told, "errorCode"), word(told, "chineseErrCode") or word(told, "englishErrCode"))
    return found


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window, last page first: one that changes meanwhile moves to pages still to come, never out of sight."""
    page = int(at) if at else math.ceil(int(_search(asking, window, 1).get("orderTotal") or 0) / PAGE_SIZE)
    if page == 0:
        return Page({"orderInfoList": []}, 0)
    items = listed(_search(asking, window, page), "orderInfoList")
    return Page({"orderInfoList": items}, len(items), str(page - 1) if page > 1 else None)


def order(asking: Asking, order_id: str) -> Any:
    """One order, as a page of one."""
    params = {"order_id": order_id, "order_state": STATES, "optional_fields": FIELDS}
    found = asking.call(Call("jingdong.pop.order.get", params))
    return {"orderInfoList": [member(member(found, "orderDetailInfo"), "orderInfo")]}


def refunds(asking: Asking, window: Window, at: str | None) -> Page:
    """After-sales cases changed in a window, each with its detail: the list does not tell amounts."""
    page = int(at or 1)
    params = {
        "updateStartTime": int(window.since.timestamp() * 1000),
        "updateEndTime": int(window.until.timestamp() * 1000) + 1,
        "page": page,
        "pageSize": PAGE_SIZE,
    }
    found = asking.call(Call("afs-orders", params, "GET", f"/rest/{AFTERCARE}/v0/afs-orders", "sp"))
    told = listed(found, "data")
    items = [refund(asking, ident(one, "afsOrderId"))["data"][0] for one in told]
    total = member(found, "paginationData").get("totalItems")
    return Page({"data": items}, len(items), following(page, PAGE_SIZE, total, told))


def refund(asking: Asking, case: str) -> Any:
    """One case, as a page of one."""
    params = {"afsOrderId": case, "scopeSet": "refundInfo,skuExtInfo"}
    found = asking.call(Call("afs-order", params, "GET", f"/rest/{AFTERCARE}/v0/afs-orders/{int(case)}", "sp"))
    return {"data": [member(found, "data")]}


def wares(asking: Asking, window: Window, at: str | None) -> Page:
    """Every ware on sale: stock changes without the ware being changed, so the whole list is read."""
    del window
    page = int(at or 1)
    params = {"pageNo": page, "page_size": PAGE_SIZE, "field": "wareId,skuId,skuName,jdPrice,stockNum"}
    found = member(asking.call(Call("jingdong.sku.read.searchSkuList", params)), "page")
    items = listed(found, "data")
    return Page({"data": items}, len(items), following(page, PAGE_SIZE, found.get("totalItem"), items))


def check(asking: Asking) -> Mapping[str, Any]:
    """The shop's name."""
    found = asking.call(Call("jingdong.vender.shop.query"))
    shop = member(found, "shop_jos_result")
    return {"shop": word(shop, "shop_name"), "id": word(shop, "vender_id")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set a ware's stock to a number."""
    asking.call(Call("jingdong.stock.write.updateSkuStock", {"skuId": item["sku_id"], "stockNum": quantity}))


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    authorise_url=authorise_url,
    exchange=exchange,
    resources=(
        Resource("orders", orders, read_orders, order, window_max=timedelta(days=7)),
        Resource("refunds", refunds, read_refunds, refund, window_max=timedelta(days=7)),
        Resource("products", wares, read_wares, windowed=False, every_seconds=3600),
    ),
    set_stock=set_stock,
)
