"""What commerce adds to the catalog: orders, their lines, purchases by category, refunds, and products."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, Entity, Field, Relation, Subject
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.commerce.events import (
    EVENT_TYPES,
    ORDER_EVENTS,
    ORDER_MOVED,
    ORDER_REVALUED,
    REFUND_CREATED,
    STOCK_EVENTS,
)
from tandem.domains.commerce.words import PIECES, STATUS_OPTIONS, YUAN

_STORE_JOIN: Final = "left join store as sold_at on sold_at.id = {alias}.store_id"

_STORE_OF: Final = (
    "(select s.{column} from store as s where s.tenant_id = {{alias}}.tenant_id and s.id = {{alias}}.store_id)"
)

_PRODUCT_OF: Final = "(select p.{column} from product as p where p.tenant_id = {{alias}}.tenant_id and p.product_id = {{alias}}.product_id)"

_ORDER_FIELDS: Final = (
    Field("external_id", TEXT, Label("订单号", "Order number")),
    Field("source", TEXT, Label("来源平台", "Source")),
    Field("sales_channel", TEXT, Label("销售渠道", "Sales channel")),
    Field("status", TEXT, Label("订单状态", "Order status"), options=STATUS_OPTIONS),
    Field("placed_at", TIMESTAMP, Label("下单时间", "Placed at")),
    Field("paid_at", TIMESTAMP, Label("付款时间", "Paid at")),
    Field("total", NUMBER, Label("实付金额", "Total"), unit=YUAN, sql="{alias}.home_total"),
    Field("discount", NUMBER, Label("优惠金额", "Discount"), unit=YUAN, sql="{alias}.home_discount"),
    Field("refunded_total", NUMBER, Label("已退金额", "Refunded"), unit=YUAN, sql="{alias}.home_refunded"),
    Field("currency", TEXT, Label("币种", "Currency")),
    Field("original_total", NUMBER, Label("原币实付金额", "Total in its own currency"), sql="{alias}.total"),
    Field("line_count", NUMBER, Label("商品行数", "Lines"), whole=True),
)
_LINE_FIELDS: Final = (
    Field("product_id", TEXT, Label("商品编号", "Product number")),
    Field("product", TEXT, Label("商品名称", "Product"), sql=_PRODUCT_OF.format(column="name")),
    Field("category", TEXT, Label("商品品类", "Category")),
    Field("department", TEXT, Label("商品部类", "Department")),
    Field("quantity", NUMBER, Label("数量", "Quantity"), unit=PIECES),
    Field("amount", NUMBER, Label("金额", "Amount"), unit=YUAN, sql="{alias}.home_amount"),
    Field("paid_at", TIMESTAMP, Label("付款时间", "Paid at")),
)
_STOCK_FIELDS: Final = (
    Field("source", TEXT, Label("来源平台", "Source")),
    Field("place", TEXT, Label("仓库或库位", "Place")),
    Field("quantity", NUMBER, Label("现有数量", "Quantity"), unit=PIECES),
    Field("was", NUMBER, Label("上次数量", "Quantity before"), unit=PIECES),
    Field("low_at", NUMBER, Label("库存警戒线", "Low below"), unit=PIECES),
    Field("counted_at", TIMESTAMP, Label("盘点时间", "Counted at")),
)
_PURCHASE_FIELDS: Final = (
    Field("category", TEXT, Label("商品品类", "Category")),
    Field("department", TEXT, Label("商品部类", "Department")),
    Field(
        "quantity",
        NUMBER,
        Label("该品类数量", "Quantity of the category"),
        unit=PIECES,
        sql="{alias}.category_quantity",
    ),
    Field("amount", NUMBER, Label("该品类金额", "Amount of the category"), unit=YUAN, sql="{alias}.category_amount"),
    Field("paid_at", TIMESTAMP, Label("付款时间", "Paid at")),
)
_OWN_LINE_FIELDS: Final = (Field("line_no", NUMBER, Label("行号", "Line number"), whole=True), *_LINE_FIELDS)
_REFUND_FIELDS: Final = (
    Field(
        "amount",
        NUMBER,
        Label("退款金额", "Amount refunded"),
        unit=YUAN,
        sql="case when paid_for.id is null then {alias}.amount else round({alias}.amount * paid_for.rate, 2) end",
    ),
    Field("refunded_at", TIMESTAMP, Label("退款时间", "Refunded at")),
)

_REFUND_JOIN: Final = (
    "left join sales_order as paid_for on paid_for.bucket = {alias}.bucket and paid_for.id = {alias}.order_id"
)
_OF_ORDER: Final = (("bucket", "bucket"), ("order_id", "id"))
# A line and what it holds are as old as their order, paid or not.
_PLACED: Final = (
    "(select o.placed_at from sales_order as o where o.bucket = {alias}.bucket and o.id = {alias}.order_id"
    " and o.tenant_id = {alias}.tenant_id)"
)

# Worked out where it is asked, so that intake pays nothing. Counted by order, as her favourite category is; one name under several numbers
# is one product.
_FAVOURITE_PRODUCT: Final = """(select p.name from order_line as l join product as p on p.tenant_id = l.tenant_id and p.product_id = l.product_id
where l.bucket = {alias}.bucket and l.tenant_id = {alias}.tenant_id and l.customer_id = {alias}.id
and l.paid_at > {alias}.last_order_at - interval '90 days'
group by p.name order by count(distinct l.order_id) desc, p.name collate "C" limit 1)"""

# What a thing was after one of its events, which carry it as it was told; a refund's says nothing of the order.
_ORDER_PAST: Final = (
    "status = coalesce(p ->> 'status', t.status), total = coalesce((p ->> 'total')::numeric, t.total),"
    " discount = coalesce((p ->> 'discount')::numeric, t.discount), line_count = coalesce((p ->> 'line_count')::int, t.line_count),"
    " paid_at = case when p ? 'paid_at' then (p ->> 'paid_at')::timestamptz else t.paid_at end"
)
_STOCK_PAST: Final = (
    "quantity = coalesce((p ->> 'quantity')::numeric, t.quantity), was = (p ->> 'was')::numeric, low_at = (p ->> 'low_at')::numeric,"
    " counted_at = at"
)

CONTRIBUTION: Final = Contribution(
    source="commerce",
    entities=(
        Entity(
            "order",
            Label("订单", "Order"),
            "sales_order",
            (
                *_ORDER_FIELDS,
                Field("store", TEXT, Label("门店编码", "Store code"), sql=_STORE_OF.format(column="code")),
                Field("region", TEXT, Label("门店所在大区", "Store region"), sql=_STORE_OF.format(column="region")),
            ),
            subject=Subject(
                "{alias}.external_id",
                (*ORDER_EVENTS, REFUND_CREATED),
                "order.read",
                customer=True,
                past=_ORDER_PAST,
                born="placed_at",
            ),
        ),
        Entity(
            "stock_item",
            Label("库存商品", "Stock item"),
            "stock_level",
            (
                Field("product_id", TEXT, Label("商品编号", "Product number")),
                Field("product", TEXT, Label("商品名称", "Product"), sql=_PRODUCT_OF.format(column="name")),
                Field("category", TEXT, Label("商品品类", "Category"), sql=_PRODUCT_OF.format(column="category")),
                *_STOCK_FIELDS,
            ),
            customer_owned=False,
            subject=Subject(
                f"concat_ws(' · ', {_PRODUCT_OF.format(column='name')}, {{alias}}.product_id, nullif({{alias}}.place, ''))",
                STOCK_EVENTS,
                "order.read",
                past=_STOCK_PAST,
            ),
        ),
        Entity(
            "order_line",
            Label("订单行", "Order line"),
            "order_line",
            _LINE_FIELDS,
            key=("bucket", "order_id", "line_no"),
        ),
        Entity(
            "product",
            Label("商品", "Product"),
            "product",
            (
                Field("product_id", TEXT, Label("商品编号", "Product number")),
                Field("name", TEXT, Label("商品名称", "Name")),
                Field("category", TEXT, Label("商品品类", "Category")),
                Field("department", TEXT, Label("商品部类", "Department")),
                Field("brand", TEXT, Label("品牌", "Brand")),
                Field("price", NUMBER, Label("价格", "Price"), unit=YUAN),
            ),
            customer_owned=False,
            key=("tenant_id", "product_id"),
        ),
    ),
    relations=(
        Relation(
            "orders",
            Label("订单", "Orders"),
            "customer",
            "sales_order",
            (
                *_ORDER_FIELDS,
                Field("store", TEXT, Label("门店编码", "Store code"), sql="sold_at.code"),
                Field("region", TEXT, Label("门店所在大区", "Store region"), sql="sold_at.region"),
            ),
            time_field="paid_at",
            joins=_STORE_JOIN,
            where="{alias}.status <> 'cancelled'",
            changed_by=(*ORDER_EVENTS, ORDER_REVALUED, REFUND_CREATED, "order.moved"),
        ),
        Relation(
            "purchases",
            Label("购买记录（按品类）", "Purchases by category"),
            "customer",
            "order_line",
            _PURCHASE_FIELDS,
            time_field="paid_at",
            where="{alias}.category_amount is not null",
            changed_by=(*ORDER_EVENTS, ORDER_REVALUED, "order.moved"),
        ),
        Relation(
            "order_lines",
            Label("订单行", "Order lines"),
            "customer",
            "order_line",
            _LINE_FIELDS,
            time_field="paid_at",
            changed_by=(*ORDER_EVENTS, ORDER_REVALUED, "order.moved"),
        ),
        Relation(
            "refunds",
            Label("退款", "Refunds"),
            "customer",
            "refund",
            _REFUND_FIELDS,
            time_field="refunded_at",
            joins=_REFUND_JOIN,
            changed_by=(*ORDER_EVENTS, ORDER_REVALUED, REFUND_CREATED, "order.moved"),
        ),
        Relation(
            "lines",
            Label("本单商品行", "Lines of this order"),
            "order",
            "order_line",
            _OWN_LINE_FIELDS,
            join=_OF_ORDER,
            changed_by=(*ORDER_EVENTS, ORDER_REVALUED),
            order="{alias}.line_no",
            since=_PLACED,
        ),
        Relation(
            "order_refunds",
            Label("本单退款", "Refunds of this order"),
            "order",
            "refund",
            _REFUND_FIELDS,
            time_field="refunded_at",
            join=_OF_ORDER,
            joins=_REFUND_JOIN,
            changed_by=(*ORDER_EVENTS, ORDER_REVALUED, REFUND_CREATED),
            order="{alias}.id",
        ),
        # Counts are reference data: those of other places stand in other buckets, and are only read.
        Relation(
            "stock_places",
            Label("同一商品的各处库存", "Stock of the product at each place"),
            "stock_item",
            "stock_level",
            _STOCK_FIELDS,
            join=(("product_id", "product_id"),),
            bucket_column="",
            changed_by=STOCK_EVENTS,
            order="{alias}.source, {alias}.place",
        ),
    ),
    fields={
        "customer": (
            Field(
                "favourite_product",
                TEXT,
                Label("最爱商品（购买的最近 90 天）", "Favourite product (last 90 days of buying)"),
                sql=_FAVOURITE_PRODUCT,
                changed_by=(*ORDER_EVENTS, ORDER_MOVED, "customer.merged", "customer.unmerged"),
            ),
        ),
    },
    event_types=EVENT_TYPES,
)
