"""Every failure leaves in one shape: code, sentence in both languages, places, the request's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tandem.access.http import error_body
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, TandemError, Throttled, Unavailable
from tandem.web.body_guard import MalformedBody

log = structlog.get_logger("tandem.web")

DETAILS_MAX = 100
_PLAIN = {
    404: ("not_found", "没有这个地址或内容。", "There is nothing here."),
    405: ("method_not_allowed", "此地址不支持这种操作。", "This address does not take that method."),
    401: ("not_signed_in", "请先登录。", "Please sign in."),
    403: ("forbidden", "您没有执行此操作的权限。", "You may not do this."),
}
# Sentences for what pydantic finds, by its error type; anything else is shown in pydantic's own English.
_WORDS = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识此项",
    "string_type": "应为文本",
    "string_too_short": "文本太短",
    "string_too_long": "文本太长",
    "string_pattern_mismatch": "格式不对",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "bool_parsing": "应为是或否",
    "bool_type": "应为是或否",
    "decimal_parsing": "应为数字",
    "uuid_parsing": "应为编号（UUID）",
    "datetime_parsing": "应为日期时间（ISO 8601）",
    "datetime_from_date_parsing": "应为日期时间（ISO 8601）",
    "timezone_aware": "时间需要带时区",
    "date_parsing": "应为日期",
    "literal_error": "不在允许的取值中",
    "enum": "不在允许的取值中",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_long": "项数太多",
    "too_short": "项数太少",
    "greater_than_equal": "数值太小",
    "greater_than": "数值太小",
    "less_than_equal": "数值太大",
    "less_than": "数值太大",
}


def install(app: FastAPI) -> None:
    """Register the handlers. Anything else that escapes is a defect and meets `tandem.web.edge`."""

    @app.exception_handler(TandemError)
    async def _tandem(request: Request, error: TandemError) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, invalid(error.errors()))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        return answer(request, _plain(error), status=error.status_code)

    @app.exception_handler(psycopg.Error)
    async def _database(request: Request, error: psycopg.Error) -> JSONResponse:
        return answer(request, of_database(error))

    _ = (_tandem, _invalid, _http, _database)


def answer(request: Request, error: TandemError, *, status: int | None = None) -> JSONResponse:
    """The response for an error."""
    body = error_body(error, str(getattr(request.state, "request_id", "")))
    return JSONResponse(body, status_code=status or error.status, headers=headers_of(error))


def headers_of(error: TandemError) -> dict[str, str]:
    """What an error says beside its body: when to come back, where that helps."""
    return {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, Throttled | Unavailable) else {}


def invalid(found: Sequence[Any]) -> TandemError:
    """What pydantic found, with every place (at most 100)."""
    if found and found[0]["type"] == "json_invalid":
        return _malformed(found[0])
    details = tuple(_detail(one) for one in found[:DETAILS_MAX])
    return InvalidInput("invalid_input", "提交的内容有误。", "Some of what was sent is not right.", details=details)


def _malformed(one: Any) -> MalformedBody:
    at = one["loc"][-1]
    reason = one.get("ctx", {}).get("error", "")
    return MalformedBody(
        "malformed_json",
        "请求内容不是有效的 JSON。",
        "The body is not valid JSON.",
        details=(Detail(f"body:{at}", f"第 {at} 个字符处语法错误", f"at character {at}: {reason}"),),
    )


def _detail(one: Any) -> Detail:
    where = ""
    for part in one["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else str(part)
    return Detail(where, _WORDS.get(one["type"], f"无效：{one['msg']}"), str(one["msg"]))


def _plain(error: HTTPException) -> TandemError:
    code, zh, en = _PLAIN.get(error.status_code, (f"http_{error.status_code}", "请求无法处理。", str(error.detail)))
    return TandemError(code, zh, en)


def of_database(error: psycopg.Error) -> TandemError:
    """What a database error that no room foresaw means to the caller; it is logged, since a room should have."""
    log.warning("request.database_error", sqlstate=error.sqlstate, kind=type(error).__name__, exc_info=error)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Forbidden("out_of_scope", "这条数据不在您的数据范围内。", "This is outside your data scope.")
    if isinstance(error, psycopg.DataError):
        return InvalidInput("unstorable_value", "有的值无法保存。", "One of the values cannot be stored.")
    if isinstance(error, psycopg.IntegrityError):
        return Conflict(
            "conflict", "与已有数据冲突，请刷新后再试。", "This conflicts with what is stored; reload and try again."
        )
    if isinstance(error, psycopg.OperationalError):
        return Unavailable(
            "database_busy",
            "数据库忙或暂时没有响应，请稍后再试。",
            "The database is busy or does not answer; try again shortly.",
        )
    raise error
