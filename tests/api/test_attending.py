"""The knowledge base, word lists, forms and settings by their routes; what was said is for those who may read it (W11, W14)."""

from __future__ import annotations

from typing import Any

from harness.house import House
from tandem.kernel.ids import new_id

ARTICLE = {"title": "几点开门关门", "questions": ["今天几点关门"], "answer": "9 点到 21 点。"}


def test_an_article_answers_once_it_is_approved(house: House) -> None:
    admin = house.person("admin")
    made = admin.post("/v1/knowledge-articles", ARTICLE)
    assert made.status_code == 201, made.text

    def tried() -> dict[str, Any]:
        return admin.post("/v1/knowledge-articles/try", {"text": "请问今天几点关门呀"}).json()

    assert (tried()["why"], tried()["answer"]) == ("nothing", None)
    one = f"/v1/knowledge-articles/{made.json()['id']}"
    ruled = {"status": "approved", "seen": made.json()["updated_at"]}
    assert admin.post(f"{one}/ruling", {"status": "approved"}).status_code == 422
    assert admin.post(f"{one}/ruling", ruled).json()["error"]["code"] == "own_work"
    # Who writes for marketing approves nothing; a second person does.
    assert house.person("marketing").post(f"{one}/ruling", ruled).status_code == 403
    assert house.joined("compliance").post(f"{one}/ruling", ruled).json()["status"] == "approved"
    found = tried()
    assert (found["why"], found["answer"]) == ("sure", "9 点到 21 点。")
    assert found["near"][0]["score"] > 0.9
    assert "关门" in found["near"][0]["shared"]
    # Somebody changed it: it waits for approval again.
    assert admin.put(one, {**ARTICLE, "answer": "9 点到 20 点。"}).json()["status"] == "draft"
    assert tried()["answer"] is None
    assert [row["title"] for row in admin.get("/v1/knowledge-articles", q="20 点").json()["items"]] == ["几点开门关门"]
    assert admin.post("/v1/knowledge-articles", {**ARTICLE, "topic_id": str(new_id())}).status_code == 404
    assert house.person("b.admin").get("/v1/knowledge-articles").json()["items"] == []


def test_only_who_may_read_chats_sees_any(house: House) -> None:
    paths = (
        "archive/talks",
        "archive/replies",
        "inspection-hits",
        "inspection-lists",
        "score-samples",
        "score-figures",
        "desk-talks",
    )
    for path in paths:
        assert house.person("admin").get(f"/v1/{path}").json()["items"] == [], path
        assert house.person("marketing").get(f"/v1/{path}").status_code == 403, path
    found = house.person("admin").get("/v1/archive/search", q="转账").json()
    assert found == {"items": [], "next": None, "opened": 0, "back_to": None}
    for wrong in (
        {"q": "　"},
        {"q": "转账", "from": "9999-12-31"},
        {"q": "转账", "from": "2026-11-02", "to": "2026-11-01"},
    ):
        assert house.person("admin").get("/v1/archive/search", **wrong).status_code == 422
    assert house.person("marketing").get("/v1/archive/search", q="转账").status_code == 403
    missing = new_id()
    for path in (f"archive/talks/{missing}", f"archive/talks/{missing}/messages", f"desk-talks/{missing}/messages"):
        assert house.person("admin").get(f"/v1/{path}").status_code == 404


def test_lists_of_words_and_forms_are_kept_in_order(house: House) -> None:
    admin = house.person("admin")
    given = {"name": "私下交易", "said_by": "staff", "words": ["转账", "转账", "私人微信"]}
    made = admin.post("/v1/inspection-lists", given)
    assert made.status_code == 201, made.text
    assert made.json()["words"] == ["转账", "私人微信"]
    assert admin.post("/v1/inspection-lists", given).status_code == 409
    one = f"/v1/inspection-lists/{made.json()['id']}"
    assert admin.put(one, {**given, "level": "note"}).json()["level"] == "note"
    assert admin.send("DELETE", one, None).status_code == 204
    assert admin.send("DELETE", one, None).status_code == 404
    form = admin.get("/v1/score-form").json()
    assert sum(item["points"] for item in form["criteria"]) == 100
    wrong = {"name": "不足", "criteria": [{"key": "speed", "name": "快", "points": 60}]}
    assert admin.put("/v1/score-form", wrong).status_code == 422
    right = {
        "name": "新表",
        "criteria": [*wrong["criteria"], {"key": "kind", "name": "好", "points": 40}],
        "fatal": ["骂人"],
    }
    assert admin.put("/v1/score-form", right).json()["name"] == "新表"
    assert admin.get("/v1/score-form").json()["fatal"] == ["骂人"]


def test_how_long_chats_are_kept_is_a_setting(house: House) -> None:
    admin = house.person("admin")
    kept = {row["what"]: row for row in admin.get("/v1/settings/retention").json()["items"]}
    assert kept["chat_archive"]["days"] == 180
    assert admin.put("/v1/settings/retention/chat_archive", {"days": 90}).status_code == 200
    assert admin.put("/v1/settings/retention/chat_archive", {"days": 7}).status_code == 422
