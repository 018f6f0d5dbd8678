"""Pictures of pages, kept where ``GRANTS_PICTURES`` names a folder: a run of CI leaves them beside its output."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page


def keep(page: Page, name: str) -> None:
    """Keeps a picture of the whole page; nothing when no folder is named."""
    folder = os.environ.get("GRANTS_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
