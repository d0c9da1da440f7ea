"""WeCom as a simulator: tokens, codes and limits as the real one has them, callbacks sealed and signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, cast
from xml.sax.saxutils import escape

from tandem.connectors.kit.envelopes import sealed, signature
from tandem.connectors.simulator.base import Asked, Pushed, Said, Shop, holds
from tandem.connectors.simulator.world import Order
from tandem.connectors.wecom.simulator import (
    archive,
    codes,
    contacts,
    crowd,
    desk,
    groups,
    keeping,
    office,
    sending,
    service,
    staff,
)
from tandem.connectors.wecom.simulator.calls import OPERATIONS, Called, Refusal
from tandem.connectors.wecom.simulator.corp import Corp, founded

SETTINGS: Final = {"corp_id": "ww4asffe99e54c0f4c", "agent_id": "1000002"}
SECRETS: Final = {
    "secret": "simulated-wecom-secret",
    "callback_token": "simulatedtoken",
    "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "archive_secret": archive.SECRET,
    "archive_keys": f"1:{archive.PRIVATE_KEY}",
}
#: Loaded for what they register.
ROOMS: Final = (archive, codes, contacts, desk, groups, office, sending, service, staff)
_PREFIX: Final = "/cgi-bin/"
_LIBRARY: Final = "/finance-sdk/"
#: Operations that may run so many at a time for a corporation (45033); two on one customer never.
_PARALLEL: Final = {"externalcontact/mark_tag", "externalcontact/remark"}


def corp_of(shop: Shop) -> Corp:
    """The corporation behind an account; made when it is first asked for."""
    if "corp" not in shop.memory:
        shop.memory["corp"] = founded(shop.world.seed, shop.world.epoch)
    found: Corp = shop.memory["corp"]
    return found


class WeCom:
    """The simulated platform."""

    name: ClassVar[str] = "wecom"
    acts: ClassVar[frozenset[str]] = frozenset(
        {
            "friend",
            "scan",
            "open_link",
            "buy",
            "remove_link",
            "lose",
            "join",
            "join_code",
            "leave",
            "found",
            "rename",
            "dismiss",
            "resign",
            "confirm",
            "publish",
            "react",
            "say",
            "sign_in",
            "hire",
            "move",
            "disable",
            "kf_answer",
            "kf_touch",
            "kf_end",
            "chat",
            "recall",
            "consent",
        }
    )

    def keep(self, shop: Shop, folder: Path) -> None:
        """Write the corporation down where somebody asked for it or did something there."""
        if shop.memory.pop("touched", False) and not keeping.save(corp_of(shop), folder / "wecom.json"):
            shop.memory["touched"] = True

    def recall(self, shop: Shop, folder: Path) -> None:
        """The corporation as an earlier process left it."""
        shop.memory["corp"] = keeping.restored(
            folder / "wecom.json", lambda: founded(shop.world.seed, shop.world.epoch)
        )

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """One call."""
        if asked.method == "POST":
            shop.memory["touched"] = True
        if asked.path.startswith(_LIBRARY):
            return Said(archive.answer(shop, corp_of(shop), asked.path.removeprefix(_LIBRARY), asked.query))
        try:
            found = self._answer(shop, asked)
        except Refusal as refusal:
            return Said({"errcode": refusal.code, "errmsg": f"{refusal.message}, hint: [{shop.now():%H%M%S}]"})
        return Said({"errcode": 0, "errmsg": "ok", **found})

    def _answer(self, shop: Shop, asked: Asked) -> dict[str, Any]:
        path = asked.path.removeprefix(_PREFIX)
        corp = corp_of(shop)
        query = {**asked.query, "content_type": asked.headers.get("content-type", "")}
        given: dict[str, Any] = dict(asked.query) if asked.method == "GET" else asked.json()
        called = Called(shop, corp, shop.now(), given, query, asked.body)
        if path == "gettoken":
            return dict(office.get_token(called))
        self._allowed(shop, asked.query.get("access_token", ""))
        known = OPERATIONS.get(path)
        if known is None or not asked.path.startswith(_PREFIX):
            raise Refusal(40001 if not path else 43004, f"no such api: {asked.path}")
        method, operation = known
        if asked.method != method:
            raise Refusal(43001 if method == "GET" else 43002, f"require {method} method")
        shop.calls.append(path)
        if path not in _PARALLEL:
            return dict(operation(called))
        with corp.taking_off(path, str(given.get("external_userid"))) as clear:
            if not clear:
                raise Refusal(45033, "api concurrent out of limit")
            return dict(operation(called))

    def _allowed(self, shop: Shop, token: str) -> None:
        if not token:
            raise Refusal(41001, "access_token missing")
        if not holds(shop, token):
            before = shop.trouble.tokens_before
            # An expired token is told as 42001, and was seen to be told as 40014 as well: callers must take both.
            raise Refusal(
                42001 if before is not None else 40014,
                "access_token expired" if before is not None else "invalid access_token",
            )

    def throttled(self) -> Said:
        """The frequency error."""
        return Said({"errcode": 45009, "errmsg": "reach max api daily quota limit"})

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """Orders are none of WeCom's business: what happened in the corporation is told by `callbacks`."""
        del shop, order
        return ()

    def act(self, shop: Shop, what: str, query: Mapping[str, str]) -> Any:
        """What people do, on demand; the answer names the customer. Raises KeyError for a thing that is not there."""
        corp, now = corp_of(shop), shop.now()
        shop.memory["touched"] = True
        who = corp.contacts.get(query.get("customer", "")) or corp.new_contact(query.get("name", "新朋友"))
        acts: dict[str, Callable[[], Any]] = {
            "friend": lambda: corp.add_friend(who, query["member"], now, state=query.get("state", "")),
            "scan": lambda: corp.scan(query["config_id"], who, now),
            "open_link": lambda: codes.open_link(
                corp, query["link"], who, now, state=query.get("state", ""), adds=query.get("adds", "1") == "1"
            ),
            "buy": lambda: codes.buy(corp, int(query["n"]), now),
            "remove_link": lambda: codes.remove_link(corp, query["link"], now),
            "lose": lambda: corp.lose(who, query["member"], now),
            "join": lambda: crowd.join(corp, corp.groups[query["group"]], who, now, state=query.get("state", "")),
            "join_code": lambda: crowd.join_by_code(corp, query["config_id"], who, now),
            "leave": lambda: crowd.leave(corp, corp.groups[query["group"]], who, now),
            "found": lambda: crowd.found(corp, query["member"], query.get("name", "新客户群"), now).id,
            "rename": lambda: crowd.rename(corp, corp.groups[query["group"]], query["name"], now),
            "dismiss": lambda: crowd.dismiss(corp, corp.groups[query["group"]], now),
            "publish": lambda: crowd.publish(corp, query["moment_id"], query["member"], now),
            "react": lambda: crowd.react(corp, query["moment_id"], query["member"], who, query.get("how", "like"), now),
            "resign": lambda: corp.resign(query["member"], now),
            "sign_in": lambda: corp.sign_in(query["member"], now),
            "hire": lambda: staff.hire(
                corp, query["member"], query.get("name", "新同事"), int(query.get("department", "2")), now
            ),
            "move": lambda: staff.move(corp, query["member"], int(query["department"]), now),
            "disable": lambda: staff.disable(corp, query["member"], now),
            "confirm": lambda: sending.confirm(corp, query["msgid"], query["member"], now),
            "say": lambda: desk.kf_says(corp, who.id, query.get("text", "在吗"), now, kind=query.get("kind", "text")),
            "kf_touch": lambda: desk.kf_touches(corp, who.id, query["label"], now),
            "kf_answer": lambda: desk.kf_answers(corp, who.id, query["member"], query.get("text", "您好"), now),
            "kf_end": lambda: desk.kf_ends(corp, who.id, now),
            "chat": lambda: archive.chat(corp, who, query, now),
            "recall": lambda: archive.recalls(corp, query["message"], now),
            "consent": lambda: archive.consent(corp, query["member"], who, now, agreed=query.get("agreed", "1") == "1"),
        }
        return {"customer": who.id, "result": acts[what]()}

    def callbacks(self, shop: Shop) -> Iterable[Pushed]:
        """The callbacks that wait, oldest first; each is taken once."""
        corp = corp_of(shop)
        desk.story(corp, shop.memory, shop.now())
        crowd.story(corp, shop.memory, shop.now())
        while corp.events:
            yield callback(shop, corp.events.popleft())

    def check(self, shop: Shop, text: str) -> Pushed:
        """The address check: whoever holds the keys answers `text`."""
        return _signed(shop, _seal(shop, text), body=False)


def callback(shop: Shop, event: dict[str, Any]) -> Pushed:
    """An event as WeCom posts it: XML, sealed, signed in the query."""
    event = {"ToUserName": shop.settings["corp_id"], **event}
    return _signed(shop, _seal(shop, f"<xml>{_xml(event)}</xml>"), body=True)


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return "".join(f"<{name}>{_xml(one)}</{name}>" for name, one in items)
    if isinstance(value, list):
        return "".join(f"<Item>{_xml(one)}</Item>" for one in cast("list[Any]", value))
    return str(value) if isinstance(value, int) else f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _seal(shop: Shop, text: str) -> str:
    random_ = hashlib.sha256(f"{shop.world.seed}|{text}".encode()).digest()[:16]
    return sealed(shop.secrets["encoding_aes_key"], text, receiver_id=shop.settings["corp_id"], random=random_)


def _signed(shop: Shop, encrypted: str, *, body: bool) -> Pushed:
    stamp, nonce = str(int(shop.now().timestamp())), hashlib.sha256(encrypted.encode()).hexdigest()[:10]
    query = {
        "msg_signature": signature(shop.secrets["callback_token"], stamp, nonce, encrypted),
        "timestamp": stamp,
        "nonce": nonce,
    }
    if not body:
        return Pushed({}, {**query, "echostr": encrypted}, b"")
    wrapped = (
        f"<xml><ToUserName><![CDATA[{escape(shop.settings['corp_id'])}]]></ToUserName>"
        f"<AgentID><![CDATA[{escape(shop.settings['agent_id'])}]]></AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return Pushed({"content-type": "text/xml"}, query, wrapped.encode())


SIMULATOR: Final = WeCom()
