"""The porch: what every answer carries, what is refused at the door, and what people are told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from grants.domain.money import Money
from grants.web import porch
from grants.web.filters import FILTERS, ago, day, minutes, money, when
from tests.web.pages import StrictClient, assert_nothing_inline, every, parse, strict, texts
from tests.web.sample import sample_app

PAGES = ("/", "/r/good", "/staff", "/staff/one", "/form", "/settings", "/funder", "/done")
STATUSES = (400, 401, 403, 404, 405, 409, 410, 413, 418, 429, 500, 502, 503)


@pytest.fixture(scope="module")
def client() -> StrictClient:
    """A client of one app without limits, for tests that only look."""
    return strict(sample_app(RATELIMIT_ENABLED=False))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_valid_and_loads_only_what_is_ours(client: StrictClient, path: str) -> None:
    page = client.page(path)
    assert page.get("lang") == "en-GB"
    assert page.get("dir") == "ltr"
    loaded = [link.get("href", "") for link in every(page, "link", rel="stylesheet")]
    loaded += [script.get("src", "") for script in every(page, "script")]
    assert loaded
    assert all(address.startswith("/static/") and "?v=" in address for address in loaded)
    assert len(list(every(page, "h1"))) == 1
    assert len(list(every(page, "main"))) == 1


def test_recipients_pages_need_no_script(client: StrictClient) -> None:
    for path in ("/", "/r/good", "/done"):
        page = client.page(path)
        assert not list(every(page, "script"))
        (leave,) = every(page, "a", class_="house-exit__link")
        assert "noreferrer" in leave.get("rel", "")


def test_every_answer_carries_the_headers_errors_too(client: StrictClient) -> None:
    for path in ("/", "/nowhere", "/trouble/500", "/api/trouble/404"):
        headers = client.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_pages_are_kept_by_nobody_unless_they_say_so(client: StrictClient) -> None:
    mine, home = client.get("/r/good"), client.get("/")
    assert mine.headers["Cache-Control"] == "no-store"
    assert "noindex" in mine.headers["X-Robots-Tag"]
    assert home.headers["Cache-Control"] == "private, no-cache"
    assert "X-Robots-Tag" not in home.headers


def test_cookies_over_http_and_https() -> None:
    plain = strict(sample_app()).get("/form").headers["Set-Cookie"]
    assert plain.startswith("grants=")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    safe = strict(sample_app(base_url="https://grants.example")).get("/form", base_url="https://localhost")
    cookie = safe.headers["Set-Cookie"]
    assert cookie.startswith("__Host-grants=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert safe.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_form_without_its_token_is_refused_kindly_and_with_it_goes_through() -> None:
    client = strict(sample_app())
    refused = client.post("/form", data={"amount": "5"})
    assert refused.status_code == 400
    page = texts(parse(refused.get_data(as_text=True)))
    assert "Nothing was saved" in page
    assert "CSRF" not in page
    assert client.send("/form", {"amount": "5"}).status_code == 422
    other = strict(sample_app())
    other.get("/form")
    token = next(every(client.page("/form"), "input", name="csrf_token")).get("value")
    assert other.post("/form", data={"csrf_token": token}).status_code == 400


def test_a_form_is_taken_over_https_though_browsers_send_no_referrer() -> None:
    client = strict(sample_app(base_url="https://grants.example"))
    page = parse(client.get("/form", base_url="https://localhost").get_data(as_text=True))
    token = next(every(page, "input", name="csrf_token")).get("value")
    sent = client.post("/form", base_url="https://localhost", data={"csrf_token": token})
    assert sent.status_code == 422


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_says_what_to_do_next(client: StrictClient, status: int) -> None:
    response = client.get(f"/trouble/{status}")
    assert response.status_code == status
    page = parse(response.get_data(as_text=True))
    main = next(every(page, "main"))
    assert list(every(main, "li"))
    said = texts(main).lower()
    assert not [word for word in ("error", "invalid", "request", "server", "forbidden", str(status)) if word in said]


def test_a_refusal_is_said_in_its_own_words(client: StrictClient) -> None:
    assert "The fund has £20 left." in client.get("/trouble/409").get_data(as_text=True)
    assert "You cannot decide for yourself." in client.get("/trouble/403").get_data(as_text=True)


def test_programs_get_problem_documents(client: StrictClient) -> None:
    for status in STATUSES:
        response = client.get(f"/api/trouble/{status}")
        assert response.status_code == status
        assert response.mimetype == "application/problem+json"
        body = json.loads(response.get_data())
        assert body["status"] == status
        assert body["type"] == "about:blank"
        assert body["detail"]
    refused = json.loads(client.get("/api/trouble/409").get_data())
    assert (refused["code"], refused["field"]) == ("fund.not_enough", "amount")


def test_the_wrong_verb_is_told_the_right_ones() -> None:
    client = strict(sample_app())
    for path in ("/staff", "/api/trouble/404"):
        response = client.put(path)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.delete("/nowhere/at/all").status_code == 404


def test_what_went_wrong_is_logged_without_the_link(capsys: pytest.CaptureFixture[str]) -> None:
    app = sample_app()

    @app.get("/r/<token>/broken")
    def broken(token: str) -> str:
        raise ZeroDivisionError

    with capture_logs() as logs:
        assert strict(app).get("/r/very-secret-token/broken").status_code == 500
    assert [entry["endpoint"] for entry in logs if entry["event"] == "request.failed"] == ["broken"]
    assert "very-secret-token" not in repr(logs) + "".join(capsys.readouterr())


def test_when_even_the_template_fails_a_person_is_still_told() -> None:
    app = sample_app()

    @app.context_processor
    def failing() -> dict[str, str]:
        raise ZeroDivisionError

    with capture_logs():
        response = strict(app).get("/")
    assert response.status_code == 500
    assert "our fault" in response.get_data(as_text=True)


def test_too_much_is_refused_kindly(client: StrictClient) -> None:
    long = client.post("/form", data={"why": "x" * (porch.LARGEST_FORM + 1)})
    assert long.status_code == 413
    large = client.post("/form", data=b"x" * (porch.LARGEST_BODY + 1), content_type="application/x-www-form-urlencoded")
    assert large.status_code == 413
    assert "make it smaller" in large.get_data(as_text=True)
    files = client.post("/form", data={f"a{n}": "" for n in range(1500)}, content_type="multipart/form-data")
    assert files.status_code == 413


def test_many_forms_from_one_address_have_to_wait() -> None:
    client = strict(sample_app())
    token = next(every(client.page("/form"), "input", name="csrf_token")).get("value")
    statuses = [client.post("/form", data={"csrf_token": token}).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    response = client.post("/form", data={"csrf_token": token})
    assert int(response.headers["Retry-After"]) == 600
    assert "You did nothing wrong" in response.get_data(as_text=True)
    assert client.get("/form").status_code == 200
    assert client.post("/form", data={"csrf_token": token}, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 422


def test_only_links_that_do_not_exist_are_counted() -> None:
    client = strict(sample_app())
    assert [client.get("/r/good").status_code for _ in range(30)] == [200] * 30
    assert [client.get(f"/r/guess{n}").status_code for n in range(21)] == [404] * 20 + [429]
    assert client.get("/r/good").status_code == 429


def test_limits_can_be_off_in_one_app_and_on_in_another() -> None:
    free, shut = sample_app(RATELIMIT_ENABLED=False), sample_app()
    later = sample_app(RATELIMIT_ENABLED=False)
    assert {strict(app).get(f"/r/guess{n}").status_code for n in range(30) for app in (free, later)} == {404}
    client = strict(shut)
    assert [client.get(f"/r/guess{n}").status_code for n in range(21)][-1] == 429


def test_behind_a_proxy_each_person_is_counted_alone_and_without_one_nobody_can_pretend() -> None:
    behind = strict(sample_app(base_url="https://grants.example"))
    for n in range(25):
        assert behind.get("/r/guess", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code == 404
    bare = strict(sample_app())
    statuses = [bare.get("/r/guess", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(21)]
    assert statuses[-1] == 429


def test_a_live_site_answers_to_its_own_name_only() -> None:
    live = strict(sample_app(mode="live", base_url="https://grants.example"))
    assert live.get("/", base_url="https://grants.example").status_code == 200
    assert live.get("/", base_url="https://evil.example").status_code == 400
    assert live.get("/").status_code == 200


def test_a_practice_copy_says_so_and_a_live_one_does_not() -> None:
    assert "No real money moves" in texts(strict(sample_app()).page("/"))
    assert "No real money moves" in texts(strict(sample_app(mode="test")).page("/"))
    assert "No real money moves" not in texts(strict(sample_app(mode="live")).page("/"))


def test_the_sheet_is_light_and_served_for_long(client: StrictClient) -> None:
    if not (porch.DIST / "app.css").is_file():
        pytest.fail("the page kit is not compiled: run `make setup`")
    (sheet,) = every(client.page("/"), "link", rel="stylesheet")
    response = client.get(sheet.get("href", ""), headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 200
    assert response.mimetype == "text/css"
    assert "max-age=31536000" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert len(response.get_data()) < 30_000
    assert client.get("/static/../src/house.scss").status_code == 404


def test_the_mark_of_a_file_changes_with_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one.css", tmp_path / "other.css"
    one.write_text("a{}")
    other.write_text("b{}")
    assert porch._mark(one) != porch._mark(other)
    assert porch._mark(tmp_path / "missing.css") == "none"


@pytest.fixture
def page_app() -> Flask:
    return sample_app()


def test_money_days_and_minutes_in_plain_british_words(page_app: Flask) -> None:
    with page_app.test_request_context():
        assert money(Money(15000)) == "£150"
        assert money(Money(123450)) == "£1,234.50"
        assert money((9950, "GBP")) == "£99.50"
        assert money(Money(5, "GBP")) == "£0.05"
        assert money(Money(-2000)) == "-£20"
        assert money(Money(500, "JPY")) == "JP¥500"
        assert money(Money(1500, "EUR")) == "€15"
        assert day(date(2026, 11, 23)) == "23 November 2026"
        assert day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026"
        assert when(datetime(2026, 6, 30, 13, 5, tzinfo=UTC)) == "30 June 2026 at 14:05"
        assert ago(timedelta(days=3, hours=5)) == "3 days"
        assert ago(timedelta(days=1)) == "1 day"
        assert ago(timedelta(hours=5)) == "5 hours"
        assert ago(timedelta(seconds=90)) == "1 minute"
        assert ago(timedelta(seconds=-5)) == "less than a minute"
        now = datetime(2026, 11, 23, tzinfo=UTC)
        assert ago(now - timedelta(days=40), now) == "40 days"
        assert minutes(0) == "0 minutes"
        assert minutes(0.5) == "about 1 minute"
        assert minutes(3) == "about 3 minutes"
        assert minutes(70) == "about 1 hour 10 minutes"
        assert minutes(120) == "about 2 hours"
        with pytest.raises(TypeError):
            ago(now)
    assert set(FILTERS) <= set(page_app.jinja_env.filters)


def test_a_page_turns_round_for_right_to_left(page_app: Flask) -> None:
    found = strict(page_app).get("/nowhere", headers={"Accept-Language": "ar-EG,ar;q=0.9"})
    assert '<html lang="ar" dir="rtl"' in found.text
    with page_app.test_request_context("/nowhere", headers={"Accept-Language": "ar"}):
        assert porch.chosen_language().tag == "ar"
        assert porch.sheet().partition("?")[0] == "/static/app.rtl.css"
    with page_app.test_request_context("/staff/", headers={"Accept-Language": "ar"}):
        assert (porch.page_lang(), porch.page_dir()) == ("en-GB", "ltr")


def test_the_strict_reader_is_strict() -> None:
    start, end = "<!DOCTYPE html><html lang='en'><head><title>x</title></head><body>", "</body></html>"
    assert parse(f"{start}<p>fine</p>{end}") is not None
    for bad in (
        "<p style='color:red'>",
        "<script>alert(1)</script>",
        "<p id='a'></p><p id='a'></p>",
        "<label for='nothing'>x</label>",
        "<a href='javascript:void(0)'>x</a>",
        "<p onclick='x()'>x</p>",
        "<div>",
        "<table><p>x</p></table>",
    ):
        with pytest.raises(AssertionError):
            parse(start + bad + end)
    assert_nothing_inline(parse(f"{start}<script src='/static/app.js'></script>{end}"))
