"""The business-flow engine: graph, checks, compiler, runtime, statistics. Start reading at ``node.py``, then ``runtime.py``."""
