"""An example of every kind of block, with what it needs in the tenant: what tests of all kinds go through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.messaging import service as messaging
from tandem.kernel.ids import new_id
from tandem.stream.segment import service as segments

HOUR = {"amount": "1", "unit": "hours"}
DAY = {"amount": "1", "unit": "days"}
TWO = [{"name": "a", "label": "A"}, {"name": "b", "label": "B"}]
SHARES = [{"name": "a", "label": "A", "share": "50"}, {"name": "b", "label": "B", "share": "50"}]


@dataclass(frozen=True)
class Town:
    """What examples name."""

    segment: UUID
    list: UUID
    store: UUID
    staff: UUID
    coupon: UUID
    gift: UUID
    template: UUID
    inner: UUID
    material: UUID
    script: UUID
    campaign: UUID
    wecom: UUID


def town(house: FlowHouse) -> Town:
    """Make what the examples need."""
    store, staff = new_id(), new_id()
    with house.tx() as tx:
        segment = segments.create(
            tx, house.rooms.catalog, segments.Draft(name="会员", text="customer.city = '北京'")
        ).id
    with house.tx() as tx:
        listed = segments.create(tx, house.rooms.catalog, segments.Draft(name="名单", text=None, kind="list")).id
    house.owner("insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, 'vip', 'vip', now())")
    house.owner(
        "insert into org_unit (tenant_id, id, parent_id, name, kind, code) values (%(tenant)s, %(root)s, null, '品牌', 'brand', 'B'),"
        " (%(tenant)s, %(id)s, %(root)s, '徐汇店', 'store', 'SH01')",
        {"id": store, "root": new_id()},
    )
    house.owner(
        "insert into staff_user (tenant_id, id, login, name, password_hash) values (%(tenant)s, %(id)s, 'anna', '安娜', '!')",
        {"id": staff},
    )
    house.owner(
        "insert into geofence (tenant_id, name, label, created_at, updated_at) values (%(tenant)s, 'east', '东区', now(), now())"
    )
    with house.tx() as tx:
        coupon = marketing.create_template(tx, NewCouponTemplate(name="券", kind="amount", value=1, valid_days=9))  # type: ignore[arg-type]
        draft = NewCouponTemplate(name="礼", kind="gift", gift="毛巾", value=1, valid_days=9)  # type: ignore[arg-type]
        gift = marketing.create_template(tx, draft)
        text = messaging.create_template(
            tx, house.rooms.catalog, name="问候", body="您好", message_class="transactional"
        )
    inner = house.publish(
        graph([block("called", "start.flow"), block("out", "flow.exit")], ["called.entered>out"]), "被调用"
    )
    material, script, campaign = new_id(), new_id(), new_id()
    house.owner(
        "insert into material (tenant_id, id, code, name, kind, words, status, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, 'abcdefgh', '教程', 'article', '一、二、三', 'approved', now(), now())",
        {"id": material},
    )
    house.owner(
        "insert into talk_script (tenant_id, id, title, body, status, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, '邀约', '周末来试', 'approved', now(), now())",
        {"id": script},
    )
    house.owner(
        "insert into referral_campaign (tenant_id, id, account_id, code, name, status, members, tiers, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, %(id)s, 'abc234', '邀好友', 'running', '{lin}', '[{\"friends\": 1, \"points\": 5}]', now(), now())",
        {"id": campaign},
    )
    wecom = new_id()
    house.owner(
        "insert into source_account (tenant_id, id, connector, name, source, key_enc, secret_enc, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, 'wecom', '企业微信', 'wecom', '', '', now(), now())",
        {"id": wecom},
    )
    return Town(segment, listed, store, staff, coupon, gift, text, inner, material, script, campaign, wecom)


def passing(of: Town) -> dict[str, dict[str, Any]]:
    """Kind -> configuration, for every kind that a run comes to and leaves by a port."""
    text = {"template": str(of.template), "message_class": "transactional"}
    yes = [{"name": "y", "label": "是", "condition": "customer.city = '上海'"}]
    return {
        "decide.condition": {"ways": yes},
        "decide.filter": {"condition": "customer.city = '上海'"},
        "decide.event": {"field": "campaign", "ways": [{"name": "y", "label": "是", "values": ["x"]}]},
        "decide.calendar": {"days": "working", "weekdays": [1, 2, 3], "start": "22:00", "until": "06:00"},
        "decide.region": {"ways": [{"name": "y", "label": "上海", "codes": ["310000", "330100"]}]},
        "decide.geofence": {"ways": [{"name": "y", "label": "东区", "area": "geofence:east"}]},
        "decide.store": {"ways": [{"name": "y", "label": "徐汇", "stores": [str(of.store)]}]},
        "decide.visited": {"days": 30},
        "decide.first": {"most": 2},
        "decide.split": {"arms": SHARES},
        "decide.bandit": {"arms": TWO},
        "decide.holdout": {"percent": "50"},
        "decide.random": {"arms": SHARES},
        "decide.reachable": {"channel": "sms"},
        "decide.engagement": {},
        "wait.duration": {"span": HOUR},
        "wait.moment": {"at": "2026-01-01T10:00:00+08:00"},
        "wait.window": {"start": "21:00", "until": "09:00", "weekdays": [1, 3, 5, 7]},
        "wait.working_day": {"days": 1},
        "wait.date": {"which": "custom", "date": "add_days(date_of(customer.created_at), 20)", "offset": -3},
        "wait.best_time": {},
        "wait.event": {"event_type": "refund.created", "timeout": HOUR},
        "wait.first_of": {"ways": [{"name": "y", "label": "退款", "event_type": "refund.created"}], "timeout": HOUR},
        "wait.segment": {"segment_id": str(of.segment), "timeout": HOUR},
        "wait.until": {"condition": "customer.city = '上海'", "timeout": HOUR},
        "wait.rate": {"most": 3},
        "human.task": {"title": "回访", "due": HOUR},
        "human.approval": {"due": HOUR, "stand_in": "manager", "more": HOUR},
        "human.form": {"due": HOUR},
        "human.levels": {"due": HOUR},
        "human.notice": {},
        "customer.add_tag": {"tag": "vip", "keep_for": HOUR},
        "customer.remove_tag": {"tag": "vip"},
        "customer.set_field": {"attribute": "note", "value": "called"},
        "customer.set_stage": {"stage": "active"},
        "customer.increase": {"attribute": "visits", "by": "1"},
        "customer.score": {"by": "5"},
        "customer.assign_owner": {"staff": [str(of.staff)]},
        "customer.do_not_contact": {"on": False},
        "customer.add_to_list": {"list_id": str(of.list)},
        "customer.remove_from_list": {"list_id": str(of.list)},
        "flow.remember": {"values": [{"name": "town", "type": "text", "value": "customer.city"}]},
        "flow.store_settings": {"settings": [{"name": "wording", "label": "文案", "default": "欢迎"}]},
        "flow.catch": {},
        "flow.call": {"flow_id": str(of.inner)},
        "integrate.http": {
            "url": "https://example.com/x",
            "body": [{"name": "city", "value": "customer.city"}],
            "timeout": HOUR,
        },
        "messaging.send": text,
        "messaging.sms": text,
        "messaging.email": text,
        "messaging.official_account": text,
        "messaging.mini_program": text,
        "messaging.dingtalk": text,
        "messaging.feishu": text,
        "messaging.page": text,
        "messaging.preferred": {**text, "channels": ["sms", "simulated"]},
        "messaging.survey": {**text, "timeout": HOUR},
        "contact.material": {"material": str(of.material)},
        "contact.script": {"script": str(of.script)},
        "sales.lead": {"subject": "面霜"},
        "contact.mass_send": {"account": str(of.wecom), "title": "回访", "body": "新品到店", "window": 30},
        "contact.group_send": {"title": "开播", "body": "开播了"},
        "contact.invite": {"campaign": str(of.campaign)},
        "marketing.issue_coupon": {"coupon_template": str(of.coupon)},
        "marketing.gift": {"coupon_template": str(of.gift)},
        "marketing.lottery": {
            "prizes": [
                {"name": "big", "label": "大奖", "odds": "50", "coupon_template": str(of.coupon)},
                {"name": "small", "label": "小奖", "odds": "30"},
            ]
        },
        "marketing.member_level": {
            "levels": [{"name": "silver", "label": "银卡"}, {"name": "gold", "label": "金卡", "spend": "1000"}]
        },
        "marketing.revoke_coupon": {"coupon_template": str(of.coupon), "which": "all"},
        "marketing.add_points": {"points": 5, "reason": "t"},
        "marketing.deduct_points": {"points": 3},
        "marketing.points_for": {"amount": "2.5", "each": "2"},
    }


def starting(of: Town) -> dict[str, dict[str, Any]]:
    """Kind -> configuration, for every kind by which a run comes in."""
    return {
        "start.event": {"event_type": "campaign.reached"},
        "start.segment": {"segment_id": str(of.segment)},
        "start.schedule": {"segment_id": str(of.segment), "every": "day", "at": "10:00"},
        "start.date": {"which": "birthday", "offset": -7},
        "start.tag": {"tag": "vip"},
        "start.field": {"field": "stage", "to": "active"},
        "start.message": {"what": "clicked"},
        "start.friend": {"code": "store-1"},
        "start.scan": {},
        "start.chat": {"about": "question"},
        "start.chat_keyword": {"said_by": "staff"},
        "start.unanswered": {"through": "kf"},
        "start.lead": {"on": "assigned", "score": 20},
        "start.sidebar": {"inputs": [{"name": "skin", "label": "肤质"}]},
        "start.hand": {},
        "start.each": {"every": "day", "at": "10:00", "condition": "customer.order_count > 3"},
        "start.api": {"inputs": [{"name": "reason", "type": "text"}]},
        "start.flow": {},
    }


#: Kinds that stand in a drawing of their own: they need branches, a target or another subject, or have no way out.
DRAWN = frozenset(
    {
        "flow.parallel",
        "flow.join",
        "flow.for_each",
        "flow.go_to",
        "flow.goal",
        "flow.exit",
        "thing.set",
        "trade.publish_stock",
    }
)


def through(
    house: FlowHouse, kind: str, config: dict[str, Any], event_type: str = "campaign.reached"
) -> dict[str, Any]:
    """A flow of one block of a kind, all of whose ways lead to points and out."""
    handler = house.rooms.kinds.get(kind, 1)
    assert handler is not None, kind
    ports = [one.name for one in handler.ports(handler.config.model_validate(config))]
    return graph(
        [
            block("start", "start.event", event_type=event_type),
            block("tested", kind, **config),
            block("after", "marketing.add_points", points=1, reason="after"),
            block("exit", "flow.exit"),
        ],
        ["start.entered>tested", *(f"tested.{port}>after" for port in ports), "after.done>exit"],
    )
