"""Is the list of words kept by whom it may be, in pages, on the trail, and can a text be tried?"""

from harness.house import House


def test_words_are_added_tried_changed_and_taken_away(house: House) -> None:
    admin = house.person("admin")
    added = admin.post("/v1/guarded-words", {"words": ["微信", "微信 ", "加群"], "level": "block"})
    assert (added.status_code, added.json()) == (201, {"added": 2})
    assert admin.post("/v1/guarded-words", {"words": ["微信"], "level": "warn"}).json() == {"added": 0}
    tried = admin.post("/v1/guarded-words/try", {"text": "加wei信"}).json()
    assert tried == {
        "outcome": "held_back",
        "words": [{"word": "微信", "level": "block", "start": 1, "end": 5, "found": "wei信"}],
    }
    assert admin.post("/v1/guarded-words/try", {"text": "你好"}).json()["outcome"] == "sent"
    first = admin.get("/v1/guarded-words", limit=1).json()
    second = admin.get("/v1/guarded-words", limit=1, cursor=first["next"]).json()
    assert {one["word"] for page in (first, second) for one in page["items"]} == {"微信", "加群"}
    (one,) = admin.get("/v1/guarded-words", q="微").json()["items"]
    assert admin.patch(f"/v1/guarded-words/{one['id']}", {"level": "warn"}).json()["level"] == "warn"
    assert admin.post("/v1/guarded-words/try", {"text": "微信"}).json()["outcome"] == "noted"
    assert admin.post("/v1/guarded-words/try", {"text": "威信"}).json()["outcome"] == "sent"
    heard = admin.patch(f"/v1/guarded-words/{one['id']}", {"homophones": True}).json()
    assert (heard["homophones"], heard["level"]) == (True, "warn")
    assert admin.post("/v1/guarded-words/try", {"text": "威信"}).json()["outcome"] == "noted"
    refused = admin.post("/v1/message-templates", {"name": "词", "body": "来加群", "message_class": "marketing"})
    assert refused.json()["error"]["code"] == "forbidden_words"
    assert admin.delete(f"/v1/guarded-words/{one['id']}").status_code == 204
    assert admin.delete(f"/v1/guarded-words/{one['id']}").status_code == 404
    assert admin.post("/v1/guarded-words", {"words": ["，。"]}).status_code == 422
    assert admin.post("/v1/guarded-words/starter").json()["added"] > 20
    assert admin.get("/v1/word-hits").json() == {"items": [], "next": None}
    told = [row["action"] for row in admin.get("/v1/audit", limit=50).json()["items"]]
    assert told.count("guarded_words.added") == 3
    assert {"guarded_word.changed", "guarded_word.removed"} <= set(told)


def test_nobody_without_the_right_sees_or_changes_words(house: House) -> None:
    finance = house.person("finance")
    assert finance.get("/v1/guarded-words").status_code == 403
    assert finance.post("/v1/guarded-words", {"words": ["x"]}).status_code == 403
    # What one company forbids is no other's business.
    assert house.person("admin").post("/v1/guarded-words", {"words": ["只属于甲"]}).status_code == 201
