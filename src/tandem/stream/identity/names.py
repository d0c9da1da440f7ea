"""What a name is worth: a real one speaks for or against, a nickname says nothing. Pure.

Real is what the registers would hold: a frequent surname with one or two characters, or a Latin first and last name. Everything else a
platform calls a name (小王, 李女士, 快乐的小鱼) can agree with itself and contradicts nobody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏"
    "邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞"
    "左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)  # fmt: skip
_DOUBLE: Final = frozenset(
    ("欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "东方", "司徒", "端木", "独孤", "南宫")
)  # fmt: skip
_TITLES: Final = re.compile(
    r"先生|女士|小姐|太太|老师|师傅|医生|老板|经理|妈妈|爸爸|阿姨|叔叔|同学|宝宝|[妈爸姐哥叔婶总]$"
)
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]{2,4}")
_LATIN: Final = re.compile(r"[a-z][a-z'’-]+(?: [a-z]\.?)?(?: [a-z][a-z'’-]+){1,2}")
_GIVEN_CHARACTERS_MAX: Final = 2


class PersonName(NamedTuple):
    """A name in its one spelling; `surname` is empty where it is no real name."""

    text: str
    surname: str


@lru_cache(maxsize=65536)
def read_name(said: str) -> PersonName | None:
    """The name as compared: one spelling, and its surname where it is a real one. None when it says nothing (masked, empty)."""
    text = " ".join(unicodedata.normalize("NFKC", said).casefold().split())
    if not text or "*" in text:
        return None
    closed = text.replace(" ", "").replace("·", "")
    if _CHINESE.fullmatch(closed):
        return PersonName(closed, _chinese_surname(closed))
    if _LATIN.fullmatch(text):
        return PersonName(text, text.rsplit(" ", 1)[1])
    return PersonName(text, "")


def _chinese_surname(text: str) -> str:
    if _TITLES.search(text):
        return ""
    length = 2 if text[:2] in _DOUBLE and len(text) > 2 else 1
    given = text[length:]
    is_real = 0 < len(given) <= _GIVEN_CHARACTERS_MAX and (length == 2 or text[0] in _SURNAMES) and text[0] not in given
    return text[:length] if is_real else ""
