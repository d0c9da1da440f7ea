"""A group of 4S garages."""

from typing import Final

from tandem.catalog.label import Label
from tandem.demo.trial.trade import Doing, Trade, Ware

_CARE: Final = "保养"
GARAGE: Final = Trade(
    code="garage_4s",
    label=Label("汽车 4S 店", "4S garage"),
    company="恒驰汽车",
    store_word="4S 店",
    regions={"华北大区": ("北京", "天津", "石家庄"), "华东大区": ("上海", "无锡"), "华南大区": ("东莞",)},
    wares=(
        Ware("小保养套餐", _CARE, 580, 6),
        Ware("大保养套餐", _CARE, 1480, 3),
        Ware("火花塞（4 支）", "易损件", 420, 1.5),
        Ware("雨刮片", "易损件", 160, 2.5),
        Ware("空调滤芯", "易损件", 128, 2),
        Ware("刹车片", "易损件", 680, 1.2),
        Ware("轮胎 205/55 R16", "轮胎", 560, 1.2),
        Ware("蓄电池", "电瓶", 720, 0.7),
        Ware("商业车险续保", "保险", 4200, 1),
        Ware("精洗镀膜", "美容装潢", 880, 0.8),
        Ware("钣金喷漆（单面）", "维修", 650, 0.8),
    ),
    customers=3_000,
    every_days=95,
    stays=0.86,
    lines_max=3,
    months=(1.1, 0.9, 1.0, 1.0, 1.0, 1.2, 1.1, 1.0, 1.1, 1.0, 1.1, 1.2),
    women=0.34,
    live_share=0.05,
    doings=(
        Doing("预约保养", 0.6, 2, {"项目": ("小保养", "大保养", "检测")}),
        Doing("里程上报", 0.7, 4, {"公里": (8200, 15600, 23400, 41800, 60500)}),
        Doing("故障灯", 0.15, 2, {"代码": ("P0300", "P0420", "C1201")}),
        Doing("看车", 0.1, 2, {"车型": ("星途 SUV", "凌云轿车", "麒麟 MPV")}),
        Doing("加入购物车", 0.1, 2),
    ),
    attrs={
        "车型": ("星途 SUV", "凌云轿车", "麒麟 MPV", "小蜂电动"),
        "质保": ("保内", "保外"),
        "车龄": ("1", "2", "3", "5", "8"),
    },
    hand_tags=("事故车", "VIP", "租赁公司"),
    segments=(
        (
            "保养到期：180 天未保养",
            f"exists(purchases where category = '{_CARE}') and not exists(purchases in last 180 days where category = '{_CARE}')",
        ),
        (
            "报过故障灯还没维修",
            "exists(behaviours in last 90 days where name = '故障灯') and not exists(purchases in last 90 days where category = '维修')",
        ),
        ("高价值车主", "customer.spend_total >= 8000"),
    ),
    tags=(("雨刮该换", "days_since(last(purchases.paid_at where category = '易损件')) >= 180"),),
    letters=(
        "{{customer.name|尊敬的车主}}，爱车该保养了，送您 {{coupon.name|保养券}}，券码 {{coupon.code}}，{{coupon.expires_at}} 前可用。",
        "{{customer.name|尊敬的车主}}，已存入 200 积分，现有 {{customer.points_balance}} 分，可抵工时费。",
        "{{customer.name|尊敬的车主}}，本周工位充足，欢迎预约保养。",
    ),
    coupon="保养满 500 减 80",
)
