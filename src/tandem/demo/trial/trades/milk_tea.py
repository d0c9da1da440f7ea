"""A chain of milk tea shops."""

from typing import Final

from tandem.catalog.label import Label
from tandem.demo.trial.trade import Doing, Trade, Ware

MILK_TEA: Final = Trade(
    code="milk_tea",
    label=Label("奶茶", "Milk tea"),
    company="半糖茶事",
    store_word="店",
    regions={
        "华东大区": ("上海", "杭州", "南京", "苏州"),
        "华南大区": ("广州", "深圳", "厦门"),
        "华北大区": ("北京", "济南"),
    },
    wares=(
        Ware("经典珍珠奶茶", "奶茶", 14, 4),
        Ware("黑糖波波", "奶茶", 18, 3),
        Ware("芝士奶盖乌龙", "奶盖茶", 21, 2),
        Ware("满杯百香果", "果茶", 19, 3),
        Ware("多肉葡萄", "果茶", 26, 3),
        Ware("柠檬绿茶", "果茶", 12, 3),
        Ware("生椰拿铁", "咖啡", 22, 2),
        Ware("美式咖啡", "咖啡", 15),
        Ware("脏脏包", "烘焙", 16),
        Ware("周边保温杯", "周边", 89, 0.2),
    ),
    customers=1_500,
    every_days=11,
    stays=0.93,
    lines_max=2,
    months=(0.8, 0.8, 0.9, 1.0, 1.1, 1.3, 1.5, 1.5, 1.2, 1.0, 0.9, 0.8),
    women=0.68,
    doings=(
        Doing("小程序浏览", 0.8, 4, {"页面": ("菜单", "新品", "积分商城")}),
        Doing("加入购物车", 0.5, 3),
        Doing("直播间互动", 0.2, 2),
        Doing("邀请好友", 0.12, 2),
    ),
    attrs={"甜度": ("全糖", "七分", "半糖", "无糖"), "常喝温度": ("冰", "少冰", "热")},
    hand_tags=("学生", "企业团购"),
    segments=(
        ("30 天内过生日", "birthday_within(customer.birthday, 30) or lunar_birthday_within(customer.birthday, 30)"),
        ("果茶爱好者", "most_frequent(purchases.category in last 90 days) = '果茶'"),
        ("快流失的常客", "customer.order_count >= 6 and days_since(customer.last_order_at) > 30"),
    ),
    tags=(("本月常客", "count(purchases in last 30 days) >= 4"),),
    letters=(
        "{{customer.name|亲}}，好久没来喝一杯啦，送你 {{coupon.name|饮品券}}，券码 {{coupon.code}}。",
        "{{customer.name|亲}}，已存入 200 积分，现有 {{customer.points_balance}} 分，够换一杯啦。",
        "{{customer.name|亲}}，本周新品等你来尝。",
    ),
    coupon="果茶满 25 减 6",
)
