"""E-mail over SMTP, plain text, discreet: no pictures, no tracking, no name of the person.

What became of a letter follows the one rule of SMTP (RFC 5321, 4.1.1.4): it is taken when the server says so after the
full stop that ends it. Whatever breaks before that full stop is sent: surely not taken. After it: nobody can say.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from grants.offers import CameBack, Message, PerhapsTaken

TIMEOUT_SECONDS = 20.0

_ALL_IS_SENT = b".\r\n"

NOBODY_THERE = frozenset({550, 551, 553, 556})
"""Answers that are about the address itself (RFC 5321, 4.2.3): other refusals may be about us, and can be mended."""


def sender(smtp_url: str, mail_from: str, timeout: float = TIMEOUT_SECONDS) -> Callable[[Message], None]:
    """Returns a function that sends one message over ``smtp://user:password@host:port`` (or ``smtps://``).

    The function raises CameBack when the server says that this address takes nothing, PerhapsTaken when all was sent
    and no answer came, and ``smtplib.SMTPException`` or ``OSError`` when the server surely did not take it.
    ``smtp://host:port?starttls=1`` asks for encryption after the greeting.
    """
    url = urlsplit(smtp_url)

    def send(message: Message) -> None:
        server = _connected(url, timeout)
        try:
            _hand_over(server, _letter(message, mail_from), parseaddr(mail_from)[1], message.to)
        finally:
            _leave(server)

    return send


def _connected(url: SplitResult, timeout: float) -> smtplib.SMTP:
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, timeout=timeout, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=timeout)
    try:
        if "starttls" in url.query:
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, letter: EmailMessage, mail_from: str, to: str) -> None:
    """Says who it is from and for, sends the letter, and only then the full stop that ends it."""
    _expect(server.mail(mail_from), 250)
    code, words = server.rcpt(to)
    if code in NOBODY_THERE:
        raise CameBack(str(code))
    _expect((code, words), 250, 251)
    _expect(server.docmd("DATA"), 354)
    server.send(re.sub(rb"(?m)^\.", b"..", letter.as_bytes(policy=SMTP)))
    try:
        server.send(_ALL_IS_SENT)
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise PerhapsTaken from error
    if answer[0] in NOBODY_THERE:
        raise CameBack(str(answer[0]))
    _expect(answer, 250)


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise smtplib.SMTPResponseException(answer[0], "")


def _leave(server: smtplib.SMTP) -> None:
    """Says goodbye where somebody still listens; what was taken stays taken."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _letter(message: Message, mail_from: str) -> EmailMessage:
    address = parseaddr(mail_from)[1]
    letter = EmailMessage(policy=SMTP)
    letter["From"] = formataddr((message.sender, address)) if message.sender else mail_from
    letter["To"] = message.to
    letter["Subject"] = message.subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{message.number}@{address.rpartition('@')[2] or 'localhost'}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="base64" if _begins_a_line_with_from(message.text) else None)
    return letter


def _begins_a_line_with_from(text: str) -> bool:
    """Returns whether the mail library would write “>From” into the text, unless it is wrapped up whole."""
    return any(line.startswith("From ") for line in text.splitlines())
