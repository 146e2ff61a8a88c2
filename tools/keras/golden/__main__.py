"""`python -m golden [--check] [names…]`: makes the fixtures again, or says how they differ from what Keras makes."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import (
    activations, adapted, callbacks, constraints, files, hostile, layers, logits, losses, masks, metrics, models, names, optimizers,
    outputs, public, regularizers, schedules, summaries, training, whole_batches,
)
from .fixture import FIXTURES, Different, Fixture

KINDS = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        names, files, hostile, activations, regularizers, constraints, losses, metrics, optimizers, schedules, callbacks, layers,
        adapted, masks, models, public, training, summaries, logits, outputs, whole_batches,
    )
}  # fmt: skip


def verdict(fixture: Fixture) -> tuple[str, str]:
    """How the file stands to what Keras makes: `same`, `near`, `different` or `new`, and by how much."""
    if not fixture.file.exists():
        return "new", ""
    try:
        error = fixture.error()
    except Different as difference:
        return "different", f": {difference}"
    if error == 0:
        return "same", ""
    return "near" if error <= fixture.tolerance else "different", f": off by {error:.1e}"


def go_through(kind: str, asked: set[str], check: bool, made: dict[Path, str]) -> Counter[str]:
    """Makes one kind's fixtures: those that stand in the repository, and new ones that are asked for by name."""
    verdicts: Counter[str] = Counter()
    for fixture in KINDS[kind].fixtures():
        made[fixture.file] = fixture.case
        if not fixture.file.exists() and fixture.case not in asked:
            continue
        word, detail = verdict(fixture)
        verdicts[word] += 1
        if word != "same":
            print(f"  {fixture.path} is {word}{detail}")
        if word in ("new", "different") and not check:
            fixture.write()
    print(f"{kind}:", ", ".join(f"{count} {word}" for word, count in verdicts.items()), flush=True)
    return verdicts


def files() -> Iterator[Path]:
    # Which files of ours Keras has loaded is noted by `load.py`.
    found = (file for file in FIXTURES.rglob("*") if file.suffix in (".safetensors", ".json", ".txt"))
    return (file for file in found if file.name != "written.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m golden", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not what Keras makes")
    parser.add_argument("names", nargs="*", help="kinds (layers), and cases (layers/conv1d), which may be new; or all")
    arguments = parser.parse_args()
    asked = set(arguments.names)
    kinds = {name.split("/")[0] for name in asked} or set(KINDS)
    if unknown := kinds - set(KINDS):
        parser.error(f"there is no kind {', '.join(sorted(unknown))}; kinds are {', '.join(KINDS)}")

    made: dict[Path, str] = {}
    verdicts = sum((go_through(kind, asked, arguments.check, made) for kind in KINDS if kind in kinds), Counter())
    missing = asked - set(KINDS) - set(made.values())
    strays = [] if asked else sorted(file for file in files() if file not in made)
    for name in sorted(missing):
        print(f"no case is called {name}")
    for file in strays:
        print(f"no case makes {file.relative_to(FIXTURES)}")
    unequal = arguments.check and verdicts["new"] + verdicts["different"] > 0
    return 1 if missing or strays or unequal else 0


sys.exit(main())
