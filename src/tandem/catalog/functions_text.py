"""Functions of texts, with Chinese in mind."""

from __future__ import annotations

from typing import Final

from tandem.catalog import function_python as py
from tandem.catalog.function_type import Function
from tandem.catalog.label import Label
from tandem.catalog.value_types import BOOL, NUMBER, TEXT, list_of

TEXTS: Final[list[Function]] = [
    Function(
        name="lower",
        params=(TEXT,),
        result=TEXT,
        sql='lower({0} collate "C")',
        python=py.lower,
        help=Label("英文字母转小写", "Latin letters a-z in lower case"),
        example="lower(customer.level) = 'vip'",
    ),
    Function(
        name="upper",
        params=(TEXT,),
        result=TEXT,
        sql='upper({0} collate "C")',
        python=py.upper,
        help=Label("英文字母转大写", "Latin letters a-z in upper case"),
        example="upper(customer.level) = 'VIP'",
    ),
    Function(
        name="length",
        params=(TEXT,),
        result=NUMBER,
        sql="length({0})::numeric",
        python=py.length,
        help=Label("字符数", "the number of characters"),
        example="length(customer.city) = 2",
    ),
    Function(
        name="concat",
        params=(TEXT, TEXT),
        result=TEXT,
        sql="({args||})",
        python=py.concat,
        variadic=True,
        help=Label("连接文本", "texts joined"),
        example="concat(customer.city, customer.district) = '上海浦东'",
    ),
    Function(
        name="size",
        params=(list_of(TEXT),),
        result=NUMBER,
        sql="cardinality({0})::numeric",
        python=py.length,
        help=Label("列表元素个数", "how many items a list has"),
    ),
    Function(
        name="half_width",
        params=(TEXT,),
        result=TEXT,
        sql="translate({0}, {@full_width}, {@half_width})",
        python=py.half_width,
        help=Label("全角字母、数字、符号转半角", "full-width letters, digits and signs as ordinary ones"),
        example="half_width('ＶＩＰ１') = 'VIP1'",
    ),
    Function(
        name="fold",
        params=(TEXT,),
        result=TEXT,
        sql='lower(translate({0}, {@full_width}, {@half_width}) collate "C")',
        python=py.fold,
        help=Label("统一全角半角与英文大小写", "one form of texts that differ in width or case only"),
        example="fold(customer.city) = 'shanghai'",
    ),
    Function(
        name="mentions",
        params=(TEXT, TEXT),
        result=BOOL,
        sql=(
            '(strpos(lower(translate({0}, {@full_width}, {@half_width}) collate "C"),'
            ' lower(translate({1}, {@full_width}, {@half_width}) collate "C")) > 0)'
        ),
        python=py.mentions,
        help=Label(
            "是否包含（不分全角半角与大小写）", "does a text contain another, whatever the width and case of letters"
        ),
        example="mentions(customer.level, 'vip')",
    ),
    Function(
        name="trim",
        params=(TEXT,),
        result=TEXT,
        sql="btrim({0}, {@spaces})",
        python=py.trim,
        help=Label("去掉首尾空白（含全角空格）", "without spaces at both ends, full-width ones too"),
        example="trim(customer.city) = '上海'",
    ),
    Function(
        name="left",
        params=(TEXT, NUMBER),
        result=TEXT,
        sql="left({0}, {1}::integer)",
        python=py.left,
        constant=(1,),
        constant_min=0,
        help=Label("开头若干个字符", "so many characters from the beginning"),
        example="left(customer.district, 2) = '浦东'",
    ),
    Function(
        name="right",
        params=(TEXT, NUMBER),
        result=TEXT,
        sql="right({0}, {1}::integer)",
        python=py.right,
        constant=(1,),
        constant_min=0,
        help=Label("末尾若干个字符", "so many characters from the end"),
        example="right(customer.city, 1) = '市'",
    ),
    Function(
        name="initials",
        params=(TEXT,),
        result=TEXT,
        sql="translate({0}, {@pinyin_characters}, {@pinyin_letters})",
        python=py.initials,
        cost="moderate",
        help=Label(
            "常用汉字换成拼音首字母，其余不变", "common Chinese characters as the first letters of their pinyin"
        ),
        note=Label(
            "多音字取最常见读音（重庆作 zq）", "A character of several readings takes the commonest (重庆 gives zq)"
        ),
        example="initials(customer.city) starts with 's'",
    ),
]
