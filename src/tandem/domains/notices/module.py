"""What colleagues are told on their phones, and what they decide there. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.notices.api import router
from tandem.domains.notices.jobs import JOBS
from tandem.flow.module import Module

MODULE: Final = Module(
    name="notices",
    label=Label("手机通知", "Notices on phones"),
    routers=(router,),
    jobs=JOBS,
    tables="tandem.domains.notices.tables",
)
