"""The blueprint of this door; every page of it is a view on ``door``."""

from __future__ import annotations

from flask import Blueprint

from grants.web.guard import guard

door = guard(Blueprint("funders", __name__, url_prefix="/funders"), "funders")
