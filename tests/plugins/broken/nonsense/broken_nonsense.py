"""A plugin that offers what is no policy, and policies that cannot be."""

from grants import Policy, hookimpl


@hookimpl
def grants_policies():
    yield "trust me"
    yield Policy(slug="No Slug!", title="No slug", promise="None.", terms=lambda settings, facts: None)
    yield Policy(slug="deaf", title="Deaf", promise="None.", terms=lambda: None)
