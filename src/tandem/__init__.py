"""Tandem (双擎 SCRM): a data-flow engine and a business-flow engine over one live picture of each customer."""

__version__ = "0.1.0"
