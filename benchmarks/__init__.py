"""Measures how fast the system is; see README.md."""
