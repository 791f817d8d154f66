"""Clearing files: a settlement batch as a text file that people and programs read, and an acquirer's answers from one.

The format is documented in `docs/settlement.md`. Files are written whole or not at all; what cannot be read is refused with
the number of its line before anything of it counts.
"""
