"""The block that asks another system: the question is filed, the run waits for the answer; nothing leaves in the turn (ENGINE_RULES 16)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from psycopg.types.json import Jsonb
from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.http_calls import ANSWERED
from tandem.flow.kinds.call import Declared
from tandem.flow.kinds.span import Span, span_params, wake_sql
from tandem.flow.kinds.wait import too_long
from tandem.flow.node import (
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Port,
    Role,
    Trigger,
    choices,
    joined,
)
from tandem.kernel.errors import InvalidInput
from tandem.kernel.settings import settings
from tandem.stream.webhooks.targets import check_target, parse_target

_NAME = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,59}$")]
_OURS = {"host", "content-length", "content-type", "idempotency-key", "transfer-encoding", "connection"}
#: Headers that carry credentials. A drawing, its versions and its files are read by many, and so are the calls that were made.
_SECRET: Final = re.compile(
    r"((proxy-)?authorization|cookie|(.*-)?(api)?(key|token|secret|signature|password))\Z", re.IGNORECASE
)


class Sent(Config):
    """One value of the question."""

    name: _NAME = Field(title="名称 | Name")
    value: str = Field(
        title="值 | Value",
        min_length=1,
        max_length=4000,
        json_schema_extra={
            "x-ui": {"widget": "expression", "returns": "any", "scope": {"customer": "customer", "event": "@entry"}}
        },
    )


class Header(Config):
    """One header of the question."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")] = Field(title="名称 | Name")
    value: str = Field(title="值 | Value", max_length=1000, pattern=r"^[\x20-\x7e]*$")


class Wanted(Declared):
    """One value of the answer."""

    path: str = Field(
        title="答复中的位置 | Place in the answer",
        max_length=200,
        json_schema_extra={"x-ui": {"help": {"zh": "例如 data.items.0.price", "en": "Such as data.items.0.price"}}},
    )


class HttpConfig(Config):
    """Whom to ask, what, how often, and what of the answer to keep."""

    url: str = Field(default="", max_length=2000, title="地址 | Address")
    method: Literal["POST", "PUT", "GET"] = Field(
        default="POST",
        title="方式 | Method",
        json_schema_extra=choices(POST="POST 提交 | POST", PUT="PUT 更新 | PUT", GET="GET 查询 | GET"),
    )
    body: tuple[Sent, ...] = Field(default=(), title="发送的内容 | What to send", max_length=50)
    headers: tuple[Header, ...] = Field(default=(), title="请求头 | Headers", max_length=20)
    answers: tuple[Wanted, ...] = Field(default=(), title="记住答复中的值 | Keep of the answer", max_length=20)
    seconds: int = Field(default=10, ge=1, le=30, title="每次等待秒数 | Seconds for one attempt")
    attempts: int = Field(default=3, ge=1, le=10, title="最多尝试次数 | Attempts at most")
    timeout: Span = Field(
        default=Span(unit="hours"), title="总共最长等待 | Time-out", json_schema_extra={"x-ui": {"widget": "duration"}}
    )


class HttpKind(NodeKind[HttpConfig]):
    kind = "integrate.http"
    group = Group.INTEGRATE
    role = Role.WAIT
    label = Label("调用外部接口", "HTTP call")
    help = Label(
        "把内容以 JSON 发给另一个系统并等待答复，可把答复中的值记下来（之后用 run. 读取）。失败会自动重试，每次带同一个幂等键；"
        "对方连续出错时先停一停再试。只能访问公网的 https 地址。",
        "Sends JSON to another system and waits for the answer, of which values can be kept (read as run. later). Failures are tried again under the "
        "same idempotency key; an address that keeps failing is left alone for a while. Public https addresses only.",
    )
    icon = "api"
    needs = ("webhook.write",)
    config = HttpConfig

    def ports(self, config: HttpConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("ok", Label("成功", "OK")),
            Port("refused", Label("对方拒绝", "Refused"), optional=True, otherwise="failed"),
            Port("failed", Label("失败", "Failed")),
            Port("timeout", Label("超时", "Time-out"), optional=True, otherwise="failed"),
        )

    def remembers(self, config: HttpConfig) -> Mapping[str, str]:
        return {one.name: one.type for one in config.answers}

    def triggers(self, config: HttpConfig) -> Sequence[Trigger]:
        del config
        return [
            Trigger((ANSWERED,), {"port": name}, port=index, of_run=True)
            for index, name in enumerate(("ok", "refused", "failed"))
        ]

    def check(self, config: HttpConfig, ctx: CheckContext) -> Iterable[Finding]:
        if not config.url:
            yield Finding(
                "setting_missing",
                Label("还没有填写地址", "No address is given yet"),
                Label("请填写对方接口的 https 地址", "Give the https address of the other system"),
                "url",
            )
        else:
            yield from _address(config.url)
        for index, one in enumerate(config.body):
            yield from ctx.expression(one.value, f"body[{index}].value", returns="any")
        for index, one in enumerate(config.headers):
            yield from _header(one, f"headers[{index}].name")
        yield from too_long(config.timeout, "timeout")

    def fragment(self, config: HttpConfig, ctx: CompileContext) -> Fragment:
        values = [ctx.expression(one.value, f"s{index}", returns="any") for index, one in enumerate(config.body)]
        params: dict[str, Any] = {}
        for one in values:
            params |= one.params
        names = {f"n{index}": one.name for index, one in enumerate(config.body)}
        pairs = ", ".join(f"%(n{index})s::text, {value.sql}" for index, value in enumerate(values))
        body = "null::text" if config.method == "GET" else f"jsonb_build_object({pairs})::text"
        wake = wake_sql(config.timeout)
        return Fragment(
            wake_at=f"case when r.customer_id is null then %(now)s::timestamptz else {wake} end",
            arrival_joins=joined(*values),
            arrival_columns={"asked_body": body, "asked_until": wake},
            on_arrival={
                "asked": "insert into http_call (bucket, id, tenant_id, customer_id, origin_id, flow_id, run_id, block, visit, method, url, host, headers,"
                " body, answers, state, attempts_max, seconds, next_at, valid_until, created_at, lane, cause_id, root_id, hops)"
                " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), r.flow_id, r.id, %(block)s,"
                " r.visit, %(method)s, %(url)s, %(host)s, %(headers)s, r.asked_body, %(answers)s, 'pending', %(attempts)s, %(seconds)s,"
                " clock_timestamp(), r.asked_until, %(now)s, r.lane, r.cause_id, coalesce(r.root_id, r.id), r.hops"
                " from {rows} r where r.customer_id is not null"
            },
            port="coalesce(r.signal, 3)",
            vars="case when r.signal = 0 then jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb)"
            " || coalesce(r.vars #> '{answer,payload,data}', '{}'::jsonb)) else '{}'::jsonb end",
            facts="case when r.signal is not null then jsonb_strip_nulls(jsonb_build_object('code', r.vars #> '{answer,payload,code}', 'problem',"
            " r.vars #> '{answer,payload,problem}')) end",
            params={
                **params,
                **names,
                "block": ctx.block,
                "method": config.method,
                "url": config.url,
                "host": _host(config.url),
                "headers": Jsonb({one.name: one.value for one in config.headers}),
                "answers": Jsonb({one.name: [one.path, one.type] for one in config.answers}),
                "attempts": config.attempts,
                "seconds": config.seconds,
                **span_params(config.timeout, ctx.zone),
            },
        )


def _header(header: Header, where: str) -> Iterable[Finding]:
    if header.name.lower() in _OURS:
        yield Finding(
            "header_ours",
            Label(f"请求头 {header.name} 由系统填写", f"The header {header.name} is the system's own"),
            Label("请删除它", "Delete it"),
            where,
        )
    elif _SECRET.match(header.name):
        yield Finding(
            "header_secret",
            Label(
                f"请求头 {header.name} 是凭据，不能写在流程里：看得到流程、历史版本和导出文件的人都会看到它",
                f"The header {header.name} is a credential and may not stand in a flow: whoever reads the flow, its versions or its file would see it",
            ),
            Label(
                "请删除它，并更换写过的凭据；让请求经过你们自己的网关，由网关补上凭据",
                "Delete it and replace the credential that stood here; send the call through a gateway of yours that adds the credential",
            ),
            where,
        )


def _address(url: str) -> Iterable[Finding]:
    try:
        check_target(url, private_allowed=settings().webhook_private_targets)
    except InvalidInput as error:
        for one in error.details:
            yield Finding(
                "http_address",
                Label(f"地址不可用：{one.what_zh}", f"The address cannot be used: {one.what_en}"),
                Label("请填写对方公网的 https 地址", "Give a public https address"),
                "url",
            )


def _host(url: str) -> str:
    try:
        return parse_target(url, private_allowed=True).authority
    except InvalidInput:
        return ""
