"""A writing request with an `Idempotency-Key` happens once, on every route, whatever dies in between."""

from __future__ import annotations

import re
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from harness.house import House, Person
from tandem.access import idempotency, organisation
from tandem.access.http import Access, shown_once
from tandem.access.service import assign_role
from tandem.domains.exports import service as exports
from tandem.kernel.db import begin
from tandem.stream.webhooks import service
from tandem.web.idempotency import NOT_KEPT, takes_key
from tandem.web.routes import known_routes

#: Routes that this test does not call, and why.
LEFT_OUT = {
    "POST /v1/clock/move": "would set the company's clock going for the tests after it",
    "POST /v1/sign-in/{account_id}/members/{member}/code": "asked before anybody has a session, and answers 401 for what is not there: never kept",
}


@pytest.fixture(autouse=True)
def loops_of_their_own(house: House) -> None:
    """A process that dies here takes its event loop along."""
    house.portal = None


def unit(code: str, house: House) -> dict[str, Any]:
    return {"kind": "region", "code": code, "name": code, "parent_id": str(house.a.units["brand"])}


def post(person: Person, path: str, body: Any, key: str) -> Any:
    return person.post(path, body, **{"Idempotency-Key": key})


def code(answer: Any) -> str:
    return answer.json()["error"]["code"]


def count(house: House, statement: str, *params: object) -> int:
    with house.database.connect() as owner:
        return owner.execute(statement, params).fetchone()[0]  # type: ignore[index,arg-type]


def units(house: House, name: str) -> int:
    return count(house, "select count(*) from org_unit where code = %s", name)


def test_the_same_request_happens_once_and_is_answered_alike(house: House) -> None:
    admin, body = house.person("admin"), unit("once", house)
    first = post(admin, "/v1/org-units", body, "k1")
    again = post(admin, "/v1/org-units", body, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert units(house, "once") == 1


def test_another_body_under_the_same_key_is_refused_and_another_caller_has_keys_of_his_own(house: House) -> None:
    admin = house.person("admin")
    assert post(admin, "/v1/org-units", unit("mine", house), "k2").status_code == 201
    other = post(admin, "/v1/org-units", unit("other", house), "k2")
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    assert code(post(admin, "/v1/roles", {"name": "r", "permissions": []}, "k2")) == "idempotency_key_reused"
    assert units(house, "other") == 0
    theirs = house.person("b.admin")
    body = {"kind": "region", "code": "mine", "name": "x", "parent_id": str(house.b.units["brand"])}
    assert post(theirs, "/v1/org-units", body, "k2").status_code == 201


def test_a_refusal_is_answered_alike_too(house: House) -> None:
    admin = house.person("admin")
    wrong = {**unit("bad", house), "kind": "planet"}
    first, again = (post(admin, "/v1/org-units", wrong, "k3") for _ in range(2))
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(house: House, key: str) -> None:
    answer = post(house.person("admin"), "/v1/org-units", unit("nokey", house), key)
    assert (answer.status_code, code(answer)) == (422, "bad_idempotency_key")


def test_of_many_at_once_one_happens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real, barrier = organisation.add_org_unit, Barrier(2)

    def slow(*given: Any, **more: Any) -> Any:
        barrier.wait(120)
        return real(*given, **more)

    monkeypatch.setattr(organisation, "add_org_unit", slow)
    people = [house.fresh("admin") for _ in range(4)]
    with ThreadPoolExecutor(4) as crew:
        asked = [crew.submit(post, one, "/v1/org-units", unit("race", house), "k4") for one in people]
        done: set[Any] = set()
        while len(done) < 3:
            now_done, _ = wait(set(asked) - done, timeout=120, return_when=FIRST_COMPLETED)
            assert now_done, "nobody was answered"
            done |= now_done
        assert {one.result().status_code for one in done} == {409}
        assert {code(one.result()) for one in done} == {"request_in_progress"}
        barrier.wait(120)
        last = next(one for one in asked if one not in done).result()
    assert last.status_code == 201
    assert units(house, "race") == 1


def test_a_process_that_dies_after_the_commit_leaves_no_second_chance(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer cannot be kept (as when the process is killed): the change stands, and asking again does not repeat it."""

    def die(*_given: object) -> None:
        raise SystemExit

    admin, body = house.person("admin"), unit("dead", house)
    monkeypatch.setattr(idempotency, "keep", die)
    with pytest.raises(BaseException):  # noqa: B017 - whatever the test client makes of a process that ends
        post(admin, "/v1/org-units", body, "k5")
    monkeypatch.undo()
    assert units(house, "dead") == 1
    with house.database.connect() as owner:
        owner.execute("update idempotency_key set locked_until = now() - interval '1 second' where key = 'k5'")
    again = post(admin, "/v1/org-units", body, "k5")
    assert (again.status_code, code(again)) == (409, "answer_lost")
    assert units(house, "dead") == 1


def test_a_process_that_dies_before_the_commit_lets_the_next_one_do_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, body = house.person("admin"), unit("again", house)
    monkeypatch.setattr(organisation, "add_org_unit", lambda *_a, **_k: 1 // 0)
    assert post(admin, "/v1/org-units", body, "k6").status_code == 500
    monkeypatch.undo()
    assert post(admin, "/v1/org-units", body, "k6").status_code == 201
    assert units(house, "again") == 1


def test_a_key_is_kept_for_a_day(house: House) -> None:
    admin = house.person("admin")
    post(admin, "/v1/org-units", unit("day1", house), "k7")
    with house.database.connect() as owner:
        owner.execute("update idempotency_key set created_at = now() - interval '25 hours' where key = 'k7'")
    idempotency.forget_old(house.db)
    assert count(house, "select count(*) from idempotency_key where key = 'k7'") == 0
    assert post(admin, "/v1/org-units", unit("day2", house), "k7").status_code == 201


def test_kept_answers_are_sealed(house: House) -> None:
    admin = house.person("admin")
    assert post(admin, "/v1/roles", {"name": "sealed-role", "permissions": []}, "k8").status_code == 201
    assert count(house, "select count(*) from idempotency_key where key = 'k8' and body_enc is not null") == 1
    assert (
        count(
            house,
            "select count(*) from idempotency_key k where position('sealed-role' in encode(body_enc, 'escape')) > 0",
        )
        == 0
    )


def test_a_secret_is_shown_once_and_never_kept(house: House) -> None:
    admin, body = house.person("admin"), {"name": "s", "permissions": ["audit.read"]}
    assert post(admin, "/v1/api-keys", body, "k8s").json()["key"].startswith("tk_")
    again = post(admin, "/v1/api-keys", body, "k8s")
    assert (again.status_code, code(again)) == (409, "answer_lost")
    assert count(house, "select count(*) from api_key where name = 's'") == 1
    assert count(house, "select count(*) from idempotency_key where key = 'k8s' and body_enc is null") == 1
    refused = [post(admin, "/v1/api-keys", {"name": ""}, "k8r") for _ in range(2)]
    assert [one.status_code for one in refused] == [422, 422], "a refusal shows nothing, and is kept"
    assert refused[1].headers["idempotent-replayed"] == "true"


def test_every_answer_that_shows_a_secret_is_marked(house: House) -> None:
    """By what the answers hold: a field of such a name in the answer of a writing route."""
    secret = {"secret", "key", "token", "password"}
    showing: dict[str, bool] = {}
    for context in iter_route_contexts(house.app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or not set(context.methods or ()) & {"POST", "PUT", "PATCH"}:
            continue
        if secret & set(getattr(route.response_model, "model_fields", {})):
            showing[str(context.path)] = shown_once in [one.call for one in context.dependant.dependencies]
    assert len(showing) >= 5
    assert [path for path, marked in showing.items() if not marked] == []


def test_an_answer_is_not_given_again_to_whom_it_would_be_refused_by_now(house: House) -> None:
    """The role is taken away within the day: the kept answer must not be a way around it."""
    role = (
        house.person("admin")
        .post("/v1/roles", {"name": "brief", "permissions": ["settings.write", "settings.read"]})
        .json()
    )
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["finance"], role["code"])
    someone, body = house.fresh("finance"), unit("brief", house)
    assert post(someone, "/v1/org-units", body, "k8b").status_code == 201
    assert post(someone, "/v1/org-units", body, "k8b").headers["idempotent-replayed"] == "true"
    with house.database.connect() as owner:
        owner.execute(
            "delete from role_assignment a using staff_role r where r.id = a.role_id and r.code = %s", (role["code"],)
        )
        owner.commit()
    again = post(someone, "/v1/org-units", body, "k8b")
    assert (again.status_code, code(again)) == (409, "rights_changed")
    assert "brief" not in again.text
    assert units(house, "brief") == 1


def test_a_narrowed_caller_still_holds_the_key(house: House) -> None:
    held = idempotency.Claim(house.a.id, uuid4(), "k", b"", datetime.now(UTC))
    identity = type("I", (), {"reach": lambda _self, _permission: object()})()
    access = Access(house.db, identity, None, "a.b", held)  # type: ignore[arg-type]
    narrowed = access.narrowed("c.d")
    assert narrowed is not None
    assert narrowed.claim is held


def test_every_writing_route_honours_the_key(house: House) -> None:
    """Each is asked twice with a body it will mostly refuse; the second answer must be the first one's."""
    admin = house.fresh("admin")
    admin.trail = None  # much of what happens here changes nothing, so it leaves no entry
    silent: list[str] = []
    for route in known_routes(house.app):
        name = f"{route.method} {route.path}"
        if not takes_key(route.method, route.path) or name in LEFT_OUT:
            continue
        address = re.sub(r"\{[^}]+\}", str(uuid4()), route.path)
        key = {"Idempotency-Key": f"every-{uuid4()}"}
        first, again = (admin.send(route.method, address, {}, **key) for _ in range(2))
        kept = first.status_code < 500 and first.status_code not in NOT_KEPT
        if not kept or again.headers.get("idempotent-replayed") != "true" or again.content != first.content:
            silent.append(f"{name}: {first.status_code}, then {again.status_code}")
    assert silent == []


def test_whose_key_was_taken_over_meanwhile_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request slower than its lock lets another one do the work; when it comes to its own end, it must not do it again."""
    body = {"name": "slow", "url": "https://a.example/", "event_types": ["order.paid"]}
    real, other = service.create_webhook, house.fresh("admin")
    answers: list[Any] = []

    def slow(*given: Any) -> Any:
        if not answers:
            answers.append(None)
            with house.database.connect() as owner:
                owner.execute("update idempotency_key set locked_until = now() - interval '1 second' where key = 'k9'")
                owner.commit()
            answers[0] = post(other, "/v1/webhooks", body, "k9")
        return real(*given)

    monkeypatch.setattr(service, "create_webhook", slow)
    first = post(house.person("admin"), "/v1/webhooks", body, "k9")
    assert answers[0].status_code == 201
    assert (first.status_code, code(first)) == (409, "request_in_progress")
    assert count(house, "select count(*) from webhook where name = 'slow'") == 1
    assert code(post(other, "/v1/webhooks", body, "k9")) == "answer_lost"


def test_a_request_that_only_read_before_it_died_may_be_sent_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = house.person("admin")

    def read_then_die(access: Any, *_given: object, **_more: object) -> None:
        with access.tx() as tx:
            tx.value("select 1")
        raise ZeroDivisionError

    monkeypatch.setattr(exports, "request", read_then_die)
    assert post(admin, "/v1/exports", {"list": "orders"}, "k10").status_code == 500
    monkeypatch.undo()
    assert post(admin, "/v1/exports", {"list": "orders"}, "k10").status_code == 201
