"""The block that asks another system: the question is filed, the run waits for the answer; nothing leaves in the turn (ENGINE_RULES 16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from psycopg.types.json import Jsonb
from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.http_calls import ANSWERED
from tandem.flow.kinds.call import Declared
from tandem.flow.kinds.findings import missing
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
from tandem.flow.sealed.opening import PLACE, names_of
from tandem.flow.sealed.plain import is_credential, is_literal, plain_in
from tandem.flow.sealed.service import sealed
from tandem.kernel.errors import InvalidInput
from tandem.kernel.settings import settings
from tandem.stream.webhooks.targets import check_target, parse_target

_NAME = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,59}$")]
_OURS = {"host", "content-length", "content-type", "idempotency-key", "transfer-encoding", "connection"}

#: A sealed credential by its name. A drawing, its versions and its files are read by many, and so are the calls that were made.
_Sealed = Annotated[
    str, Field(pattern=r"^([a-z][a-z0-9_]{0,39})?$", json_schema_extra={"x-ui": {"widget": "flow_secret"}})
]


class Sent(Config):
    """One value of the question: computed, or a sealed credential."""

    name: _NAME = Field(title="名称 | Name")
    value: str = Field(
        default="",
        title="值 | Value",
        max_length=4000,
        json_schema_extra={
            "x-ui": {"widget": "expression", "returns": "any", "scope": {"customer": "customer", "event": "@entry"}}
        },
    )
    secret: _Sealed = Field(default="", title="或一个凭据 | Or a credential")


class Header(Config):
    """One header of the question; a sealed credential stands behind its value, as in `Bearer ` and the token."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")] = Field(title="名称 | Name")
    value: str = Field(default="", title="值 | Value", max_length=1000, pattern=r"^[\x20-\x7e]*$")
    secret: _Sealed = Field(default="", title="后接凭据 | Followed by a credential")


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
    for_customer = False
    group = Group.INTEGRATE
    role = Role.WAIT
    label = Label("调用外部接口", "HTTP call")
    help = Label(
        "把内容以 JSON 发给另一个系统并等待答复，可把答复中的值记下来（之后用 run. 读取）。失败会自动重试，每次带同一个幂等键；"
        "对方连续出错时先停一停再试。只能访问公网的 https 地址。密码、密钥等先存为凭据，再在这里按名称选用；写在地址里时用 {secret.名称}。",
        "Sends JSON to another system and waits for the answer, of which values can be kept (read as run.name later). Failures are tried again under the "
        "same idempotency key; an address that keeps failing is left alone for a while. Public https addresses only. Passwords and keys are sealed first and named here; "
        "in an address write {secret.name}.",
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
            yield missing(
                Label("还没有填写地址", "No address is given yet"),
                Label("请填写对方接口的 https 地址", "Give the https address of the other system"),
                "url",
            )
        else:
            yield from _address(config.url)
            yield from _plain_url(config.url)
        for index, one in enumerate(config.body):
            yield from _sent(one, f"body[{index}].value", ctx)
        yield from _sealed(config, ctx)
        for index, one in enumerate(config.headers):
            yield from _header(one, f"headers[{index}].name")
        yield from too_long(config.timeout, "timeout")

    def fragment(self, config: HttpConfig, ctx: CompileContext) -> Fragment:
        told = [one for one in config.body if not one.secret]
        values = [ctx.expression(one.value, f"s{index}", returns="any") for index, one in enumerate(told)]
        params: dict[str, Any] = {}
        for one in values:
            params |= one.params
        names = {f"n{index}": one.name for index, one in enumerate(told)}
        pairs = ", ".join(f"%(n{index})s::text, {value.sql}" for index, value in enumerate(values))
        body = "null::text" if config.method == "GET" else f"jsonb_build_object({pairs})::text"
        wake = wake_sql(config.timeout)
        return Fragment(
            wake_at=wake,
            arrival_joins=joined(*values),
            arrival_columns={"asked_body": body, "asked_until": wake},
            on_arrival={
                "asked": "insert into http_call (bucket, id, tenant_id, customer_id, origin_id, subject_type, subject_id, flow_id, run_id, block, visit, method, url, host, headers,"
                " secrets, body, answers, state, attempts_max, seconds, next_at, valid_until, created_at, lane, cause_id, root_id, hops)"
                " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), nullif(r.subject_type, 'customer'),"
                " case when r.subject_type <> 'customer' then r.subject_id end, r.flow_id, r.id, %(block)s,"
                " r.visit, %(method)s, %(url)s, %(host)s, %(headers)s, %(secrets)s, r.asked_body, %(answers)s, 'pending', %(attempts)s, %(seconds)s,"
                " clock_timestamp(), r.asked_until, %(now)s, r.lane, r.cause_id, coalesce(r.root_id, r.id), r.hops"
                " from {rows} r"
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
                "secrets": Jsonb(_named(config)),
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
    elif is_credential(header.name) and not header.secret:
        yield Finding(
            "header_secret",
            Label(
                f"请求头 {header.name} 是凭据，不能写在流程里：看得到流程、历史版本和导出文件的人都会看到它",
                f"The header {header.name} is a credential and may not stand in a flow: whoever reads the flow, its versions or its file would see it",
            ),
            Label(
                "请更换写过的凭据，把新的存为“接口凭据”，再在这个请求头的“后接凭据”里选用；保存草稿和导出时，这里的值会被清空",
                "Replace the credential that stood here, seal the new one and choose it behind this header; the value here is blanked when the draft "
                "is saved or exported",
            ),
            where,
        )


def _sent(one: Sent, where: str, ctx: CheckContext) -> Iterable[Finding]:
    if one.secret:
        return
    if not one.value.strip():
        yield missing(
            Label("还没有填写要发送的值", "No value to send is given yet"),
            Label("请填写表达式，或选择一个凭据", "Give an expression, or choose a credential"),
            where,
        )
        return
    yield from ctx.expression(one.value, where, returns="any")
    if is_credential(one.name) and is_literal(one.value):
        yield Finding(
            "body_secret",
            Label(
                f"{one.name} 像是凭据，却直接写在流程里",
                f"{one.name} looks like a credential and stands here in the clear",
            ),
            Label("请存为“接口凭据”再选用；导出时这里会被清空", "Seal it and choose it here; an export blanks it"),
            where,
            "warning",
        )


def _plain_url(url: str) -> Iterable[Finding]:
    for name in plain_in(url):
        yield Finding(
            "url_secret",
            Label(
                f"地址里的 {name} 是凭据，不能直接写",
                f"{name} in the address is a credential and may not stand there in the clear",
            ),
            Label(
                f"请存为“接口凭据”，再写成 {name}={{secret.名称}}",
                f"Seal it and write {name}={{secret.name}} with the credential's name",
            ),
            "url",
        )


def _sealed(config: HttpConfig, ctx: CheckContext) -> Iterable[Finding]:
    """Is every credential there, and for this host?"""
    if "{" in PLACE.sub("", config.url):
        yield Finding(
            "url_placeholder",
            Label("地址里有认不出的占位符", "The address has a placeholder that is not known"),
            Label(
                "凭据写成 {secret.名称}，名称用小写字母、数字和下划线",
                "Write {secret.name}; its name has small letters, digits and underscores",
            ),
            "url",
        )
    known = sealed(ctx.tx, sorted(names_of(config.url, _named(config))))
    places = [(name, "url") for name in PLACE.findall(config.url)]
    places += [(one.secret, f"headers[{index}].secret") for index, one in enumerate(config.headers) if one.secret]
    places += [(one.secret, f"body[{index}].secret") for index, one in enumerate(config.body) if one.secret]
    host = _host(config.url)
    for name, where in places:
        if name not in known:
            yield Finding(
                "secret_missing",
                Label(f"没有名为 {name} 的凭据", f"There is no credential named {name}"),
                Label("请先在“接口凭据”里存好，或另选一个", "Seal it first, or choose another"),
                where,
            )
        elif host and known[name][0] != host:
            yield Finding(
                "secret_host",
                Label(
                    f"凭据 {name} 只能发给 {known[name][0]}，不能发给 {host}",
                    f"The credential {name} may be sent to {known[name][0]} only, not to {host}",
                ),
                Label("请改地址，或为这个地址另存一个凭据", "Correct the address, or seal a credential for this host"),
                where,
            )


def _named(config: HttpConfig) -> dict[str, dict[str, str]]:
    """Where which credential goes."""
    body = {} if config.method == "GET" else {one.name: one.secret for one in config.body if one.secret}
    return {"headers": {one.name: one.secret for one in config.headers if one.secret}, "body": body}


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
