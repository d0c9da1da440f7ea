"""The semantic layer: what exists (entities, fields, relations, event types) and the expression language over it."""

from tandem.catalog.builder import from_json, to_json
from tandem.catalog.checker import Checked, check, cost
from tandem.catalog.cost import Estimate
from tandem.catalog.dependencies import Dependencies, dependencies
from tandem.catalog.describe import describe, notes
from tandem.catalog.export import catalog_json
from tandem.catalog.label import Label
from tandem.catalog.model import (
    Area,
    Catalog,
    CatalogError,
    Contribution,
    Entity,
    EventType,
    Field,
    Lookup,
    Membership,
    Option,
    Parameter,
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
    "Area",
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
    "Lookup",
    "Membership",
    "NextChange",
    "Option",
    "Parameter",
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
    "notes",
    "parse",
    "path_at",
    "to_json",
    "to_text",
    "trace",
]
