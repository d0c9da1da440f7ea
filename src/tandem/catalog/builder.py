"""x"""
from typing import Any
from tandem.catalog import syntax as s
def from_json(source: Any) -> s.Node: raise NotImplementedError
