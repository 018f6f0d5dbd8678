"""The second factor: codes from an app on a phone, each of which counts once."""

from __future__ import annotations

import segno
from flask_security import Totp
from markupsafe import Markup
from passlib.totp import TOTP, TotpMatch

from grants.model.users import User


class SecondFactor(Totp):
    """Time-based codes (RFC 6238) that cannot be used twice; the picture is drawn into the page, not loaded."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        """Takes the keys that open what is kept; the first of them seals what is new."""
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, default_tag=next(iter(secrets)))

    def get_last_counter(self, user: User) -> int | None:
        """Returns the count of the last code that was used."""
        return user.tf_last_counter

    def set_last_counter(self, user: User, tmatch: TotpMatch) -> None:
        """Keeps the count of a code that was used."""
        user.tf_last_counter = tmatch.counter

    def generate_qrcode(self, username: str, totp: str) -> str:
        """Returns the picture to scan, as SVG without any style of its own."""
        picture = segno.make(self.get_totp_uri(username, totp), error="m")
        drawn = picture.svg_inline(scale=5, border=4, title="Picture to scan with your app", dark="#000", light="#fff")
        return Markup(drawn)  # noqa: S704  # drawn here, from our own address
