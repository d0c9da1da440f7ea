"""A small catalog for the tests: a customer with orders, visits, tags and segments, and an event."""

from __future__ import annotations

from typing import Final

from tandem.catalog import (
    Area,
    Catalog,
    Contribution,
    Entity,
    EventType,
    Field,
    Label,
    Lookup,
    Membership,
    Option,
    Parameter,
    Relation,
    Scope,
)
from tandem.catalog.value_types import BOOL, DATE, NUMBER, POINT, TEXT, TIMESTAMP, list_of

CUSTOMER: Final = Entity(
    "customer",
    Label("客户", "customer"),
    "customer",
    (
        Field("city", TEXT, Label("城市", "city")),
        Field("name", TEXT, Label("姓名", "name"), privacy="personal"),
        Field("phone", TEXT, Label("手机号", "phone"), privacy="personal", encrypted=True),
        Field(
            "level",
            TEXT,
            Label("会员等级", "level"),
            options=(
                Option("gold", Label("金卡", "Gold")),
                Option("silver", Label("银卡", "Silver")),
                Option("plain", Label("普通", "Plain")),
            ),
        ),
        Field("spend", NUMBER, Label("累计消费", "spend"), unit=Label("元", "CNY")),
        Field("points", NUMBER, Label("积分", "points"), whole=True),
        Field("birthday", DATE, Label("生日", "birthday"), privacy="personal"),
        Field("joined_at", TIMESTAMP, Label("入会时间", "joined at")),
        Field("subscribed", BOOL, Label("已订阅", "subscribed")),
        Field("channels", list_of(TEXT), Label("触达渠道", "channels")),
        Field("division", TEXT, Label("行政区划", "division")),
        Field(
            "location",
            POINT,
            Label("位置", "location"),
            sql="case when num_nulls({alias}.longitude, {alias}.latitude) = 0 then array[{alias}.longitude, {alias}.latitude] end",
        ),
        Field("city_upper", TEXT, Label("城市大写", "city upper"), sql='upper({alias}.city collate "C")'),
    ),
)

ORDER_FIELDS: Final = (
    Field("amount", NUMBER, Label("金额", "amount"), unit=Label("元", "CNY")),
    Field("quantity", NUMBER, Label("件数", "quantity"), whole=True),
    Field("category", TEXT, Label("品类", "category")),
    Field("paid_at", TIMESTAMP, Label("支付时间", "paid at")),
    Field("delivered_on", DATE, Label("送达日期", "delivered on")),
    Field("gift", BOOL, Label("赠品", "gift")),
)

PROFILE: Final = Contribution(
    "profile",
    entities=(CUSTOMER,),
    memberships=(
        Membership("tags", "has_tag", Label("标签", "tag"), "customer", "customer_tag", "tag"),
        Membership(
            "segments", "in_segment", Label("分群", "segment"), "customer", "segment_member", "segment_id", "uuid"
        ),
    ),
)

COMMERCE: Final = Contribution(
    "commerce",
    relations=(
        Relation(
            "orders",
            Label("订单", "orders"),
            "customer",
            "sales_order",
            ORDER_FIELDS,
            "paid_at",
            changed_by=("order.paid",),
        ),
        Relation(
            "visits",
            Label("到店", "visits"),
            "customer",
            "store_visit",
            (
                Field("at", DATE, Label("到店日期", "visited on")),
                Field("store", TEXT, Label("门店", "store")),
                Field("minutes", NUMBER, Label("停留分钟", "minutes")),
            ),
            "at",
            changed_by=("visit.recorded",),
        ),
    ),
    event_types=(
        EventType(
            "order.paid",
            Label("订单已支付", "order paid"),
            (
                Field("amount", NUMBER, Label("金额", "amount")),
                Field("store", TEXT, Label("门店", "store")),
                Field("first", BOOL, Label("首单", "first order")),
                Field("day", DATE, Label("日期", "day")),
                Field("paid_at", TIMESTAMP, Label("支付时间", "paid at")),
                Field("items", list_of(TEXT), Label("商品", "items")),
            ),
        ),
    ),
)

REFERENCE: Final = Contribution(
    "reference",
    areas=(Area("geofence", Label("电子围栏", "geofence"), "geofence", changed_by=("geofence.changed",)),),
    lookups=(
        Lookup(
            "market_price",
            Label("市场价", "market price"),
            (
                Parameter("customer", Label("客户", "customer"), entity="customer"),
                Parameter("region", Label("地区", "region"), type=TEXT),
            ),
            NUMBER,
            "(select m.price from market_price as m where m.tenant_id = {tenant} and m.customer_id = {0}.id and m.region = {1} limit 1)",
            changed_by=("price.changed",),
        ),
        Lookup(
            "protected_regions",
            Label("保护区域", "protected regions"),
            (Parameter("customer", Label("客户", "customer"), entity="customer"),),
            list_of(TEXT),
            "(select r.regions from protected_region as r where r.tenant_id = {tenant} and r.customer_id = {0}.id limit 1)",
        ),
    ),
)
CATALOG: Final = Catalog.assemble([PROFILE, COMMERCE, REFERENCE])


def customer_scope() -> Scope:
    return CATALOG.scope(customer="customer")


def event_scope() -> Scope:
    return CATALOG.scope(customer="customer", event="order.paid")
