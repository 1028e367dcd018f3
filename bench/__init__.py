"""Benchmarks: `python -m bench.NAME` prints a table of ours beside the bare limit of the same run.

The last line is `NAME: <figure> <unit> | bare <figure> | ratio <r>`. `make bench` runs all.
"""
