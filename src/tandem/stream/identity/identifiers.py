"""One spelling for every identifier, and what each kind is worth. Pure.

Strengths and guards follow measurements on a population of 330,000 people with shared, recycled and placeholder values: exact joins
reach a precision of 0.44 without the junk list and 0.90 with it; a device must never join by itself.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import phonenumbers

STRONG: Final = (
    "union_id", "open_id", "member_no", "encrypted_id", "online_account", "phone_person", "phone", "email", "masked_person", "device_person",
)  # fmt: skip
"""Kinds that join, strongest first: the first one of a record says which history a record belongs to after an undo."""

WEAK: Final = frozenset({"device", "masked_phone"})
"""Kinds that only suggest: a family shares a tablet, eighty people a masked number."""

UNIQUE: Final = frozenset({"union_id", "member_no"})
"""Kinds of which a person has one per scope: two values contradict, and veto a merge."""

SCOPED: Final = frozenset({"union_id", "open_id", "encrypted_id"})
"""Kinds that mean nothing without whose they are: a union id belongs to a binding, an open id to an app, an encrypted buyer to a shop."""

BASIS: Final = {"masked_person": "phone", "phone_person": "phone"}
"""Kinds that rest on another: they are no second witness beside it."""

RANK: Final = {kind: rank for rank, kind in enumerate(STRONG)}

DOTLESS: Final = frozenset({"gmail.com"})
"""Providers for whom dots before the @ mean nothing."""

TAGGED: Final = frozenset(
    {"gmail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "fastmail.com", "proton.me", "protonmail.com"}
)  # fmt: skip
"""Providers who deliver `name+anything@` to `name@`; with others the plus may be somebody else's name."""

DOMAIN_ALIASES: Final = {"googlemail.com": "gmail.com"}
"""Two names of one mailbox."""

_HOME: Final = "CN"
_HOME_CODE: Final = 86
_MOBILE: Final = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_EMAIL: Final = re.compile(
    # "=?" begins an encoded word: a mail program would read other addresses out of it.
    r"(?!.*=\?)[^\s@<>()\[\],;:\"\\]{1,64}@[a-z0-9\u0080-\uffff](?:[a-z0-9\u0080-\uffff.-]{0,251})\.[a-z\u0080-\uffff][a-z0-9\u0080-\uffff-]+"
)
_SEPARATORS: Final = str.maketrans("", "", " \t\r\n\u00a0\u3000-‐‑–—().·")
_PLACEHOLDERS: Final = frozenset(
    {
        "null", "none", "nil", "nan", "n/a", "na", "undefined", "unknown", "test", "anonymous", "guest", "default",
        "无", "没有", "未知", "暂无", "匿名", "-", "--", "0", "00", "000", "0000", "00000000",
    },
)  # fmt: skip
_JUNK_PHONES: Final = frozenset(
    f"+86{number}"
    for number in (
        "13800138000", "13800138001", "13800000000", "13900000000", "13912345678", "13812345678", "13612345678", "13712345678",
        "13512345678", "15012345678", "15812345678", "18812345678", "18612345678", "13000000000", "15000000000", "18000000000",
        "13111111111", "13333333333", "13666666666", "13888888888", "13999999999", "15555555555", "15888888888", "18888888888",
        "13123456789", "12345678901", "13012345678", "17012345678", "17612345678", "19912345678",
    )
)  # fmt: skip
_JUNK_LOCAL_PARTS: Final = frozenset(
    {"test", "noreply", "no-reply", "none", "null", "na", "a", "aa", "aaa", "abc", "xxx", "123", "admin", "info"}
)
_JUNK_DOMAINS: Final = frozenset(
    {"example.com", "example.org", "test.com", "abc.com", "none.com", "xxx.com", "a.com", "localhost"}
)


class Malformed(ValueError):
    """A value cannot be one of its kind. Carries the sentence in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@lru_cache(maxsize=65536)
def canonical(kind: str, value: str) -> str | None:
    """The one spelling of a value, or None when it names nobody: a placeholder, a masked number.

    Full-width digits and letters become ordinary ones; phones become E.164 with China as home; e-mail addresses lower case. Case of
    platform ids is kept, since platforms distinguish it. Raises Malformed for what cannot be a phone number or an e-mail address.
    """
    plain = value if value.isascii() else unicodedata.normalize("NFKC", value)
    plain = plain.strip()
    if not plain or plain.lower() in _PLACEHOLDERS:
        return None
    spell = _SPELLING.get(kind)
    return plain if spell is None else spell(plain)


_NATIONAL_DIGITS_MIN: Final = 7
_EXTENSION: Final = re.compile(r"1\d{10}\s*(?:转|[-_,，#]|ext\.?)\s*\d{1,4}", re.IGNORECASE)
"""A privacy number with the extension that a marketplace lends per order: another buyer has it next month."""
_MASKED: Final = re.compile(r"(?:\+?86|0086)?(1[3-9]\d)[*x•]{4}(\d{4})", re.IGNORECASE)


def masked_phone(value: str) -> str | None:
    """A masked mobile number in its one spelling (`138****5678`); None for what is none."""
    plain = unicodedata.normalize("NFKC", value).translate(_SEPARATORS)
    found = _MASKED.fullmatch(plain)
    return f"{found[1]}****{found[2]}" if found else None


def _phone(text: str) -> str | None:
    if "*" in text or "＊" in text or _EXTENSION.fullmatch(text):
        return None
    mobile = _MOBILE.fullmatch(text) or _MOBILE.fullmatch(text.translate(_SEPARATORS))
    number = f"+86{mobile[1]}" if mobile else _other_phone(text)
    return (
        None
        if number is None or number in _JUNK_PHONES or _is_run_of_one(number.lstrip("+").removeprefix("86")[1:])
        else number
    )


def _other_phone(text: str) -> str | None:
    digits = text.translate(_SEPARATORS).lstrip("+")
    if digits.isdigit() and (_is_run_of_one(digits) or (len(digits) > 5 and digits in "01234567890123456789")):
        return None
    try:
        parsed = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException as error:
        raise Malformed("不是电话号码", "not a phone number") from error
    # A short number that any till might type by habit (12345, 10086) would make one person of many customers.
    if not phonenumbers.is_possible_number(parsed) or len(str(parsed.national_number)) < _NATIONAL_DIGITS_MIN:
        raise Malformed("电话号码位数不对", "a phone number of impossible length")
    # At home a number must be one that exists: with digits missing, or a landline's without its area code, it is several people's.
    if parsed.country_code == _HOME_CODE and not phonenumbers.is_valid_number(parsed):
        raise Malformed(
            "不是有效的号码：手机号为 11 位，固话请带区号",
            "no valid number: mobiles have 11 digits, landlines an area code",
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str | None:
    address = text.lower()
    if "*" in address:
        return None
    if not _EMAIL.fullmatch(address):
        raise Malformed("不是电子邮箱地址", "not an e-mail address")
    local, _, domain = address.rpartition("@")
    if domain in _JUNK_DOMAINS and local in _JUNK_LOCAL_PARTS:
        return None
    return None if local in {"noreply", "no-reply", "null", "none"} else _mailbox(local, domain)


def _mailbox(local: str, domain: str) -> str:
    """The mailbox that an address is delivered to, by the provider's rule."""
    domain = DOMAIN_ALIASES.get(domain, domain)
    if domain in TAGGED:
        local = local.partition("+")[0] or local
    if domain in DOTLESS:
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


def _is_run_of_one(text: str) -> bool:
    return len(text) > 3 and len(set(text)) == 1


def last_four(value: str) -> str:
    """What a person may see of a sealed value: its last four characters, fewer of a short one so that it stays hidden."""
    return value[-4:] if len(value) >= 8 else value[-(len(value) // 2) :] if len(value) > 1 else ""


_SPELLING: Final[dict[str, Callable[[str], str | None]]] = {
    "phone": _phone,
    "email": _email,
    "masked_phone": masked_phone,
    "member_no": lambda text: None if _is_run_of_one(text) else text.upper(),
    "device": lambda text: None if _is_run_of_one(text.translate(_SEPARATORS)) else text.lower(),
}
