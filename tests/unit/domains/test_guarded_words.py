"""Are words found through the disguises people use, and left alone where they are something else?"""

import pytest

from tandem.domains.messaging.words.matching import Guard, Level, Word, worst, writings

GUARD = Guard(
    [
        Word("微信"), Word("加群"), Word("最好", "warn"), Word("vx"), Word("绿茶"), Word("168"), Word("第一"), Word("免费领"),
        Word("企业微信", "allow"), Word("红包", pinyin=False),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("请加微信", "微信", "微信"),
        ("加 微 信 吧", "微信", "微 信"),
        ("微.信 微-信", "微信", "微.信"),
        ("微❤️信", "微信", "微❤️信"),
        ("微\u200b信", "微信", "微\u200b信"),
        ("加wei信", "微信", "wei信"),
        ("微xin号", "微信", "微xin"),
        ("ＷＥＩ信", "微信", "ＷＥＩ信"),
        ("w e i x i n", "微信", "w e i x i n"),
        ("wēi xìn", "微信", "wēi xìn"),
        ("wеi信", "微信", "wеi信"),
        ("lü茶", "绿茶", "lü茶"),
        ("lv茶", "绿茶", "lv茶"),
        ("加羣", "加群", "加羣"),
        ("免費領", "免费领", "免費領"),
        ("ＶＸ：123", "vx", "ＶＸ"),
        ("𝐕-𝐗 123", "vx", "𝐕-𝐗"),
        ("电话１６８", "168", "１６８"),
        ("第㊀品牌", "第一", "第㊀"),
    ],
)
def test_disguises_are_seen_through(text: str, word: str, found: str) -> None:
    hit = next(one for one in GUARD.find(text) if one.word == word)
    assert (hit.found, text[hit.start : hit.end], hit.level) == (found, found, "block")


@pytest.mark.parametrize(
    "text",
    [
        "用企业微信联系我们", "convxe", "kweixin", "weixing street", "1680 元", "订单 21688", "信 微", "hong包", "第 二", "", "。。。",
        "我的企业 微信号",
    ],
)  # fmt: skip
def test_what_is_something_else_is_left_alone(text: str) -> None:
    assert GUARD.find(text) == []


def test_two_clauses_that_meet_are_noted_and_stop_nobody() -> None:
    for text in ("谢谢微，信任我们", "见微\n信里说", "知微！信"):
        assert [(one.word, one.level) for one in GUARD.find(text)] == [("微信", "warn")], text
    # A sign that ends no clause is a disguise, with or without one that does.
    assert GUARD.find("微*，信")[0].level == "block"


def test_homophones_are_noted_where_a_word_says_so() -> None:
    guard = Guard([Word("微信", homophones=True), Word("加群"), Word("威信很高", "allow")])
    assert [(one.word, one.level, one.found) for one in guard.find("加威 信哦")] == [("微信", "warn", "威 信")]
    assert [(one.word, one.level) for one in guard.find("微信")] == [("微信", "block")], (
        "itself is found once, as strictly as ever"
    )
    for text in ("威信很高", "家群", "喂信", "威，信"):
        assert guard.find(text) == [], text


def test_the_worst_decides_and_each_place_is_told_once() -> None:
    hits = GUARD.find("最好的wei信，微信")
    assert [(one.word, one.level) for one in hits] == [("最好", "warn"), ("微信", "block"), ("微信", "block")]
    decided = worst(hits)
    assert decided is not None
    assert decided.word == "微信"
    assert worst([]) is None
    assert Guard([]).find("微信") == []


@pytest.mark.parametrize(("inner", "wanted"), [("allow", []), ("warn", ["企业微信", "微信"])])
def test_only_what_is_allowed_hides_what_stands_in_it(inner: Level, wanted: list[str]) -> None:
    guard = Guard([Word("微信"), Word("企业微信", inner)])
    assert [one.word for one in guard.find("企业微信")] == wanted


def test_long_words_are_spelt_in_few_ways_and_still_found() -> None:
    for word, most in (("祖传秘方", 30), ("再不抢就没了", 30), ("行行行行行行", 50), ("国家领导人推荐", 1)):
        assert len(writings(Word(word))) <= most, word
    guard = Guard([Word("祖传秘方"), Word("再不抢就没了")])
    for text in ("zu传mi方", "祖传秘fang", "zuchuanmifang", "再不qiang就没了", "zaibuqiangjiumeile"):
        assert len(guard.find(text)) == 1, text
