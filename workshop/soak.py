"""Runs the long checks and prints what they found, with minutes for each: `make soak`. Some take hours.

Every file of tests that takes sizes from `tests/sizes.py` is one part, run with its long sizes. Then the tests
themselves are tried: mutmut changes the code of money and of the books, and counts how many changes they notice.
Words after the script's name go to pytest (`make soak ARGS="-k storms"`), and leave mutmut out; the one word
`mutation` runs mutmut alone. All figures are kept in `dist/soak.txt`.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FIGURES = ROOT / "dist" / "soak.txt"
STATS = ROOT / "mutants" / "mutmut-cicd-stats.json"

NOTHING_CHOSEN = 5
"""What pytest says when the words chose no test of a file."""

LONGEST = 24 * 60 * 60
"""Seconds that one long test may take."""

KILLED = 0.90
"""The share of changes of the code that the tests must notice."""


def parts() -> list[Path]:
    """Returns the files of tests that have long sizes."""
    found = [*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("plugins/*/tests/**/test_*.py")]
    return sorted(path for path in found if "from tests.sizes import" in path.read_text(encoding="utf-8"))


def tell(line: str) -> None:
    """Prints a line and keeps it."""
    print(line, flush=True)
    with FIGURES.open("a", encoding="utf-8") as kept:
        kept.write(line + "\n")


def run_part(path: Path, words: list[str]) -> bool:
    """Runs one part on all processors; returns whether it passed. A part with nothing chosen is passed over."""
    began, name = time.monotonic(), str(path.relative_to(ROOT))
    print(f"── {name}", flush=True)
    at_once = ["-n", str(os.cpu_count() or 1), "--dist", "worksteal", "--timeout", str(LONGEST)]
    long = os.environ | {"GRANTS_SOAK": "1", "GRANTS_FIGURES": str(FIGURES)}
    command = [str(BIN / "python"), "-m", "pytest", "-q", *at_once, name, *words]
    code = subprocess.run(command, cwd=ROOT, env=long, check=False).returncode
    if code == NOTHING_CHOSEN:
        return True
    tell(f"{name}: {'good' if code == 0 else 'NOT good'}, {(time.monotonic() - began) / 60:.1f} minutes")
    return code == 0


def run_mutation() -> bool:
    """Changes the code of money and of the books in every small way; returns whether the tests notice enough."""
    began = time.monotonic()
    print("── Mutation", flush=True)
    STATS.unlink(missing_ok=True)
    for act in ("run", "export-cicd-stats"):
        subprocess.run([str(BIN / "mutmut"), act], cwd=ROOT, check=False)
    if not STATS.exists():
        tell("Mutation: NOT good, mutmut told nothing")
        return False
    counts = json.loads(STATS.read_text(encoding="utf-8"))
    noticed, made = counts["killed"] + counts.get("timeout", 0), counts["total"] - counts.get("skipped", 0)
    share = noticed / made if made else 0.0
    minutes = (time.monotonic() - began) / 60
    tell(f"Mutation: {noticed} of {made} changes noticed, {share:.1%} (at least {KILLED:.0%}), {minutes:.1f} minutes")
    return share >= KILLED


def main() -> int:
    """Returns 0 if every part passed, else 1."""
    words = sys.argv[1:]
    FIGURES.parent.mkdir(exist_ok=True)
    tell(f"── Long checks, {time.strftime('%d %B %Y, %H:%M')}{': ' + ' '.join(words) if words else ''}")
    outcomes = [run_part(path, words) for path in parts()] if words != ["mutation"] else []
    if words in ([], ["mutation"]):
        outcomes.append(run_mutation())
    print(f"\n{FIGURES.read_text(encoding='utf-8').rpartition('── Long checks')[2]}")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
