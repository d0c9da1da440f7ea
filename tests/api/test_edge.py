"""What every request meets: limits, errors with their place, headers, pages."""

import json

import pytest
from starlette.testclient import TestClient

from harness.house import House, Person
from tandem.web.body_guard import BODY_BYTES_MAX


def _raw(person: Person, content: bytes, path: str = "/v1/users", content_type: str = "application/json") -> dict:
    headers = {"X-CSRF-Token": person.csrf, "Content-Type": content_type}
    answer = person.client.post(path, content=content, headers=headers)
    return {"status": answer.status_code, **answer.json()["error"]}


def test_malformed_json_is_answered_with_its_place(house: House) -> None:
    error = _raw(house.person("admin"), b'{"login": "x", }')
    assert (error["status"], error["code"]) == (400, "malformed_json")
    assert error["details"][0]["where"].startswith("body:")
    assert error["message"]["zh"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'"just text"',
        b"null",
        b'{"login": 1e400}',
        b'{"login": %s}' % (b"9" * 5000),
        b'{"name": NaN}',
    ],
)
def test_no_body_breaks_the_server(house: House, content: bytes) -> None:
    error = _raw(house.person("admin"), content)
    assert error["status"] in {400, 422}
    assert error["id"]


def test_every_wrong_field_is_named_with_its_path(house: House) -> None:
    body = {"login": "ok-login", "name": "", "password": 7, "assignments": [{"role_id": "nope", "colour": "red"}]}
    error = house.person("admin").post("/v1/users", body).json()["error"]
    assert error["code"] == "invalid_input"
    assert {one["where"] for one in error["details"]} == {
        "body.name",
        "body.password",
        "body.assignments[0].role_id",
        "body.assignments[0].colour",
    }
    assert all(one["what"]["zh"] and one["what"]["en"] for one in error["details"])


def test_nul_characters_are_refused_wherever_they_stand(house: House) -> None:
    admin = house.person("admin")
    nul = _raw(admin, b'{"login": "a\\u0000b", "name": "n", "password": "long enough"}')
    assert (nul["status"], nul["code"]) == (400, "nul_character")
    assert nul["details"][0]["where"] == "body:1:13"
    assert admin.client.get("/v1/users?q=%00").json()["error"]["code"] == "nul_character"
    assert admin.client.get("/v1/users/%00").json()["error"]["code"] == "nul_character"
    spelt_out = _raw(admin, b'{"login": "a\\\\u0000b"}')
    assert spelt_out["code"] == "invalid_input"


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_is_not(house: House) -> None:
    admin = house.person("admin")
    half = _raw(admin, b'{"login": "emoji", "name": "\\ud83d", "password": "long enough"}')
    assert (half["status"], half["code"]) == (400, "malformed_json")
    whole = admin.client.post(
        "/v1/users",
        content=b'{"login": "emoji", "name": "\\ud83d\\ude80 \xf0\x9f\x8d\xbc", "password": "long enough"}',
        headers={"X-CSRF-Token": admin.csrf, "Content-Type": "application/json"},
    )
    assert whole.json()["name"] == "🚀 🍼"


def test_a_body_of_more_than_ten_megabytes_is_refused_before_it_is_read(house: House) -> None:
    admin = house.person("admin")
    body = json.dumps({"name": "x" * BODY_BYTES_MAX}).encode()
    error = _raw(admin, body)
    assert (error["status"], error["code"]) == (413, "body_too_large")
    just_under = json.dumps({"name": "x" * (BODY_BYTES_MAX - 100)}).encode()
    error = _raw(admin, just_under, "/v1/roles")
    assert (error["status"], error["code"]) == (422, "invalid_input")


def test_a_body_that_hides_its_length_is_counted(house: House) -> None:
    admin = house.person("admin")

    def parts():  # noqa: ANN202 - a generator of chunks
        for _ in range(12):
            yield b"x" * 1024 * 1024

    for content_type in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        answer = admin.client.post(
            "/v1/roles", content=parts(), headers={"X-CSRF-Token": admin.csrf, "Content-Type": content_type}
        )
        assert answer.status_code == 413, content_type
        assert answer.json()["error"]["code"] == "body_too_large"


def test_sql_in_a_text_is_only_text(house: House) -> None:
    admin = house.person("admin")
    name = "x'); drop table staff_user; --"
    user = admin.post("/v1/users", {"login": "o'hara;--", "name": name, "password": "long enough"}).json()
    assert user["name"] == name
    for q in ("' or 1=1 --", "%", "__", "\\", "'; select pg_sleep(9) --", "%' or '1'='1"):
        assert admin.get("/v1/users", q=q).json()["items"] == []
    assert [one["login"] for one in admin.get("/v1/users", q="hara;--").json()["items"]] == ["o'hara;--"]


def test_the_address_of_nothing_answers_in_the_same_shape(house: House) -> None:
    answer = house.person("admin").get("/v1/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert house.person("admin").put("/v1/me").status_code == 405


def test_browsers_are_told_to_be_careful(house: House) -> None:
    answer = house.stranger().get("/v1/me")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"]["id"] == answer.headers["x-request-id"]


def test_our_own_defect_is_numbered_and_shows_nothing_of_itself(house: House) -> None:
    def broken() -> None:
        raise ZeroDivisionError("the inner secret")

    house.app.router.routes.insert(0, type(house.app.routes[-2])("/v1/broken", broken))
    try:
        answer = TestClient(house.app, raise_server_exceptions=False).get("/v1/broken")
    finally:
        house.app.router.routes.pop(0)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert answer.json()["error"]["id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_the_process_says_whether_it_is_well(house: House) -> None:
    assert house.stranger().get("/healthz").json() == {"status": "ok"}


def test_measurements_are_for_operators(house: House) -> None:
    assert house.stranger().get("/metrics").status_code == 401
    assert house.person("marketing").get("/metrics").status_code == 403
    text = house.person("operator").get("/metrics").text
    assert "tandem_http_requests_total" in text


def test_pages_are_the_applications_and_the_api_is_not_a_page(house: House) -> None:
    page = house.stranger().get("/customers/123")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers.get("cache-control") in {"no-cache", None}
    for path in ("/assets/none.js", "/../pyproject.toml", "/%2e%2e/pyproject.toml", "/assets/../../../pyproject.toml"):
        answer = house.stranger().client.get(path)
        assert "[project]" not in answer.text
    assert house.stranger().get("/assets/none.js").status_code == 404
