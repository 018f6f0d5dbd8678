"""A plugin whose hook has a letter too few."""

from grants import hookimpl


@hookimpl
def grants_policys():
    return ()
