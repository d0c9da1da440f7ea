"""One spelling for every identifier; placeholders name nobody."""

import pytest

from tandem.stream.identity.identifiers import Malformed, canonical, last_four


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("phone", "13912340001", "+8613912340001"),
        ("phone", "+86 139-1234-0001", "+8613912340001"),
        ("phone", "0086 139 1234 0001", "+8613912340001"),
        ("phone", "１３９１２３４０００１", "+8613912340001"),
        ("phone", "(010) 8888-6666", "+861088886666"),
        ("phone", "+44 20 7946 0958", "+442079460958"),
        ("phone", "13800138000", None),
        ("phone", "138****5678", None),
        ("phone", "00000000000", None),
        ("phone", "无", None),
        ("email", "Anna.Smith+x@Example.COM", "anna.smith+x@example.com"),
        ("email", "ａｎｎａ＠ｆｏｏ．ｃｎ", "anna@foo.cn"),
        ("email", "test@test.com", None),
        ("email", "a***@qq.com", None),
        ("member_no", " vip００１ ", "VIP001"),
        ("member_no", "0000000000", None),
        ("union_id", "oAbC_9x", "oAbC_9x"),
        ("open_id", "N/A", None),
        ("device", "AA-BB-CC", "aa-bb-cc"),
        ("device", "00000000-0000-0000", None),
    ],
)
def test_canonical(kind: str, value: str, expected: str | None) -> None:
    assert canonical(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "abc"),
        ("phone", "12"),
        ("phone", "1380013"),
        ("phone", "+86 138 0013 800"),
        ("phone", "62345678"),
        ("email", "anna"),
        ("email", "a@b"),
        ("email", "=?utf-8?q?victim=40evil.com=2c?=x@good.com"),
        ("phone", "'; drop table customer; --"),
    ],
)
def test_malformed(kind: str, value: str) -> None:
    with pytest.raises(Malformed) as caught:
        canonical(kind, value)
    assert caught.value.zh
    assert str(caught.value)


def test_last_four_never_shows_most_of_a_short_value() -> None:
    assert last_four("+8613912340001") == "0001"
    assert last_four("VIP7") == "P7"
    assert last_four("X") == ""
