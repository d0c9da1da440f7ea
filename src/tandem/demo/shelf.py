"""What the demo's advisers have at hand: materials and scripts, some waiting for approval, topics, welcomes, words, readings."""

from __future__ import annotations

import struct
import zlib
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact import welcomes
from tandem.domains.contact.material import service as materials
from tandem.domains.contact.material import topics
from tandem.domains.contact.material.shapes import NewMaterial, NewScript, NewTopic
from tandem.domains.contact.media import service as media
from tandem.domains.contact.shapes import NewWelcome
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
_OWN_WORDS: Final = ("私下转账", "加我微信", "包治百病")
_ARTICLES: Final = (
    ("8 到 12 月龄辅食表", "喂养", "每天两顿辅食：铁强化米粉打底，蛋黄从四分之一个开始，一周只加一种新食材。\n\n观察三天，没有过敏再加量。", "辅食"),
    ("转奶不踩坑：七天转奶法", "喂养", "第一天每顿换三分之一勺，第四天对半，第七天换完。\n\n转奶期间不加新辅食，大便变稀就退回前一天的比例。", "奶粉"),
    ("纸尿裤尺码怎么选", "选购", "按体重看：6 到 11 公斤选 M，9 到 14 公斤选 L。\n\n腿围有勒痕就大一码，后腰漏尿先看是不是贴低了。", "纸尿裤"),
    ("换季护肤：湿疹宝宝的日常", "护理", "洗澡五分钟以内，水温 37 度，三分钟内涂身体乳。\n\n反复发作请先看皮肤科，护理品不能代替药。", "护肤"),
)  # fmt: skip
_PAGES: Final = (
    ("会员日活动页", "活动", "https://www.example.com/member-day"),
    ("积分兑换指南", "会员", "https://www.example.com/points"),
)
_SCRIPTS: Final = (
    (
        "新好友第二天问候",
        "破冰",
        "{{customer.name|亲}}，昨天添加了我还没来得及细聊。宝宝多大了？我按月龄给您发一份辅食表。",
    ),
    ("换尺码", "售后", "{{customer.name|亲}}，没拆封的 7 天内都能换，带小票到任意门店就行，差价不用补。"),
    ("到货通知", "销售", "{{customer.name|亲}}，您上次问的那款到货了，我先给您留两件，今天下班前都在。"),
)
_TOPICS: Final = (
    NewTopic(name="转奶", groups=[["转奶", "换奶", "二段", "三段"]], product="奶粉"),
    NewTopic(name="辅食", groups=[["辅食", "蛋黄", "米粉"]], product="辅食"),
    NewTopic(name="尺码", groups=[["尺码", "大一码", "勒腿", "穿多大"]], product="纸尿裤"),
)
_TOPIC_MATERIALS: Final = {"转奶": "转奶不踩坑：七天转奶法", "辅食": "8 到 12 月龄辅食表", "尺码": "纸尿裤尺码怎么选"}
_HITS: Final = (
    ("最便宜", "最·便·宜", "message", "双十一预热短信", 3),
    ("国家级", "国 家级", "message", "羊奶粉上新通知", 9),
    ("私下转账", "私下转 账", "welcome", "门店新好友", 20),
)
#: Of each reader: seconds, depth in per cent, whether she liked it, passed it on, and hours ago.
_READ: Final = (
    (96, 100, True, False, 3), (41, 62, False, False, 9), (150, 100, True, True, 20), (12, 18, False, False, 26), (73, 94, False, False, 31),
    (55, 80, False, False, 50), (120, 100, False, True, 74), (8, 10, False, False, 99), (88, 97, True, False, 130), (33, 45, False, False, 170),
)  # fmt: skip
_VISITS: Final = """
insert into radar_visit (bucket, id, tenant_id, customer_id, origin_id, material_id, member, device, foreign_hand, opened_at, seconds, depth, has_left,
  liked, forwarded)
select c.bucket, md5(c.id::text || n.material::text || n.place)::uuid, %(tenant)s, c.id, c.id, n.material, n.member, md5(c.id::text), n.passed,
  %(now)s::timestamptz - make_interval(hours => n.ago), n.seconds, n.depth, true, n.liked, n.forwarded
from jsonb_to_recordset(%(rows)s::jsonb) as n(material uuid, place int, member text, seconds int, depth smallint, liked boolean, forwarded boolean,
  passed boolean, ago int)
join (
  select row_number() over (order by md5('reads' || k.id)) as place, k.bucket, k.id from customer as k
  where k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.merged_into is null and k.name_enc is not null limit 60) as c
  on c.place = n.place
on conflict do nothing
"""
_STRANGERS: Final = """
insert into radar_count (tenant_id, material_id, member, day, shard, opened, finished, liked, forwarded, seconds)
select %(tenant)s, n.material, n.member, %(today)s::date - n.back, 0, n.opened, n.opened / 2, n.opened / 4, n.opened / 5, n.opened * 38
from jsonb_to_recordset(%(rows)s::jsonb) as n(material uuid, member text, back int, opened int) on conflict do nothing
"""


def stock(db: Database, tenant: UUID, writer: UUID, approver: UUID) -> None:
    """Write and approve what advisers use; one text, one picture and one script stay for somebody to approve. Again: nothing."""
    with db.tx("web", tenant=tenant, user=writer) as tx:
        if materials.list_materials(tx):
            return
        words.add_starter(tx)
        words.add_words(tx, _OWN_WORDS, "block")
        _hits(tx)
        made = _write(tx)
        told = {one.name: one.id for one in materials.list_materials(tx)}
        for topic in _TOPICS:
            topics.put_topic(tx, topic.model_copy(update={"material_id": told[_TOPIC_MATERIALS[topic.name]]}))
    with db.tx("web", tenant=tenant, user=approver) as tx:
        for what, one in made:
            materials.rule(tx, what, one, "approved")
    with db.tx("web", tenant=tenant, user=writer) as tx:
        picture = media.keep(tx, "会员日主视觉.png", picture_of(480, 270))
        materials.put_material(tx, NewMaterial(name="会员日主视觉", kind="image", folder="活动", media_id=picture))
        text = "120 毫升温水配 4 勺，先放水再放粉，摇匀试温。\n\n冲好两小时内喝完，喝剩的不留。"
        materials.put_material(tx, NewMaterial(name="奶粉冲泡步骤", folder="喂养", words=text, product="奶粉"))
        script = "{{customer.name|亲}}，会员日全场满 299 减 40，您还有积分可以一起用，需要我先帮您留货吗？"
        materials.put_script(tx, NewScript(title="会员日邀约", folder="活动", body=script))


def _write(tx: Tx) -> list[tuple[str, UUID]]:
    made: list[tuple[str, UUID]] = []
    for name, folder, text, product in _ARTICLES:
        given = NewMaterial(name=name, folder=folder, words=text, product=product)
        made.append(("material", materials.put_material(tx, given)))
    for name, folder, url in _PAGES:
        made.append(
            ("material", materials.put_material(tx, NewMaterial(name=name, kind="page", folder=folder, url=url)))
        )
    for title, folder, body in _SCRIPTS:
        made.append(("talk_script", materials.put_script(tx, NewScript(title=title, folder=folder, body=body))))
    return made


def greet(tx: Tx, code: UUID, channel: str) -> None:
    """Welcomes: one for a code, one for a channel, one at night, one for everybody else. What is there stays."""
    known = {one.name for one in welcomes.list_welcomes(tx)}
    wanted = (
        NewWelcome(name="门店新好友", body="{{客户昵称|您好}}，我是{{员工姓名}}，在店里有什么想问的随时找我，退换、留货都可以。", live_codes=[code]),
        NewWelcome(name="抖音直播间来的朋友", body="{{客户昵称|您好}}，谢谢从直播间来找我！直播同款的优惠我都能帮您留着。", channels=[channel]),
        NewWelcome(name="夜间", body="{{客户昵称|您好}}，现在是休息时间，明早 9 点我第一个回复您。", from_time="22:00", until_time="08:00"),
        NewWelcome(name="其他新好友", body="{{客户昵称|您好}}，您好！我是{{员工姓名}}，您的专属顾问。"),
    )  # fmt: skip
    for one in wanted:
        if one.name not in known:
            welcomes.create_welcome(tx, one)


def _hits(tx: Tx) -> None:
    rows = [
        {"word": word, "found": found, "place": place, "name": name, "ago": ago}
        for word, found, place, name, ago in _HITS
    ]
    tx.execute(
        """
        insert into word_hit (id, tenant_id, at, word, found, level, place, name)
        select gen_random_uuid(), %(tenant)s, now() - make_interval(hours => n.ago), n.word, n.found, 'block', n.place, n.name
        from jsonb_to_recordset(%(rows)s::jsonb) as n(word text, found text, place text, name text, ago int)
        """,
        {"tenant": tx.tenant_id, "rows": to_json(rows)},
    )


def be_read(tx: Tx, members: list[str]) -> None:
    """Customers and strangers read what is approved."""
    live = materials.list_materials(tx, live=True)
    if not live or not members:
        return
    visits = [
        {
            "material": one.id, "place": 1 + (3 * number + 5 * place) % 60, "member": members[(number + place) % len(members)], "seconds": seconds, "depth": depth,
            "liked": liked, "forwarded": forwarded, "passed": place % 6 == 4, "ago": ago + 11 * number,
        }
        for number, one in enumerate(live) for place, (seconds, depth, liked, forwarded, ago) in enumerate(_READ[: 10 - number])
    ]  # fmt: skip
    strangers = [
        {
            "material": one.id,
            "member": members[(number + back) % len(members)],
            "back": back,
            "opened": 1 + (number * 7 + back * 3) % 5,
        }
        for number, one in enumerate(live)
        for back in range(9)
    ]
    params = {
        "tenant": tx.tenant_id,
        "buckets": ALL_BUCKETS,
        "now": tx.now,
        "today": tx.now.astimezone(ZoneInfo(tx.zone)).date(),
    }
    tx.execute(_VISITS, params | {"rows": to_json(visits)})
    tx.execute(_STRANGERS, params | {"rows": to_json(strangers)})


def picture_of(width: int, height: int) -> bytes:
    """A plain picture as PNG: a band of the house's two colours, so that there is something to look at before it is approved."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += b"\x0e\x6f\x69" if (x // 48 + y // 54) % 2 else b"\xf3\xef\xe4"
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
