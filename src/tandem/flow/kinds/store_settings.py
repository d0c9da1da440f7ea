"""The block that reads what the customer's store has set: head office draws it, with defaults and limits; the stores fill it in."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from psycopg.types.json import Jsonb
from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.expressions import customer_join
from tandem.flow.kinds.call import ValueName
from tandem.flow.node import DONE, CompileContext, Config, Fragment, Group, NodeKind, Port, choices

KIND: Final = "flow.store_settings"
Value = str | bool | Decimal


def _shown_for(kind: str) -> dict[str, Any]:
    return {"x-ui": {"show_if": {"type": kind}}}


class Setting(Config):
    """One value that a store may set, and within which limits."""

    name: ValueName = Field(title="名称（字母）| Name")
    label: str = Field(title="叫什么 | Called", min_length=1, max_length=60)
    type: Literal["text", "number", "bool"] = Field(
        default="text",
        title="类型 | Type",
        json_schema_extra=choices(text="文字 | Text", number="数字 | Number", bool="开关 | Switch"),
    )
    default: str = Field(
        default="",
        title="门店没设时 | Where a store has set none",
        max_length=500,
        json_schema_extra={"x-ui": {"help": {"zh": "开关写 true 或 false", "en": "For a switch: true or false"}}},
    )
    least: Decimal | None = Field(default=None, title="数字最小 | Least", json_schema_extra=_shown_for("number"))
    most: Decimal | None = Field(default=None, title="数字最大 | Most", json_schema_extra=_shown_for("number"))
    length: int = Field(
        default=200, ge=1, le=500, title="文字最长 | Longest text", json_schema_extra=_shown_for("text")
    )

    @model_validator(mode="after")
    def _sound(self) -> Setting:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("the least is more than the most")
        if self.type == "bool" and self.default not in {"", "true", "false"}:
            raise ValueError("a switch is true or false")
        if self.type == "number" and self.default and _number(self.default) is None:
            raise ValueError("the default is no number")
        return self

    def fitted(self, given: object) -> Value:
        """A store's value brought within the limits; the default where it is of another kind, or there is none."""
        if self.type == "bool":
            return given if isinstance(given, bool) else self.default == "true"
        if self.type == "text":
            return (given if isinstance(given, str) else self.default)[: self.length]
        number = _number(given) if isinstance(given, int | float | Decimal) and not isinstance(given, bool) else None
        found = _number(self.default) or Decimal(0) if number is None else number
        found = found if self.least is None else max(found, self.least)
        return found if self.most is None else min(found, self.most)


def _number(given: object) -> Decimal | None:
    try:
        found = Decimal(str(given))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


class StoreSettingsConfig(Config):
    """What stores may set."""

    settings: tuple[Setting, ...] = Field(
        default=(Setting(name="wording", label="文案"),),
        title="门店可以设置 | Stores may set",
        min_length=1,
        max_length=20,
    )

    @model_validator(mode="after")
    def _names_differ(self) -> StoreSettingsConfig:
        if len({one.name for one in self.settings}) != len(self.settings):
            raise ValueError("two settings have the same name")
        return self


class StoreSettingsKind(NodeKind[StoreSettingsConfig]):
    kind = KIND
    group = Group.FLOW
    label = Label("读取门店设置", "Read the store's settings")
    help = Label(
        "总部在这里列出各门店可以自己设的文字、门槛和开关，以及允许的范围；门店店长在流程的“门店设置”里填。客户走到这里时读取她所属门店的值，"
        "之后条件里用 run.名称，消息里用 {{run.名称}}。总部发布新版本后各店的设置照旧，超出新范围的按范围取值。",
        "Head office lists here what each store may set - words, thresholds, switches - and within which limits; stores fill it in. Who comes here "
        "gets the values of her store: conditions read run.name, messages {{run.name}}. A new version keeps what stores have set, brought within its limits.",
    )
    icon = "store"
    config = StoreSettingsConfig

    def ports(self, config: StoreSettingsConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def remembers(self, config: StoreSettingsConfig) -> dict[str, str]:
        return {one.name: one.type for one in config.settings}

    def fragment(self, config: StoreSettingsConfig, ctx: CompileContext) -> Fragment:
        pairs: list[str] = []
        params: dict[str, Any] = {}
        for index, one in enumerate(config.settings):
            params[f"n{index}"] = one.name
            params[f"d{index}"] = Jsonb(_json(one.fitted(None)))
            pairs.append(f"%(n{index})s::text, {_fitted_sql(one, index, params)}")
        return Fragment(
            joins=customer_join(ctx.catalog)
            + " left join flow_store_setting fs on fs.tenant_id = %(tenant)s and fs.flow_id = r.flow_id and fs.store_id = c.store_id",
            columns={"kept": f"jsonb_build_object({', '.join(pairs)})", "store": "c.store_id"},
            vars="jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb) || r.kept)",
            facts="jsonb_strip_nulls(jsonb_build_object('store_id', r.store, 'kept', r.kept))",
            params=params,
        )


def _fitted_sql(one: Setting, index: int, params: dict[str, Any]) -> str:
    """`Setting.fitted` as SQL jsonb; what is stored may be of the kind that an earlier version asked for."""
    given = f"fs.values -> %(n{index})s::text"
    if one.type == "bool":
        return f"case when jsonb_typeof({given}) = 'boolean' then {given} else %(d{index})s::jsonb end"
    if one.type == "text":
        params[f"l{index}"] = one.length
        text = f"to_jsonb(left({given} #>> '{{}}', %(l{index})s::int))"
        return f"case when jsonb_typeof({given}) = 'string' then {text} else %(d{index})s::jsonb end"
    params |= {f"a{index}": one.least, f"z{index}": one.most}
    number = f"greatest(least(({given})::numeric, %(z{index})s::numeric), %(a{index})s::numeric)"
    return f"case when jsonb_typeof({given}) = 'number' then to_jsonb({number}) else %(d{index})s::jsonb end"


def _json(value: Value) -> str | bool | float | int:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
