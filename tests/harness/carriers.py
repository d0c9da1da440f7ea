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
DINGTALK = {"app_key": "dingsimulated01", "app_secret": "simulated-dingtalk-secret"}
FEISHU = {"app_id": "cli_simulated01", "app_secret": "simulated-feishu-secret"}


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
        given = {
            "dysmsapi.aliyuncs.com": self._aliyun,
            "sms.tencentcloudapi.com": self._tencent,
            "api.dingtalk.com": self._dingtalk,
            "open.feishu.cn": self._feishu,
        }.get(host, self._wechat)
        if self.next and not request.url.path.endswith(("stable_token", "accessToken", "internal")):
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
        return {
            "Response": {
                "SendStatusSet": [{"PhoneNumber": number, "SerialNo": f"serial-{number}", "Code": "Ok"}],
                "RequestId": "r",
            }
        }

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

    def _dingtalk(self, request: httpx.Request) -> Any:
        body = json.loads(request.read())
        if request.url.path == "/v1.0/oauth2/accessToken":
            self.tokens_asked += 1
            if body != {"appKey": DINGTALK["app_key"], "appSecret": DINGTALK["app_secret"]}:
                return {"code": "invalidClientIdOrSecret"}
            return {"accessToken": self.token, "expireIn": 7200}
        if request.headers["x-acs-dingtalk-access-token"] != self.token:
            return {"code": "InvalidAuthentication"}
        if body["robotCode"] != DINGTALK["app_key"] or body["msgKey"] != "sampleText":
            return {"code": "invalid.robotCode.notExsit"}
        (person,) = body["userIds"]
        if person == "gone":
            return {"processQueryKey": "q", "invalidStaffIdList": [person], "flowControlledStaffIdList": []}
        self.taken.append(("dingtalk", person, "", json.loads(body["msgParam"])["content"]))
        return {"processQueryKey": "q", "invalidStaffIdList": [], "flowControlledStaffIdList": []}

    def _feishu(self, request: httpx.Request) -> Any:
        body = json.loads(request.read())
        if request.url.path.endswith("/auth/v3/tenant_access_token/internal"):
            self.tokens_asked += 1
            if body != {"app_id": FEISHU["app_id"], "app_secret": FEISHU["app_secret"]}:
                return {"code": 10014, "msg": "app secret invalid"}
            return {"code": 0, "tenant_access_token": self.token, "expire": 7200}
        if request.headers["authorization"] != f"Bearer {self.token}":
            return {"code": 99991663, "msg": "token invalid"}
        if request.url.params["receive_id_type"] != "open_id":
            return {"code": 230001, "msg": "receive_id"}
        # The same key again is the same message.
        if body["uuid"] not in self.nonces:
            self.nonces.add(body["uuid"])
            self.taken.append(("feishu", body["receive_id"], "", json.loads(body["content"])["text"]))
        return {"code": 0, "data": {"message_id": "om_1"}}
