"""The semantic layer: what exists (entities, fields, relations, event types) and the expression language over it."""

from tandem.catalog.builder import from_json, to_json
from tandem.catalog.checker import Checked, check
from tandem.catalog.cost import Estimate, cost
from tandem.catalog.dependencies import Dependencies, dependencies
from tandem.catalog.describe import describe
from tandem.catalog.export import catalog_json
from tandem.catalog.label import Label
from tandem.catalog.model import (
    Catalog,
    CatalogError,
    Contribution,
    Entity,
    EventType,
    Field,
    Membership,
    Option,
    Relation,
    Scope,
)
from tandem.catalog.next_change import NextChange, next_change, next_change_sql
from tandem.catalog.parser import parse
from tandem.catalog.places import path_at
from tandem.catalog.problems import ExpressionError, Problem
from tandem.catalog.python import compile_python
from tandem.catalog.sql import Compiled, compile_sql
from tandem.catalog.text import to_text
from tandem.catalog.trace import Trace, trace

__all__ = [
    "Catalog",
    "CatalogError",
    "Checked",
    "Compiled",
    "Contribution",
    "Dependencies",
    "Entity",
    "Estimate",
    "EventType",
    "ExpressionError",
    "Field",
    "Label",
    "Membership",
    "NextChange",
    "Option",
    "Problem",
    "Relation",
    "Scope",
    "Trace",
    "catalog_json",
    "check",
    "compile_python",
    "compile_sql",
    "cost",
    "dependencies",
    "describe",
    "from_json",
    "next_change",
    "next_change_sql",
    "parse",
    "path_at",
    "to_json",
    "to_text",
    "trace",
]
