"""What the database itself refuses: changing the books, the events or a frozen request."""

from __future__ import annotations

from collections.abc import Iterator

APPEND_ONLY = ("journals", "lines", "events")
"""Tables whose rows are never changed and never deleted."""

FROZEN_ATTEMPT = ("key", "amount", "currency", "payment_id", "rail")
"""Columns of an attempt that stand from the start: one key, one amount."""

WRITTEN_ONCE = ("body", "body_hash")
"""Columns of an attempt that are empty until its request is made, and stand from then on."""

NEVER = "the books and the events are never changed: post a correction"
CLOSED = "the books are closed for that day: post on a later one"
FROZEN = "an attempt keeps its key, request and amount: make a new attempt"


def kept(dialect: str, *tables: str) -> Iterator[str]:
    """Yields the SQL that makes later tables append-only as well, once the first guards are there."""
    for table in tables:
        yield from _never(table) if dialect == "sqlite" else (_never_postgres(table),)


def closed(dialect: str) -> Iterator[str]:
    """Yields the SQL that refuses a journal dated on or before the last day that is closed."""
    last = "(SELECT max(closed_up_to) FROM periods)"
    if dialect == "sqlite":
        yield (
            f"CREATE TRIGGER closed_journals BEFORE INSERT ON journals WHEN NEW.posted_on <= {last} "
            f"BEGIN SELECT RAISE(ABORT, '{CLOSED}'); END"
        )
        return
    yield _refusing("grants_closed", CLOSED, f"NEW.posted_on <= {last}")
    yield "CREATE TRIGGER closed_journals BEFORE INSERT ON journals FOR EACH ROW EXECUTE FUNCTION grants_closed()"


def statements(dialect: str) -> Iterator[str]:
    """Yields the SQL that sets the guards up on ``sqlite`` or ``postgresql``."""
    yield from _postgres() if dialect == "postgresql" else _sqlite()


def _sqlite() -> Iterator[str]:
    for table in APPEND_ONLY:
        yield from _never(table)
    changed = _changed("IS NOT")
    yield (
        f"CREATE TRIGGER frozen_attempts BEFORE UPDATE ON attempts WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    )
    yield f"CREATE TRIGGER kept_attempts BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"


def _postgres() -> Iterator[str]:
    yield _refusing("grants_never", NEVER)
    yield _refusing("grants_frozen", FROZEN)
    for table in APPEND_ONLY:
        yield _never_postgres(table)
    changed = _changed("IS DISTINCT FROM")
    yield (
        f"CREATE TRIGGER frozen_attempts BEFORE UPDATE ON attempts FOR EACH ROW WHEN ({changed}) "
        "EXECUTE FUNCTION grants_frozen()"
    )
    yield "CREATE TRIGGER kept_attempts BEFORE DELETE ON attempts FOR EACH ROW EXECUTE FUNCTION grants_frozen()"


def _never(table: str) -> Iterator[str]:
    for act in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER never_{act.lower()}_{table} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        )


def _never_postgres(table: str) -> str:
    return (
        f"CREATE TRIGGER never_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION grants_never()"
    )


def _changed(differs: str) -> str:
    parts = [f'OLD."{name}" {differs} NEW."{name}"' for name in FROZEN_ATTEMPT]
    parts += [f"""(OLD."{name}" <> '' AND OLD."{name}" {differs} NEW."{name}")""" for name in WRITTEN_ONCE]
    return " OR ".join(parts)


def _refusing(name: str, words: str, when: str = "") -> str:
    refuse = f"RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';"
    body = f"IF {when} THEN {refuse} END IF; RETURN NEW;" if when else refuse
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
