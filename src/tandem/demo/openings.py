"""Shops of franchisees that are being opened: the demo's things of its own (F12), each at its stage with the way it came."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.stream.projection import BACKFILL
from tandem.stream.things import records, types

NAME: Final = "opening"
_LABEL: Final = Label("加盟开店", "Shop opening")
_FIELDS: Final = (
    types.ThingField("city", "城市", "City", "text"),
    types.ThingField("investor", "加盟商", "Investor", "text"),
    types.ThingField("area", "面积（㎡）", "Floor area (m²)", "number"),
    types.ThingField("signed_on", "签约日期", "Signed on", "date"),
    types.ThingField("opens_on", "计划开业", "Opens on", "date"),
    types.ThingField("deposit_paid", "已付保证金", "Deposit paid", "bool"),
)
_STAGES: Final = (
    types.Stage("signed", "已签约", "Signed"),
    types.Stage("site", "选址评估", "Site assessment"),
    types.Stage("fitting", "设计装修", "Fitting out"),
    types.Stage("training", "培训考核", "Training"),
    types.Stage("licence", "证照办理", "Licences"),
    types.Stage("open", "已开业", "Open"),
)
#: City, place, investor, floor area, how many stages it has come, days since the contract was signed.
_SHOPS: Final = (
    ("上海", "万象城店", "沈国栋", 86, 5, 118),
    ("杭州", "滨江路店", "傅晓燕", 64, 4, 92),
    ("苏州", "湖滨路店", "陆文博", 72, 4, 88),
    ("南京", "新华路店", "钟海涛", 58, 3, 66),
    ("广州", "花园路店", "梁嘉豪", 95, 3, 61),
    ("深圳", "星河路店", "罗梦洁", 80, 2, 43),
    ("成都", "青年路店", "唐家乐", 76, 2, 37),
    ("青岛", "海棠路店", "于立新", 60, 1, 20),
    ("重庆", "龙湖天街店", "邓雅婷", 110, 1, 15),
    ("宁波", "解放路店", "蒋若曦", 55, 0, 4),
)


def open_shops(tx: Tx, catalog: Catalog, people: dict[str, UUID]) -> None:
    """Define the sort and tell of each shop, stage by stage. Nothing where the company has the sort already."""
    if any(one.name == NAME for one in types.kinds(tx)):
        return
    of = types.create(tx, catalog, NAME, _LABEL, _FIELDS, _STAGES)
    owners = [people[one] for one in ("region", "marketing") if one in people] or [None]
    told: list[records.Told] = []
    for number, (city, place, investor, area, come, days) in enumerate(_SHOPS, 1):
        signed = tx.now - timedelta(days=days)
        fields = {
            "city": city, "investor": investor, "area": area, "signed_on": signed.date().isoformat(),
            "opens_on": (signed + timedelta(days=120)).date().isoformat(), "deposit_paid": number % 4 != 0,
        }  # fmt: skip
        code, owner = f"JM{number:03d}", owners[number % len(owners)]
        told.append(records.Told(code, title=f"{city}{place}", stage="signed", owner=owner, fields=fields, at=signed))
        told += [
            records.Told(code, stage=stage.name, at=signed + timedelta(days=days * step / (come + 1)))
            for step, stage in enumerate(_STAGES[1 : come + 1], 1)
        ]
    records.write(tx, of, told, mode=BACKFILL)
