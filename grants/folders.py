"""Where the folders are that travel with the code: migrations, the demonstration charity's data, the plugin template.

In a checkout they stand at the top as ``migrations/`` and ``demo/``; a wheel carries them as ``grants_migrations`` and
``grants_demo`` (see ``setup.py``). They hold no ``__init__.py``, and in an editable install before Python 3.13
``importlib.resources.files`` cannot read such a folder, so the import system is asked where it is instead.
"""

from importlib.util import find_spec
from pathlib import Path


def migrations_folder() -> Path:
    """Returns the folder with Alembic's ``env.py`` and ``versions/``."""
    return _travelling("grants_migrations")


def demo_folder() -> Path:
    """Returns the folder with the demonstration charity's data and its applications as a spreadsheet."""
    return _travelling("grants_demo")


def template_folder() -> Path:
    """Returns the folder with the template of new plugins: a plain folder inside the package."""
    return Path(__file__).with_name("template_plugin")


def benefits_note(home: Path) -> Path:
    """Returns where the benefits note is: the charity's own ``benefits.toml`` at home, else ours."""
    own = home / "benefits.toml"
    return own if own.exists() else Path(__file__).with_name("benefits.toml")


def messages_folder() -> Path:
    """Returns the folder with what people are told, one file for each language."""
    return Path(__file__).with_name("messages")


def _travelling(name: str) -> Path:
    """Returns the first real folder under an installed name; raises ``FileNotFoundError`` if it did not travel."""
    spec = find_spec(name)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if Path(place).is_dir():
            return Path(place)
    raise FileNotFoundError(f"The folder {name} is missing: install Grants on Trust again.")
