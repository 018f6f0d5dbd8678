"""A plugin that never says what it offers."""

import time

from grants import hookimpl


@hookimpl
def grants_policies():
    time.sleep(3600)
    return ()
