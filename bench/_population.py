"""A seeded population of people and their accounts on twenty platforms, with the faults that real identifiers have.

People have 1 + Poisson(1.2) accounts, six at most. An account shows its platform id always, a phone 70 %, an e-mail 35 %, a union id 30 %,
a device 40 % of the time. A value is shared with somebody of the household by 2 % (phone; e-mail half of it, device twice), belongs to a
stranger by 0.5 % (e-mail half), is one of five placeholders by 0.2 %. Beside it: a name (60 % real, 30 % nickname, 10 % none), city and
district (80 %), gender (50 %), birthday (15 %); half of the phones of marketplace accounts are masked.

Harder than that description where life is: people of one household live in one district and 45 % of them share the surname; 3 % of the
shown districts, 2 % of the genders and birthdays are wrong; some nicknames look like names, and some birthdays are a form's default.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PLATFORMS = 20
MARKETPLACES = 8
"""Platforms 0 to 7 mask half of the phones: four domestic marketplaces, two live-stream shops, two cross-border ones."""
PLACEHOLDERS = ("13800138000", "13800000000", "13888888888", "18888888888", "12345678901")

#: Surnames in the order of the registers, with per-mille shares of the forty most frequent; the rest share what is left, falling.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余"
    "叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"
)  # fmt: skip
_SHARES = (
    72, 70, 67, 51, 46, 32, 24, 22, 20, 20, 16, 15, 13, 12, 12, 11, 11, 11, 10, 9.5, 9.3, 8.5, 7.6, 7.4, 7.1, 6.9, 6.6, 6.5, 6.4, 6.2,
    5.8, 5.7, 5.5, 5.3, 5.2, 5.1, 5.0, 4.9, 4.8, 4.6,
)  # fmt: skip
_MALE = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳建国志文海峰云东成博天子家晨泽瑞轩昊然睿铭思远嘉祥永庆春德振荣光正学清一昌胜新民义兴良仁松才武利毅雄中大元福生全安绍功世广立达友裕河哲江彪"
_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂英红梅兰莉萍云雪琳倩婷慧颖洁佳琪欣怡雅诗梦瑶涵紫若彤妍萱晓文思宇璐媛月菲露岚凤珍贞爱香淑惠珠翠巧美华春菊娥秋珊莎锦黛青荷枝馨茜蕊凝芸蓉眉君琴薇丹蓓勤荣飘育滢馥筠柔竹霭凡"
_NICKNAMES = (
    "快乐的小鱼", "小王", "Lily", "星空", "阿花", "豆豆妈", "平安是福", "sunny", "风", "一米阳光", "老张", "吃货一枚", "江南", "高兴", "momo",
    "笑看人生", "宝妈小李", "随缘", "Kevin", "晚风", "李女士", "不吃香菜", "云淡风轻", "小太阳", "花开富贵", "余生", "暖阳", "Tina", "大熊", "甜甜圈",
)  # fmt: skip


@dataclass(frozen=True)
class Population:
    """Accounts as columns, in order of arrival. `person` is the truth; -1 or "" where an account does not show the thing."""

    person: npt.NDArray[np.int64]
    platform: npt.NDArray[np.int64]
    phone: npt.NDArray[np.int64]
    """A number's index; below -1 a placeholder (-2 - its place)."""
    masked: npt.NDArray[np.bool_]
    email: npt.NDArray[np.int64]
    union: npt.NDArray[np.int64]
    device: npt.NDArray[np.int64]
    name: list[str]
    city: npt.NDArray[np.int64]
    district: npt.NDArray[np.int64]
    gender: npt.NDArray[np.int64]
    birthday: npt.NDArray[np.int64]
    """Days since 1950."""

    def __len__(self) -> int:
        return len(self.person)

    def phone_text(self, row: int) -> str:
        """The number as its platform shows it, or nothing."""
        index = int(self.phone[row])
        if index == -1:
            return ""
        text = PLACEHOLDERS[-2 - index] if index < -1 else number_of(index)
        return f"{text[:3]}****{text[7:]}" if self.masked[row] else text


def number_of(index: int) -> str:
    """A mobile number for an index: spread over prefixes and last digits as real ones are."""
    mixed = (index * 7_368_787 + 12_345) % 1_000_000_007
    return f"1{(35, 36, 37, 38, 39, 50, 51, 52, 58, 59, 77, 81, 82, 86, 87, 88, 89, 99, 73, 76)[index % 20]}{mixed % 100_000_000:08d}"


def generate(people: int, seed: int) -> Population:
    """The population of that many people."""
    dice = np.random.default_rng(seed)
    truth = _people(dice, people)
    counts = np.minimum(1 + dice.poisson(1.2, people), 6)
    person = np.repeat(np.arange(people), counts)
    platform = np.concatenate([dice.permutation(PLATFORMS)[:count] for count in counts])
    order = dice.permutation(len(person))
    return _accounts(dice, person[order], platform[order], truth)


@dataclass(frozen=True)
class _Truth:
    surname: npt.NDArray[np.str_]
    given: npt.NDArray[np.str_]
    gender: npt.NDArray[np.int64]
    birthday: npt.NDArray[np.int64]
    city: npt.NDArray[np.int64]
    district: npt.NDArray[np.int64]
    partner: npt.NDArray[np.int64]


def _falling(dice: np.random.Generator, options: int, size: int, exponent: float) -> npt.NDArray[np.int64]:
    weights = 1.0 / np.arange(1, options + 1) ** exponent
    return dice.choice(options, size, p=weights / weights.sum())


def _people(dice: np.random.Generator, n: int) -> _Truth:
    weights = np.array([*_SHARES, *np.linspace(4.5, 0.9, len(_SURNAMES) - len(_SHARES))])
    surname = np.array(list(_SURNAMES))[dice.choice(len(_SURNAMES), n, p=weights / weights.sum())]
    gender = dice.integers(0, 2, n)
    city = _falling(dice, 40, n, 0.7)
    district = city * 12 + dice.integers(0, 12, n)
    birthday = dice.integers(0, 365 * 58, n)
    partner = dice.permutation(n)
    # Whoever shares something lives where the other lives, and may carry the same surname.
    home = dice.random(n) < 0.08
    city[home], district[home] = city[partner[home]], district[partner[home]]
    kin = home & (dice.random(n) < 0.45)
    surname[kin] = surname[partner[kin]]
    return _Truth(surname, _given(dice, gender), gender, birthday, city, district, np.where(home, partner, -1))


def _given(dice: np.random.Generator, gender: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    male, female = np.array(list(_MALE)), np.array(list(_FEMALE))
    n = len(gender)

    def draw(exponent: float) -> npt.NDArray[np.str_]:
        return np.where(
            gender == 0, male[_falling(dice, len(male), n, exponent)], female[_falling(dice, len(female), n, exponent)]
        )

    first, second = draw(0.35), draw(0.35)
    return np.where(dice.random(n) < 0.14, first, np.char.add(first, second))


def _accounts(
    dice: np.random.Generator, person: npt.NDArray[np.int64], platform: npt.NDArray[np.int64], truth: _Truth
) -> Population:
    n, people = len(person), len(truth.surname)
    partner = truth.partner
    household = dice.random(people) / 0.08
    """Below 0.02 / 0.08 somebody uses the phone of the household, and so on; only those who live together can."""

    def value(share: float, stranger: float, shows: float, *, placeholder: bool) -> npt.NDArray[np.int64]:
        # Drawn anew per kind, as a family may share a tablet and no phone.
        shared = (partner >= 0) & (dice.random(people) * 0.08 < share)
        owner = np.where(shared, partner, np.arange(people))[person]
        strange = dice.random(n) < stranger
        owner = np.where(strange, dice.integers(0, people, n), owner)
        if placeholder:
            owner = np.where(dice.random(n) < 0.002, -2 - dice.integers(0, 5, n), owner)
        return np.where(dice.random(n) < shows, owner, -1)

    del household
    phone = value(0.02, 0.005, 0.70, placeholder=True)
    place = dice.random(n) < 0.80
    wrong = dice.random(n) < 0.03
    city = np.where(wrong, _falling(dice, 40, n, 0.7), truth.city[person])
    district = np.where(wrong, city * 12 + dice.integers(0, 12, n), truth.district[person])
    gender = np.where(dice.random(n) < 0.02, 1 - truth.gender[person], truth.gender[person])
    birthday = np.where(dice.random(n) < 0.01, dice.integers(0, 365 * 58, n), truth.birthday[person])
    birthday = np.where(dice.random(n) < 0.01, 14610, birthday)  # 1990-01-01, what a form fills in
    roll = dice.random(n)
    nicknames = np.array(_NICKNAMES)[dice.integers(0, len(_NICKNAMES), n)]
    real = np.char.add(truth.surname[person], truth.given[person])
    name = np.where(roll < 0.6, real, np.where(roll < 0.9, nicknames, ""))
    return Population(
        person=person,
        platform=platform,
        phone=phone,
        masked=(platform < MARKETPLACES) & (dice.random(n) < 0.5) & (phone != -1),
        email=value(0.01, 0.0025, 0.35, placeholder=False),
        union=np.where(dice.random(n) < 0.30, person, -1),
        device=value(0.04, 0.005, 0.40, placeholder=True),
        name=[str(one) for one in name],
        city=np.where(place, city, -1),
        district=np.where(place, district, -1),
        gender=np.where(dice.random(n) < 0.50, gender, -1),
        birthday=np.where(dice.random(n) < 0.15, birthday, -1),
    )
