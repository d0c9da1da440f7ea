"""What the gallery brings to the assembled house."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends

from tandem.catalog.label import Label
from tandem.flow.module import Module
from tandem.gallery.api import provider, router
from tandem.gallery.install import GalleryRooms


def module(system: Callable[[], GalleryRooms]) -> Module:
    """The gallery's routes; each request carries the assembled system."""
    whole = APIRouter(dependencies=[Depends(provider(system))])
    whole.include_router(router)
    return Module(name="gallery", label=Label("模板库", "Gallery"), routers=(whole,))
