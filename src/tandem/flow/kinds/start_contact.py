"""Ways to begin that come from the private domain: somebody was added as a friend, or scanned a code.

Platforms tell of both as behaviour with a name of its own until an event type of theirs is there; both are heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.kinds.start import ENTERED
from tandem.flow.node import CompileContext, Config, Fragment, Group, NodeKind, Port, Role, Trigger

FRIEND_ADDED: Final = "wecom.friend_added"
CODE_SCANNED: Final = "wecom.code_scanned"
BEHAVIOUR: Final = "behaviour.recorded"


class ContactConfig(Config):
    """By which code."""

    code: str = Field(
        default="",
        max_length=100,
        title="渠道活码标识（空为任意）| State of the live code (empty: any)",
        json_schema_extra={
            "x-ui": {
                "help": {"zh": "活码的 state 参数，用来区分渠道", "en": "The code's state, which tells sources apart"}
            }
        },
    )


class ContactStart(NodeKind[ContactConfig]):
    """Somebody came by a code or without; `heard` is what the platform calls it."""

    group = Group.START
    role = Role.START
    config = ContactConfig
    heard: ClassVar[str] = ""

    def ports(self, config: ContactConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def trigger(self, config: ContactConfig) -> Trigger:
        def fits(payload: Mapping[str, Any]) -> bool:
            named = payload.get("name")
            return named in {None, self.heard} and (not config.code or payload.get("state") == config.code)

        return Trigger((self.heard, BEHAVIOUR), test=lambda payload: fits(_flat(payload)))

    def fragment(self, config: ContactConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


def _flat(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a behaviour tells of itself stands beside its name."""
    inner = payload.get("properties")
    return {**cast("Mapping[str, Any]", inner), **payload} if isinstance(inner, Mapping) else payload


class FriendStart(ContactStart):
    kind = "start.friend"
    label = Label("添加好友时", "When a friend is added")
    help = Label(
        "客户加了企业微信好友时进入流程，可以只要某个渠道活码带来的人。",
        "The customer enters when she becomes a friend on WeCom; by a certain live code where one is named.",
    )
    icon = "friend"
    heard = FRIEND_ADDED


class ScanStart(ContactStart):
    kind = "start.scan"
    label = Label("扫码时", "When a code is scanned")
    help = Label(
        "客户扫了渠道活码（门店、包裹卡、海报上的二维码）时进入流程，可以限定某个码。",
        "The customer enters when she scans a live code - in a shop, on a parcel's card, on a poster - or a certain one of them.",
    )
    icon = "qr"
    heard = CODE_SCANNED
