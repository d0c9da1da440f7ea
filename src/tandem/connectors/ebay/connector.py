"""eBay: bearer tokens, orders by modification with offset pages, notifications signed with an elliptic key."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

from tandem.catalog.label import Label
from tandem.connectors.ebay.mapping import read_conversations, read_items, read_orders
from tandem.connectors.ebay.signing import challenge_response, is_notification, signature_parts
from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.failures import Lasting, NotAuthorised, TooMany, WronglySetUp
from tandem.connectors.kit.keyring import KEYS
from tandem.connectors.kit.manifest import Manifest, Rate, Setting
from tandem.connectors.kit.platform import (
    Asking,
    Grant,
    Page,
    Platform,
    Push,
    Pushes,
    Resource,
    Seen,
    SigningKeys,
    Window,
    want,
)
from tandem.connectors.kit.privacy import privacy
from tandem.connectors.kit.records import identified
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.values import first, iso, listed, member, word
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send, check_status, form
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery, not_verified
from tandem.stream.sources.mapping import Mapped

PAGE_SIZE: Final = 200
APPLICATION: Final = "https://api.ebay.com/oauth/api_scope"
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{1,80}")
SCOPES: Final = " ".join(
    f"https://api.ebay.com/oauth/api_scope{one}"
    for one in (
        "",
        "/sell.fulfillment",
        "/sell.inventory",
        "/sell.account.readonly",
        "/commerce.identity.readonly",
        "/commerce.message",
    )
)
ORDER: Final = "ORDER_CONFIRMATION"
DELETION: Final = "MARKETPLACE_ACCOUNT_DELETION"

MANIFEST: Final = Manifest(
    name="ebay",
    label=Label("eBay", "eBay"),
    auth="oauth",
    hosts={
        "api": "https://api.ebay.com",
        "apiz": "https://apiz.ebay.com",
        "page": "https://auth.ebay.com/oauth2/authorize",
    },
    settings=(
        Setting("client_id", Label("App ID（Client ID）", "App id (client id)")),
        Setting(
            "ru_name",
            Label("RuName", "RuName"),
            help=Label("开发者后台的回调名称。", "The name of the redirect in the developer's account."),
        ),
        Setting("client_secret", Label("Cert ID（Client Secret）", "Cert id (client secret)"), secret=True),
        Setting(
            "verification_token",
            Label("通知验证 Token", "Verification token"),
            secret=True,
            required=False,
            pattern=r"[A-Za-z0-9_-]{32,80}",
            help=Label("32 到 80 个字符，自己定。", "32 to 80 characters of your own choice."),
        ),
        Setting(
            "endpoint",
            Label("通知地址", "Notification endpoint"),
            required=False,
            pattern=r"https?://[^\s]{1,480}",
            help=Label("与在 eBay 登记的完全一致。", "Exactly as registered at eBay."),
        ),
    ),
    capabilities=frozenset({"orders", "refunds", "products", "customers", "stock_out", "stock_in", "messages"}),
    push="webhook",
    money="major",
    time="iso",
    # For public keys only: whoever knows our address can name some that there are not, and each is asked for.
    rates={"": Rate(2, 10), "application_token": Rate(0.2, 5)},
    sheet="ebay.md: notifications and order paging high, the rest medium",
    imports=("cryptography",),
)


def sign(call: Call, given: Credentials) -> Request:
    """Calls carry the token; those used here are not signed."""
    headers = {"authorization": f"Bearer {given.token}", "accept": "application/json"}
    url = f"{given.base[call.host]}/{call.path}"
    if call.method == "GET":
        return Request("GET", url, {name: str(value) for name, value in call.params.items()}, headers)
    headers |= {"content-type": "application/json", "content-language": "en-US"}
    return Request(call.method, url, {}, headers, compact(dict(call.params)).encode())


def judge(call: Call, answer: Answer) -> Any:
    """The body. Raises ConnectorFailure by the first of `errors`."""
    del call
    if answer.status == 204:
        return {}
    if answer.status < 400:
        return answer.json()
    if answer.status >= 500:
        check_status(answer)
    error = first(answer.json(), "errors")
    code, told = word(error, "errorId") or str(answer.status), word(error, "message")
    if answer.status == 429 or code == "2001":
        # The limit is the day's: it ends at midnight in California, which the platform does not say here.
        raise TooMany(told, platform_code=code, retry_after_seconds=900)
    if answer.status == 401:
        raise NotAuthorised(told, platform_code=code, expired=True)
    if answer.status == 403:
        raise WronglySetUp(told, platform_code=code)
    raise Lasting(told, platform_code=code)


def authorise_url(given: Credentials, redirect: str, state: str) -> str:
    """Where the seller says yes. Where she comes back to is what the RuName says at eBay, not what we ask for."""
    query = {
        "client_id": str(given.settings["client_id"]),
        "response_type": "code",
        "redirect_uri": redirect if given.settings.get("simulated") else str(given.settings["ru_name"]),
        "scope": SCOPES,
        "state": state,
    }
    return f"{given.base['page']}?{urlencode(query)}"


def exchange(send: Send, given: Credentials, code: str) -> Grant:
    """The first token."""
    params = {"grant_type": "authorization_code", "code": code, "redirect_uri": str(given.settings["ru_name"])}
    return _token(send, given, params, None)


def refresh(send: Send, given: Credentials, grant: Grant | None) -> Grant:
    """The next two hours' token; the refresh token stays. Raises NotAuthorised where the seller has to say yes again."""
    if grant is None or not grant.refresh:
        raise NotAuthorised("the seller has not authorised yet")
    return _token(send, given, {"grant_type": "refresh_token", "refresh_token": grant.refresh, "scope": SCOPES}, grant)


def _token(send: Send, given: Credentials, params: Mapping[str, str], known: Grant | None) -> Grant:
    found = _granted(send, given, params)
    lasting = found.get("refresh_token_expires_in")
    return Grant(
        str(found["access_token"]),
        given.now + timedelta(seconds=int(found["expires_in"])),
        word(found, "refresh_token") or ("" if known is None else known.refresh),
        given.now + timedelta(seconds=int(lasting))
        if lasting
        else (None if known is None else known.refresh_expires_at),
    )


def _granted(send: Send, given: Credentials, params: Mapping[str, str]) -> dict[str, Any]:
    headers, body = form(params)
    keys = f"{given.settings['client_id']}:{given.secrets['client_secret']}".encode()
    headers["authorization"] = f"Basic {base64.b64encode(keys).decode()}"
    answer = send(Request("POST", f"{given.base['api']}/identity/v1/oauth2/token", headers=headers, body=body))
    if answer.status >= 500 or answer.status == 429:
        check_status(answer)
    found = cast("dict[str, Any]", answer.json())
    if not found.get("access_token"):
        told = word(found, "error_description") or "no token"
        raise NotAuthorised(told, platform_code=word(found, "error"))
    return found


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def orders(asking: Asking, window: Window, at: str | None) -> Page:
    """Orders changed in a window. Oldest first by creation, so what changes meanwhile moves nothing before it."""
    until = _iso(window.until + timedelta(seconds=1))
    params = {
        "filter": f"lastmodifieddate:[{_iso(window.since)}..{until}]",
        "limit": PAGE_SIZE,
        "offset": int(at or 0),
    }
    found = asking.call(Call("getOrders", params, "GET", "sell/fulfillment/v1/order"))
    return _page(found, "orders", int(at or 0), PAGE_SIZE)


def _page(found: Any, key: str, offset: int, size: int) -> Page:
    items = listed(found, key)
    more = bool(items) and offset + size < int(found.get("total") or 0)
    return Page({key: items}, len(items), str(offset + size) if more else None)


def order(asking: Asking, order_id: str) -> Any:
    """One order, as a page of one."""
    return {
        "orders": [asking.call(Call("getOrder", {}, "GET", f"sell/fulfillment/v1/order/{quote(order_id, safe='')}"))]
    }


def items(asking: Asking, window: Window, at: str | None) -> Page:
    """Everything in the seller's inventory: quantities change without the item being changed, so the whole is read."""
    del window
    params = {"limit": PAGE_SIZE, "offset": int(at or 0)}
    found = asking.call(Call("getInventoryItems", params, "GET", "sell/inventory/v1/inventory_item"))
    return _page(found, "inventoryItems", int(at or 0), PAGE_SIZE)


CONVERSATIONS: Final = 50
_OF_MEMBERS: Final = {"conversation_type": "FROM_MEMBERS", "limit": CONVERSATIONS}
_CONVERSATION: Final = "commerce/message/v1/conversation"


def conversations(asking: Asking, window: Window, at: str | None) -> Page:
    """Conversations with buyers in which somebody wrote since then, with their messages. The platform's filter goes by when they began."""
    offset = int(at or 0)
    found = asking.call(Call("getConversations", {**_OF_MEMBERS, "offset": offset}, "GET", _CONVERSATION))
    every = listed(found, "conversations")
    fresh = [one for one in every if (iso(member(one, "latestMessage"), "createdDate") or window.until) >= window.since]
    seller = (
        word(asking.call(Call("getUser", {}, "GET", "commerce/identity/v1/user/", "apiz")), "username") if fresh else ""
    )
    told = [one | {"messages": _messages(asking, word(one, "conversationId"))} for one in fresh]
    more = bool(every) and offset + CONVERSATIONS < int(found.get("total") or 0)
    return Page({"seller": seller, "conversations": told}, len(told), str(offset + CONVERSATIONS) if more else None)


def _messages(asking: Asking, conversation: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    while True:
        call = Call(
            "getConversation",
            {**_OF_MEMBERS, "offset": len(told)},
            "GET",
            f"{_CONVERSATION}/{quote(conversation, safe='')}",
        )
        found = asking.call(call)
        page = listed(found, "messages")
        told += page
        if len(page) < CONVERSATIONS or len(told) >= int(found.get("total") or 0):
            return told


def check(asking: Asking) -> Mapping[str, Any]:
    """The seller's name."""
    found = asking.call(Call("getUser", {}, "GET", "commerce/identity/v1/user/", "apiz"))
    return {"shop": word(found, "username"), "id": word(found, "userId")}


def set_stock(asking: Asking, item: Mapping[str, Any], quantity: int) -> None:
    """Set what can be shipped of an item. Raises ConnectorFailure where the platform took the call and not the item."""
    one = {"sku": item["sku_id"], "shipToLocationAvailability": {"quantity": quantity}}
    call = Call("bulkUpdatePriceQuantity", {"requests": [one]}, "POST", "sell/inventory/v1/bulk_update_price_quantity")
    for said in listed(asking.call(call), "responses"):
        if int(said.get("statusCode") or 200) >= 400:
            error = first(said, "errors")
            raise Lasting(word(error, "message") or "refused", platform_code=word(error, "errorId"))


# ------------------------------------------------------------------------------------------------------------- pushes


def verify(given: Credentials, delivery: Delivery) -> None:
    """The platform's elliptic signature over the body, by the key that it names."""
    key = KEYS.key((given.base["api"], key_number(delivery)))
    if key is None or not is_notification(delivery.headers.get("x-ebay-signature", ""), key, delivery.body):
        raise not_verified()


def key_number(delivery: Delivery) -> str:
    """The number of the key that a notification says it is signed with; empty where it could be none."""
    try:
        number = signature_parts(delivery.headers.get("x-ebay-signature", "")).get("kid", "")
    except NotGenuine:
        return ""
    return number if _NUMBER.fullmatch(number) else ""


def public_key(plain: Callable[..., Send], given: Credentials, number: str) -> str | None:
    """The key of that number; None: there is none. It is told to the application, not to the seller's token. Raises ConnectorFailure."""
    asked = {"grant_type": "client_credentials", "scope": APPLICATION}
    token = str(_granted(plain("application_token"), given, asked)["access_token"])
    url = f"{given.base['api']}/commerce/notification/v1/public_key/{number}"
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    answer = plain("getPublicKey", token)(Request("GET", url, headers=headers))
    if answer.status in {400, 404}:
        return None
    return word(judge(Call("getPublicKey", method="GET"), answer), "key") or None


def challenge(given: Credentials, query: Mapping[str, str]) -> tuple[str, str]:
    """The answer to the platform's check of our address. Raises NotVerified."""
    code, token = query.get("challenge_code", ""), given.secrets.get("verification_token", "")
    if not code or not token:
        raise not_verified()
    answer = challenge_response(code, token, str(given.settings.get("endpoint") or ""))
    return compact({"challengeResponse": answer}), "application/json"


def read_push(push: Push, given: Credentials, seen: Seen) -> Iterable[Mapped | Refused]:
    """An order to be fetched, or an account whose owner left: what is held of her goes. Other topics say nothing to us."""
    del given, seen
    body = cast("dict[str, Any]", push.body)
    told = member(body, "notification")
    data = member(told, "data")
    order_id = word(data, "orderId") or word(member(data, "order"), "orderId")
    topic = word(member(body, "metadata"), "topic")
    if topic == DELETION and word(data, "username"):
        who = identified("online_account", word(data, "username"), "ebay")
        number = word(told, "notificationId")
        yield privacy(what="erase", request_id=number, reason="eBay account deletion", identifiers=[who])
    if topic == ORDER and order_id:
        yield want("orders", order_id, stamp=word(told, "notificationId"))


PLATFORM: Final = Platform(
    manifest=MANIFEST,
    sign=sign,
    judge=judge,
    refresh=refresh,
    check=check,
    authorise_url=authorise_url,
    exchange=exchange,
    resources=(
        Resource("orders", orders, read_orders, order, window_max=timedelta(days=30)),
        Resource("products", items, read_items, windowed=False, every_seconds=3600),
        Resource("messages", conversations, read_conversations, windowed=False, every_seconds=600),
    ),
    pushes=Pushes(
        verify,
        read_push,
        reply=lambda _given, _delivery: ("", "text/plain"),
        challenge=challenge,
        keys=SigningKeys(key_number, public_key),
        refused=412,
    ),
    set_stock=set_stock,
)
