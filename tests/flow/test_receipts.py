"""Pictures of receipts: drawn anew, with nothing hidden in them, or refused in plain words with nothing kept."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select, text

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import confirm, pictures
from grants.flow.confirm import receipts
from grants.flow.desk import Desk
from grants.flow.forget import WORDS_DAYS
from grants.model.asks import Attachment, GrantAsk
from grants.model.grants import Grant
from tests.conftest import Clock
from tests.hoping import RECEIPTS, Asking, picture

SECRET = "Taken at 50.7N 2.4W by Severina"


def from_a_phone() -> bytes:
    """A photograph lying on its side, with a place, a name, a comment and a colour profile in it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x010E] = 6, "Severina Preda", SECRET
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (50.0, 42.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (400, 200), "teal").save(
        out, "JPEG", exif=exif, comment=SECRET.encode(), icc_profile=b"acsp" + SECRET.encode() * 20
    )
    return out.getvalue()


def drawn(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(pictures.redraw(data).data))


def test_nothing_hidden_stays_and_it_stands_upright() -> None:
    came = from_a_phone()
    assert SECRET.encode() in came
    made = pictures.redraw(came)
    assert (made.width, made.height) == (200, 400), "a picture on its side is turned the right way up"
    for hidden in (SECRET.encode(), b"Severina", b"Exif", b"ICC_PROFILE", b"acsp", b"GPS"):
        assert hidden not in made.data
    image = drawn(came)
    assert (dict(image.getexif()), image.info.get("comment"), image.info.get("icc_profile")) == ({}, None, None)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (3000, 1000), (900, 2400)])
def test_every_kind_becomes_a_jpeg_of_a_bounded_size(kind: str, size: tuple[int, int]) -> None:
    image = drawn(picture(kind, size))
    assert image.format == "JPEG"
    assert max(image.size) <= pictures.LONGEST_SIDE
    assert image.size == size or max(image.size) == pictures.LONGEST_SIDE


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_drawings_of_any_kind_are_read(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    assert drawn(out.getvalue()).size == (30, 20)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG whose hidden words would unfold to a hundred megabytes."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "x" * 100_000_000, zip=True)
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "PNG", pnginfo=words)
    return out.getvalue()


def as_kind(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, kind)
    return out.getvalue()


HOSTILE = {
    "nothing": b"",
    "words": b"hello",
    "a page": b"<html><script>alert(1)</script></html>",
    "a drawing with a script": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a document": b"%PDF-1.7\n1 0 obj\n",
    "a program": b"MZ\x90\x00" + b"\x00" * 200,
    "half a photo": from_a_phone()[:700],
    "a photo that ends in a page": b"<script>alert(1)</script>" + from_a_phone(),
    "a moving picture": as_kind("GIF"),
    "a scan": as_kind("TIFF"),
    "an icon": as_kind("ICO"),
    "a printer’s file": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "a phone’s own kind": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100,
    "a bomb": bomb(),
    "too many bytes": b"\xff\xd8\xff" + b"\x00" * (10 * 1024 * 1024),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_whatever_else_is_refused_in_plain_words(what: str) -> None:
    with pytest.raises(Refusal) as refused:
        pictures.redraw(HOSTILE[what])
    assert refused.value.code in ("picture.kind", "picture.too_large")
    assert refused.value.field == "pictures"
    assert "Traceback" not in refused.value.message


def test_hidden_words_that_unfold_are_refused() -> None:
    with pytest.raises(Refusal, match="JPEG, PNG or WebP"):
        pictures.redraw(text_bomb())


def test_a_page_hidden_behind_a_photo_is_left_behind() -> None:
    made = pictures.redraw(from_a_phone() + b"<script>alert(1)</script>")
    assert b"script" not in made.data


def ask_of(desk: Desk, grant: int) -> GrantAsk:
    return desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == grant)).one()


def test_all_or_none_and_at_most_ten(asking: Asking) -> None:
    grant = asking.award(asking.fund(RECEIPTS))
    with asking.desk() as desk:
        assert receipts.add_pictures(desk, ask_of(desk, grant), [picture()] * 2) == 2
        with pytest.raises(Refusal, match="JPEG, PNG or WebP"):
            receipts.add_pictures(desk, ask_of(desk, grant), [picture(), b"no picture"])
        with pytest.raises(Refusal, match="up to 10"):
            receipts.add_pictures(desk, ask_of(desk, grant), [picture()] * 9)
    with asking.desk() as desk:
        [numbers] = receipts.pictures_of(desk, [ask_of(desk, grant).id]).values()
        assert len(numbers) == 2
        receipts.remove_picture(desk, ask_of(desk, grant), numbers[0])
        assert receipts.how_many(desk, ask_of(desk, grant)) == 1


def test_what_is_kept_is_sealed_and_only_a_worker_sees_it_once_it_was_sent(asking: Asking) -> None:
    asking.join("hugo", "front-line")
    asking.join("tess", "trustee")
    grant = asking.award(asking.fund(RECEIPTS))
    with asking.desk() as desk:
        receipts.add_pictures(desk, ask_of(desk, grant), [from_a_phone()])
        number = desk.session.scalars(select(Attachment.id)).one()
        raw = bytes(desk.session.execute(text("SELECT sealed FROM attachments")).scalar_one())
        assert b"JFIF" not in raw
    with asking.desk("hugo") as desk:
        row = desk.session.get_one(Grant, grant)
        assert receipts.open_picture(desk, row, number) is None, "not before the person has sent it"
        confirm.answer_ask(desk, ask_of(desk, grant), {}, how="letter")
        seen = receipts.open_picture(desk, row, number)
        assert seen is not None
        assert seen.startswith(b"\xff\xd8\xff")
        assert receipts.open_picture(desk, row, number + 1) is None
    other = asking.award(asking.fund(RECEIPTS))
    with asking.desk("hugo") as desk:
        assert receipts.open_picture(desk, desk.session.get_one(Grant, other), number) is None
    with asking.desk("tess") as desk, pytest.raises(NotAllowed):
        receipts.open_picture(desk, desk.session.get_one(Grant, grant), number)
    assert asking.events("ask.met") == [{"before": "open", "how": "letter", "pictures": 1}]


@pytest.mark.parametrize(
    "answers", [{"bank_line": "3 Dec, B&M, £84.99"}, {"own_words": "A bed, about £80."}, {"picture": "yes"}]
)
def test_any_one_proof_is_enough(asking: Asking, answers: dict[str, str]) -> None:
    grant = asking.award(asking.fund(RECEIPTS))
    with asking.desk() as desk:
        ask = ask_of(desk, grant)
        with pytest.raises(Refusal, match="One of these is enough"):
            confirm.answer_ask(desk, ask, {"anything_else": "Thank you."})
        if "picture" in answers:
            receipts.add_pictures(desk, ask, [picture()])
        given = {name: said for name, said in answers.items() if name != "picture"}
        confirm.answer_ask(desk, ask, given)
        assert (ask.state, ask.answers) == ("met", given)


def test_pictures_go_ninety_days_after_they_were_sent_and_a_day_after_they_were_not(
    asking: Asking, clock: Clock
) -> None:
    fund = asking.fund(RECEIPTS)
    sent, unsent = asking.award(fund), asking.award(fund)
    with asking.desk() as desk:
        for grant in (sent, unsent):
            receipts.add_pictures(desk, ask_of(desk, grant), [picture()])
        confirm.answer_ask(desk, ask_of(desk, sent), {})
    left = []
    for days in (1, 1, WORDS_DAYS - 3, 2):
        clock.move(days=days)
        asking.strikes("forget_drafts", "forget")
        with asking.desk() as desk:
            left.append(len(desk.session.scalars(select(Attachment.id)).all()))
    assert left == [2, 1, 1, 0]
    assert len(asking.events("ask.pictures_forgotten")) == 2
    assert asking.ask(sent).state == "met"
