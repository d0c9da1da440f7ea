"""The assembled system as this room's routes find it: ``profile_parts`` puts it on each request, since no room imports the assembly."""

from typing import cast

from fastapi import Request

from tandem.access.http import Access
from tandem.catalog.model import Catalog
from tandem.stream.projection import StreamSystem


def system_of(request: Request) -> StreamSystem:
    """The system of the application that serves this request."""
    return cast("StreamSystem", request.state.system)


def catalog_for(access: Access, request: Request) -> Catalog:
    """The catalog as far as the caller may see its classes of data: for every expression that the caller writes or tries out."""
    return catalog_of(request).narrowed(access.privacy)


def catalog_of(request: Request) -> Catalog:
    """The catalog of the application that serves this request."""
    return system_of(request).catalog
