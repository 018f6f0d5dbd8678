"""A plugin for a program that is not written yet."""

raise AssertionError("nobody may import this")
