"""Orders, lines and refunds follow from records, whatever their order; facts and features follow from them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from harness.flows import FlowHouse
from tandem.domains.commerce.projections import FEATURES
from tandem.domains.messaging.values import Recipient, fill
from tandem.stream.identity import commands
from tandem.stream.segment import service
from tandem.stream.segment.meaning import checked
from tandem.stream.segment.preview import preview

ANNA = [{"kind": "member_no", "value": "M1"}]


def products(send: Callable[..., Any]) -> None:
    send(
        ("product", {"product_id": "milk", "name": "一段奶粉", "category": "奶粉", "category_en": "INFANT FORMULA"}),
        ("product", {"product_id": "puree", "name": "南瓜泥", "category": "辅食"}),
        ("product", {"product_id": "puree2", "name": "苹果泥", "category": "辅食"}),
        ("store", {"code": "S1", "name": "徐家汇店", "region": "华东", "city": "上海"}),
    )


def order(order_id: str, at: str, **more: Any) -> tuple[str, dict[str, Any]]:
    payload: dict[str, Any] = {
        "order_id": order_id,
        "identifiers": ANNA,
        "status": "paid",
        "placed_at": at,
        "paid_at": at,
        "store": "S1",
        "total": "60.00",
        "lines": [
            {"line_no": 1, "product_id": "milk", "quantity": 1, "amount": "40.00"},
            {"line_no": 2, "product_id": "puree", "quantity": 2, "amount": "12.00"},
            {"line_no": 3, "product_id": "puree2", "quantity": 1, "amount": "8.00"},
        ],
    }
    return "order", payload | more


def test_an_order_becomes_rows_facts_and_features(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    send(order("A1", ago(days=3)), order("A2", ago(hours=1)))
    house.settle()
    assert house.count("sales_order", "status = 'paid' and store_id is not null") == 2
    lines = house.owner(
        "select line_no, category, amount, category_amount, category_quantity from order_line l join sales_order o on o.id = l.order_id"
        " where o.external_id = 'A1' order by line_no"
    )
    assert lines == [
        (1, "奶粉", Decimal(40), Decimal(40), Decimal(1)),
        (2, "辅食", Decimal(12), Decimal(20), Decimal(3)),
        (3, "辅食", Decimal(8), None, None),
    ]
    assert house.owner("select sum(n), sum(amount) from customer_fact_day where fact = 'orders'") == [(2, Decimal(120))]
    profile = house.owner(
        "select order_count, spend_total, average_order_value, favourite_category from customer_profile"
    )
    assert profile == [(2, Decimal(120), Decimal(60), "奶粉")]
    # A backtest asks for what its flow names: less is looked at, and the answer is the same.
    for column in FEATURES.columns:
        for columns in ({column}, {column, "spend_total"}):
            assert narrowed(house, columns) == house.owner(
                f"select {', '.join(sorted(columns))} from customer_profile"
            ), columns


def narrowed(house: FlowHouse, columns: set[str]) -> list[tuple[Any, ...]]:
    source = FEATURES.only(columns)
    with house.tx("worker") as tx:
        return tx.cursor(
            f"with touched as (select bucket, id as customer_id from customer) select {', '.join(sorted(columns))} from ({source.sql}) as x",
            {"tenant": house.tenant},
        ).fetchall()


def test_an_older_record_never_overwrites(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    at = ago(days=2)
    send(order("A1", at, modified_at=ago(hours=2), total="70.00"))
    send(order("A1", at, modified_at=ago(hours=5), total="50.00"))
    house.settle()
    assert house.owner("select total from sales_order") == [(Decimal(70),)]


def test_a_correction_replaces_the_lines(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    at = ago(days=2)
    send(order("A1", at))
    house.settle()
    send(
        order(
            "A1",
            at,
            modified_at=ago(hours=1),
            total="40.00",
            lines=[{"line_no": 1, "product_id": "milk", "quantity": 1, "amount": 40}],
        )
    )
    house.settle()
    assert house.owner("select count(*), sum(amount) from order_line") == [(1, Decimal(40))]
    assert house.owner("select spend_total from customer_profile") == [(Decimal(40),)]


def test_each_step_of_an_order_is_told_once(house: FlowHouse, send: Any, ago: Any) -> None:
    placed, paid = ago(hours=3), ago(hours=2)
    send(order("A1", placed, status="placed", paid_at=None))
    send(order("A1", placed, paid_at=paid))
    send(order("A1", placed, paid_at=paid))
    send(order("A1", placed, paid_at=paid, status="completed", modified_at=ago(hours=1)))
    house.settle()
    told = house.owner("select type, count(*) from event where type like 'order.%%' group by type order by type")
    assert told == [("order.completed", 1), ("order.paid", 1), ("order.placed", 1)]
    assert house.owner("select status from sales_order") == [("completed",)]


def test_a_refund_finds_its_order_and_a_cancelled_order_no_longer_counts(house: FlowHouse, send: Any, ago: Any) -> None:
    send(order("A1", ago(days=2)), order("A2", ago(days=1)))
    house.settle()
    send(("refund", {"refund_id": "R1", "order_id": "A1", "amount": "15.50", "at": ago(hours=1)}))
    send(order("A2", ago(days=1), status="cancelled", modified_at=ago(minutes=30)))
    house.settle()
    assert house.owner("select external_id, refunded_total, status from sales_order order by 1") == [
        ("A1", Decimal("15.50"), "paid"),
        ("A2", Decimal(0), "cancelled"),
    ]
    assert house.owner("select order_count, spend_total, refund_total from customer_profile") == [
        (1, Decimal(60), Decimal("15.50")),
    ]
    assert house.owner("select fact, n, amount from customer_fact_day order by 1") == [
        ("orders", 1, Decimal(60)),
        ("refunds", 1, Decimal("15.50")),
    ]


def test_refunds_of_a_cancelled_order_subtract_nothing(house: FlowHouse, send: Any, ago: Any) -> None:
    """Cancelled after its refund, refunded after its cancellation, and told of in the wrong order: nothing is left, and nothing below."""
    at, back = ago(days=4), ago(days=2)
    send(order("A1", at), order("A2", at))
    send(("refund", {"refund_id": "R1", "order_id": "A1", "amount": "60.00", "at": back}))
    house.settle()
    assert house.owner("select fact, n, amount from customer_fact_day order by 1") == [
        ("orders", 2, Decimal(120)),
        ("refunds", 1, Decimal(60)),
    ]
    send(*(order(one, at, status="cancelled", modified_at=ago(hours=2)) for one in ("A1", "A2")))
    house.settle()
    send(("refund", {"refund_id": "R2", "order_id": "A2", "amount": "60.00", "at": back}))
    send(("refund", {"refund_id": "R3", "order_id": "A3", "amount": "60.00", "at": back}))
    house.settle()
    send(order("A3", at, status="cancelled"))
    house.settle()
    assert house.owner("select fact, n, amount from customer_fact_day") == []
    assert house.owner("select spend_total, refund_total from customer_profile") == [(Decimal(0), Decimal(0))]
    send(order("A1", at, modified_at=ago(hours=1)))
    house.settle()
    assert house.owner("select fact, amount from customer_fact_day order by 1") == [
        ("orders", Decimal(60)),
        ("refunds", Decimal(60)),
    ]


def test_a_walk_in_sale_has_no_customer(house: FlowHouse, send: Any, ago: Any) -> None:
    send(order("A1", ago(days=1), identifiers=[]))
    house.settle()
    assert house.owner("select count(*) from customer") == [(0,)]
    assert house.owner("select customer_id, total from sales_order") == [(None, Decimal(60))]


def test_stores_are_organisation_units(house: FlowHouse, send: Any) -> None:
    products(send)
    products(send)
    assert house.owner(
        "select s.code, u.kind, p.name from store s join org_unit u on u.id = s.id join org_unit p on p.id = u.parent_id"
    ) == [
        ("S1", "store", "华东"),
    ]


def test_an_order_finds_its_buyer_later(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    at = ago(days=1)
    send(order("A1", at, identifiers=[]))
    house.settle()
    assert house.owner("select customer_id from sales_order") == [(None,)]
    send(order("A1", at, modified_at=ago(hours=1)))
    house.settle()
    while commands.run(house.db, house.rooms):
        house.settle()
    house.settle()
    rows = house.owner(
        "select o.customer_id = c.id, o.bucket = c.bucket, (select count(*) from order_line l where l.bucket = o.bucket and l.customer_id = c.id)"
        " from sales_order o, customer c"
    )
    assert rows == [(True, True, 3)]
    assert house.owner("select order_count, spend_total from customer_profile") == [(1, Decimal(60))]


def test_her_favourite_product_is_named_and_followed(house: FlowHouse, send: Any, ago: Any) -> None:
    """Of her last 90 days of buying, by orders, ties to the smaller name; conditions, live judging and messages read the same."""
    products(send)
    puree = [{"line_no": 1, "product_id": "puree", "quantity": 1, "amount": "8.00"}]
    unknown = [{"line_no": 1, "product_id": "x-17", "quantity": 9, "amount": "8.00"}]
    long_ago = [order(f"L{n}", ago(days=150 + n), lines=puree) for n in range(3)]
    send(*long_ago, order("A1", ago(days=3)), order("A2", ago(days=2), lines=unknown), mode="backfill")
    house.settle()
    assert favourite(house) == {"customer.favourite_product": "一段奶粉"}
    catalog = house.rooms.catalog
    with house.tx("worker") as tx:
        draft = service.Draft(name="爱南瓜泥", text="customer.favourite_product = '南瓜泥'")
        segment = service.create(tx, catalog, draft)
    house.settle()
    members = f"segment_id = '{segment.id}'"
    assert house.count("segment_member", members) == 0
    send(order("A3", ago(hours=2), lines=puree))
    house.settle()
    assert house.count("segment_member", members) == 1
    assert favourite(house) == {"customer.favourite_product": "南瓜泥"}
    # What was bought is asked for by its name as well; what nobody has named is bought by its number alone.
    assert [
        bought(house, f"count(order_lines where {one}) = {times}")
        for one, times in (("product = '一段奶粉'", 1), ("product = '南瓜泥'", 5), ("product is missing", 1))
    ] == [1, 1, 1]


def bought(house: FlowHouse, text: str) -> int:
    """How many customers an expression holds for."""
    with house.tx() as tx:
        return preview(tx, checked(house.rooms.catalog, text)).count


def favourite(house: FlowHouse) -> dict[str, str]:
    """What a message to the one customer would say."""
    ((bucket, customer),) = house.owner("select bucket, id from customer where merged_into is null")
    one = Recipient(customer, bucket, customer, None)
    with house.tx("worker") as tx:
        return fill(tx, house.rooms.catalog, [one], ["customer.favourite_product"])[customer]
