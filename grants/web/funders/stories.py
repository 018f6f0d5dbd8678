"""Stories, for the funder: what people of their fund told and said that the funder may know, without any name."""

from __future__ import annotations

from flask import render_template

from grants.flow import stories
from grants.web.edge import desk_for_request
from grants.web.funders.door import door
from grants.web.funders.own import fund_of
from grants.web.guard import needs


@door.get("/funds/<slug>/stories")
@needs("funder.read")
def told_stories(slug: str) -> str:
    """Shows the stories of a fund that people let its funder read; one that was taken back is not here any more."""
    desk = desk_for_request()
    fund = fund_of(desk, slug)
    return render_template("funders/stories.html", fund=fund, stories=stories.for_funder(desk, fund))
