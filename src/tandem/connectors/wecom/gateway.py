"""WeCom as the private domain reaches it: live codes as contact ways, welcomes, who may have customers (decision 120)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

import httpx

from tandem.connectors.kit.doorway import CLOCK, on_tenants_clock
from tandem.connectors.kit.failures import (
    ConnectorFailure,
    Garbled,
    Lasting,
    NotAuthorised,
    Passing,
    TooMany,
    WronglySetUp,
)
from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.session import Session
from tandem.connectors.kit.values import listed, member, texts, word
from tandem.connectors.kit.wire import Call, Wire
from tandem.connectors.wecom.acquiring import LinkPart
from tandem.connectors.wecom.attending import DeskPart
from tandem.connectors.wecom.connector import PLATFORM
from tandem.connectors.wecom.counting import CountPart
from tandem.connectors.wecom.gateway_groups import GroupCalls
from tandem.connectors.wecom.gateway_sending import SendingCalls
from tandem.connectors.wecom.handing import HandOverPart
from tandem.connectors.wecom.media import MediaPart
from tandem.connectors.wecom.ruling import RulePart
from tandem.connectors.wecom.tagging import TagPart
from tandem.domains.contact.gateway import CodeSpec, GatewayFailure, Member, Person, Placed, Welcome, Why
from tandem.kernel.db import Database
from tandem.stream.sources.connector import Account

QUICK: Final = httpx.Timeout(5.0, connect=2.0)
"""A welcome has 20 seconds in all: a call that hangs must leave time for another."""
SINGLE, MANY, QR = 1, 2, 2
REMARK_MAX: Final = 30
FOUND_MAX: Final = 2_000
#: What a refusal means to the domain; every other is a plain no.
MEANS: Final[Mapping[str, Why]] = {
    "41050": "expired",
    "41051": "spent",
    "41044": "gone",
    "40050": "gone",
    "41055": "full",
    "41048": "gone",
    "40096": "gone",
    "84061": "gone",
    "41045": "full",
    "60111": "refused",
}


def failure_of(failure: ConnectorFailure) -> GatewayFailure:
    """The kit's failure in the domain's words."""
    why: Why = "refused"
    if isinstance(failure, TooMany):
        why = "later"
    elif isinstance(failure, Passing):
        # WeCom's own "busy" did nothing; whatever broke on the way may have.
        why = "later" if failure.platform_code == "-1" else "lost"
    elif isinstance(failure, Garbled):
        why = "lost"
    elif isinstance(failure, NotAuthorised | WronglySetUp):
        why = "set_up"
    elif isinstance(failure, Lasting):
        why = MEANS.get(failure.platform_code, "refused")
    return GatewayFailure(why, failure.told, failure.platform_code, failure.retry_after_seconds)


class WeComLine(GroupCalls, LinkPart, CountPart, SendingCalls, TagPart, HandOverPart, RulePart, MediaPart, DeskPart):
    """One corporation, reached by one session. Implements `contact.gateway.Line`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        account = session.account
        self._known = Seen(account.source, account.config)

    @property
    def _seen(self) -> Seen:
        return self._known

    def _at(self, moment: datetime) -> datetime:
        """A simulated corporation's moment on its tenant's clock."""
        return on_tenants_clock(moment, self._known.settings.get(CLOCK) or [])

    def _ask(self, name: str, params: Mapping[str, Any], method: str = "POST") -> Any:
        """The answer of one operation. Raises GatewayFailure."""
        try:
            return self._session.call(Call(name, params, method, f"/cgi-bin/{name}"))
        except ConnectorFailure as failure:
            raise failure_of(failure) from failure

    def members(self) -> list[Member]:
        """Those whom the customer-contact right is given, with their names."""
        allowed = set(texts(self._ask("externalcontact/get_follow_user_list", {}, "GET"), "follow_user"))
        known = listed(self._ask("user/list", {"department_id": "1", "fetch_child": "1"}, "GET"), "userlist")
        names = {word(one, "userid"): word(one, "name") for one in known}
        # The corporation's root may lie outside of what the application sees: whoever has no name there is known by her account.
        return [Member(one, names.get(one) or one) for one in sorted(allowed)]

    def put_code(self, config_id: str | None, spec: CodeSpec) -> Placed:
        """Make or change a contact way. Its type never changes."""
        way = {
            "style": 1,
            "remark": spec.remark[:REMARK_MAX],
            "skip_verify": spec.skip_verify,
            "state": spec.state,
            "user": list(spec.members),
        }
        if config_id is not None:
            self._ask("externalcontact/update_contact_way", {"config_id": config_id, **way})
            return Placed(config_id, "")
        made = self._ask(
            "externalcontact/add_contact_way", {"type": SINGLE if spec.single else MANY, "scene": QR, **way}
        )
        return Placed(str(made["config_id"]), str(made.get("qr_code") or ""))

    def find_code(self, state: str, since: datetime) -> Placed | None:
        """Look through the contact ways made since then: the only way to learn of one whose answer was lost."""
        cursor, seen = "", 0
        while seen < FOUND_MAX:
            page = self._ask(
                "externalcontact/list_contact_way",
                {"start_time": int(since.timestamp()), "limit": 1000, **({"cursor": cursor} if cursor else {})},
            )
            for one in listed(page, "contact_way"):
                seen += 1
                config = word(one, "config_id")
                way = member(self._ask("externalcontact/get_contact_way", {"config_id": config}), "contact_way")
                if word(way, "state") == state:
                    return Placed(config, word(way, "qr_code"))
            cursor = word(page, "next_cursor")
            if not cursor:
                return None
        return None

    def drop_code(self, config_id: str) -> None:
        """Take a contact way away."""
        self._ask("externalcontact/del_contact_way", {"config_id": config_id})

    def welcome(self, code: str, message: Welcome) -> None:
        """Use a code up."""
        body: dict[str, Any] = {"welcome_code": code, "text": {"content": message.text}}
        self._ask(
            "externalcontact/send_welcome_msg",
            body | ({"attachments": list(message.attachments)} if message.attachments else {}),
        )

    def person(self, external: str) -> Person:
        """Her name in WeChat, and the tags that all her advisers gave her."""
        found = self._ask("externalcontact/get", {"external_userid": external}, "GET")
        tags = {word(tag, "tag_name") for follow in listed(found, "follow_user") for tag in listed(follow, "tags")}
        return Person(word(member(found, "external_contact"), "name"), frozenset(tags - {""}))

    def tell_member(self, member: str, text: str) -> None:
        """A message of the application's; the same one twice within half an hour is one (`enable_duplicate_check`)."""
        agent = str(self._session.account.config.get("agent_id") or "")
        if not agent.isdigit():
            raise GatewayFailure("set_up", "应用 AgentId 未填写 / the application's agent id is missing")
        told = {"touser": member, "msgtype": "text", "agentid": int(agent), "text": {"content": text[:600]}}
        self._ask("message/send", {**told, "enable_duplicate_check": 1, "duplicate_check_interval": 1800})

    def ticket(self, kind: Literal["corp", "agent"]) -> tuple[str, int]:
        """The corporation's ticket for `config`, the application's for `agentConfig` (D 94313)."""
        if kind == "corp":
            found = self._ask("get_jsapi_ticket", {}, "GET")
        else:
            found = self._ask("ticket/get", {"type": "agent_config"}, "GET")
        return word(found, "ticket"), int(found.get("expires_in") or 0)

    def member_of(self, code: str) -> str:
        """Who came by a sign-in code; empty for somebody of another corporation."""
        found = self._ask("user/getuserinfo", {"code": code}, "GET")
        return word(found, "userid") or word(found, "UserId")


class WeComGateway:
    """How corporations are reached."""

    @contextmanager
    def open(self, db: Database, account: Account) -> Generator[WeComLine]:
        """A line, its connections closed afterwards. Raises GatewayFailure for an account that is not set up."""
        wire = Wire(timeout=QUICK)
        try:
            try:
                session = Session(PLATFORM, account, db, wire)
            except ConnectorFailure as failure:
                raise failure_of(failure) from failure
            yield WeComLine(session)
        finally:
            wire.close()

    def scope(self, config: Mapping[str, Any]) -> str:
        """Customers' ids count for one corporation."""
        return str(config.get("corp_id") or "")

    def sign_in_url(self, config: Mapping[str, Any], redirect: str, state: str) -> str:
        """The page of WeChat's that signs in silently inside of WeCom (`snsapi_base`); the order of the parameters is the platform's."""
        asked = {
            "appid": str(config.get("corp_id") or ""), "redirect_uri": redirect, "response_type": "code", "scope": "snsapi_base", "state": state,
            "agentid": str(config.get("agent_id") or ""),
        }  # fmt: skip
        return f"https://open.weixin.qq.com/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"
