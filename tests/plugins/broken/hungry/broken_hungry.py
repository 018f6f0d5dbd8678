"""A plugin that asks for more memory than there is."""

from grants import hookimpl


@hookimpl
def grants_policies():
    eaten = []
    while True:
        eaten.append(bytearray(2**30))
