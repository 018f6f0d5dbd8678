"""The porch of all doors: headers, cookies, forgery checks, limits, languages, files and the page kit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, abort, current_app, g, has_request_context, make_response, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from grants.config import Settings
from grants.languages import ENGLISH, Language, gather
from grants.schemas import tongue
from grants.web.errors import register_errors
from grants.web.filters import FILTERS, TIMEZONE, state_said

log = structlog.get_logger(__name__)

R = TypeVar("R")
P = ParamSpec("P")

ROOM = Path(__file__).parent.parent
DIST = ROOM / "static" / "dist"

COOKIE = "grants-language"
"""Where a browser keeps, until it is closed, which language was chosen on the menu."""

OTHER_DOORS = ("/staff", "/funders", "/sign-in", "/api", "/webhooks")
"""Where pages are always in English, also those that are not found."""

CONTENT_SECURITY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
"""What a page may load or ask for: our own files and pages, nothing inline, nothing from elsewhere."""

PERMISSIONS = ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
"""What no page of ours ever uses of a phone."""

LARGEST_BODY = 8 * 1024 * 1024
LARGEST_FORM = 512 * 1024
"""Bytes in one request, and in its written answers (files not counted)."""

LARGEST_PICTURES = 40 * 1024 * 1024
TAKE_PICTURES = frozenset({"recipients.answer_ask", "recipients.tell_story", "staff.answer_ask"})
"""Bytes in one request with pictures of receipts, and the routes that take such."""

SIGN_IN = "10 per minute"
APPLY = "20 per 10 minutes"
MISSES = "20 per 10 minutes"
"""Tries from one address: generous, because a hostel, a library or an advice desk shares one."""

ONE_YEAR = 365 * 24 * 3600

limiter = Limiter(get_remote_address, storage_uri="memory://")
csrf = CSRFProtect()


@limiter.request_filter
def _limits_are_off() -> bool:
    return not current_app.config["RATELIMIT_ENABLED"]


def setup(app: Flask, settings: Settings) -> None:
    """Puts the porch before an app's doors; call it once, before any blueprint is registered.

    ``RATELIMIT_ENABLED`` in the app's config, set before, switches the limits (tests, benchmarks).
    """
    secure = settings.base_url.startswith("https://")
    _set_cookies(app, settings, secure=secure)
    _set_headers(app, secure=secure)
    app.before_request(_refuse_impossible_addresses)
    app.before_request(_limit_written_answers)
    csrf.init_app(app)
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter.init_app(app)
    limiter.enabled = True  # one limiter serves every app of a process; _limits_are_off asks each app
    _set_language(app, settings)
    _set_pages(app, settings)
    register_errors(app)
    _serve_files(app, secure=secure)


def _set_cookies(app: Flask, settings: Settings, *, secure: bool) -> None:
    prefix = "__Host-" if secure else ""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=f"{prefix}grants",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        REMEMBER_COOKIE_NAME=f"{prefix}grants-remember",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME="https" if secure else "http",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        # A page left open over lunch still works: the token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
        # Browsers send no Referer under our own Referrer-Policy, so it cannot be asked for.
        WTF_CSRF_SSL_STRICT=False,
    )
    if settings.mode == "live":
        app.config["TRUSTED_HOSTS"] = [urlsplit(settings.base_url).hostname or "", "localhost", "127.0.0.1", "[::1]"]


def _refuse_impossible_addresses() -> None:
    """Ends with “not found” for an address with a zero byte: PostgreSQL takes none in its texts."""
    if "\x00" in request.path:
        abort(404)


def _limit_written_answers() -> None:
    """Holds plain forms to the size that Flask holds only forms with files to, and lets pictures be larger."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = LARGEST_FORM
    elif request.endpoint in TAKE_PICTURES:
        request.max_content_length = LARGEST_PICTURES


def _set_headers(app: Flask, *, secure: bool) -> None:
    app.after_request(_keep_private)
    Talisman(
        app,
        force_https=False,  # the proxy redirects; /healthz is asked over plain HTTP behind it
        strict_transport_security=secure,
        strict_transport_security_max_age=ONE_YEAR,
        strict_transport_security_include_subdomains=False,
        session_cookie_secure=secure,
        frame_options="DENY",
        content_security_policy=CONTENT_SECURITY,
        referrer_policy="no-referrer",
        permissions_policy=dict.fromkeys(PERMISSIONS, "()"),
    )


def _keep_private(response: Response) -> Response:
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def findable(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Returns the view as one that search engines may list and browsers may go back to.

    Every other page is kept by nobody (``no-store``) and listed nowhere. Only for pages that hold
    nothing about a person.
    """

    @wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> Response:
        response = make_response(view(*args, **kwargs))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return shown


def limit_misses(view: Callable[P, R]) -> Callable[P, R]:
    """Returns the view, shut for a while to an address that asked for many links that do not exist."""
    return limiter.limit(MISSES, deduct_when=lambda response: response.status_code == 404)(view)


def _set_language(app: Flask, settings: Settings) -> None:
    spoken = gather(settings.home)
    for problem in spoken.problems:
        log.warning("language_left_out", problem=problem)
    Babel(app, default_locale="en_GB", default_timezone=str(TIMEZONE), locale_selector=tongue.locale)
    tongue.setup(app, tongue.Spoken(spoken, chosen_language, read=lambda _language: (), theirs=lambda *_of: {}))


def chosen_language() -> Language:
    """Returns the language of this page: chosen on the menu, else what the browser asks for; English for colleagues.

    It is found once for each request.
    """
    if not has_request_context():
        return ENGLISH
    kept: Language | None = g.get("language")
    if kept is None:
        kept = g.language = _asked_for() if for_recipients() else ENGLISH
    return kept


def for_recipients() -> bool:
    """Returns whether this page is one that recipients see: of their own door, or of none."""
    if request.endpoint is not None and request.blueprint is not None:
        return request.blueprint == "recipients"
    return not request.path.startswith(OTHER_DOORS)


def _asked_for() -> Language:
    spoken = tongue.languages()
    chosen = spoken.spoken.get(request.cookies.get(language_cookie(), ""))
    if chosen is not None:
        return chosen
    by_name = {language.html: language for language in spoken.spoken.values()}
    return by_name[request.accept_languages.best_match(by_name) or ENGLISH.html]


def language_cookie() -> str:
    """Returns what the cookie of the chosen language is called here."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def _set_pages(app: Flask, settings: Settings) -> None:
    app.jinja_loader = ChoiceLoader(
        [PackageLoader("grants"), PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    app.jinja_env.filters.update(FILTERS)
    sentences = cast(Any, app.jinja_env)  # the i18n extension adds what is called next
    sentences.install_gettext_callables(tongue.gettext, tongue.bare_ngettext, newstyle=True)
    app.jinja_env.globals.update(
        state_said=state_said,
        asset=asset,
        sheet=sheet,
        charity_name=settings.charity_name,
        contact_phone=settings.contact_phone,
        contact_email=settings.contact_email,
        practice=settings.mode != "live",
        page_lang=page_lang,
        page_dir=page_dir,
        language_menu=language_menu,
        some_english=tongue.some_english,
    )


def page_lang() -> str:
    """Returns the page's language as HTML names it: ``en-GB``."""
    return tongue.language().html


def page_dir() -> str:
    """Returns ``rtl`` for a page in Arabic, Farsi, Sorani and the like, else ``ltr``."""
    return tongue.language().direction


def language_menu() -> list[tuple[Language, str]]:
    """Returns this page’s other languages, each with a link back to ``g.turn_to`` or here; none for colleagues."""
    if not for_recipients():
        return []
    here, to = tongue.language(), quote(f"{request.script_root}{g.get('turn_to', request.path)}")
    others = (each for each in tongue.languages().spoken.values() if each is not here)
    return [(each, f"{request.script_root}/language/{each.tag}?to={to}") for each in others]


def asset(name: str) -> str:
    """Returns the address of a compiled file, with a mark that changes when the file does."""
    return f"{request.script_root}/static/{name}?v={_mark(DIST / name)}"


def sheet() -> str:
    """Returns the address of the style sheet, mirrored for right-to-left pages where such a sheet was made."""
    mirrored = page_dir() == "rtl" and (DIST / "app.rtl.css").is_file()
    return asset("app.rtl.css" if mirrored else "app.css")


@cache
def _mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "none"


def _serve_files(app: Flask, *, secure: bool) -> None:
    files = WhiteNoise(app.wsgi_app, max_age=ONE_YEAR, allow_all_origins=False, add_headers_function=_file_headers)
    if DIST.is_dir():
        files.add_files(str(DIST), prefix="static/")
    app.wsgi_app = files  # type: ignore[method-assign]  # how Flask is wrapped, by its own documentation
    if secure:  # https means that one proxy stands before us and says who asks
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]


def _file_headers(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
