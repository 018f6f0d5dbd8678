"""E-mail over SMTP, plain text, discreet: no pictures, no tracking, no name of the person."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from grants.offers import Message

TIMEOUT_SECONDS = 20


def sender(smtp_url: str, mail_from: str) -> Callable[[Message], None]:
    """Returns a function that sends one message over ``smtp://user:password@host:port`` (or ``smtps://``).

    The function raises ``smtplib.SMTPException`` or ``OSError`` when the server surely did not take it.
    ``smtp://host:port?starttls=1`` asks for encryption after the greeting.
    """
    url = urlsplit(smtp_url)

    def send(message: Message) -> None:
        with _connected(url.scheme, url.hostname or "localhost", url.port) as server:
            if "starttls" in url.query:
                server.starttls(context=ssl.create_default_context())
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(_letter(message, mail_from))

    return send


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)


def _letter(message: Message, mail_from: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = mail_from
    letter["To"] = message.to
    letter["Subject"] = message.subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{message.number}@{mail_from.rpartition('@')[2].strip('>') or 'localhost'}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="base64" if _begins_a_line_with_from(message.text) else None)
    return letter


def _begins_a_line_with_from(text: str) -> bool:
    """Returns whether the mail library would write “>From” into the text, unless it is wrapped up whole."""
    return any(line.startswith("From ") for line in text.splitlines())
