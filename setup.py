"""Says where each package is found; everything else about the distribution is in setup.cfg.

`migrations/` and `demo/` are plain folders in the checkout and travel as `grants_migrations` and `grants_demo`.
Code finds them with `importlib.resources.files("grants_migrations")`, in a checkout and in a wheel alike.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["grants", "grants.*"]), "grants_migrations", "grants_demo"],
    package_dir={"grants_migrations": "migrations", "grants_demo": "demo"},
)
