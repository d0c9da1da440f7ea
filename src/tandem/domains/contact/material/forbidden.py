"""Words that advertising must not use, as data: what the law names (广告法 第九条) and words of the same kind."""

from __future__ import annotations

import unicodedata
from typing import Final

from tandem.kernel.errors import Detail

WORDS: Final = (
    "国家级", "最高级", "最佳", "最好", "最低价", "最便宜", "最先进", "第一品牌", "全国第一", "全网第一", "销量第一", "顶级", "极品", "绝无仅有",
    "史无前例", "万能", "根治", "包治", "百分百有效", "100%有效", "无副作用", "特效药", "国家领导人", "国旗",
)  # fmt: skip


def forbidden(where: str, text: str) -> list[Detail]:
    """Each word of a text that must not be there."""
    said = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return [
        Detail(where, f"含有广告禁用词“{word}”", f"the word {word!r} must not be used in advertising")
        for word in WORDS
        if word.casefold() in said
    ]
