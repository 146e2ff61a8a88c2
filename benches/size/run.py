#!/usr/bin/env python3
"""What a program takes that only predicts: M1 with its weights embedded, against a program that does nothing.

Prints, of each program, its stripped size, the crates it is built from, the time of a clean build, and its peak memory;
and what the rest of it is where cargo-bloat is installed.
"""

import argparse
import array
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
PARAMETERS = 10_789
TARGETS = "targets: 450 KB, 10 crates, 15 s on two cores, 1,024 KB above the empty program"


def cargo(*words, **more):
    return subprocess.run(["cargo", *words], cwd=HERE, check=True, **more)


def crates(package):
    """The packages that the program is made of, itself not counted; those that only build it are."""
    tree = cargo("tree", "-p", package, "--prefix", "none", "--no-dedupe", stdout=subprocess.PIPE, text=True).stdout
    return len({line.split(" (")[0] for line in tree.splitlines() if line}) - 1


def peak_kb(program):
    """The most memory that the program has held at once, the least of ten runs."""
    def one():
        process = os.posix_spawn(program, [program], os.environ,
                                 file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(process, 0)
        if status:
            sys.exit(f"{program} failed")
        return usage.ru_maxrss

    return min(one() for _ in range(10))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=("release", "plain"), default="release",
                        help="release is what small programs are advised; plain is cargo's own, stripped")
    parser.add_argument("--only", nargs="+", choices=("embedded", "from-file"), default=["embedded", "from-file"])
    options = parser.parse_args()
    (HERE / "embedded/weights.bin").write_bytes(array.array("f", [0.01] * PARAMETERS).tobytes())
    if "from-file" in options.only:
        file = HERE / "from-file/weights.safetensors"
        file.touch()
        cargo("run", "--quiet", "-p", "from-file", "--bin", "write", "--", file)
    base, rows = None, []
    for package in ("empty", *options.only):
        folder = TARGET / "clean" / package
        shutil.rmtree(folder, ignore_errors=True)
        start = time.time()
        cargo("build", "--quiet", "--profile", options.profile, "-p", package, "--bin", package, "--target-dir", folder)
        seconds = time.time() - start
        program = folder / options.profile / package
        size, peak = program.stat().st_size / 1024, peak_kb(program)
        base = base or (size, peak)
        rows.append(f"| {package} | {size:,.0f} KB | {size - base[0]:,.0f} KB | {crates(package)} | {seconds:.1f} s "
                    f"| {peak - base[1]:,} KB |")
    print("| program | stripped | above the empty one | crates | clean build | peak memory above the empty one |")
    print("|---|---|---|---|---|---|", *rows, sep="\n")
    print(f"\n{TARGETS}; profile {options.profile}, {os.cpu_count()} cores")
    if subprocess.run(["cargo", "bloat", "--version"], capture_output=True).returncode:
        return print("what the rest is: `cargo install cargo-bloat`, then run this again")
    for package in options.only:
        for what in (["--crates"], ["-n", "15"]):
            cargo("bloat", "--quiet", "--profile", options.profile, "-p", package, "--bin", package, *what,
                  "--config", f"profile.{options.profile}.strip=false", "--target-dir", TARGET / "bloat")


main()
