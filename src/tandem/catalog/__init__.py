"""The semantic layer: what exists (entities, fields, relations, event types) and the expression language over it."""

from tandem.catalog.checker import Checked, check
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
from tandem.catalog.parser import parse
from tandem.catalog.problems import ExpressionError, Problem
from tandem.catalog.python import compile_python
from tandem.catalog.sql import Compiled, compile_sql
from tandem.catalog.text import to_text
