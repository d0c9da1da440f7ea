"""Each API key has a token bucket, shared by all processes, and says how full it is."""

from __future__ import annotations

import pytest

from harness.house import House, Person
from tandem.access.budget import budget_of


def program(house: House, **limits: int) -> tuple[Person, str]:
    made = house.person("admin").post("/v1/api-keys", {"name": "p", "permissions": ["audit.read"], **limits})
    assert made.status_code == 201, made.text
    person = house.stranger()
    person.client.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return person, made.json()["id"]


def test_one_too_many_is_told_when_to_come_back(house: House) -> None:
    someone, key = program(house, rate_per_minute=1, burst=3)
    answers = [someone.get("/v1/me") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [one.headers["ratelimit-remaining"] for one in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert refused.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-limit"] == "3"
    # A writing request with an idempotency key meets the same limit, and its key is not spent.
    write = someone.post("/v1/session/nothing", {}, **{"Idempotency-Key": "r1"})
    assert write.status_code == 429
    assert int(write.headers["retry-after"]) >= 1
    with house.database.connect() as owner:
        owner.execute("update api_key_budget set at = at - interval '61 seconds' where key_id = %s", (key,))
    assert someone.get("/v1/me").status_code == 200
    assert someone.get("/v1/me").status_code == 429


def test_a_limit_can_be_changed_and_people_in_browsers_have_none(house: House) -> None:
    someone, key = program(house, rate_per_minute=1, burst=1)
    admin = house.person("admin")
    assert someone.get("/v1/me").status_code == 200
    assert someone.get("/v1/me").status_code == 429
    changed = admin.patch(f"/v1/api-keys/{key}", {"rate_per_minute": 60000, "burst": 100})
    assert (changed.json()["rate_per_minute"], changed.json()["burst"]) == (60000, 100)
    with house.database.connect() as owner:
        owner.execute("update api_key_budget set at = at - interval '1 second' where key_id = %s", (key,))
    assert [someone.get("/v1/me").status_code for _ in range(5)] == [200] * 5
    assert "ratelimit-limit" not in admin.get("/v1/me").headers
    assert admin.patch(f"/v1/api-keys/{key}", {"burst": 0}).status_code == 422


def test_keys_come_in_pages_without_gaps_or_repeats(house: House) -> None:
    admin = house.person("admin")
    for _ in range(5):
        program(house)
    _, dead = program(house)
    admin.delete(f"/v1/api-keys/{dead}")
    whole = [one["id"] for one in admin.get("/v1/api-keys", limit=200).json()["items"]]
    seen: list[str] = []
    cursor = None
    while True:
        page = admin.get("/v1/api-keys", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole
    assert whole[-1] == dead
    assert admin.get("/v1/api-keys", cursor="nonsense").status_code == 422


@pytest.mark.parametrize(
    ("tokens", "refused", "wanted"), [(0.25, True, (0, 12, 1)), (9.9, False, (9, 1, 0)), (10.0, False, (10, 0, 0))]
)
def test_a_budget_is_rounded_against_the_caller(tokens: float, refused: bool, wanted: tuple[int, int, int]) -> None:
    found = budget_of(tokens, refused=refused, rate_per_minute=49, burst=10)
    assert (found.remaining, found.reset_seconds, found.retry_after_seconds) == wanted
