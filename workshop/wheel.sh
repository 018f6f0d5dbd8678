#!/bin/sh
# Builds one wheel for the core and one for each plugin into dist/, from clean folders, with what is pinned in .venv.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist build
mkdir dist
build() {
    rm -rf "$1/build"
    .venv/bin/python -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir dist "$1"
    rm -rf "$1/build"
}
build .
for folder in plugins/*/; do
    if [ -e "$folder/setup.cfg" ]; then build "./$folder"; fi
done
ls -1 dist
