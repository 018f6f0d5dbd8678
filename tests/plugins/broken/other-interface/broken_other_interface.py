"""A plugin for an interface that is not there any more, or not yet."""

raise AssertionError("nobody may import this")
