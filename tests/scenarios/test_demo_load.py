"""The demo loads through the door, once, and begins with something to see."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from harness.database import Database as Fresh
from harness.database import Databases
from harness.demo import demo_database, tenant_of
from tandem import demo
from tandem.connectors.kit import service as connectors
from tandem.connectors.simulator.server import keys
from tandem.demo import advisers, season
from tandem.demo.first_look import LAPSED_NAME
from tandem.kernel.db import Database

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def loaded(databases: Databases) -> Iterator[tuple[Fresh, Database, UUID]]:
    fresh = demo_database(databases)
    db = Database(fresh.urls(), size=6)
    yield fresh, db, tenant_of(fresh)
    db.close()
    databases.drop(fresh)


@pytest.fixture(scope="module")
def staffed(loaded: tuple[Fresh, Database, UUID]) -> tuple[Fresh, Database, UUID]:
    """No WeCom here, so neither friends nor cards."""
    _, db, tenant = loaded
    advisers.engage(db, tenant, "wecom")
    return loaded


def counts(fresh: Fresh) -> dict[str, int]:
    tables = (
        "customer",
        "sales_order",
        "order_line",
        "refund",
        "event",
        "inbox",
        "demo_pending",
        "product",
        "store",
        "redemption",
        "staff_user",
        "customer_merge",
    )
    with fresh.connect() as owner:
        return {name: owner.execute(f"select count(*) from {name}").fetchone()[0] for name in tables}  # type: ignore[arg-type, index]


def test_history_is_told_and_the_future_waits(loaded: tuple[Fresh, Database, UUID]) -> None:
    fresh, db, tenant = loaded
    seen = counts(fresh)
    assert seen["sales_order"] > 4_000
    assert seen["order_line"] > 20_000
    assert seen["demo_pending"] > 2_000
    assert seen["inbox"] == 0
    assert seen["customer_merge"] >= 1
    with fresh.connect() as owner:
        assert owner.execute("select count(*) from flow_run").fetchone() == (0,)
        assert owner.execute("select count(*) from inbox_failed").fetchone() == (0,)
        (joined,) = owner.execute(
            "select count(*) from (select customer_id from identifier where kind in ('member_no', 'online_account')"
            " group by customer_id having count(distinct kind) = 2) x"
        ).fetchone()  # type: ignore[misc]
        assert joined > 20
        assert owner.execute("select count(*) from event where mode <> 1 and type like 'order.%'").fetchone() == (0,)
        (inside,) = owner.execute(
            "select count(*) from segment_member m join segment s on s.id = m.segment_id where s.name = %s",
            (LAPSED_NAME,),
        ).fetchone()  # type: ignore[misc]
        assert inside >= 20
        ((now, first),) = owner.execute(
            "select now() + clock_offset, (select min(due_at) from demo_pending) from tenant where id = %s", (tenant,)
        ).fetchall()
    assert timedelta(0) < first - now < timedelta(days=1)
    assert demo.present(db)


def test_people_thought_of_later_join_a_demo_that_is_loaded(loaded: tuple[Fresh, Database, UUID]) -> None:
    fresh, db, tenant = loaded
    with fresh.connect() as owner:
        owner.execute("update staff_user set login = 'gone' where tenant_id = %s and login = 'compliance'", (tenant,))
        owner.execute(
            "update staff_role set permissions = '{}' where tenant_id = %s and code = 'compliance'", (tenant,)
        )
    demo.catch_up(db)
    demo.catch_up(db)
    with fresh.connect() as owner:
        found = owner.execute(
            "select r.permissions from staff_user u join role_assignment a on a.user_id = u.id join staff_role r on r.id = a.role_id"
            " where u.tenant_id = %s and u.login = 'compliance'",
            (tenant,),
        ).fetchall()
    assert len(found) == 1
    assert {"rights.*", "export.approve"} <= set(found[0][0])


def test_loading_again_changes_nothing(loaded: tuple[Fresh, Database, UUID]) -> None:
    fresh, db, tenant = loaded
    before = counts(fresh)
    assert demo.load(db, say=print) == tenant
    with fresh.connect() as owner:
        owner.execute("delete from demo_part where part = 'cut'")
    assert demo.load(db, say=print) == tenant
    assert counts(fresh) == before


def test_people_of_the_data_are_whole(loaded: tuple[Fresh, Database, UUID]) -> None:
    fresh, _, _ = loaded
    with fresh.connect() as owner:
        orphans = owner.execute(
            "select count(*) from sales_order o left join customer c on c.bucket = o.bucket and c.id = o.customer_id"
            " where c.id is null or c.merged_into is not null"
        ).fetchone()
        assert orphans == (0,)
        wrong = owner.execute(
            "select count(*) from (select o.id, o.total, sum(l.amount) s, count(*) n, o.line_count from sales_order o"
            " join order_line l on l.bucket = o.bucket and l.order_id = o.id group by o.bucket, o.id) x where s <> total or n <> line_count"
        ).fetchone()
        assert wrong == (0,)
        off = owner.execute(
            "select count(*) from customer_profile p where order_count <> (select count(*) from sales_order o where o.bucket = p.bucket"
            " and o.customer_id = p.customer_id and o.paid_at is not null and o.status <> 'cancelled')"
        ).fetchone()
        assert off == (0,)


def test_something_waits_for_a_persons_eye_and_nothing_alarms(loaded: tuple[Fresh, Database, UUID]) -> None:
    fresh, _db, _tenant = loaded
    with fresh.connect() as owner:
        doubtful = owner.execute("select count(*) from merge_review where status = 'open'").fetchone()
        unread = owner.execute("select source, kind from quarantine where status = 'open' order by source").fetchall()
        live = owner.execute("select count(*) from intake where source = 'erp' and mode = 0").fetchone()
    assert doubtful is not None
    assert doubtful[0] >= 2
    assert unread == [("crm", "customer"), ("pos", "order")]
    assert live == (0,), "reference data is no news that came late"


def test_the_stores_have_advisers_and_orders_are_theirs(staffed: tuple[Fresh, Database, UUID]) -> None:
    """What the till says, the store's rota, and a dispute between two of one store."""
    fresh, _, _ = staffed
    with fresh.connect() as owner:
        rules = dict(owner.execute("select rule, count(*) from order_credit group by 1").fetchall())
        ((targets, disputes, months),) = owner.execute(
            "select (select count(*) from credit_target), (select count(*) from credit_dispute where status = 'open'),"
            " (select count(distinct period) from performance_credit)"
        ).fetchall()
    assert rules["till"] > 50
    assert rules["store"] > 200
    assert (disputes > 0, months) == (True, 2)
    assert targets > 20


def test_the_last_weeks_were_lived_in(staffed: tuple[Fresh, Database, UUID]) -> None:
    """Screens of leads, things, chats, scores, disputes, campaigns and notices have something to show, all of it the demo's own."""
    fresh, db, tenant = staffed
    plain, hidden = keys("wecom")
    with db.tx("web", tenant=tenant) as tx:
        account = connectors.create(tx, "wecom", "wecom", "企业微信", {**plain, **hidden, "simulated": True})
        tx.execute(
            "insert into adviser_binding (tenant_id, account_id, member, user_id, bound_at) select %(tenant)s, %(account)s, 'linxiaotong', id, now()"
            " from staff_user where tenant_id = %(tenant)s and login = 'marketing'",
            {"tenant": tenant, "account": account},
        )
        tx.execute(
            "insert into inspection_list (id, tenant_id, name, said_by, words, updated_at)"
            " values (tandem_new_id(), %(tenant)s, '私下收款', 'staff', '{转账}', now())",
            {"tenant": tenant},
        )
        # Nobody at all is quite new.
        tx.execute(
            "update customer_profile set first_order_at = coalesce(first_order_at, now()) - interval '90 days' where tenant_id = %(tenant)s"
            " and bucket = any(%(buckets)s)",
            {"tenant": tenant, "buckets": list(range(256))},
        )
    before = counts(fresh)
    season.live_in(db, tenant, "wecom")
    counted = {
        "lead": ("select count(distinct state) from lead where customer_id in (select id from customer)", 5),
        "won": (
            "select count(*) from lead l where state = 'won' and not exists (select from sales_order o where o.external_id = l.order_id and o.total = l.amount)",
            0,
        ),
        # Reasons are those of the form: each has words on the screen.
        "lost": (
            "select count(*) from lead where state = 'lost' and not why = any('{price,elsewhere,no_answer,not_meant,other}')",
            0,
        ),
        "thing": ("select count(distinct stage) from thing where type = 'opening'", 6),
        "dispute": ("select count(distinct status) from credit_dispute", 3),
        "talk": (
            "select count(*) from archive_talk t join customer c on c.bucket = t.bucket and c.id = t.customer_id",
            28,
        ),
        "scored": ("select count(distinct state) from score_sample", 3),
        "friends": ("select count(distinct verdict) from referral_friend", 5),
        # Whoever was brought did not bring anybody, and nobody was brought by two.
        "brought": ("select count(*) from referral_friend", 41),
        "twice": (
            "select count(*) - count(distinct friend_id) + count(i.id) from referral_friend as f left join referral_inviter as i on i.customer_id = f.friend_id",
            0,
        ),
        "gifts": (
            "select count(*) from referral_inviter i where rewarded <> '{}' and not exists (select from points_entry p where p.customer_id = i.customer_id)",
            0,
        ),
        "notices": ("select count(distinct state) from staff_notice", 2),
        "future": ("select count(*) from archive_message, tenant where at > now() + clock_offset", 0),
    }
    with fresh.connect() as owner:
        found = {name: owner.execute(asked).fetchone()[0] for name, (asked, _) in counted.items()}  # type: ignore[arg-type, index]
    assert found == {name: wanted for name, (_, wanted) in counted.items()}
    # A load that was interrupted is begun again: what is there stays as it is.
    twice = "select (select count(*) from credit_dispute), (select count(*) from inspection_hit)"
    with fresh.connect() as owner:
        once = owner.execute(twice).fetchone()
        account_id = owner.execute("select id from source_account where source = 'wecom'").fetchone()[0]  # type: ignore[index]
    season._disputes(db, tenant)
    with db.tx("worker", tenant=tenant) as tx:
        people = season._people(tx)
    season.talks.remember(db, tenant, account_id, people)
    with fresh.connect() as owner:
        assert (owner.execute(twice).fetchone(), once[1] > 0) == (once, True)  # type: ignore[index]
    assert {name: n for name, n in counts(fresh).items() if name not in {"inbox", "event"}} == {
        name: n for name, n in before.items() if name not in {"inbox", "event"}
    }
