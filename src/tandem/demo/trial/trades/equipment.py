"""A maker of industrial equipment with service branches."""

from typing import Final

from tandem.catalog.label import Label
from tandem.demo.trial.trade import Doing, Trade, Ware

EQUIPMENT: Final = Trade(
    code="equipment",
    label=Label("设备制造", "Equipment maker"),
    company="锐拓流体设备",
    store_word="服务中心",
    regions={"华东大区": ("苏州", "宁波"), "华北大区": ("天津",), "华南大区": ("佛山",), "西北大区": ("西安",)},
    wares=(
        Ware("高压球阀 DN50", "阀门", 3200, 3),
        Ware("调节阀 DN80", "阀门", 8600, 1.5),
        Ware("离心泵 IS80", "泵", 12800, 1),
        Ware("隔膜泵", "泵", 6900, 1),
        Ware("机械密封", "备件", 860, 5),
        Ware("轴承组", "备件", 420, 5),
        Ware("密封圈套装", "备件", 96, 6),
        Ware("控制模块", "电控", 5400, 1),
        Ware("年度维保合同", "服务", 18000, 0.8),
        Ware("上门检修（人天）", "服务", 1600, 2),
    ),
    customers=1_000,
    every_days=48,
    stays=0.9,
    lines_max=4,
    months=(0.8, 0.7, 1.2, 1.1, 1.1, 1.1, 1.0, 1.0, 1.1, 1.0, 1.1, 1.4),
    companies=True,
    live_share=0.02,
    doings=(
        Doing("设备报警", 0.5, 5, {"代码": ("E01 过压", "E07 泄漏", "E12 过热"), "等级": ("一般", "严重")}),
        Doing("询价", 0.55, 3, {"品类": ("阀门", "泵", "备件")}),
        Doing("现场勘查", 0.3, 1),
        Doing("下载图纸", 0.35, 3),
    ),
    attrs={
        "行业": ("化工", "制药", "食品", "水务", "电力"),
        "机型": ("RT-200", "RT-350", "RT-800"),
        "规模": ("大型", "中型", "小型"),
    },
    hand_tags=("战略客户", "框架协议", "招标中"),
    segments=(
        (
            "严重报警后没有采购",
            "exists(behaviours in last 60 days where name = '设备报警') and not exists(purchases in last 60 days)",
        ),
        (
            "询价未成交",
            "exists(behaviours in last 90 days where name = '询价') and not exists(purchases in last 90 days)",
        ),
        ("大客户", "customer.spend_total >= 100000"),
    ),
    tags=(("维保将到期", "days_since(last(purchases.paid_at where category = '服务')) >= 330"),),
    letters=(
        "{{customer.name|尊敬的客户}}，备件该补货了，送您 {{coupon.name|备件券}}，券码 {{coupon.code}}，{{coupon.expires_at}} 前可用。",
        "{{customer.name|尊敬的客户}}，已存入 200 积分，现有 {{customer.points_balance}} 分，可抵检修费。",
        "{{customer.name|尊敬的客户}}，本月工程师在您附近，欢迎预约巡检。",
    ),
    coupon="备件满 2000 减 200",
)
