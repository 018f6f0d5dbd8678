"""Admitting: which of the plugins found here may be imported, and what is wrong with those that may not."""
