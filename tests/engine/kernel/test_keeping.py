"""Do logs go when their time is over, each tenant's at its own, whole months at once, and never what is still at work?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house
from tandem.access.service import create_tenant
from tandem.kernel import keeping
from tandem.kernel.crypto import MasterKey
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings

NOW = datetime.now(UTC)


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        yield opened


@pytest.fixture
def other(house: FlowHouse) -> UUID:
    """A second tenant, which keeps everything as long as is the default."""
    with house.db.connection("owner") as connection:
        return create_tenant(
            connection, MasterKey(settings().master_key_bytes()), code="other", name="别家", demo=False
        )


def choose(house: FlowHouse, what: str, days: int) -> None:
    with house.tx() as tx:
        keeping.set_days(tx, what, days)


def step(house: FlowHouse, tenant: UUID, days: int, count: int = 1) -> None:
    """Steps of so many days ago; a month for which there is no partition gets one."""
    at = NOW - timedelta(days=days)
    start = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (start + timedelta(days=32)).replace(day=1)
    name = f"flow_step_log_p{start:%Y%m}"
    if not house.owner(f"select 1 from pg_class where relname = '{name}'"):
        with house.db.connection("owner") as connection:
            connection.execute("set role tandem_owner")
            connection.execute(
                f"create table {name} partition of flow_step_log for values from ('{start}') to ('{end}')"
            )  # type: ignore[arg-type]
            connection.execute("reset role")
    house.owner(
        "insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, path)"
        " select i %% 256, tandem_new_id(), 0, %(at)s, %(who)s, 1, '{1,0}' from generate_series(1, %(count)s) i",
        {"at": at, "who": tenant, "count": count},
    )


def steps(house: FlowHouse) -> dict[tuple[UUID, int], int]:
    rows: list[Any] = house.owner(
        "select tenant_id, round(extract(epoch from %(now)s - at) / 86400)::int, count(*) from flow_step_log group by 1, 2",
        {"now": NOW},
    )
    return {(tenant, days): count for tenant, days, count in rows}


def partitions(house: FlowHouse) -> set[str]:
    return {
        row[0]
        for row in house.owner(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'flow_step_log'::regclass"
        )
    }


def test_whole_months_that_nobody_keeps_are_dropped_at_once(house: FlowHouse, other: UUID) -> None:
    for tenant in (house.tenant, other):
        step(house, tenant, 700, 3)
        step(house, tenant, 5)
    before = partitions(house)
    assert keeping.Keeping()(house.db) == keeping.SECONDS_BETWEEN
    assert steps(house) == {(house.tenant, 5): 1, (other, 5): 1}
    assert before - partitions(house) == {f"flow_step_log_p{NOW - timedelta(days=700):%Y%m}"}


def test_one_tenants_shorter_time_leaves_the_others_rows(house: FlowHouse, other: UUID) -> None:
    choose(house, "steps", 30)
    for tenant in (house.tenant, other):
        step(house, tenant, 60, 5)
        step(house, tenant, 5)
    keeping.Keeping()(house.db)
    assert steps(house) == {(house.tenant, 5): 1, (other, 60): 5, (other, 5): 1}


def test_a_month_that_would_be_made_again_is_emptied_and_stays(house: FlowHouse) -> None:
    choose(house, "steps", 30)
    step(house, house.tenant, 75)
    name = f"flow_step_log_p{NOW - timedelta(days=75):%Y%m}"
    keeping.Keeping()(house.db)
    assert steps(house) == {}
    assert name in partitions(house)


def test_who_reads_is_not_waited_for_and_waits_for_nobody(house: FlowHouse) -> None:
    step(house, house.tenant, 700)
    with house.db.connection("owner") as reader, reader.transaction():
        reader.execute("select count(*) from flow_step_log")
        assert keeping.Keeping()(house.db) == keeping.BUSY_SECONDS
        assert len(steps(house)) == 1
    assert keeping.Keeping()(house.db) == keeping.SECONDS_BETWEEN
    assert steps(house) == {}


def message(house: FlowHouse, status: str, days: int) -> None:
    (customer,) = house.add_customers(1)
    house.owner(
        "insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, channel, template_id, message_class, status, when_capped,"
        " planned_at, release_at) select tandem_bucket(%(c)s), %(id)s, %(tenant)s, %(c)s, %(c)s, 'simulated', %(id)s, 'marketing', %(status)s,"
        " 'hold', %(at)s, %(at)s",
        {"c": customer, "id": new_id(), "status": status, "at": NOW - timedelta(days=days)},
    )


def test_messages_dealt_with_go_and_those_at_work_stay(house: FlowHouse) -> None:
    choose(house, "messages", 31)
    for status in ("sent", "failed", "unknown", "cancelled", "held", "planned", "released", "sending"):
        message(house, status, 40)
    message(house, "sent", 20)
    keeping.forget(house.db, house.tenant, {})
    left = house.owner("select status from outbox_message order by status")
    assert [row[0] for row in left] == ["held", "planned", "released", "sending", "sent"]


def test_closed_alerts_go_and_open_ones_stay(house: FlowHouse) -> None:
    for number, closed in enumerate((500, 20, None)):
        house.owner(
            "insert into flow_alert (id, tenant_id, flow_id, kind, block, at, seen_at, n, detail, closed_at)"
            " values (%(id)s, %(tenant)s, %(id)s, 'stall', %(block)s, %(at)s, %(at)s, 1, '{}', %(closed)s)",
            {
                "id": new_id(),
                "block": str(number),
                "at": NOW - timedelta(days=600),
                "closed": None if closed is None else NOW - timedelta(days=closed),
            },
        )
    keeping.forget(house.db, house.tenant, {})
    assert house.owner("select block from flow_alert order by block") == [("1",), ("2",)]


def test_ended_sign_ins_go_and_rows_in_use_are_passed_over(house: FlowHouse) -> None:
    user = new_id()
    house.owner(
        "insert into staff_user (id, tenant_id, login, name, password_hash) values (%(id)s, %(tenant)s, 'a', 'A', 'x')",
        {"id": user},
    )
    for days in (40, 35, -1):
        house.owner(
            "insert into staff_session (id, tenant_id, user_id, token_hash, expires_at) values (%(id)s, %(tenant)s, %(user)s, %(hash)s, %(at)s)",
            {"id": new_id(), "user": user, "hash": str(days).encode(), "at": NOW - timedelta(days=days)},
        )
    with house.db.connection("owner") as holder, holder.transaction():
        holder.execute("select 1 from staff_session where token_hash = '40' for update")
        keeping.forget(house.db, house.tenant, {})
        assert house.count("staff_session") == 2
    keeping.forget(house.db, house.tenant, {})
    assert house.owner("select token_hash from staff_session") == [(b"-1",)]


def test_much_goes_in_small_transactions_over_several_calls(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 3)
    monkeypatch.setattr(keeping, "BATCHES_MAX", 2)
    choose(house, "steps", 30)
    step(house, house.tenant, 35, 10)
    assert keeping.forget(house.db, house.tenant, {}) == 1
    assert sum(steps(house).values()) == 4
    assert keeping.forget(house.db, house.tenant, {}) == 0
    assert steps(house) == {}


def test_nobody_keeps_less_than_must_be_and_workers_alone_empty(house: FlowHouse) -> None:
    with pytest.raises(InvalidInput):
        choose(house, "events", 10)
    with pytest.raises(NotFound):
        choose(house, "nonsense", 100)
    # Whatever stands in the table, what must be kept is.
    house.owner("insert into retention_setting (tenant_id, what, days) values (%(tenant)s, 'steps', 1)")
    step(house, house.tenant, 20)
    keeping.forget(house.db, house.tenant, {})
    assert len(steps(house)) == 1
    for role in ("web", "door"):
        with house.db.connection(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):  # type: ignore[arg-type]
            connection.execute("select tandem_empty_old_partition('flow_step_log')")
