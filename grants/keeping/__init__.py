"""Keeping: the whole charity in one sealed file, and back again."""
