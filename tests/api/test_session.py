"""Signing in, out, and what a session is worth."""

import psycopg
import pytest

from harness.house import PASSWORD, House
from tandem.access.http import CSRF_HEADER
from tandem.access.store import identify_session


def _age_session(house: House, login: str, what: str) -> None:
    with house.database.connect() as connection:
        connection.execute(
            f"update staff_session s set {what} from staff_user u where u.id = s.user_id and u.login = %s", (login,)
        )


def test_signing_in_shows_who_one_is(house: House) -> None:
    me = house.fresh("marketing").get("/v1/me").json()
    assert me["user"]["login"] == "marketing"
    assert me["tenant"]["name"] == "公司 a"
    assert me["tenant"]["zone"] == "Asia/Shanghai"
    assert me["scope"] == {"kind": "all", "store_ids": []}
    assert "clock.move" in me["permissions"]
    assert "user.write" not in me["permissions"]


def test_a_region_managers_scope_is_the_stores_below(house: House) -> None:
    me = house.fresh("north").get("/v1/me").json()
    stores = {str(house.a.units["s1"]), str(house.a.units["s2"])}
    assert me["scope"]["kind"] == "region"
    assert set(me["scope"]["store_ids"]) == stores


def test_the_cookie_is_out_of_scripts_reach_and_stays_on_this_site(house: House) -> None:
    answer = house.stranger().post("/v1/session", {"login": "admin", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_the_token_is_stored_only_as_a_hash(house: House) -> None:
    person = house.fresh("admin")
    token = person.client.cookies["tandem_session"]
    with house.database.connect() as connection:
        rows = connection.execute("select to_jsonb(s)::text from staff_session s").fetchall()
    assert rows
    assert not any(token in row[0] for row in rows)


@pytest.mark.parametrize(
    ("login", "password"), [("admin", "wrong password"), ("nobody at all", PASSWORD), ("b.admin", "x")]
)
def test_every_wrong_combination_gets_the_same_answer(house: House, login: str, password: str) -> None:
    answer = house.stranger().post("/v1/session", {"login": login, "password": password})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "wrong_login"


def test_without_a_session_nothing_is_answered(house: House) -> None:
    answer = house.stranger().get("/v1/me")
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]["zh"] == "请先登录。"


def test_signing_out_ends_the_session_at_the_server(house: House) -> None:
    person = house.fresh("finance")
    token = person.client.cookies["tandem_session"]
    assert person.delete("/v1/session").status_code == 204
    person.client.cookies.set("tandem_session", token)
    assert person.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    "aging",
    ["expires_at = now() - interval '1 second'", "last_seen_at = now() - interval '13 hours'"],
    ids=["absolute", "idle"],
)
def test_sessions_expire_by_machine_time(house: House, aging: str) -> None:
    person = house.fresh("operator")
    assert person.get("/v1/me").status_code == 200
    _age_session(house, "operator", aging)
    assert person.get("/v1/me").status_code == 401


def test_use_keeps_a_session_alive_and_a_page_left_open_does_not(house: House) -> None:
    person = house.fresh("operator")
    token = person.client.cookies["tandem_session"]
    _age_session(house, "operator", "last_seen_at = now() - interval '11 hours'")
    assert identify_session(house.db, token, touch=False) is not None
    with house.database.connect() as connection:
        seen = "select max(s.last_seen_at) > now() - interval '1 hour' from staff_session s where user_id = %s"
        assert connection.execute(seen, (house.a.people["operator"],)).fetchone() == (False,)
        assert person.get("/v1/me").status_code == 200
        connection.rollback()
        assert connection.execute(seen, (house.a.people["operator"],)).fetchone() == (True,)


def test_disabling_a_person_ends_their_sessions_at_once(house: House) -> None:
    person = house.fresh("shop2")
    user_id = house.a.people["shop2"]
    admin = house.person("admin")
    assert admin.patch(f"/v1/users/{user_id}", {"active": False}).status_code == 200
    assert person.get("/v1/me").status_code == 401
    assert house.stranger().post("/v1/session", {"login": "shop2", "password": PASSWORD}).status_code == 401
    assert admin.patch(f"/v1/users/{user_id}", {"active": True}).status_code == 200
    assert person.get("/v1/me").status_code == 401


def test_unsafe_requests_need_the_csrf_token(house: House) -> None:
    person = house.fresh("admin")
    good, person.csrf = person.csrf, ""
    assert person.patch("/v1/me", {"name": "X"}).json()["error"]["code"] == "csrf"
    other = good[:-1] + ("1" if good.endswith("0") else "0")
    assert person.send("PATCH", "/v1/me", {"name": "X"}, **{CSRF_HEADER: other}).status_code == 403
    assert person.get("/v1/me").json()["user"]["name"] == "Admin"
    assert person.send("PATCH", "/v1/me", {"name": "Admin"}, **{CSRF_HEADER: good}).status_code == 200


def test_a_token_brought_along_is_never_taken_over(house: House) -> None:
    attacker = house.fresh("agent")
    planted = attacker.client.cookies["tandem_session"]
    victim = house.stranger()
    victim.client.cookies.set("tandem_session", planted)
    answer = victim.post("/v1/session", {"login": "finance", "password": PASSWORD})
    assert answer.status_code == 200
    assert planted not in answer.headers["set-cookie"]
    fixed = house.stranger()
    fixed.client.cookies.set("tandem_session", "a" * 43)
    answer = fixed.post("/v1/session", {"login": "finance", "password": PASSWORD})
    assert "a" * 43 not in answer.headers["set-cookie"]


def test_signing_in_from_another_site_is_refused(house: House) -> None:
    body = {"login": "admin", "password": PASSWORD}
    answer = house.stranger().post("/v1/session", body, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.json()["error"]["code"] == "foreign_form"


def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    here, there = house.fresh("north"), house.fresh("north")
    assert here.post("/v1/me/password", {"old": "not it at all", "new": "another password"}).status_code == 422
    assert here.post("/v1/me/password", {"old": PASSWORD, "new": "short"}).json()["error"]["code"] == "password_length"
    assert here.post("/v1/me/password", {"old": PASSWORD, "new": "another password"}).status_code == 204
    assert here.get("/v1/me").status_code == 200
    assert there.get("/v1/me").status_code == 401
    assert house.fresh("north", "another password").get("/v1/me").status_code == 200


def test_language_is_ones_own(house: House) -> None:
    person = house.fresh("marketing")
    assert person.get("/v1/me").json()["language"] == "zh"
    assert person.patch("/v1/me", {"language": "en"}).json()["language"] == "en"
    assert house.fresh("marketing").get("/v1/me").json()["language"] == "en"


def test_log_in_names_are_unique_whatever_the_case(house: House) -> None:
    with house.database.connect() as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "insert into staff_user (id, tenant_id, login, name, password_hash) values (gen_random_uuid(), %s, 'ADMIN', 'x', 'x')",
            (house.b.id,),
        )
    assert house.fresh("AdMiN").get("/v1/me").json()["user"]["login"] == "admin"
