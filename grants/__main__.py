"""Lets ``python -m grants`` be the ``grants`` command."""

from __future__ import annotations

from grants.cli import main

main()
