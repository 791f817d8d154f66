"""Benchmarks: ratios from one interleaved run, never absolute promises. `python -m benchmarks` runs them all."""
