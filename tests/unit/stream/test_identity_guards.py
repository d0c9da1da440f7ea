"""Names, birthdays and genders speak before a shared value joins; joint identifiers; what counts as a name."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tandem.stream.identity.composite import Value, derived, mask_of
from tandem.stream.identity.identifiers import canonical, masked_phone
from tandem.stream.identity.names import read_name
from tandem.stream.identity.person import Doubt, Key, Person, doubt
from tandem.stream.identity.portrait import Portrait, compare
from tandem.stream.identity.rules import Rules
from tandem.stream.identity.verdict import Findings, Pointer, judge

A, B = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def named(full: str, **more: str) -> Portrait:
    return Portrait(name=full.encode(), surname=full[0].encode(), at=NOW, **more)


def key(kind: str, number: int = 1) -> Key:
    return Key(kind, "", bytes([number]))


PHONE, ACCOUNT = key("phone"), key("online_account")


def ask(
    record: list[Key], said: Portrait | None, held: Person, *, degree: int = 0, rules: Rules | None = None
) -> Findings:
    known = {PHONE: Pointer(A, A, degree)}
    return judge([record], known, {A: held}, lambda: B, said=[said], rules=rules or Rules())


@pytest.mark.parametrize(
    ("text", "surname"),
    [
        ("王小伟", "王"), ("欧阳娜娜", "欧阳"), (" 李 丽 ", "李"), ("Anna  Maria Rossi", "rossi"),
        ("李女士", ""), ("小王", ""), ("快乐的小鱼", ""), ("王王", ""), ("豆豆妈", ""), ("sunny", ""), ("张", ""),
    ],
)  # fmt: skip
def test_only_real_names_have_a_surname(text: str, surname: str) -> None:
    name = read_name(text)
    assert name is not None
    assert name.surname == surname


@pytest.mark.parametrize("text", ["王**", "*", "  "])
def test_a_masked_name_says_nothing(text: str) -> None:
    assert read_name(text) is None


def test_another_name_on_the_same_phone_is_another_person() -> None:
    found = ask([ACCOUNT, PHONE], named("李丽"), Person(portraits=[named("王伟")]))
    assert found.created == [B]
    assert found.reviews == {(A, B): Doubt("surname", "phone", 0)}
    assert found.contested == {PHONE: 1}
    assert found.given == {ACCOUNT: (B, B)}


def test_the_same_name_joins_whatever_the_gender_says() -> None:
    found = ask(
        [ACCOUNT, PHONE], named("王伟", gender="female"), Person(portraits=[named("王伟", gender="male")]), degree=3
    )
    assert found.created == []
    assert found.given == {ACCOUNT: (A, A)}


def test_a_nickname_is_silent_and_joins_while_the_phone_is_not_known_to_be_shared() -> None:
    nickname = Portrait(name=b"momo", at=NOW)
    held = Person(portraits=[named("王伟")])
    assert ask([ACCOUNT, PHONE], nickname, held).created == []
    assert ask([ACCOUNT, PHONE], nickname, held, degree=1).reviews == {(A, B): Doubt("shared", "phone")}


def test_gender_or_birthday_alone_keep_apart_and_two_identifiers_outweigh_them() -> None:
    mail = key("email")
    held = Person(portraits=[Portrait(gender="male", at=NOW)])
    said = Portrait(gender="female", at=NOW)
    assert ask([ACCOUNT, PHONE], said, held).reviews == {(A, B): Doubt("gender", "phone", 0)}
    known = {PHONE: Pointer(A, A), mail: Pointer(A, A)}
    assert judge([[ACCOUNT, PHONE, mail]], known, {A: held}, lambda: B, said=[said]).created == []
    # The mask is read off the same number: no second witness.
    masked = key("masked_person")
    known = {PHONE: Pointer(A, A), masked: Pointer(A, A)}
    assert judge([[ACCOUNT, PHONE, masked]], known, {A: held}, lambda: B, said=[said]).created == [B]


def test_a_number_that_was_silent_for_long_and_has_another_name_changed_hands() -> None:
    long_ago = Portrait(name="王伟".encode(), surname="王".encode(), at=NOW - timedelta(days=400))
    found = ask([ACCOUNT, PHONE], named("李丽"), Person(portraits=[long_ago]))
    assert found.reviews == {(A, B): Doubt("recycled", "phone", 400)}


def test_a_tenant_may_let_names_be_silent() -> None:
    found = ask([ACCOUNT, PHONE], named("李丽"), Person(portraits=[named("王伟")]), rules=Rules(names_speak=False))
    assert found.created == []


def test_a_customer_with_too_many_accounts_gains_no_more_by_phone() -> None:
    assert ask([ACCOUNT, PHONE], None, Person(accounts=20)).reviews == {(A, B): Doubt("too_many_accounts", "phone")}
    assert ask([ACCOUNT, PHONE], None, Person(accounts=19)).reviews == {}


def test_a_record_by_phone_alone_stays_with_its_owner_unless_the_surname_differs() -> None:
    person = key("phone_person", 9)
    assert ask([person, PHONE], named("王小伟"), Person(portraits=[named("王伟")])).created == []
    assert ask([person, PHONE], named("李丽"), Person(portraits=[named("王伟")])).created == [B]


def test_a_shared_phone_is_not_counted_again_by_the_same_person() -> None:
    known = {PHONE: Pointer(A, A, 1), ACCOUNT: Pointer(B, B)}
    held = {A: Person(portraits=[named("王伟")]), B: Person(portraits=[named("李丽")])}
    found = judge([[ACCOUNT, PHONE]], known, held, lambda: B, said=[named("李丽")])
    assert found.contested == {}
    assert found.merges == {}


def test_within_one_batch_the_household_stays_two() -> None:
    ids = iter([A, B])
    records = [[key("online_account", 1), PHONE], [key("online_account", 2), PHONE], [key("online_account", 3), PHONE]]
    found = judge(records, {}, {}, lambda: next(ids), said=[named("王伟"), named("李丽"), named("王伟")])
    assert [one.customer_id for one in found.owners if one] == [A, B, A]


def test_birthdays_that_forms_fill_in_say_nothing() -> None:
    assert compare([Portrait(birthday="1990-01-01")], [Portrait(birthday="1985-05-05")]).weight == 0
    assert compare([Portrait(birthday="1990-06-01")], [Portrait(birthday="1985-05-05")]).weight < 0


def test_doubt_needs_something_said() -> None:
    assert doubt(Rules(), [(PHONE, 0)], [], Person(portraits=[named("王伟")])) is None


def test_joint_identifiers_need_a_real_name() -> None:
    values = [Value("online_account", "tmall", "x"), Value("phone", "", "+8613812345678"), Value("device", "", "d1")]
    assert list(derived(values, read_name("王伟"), "杭州市")) == [
        Value("masked_person", "", "138****5678|王|杭州"),
        Value("device_person", "", "d1|王伟"),
    ]
    assert list(derived(values, read_name("小王"), "杭州")) == []
    masked = [Value("online_account", "jd", "y"), Value("masked_phone", "", "138****5678")]
    assert list(derived(masked, read_name("王小明"), "杭州")) == [Value("masked_person", "", "138****5678|王|杭州")]
    assert list(derived(masked, read_name("王小明"), None)) == []
    by_phone = [Value("phone", "", "+8613812345678")]
    assert list(derived(by_phone, read_name("王伟"), None)) == [Value("phone_person", "", "+8613812345678|王伟")]


@pytest.mark.parametrize(
    ("text", "mask"),
    [("138****5678", "138****5678"), ("+86 138＊＊＊＊5678", "138****5678"), ("138xxxx5678", "138****5678"), ("138***5678", None), ("13812345678", None)],
)  # fmt: skip
def test_masked_numbers_have_one_spelling(text: str, mask: str | None) -> None:
    assert masked_phone(text) == mask


def test_the_mask_of_a_number() -> None:
    assert mask_of("+8613812345678") == "138****5678"
    assert mask_of("+861088886666") is None
    assert mask_of("+8521234567890") is None


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", "Li.Li+shop@Gmail.com", "lili@gmail.com"),
        ("email", "li.li@googlemail.com", "lili@gmail.com"),
        ("email", "li.li+shop@outlook.com", "li.li@outlook.com"),
        ("email", "li.li+shop@163.com", "li.li+shop@163.com"),
        ("email", "ＬＩ@ｑｑ.com", "li@qq.com"),
        ("phone", "17012345679-1234", None),
        ("phone", "17012345679转8", None),
        ("phone", "１３８１２３４５６７９", "+8613812345679"),
        ("masked_phone", "138****5678", "138****5678"),
        ("encrypted_id", "AbC=+/", "AbC=+/"),
    ],
)
def test_one_spelling_by_the_issuers_rule(kind: str, value: str, expected: str | None) -> None:
    assert canonical(kind, value) == expected
