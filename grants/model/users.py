"""Users: people of the charity, its partners and its funders, and when they signed in and out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from grants.domain.roles import GUARDED_ROLES, ROLES, STAFF_ROLES, Role, permissions_of
from grants.model.base import Base

if TYPE_CHECKING:  # the library describes plain attributes where SQLAlchemy has mapped ones

    class UserMixin:
        """What the sign-in library adds to a user, as far as this file uses it."""

        def check_tf_required(
            self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
        ) -> tuple[bool, list[tuple[str, str]]]:
            """Returns whether a second factor is asked for now, and which ones are set up."""

        def check_tf_required_setup(self) -> bool:
            """Returns whether a second factor must be set up."""

else:
    from flask_security import UserMixin


class User(Base, UserMixin):
    """Somebody who signs in; ``email`` is kept in lower case, ``fs_uniquifier`` ends all sessions when it changes.

    ``funder_id`` is set for a funder's viewer, ``organisation`` for a partner. ``recovery_asked_by`` is the
    first of the two people who recover a lost second factor; a leaver has ``left_at`` and is not active.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("recovery_asked_by IS NULL OR recovery_asked_by <> id", name="recovery_asked_by_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    role_names: Mapped[list[str]] = mapped_column(default=list)
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funders.id"), index=True)
    organisation: Mapped[str] = mapped_column(String(200), default="")
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None]
    recovery_asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recovery_asked_at: Mapped[datetime | None]
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    @validates("email")
    def _lower(self, _key: str, value: str) -> str:
        return value.strip().lower()

    @validates("role_names")
    def _known(self, _key: str, value: list[str]) -> list[str]:
        unknown = [name for name in value if name not in ROLES]
        if unknown:
            raise ValueError(f"no such role: {', '.join(unknown)}")
        return list(value)

    @property
    def roles(self) -> list[Role]:
        """Returns the roles of this user, in the order in which they were given."""
        return [ROLES[name] for name in self.role_names if name in ROLES]

    @property
    def permissions(self) -> frozenset[str]:
        """Returns everything that this user may do."""
        return permissions_of(self.role_names)

    @property
    def is_staff(self) -> bool:
        """Returns whether a role of this user opens the staff door."""
        return not STAFF_ROLES.isdisjoint(self.role_names)

    @property
    def needs_second_factor(self) -> bool:
        """Returns whether a role of this user sees people, money or files, so that a password is not enough."""
        return not GUARDED_ROLES.isdisjoint(self.role_names)

    @property
    def has_second_factor(self) -> bool:
        """Returns whether a second factor is set up."""
        return bool(self.tf_totp_secret and self.tf_primary_method)

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Returns whether a second factor is asked for: always when set up, else of whoever needs one."""
        required, methods = super().check_tf_required(tf_setup_methods, tf_fresh)
        return required and (bool(methods) or self.needs_second_factor), methods

    def check_tf_required_setup(self) -> bool:
        """Returns whether this user must have a second factor: staff and auditors, where it is required."""
        return self.needs_second_factor and super().check_tf_required_setup()


class SignIn(Base):
    """One session, written at sign-in and at sign-out; a browser whose row has ended is signed out."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    how: Mapped[str] = mapped_column(String(20), default="password")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
