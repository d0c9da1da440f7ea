"""Trials from inside a browser: the way back is of who came that way, and what stands still can be emptied."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.house import PASSWORD, House, Person
from tandem.demo.trial import furnish, service, work
from tandem.kernel.crypto import MasterKey
from tandem.kernel.jobs import run_next
from tandem.kernel.settings import settings

COOKIE, HOME = "tandem_session", "tandem_session_home"


def opened(house: House) -> dict[str, Any]:
    """A trial whose company is there, without its year; its opening job waits."""
    trial = house.person("admin").post("/v1/trials", {"trade": "milk_tea"}).json()
    with house.db.tx("worker", tenant=house.a.id) as tx:
        key = MasterKey(settings().master_key_bytes()).new_tenant_key()
        given = {"host": tx.tenant_id, "trial": trial["id"], "name": trial["name"], "key": key}
        assert tx.value("select trial_open(%(host)s, %(trial)s, %(name)s, %(key)s)", given)
    with house.db.tx("worker", tenant=UUID(trial["id"])) as tx:
        furnish.lay_ground(tx, "milk_tea", trial["name"])
    return trial


def ready(house: House, trial: dict[str, Any]) -> None:
    with house.database.connect() as owner:
        owner.execute("update trial set status = 'ready' where id = %s", (trial["id"],))
        owner.execute("update job set state = 'done' where payload ->> 'trial' = %s", (trial["id"],))


def emptied(house: House, trial: dict[str, Any]) -> None:
    admin = house.person("admin")
    answer = admin.post(f"/v1/trials/{trial['id']}/empty", {"name": trial["name"]})
    assert answer.status_code == 202, answer.text
    assert run_next(house.db, {service.EMPTY_JOB: work.handlers(no_rooms)[service.EMPTY_JOB]})
    assert trial["id"] not in {one["id"] for one in admin.get("/v1/trials").json()["items"]}
    with house.database.connect() as owner:
        left = owner.execute(
            "select (select count(*) from tenant where id = %(t)s), (select count(*) from staff_user where tenant_id = %(t)s),"
            " (select count(*) from audit_entry where tenant_id = %(t)s)",
            {"t": trial["id"]},
        ).fetchone()
    assert left == (0, 0, 0)


def no_rooms() -> Any:
    raise RuntimeError("a defect")


def inside(house: House, trial: dict[str, Any], login: str = "admin") -> tuple[Person, str]:
    """A browser that went in, and the token of the session it came from."""
    person = house.fresh(login)
    home = person.client.cookies[COOKIE]
    assert person.post(f"/v1/trials/{trial['id']}/enter").status_code == 204
    person.csrf = person.get("/v1/me").json()["csrf"]
    return person, home


def alive(house: House, token: str) -> bool:
    other = house.stranger()
    other.client.cookies.set(COOKIE, token)
    return other.get("/v1/me").status_code == 200


@pytest.fixture(scope="module")
def trial(house: House) -> dict[str, Any]:
    made = opened(house)
    ready(house, made)
    return made


def test_signing_out_inside_a_trial_ends_the_session_left_behind(house: House, trial: dict[str, Any]) -> None:
    person, home = inside(house, trial)
    assert alive(house, home)
    assert person.delete("/v1/session").status_code == 204
    assert HOME not in person.client.cookies
    assert not alive(house, home)


def test_somebody_else_who_signs_in_has_no_way_into_the_session_left_behind(
    house: House, trial: dict[str, Any]
) -> None:
    person, home = inside(house, trial)
    within = person.client.cookies[COOKIE]
    answer = person.post("/v1/session", {"login": "finance", "password": PASSWORD})
    person.csrf = answer.json()["csrf"]
    assert HOME not in person.client.cookies
    assert (alive(house, home), alive(house, within)) == (False, False)
    assert person.post("/v1/trials/leave").json()["error"]["code"] == "no_way_back"


def test_only_who_came_that_way_goes_back(house: House, trial: dict[str, Any]) -> None:
    for foreign in (house.fresh("finance"), house.fresh("b.admin")):
        person, home = inside(house, trial)
        person.client.cookies.set(HOME, foreign.client.cookies[COOKIE], domain="testserver.local", path="/")
        assert person.post("/v1/trials/leave").json()["error"]["code"] == "no_way_back"
        assert alive(house, home)
    outside = house.fresh("admin")
    outside.client.cookies.set(HOME, home, domain="testserver.local", path="/")
    assert outside.post("/v1/trials/leave").json()["error"]["code"] == "no_way_back"
    person, home = inside(house, trial)
    assert person.post("/v1/trials/leave").status_code == 204
    assert person.client.cookies[COOKIE] == home
    assert person.get("/v1/me").json()["tenant"]["id"] == str(house.a.id)


@pytest.mark.parametrize("status", ["opening", "emptying"])
def test_a_trial_whose_job_died_can_be_emptied(house: House, status: str) -> None:
    trial = opened(house)
    admin, body = house.person("admin"), {"name": trial["name"]}
    assert admin.post(f"/v1/trials/{trial['id']}/empty", body).json()["error"]["code"] == "trial_busy"
    with house.database.connect() as owner:
        owner.execute("update job set state = 'failed' where payload ->> 'trial' = %s", (trial["id"],))
        owner.execute("update trial set status = %s where id = %s", (status, trial["id"]))
    (shown,) = [one for one in admin.get("/v1/trials").json()["items"] if one["id"] == trial["id"]]
    assert shown["status"] == "failed"
    emptied(house, trial)


def test_a_defect_marks_the_trial_as_failed(house: House) -> None:
    trial = opened(house)
    assert run_next(house.db, work.handlers(no_rooms))
    (shown,) = [one for one in house.person("admin").get("/v1/trials").json()["items"] if one["id"] == trial["id"]]
    assert shown["status"] == "failed"
    assert "operator" in shown["problem"]["en"]
    emptied(house, trial)


def test_taking_a_trial_away_scans_each_table_once_and_those_of_customers_by_their_key(house: House) -> None:
    """It holds the locks of every customer of every tenant meanwhile."""
    trial = opened(house)
    with house.database.connect() as owner:
        owner.execute("update trial set status = 'emptying' where id = %s", (trial["id"],))
        # Tables are tiny here, and PostgreSQL reads such without any index unless told not to.
        owner.execute("set enable_seqscan = off")
        with owner.transaction():
            owner.execute("select trial_remove(%s, %s)", (house.a.id, trial["id"]))
            rows = owner.execute(
                "select relname::text, coalesce(seq_scan, 0), coalesce(idx_scan, 0) from pg_stat_xact_user_tables"
            ).fetchall()
    scans = {name: (whole, keyed) for name, whole, keyed in rows}
    for table in (
        "customer",
        "customer_profile",
        "sales_order",
        "identifier",
        "inbox",
        "segment_member",
        "outbox_message",
    ):
        assert scans[table] == (0, 1), table
    assert {name for name, (whole, _) in scans.items() if whole > 1} == set()
