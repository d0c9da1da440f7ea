"""Words that China's advertising law and the platforms' rules forbid, to begin with. Each company adds and takes away its own."""

from typing import Final

_FORBIDDEN: Final = """
国家级 世界级 全球级 宇宙级 最高级 顶级 极品 终极 巅峰 最佳 最优 最好 最大 最低价 最便宜 最先进 最受欢迎 全网第一 销量第一 行业第一
第一品牌 唯一 独一无二 绝无仅有 史无前例 前无古人 空前绝后 万能 永久 百分百 绝对有效 彻底根治 根治 包治 药到病除 无副作用 零风险
稳赚不赔 保本保息 国家领导人推荐 国宴专用 特供 驰名商标 祖传秘方 立竿见影 再不抢就没了 全民免单 点击领奖 恭喜获奖
"""
ADVERTISING: Final = tuple(_FORBIDDEN.split())
