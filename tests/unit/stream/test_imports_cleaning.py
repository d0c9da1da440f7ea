"""Does each cleaning rule make one spelling of many, and leave alone what it does not understand?"""

import pytest

from tandem.stream.imports import cleaning
from tandem.stream.imports.fields import guess
from tandem.stream.imports.regions import Place, split_address
from tandem.stream.imports.rows import Line

USUAL = frozenset(cleaning.USUAL)


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("name", "　李\u200b  丽\u00a0 ", "李 丽"),
        ("name", "ＡＢＣ１２３", "ABC123"),
        ("phone", "138 0013 8001", "138 0013 8001"),
        ("phone", "１３７-１２３４-０００１", "+8613712340001"),
        ("phone", "电话", "电话"),
        ("email", "Li＠MAIL，cn ", "li@mail.cn"),
        ("amount", "￥1,234.50元", "1234.50"),
        ("total", "1.25万", "12500"),
        ("total", "3w", "30000"),
        ("total", "0.00012万", "1.2"),
        ("total", "约三千", "约三千"),
        ("quantity", "3 件", "3"),
        ("quantity", "1,200盒", "1200"),
        ("city", "上海市", "上海"),
        ("city", "沙市", "沙市"),
        ("birthday", "1990-01-02", "1990-01-02"),
    ],
)
def test_a_cell_is_cleaned(field: str, before: str, after: str) -> None:
    assert cleaning.clean(USUAL, field, before) == after
    assert cleaning.clean(USUAL, field, after) == after
    assert cleaning.clean(frozenset(), field, before) == before


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("广东省深圳市南山区粤海街道", Place("广东", "深圳", "南山区")),
        ("上海市浦东新区世纪大道1号", Place("上海", "上海", "浦东新区")),
        ("北京 朝阳区 建国路", Place("北京", "北京", "朝阳区")),
        ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市", Place("新疆", "伊犁哈萨克自治州", "伊宁市")),
        ("江苏省苏州市昆山市", Place("江苏", "苏州", "昆山市")),
        ("内蒙古呼和浩特市新城区", Place("内蒙古", "呼和浩特", "新城区")),
        ("某某路 3 号", Place()),
        ("", Place()),
    ],
)
def test_an_address_is_taken_apart(address: str, place: Place) -> None:
    assert split_address(address) == place


def test_an_address_fills_city_and_district_and_overwrites_neither() -> None:
    lines = [Line(2, ["13712340001", "浙江省杭州市西湖区", "宁波"])]
    mapping, cleaned = cleaning.clean_lines(USUAL, {"phone": 0, "address": 1, "city": 2}, lines)
    assert cleaned[0].get(mapping, "city") == "宁波"
    assert cleaned[0].get(mapping, "district") == "西湖区"
    assert lines[0].cells[0] == "13712340001"


def test_columns_without_telling_names_are_guessed_by_what_stands_in_them() -> None:
    sample = [["13712340001", "1990-01-02", "李丽", "男", "x"], ["137 1234 0002", "1985/3/4", "王强", "女", ""]]
    assert guess("customer", ["a", "b", "c", "d", "e"], sample) == {"phone": 0, "birthday": 1, "name": 2, "gender": 3}
    orders = [["A1", "2026-10-01 10:00", "¥12.50"], ["A2", "2026-10-02 11:00", "8.00"]]
    assert guess("order", ["x", "y", "z"], orders) == {"placed_at": 1, "amount": 2}
