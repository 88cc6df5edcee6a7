"""Exact rewrites of the reference network, one a file.

Each returns a new module and leaves its argument as it was. Each is proven equal to the reference
on real frames in tests/export/test_rewrites.py.
"""
