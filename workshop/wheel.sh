#!/bin/sh
# Builds one wheel for the core and one for each plugin into dist/, or into the folder that is named.
# Everything is copied first and built there with what is pinned in .venv: nothing is fetched, nothing old gets in.
set -eu
cd "$(dirname "$0")/.."
target=${1:-dist}
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
mkdir -p "$target" "$copies/core"
rm -f "$target"/grants_*.whl
if [ ! -e grants/static/dist/app.css ]; then
    echo "The page kit is not compiled yet: run make setup." >&2
    exit 1
fi
cp -R grants migrations demo setup.py setup.cfg pyproject.toml MANIFEST.in README.md LICENSE "$copies/core"
cp -R plugins "$copies/plugins"
find "$copies" -name __pycache__ -prune -exec rm -rf {} +
rm -rf "$copies"/plugins/*/build "$copies"/plugins/*/*.egg-info
set -- "$copies/core"
for folder in "$copies"/plugins/*/; do
    if [ -e "$folder/setup.cfg" ]; then set -- "$@" "$folder"; fi
done
.venv/bin/python -m pip --disable-pip-version-check wheel --quiet --no-index --no-deps --no-build-isolation \
    --wheel-dir "$target" "$@"
ls -1 "$target"
