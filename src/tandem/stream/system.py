"""The assembled system as this room's routes find it: ``profile_parts`` puts it on each request, since no room imports the assembly."""

from typing import cast

from fastapi import Request

from tandem.catalog.model import Catalog
from tandem.stream.projection import StreamSystem


def system_of(request: Request) -> StreamSystem:
    """The system of the application that serves this request."""
    return cast("StreamSystem", request.state.system)


def catalog_of(request: Request) -> Catalog:
    """The catalog of the application that serves this request."""
    return system_of(request).catalog
