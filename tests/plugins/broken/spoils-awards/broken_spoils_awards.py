"""A plugin whose policies look sound until somebody is awarded money."""

import itertools
import os
import time

from grants import Ask, Authority, Band, Money, Policy, Terms, hookimpl

turn = itertools.count()
ASK = {"slug": "story", "title": "A story", "purpose": "To learn.", "minutes": 5}


def hangs(settings, facts):
    time.sleep(3600)


def leaves(settings, facts):
    os._exit(4)


def eats(settings, facts):
    return Terms(asks=tuple(bytearray(2**30) for _ in range(1000)))


def raises(settings, facts):
    raise ZeroDivisionError("nobody left to share with")


def wavers(settings, facts):
    return Terms(asks=(Ask(**ASK | {"due_days": next(turn)}),))


def writes(settings, facts):
    return "Trust me."


def owes(settings, facts):
    return Terms(asks=(Ask(**ASK, cost=-250),))


def splits(settings, facts):
    return Terms(authority=Authority(bands=(Band(up_to=99.5), Band(people=2))))


def travels(settings, facts):
    return Terms(asks=(Ask(**ASK, cost=Money(250, "EUR")),))


def nothing(settings, facts):
    return Terms()


@hookimpl
def grants_policies():
    for terms in (hangs, leaves, eats, raises, wavers, writes, owes, splits, travels, nothing):
        slug = f"spoils-{terms.__name__}"
        yield Policy(slug=slug, title=slug, promise="Nobody knows.", terms=terms)


@hookimpl
def grants_slot(slot, subject):
    time.sleep(3600)
