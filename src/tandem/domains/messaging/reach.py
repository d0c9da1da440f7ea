"""By which channels a customer can be reached: she has an address of the kind, and has not taken back her consent for it."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.messaging.popups.channel import PAGE
from tandem.domains.messaging.simulated import SimulatedChannel

#: Channel -> the kinds of identifier that serve as its address. None: whoever is known.
ADDRESSES: Final[dict[str, tuple[str, ...] | None]] = {
    "simulated": None,
    "sms": ("phone",),
    "email": ("email",),
    "official_account": ("open_id", "union_id"),
    "mini_program": ("open_id", "union_id"),
    "dingtalk": ("open_id",),
    "feishu": ("open_id",),
    PAGE: None,
}
#: Channel -> how the scope of such an identifier begins, where other platforms name people by the same kind.
SCOPES: Final = {"dingtalk": "dingtalk:", "feishu": "feishu:"}
NAMES: Final = {
    "simulated": Label("模拟渠道", "Simulated channel"),
    "sms": Label("短信", "SMS"),
    "email": Label("邮件", "E-mail"),
    "official_account": Label("公众号", "Official account"),
    "mini_program": Label("小程序订阅消息", "Mini-program"),
    "dingtalk": Label("钉钉", "DingTalk"),
    "feishu": Label("飞书", "Feishu"),
}
SIMULATED: Final = tuple(SimulatedChannel(name, label) for name, label in NAMES.items())
"""Until a platform is connected each of these delivers to the simulated phone."""


def reachable(channel: str) -> str:
    """SQL bool over the row `r` of a run: can she be reached by this channel, for marketing? `channel` is one of `ADDRESSES`."""
    kinds = ADDRESSES[channel]
    tests = ["not c.do_not_contact"]
    if kinds is not None:
        scope = f" and starts_with(i.scope, '{SCOPES[channel]}')" if channel in SCOPES else ""
        named = ", ".join(f"'{one}'" for one in kinds)
        tests.append(
            "exists (select from customer_identifier i where i.bucket = r.bucket and i.tenant_id = %(tenant)s and i.customer_id = r.customer_id"
            f" and i.kind in ({named}){scope})"
        )
    tests.append(
        "(select l.state from consent_log l where l.bucket = r.bucket and l.tenant_id = %(tenant)s and l.customer_id = r.customer_id"
        f" and l.purpose = 'marketing' and l.channel in ('{channel}', '*') order by l.at desc, l.state = 'withdrawn' desc limit 1)"
        " is distinct from 'withdrawn'"
    )
    return "coalesce(" + " and ".join(tests) + ", false)"
