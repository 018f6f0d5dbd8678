#!/bin/sh
# Writes requirements.lock and requirements-dev.lock: exact versions for Python 3.11 and later, with hashes and no addresses.
# The compiler itself goes to a folder of its own, so that it is in no lock.
set -eu
cd "$(dirname "$0")/.."
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
.venv/bin/python -m pip install --quiet --disable-pip-version-check --target "$tool" uv

compile() {
    target=$1
    shift
    "$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --no-annotate --no-header --output-file "$target" "$@" >/dev/null
    if grep -nE 'https?://|file:|--index|--find-links' "$target"; then
        echo "$target names an address; it must not." >&2
        exit 1
    fi
}

compile requirements.lock requirements.in
compile requirements-dev.lock --constraints requirements.lock requirements-dev.in
echo "Pinned: $(grep -c '==' requirements.lock) packages to run, $(grep -c '==' requirements-dev.lock) to build and check."
