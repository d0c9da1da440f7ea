"""JD's, Amazon's and eBay's payloads: what is told becomes exact, what is not told stays untold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tandem.connectors.amazon import mapping as amazon
from tandem.connectors.ebay import mapping as ebay
from tandem.connectors.jd import mapping as jd
from tandem.connectors.kit.doorway import RESOURCE, Doorway
from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.registry import platforms
from tandem.connectors.taobao import mapping as taobao
from tandem.connectors.youzan import mapping as youzan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Account, Raw
from tandem.stream.sources.mapping import Mapped

PAYLOADS = Path(__file__).parent / "data" / "payloads"
SEEN = Seen("shop", {"seller_id": "A3TH9S8BH6GOGM"})


def recorded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["data"]


def of(found: Any, kind: str) -> list[dict[str, Any]]:
    """The payloads of one kind; nothing may have been refused."""
    found = list(found)
    assert [one for one in found if isinstance(one, Refused)] == []
    return [one.payload for one in found if isinstance(one, Mapped) and one.kind == kind]


def test_a_jd_case_gives_back_what_went_back_and_never_the_estimate() -> None:
    case = recorded("jd_sp_afs_orders")["detail"]["Response"]["data"]
    (one,) = of(jd.read_refunds({"data": [case]}, SEEN), "refund")
    assert (one["refund_id"], one["order_id"], one["amount"]) == ("1001", "2001", "10.00")
    assert one["at"] == datetime.fromtimestamp(1_700_000_060, UTC).isoformat()
    for status in (10, 30):
        waiting = case | {"refundInfo": case["refundInfo"] | {"refundStatus": status}}
        assert list(jd.read_refunds({"data": [waiting]}, SEEN)) == []
    untold = {name: value for name, value in case["refundInfo"].items() if name != "actualRefundAmount"}
    (refused,) = jd.read_refunds({"data": [case | {"refundInfo": untold}]}, SEEN)
    assert isinstance(refused, Refused)
    assert refused.where == "data[0].actualRefundAmount"


def jd_order(**changed: Any) -> dict[str, Any]:
    item = {"skuId": "3001", "skuName": "面霜", "jdPrice": "60.00", "itemTotal": "2"}
    order = {
        "orderId": "270000000001", "orderState": "FINISHED_L", "orderSellerPrice": "110.00", "shouldPay": "115.50",
        "freightPrice": "5.50", "sellerDiscount": "10.00", "orderStartTime": "2026-11-11 00:00:01", "pin": "j***d",
        "paymentConfirmTime": "2026-11-11 00:00:09", "modified": "2026-11-12 08:00:00", "itemInfoList": [item],
    }  # fmt: skip
    return order | changed


def test_a_jd_order_is_what_the_buyer_pays_and_a_masked_pin_names_nobody() -> None:
    (one,) = of(jd.read_orders({"orderInfoList": [jd_order()]}, SEEN), "order")
    assert (one["status"], one["total"], one["discount"], one["paid_at"]) == (
        "completed", "115.50", "10.00", "2026-11-10T16:00:09+00:00",
    )  # fmt: skip
    assert (one["lines"][0]["amount"], one["lines"][0]["discount"]) == ("110", "10.00")
    assert one["identifiers"] == []
    (known,) = of(jd.read_orders({"orderInfoList": [jd_order(open_id_buyer="oOJD1")]}, SEEN), "order")
    assert known["identifiers"] == [{"kind": "open_id", "value": "oOJD1", "scope": "jd"}]
    (older,) = of(jd.read_orders({"orderInfoList": [jd_order(shouldPay="", orderPayment="")]}, SEEN), "order")
    assert older["total"] == "115.50"
    (strange,) = jd.read_orders({"orderInfoList": [jd_order(orderState="NEW_WORD")]}, SEEN)
    assert isinstance(strange, Refused)


def test_an_amazon_order_of_the_official_model() -> None:
    body = recorded("amazon_2026_searchOrders")
    (one,) = of(amazon.read_orders(body, SEEN), "order")
    assert (one["order_id"], one["status"], one["total"], one["currency"]) == (
        "123-4567890-1234567", "completed", "154.99", "USD",
    )  # fmt: skip
    assert [(line["product_id"], line["quantity"], line["amount"]) for line in one["lines"]] == [
        ("ECHO-DOT-4-CHARCOAL", "2", "99.98"),
        ("FIRE-TV-4K-2021", "1", "49.99"),
    ]
    relay = "buyer-email@marketplace.amazon.com"
    assert one["identifiers"] == [{"kind": "online_account", "value": relay, "scope": "amazon:A3TH9S8BH6GOGM"}]
    pending = {name: value for name, value in body["orders"][0].items() if name not in {"proceeds", "buyer"}}
    assert list(amazon.read_orders({"orders": [pending]}, SEEN)) == [], "its amounts are not told yet"


def test_an_amazon_refund_is_less_the_promotion_that_goes_with_it() -> None:
    def part(kind: str, name: str, amount: float) -> dict[str, Any]:
        return {f"{kind}Type": name, f"{kind}Amount": {"CurrencyCode": "USD", "CurrencyAmount": amount}}

    item = {
        "OrderAdjustmentItemId": "77",
        "ItemChargeAdjustmentList": [part("Charge", "Principal", -19.99), part("Charge", "Tax", -1.4)],
        "PromotionAdjustmentList": [part("Promotion", "x", 2.0)],
        "ItemFeeAdjustmentList": [{"FeeType": "Commission", "FeeAmount": {"CurrencyAmount": 3.0}}],
    }
    event = {"AmazonOrderId": "1-2-3", "PostedDate": "2026-11-01T08:00:00Z", "ShipmentItemAdjustmentList": [item]}
    (one,) = of(amazon.read_refunds({"RefundEventList": [event]}, SEEN), "refund")
    assert (one["refund_id"], one["amount"]) == ("1-2-3:77", "19.39")


def ebay_order(**changed: Any) -> dict[str, Any]:
    def money(value: str, **converted: str) -> dict[str, str]:
        return {"value": value, "currency": "USD", **converted}

    order = {
        "orderId": "06-1-2", "creationDate": "2026-11-01T08:00:00.000Z", "lastModifiedDate": "2026-11-03T08:00:00.000Z",
        "orderPaymentStatus": "PARTIALLY_REFUNDED", "orderFulfillmentStatus": "FULFILLED",
        "buyer": {"username": "blue_fox"}, "pricingSummary": {"total": money("25.00")},
        "paymentSummary": {
            "payments": [{"paymentStatus": "PAID", "paymentDate": "2026-11-01T08:00:05.000Z"}],
            "refunds": [
                {"refundId": "5", "refundStatus": "REFUNDED", "refundDate": "2026-11-02T08:00:00.000Z", "amount": money("3.10")},
                {"refundId": "6", "refundStatus": "PENDING", "refundDate": "2026-11-02T09:00:00.000Z", "amount": money("1.00")},
            ],
        },
        "lineItems": [
            {"legacyItemId": "110", "title": "Mug", "quantity": 2, "lineItemCost": money("24.00"), "discountedLineItemCost": money("20.00")},
        ],
    }  # fmt: skip
    return order | changed


def test_an_ebay_order_with_a_refund_that_is_booked_and_one_that_is_not() -> None:
    found = list(ebay.read_orders({"orders": [ebay_order()]}, SEEN))
    (one,), (back,) = of(found, "order"), of(found, "refund")
    assert (one["status"], one["total"], one["paid_at"]) == ("completed", "25.00", "2026-11-01T08:00:05+00:00")
    assert one["lines"] == [{"line_no": 1, "product_id": "110", "quantity": "2", "amount": "20.00", "discount": "4.00"}]
    assert (back["refund_id"], back["amount"]) == ("5", "3.10")
    assert one["identifiers"] == [{"kind": "online_account", "value": "blue_fox", "scope": "ebay"}]
    paid_back = ebay_order(orderPaymentStatus="FULLY_REFUNDED")
    assert of(ebay.read_orders({"orders": [paid_back]}, SEEN), "order")[0]["status"] == "completed"
    cancelled = ebay_order(cancelStatus={"cancelState": "CANCELED"}, orderPaymentStatus="FULLY_REFUNDED")
    assert of(ebay.read_orders({"orders": [cancelled]}, SEEN), "order")[0]["status"] == "cancelled"


def test_an_ebay_order_from_abroad_is_worth_what_its_buyer_paid() -> None:
    total = {"value": "13.20", "currency": "USD", "convertedFromValue": "12.00", "convertedFromCurrency": "EUR"}
    (one,) = of(
        ebay.read_orders({"orders": [ebay_order(pricingSummary={"total": total}, lineItems=[])]}, SEEN), "order"
    )
    assert (one["total"], one["currency"]) == ("12.00", "EUR")


def test_stock_is_read_by_place() -> None:
    ware = {"skuId": 3001, "skuName": "面霜", "jdPrice": "60.00", "stockNum": 0}
    (empty,) = of(jd.read_wares({"data": [ware]}, SEEN), "stock")
    assert empty == {"product_id": "3001", "quantity": "0"}
    listing = {"sku": "S1", "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 7}]}
    (seven,) = of(amazon.read_listings({"items": [listing]}, SEEN), "stock")
    assert seven == {"product_id": "S1", "quantity": "7", "place": "DEFAULT"}
    assert of(ebay.read_items({"inventoryItems": [{"sku": "E1"}]}, SEEN), "stock") == [], "nothing told, nothing kept"


def test_what_buyers_and_shops_write_is_told_by_whom() -> None:
    """Consultations, conversations and refund notes: hers and the shop's; pictures and the platform's own words stay out."""
    said = {
        "msg_id": 1,
        "msg_type": "text",
        "content": "什么时候发货？",
        "from": "customer",
        "send_time": 1_700_000_000_000,
    }
    consultation = {
        "consultation_id": 9, "yz_open_id": "yz1", "tid": "E1",
        "messages": [said, said | {"msg_id": 2, "from": "cs", "content": "今天"}, said | {"msg_id": 3, "msg_type": "image"}],
    }  # fmt: skip
    asked, answered = of(youzan.read_consultations({"consultations": [consultation]}, SEEN), "chat_message")
    assert (asked["text"], asked["through"], asked["about"], asked.get("by")) == (
        "什么时候发货？",
        "youzan",
        "E1",
        None,
    )
    assert asked["identifiers"] == [{"kind": "open_id", "value": "yz1", "scope": "youzan"}]
    assert (answered["by"], answered["conversation"]) == ("staff", "9")
    mail = {
        "messageId": "m",
        "messageBody": "hello",
        "senderUsername": "shop",
        "recipientUsername": "fox",
        "createdDate": "2026-01-01T00:00:00Z",
    }
    between = mail | {"messageId": "n", "senderUsername": "a", "recipientUsername": "b"}
    (told,) = of(
        ebay.read_conversations(
            {"seller": "shop", "conversations": [{"conversationId": "c", "messages": [mail, between]}]}, SEEN
        ),
        "chat_message",
    )
    assert (told["by"], told["identifiers"][0]["value"]) == ("staff", "fox")
    word = {"id": 5, "owner_role": "1", "content": "没收到货", "created": "2026-01-01 08:00:00"}
    refund = {
        "refund_id": "7",
        "tid": "8",
        "buyer_open_uid": "AAF",
        "words": [word, word | {"id": 6, "owner_role": "3"}],
    }
    (note,) = of(taobao.read_refund_words({"refunds": [refund]}, SEEN), "chat_message")
    assert (note["through"], note["about"], note["at"]) == ("taobao.refund", "8", "2026-01-01T00:00:00+00:00")


def test_what_a_platform_sends_is_spelt_like_a_file() -> None:
    """Full width, blanks and 市 are people's typing, at a platform too; the account's own number is what it is."""
    connector = Doorway(platforms()["shopify"])
    account = Account(UUID(int=1), UUID(int=2), "shopify", "s", "active", {"shop": "x"}, None, "{}")
    customer = {
        "id": 42,
        "first_name": "Ｌｉ\u200b",
        "last_name": " Li",
        "phone": "１３７ 0000 0042",
        "email": "Li@Example.COM",
        "default_address": {"city": "上海市"},
        "updated_at": "2026-11-20T10:00:00+08:00",
    }
    raw = Raw({"customers": [customer]}, True, {RESOURCE: "customers"}, datetime.now(UTC), "Asia/Shanghai")
    (found,) = connector.read(account, raw)
    assert isinstance(found, Mapped)
    told = found.payload
    assert (told["name"], told["city"]) == ("Li Li", "上海")
    values = {one["kind"]: one["value"] for one in told["identifiers"]}
    assert values == {"online_account": "42", "phone": "+8613700000042", "email": "li@example.com"}
