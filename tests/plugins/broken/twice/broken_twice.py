"""A plugin that offers a policy whose name is taken, beside one that is sound."""

from grants import Policy, Terms, hookimpl


def nothing(settings, facts):
    return Terms()


@hookimpl
def grants_policies():
    yield Policy(slug="light-report", title="Not the light report", promise="None.", terms=nothing)
    yield Policy(slug="sound-beside", title="Sound beside", promise="Nothing is asked.", terms=nothing)
