"""A plugin that breaks whatever it is asked."""

from grants import hookimpl


@hookimpl
def grants_policies():
    raise RuntimeError("the kettle is on fire")


@hookimpl
def grants_commands():
    raise SystemExit("out")


@hookimpl
def grants_slot(slot, subject):
    raise RuntimeError("no slot today")
