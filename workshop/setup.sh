#!/bin/sh
# Makes .venv, installs what is pinned, then the core and the plugins, and compiles the page kit.
# Needs Python 3.11 or newer. Safe to run again: a step whose inputs have not changed is skipped.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    stop "Python 3.11 or newer is needed and was not found. Install it, or say where it is: make PYTHON=/path/to/python3"
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
            say "Installing python3-venv from Debian."
            apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
        else
            stop "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"
        fi
    fi
    say "Making .venv with $("$python" --version)."
    "$python" -m venv --clear .venv
}

# fingerprint FILE…: one word that changes when a file's content, or this Python, does.
fingerprint() {
    .venv/bin/python - "$@" <<'PY'
import hashlib, pathlib, sys
total = hashlib.sha256(sys.version.encode())
for name in sys.argv[1:]:
    path = pathlib.Path(name)
    total.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
print(total.hexdigest())
PY
}

# step NAME TELLS COMMAND…: runs COMMAND unless it already succeeded with the same fingerprint.
step() {
    name=$1 print=$2
    shift 2
    stamp=.venv/stamps/$name
    if [ "$(cat "$stamp" 2>/dev/null)" = "$print" ]; then return 0; fi
    rm -f "$stamp"
    "$@"
    mkdir -p .venv/stamps
    printf '%s\n' "$print" >"$stamp"
}

pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

# What builds comes first, so that a package without a wheel is built by it and nothing is fetched unchecked.
install_pinned() {
    say "Installing pinned packages; each is checked against its hash."
    builders=.venv/builders.lock
    awk '/^[a-z0-9]/ { keep = /^(setuptools|wheel)==/ } keep' requirements-dev.lock >"$builders"
    pip install --quiet --require-hashes --no-deps -r "$builders"
    pip install --quiet --require-hashes --no-deps --no-build-isolation -r requirements-dev.lock
}

install_ours() {
    say "Installing the core and the plugins from this folder."
    set -- -e .
    for folder in plugins/*/; do
        if [ -e "$folder/setup.cfg" ]; then set -- "$@" -e "./$folder"; fi
    done
    pip install --quiet --no-deps --no-build-isolation "$@"
}

.venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_venv
step packages "$(fingerprint requirements-dev.lock)" install_pinned
step ours "$(fingerprint "$PWD" setup.py setup.cfg pyproject.toml plugins/*/setup.cfg plugins/*/pyproject.toml)" install_ours
kit="package-lock.json workshop/page_kit.py $(echo grants/static/src/*)"
[ -e grants/static/dist/app.css ] || rm -f .venv/stamps/page-kit
# shellcheck disable=SC2086
step page-kit "$(fingerprint $kit)" .venv/bin/python workshop/page_kit.py
