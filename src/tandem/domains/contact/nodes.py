"""Ways to begin that come from the private domain: somebody was added as a friend, or scanned a code.

Friendships are events of the private domain (`friend.added`). A code that somebody scans without becoming a friend is told as behaviour
with a name of its own, by whichever page or device saw it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.contact.events import FRIEND_ADDED
from tandem.flow.kinds.start import ENTERED
from tandem.flow.node import CompileContext, Config, Fragment, Group, NodeKind, Port, Role, Trigger

CODE_SCANNED: Final = "code.scanned"
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
    """Somebody came by a code or without."""

    group = Group.START
    role = Role.START
    config = ContactConfig
    heard: ClassVar[tuple[str, ...]] = ()

    def ports(self, config: ContactConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def trigger(self, config: ContactConfig) -> Trigger:
        def fits(payload: Mapping[str, Any]) -> bool:
            told = _flat(payload)
            return self.tells(told) and (not config.code or told.get("state") == config.code)

        return Trigger(self.heard, test=fits)

    def tells(self, told: Mapping[str, Any]) -> bool:
        """Is it what the block waits for?"""
        del told
        return True

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
    heard = (FRIEND_ADDED,)


class ScanStart(ContactStart):
    kind = "start.scan"
    label = Label("扫码时", "When a code is scanned")
    help = Label(
        "客户扫渠道活码（门店、包裹卡、海报上的二维码）加了好友，或在别处留下扫码记录的，都从这里进入流程；可以限定某个码。",
        "The customer enters when she became a friend by a live code - in a shop, on a parcel's card, on a poster - or was seen elsewhere"
        " scanning one; or a certain one of them.",
    )
    icon = "qr"
    heard = (FRIEND_ADDED, BEHAVIOUR)

    def tells(self, told: Mapping[str, Any]) -> bool:
        # A behaviour has a name; a friendship says by which code it came, if by one.
        return told["name"] == CODE_SCANNED if "name" in told else bool(told.get("state"))
