"""The demo's private domain: live codes, a link, groups and what they brought, mass messages, a playbook, what advisers have at hand.

What the platform would know happens in the simulated corporation, which is written down where its process takes it up; what we hold of
it is read from there, so that codes, friends and groups are the same on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.connectors.simulator.server import Simulation, reached
from tandem.connectors.simulator.world import union_id
from tandem.connectors.wecom.simulator import crowd, keeping
from tandem.connectors.wecom.simulator.corp import Contact, Corp, Follow
from tandem.connectors.wecom.simulator.platform import corp_of
from tandem.demo import shelf
from tandem.demo.words import GIVEN_FEMALE, SURNAMES
from tandem.demo.year import pick
from tandem.domains.contact import advisers, codes, placing
from tandem.domains.contact.groups import codes as group_codes
from tandem.domains.contact.groups import placing as group_placing
from tandem.domains.contact.groups import reading
from tandem.domains.contact.groups.shapes import GroupSeat, NewGroupCode
from tandem.domains.contact.playbook import plans
from tandem.domains.contact.playbook.shapes import NewPlaybook, PlaybookStep
from tandem.domains.contact.sending import service as sending
from tandem.domains.contact.sending.shapes import NewMassSend
from tandem.domains.contact.shapes import NewLiveCode, Seat
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

LINK: Final = "获客链接·小红书笔记"
GROUP_CODE: Final = "门店台卡·宝妈群"
#: Name, where it is shown, its advisers with weights, and how many friends it brought.
_CODES: Final[tuple[tuple[str, str, tuple[tuple[str, int], ...], int], ...]] = (
    ("门店台卡", "门店", (("linxiaotong", 2), ("zhaomin", 1), ("zhoujie", 1)), 17),
    ("抖音直播间", "抖音", (("sunli", 1), ("qianwei", 1)), 11),
    ("公众号菜单", "公众号", (("qianwei", 1),), 6),
)
_LINK_FRIENDS, _LINK_CLICKS = 9, 64
_BOUGHT, _LEFT = 300, 62
BUYERS: Final = 30
"""Friends who also buy at the simulated WeChat shop, later than they came: by their union id they are one person."""
_GROUPS: Final = (("0-1 岁宝妈群", "zhaomin", 26), ("会员福利 1 群", "sunli", 21))
_STEPS: Final = (
    PlaybookStep(day=1, at="10:00", kind="message", title="开营欢迎", body="欢迎各位宝妈！这周每天一个喂养小知识，周五群里发券。"),
    PlaybookStep(day=2, at="20:00", kind="message", title="辅食第一课", body="第一口辅食从强化铁米粉开始，一周只加一种新食材。"),
    PlaybookStep(day=3, at="15:00", kind="task", title="点名答疑", body="把前两天没人回的问题逐条回复，常见的记到话术里。"),
    PlaybookStep(day=5, at="10:30", kind="message", title="周五福利", body="今天到店报群名，辅食第二件半价，只到今晚 9 点。"),
)  # fmt: skip


def settle_in(db: Database, tenant: UUID, source: str, simulation: Simulation, folder: Path) -> None:
    """Give the demo its private domain. Once for a demo; what an interrupted load made already stays."""
    with db.tx("worker", tenant=tenant) as tx:
        account = tx.value(
            "select id from source_account where tenant_id = %(tenant)s and source = %(source)s",
            {"tenant": tenant, "source": source},
        )
        people: dict[str, UUID] = dict(
            tx.cursor(
                "select login, id from staff_user where tenant_id = %(tenant)s and active", {"tenant": tenant}
            ).fetchall()
        )
    if account is None or not {"marketing", "admin"} <= people.keys():
        return
    corp = corp_of(simulation.shops["wecom"])
    shelf.stock(db, tenant, people["marketing"], people["admin"])
    with reached(simulation):
        _groups(db, tenant, corp)
        _open(db, tenant, account, people["marketing"])
        advisers.read_due(db, tenant)
        while placing.place_due(db, tenant) + group_placing.place_due(db, tenant):
            pass
    _come(db, tenant, corp)
    keeping.save(corp, folder / "wecom.json")
    with db.tx("worker", tenant=tenant) as tx:
        _figures(tx, account, corp)
        shelf.be_read(tx, sorted(corp.members))
    with db.tx("web", tenant=tenant, user=people["marketing"]) as tx:
        _send(tx, account)


# ------------------------------------------------------------------------------------------------------- codes, groups


def _groups(db: Database, tenant: UUID, corp: Corp) -> None:
    """Two more groups at the platform; all of them are read."""
    known = {one.name for one in corp.groups.values()}
    for name, owner, many in _GROUPS:
        if name not in known:
            group = crowd.found(corp, owner, name, corp.epoch - timedelta(days=26))
            for number, one in enumerate(list(corp.contacts.values())[:many]):
                group.members[one.id] = (
                    2,
                    corp.epoch - timedelta(days=25 - number % 24, hours=number),
                    crowd.INVITED,
                    "",
                )
    corp.events.clear()
    while reading.list_due(db, tenant) or reading.read_due(db, tenant):
        pass


def _open(db: Database, tenant: UUID, account: UUID, writer: UUID) -> None:
    """Codes for advisers and groups, a link, and the welcomes of those who come."""
    with db.tx("web", tenant=tenant, user=writer) as tx:
        known: dict[str, UUID] = dict(
            tx.cursor("select name, id from live_code where tenant_id = %(tenant)s", {"tenant": tenant}).fetchall()
        )
        for name, channel, behind_it, _ in _CODES:
            seats = [Seat(member=member, weight=weight) for member, weight in behind_it]
            if name not in known:
                known[name] = codes.create_code(
                    tx, NewLiveCode(account_id=account, name=name, channel=channel, seats=seats)
                )
        if LINK not in known:
            seats = [Seat(member="linxiaotong"), Seat(member="zhoujie")]
            codes.create_code(
                tx, NewLiveCode(account_id=account, name=LINK, channel="小红书", kind="link", seats=seats)
            )
        groups: dict[str, UUID] = dict(
            tx.cursor("select name, id from group_chat where tenant_id = %(tenant)s", {"tenant": tenant}).fetchall()
        )
        behind = [
            GroupSeat(group_id=groups[name], cap=cap)
            for name, cap in (("0-1 岁宝妈群", 30), ("会员福利 1 群", None))
            if name in groups
        ]
        if GROUP_CODE not in known and behind:
            given = NewGroupCode(
                account_id=account, name=GROUP_CODE, channel="门店", base_name="宝妈群", base_id=2, seats=behind
            )
            group_codes.create_code(tx, given)
        shelf.greet(tx, known["门店台卡"], "抖音")


def _come(db: Database, tenant: UUID, corp: Corp) -> None:
    """People who scanned the codes in the last weeks, opened the link, joined by the group's code: known there, and read from there."""
    with db.tx("worker", tenant=tenant) as tx:
        states: dict[str, tuple[str, str | None]] = {
            name: (state, config)
            for name, state, config in tx.cursor(
                "select name, state, config_id from live_code where tenant_id = %(tenant)s and status = 'active'",
                {"tenant": tenant},
            ).fetchall()
        }
        told = {follow.state for one in corp.contacts.values() for follow in one.follows.values()}
        number = 0
        for name, _, behind, many in (*_CODES, (LINK, "", (("linxiaotong", 1), ("zhoujie", 1)), _LINK_FRIENDS)):
            state, config = states[name]
            if state in told:
                continue
            came = [_friend(corp, number + place, behind, state, link=name == LINK) for place in range(many)]
            number += many
            if name == LINK and config is not None:
                _clicked(corp, config, state, came)
        if GROUP_CODE in states:
            _joined(corp, states[GROUP_CODE][0])
        tx.execute("update group_chat set due_at = now() where tenant_id = %(tenant)s", {"tenant": tenant})


def _friend(corp: Corp, number: int, behind: Sequence[tuple[str, int]], state: str, *, link: bool) -> Contact:
    one = corp.new_contact(pick(SURNAMES, number, "friend") + pick(GIVEN_FEMALE, number, "friend"), gender=2)
    buys = number < BUYERS
    if buys:
        one.unionid = union_id(number * 7 % BUYERS + 1)
    seats = [member for member, weight in behind for _ in range(weight)]
    days = 14 + number * 5 % 16 if buys else 1 + number * 7 % 24
    at = corp.epoch - timedelta(days=days, hours=number * 5 % 12, minutes=number * 13 % 60)
    one.follows[seats[number % len(seats)]] = Follow(at, 16 if link else 1, state, remark=one.name, chatted=True)
    return one


def _clicked(corp: Corp, link_id: str, state: str, came: list[Contact]) -> None:
    link = corp.store("link")[link_id]
    link["clicks"] = sorted(
        int((corp.epoch - timedelta(days=place * place % 29, hours=place % 11)).timestamp())
        for place in range(_LINK_CLICKS)
    )
    link["customers"] = [
        {"external_userid": one.id, "userid": userid, "chat_status": 1, "state": state, "at": int(follow.created_at.timestamp())}
        for one in came for userid, follow in one.follows.items()
    ]  # fmt: skip
    corp.store("link_quota")["all"] = {"total": _BOUGHT, "balance": _LEFT}


def _joined(corp: Corp, state: str) -> None:
    """Some of the newest friends are in the first group by its code."""
    group = next((one for one in corp.groups.values() if one.name == _GROUPS[0][0]), None)
    if group is None or any(scene == crowd.BY_CODE for _, _, scene, _ in group.members.values()):
        return
    for place, one in enumerate(list(corp.contacts.values())[-12:]):
        group.members[one.id] = (2, corp.epoch - timedelta(days=place % 9, hours=place), crowd.BY_CODE, state)
    group.version = str(int(group.version) + 1)


def _figures(tx: Tx, account: UUID, corp: Corp) -> None:
    """The link's days that nobody reads any more, as the platform would have told them. Today and yesterday are read."""
    code, config = tx.cursor(
        "select id, config_id from live_code where tenant_id = %(tenant)s and name = %(name)s",
        {"tenant": tx.tenant_id, "name": LINK},
    ).fetchone() or (None, None)
    if code is None or config is None:
        return
    link, zone = corp.store("link")[config], ZoneInfo(tx.zone)
    ahead = tx.now - tx.machine_now
    rows: dict[str, dict[str, Any]] = {}
    for what, moments in (
        ("clicked", link.get("clicks", [])),
        ("added", [one["at"] for one in link.get("customers", [])]),
    ):
        for at in moments:
            day = (datetime.fromtimestamp(at, zone) + ahead).date().isoformat()
            row = rows.setdefault(day, {"day": day, "clicked": 0, "added": 0})
            row[what] += 1
    tx.execute(
        """
        insert into link_day (tenant_id, live_code_id, day, clicked, added, read_at)
        select %(tenant)s, %(code)s, n.day, n.clicked, n.added, now() from jsonb_to_recordset(%(rows)s::jsonb) as n(day date, clicked int, added int)
        on conflict do nothing
        """,
        {"tenant": tx.tenant_id, "code": code, "rows": to_json(list(rows.values()))},
    )
    tx.execute(
        "update link_account set due_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account},
    )


# ------------------------------------------------------------------------------------------------ what was said to many

_DONE: Final = """
insert into mass_send (id, tenant_id, account_id, name, kind, body, groups, status, started_at, finished_at, created_by, created_at, updated_at)
values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(kind)s, %(body)s, %(groups)s::uuid[], 'done', %(at)s, %(at)s::timestamptz + interval '1 day',
  %(user)s, now() - %(ago)s::interval, now() - %(ago)s::interval)
"""
_TASK: Final = """
insert into mass_send_task (id, tenant_id, mass_send_id, account_id, member, number, size, state, made_at, confirmed, read_at)
values (%(task)s, %(tenant)s, %(id)s, %(account)s, %(member)s, 1, %(size)s, 'done', now() - %(ago)s::interval, true, now() - %(ago)s::interval)
"""


def _send(tx: Tx, account: UUID) -> None:
    """A mass message to groups and a post that are over, a draft to friends, a playbook that runs."""
    if sending.list_sends(tx, kind=None, cursor=None, limit=1)[0]:
        return
    params = {"tenant": tx.tenant_id, "account": account, "user": tx.user_id}
    groups: list[tuple[UUID, str]] = tx.cursor(
        "select id, owner from group_chat where tenant_id = %(tenant)s and status = 'active' order by name", params
    ).fetchall()
    _to_groups(tx, params, groups)
    _post(tx, params)
    body = "会员日全场满 299 减 40，本周日截止，需要我先帮您留货吗？"
    sending.create_send(tx, NewMassSend(account_id=account, name="会员日邀约（待核对）", body=body))
    if groups:
        begins = (tx.now.astimezone(ZoneInfo(tx.zone)) + timedelta(days=1)).date()
        plan = NewPlaybook(
            account_id=account, name="新群七天营", groups=[groups[0][0]], begins_on=begins, steps=list(_STEPS)
        )
        plans.begin(tx, plans.create_playbook(tx, plan))


def _to_groups(tx: Tx, params: dict[str, Any], groups: Sequence[tuple[UUID, str]]) -> None:
    own = params | {
        "id": new_id(), "name": "周末到店活动预告", "kind": "groups", "groups": [one for one, _ in groups], "ago": "4 days",
        "at": tx.now - timedelta(days=4), "body": "本周六到店消费满 199 送湿巾一包，带娃来有小礼物，群里报名先到先得。",
    }  # fmt: skip
    tx.execute(_DONE, own)
    for owner in sorted({owner for _, owner in groups}):
        task = new_id()
        mine = [one for one, owned in groups if owned == owner]
        tx.execute(_TASK, own | {"task": task, "member": owner, "size": len(mine)})
        tx.execute(
            """
            insert into mass_send_group (tenant_id, mass_send_id, group_chat_id, member, state, booked_at, task_id, settled_at)
            select %(tenant)s, %(id)s, g, %(member)s, 'sent', %(at)s, %(task)s, %(at)s::timestamptz + interval '50 minutes' from unnest(%(mine)s::uuid[]) as g
            """,
            own | {"task": task, "member": owner, "mine": mine},
        )


def _post(tx: Tx, params: dict[str, Any]) -> None:
    own = params | {
        "id": new_id(), "name": "朋友圈：辅食月龄表", "kind": "moments", "groups": list[UUID](), "ago": "6 days", "at": tx.now - timedelta(days=6),
        "body": "8 到 12 月龄辅食怎么加？一张表看懂，需要高清图私信我。",
    }  # fmt: skip
    tx.execute(_DONE, own)
    tx.execute(_TASK, own | {"task": new_id(), "member": "", "size": 5})
    tx.execute(
        """
        insert into mass_send_post (tenant_id, mass_send_id, member, published, likes, comments, reacted_at)
        select %(tenant)s, %(id)s, d.member, d.place <> 5, case when d.place = 5 then 0 else 13 - 2 * d.place end, case when d.place = 5 then 0 else 4 - d.place / 2 end,
          case when d.place = 5 then null else now() - interval '5 days' end
        from (select member, row_number() over (order by member)::int as place from adviser where tenant_id = %(tenant)s and account_id = %(account)s) as d
        """,
        own,
    )
