#!/usr/bin/env python3
"""Measures the cases of the README's table against other libraries, in one run on one core.

Each peer is a process. First all compute each case from the same weights and inputs, and what differs is an error; then
one after the other is asked for a slice of time, in rounds, so that a slow moment of the machine hits all alike.
"""

import argparse
import array
import datetime
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
EXCHANGE = TARGET / "exchange"
README = HERE.parents[1] / "README.md"
BEGIN, END = "<!-- benches/peers/run.py writes from here -->", "<!-- to here -->"

CASES = {
    "m1-b1": "M1, one sample", "m1-b1024": "M1, 1,024 samples",
    "m2-b1": "M2, one sample",
    "m3-b1": "M3, one sample", "m3-b32": "M3, 32 samples", "m3-b128": "M3, 128 samples", "m3-b1024": "M3, 1,024 samples",
    "resnet-b1": "residual network, one photo", "resnet-b32": "residual network, 32 photos",
    "tickets-b1": "tickets (two LSTMs), one", "tickets-b32": "tickets, 32",
    "mixed-b1": "attributes and photo, one", "mixed-b32": "attributes and photo, 32",
    "transformer-b1": "transformer block, one sequence", "transformer-b32": "transformer block, 32 sequences",
    "m1-train-b32": "training step, M1, 32", "m3-train-b128": "training step, M3, 128",
    "tickets-train-b32": "training step, tickets, 32", "mixed-train-b32": "training step, attributes and photo, 32",
    "transformer-train-b32": "training step, transformer block, 32",
}
# Relative to numbers above 1. The losses of training steps drift apart by rounding: the first are compared, which for an
# embedding also differ by Adam, as it squares the gradient of each row apart, as in Keras, and in PyTorch their sum.
TOLERANCE, TOLERANCE_OF_TRAINING, STEPS_COMPARED = 1e-4, 2e-3, 5
# What holds each back to AVX2; C++ is compiled for it. For the others there is no such variable.
HELD_BACK = {
    "fusion": {"FUSION_SIMD": "avx2"},
    "PyTorch": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2",
                "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}
PACKAGES = {"ONNX Runtime": "onnxruntime", "PyTorch": "torch"}


class Peer:
    """A process that answers questions on its standard input."""

    def __init__(self, name, version, command, level):
        environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                           RAYON_NUM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3")
        # Where these are set they choose kernels for others than this measurement.
        for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            environment.pop(variable, None)
        if level == "avx2":
            environment.update(HELD_BACK.get(name, {}))
        self.name, self.version = name, version
        self.errors = (EXCHANGE / f"{name}.log").open("w")
        self.process = subprocess.Popen([*command, str(EXCHANGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, env=environment)

    def ask(self, *words):
        """The answer; nothing from a process that has ended."""
        try:
            print(*words, file=self.process.stdin, flush=True)
            return self.process.stdout.readline().strip()
        except BrokenPipeError:
            return ""

    def end(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()


def last_lines(text):
    return "\n      ".join(text.strip().splitlines()[-3:])


def built(package):
    """Builds a package of this workspace; says why not."""
    result = subprocess.run(["cargo", "build", "--release", "-p", package, "--manifest-path", HERE / "Cargo.toml"],
                            stderr=subprocess.PIPE, text=True)
    return None if result.returncode == 0 else last_lines(result.stderr)


def locked(package):
    """The version of a crate that the lock file has."""
    found = re.search(rf'name = "{package}"\nversion = "(.*)"', (HERE / "Cargo.lock").read_text())
    return found[1] if found else "?"


def python_of(venv, say):
    """The interpreter of a venv that has the packages; makes what is missing."""
    python = venv / "bin" / "python"
    if not python.exists():
        say(f"makes {venv}")
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    missing = [name for name in ("numpy", "onnx", *PACKAGES.values()) if subprocess.run(
        [python, "-c", f"import importlib.util as u; exit(u.find_spec('{name}') is None)"]).returncode]
    for name in missing:
        say(f"installs {name}")
        result = subprocess.run([python, "-m", "pip", "install", "--quiet", name], stderr=subprocess.PIPE, text=True)
        if result.returncode:
            print(f"  {name} could not be installed:\n      {last_lines(result.stderr)}")
    return python


def peers(only, level, venv, rtneural, say):
    """The peers that there are, ours first."""
    found = []

    def add(name, version, command):
        found.append(Peer(name, version, command, level))

    def wanted(name):
        return name == "fusion" or not only or any(word.lower() in name.lower() for word in only)

    say("builds fusion")
    if reason := built("ours"):
        sys.exit(f"fusion could not be built:\n      {reason}")
    environment = dict(os.environ, **HELD_BACK["fusion"]) if level == "avx2" else None
    exported = subprocess.run([TARGET / "release/ours", EXCHANGE, "export"], env=environment, stdout=subprocess.PIPE,
                              text=True, check=True)
    add("fusion", locked("fusion"), [TARGET / "release/ours"])
    if wanted("matrixmultiply"):
        add("matrixmultiply", locked("matrixmultiply"), [TARGET / "release/by-hand"])
    if any(map(wanted, PACKAGES)):
        python = python_of(venv, say)
        version = lambda name: subprocess.run(
            [python, "-c", f"import importlib.metadata as m; print(m.version('{name}'))"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
        say("writes the networks as ONNX")
        written = subprocess.run([python, HERE / "python/networks_onnx.py", EXCHANGE], stderr=subprocess.PIPE, text=True)
        if written.returncode:
            print(f"  no ONNX files, so no ONNX Runtime:\n      {last_lines(written.stderr)}")
        for name, package in PACKAGES.items():
            if not wanted(name) or name == "ONNX Runtime" and written.returncode:
                continue
            if not version(package):
                print(f"  {name}: left out, {package} is not installed in {venv}")
                continue
            add(name, version(package), [python, HERE / f"python/peer_{package}.py"])
    for name, more in (("static C++ loops", []), ("RTNeural", [rtneural])):
        if wanted(name):
            cpp_peer(add, name, more, level, say)
    return found, exported.stdout.strip()


def cpp_peer(add, name, more, level, say):
    """Compiles the C++ peer: for static loops, or against the RTNeural that lies in a folder."""
    compiler = next(filter(shutil.which, ("g++", "clang++")), None)
    if compiler is None:
        return print(f"  {name}: left out, no C++ compiler is found")
    if more == [None]:
        return print(f"  {name}: left out, --rtneural says where its sources are")
    say(f"compiles {name}")
    program = EXCHANGE.parent / f"peer-{name.split()[0].lower()}"
    # The same instructions as ours where these are held back.
    machine = ["-march=x86-64-v3"] if level == "avx2" else ["-march=native"]
    flags = [flag for folder in more for flag in (
        "-DRTNEURAL", "-DRTNEURAL_USE_EIGEN=1", "-DRTNEURAL_DEFAULT_ALIGNMENT=32", f"-I{folder}",
        f"-I{folder}/modules/Eigen", f"-I{folder}/modules/json")]
    result = subprocess.run([compiler, "-std=c++17", "-O3", "-ffast-math", *machine, *flags, HERE / "cpp/peer.cpp",
                             "-o", program], stderr=subprocess.PIPE, text=True)
    if result.returncode:
        return print(f"  {name} could not be compiled:\n      {last_lines(result.stderr)}")
    version = subprocess.run([compiler, "-dumpfullversion"], stdout=subprocess.PIPE, text=True).stdout.strip()
    for folder in more:
        version = subprocess.run(["git", "-C", folder, "describe", "--always"], stdout=subprocess.PIPE, text=True).stdout.strip()
    add(name, version or "?", [program])


def read(path):
    numbers = array.array("f")
    numbers.frombytes(path.read_bytes())
    return numbers


def check(found, case):
    """The peers that compute the case; a peer that computes anything else is an error."""
    able, ours = [], None
    for peer in found:
        path = EXCHANGE / f"{peer.name}.{case}.computed".replace(" ", "-")
        answer = peer.ask("check", case, path)
        if answer == "not one of its cases":
            continue
        if answer != "ok":
            print(f"  {peer.name} failed at {case}: {answer} {last_lines(Path(peer.errors.name).read_text())}")
            continue
        trains = "train" in case
        computed = read(path)[:STEPS_COMPARED if trains else None]
        if ours is None:
            ours, worst = computed, 0.0
        else:
            if len(computed) != len(ours):
                sys.exit(f"{case}: {peer.name} computes {len(computed)} numbers, fusion {len(ours)}")
            difference = max(abs(a - b) / max(1.0, abs(a)) for a, b in zip(ours, computed))
            # A number that is none is not below the tolerance either.
            if not difference <= (TOLERANCE_OF_TRAINING if trains else TOLERANCE):
                sys.exit(f"{case}: {peer.name} computes another function: {difference:.2e}\n"
                         f"  fusion {list(ours[:10])}\n  {peer.name} {list(computed[:10])}")
            worst = max(worst, difference)
        able.append(peer)
    if ours is not None:
        print(f"  {case:24} {len(able)} compute the same, to {worst:.1e}", flush=True)
    return able


def machine():
    try:
        text = Path("/proc/cpuinfo").read_text()
        family = re.search(r"cpu family\s*: (\d+)", text)
        name = re.search(r"model name\s*: (.*)", text)[1]
        return name + (f" (family {family[1]})" if family else "")
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def time_of(ns):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if ns >= size * 10 or ns >= size and unit == "ms":
            return f"{ns / size:.4g} {unit}" if ns < size * 1e4 else f"{ns / size:,.0f} {unit}"
    return f"{ns:,.0f} ns"


def table(found, times, level, rounds):
    """The table for the README: medians, and what each peer takes in our time."""
    names = [peer.name for peer in found]
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for case, of in times.items():
        ours = statistics.median(of["fusion"])
        cells = [time_of(ours)]
        for name in names[1:]:
            cells.append(f"{statistics.median(of[name]) / ours:.2f}" if name in of else "")
        lines.append(f"| {CASES[case]} | " + " | ".join(cells) + " |")
    versions = ", ".join(f"{peer.name} {peer.version}" for peer in found)
    return "\n".join([
        f"`python3 benches/peers/run.py` on {datetime.date.today()}, one core of {machine()}, fusion's kernels at {level}: our "
        f"time for a call, and how many times as long the others take (medians of {rounds} rounds in turn).",
        "", *lines, "", f"{versions}. M1 is the model above, M2 10→64→32→1, M3 784→512→512→10.", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="PEER", help="peers beside fusion, e.g. torch onnx")
    parser.add_argument("--cases", nargs="+", default=[], metavar="WORD", help="cases that contain one of these words")
    parser.add_argument("--level", choices=("best", "avx2"), default="best",
                        help="holds fusion and those peers that can be to these instructions")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--slice", type=float, default=10.0, metavar="MS", help="milliseconds of each peer in a round")
    parser.add_argument("--core", type=int, default=0, help="the core that all run on")
    parser.add_argument("--venv", type=Path, default=TARGET / "venv", help="where the Python packages are or go")
    parser.add_argument("--rtneural", type=Path, metavar="FOLDER", help="a checkout of RTNeural")
    parser.add_argument("--write", action="store_true", help="puts the table into the README, between its marks")
    parser.add_argument("--check-only", action="store_true", help="ends after comparing what all compute")
    parser.add_argument("--list", action="store_true", help="lists the cases")
    options = parser.parse_args()
    if options.list:
        return print(*(f"{case:24} {what}" for case, what in CASES.items()), sep="\n")
    if shutil.which("cargo") is None:
        sys.exit("cargo is not found: fusion has to be built")
    say = lambda text: print(f"- {text}", flush=True)
    EXCHANGE.mkdir(parents=True, exist_ok=True)
    cases = [case for case in CASES if not options.cases or any(word in case for word in options.cases)]
    found, level = peers(options.only, options.level, options.venv.absolute(), options.rtneural, say)
    if hasattr(os, "sched_setaffinity"):
        for peer in found:
            os.sched_setaffinity(peer.process.pid, {options.core})
    if options.level == "avx2":
        free = [peer.name for peer in found if peer.name not in (*HELD_BACK, "static C++ loops", "RTNeural")]
        print(f"  not held to AVX2, as nothing of theirs can say so: {', '.join(free) or 'none'}")
    say("compares what all compute")
    able = {case: check(found, case) for case in cases}
    if options.check_only:
        return
    times = {case: {peer.name: [] for peer in those} for case, those in able.items() if those}
    for turn in range(options.rounds):
        print(f"\r- round {turn + 1} of {options.rounds} ", end="", flush=True)
        for case in times:
            for peer in able[case]:
                times[case][peer.name].append(float(peer.ask("time", case, options.slice)))
    print()
    for case, of in times.items():
        ours = of["fusion"]
        print(case)
        for name, those in of.items():
            print(f"  {name:16} median {time_of(statistics.median(those)):>10}  minimum {time_of(min(those)):>10}"
                  f"  {statistics.median(those) / statistics.median(ours):8.2f} {min(those) / min(ours):8.2f} of fusion's")
    text = table(found, times, level, options.rounds)
    print("\n" + text)
    if options.write:
        write(text)
    for peer in found:
        peer.end()


def write(text):
    readme = README.read_text()
    if BEGIN not in readme or END not in readme:
        sys.exit(f"{README} lacks the marks `{BEGIN}` and `{END}`")
    before, after = readme.split(BEGIN)[0], readme.split(END)[1]
    README.write_text(f"{before}{BEGIN}\n{text}{END}{after}")


main()
