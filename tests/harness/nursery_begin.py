"""Loaded first by the nursery, before what it loads for its children: as every worker process begins."""

from tandem.kernel.collector import pause_collector

pause_collector()
