"""The demo's archived chats: what advisers and customers said in two weeks, how fast they answered, and what a person thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.archive import sampling, scoring
from tandem.domains.contact.archive.shapes import ScoreIn
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.turn import in_buckets
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
TALKS: Final = 28
WEEKS: Final = 2
SAMPLES: Final = 3
"""Of each adviser in a week, as the account's setting says."""
#: Who said what, and after how many minutes.
_Script = tuple[tuple[str, int, str], ...]
_SCRIPTS: Final[tuple[_Script, ...]] = (
    (
        ("customer", 0, "你好，8 个月的宝宝奶粉还是喝一段吗？"),
        ("staff", 2, "您好！6 到 12 个月建议换二段，转奶可以用一周，每天多换一勺。"),
        ("customer", 3, "转奶会不会拉肚子"),
        ("staff", 1, "先从一顿里换三分之一，观察两天再加。有不适随时找我，我给您看怎么调。"),
        ("customer", 6, "好的，那我周末到店拿两罐"),
        ("staff", 1, "给您留好，会员价可以再用一张满 100 减 20 的券，到店报手机号就行。"),
    ),
    (
        ("customer", 0, "上周买的纸尿裤有点勒腿，能换大一号吗"),
        ("staff", 4, "可以的，没拆封的包 7 天内都能换，拆了的那包我帮您登记反馈。"),
        ("customer", 2, "只拆了一包"),
        ("staff", 3, "那您带剩下两包和小票来，换 XL，差价不用补。"),
        ("customer", 1, "太好了谢谢"),
    ),
    (
        ("customer", 0, "我在你们天猫店下的单，三天了还没发货"),
        ("staff", 26, "让您久等了，我查一下订单。"),
        ("staff", 5, "仓库今天补到货，晚上之前发出，单号出来我第一时间发您。"),
        ("customer", 9, "再不发我就要退款了"),
        ("staff", 2, "理解您的心情，今晚没发出我帮您申请优先退，并补一张 15 元券。"),
    ),
    (
        ("customer", 0, "积分可以换什么呀"),
        ("staff", 1, "现在 500 分换婴儿湿巾一包，1200 分换辅食碗套装，小程序“我的 - 积分兑换”里都有。"),
        ("customer", 4, "我有多少分了"),
        ("staff", 2, "您有 860 分，本月底有 120 分到期，可以先换湿巾。"),
    ),
    (
        ("customer", 0, "这款益生菌真的能治湿疹吗"),
        ("staff", 7, "益生菌是食品，不能代替治疗，湿疹建议先看皮肤科。日常保湿我可以给您推荐几款。"),
        ("customer", 5, "之前那个店员说保证治好"),
        ("staff", 3, "抱歉，我们不会这样承诺，我向店长反映。您先按医生说的来。"),
        ("customer", 2, "好，谢谢你说实话"),
    ),
    (
        ("customer", 0, "你们店的辅食机有优惠吗"),
        ("staff", 3, "有的，这周满 399 减 60。您要是着急，也可以加我微信直接转账，我给您留一台。"),
        ("customer", 8, "还是走店里吧"),
        ("staff", 2, "好的，那您到店报会员号就行。"),
    ),
    (
        ("customer", 0, "宝宝 10 个月可以吃鸡蛋黄了吗"),
        ("staff", 5, "可以从四分之一个开始，观察三天没有过敏再加到半个。"),
        ("customer", 1, "需要买什么辅食配着吃"),
        ("staff", 4, "铁强化米粉配蛋黄泥就很好，我发您一张月龄辅食表。"),
        ("customer", 3, "收到，很实用"),
        ("staff", 1, "下个月我提醒您换新的表。"),
    ),
)  # fmt: skip
_WHO: Final = """
select c.bucket, c.id, c.key_enc from customer as c
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.merged_into is null and c.name_enc is not null
  and exists (select from sales_order as s where s.bucket = c.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s
    and s.customer_id = c.id)
order by md5('talk' || c.id) limit %(n)s
"""
_MESSAGES: Final = """
insert into archive_message (tenant_id, bucket, id, at, customer_id, origin_id, talk_id, said_by, kind, text_enc)
select %(tenant)s, n.b, n.i, n.a, n.c, n.c, n.t, n.s, 'text', n.x
from unnest(%(b)s::smallint[], %(i)s::uuid[], %(a)s::timestamptz[], %(c)s::uuid[], %(t)s::uuid[], %(s)s::text[], %(x)s::bytea[])
  as n(b, i, a, c, t, s, x) on conflict do nothing
"""
_TALKS: Final = """
insert into archive_talk (tenant_id, bucket, id, customer_id, origin_id, account_id, member, consent, consent_at, first_at, last_at, messages)
select %(tenant)s, n.bucket, n.id, n.customer_id, n.customer_id, %(account)s, n.member, 'agreed', n.first_at, n.first_at, n.last_at, n.messages
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, member text, first_at timestamptz, last_at timestamptz,
  messages int) on conflict do nothing
"""
_REPLIES: Final = """
insert into archive_reply (tenant_id, bucket, id, customer_id, origin_id, talk_id, member, asked_at, answered_at, seconds, late)
select %(tenant)s, n.bucket, n.id, n.customer_id, n.customer_id, n.talk_id, n.member, n.asked_at, n.answered_at, n.seconds, n.seconds > 1200
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, talk_id uuid, member text, asked_at timestamptz,
  answered_at timestamptz, seconds int) on conflict do nothing
"""
_HITS: Final = """
insert into inspection_hit (tenant_id, bucket, id, customer_id, origin_id, talk_id, message_id, list_id, word, said_by, member, level, at)
select %(tenant)s, n.bucket, md5(n.id::text || l.id || w.word)::uuid, n.customer_id, n.customer_id, n.talk_id, n.id, l.id, w.word, n.said_by, n.member, l.level, n.at
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, talk_id uuid, said_by text, member text, at timestamptz,
  text text)
join inspection_list as l on l.tenant_id = %(tenant)s and l.active and l.said_by = n.said_by
cross join lateral unnest(l.words) as w(word) where position(w.word in n.text) > 0
on conflict do nothing
"""
_SAMPLES: Final = """
select s.id from score_sample as s where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) and s.state = 'open'
order by s.week, s.id
"""
_SCORES: Final[tuple[tuple[dict[str, int], tuple[str, ...], str], ...]] = (
    ({"speed": 25, "manners": 25, "knowledge": 28, "closing": 18}, (), "回复快，给了具体做法，还约了到店。"),
    ({"speed": 15, "manners": 23, "knowledge": 26, "closing": 12}, (), "第一句回得慢，之后解释清楚。"),
    ({"speed": 22, "manners": 24, "knowledge": 30, "closing": 14}, (), "没有夸大功效，处理得当。"),
    ({"speed": 20, "manners": 20, "knowledge": 22, "closing": 10}, (), "可以主动提一下会员权益。"),
    ({"speed": 24, "manners": 18, "knowledge": 20, "closing": 8}, (), "语气略生硬，下次先安抚再解释。"),
)


@dataclass(frozen=True, slots=True)
class _Talk:
    id: UUID
    bucket: int
    customer_id: UUID
    member: str
    begins: datetime
    script: _Script


def remember(db: Database, tenant: UUID, account: UUID, people: dict[str, UUID]) -> None:
    """Keep the chats, draw samples of both weeks, and score all but the last few. Nothing without advisers or customers."""
    members = sorted(
        one for one in people if one.isalpha() and one in {"linxiaotong", "zhaomin", "sunli", "zhoujie", "qianwei"}
    )
    if not members:
        return
    with db.tx("worker", tenant=tenant) as tx:
        weeks = [
            sampling.week_of(tx.now.astimezone(ZoneInfo(tx.zone)).date()) - timedelta(days=7 * back)
            for back in range(1, WEEKS + 1)
        ]
        rows = tx.cursor(_WHO, {"tenant": tenant, "buckets": ALL_BUCKETS, "n": TALKS}).fetchall()
        if not rows:
            return
        in_buckets(tx.conn, {row[0] for row in rows})
        talks = [
            _Talk(
                derived_id(account, "demo talk", customer), bucket, customer, members[number % len(members)],
                sampling.bounds(weeks[number % len(weeks)], tx.zone)[0] + timedelta(days=number % 6, hours=9 + number % 10, minutes=7 * number % 60),
                _SCRIPTS[number % len(_SCRIPTS)],
            )
            for number, (bucket, customer, _) in enumerate(rows)
        ]  # fmt: skip
        _keep(tx, account, talks, {customer: bytes(key) for _, customer, key in rows})
        for week in weeks:
            sampling.draw(tx, account, week, SAMPLES)
    _score(db, tenant, people)


def _keep(tx: Tx, account: UUID, talks: list[_Talk], sealed: dict[UUID, bytes]) -> None:
    said = [one for talk in talks for one in _said(talk)]
    heads = [
        {
            "bucket": talk.bucket, "id": talk.id, "customer_id": talk.customer_id, "member": talk.member, "first_at": talk.begins,
            "last_at": talk.begins + timedelta(minutes=sum(minutes for _, minutes, _ in talk.script)), "messages": len(talk.script),
        }
        for talk in talks
    ]  # fmt: skip
    params = {"tenant": tx.tenant_id, "account": account}
    tx.execute(_TALKS, params | {"rows": to_json(heads)})
    keys = tenant_keys(tx)
    opened = {customer: data_key(keys, key) for customer, key in sealed.items()}
    columns = {
        "b": [one["bucket"] for one in said], "i": [one["id"] for one in said], "a": [one["at"] for one in said],
        "c": [one["customer_id"] for one in said], "t": [one["talk_id"] for one in said], "s": [one["said_by"] for one in said],
        "x": [TenantKeys.seal(opened[one["customer_id"]], one["text"]) for one in said],
    }  # fmt: skip
    tx.execute(_MESSAGES, params | columns)
    tx.execute(_REPLIES, params | {"rows": to_json([one for talk in talks for one in _replies(talk)])})
    tx.execute(_HITS, params | {"rows": to_json(said)})


def _moments(talk: _Talk) -> list[datetime]:
    at, found = talk.begins, list[datetime]()
    for _, minutes, _ in talk.script:
        at += timedelta(minutes=minutes)
        found.append(at)
    return found


def _said(talk: _Talk) -> list[dict[str, Any]]:
    return [
        {
            "bucket": talk.bucket, "id": derived_id(talk.id, "said", place), "customer_id": talk.customer_id, "talk_id": talk.id, "said_by": by,
            "member": talk.member, "at": at, "text": text,
        }
        for place, ((by, _, text), at) in enumerate(zip(talk.script, _moments(talk), strict=True))
    ]  # fmt: skip


def _replies(talk: _Talk) -> list[dict[str, Any]]:
    """Every first answer to something she said."""
    moments, found = _moments(talk), list[dict[str, Any]]()
    for place, (by, _, _) in enumerate(talk.script):
        if place and by == "staff" and talk.script[place - 1][0] == "customer":
            asked, answered = moments[place - 1], moments[place]
            found.append({
                "bucket": talk.bucket, "id": derived_id(talk.id, "reply", place), "customer_id": talk.customer_id, "talk_id": talk.id,
                "member": talk.member, "asked_at": asked, "answered_at": answered, "seconds": int((answered - asked).total_seconds()),
            })  # fmt: skip
    return found


def _score(db: Database, tenant: UUID, people: dict[str, UUID]) -> None:
    scorer = people.get("region") or people.get("admin")
    with db.tx("web", tenant=tenant, user=scorer) as tx:
        drawn: list[UUID] = tx.values(_SAMPLES, {"tenant": tenant, "buckets": ALL_BUCKETS})
        for number, sample in enumerate(drawn[:-4]):
            scores, fatal, comment = _SCORES[number % len(_SCORES)]
            scoring.score(tx, sample, ScoreIn(scores=scores, fatal=list(fatal), comment=comment))
        if len(drawn[:-4]) > 1:
            scoring.appeal(tx, drawn[1], "当时正在接待到店顾客，26 分钟后立刻回复了，请考虑现场情况。")
