"""The providers of messages as they answer over HTTP: signatures verified, numbers refused, limits kept; no network."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tandem.connectors.aliyun_sms.signing import rpc_signature
from tandem.connectors.tencent_sms.signing import tc3_signature

ALIYUN = {"access_key_id": "LTAI-simulated", "sign_name": "双擎", "access_key_secret": "simulated-aliyun-secret"}
TENCENT = {
    "secret_id": "AKID-simulated",
    "sdk_app_id": "1400000001",
    "sign_name": "双擎",
    "secret_key": "simulated-tencent-key",
}
WECHAT = {"app_id": "wx1234567890abcdef", "app_secret": "simulated-wechat-secret"}


@dataclass
class Carriers(httpx.BaseTransport):
    """Everything that was taken, as (provider, address, template, variables). `next` answers are given first, whatever was asked."""

    taken: list[tuple[str, str, str, Any]] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    next: list[Any] = field(default_factory=list)
    token: str = "token-1"
    tokens_asked: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        given = {"dysmsapi.aliyuncs.com": self._aliyun, "sms.tencentcloudapi.com": self._tencent}.get(
            host, self._wechat
        )
        if self.next and "stable_token" not in request.url.path:
            answer = self.next.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(200, json=answer, request=request)
        return httpx.Response(200, json=given(request), request=request)

    def _aliyun(self, request: httpx.Request) -> Any:
        form = dict(parse_qsl(request.read().decode(), keep_blank_values=True))
        signature = form.pop("Signature")
        if signature != rpc_signature(ALIYUN["access_key_secret"], "POST", form):
            return {"Code": "SignatureDoesNotMatch"}
        if form["SignatureNonce"] in self.nonces:
            return {"Code": "SignatureNonceUsed"}
        self.nonces.add(form["SignatureNonce"])
        if not form["PhoneNumbers"].isdigit():
            return {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}
        self.taken.append(("aliyun", form["PhoneNumbers"], form["TemplateCode"], json.loads(form["TemplateParam"])))
        return {"Code": "OK", "BizId": "9006197469364984^0", "RequestId": "r"}

    def _tencent(self, request: httpx.Request) -> Any:
        body = request.read().decode()
        wanted = tc3_signature(
            TENCENT["secret_key"], "sms", int(request.headers["x-tc-timestamp"]), method="POST", uri="/", query="",
            headers=[("content-type", request.headers["content-type"]), ("host", request.headers["host"])], payload=body,
        )  # fmt: skip
        if not request.headers["authorization"].endswith(f"Signature={wanted}"):
            return {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}
        asked = json.loads(body)
        (number,) = asked["PhoneNumberSet"]
        self.taken.append(("tencent", number, asked["TemplateId"], asked["TemplateParamSet"]))
        return {"Response": {"SendStatusSet": [{"PhoneNumber": number, "Code": "Ok"}], "RequestId": "r"}}

    def _wechat(self, request: httpx.Request) -> Any:
        body = json.loads(request.read())
        if request.url.path == "/cgi-bin/stable_token":
            self.tokens_asked += 1
            if body["secret"] != WECHAT["app_secret"]:
                return {"errcode": 40125}
            return {"access_token": self.token, "expires_in": 7200}
        if request.url.params["access_token"] != self.token:
            return {"errcode": 42001}
        self.taken.append((request.url.path.split("/")[3], body["touser"], body["template_id"], body["data"]))
        return {"errcode": 0, "msgid": 1}
