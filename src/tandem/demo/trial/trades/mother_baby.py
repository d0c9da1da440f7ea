"""A chain of shops for mothers and babies."""

from typing import Final

from tandem.catalog.label import Label
from tandem.demo.trial.trade import Doing, Trade, Ware

MOTHER_BABY: Final = Trade(
    code="mother_baby",
    label=Label("母婴店", "Mother and baby"),
    company="小象母婴",
    store_word="生活馆",
    regions={"华东大区": ("南京", "合肥", "宁波"), "华中大区": ("武汉", "长沙"), "西南大区": ("重庆", "成都")},
    wares=(
        Ware("婴儿配方奶粉 1 段", "奶粉", 298, 3),
        Ware("较大婴儿奶粉 2 段", "奶粉", 288, 3),
        Ware("幼儿奶粉 3 段", "奶粉", 268, 3),
        Ware("纸尿裤 M 码", "纸尿裤", 129, 4),
        Ware("拉拉裤 L 码", "纸尿裤", 139, 3),
        Ware("高铁米粉", "辅食", 59, 3),
        Ware("果泥组合", "辅食", 78, 2),
        Ware("婴儿洗护套装", "洗护", 118, 2),
        Ware("连体衣 80 码", "服装", 89, 2),
        Ware("待产包", "孕产", 399, 0.8),
        Ware("安全座椅", "出行", 1299, 0.2),
        Ware("积木", "玩具", 99),
    ),
    customers=2_000,
    every_days=24,
    stays=0.88,
    lines_max=3,
    months=(0.9, 0.9, 1.0, 1.0, 1.1, 1.3, 0.9, 0.9, 1.0, 1.0, 1.6, 1.1),
    women=0.86,
    doings=(
        Doing("宝宝出生", 0.55, 1, {"性别": ("男", "女")}),
        Doing("末次月经", 0.18, 1),
        Doing("到店称重", 0.4, 4, {"体重": (6.2, 7.8, 9.1, 10.4)}),
        Doing("孕期课堂", 0.2, 2, {"课程": ("母乳喂养", "产后恢复", "新生儿护理")}),
        Doing("直播间互动", 0.18, 3),
        Doing("加入购物车", 0.35, 3),
    ),
    attrs={"宝宝数": ("1", "2", "3"), "喂养方式": ("母乳", "配方", "混合")},
    hand_tags=("过敏体质", "二胎", "会员日常客"),
    segments=(
        (
            "奶粉快断：40 天未买",
            "count(purchases in last 120 days where category = '奶粉') >= 2 and not exists(purchases in last 40 days where category = '奶粉')",
        ),
        (
            "买纸尿裤不买奶粉",
            "exists(purchases in last 90 days where category = '纸尿裤') and not exists(purchases where category = '奶粉')",
        ),
        (
            "孕期妈妈",
            "age_weeks(last(behaviours.at where name = '末次月经')) <= 40 and not exists(behaviours where name = '宝宝出生')",
        ),
    ),
    tags=(
        ("孕28周", "age_weeks(last(behaviours.at where name = '末次月经')) = 28"),
        ("辅食期", "age_months(last(behaviours.at where name = '宝宝出生')) between 6 and 12"),
    ),
    letters=(
        "{{customer.name|亲爱的家长}}，宝宝的奶粉还够吗？送您 {{coupon.name|优惠券}}，券码 {{coupon.code}}，{{coupon.expires_at}} 前可用。",
        "{{customer.name|亲爱的家长}}，已存入 200 积分，现有 {{customer.points_balance}} 分，到店可抵现。",
        "{{customer.name|亲爱的家长}}，会员日就在本周，欢迎带宝宝来称重。",
    ),
    coupon="奶粉满 500 减 60",
)
