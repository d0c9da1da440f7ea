"""An official account as a simulator: followers, who come, go, scan and write; pushes sealed and signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Final, cast

from tandem.connectors.kit.envelopes import sealed, signature
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds, is_time, token
from tandem.connectors.simulator.world import Order, union_id

SETTINGS: Final = {"app_id": "wx1234567890abcdef"}
SECRETS: Final = {
    "app_secret": "simulated-wechat-secret",
    "token": "simulated-oa-token",
    "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
FOLLOWERS: Final = 40
BUYERS: Final = 12
"""Followers who also buy at the simulated WeChat shop: by their union id they are one person."""
STORY_AFTER: Final = timedelta(seconds=75)
STORY: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("follow", {"key": "store-poster"}), ("say", {"text": "宝宝 8 个月，奶粉要换二段吗"}), ("follow", {"key": "parcel"}), ("press", {"key": "会员中心"}),
    ("scan", {"key": "store-poster"}), ("follow", {"key": "store-poster"}), ("say", {"text": "积分怎么查"}), ("leave", {}),
)  # fmt: skip
LIST_MAX: Final = 10_000


def _fail(code: int, told: str) -> Said:
    return Said({"errcode": code, "errmsg": told})


def people_of(shop: Shop) -> dict[str, dict[str, Any]]:
    """Who ever followed, by open id; made when first asked for."""
    if "followers" not in shop.memory:
        shop.memory["followers"] = dict[str, dict[str, Any]]()
        for number in range(FOLLOWERS):
            _add(shop, int((shop.world.epoch - timedelta(days=number)).timestamp()), "ADD_SCENE_SEARCH")
    return cast("dict[str, dict[str, Any]]", shop.memory["followers"])


def _add(shop: Shop, at: int, scene: str) -> str:
    people: dict[str, dict[str, Any]] = shop.memory["followers"]
    number = len(people) + 1
    named = hashlib.sha256(f"{shop.world.seed}|{number}".encode()).hexdigest()
    openid = f"o{named[:27]}"
    union = union_id(number) if number <= BUYERS else f"u{named[27:54]}"
    people[openid] = {
        "subscribe": 1, "openid": openid, "language": "zh_CN", "subscribe_time": at, "unionid": union, "remark": "",
        "groupid": 0, "tagid_list": [], "subscribe_scene": scene, "qr_scene": 0, "qr_scene_str": "",
    }  # fmt: skip
    return openid


class OfficialAccount:
    """The simulated platform."""

    name: ClassVar[str] = "wechat_oa"
    acts: ClassVar[frozenset[str]] = frozenset({"follow", "leave", "scan", "press", "say", "report"})

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.path == "/cgi-bin/stable_token":
            return self._token(shop, asked.json())
        if not holds(shop, asked.query.get("access_token", "")):
            return _fail(42001, "access_token expired")
        what = asked.path.removeprefix("/cgi-bin/")
        shop.calls.append(what)
        found: Callable[[Shop, Asked], Said] | None = {
            "user/get": self._list,
            "user/info": self._info,
            "user/info/batchget": self._batch,
            "message/template/send": self._template,
        }.get(what)
        return _fail(43004, f"no such api: {asked.path}") if found is None else found(shop, asked)

    def throttled(self) -> Said:
        """Too many calls."""
        return _fail(45011, "api minute-quota reach limit")

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """Nothing is sold here."""
        del shop, order
        return ()

    def act(self, shop: Shop, what: str, query: Mapping[str, str]) -> Any:
        """Somebody follows, leaves, scans, presses a menu or writes; or a message of ours meets its end. Raises KeyError."""
        now, people = int(shop.now().timestamp()), people_of(shop)
        openid = query.get("openid") or next((one for one, told in people.items() if told["subscribe"]), "")
        key = query.get("key", "")
        if what == "follow":
            openid = _add(shop, now, "ADD_SCENE_QR_CODE" if key else "ADD_SCENE_SEARCH")
            people[openid]["qr_scene_str"] = key
            self._tell(shop, openid, MsgType="event", Event="subscribe", EventKey=f"qrscene_{key}" if key else "")
        elif what == "leave":
            people[openid]["subscribe"] = 0
            self._tell(shop, openid, MsgType="event", Event="unsubscribe", EventKey="")
        elif what in {"scan", "press"}:
            self._tell(shop, openid, MsgType="event", Event="SCAN" if what == "scan" else "CLICK", EventKey=key)
        elif what == "say":
            number = str(len(shop.memory.setdefault("said", [])) + 23_000_000_000_000_001)
            shop.memory["said"].append(number)
            self._tell(shop, openid, MsgType="text", Content=query.get("text", "你好"), MsgId=number)
        else:
            self._tell(
                shop,
                openid,
                MsgType="event",
                Event="TEMPLATESENDJOBFINISH",
                MsgID=query["message"],
                Status=query.get("status", "success"),
            )
        return {"openid": openid}

    def callbacks(self, shop: Shop) -> Iterable[Pushed]:
        """What waits to be told, oldest first; each is taken once."""
        self._story(shop)
        waiting: list[dict[str, str]] = shop.memory.setdefault("waiting", [])
        while waiting:
            yield _pushed(shop, waiting.pop(0))

    def _story(self, shop: Shop) -> None:
        """People follow, ask, press the menu, one leaves."""
        if not is_time(shop.memory, "story_at", STORY_AFTER, shop.now()):
            return
        for what, given in STORY:
            self.act(shop, what, given)

    def _tell(self, shop: Shop, openid: str, **told: str) -> None:
        named = {"ToUserName": "gh_simulated", "FromUserName": openid, "CreateTime": str(int(shop.now().timestamp()))}
        shop.memory.setdefault("waiting", []).append(named | told)

    def _token(self, shop: Shop, body: Mapping[str, Any]) -> Said:
        if body.get("appid") != shop.settings["app_id"]:
            return _fail(40013, "invalid appid")
        if body.get("secret") != shop.secrets["app_secret"]:
            return _fail(40125, "invalid appsecret")
        shop.calls.append("refresh")
        return Said({"access_token": token(shop, "access", shop.token_seconds), "expires_in": shop.token_seconds})

    def _list(self, shop: Shop, asked: Asked) -> Said:
        ids = [one for one, told in people_of(shop).items() if told["subscribe"]]
        after = asked.query.get("next_openid", "")
        begin = ids.index(after) + 1 if after in ids else 0
        some = ids[begin : begin + LIST_MAX]
        data: dict[str, Any] = {"data": {"openid": some}} if some else {}
        return Said({"total": len(ids), "count": len(some), **data, "next_openid": some[-1] if some else ""})

    def _template(self, shop: Shop, asked: Asked) -> Said:
        """A template message to a follower; what became of it is told."""
        given = asked.json()
        openid, sent = str(given.get("touser") or ""), shop.memory.setdefault("sent", [])
        told = people_of(shop).get(openid)
        if told is None:
            return _fail(40003, "invalid openid")
        if not told["subscribe"]:
            return _fail(43004, "require subscribe")
        if not given.get("template_id"):
            return _fail(40037, "invalid template_id")
        sent.append(given)
        number = str(int(shop.now().timestamp() * 1000) * 1000 + len(sent) % 1000)
        self._tell(shop, openid, MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID=number, Status="success")
        return Said({"errcode": 0, "errmsg": "ok", "msgid": int(number)})

    def _info(self, shop: Shop, asked: Asked) -> Said:
        found = people_of(shop).get(asked.query.get("openid", ""))
        if found is None:
            return _fail(40003, "invalid openid")
        return Said(found if found["subscribe"] else {"subscribe": 0, "openid": found["openid"], "tagid_list": []})

    def _batch(self, shop: Shop, asked: Asked) -> Said:
        ids = [str(one.get("openid")) for one in asked.json().get("user_list", [])]
        if not 0 < len(ids) <= 100:
            return _fail(40032, "invalid openid list size")
        people = people_of(shop)
        return Said({"user_info_list": [people[one] for one in ids if one in people]})


def _pushed(shop: Shop, told: Mapping[str, str]) -> Pushed:
    text = "".join(
        f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>" for name, value in told.items()
    )
    random = hashlib.sha256(f"{shop.world.seed}|{text}".encode()).digest()[:16]
    encrypted = sealed(
        shop.secrets["encoding_aes_key"], f"<xml>{text}</xml>", receiver_id=shop.settings["app_id"], random=random
    )
    stamp, nonce = told["CreateTime"], hashlib.sha256(encrypted.encode()).hexdigest()[:10]
    query = {
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "openid": told["FromUserName"],
        "signature": signature(shop.secrets["token"], stamp, nonce),
        "msg_signature": signature(shop.secrets["token"], stamp, nonce, encrypted),
    }
    body = f"<xml><ToUserName><![CDATA[gh_simulated]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return Pushed({"content-type": "text/xml"}, query, body.encode())


SIMULATOR: Final = OfficialAccount()
