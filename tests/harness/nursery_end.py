"""Loaded last by the nursery: its children's garbage collector is set as in every worker process."""

from tandem.kernel.collector import calm_collector

calm_collector()
