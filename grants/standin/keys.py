"""Idempotency as API v2 has it: success is remembered, failure tried again, change refused."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from grants.standin.answers import Incoming
from grants.standin.refusals import Json, bad_field, key_in_use, key_reused
from grants.standin.store import Key
from grants.standin.world import Request, World

LIFE = 30 * 24 * 3600.0
LONGEST = 255


class Keys:
    """The keys of one world; a key belongs to the account in context and lives for 30 days."""

    def __init__(self, world: World) -> None:
        """Takes the world whose keys these are."""
        self._world = world
        self._busy: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, request: Request) -> Iterator[None]:
        """Holds the key while its request is under way; a second request at once meets a 409."""
        if len(request.key) > LONGEST:
            raise bad_field("Idempotency-Key", f"An idempotency key has at most {LONGEST} characters.")
        mark = (request.context, request.key)
        with self._lock:
            if mark in self._busy:
                raise key_in_use()
            self._busy.add(mark)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(mark)

    def begin(self, request: Request, digest: str) -> None:
        """Remembers the key with its request before anything is executed; raises if they differ."""
        entry = self._fresh(request)
        if entry is None:
            self._keep(request, digest, None)
        elif entry.request != digest:
            raise key_reused()

    def made(self, request: Request) -> Json | None:
        """Returns what this key has already made, as it is now, or None if nothing yet."""
        entry = self._fresh(request)
        if entry is None or entry.thing is None:
            return None
        kind, _, ident = entry.thing.partition(" ")
        return self._world.store.get(kind, ident)

    def finish(self, request: Request, digest: str, thing: Json) -> None:
        """Remembers what the key made; to be called in the same turn as the act."""
        self._keep(request, digest, f"{thing['object']} {thing['id']}")

    def _fresh(self, request: Request) -> Key | None:
        entry = self._world.store.key(request.context, request.key)
        return entry if entry and self._world.now().timestamp() - entry.at < LIFE else None

    def _keep(self, request: Request, digest: str, thing: str | None) -> None:
        at = self._world.now().timestamp()
        self._world.store.keep_key(request.context, request.key, Key(digest, thing, at))


def digest_of(incoming: Incoming) -> str:
    """Returns the hash of method, path and body: what must be the same when a key comes again."""
    text = f"{incoming.method} {incoming.path}\n".encode() + incoming.body
    return hashlib.sha256(text).hexdigest()
