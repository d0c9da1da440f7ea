"""What a browser sends is made small and harmless before it is kept; a token is believed only from who holds the secret."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tandem.domains.messaging.popups.showing import laid_out
from tandem.kernel.errors import InvalidInput
from tandem.stream.beacon.api import snippet
from tandem.stream.beacon.call import kept, read
from tandem.stream.beacon.door import is_bot
from tandem.stream.beacon.site import Site
from tandem.stream.beacon.token import identifiers_of, sign

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a secret of some length"


def call(*events: dict[str, Any], **more: Any) -> bytes:
    told = [{"id": f"event-{n:04}", "type": "page", "at": NOW.isoformat()} | one for n, one in enumerate(events)]
    return json.dumps({"sent_at": NOW.isoformat(), "events": told} | more).encode()


def claims(**more: Any) -> dict[str, object]:
    return {"sub": "M1", "exp": (NOW + timedelta(hours=1)).timestamp()} | more


def test_the_snippet_is_small() -> None:
    assert len(snippet()) < 4500


def test_a_token_names_its_member() -> None:
    (one,) = identifiers_of(sign(claims(), SECRET), SECRET, NOW) or ()
    assert (one.kind, one.value) == ("member_no", "M1")
    more = claims(identifiers=[{"kind": "phone", "value": "13912345678"}])
    assert [one.kind for one in identifiers_of(sign(more, SECRET), SECRET, NOW) or ()] == ["member_no", "phone"]


@pytest.mark.parametrize(
    "token",
    [
        sign(claims(), "another secret"),
        sign(claims(exp=NOW.timestamp() - 1), SECRET),
        sign(claims(exp=(NOW + timedelta(days=400)).timestamp()), SECRET),
        sign({"exp": NOW.timestamp() + 60}, SECRET),
        sign({"sub": "M1"}, SECRET),
        sign(claims(), SECRET)[:-2],
        "",
        "a.b.c",
        "中.文.字",
    ],
)
def test_a_forged_or_old_token_names_nobody(token: str) -> None:
    assert identifiers_of(token, SECRET, NOW) is None


def test_a_token_does_not_choose_its_own_algorithm() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = sign(claims(), SECRET).split(".")[1]
    assert identifiers_of(f"{head}.{body}.", SECRET, NOW) is None


def test_no_secret_signs_nothing() -> None:
    assert identifiers_of(sign(claims(), ""), "", NOW) is None


def test_an_address_loses_what_may_name_somebody() -> None:
    url = "https://u:p@shop.example.com/cart?email=a@b.cn&utm_source=douyin#top"
    (one,) = kept(read(call({"url": url, "referrer": "https://t.co/x?q=1"})), None).events
    assert one.properties == {
        "url": "https://shop.example.com/cart",
        "utm_source": "douyin",
        "referrer": "https://t.co/x",
    }


def test_a_browsers_clock_is_not_believed() -> None:
    early = kept(read(call({"at": (NOW - timedelta(seconds=30)).isoformat()})), None).events[0]
    late = kept(read(call({"at": (NOW + timedelta(days=9)).isoformat()})), None).events[0]
    old = kept(read(call({"at": (NOW - timedelta(days=900)).isoformat()})), None).events[0]
    assert (early.seconds_ago, late.seconds_ago, old.seconds_ago) == (30, 0, 7 * 86400)


def test_a_device_counts_only_with_consent() -> None:
    assert kept(read(call({}, device="device-0001")), None).device is None
    assert kept(read(call({}, device="device-0001", consent=True)), None).device == "device-0001"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"[]", ""),
        (call(), "events"),
        (call({"id": "short"}), "events[0].id"),
        (call({"id": "hook:abcdef"}), "events[0].id"),
        (call({"type": "other"}), "events[0].type"),
        (call({"properties": {"a": [1]}}), "events[0].properties[...]"),
        (call(*({} for _ in range(51))), "events"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(body: bytes, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(body)
    assert refused.value.details[0].where == where


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidInput, match="JSON"):
        read(b"\xff{")


@pytest.mark.parametrize(
    ("agent", "bot"),
    [
        ("", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", True),
        ("Mozilla/5.0 HeadlessChrome/120", True),
        ("Mozilla/5.0 (Linux; Android 14; CUBOT X30) Chrome/120 Mobile", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0", False),
    ],
)
def test_programs_are_told_from_people(agent: str, bot: bool) -> None:
    assert is_bot(agent) is bot


@pytest.mark.parametrize(
    "origin", ["shop.example.com", "https://shop.example.com/a", "ftp://a.cn", "https://a.cn:x", "*", "https://"]
)
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Site().check({"origins": [origin]})
    assert refused.value.details[0].where == "config.origins[0]"


def test_origins_are_kept_in_their_one_spelling() -> None:
    checked = Site().check(
        {"origins": ["https://Shop.Example.com/", "https://shop.example.com", "http://localhost:8000"]}
    )
    assert checked["origins"] == ["https://shop.example.com", "http://localhost:8000"]


@pytest.mark.parametrize(
    ("text", "title", "body", "button"),
    [
        ("减 15", "", "减 15", ""),
        ("周年庆\n减 15", "周年庆", "减 15", ""),
        ("减 15\n[去看看](https://a.example/x)", "", "减 15", "去看看"),
        ("周年庆\n减 15\n明天止\n\n[去看看](https://a.example/x)\n", "周年庆", "减 15\n明天止", "去看看"),
        ("[看](javascript:alert(1))", "", "[看](javascript:alert(1))", ""),
        ("看 [这里](https://a.example/x) 吧", "", "看 [这里](https://a.example/x) 吧", ""),
        ("看 [这里](https://a.example/x)", "", "看 [这里](https://a.example/x)", ""),
        ("[去看看](https://a.example/x)", "", "", "去看看"),
    ],
)
def test_a_pop_up_is_laid_out_from_its_lines(text: str, title: str, body: str, button: str) -> None:
    found = laid_out(UUID(int=1), text)
    assert (found.title, found.text, found.button) == (title, body, button)
    assert found.link.startswith("https://") == bool(button)
