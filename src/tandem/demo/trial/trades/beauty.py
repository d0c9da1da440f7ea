"""A chain of beauty salons."""

from typing import Final

from tandem.catalog.label import Label
from tandem.demo.trial.trade import Doing, Trade, Ware

_CARE: Final = "面部护理"
BEAUTY: Final = Trade(
    code="beauty_salon",
    label=Label("美容院", "Beauty salon"),
    company="花间美容",
    store_word="美容中心",
    regions={"华东大区": ("上海", "杭州", "苏州"), "华南大区": ("广州", "深圳"), "西南大区": ("成都",)},
    wares=(
        Ware("深层补水护理", _CARE, 298, 4),
        Ware("抗衰紧致护理", _CARE, 680, 2),
        Ware("祛痘清洁护理", _CARE, 258, 2),
        Ware("热石身体 SPA", "身体护理", 468, 2),
        Ware("肩颈舒缓", "身体护理", 198, 2),
        Ware("日式美甲", "美甲美睫", 168, 3),
        Ware("嫁接睫毛", "美甲美睫", 238),
        Ware("冰点脱毛", "脱毛", 399),
        Ware("玻尿酸精华", "居家产品", 329, 2),
        Ware("修护面膜（10 片）", "居家产品", 199, 2),
        Ware("护理卡（10 次）", "次卡", 2380, 0.6),
    ),
    customers=2_400,
    every_days=30,
    stays=0.84,
    lines_max=2,
    months=(0.9, 0.8, 1.2, 1.0, 1.2, 1.1, 1.0, 0.9, 1.0, 1.0, 1.3, 1.2),
    women=0.93,
    doings=(
        Doing("预约护理", 0.7, 5, {"项目": ("补水", "抗衰", "SPA", "美甲")}),
        Doing("皮肤测试", 0.45, 2, {"水分": (28, 33, 41, 47), "类型": ("干性", "油性", "混合", "敏感")}),
        Doing("领取小样", 0.2),
        Doing("直播间互动", 0.15, 3),
        Doing("加入购物车", 0.3, 3),
    ),
    attrs={"肤质": ("干性", "油性", "混合", "敏感"), "顾问": ("安琪", "小曼", "可欣", "思思")},
    hand_tags=("敏感肌", "备婚", "卡项会员"),
    segments=(
        ("沉睡顾客：60 天未到店", "customer.order_count >= 2 and days_since(customer.last_order_at) > 60"),
        (
            "护理两次以上的新客",
            f"count(purchases in last 60 days where category = '{_CARE}') >= 2 and customer.order_count <= 4",
        ),
        (
            "测过皮肤还没买居家产品",
            "exists(behaviours where name = '皮肤测试') and not exists(purchases where category = '居家产品')",
        ),
    ),
    tags=(("居家产品用完提醒", "days_since(last(purchases.paid_at where category = '居家产品')) >= 45"),),
    letters=(
        "{{customer.name|亲爱的}}，皮肤该补水啦！送您 {{coupon.name|护理券}}，券码 {{coupon.code}}，{{coupon.expires_at}} 前可用。",
        "{{customer.name|亲爱的}}，好久不见，已存入 200 积分，现有 {{customer.points_balance}} 分，可抵护理。",
        "{{customer.name|亲爱的}}，您的专属护理时段还为您留着，欢迎预约。",
    ),
    coupon="护理满 300 减 50",
)
