"""Uses of private names and replaced functions of other packages, one module for each package.

Each says what it needs, in which version it was read, and what breaks without it. ``tests/unit/test_compat.py`` fails
when one stops working.
"""
