"""The company's own directory: who works here, where, and how they sign in. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.directory.accounts import way_in
from tandem.domains.directory.api import router
from tandem.domains.directory.entry_api import router as entry_router
from tandem.domains.directory.jobs import JOBS
from tandem.domains.directory.news import DOOR_KINDS
from tandem.flow.module import Module
from tandem.stream.sources.accounts import register_way_in

register_way_in(way_in)
MODULE: Final = Module(
    name="directory",
    label=Label("企业通讯录", "Company directory"),
    door_kinds=DOOR_KINDS,
    routers=(entry_router, router),
    jobs=JOBS,
    tables="tandem.domains.directory.tables",
)
