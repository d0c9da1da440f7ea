"""What an outside payload means, said as data: which records it holds, and where each of their fields stands. Pure.

    {"each": "orders", "rules": [{
        "when": {"path": "type", "equals": ["trade_paid"]}, "kind": "order", "external_id": "tid",
        "time": {"path": "paid", "as": "seconds"},
        "fields": {"order_id": {"path": "tid"}, "total": {"path": "payment", "as": "cents"},
                   "identifiers[0].kind": {"value": "phone"}, "identifiers[0].value": {"path": "buyer.mobile"},
                   "lines": {"each": "items", "fields": {"product_id": {"path": "sku"}, ...}}}}]}

A path is read in the record (an item of `each`), or in the whole body where it begins with `$`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, cast
from zoneinfo import ZoneInfo

import msgspec

from tandem.stream.door.kinds import Refused
from tandem.stream.imports.cleaning import ONCE, STRICT, USUAL
from tandem.stream.sources.paths import BadPath, parse_path, read, write
from tandem.stream.sources.tidy import Change, tidy

RECORDS_MAX: Final = 5000
FIELDS_MAX: Final = 200
RULES_MAX: Final = 50
DEPTH_MAX: Final = 3
DIGITS_MAX: Final = 30
SPELLING: Final = tuple(name for name in USUAL if name not in {ONCE, STRICT})
"""The cleaning rules that are about how a value is spelt; redelivery and refusal are the door's own."""

Cast = Literal["as_is", "text", "number", "cents", "time", "seconds", "milliseconds", "local_time", "date", "boolean"]
Path = Annotated[str, msgspec.Meta(max_length=300)]


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"as_": "as"}):
    """Where one value comes from: a path, a constant, or a list.

    `words` translates the platform's words into ours; `default` fills gaps.
    """

    path: Path | None = None
    value: Any = None
    as_: Cast = "as_is"
    words: dict[str, Any] = {}
    default: Any = None
    each: Path | None = None
    fields: dict[Path, Field] = {}


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on one value. Without `equals`: something stands there."""

    path: Path
    equals: list[str | int | bool] = []

    def holds(self, item: Any, whole: Any) -> bool:
        """Whether it holds for a record."""
        found = _at(item, whole, self.path)
        return found is not None if not self.equals else found in self.equals


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of record is read. Without `time` it happened when it came; without `external_id` it is the delivery's one record."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    fields: dict[Path, Field]
    when: When | None = None
    external_id: Field | Path | None = None
    time: Field | Path | None = None


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source's mapping. The first rule that fits a record reads it; `skip_others` passes over what no rule fits.

    `cleaning`: names of the rules of files' cleaning that values are spelt by; those that are usual where nobody chose.
    """

    rules: Annotated[list[Rule], msgspec.Meta(min_length=1, max_length=RULES_MAX)]
    each: Path | None = None
    skip_others: bool = False
    cleaning: list[str] = msgspec.field(default_factory=lambda: list(SPELLING))


@dataclass(frozen=True, slots=True)
class Mapped:
    """One record read out of a payload. `place` is its number in the payload; `payload` is JSON-able."""

    place: int
    kind: str
    external_id: str | None
    time: datetime | None
    payload: dict[str, Any]
    changes: tuple[Change, ...] = ()
    """What cleaning spelt otherwise."""


def mapping_of(plain: Any) -> Mapping:
    """A mapping from JSON values. Raises msgspec.ValidationError for its shape, Refused for paths that are none and for limits."""
    mapping = msgspec.convert(plain, Mapping)
    _check_path("each", mapping.each)
    if strange := sorted(set(mapping.cleaning) - set(SPELLING)):
        known = ", ".join(SPELLING)
        raise Refused(
            "cleaning",
            f"没有清洗规则 {strange[0]}，可用：{known}",
            f"no cleaning rule {strange[0]}; there are: {known}",
        )
    for number, rule in enumerate(mapping.rules):
        where = f"rules[{number}]"
        _check_path(f"{where}.when.path", rule.when.path if rule.when else None)
        for name, one in (("external_id", rule.external_id), ("time", rule.time)):
            _check_field(f"{where}.{name}", one, 1)
        _check_fields(f"{where}.fields", rule.fields, 1)
    return mapping


def apply(mapping: Mapping, body: Any, zone: str) -> Iterator[Mapped | Refused]:
    """Read a payload. What is wrong with one record is given in its place and spoils no other; times without zone are `zone`'s."""
    items: Any = [body] if mapping.each is None else read(body, mapping.each)
    if not isinstance(items, list):
        yield Refused(mapping.each or "", f"{mapping.each} 处不是列表", f"there is no list at {mapping.each}")
        return
    listed = cast("list[Any]", items)
    if len(listed) > RECORDS_MAX:
        yield Refused(mapping.each or "", f"最多 {RECORDS_MAX} 条", f"at most {RECORDS_MAX} records")
        return
    cleaning = frozenset(mapping.cleaning)
    for place, item in enumerate(listed):
        rule = next((one for one in mapping.rules if one.when is None or one.when.holds(item, body)), None)
        if rule is not None:
            yield _read_record(rule, place, item, body, ZoneInfo(zone), cleaning)
        elif not mapping.skip_others:
            yield Refused(_spot(mapping, place), "没有适用的映射规则", "no rule of the mapping fits")


def _spot(mapping: Mapping, place: int) -> str:
    return "" if mapping.each is None else f"{mapping.each}[{place}]"


def _read_record(
    rule: Rule, place: int, item: Any, body: Any, zone: ZoneInfo, cleaning: frozenset[str]
) -> Mapped | Refused:
    try:
        payload = _object(rule.fields, item, body, zone)
        named = _value("external_id", _as_field(rule.external_id), item, body, zone)
        when = _moment(rule.time, item, body, zone)
    except Refused as refused:
        return refused
    if rule.external_id is not None and (named is None or isinstance(named, dict | list) or str(named) == ""):
        return Refused("external_id", "没有外部编号", "there is no external id")
    changes = tidy(rule.kind, payload, cleaning)
    return Mapped(place, rule.kind, None if named is None else str(named)[:200], when, payload, changes)


def _moment(given: Field | str | None, item: Any, body: Any, zone: ZoneInfo) -> datetime | None:
    if given is None:
        return None
    field = _as_field(given)
    if field is not None and field.as_ == "as_is":
        field = msgspec.structs.replace(field, as_="time")
    text = _value("time", field, item, body, zone)
    if text is None:
        raise Refused("time", "没有时间", "there is no time")
    return datetime.fromisoformat(str(text))


def _as_field(given: Field | str | None) -> Field | None:
    return Field(path=given) if isinstance(given, str) else given


def _object(fields: dict[str, Field], item: Any, body: Any, zone: ZoneInfo) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for target, field in fields.items():
        value = _value(target, field, item, body, zone)
        if value is None:
            continue
        try:
            write(made, target, value)
        except BadPath as error:
            raise Refused(target, "目标路径不成立（列表要从 0 连续）", "the target path does not hold") from error
    return _without_gaps(made)


def _without_gaps(made: dict[str, Any]) -> dict[str, Any]:
    """An identifier of which only the kind is known (a constant) names nobody: it is left out."""
    named: Any = made.get("identifiers")
    if isinstance(named, list):
        made["identifiers"] = [
            one
            for one in cast("list[Any]", named)
            if not isinstance(one, dict) or cast("dict[str, Any]", one).get("value") not in (None, "")
        ]
    return made


def _value(target: str, field: Field | None, item: Any, body: Any, zone: ZoneInfo) -> Any:
    if field is None:
        return None
    if field.each is not None:
        listed = _at(item, body, field.each)
        if listed is None:
            return None
        if not isinstance(listed, list):
            raise Refused(field.each, f"{field.each} 处不是列表", f"there is no list at {field.each}")
        return [_object(field.fields, one, body, zone) for one in cast("list[Any]", listed)]
    if field.path is None:
        return field.value
    found = _at(item, body, field.path)
    if field.words and found is not None and not isinstance(found, dict | list):
        found = field.words.get(str(found), found)
    if found is None or found == "":
        return field.default
    return _cast(target, field, found, zone)


def _at(item: Any, whole: Any, path: str) -> Any:
    return read(whole if path.startswith("$") else item, path)


def _cast(target: str, field: Field, found: Any, zone: ZoneInfo) -> Any:
    try:
        return _CASTS[field.as_](found, zone)
    except (ValueError, TypeError, ArithmeticError, OSError) as error:
        told = repr(found)[:60]
        raise Refused(
            f"{target} ({field.path})", f"{told} 不能作为 {field.as_}", f"{told} cannot be read as {field.as_}"
        ) from error


def _plainly(cast_: Callable[[Any], Any]) -> Callable[[Any, ZoneInfo], Any]:
    """A cast that no time zone matters to."""
    return lambda found, _: cast_(found)


def _decimal(found: Any) -> Decimal:
    try:
        number = Decimal(str(found).replace(",", "").strip())
    except InvalidOperation as error:
        raise ValueError(str(found)) from error
    if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX:
        raise ValueError(str(found))
    return number


def _iso(found: Any, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(str(found).strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()


def _boolean(found: Any) -> bool:
    text = str(found).strip().lower()
    if text not in {"true", "false", "1", "0", "yes", "no"}:
        raise ValueError(text)
    return text in {"true", "1", "yes"}


def _date(found: Any, _: ZoneInfo) -> str:
    return datetime.fromisoformat(str(found).strip().replace("/", "-")).date().isoformat()


def _seconds(found: Any, _: ZoneInfo) -> str:
    return datetime.fromtimestamp(float(found), UTC).isoformat()


_CASTS: Final[dict[str, Callable[[Any, ZoneInfo], Any]]] = {
    "as_is": _plainly(lambda found: found),
    "text": _plainly(str),
    "number": _plainly(lambda found: str(_decimal(found))),
    "cents": _plainly(lambda found: str(_decimal(found) / 100)),
    "time": _iso,
    "local_time": _iso,
    "seconds": _seconds,
    "milliseconds": lambda found, zone: _seconds(float(found) / 1000, zone),
    "date": _date,
    "boolean": _plainly(_boolean),
}


def _check_fields(where: str, fields: dict[str, Field], depth: int) -> None:
    if len(fields) > FIELDS_MAX or depth > DEPTH_MAX:
        raise Refused(
            where, f"最多 {FIELDS_MAX} 个字段、{DEPTH_MAX} 层", f"at most {FIELDS_MAX} fields, {DEPTH_MAX} deep"
        )
    for target, field in fields.items():
        _check_path(f"{where}.{target}", target)
        _check_field(f"{where}.{target}", field, depth)


def _check_field(where: str, given: Field | str | None, depth: int) -> None:
    field = _as_field(given)
    if field is None:
        return
    _check_path(f"{where}.path", field.path)
    _check_path(f"{where}.each", field.each)
    _check_fields(where, field.fields, depth + 1)


def _check_path(where: str, path: str | None) -> None:
    if path is None:
        return
    try:
        parse_path(path)
    except BadPath as error:
        raise Refused(where, f"路径第 {error.at + 1} 个字符有误", str(error)) from error


def records_of(plain: Mapping, body: Any, zone: str) -> tuple[Sequence[Mapped], Sequence[Refused]]:
    """What `apply` gives, sound records and refusals apart."""
    sound: list[Mapped] = []
    refused: list[Refused] = []
    for one in apply(plain, body, zone):
        (sound if isinstance(one, Mapped) else refused).append(one)  # type: ignore[arg-type]
    return sound, refused
