"""Exports as the assembly takes them up."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.exports.api import router
from tandem.domains.exports.service import APPROVE, PLAIN
from tandem.domains.exports.work import JOB_KIND, drop_expired, handler
from tandem.flow.module import Job, Module, Permission
from tandem.kernel.jobs import runner

MODULE: Final = Module(
    name="exports",
    label=Label("导出", "Exports"),
    permissions=(
        Permission(PLAIN, Label("申请导出明文个人信息", "Ask for exports of personal data in the clear")),
        Permission(APPROVE, Label("审批明文导出", "Approve exports in the clear")),
    ),
    routers=(router,),
    jobs=(
        Job("exports.make", runner({JOB_KIND: handler}), during_clock=False),
        Job("exports.expire", drop_expired, during_clock=False),
    ),
    tables="tandem.domains.exports.tables",
)
