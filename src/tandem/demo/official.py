"""The demo's official account: its template messages go to the simulated platform, and who begins to follow is greeted by a flow."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from tandem.assembly import System
from tandem.connectors.simulator.server import keys
from tandem.connectors.wechat_oa.carrier import SIMULATED
from tandem.domains.messaging import connected
from tandem.domains.messaging import service as messaging
from tandem.flow import service as flows
from tandem.flow.graph import parse_graph
from tandem.kernel.db import Database

NAME: Final = "公众号关注欢迎"
CHANNEL: Final = "official_account"
_BODY: Final = "{{customer.name|您}}好，欢迎关注！您现有积分 {{customer.points_balance}}，回复“会员”可绑定会员卡。"
_TEXT: Final = "OPENTM-welcome-01"


def greet_followers(db: Database, tenant: UUID, rooms: System) -> None:
    """Connect the channel, name the approved text, publish the flow. Once; what is there stays. Nothing without the administrator."""
    with db.tx("web", tenant=tenant) as tx:
        admin = tx.value(
            "select id from staff_user where tenant_id = %(tenant)s and login = 'admin'", {"tenant": tenant}
        )
        if admin is None or tx.value(
            "select 1 from flow where tenant_id = %(tenant)s and name = %(name)s", {"tenant": tenant, "name": NAME}
        ):
            return
    with db.tx("web", tenant=tenant, user=admin) as tx:
        plain, hidden = keys("wechat_oa")
        connected.connect(tx, CHANNEL, "wechat", {"app_id": plain["app_id"], "app_secret": hidden["app_secret"]})
        tx.execute(
            "update channel_account set config = config || jsonb_build_object(%(key)s::text, true) where tenant_id = %(tenant)s and channel = %(channel)s",
            {"tenant": tenant, "key": SIMULATED, "channel": CHANNEL},
        )
        template = messaging.create_template(tx, rooms.catalog, name=NAME, body=_BODY, message_class="transactional")
        connected.set_code(
            tx, template, CHANNEL, _TEXT, [("thing1", "customer.name"), ("number2", "customer.points_balance")]
        )
        flow = flows.create_flow(
            tx, NAME, parse_graph(_drawn(template)), "有人关注公众号就发一条模板消息；送达结果由平台推送回来。"
        )
        flows.publish(tx, rooms, flow, frozenset({"*"}))


def _drawn(template: UUID) -> dict[str, Any]:
    start = {"event_type": "behaviour.recorded", "condition": "event.name = 'official_account_followed'"}
    told = {"template": str(template), "channel": CHANNEL, "message_class": "transactional"}
    blocks = [
        {"id": "start", "kind": "start.event", "config": start, "label": "关注公众号", "position": {"x": 0, "y": 0}},
        {"id": "tell", "kind": f"messaging.{CHANNEL}", "config": told, "label": "欢迎", "position": {"x": 0, "y": 160}},
        {"id": "exit", "kind": "flow.exit", "config": {}, "position": {"x": 0, "y": 320}},
    ]
    arrows = [
        {"from": "start", "port": "entered", "to": "tell"},
        *({"from": "tell", "port": port, "to": "exit"} for port in ("sent", "held", "skipped")),
    ]
    return {"blocks": blocks, "arrows": arrows, "settings": {"reentry": {"rule": "always"}}}
