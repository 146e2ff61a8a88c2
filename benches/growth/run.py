#!/usr/bin/env python3
"""Draws how time and memory grow with width, depth and batch, at each level of the kernels, into docs/growth.svg.

Where a machine tells its caches, they are lines where the weights or the batch fill them.
"""

import argparse
import math
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
LEVELS = ("best", "avx2", "portable")
# Panel, its title, the label of x, how a number of its y is told, and whether x is bytes, so that caches stand in it.
PANELS = (
    ("width", "time per sample, two layers as wide as their input", "bytes of weights", "ns", True),
    ("multiplication", "the same, per multiplication", "bytes of weights", "ps", True),
    ("depth", "time per sample, layers of 64 units", "layers", "ns", False),
    ("batch", "time per sample, 10→64→32→1", "samples in a batch", "ns", False),
    ("memory-depth", "memory of training, layers of 64 units", "layers", "bytes", False),
    ("memory-batch", "memory of training, 10→64→32→1", "samples in a batch", "bytes", False),
)
WIDTH, HEIGHT, LEFT, RIGHT, ABOVE, BELOW = 720, 300, 80, 150, 40, 50
STYLE = """
    svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4; --cache: #8250df;
          --best: #0969da; --avx2: #bc4c00; --portable: #1a7f37; }
    @media (prefers-color-scheme: dark) {
        svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #30363d; --cache: #bc8cff;
              --best: #58a6ff; --avx2: #f0883e; --portable: #3fb950; }
    }
    text { font: 12px system-ui, sans-serif; fill: var(--faint); }
    text.name { font-size: 13px; font-weight: 600; fill: var(--ink); }
    text.middle { text-anchor: middle; } text.end { text-anchor: end; } text.cache { fill: var(--cache); }
    rect.paper { fill: var(--paper); } path { fill: none; stroke: var(--grid); }
    path.cache { stroke: var(--cache); stroke-dasharray: 2 3; }
    .curve { stroke-width: 2px; } .dashed { stroke-dasharray: 6 3; }
    .best { stroke: var(--best); } .avx2 { stroke: var(--avx2); } .portable { stroke: var(--portable); }
    text.best, text.avx2, text.portable { stroke: none; }
    text.best { fill: var(--best); } text.avx2 { fill: var(--avx2); } text.portable { fill: var(--portable); }
"""


def caches():
    """The data caches of the first core, as their name and bytes."""
    found = []
    for folder in sorted(CACHES.glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction" and size.endswith("K"):
            found.append((f"L{level}", int(size[:-1]) * 1024))
    return found


def measured(level):
    """The points of each panel and series at a level, and what the level is."""
    environment = dict(os.environ, **({} if level == "best" else {"FUSION_SIMD": level}))
    command = [TARGET / "release/growth"]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    points = {}
    for line in result.stdout.splitlines():
        panel, series, x, y = line.split("\t")
        points.setdefault((panel, series), []).append((float(x), float(y)))
    return result.stderr.strip(), points


def told(value, kind):
    """A number with its unit."""
    steps = {"ns": (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1)), "ps": (("ns", 1e3), ("ps", 1)),
             "bytes": (("GB", 2**30), ("MB", 2**20), ("KB", 2**10), ("bytes", 1)),
             "": (("M", 1e6), ("", 1))}[kind]
    unit, size = next((step for step in steps if value >= step[1]), steps[-1])
    return f"{value / size:,.4g} {unit}".strip()


class Axis:
    """A logarithmic scale from one end to the other."""

    def __init__(self, values, begin, end, base):
        self.low, self.high = (math.log(pick(values), base) for pick in (min, max))
        around = max(0.04 * (self.high - self.low), 0.1)
        self.low, self.high, self.begin, self.end, self.base = self.low - around, self.high + around, begin, end, base

    def __call__(self, value):
        share = (math.log(value, self.base) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        every = max(1, math.ceil((self.high - self.low) / 7))
        ticks = [self.base**power for power in range(math.ceil(self.low), math.floor(self.high) + 1, every)]
        if len(ticks) < 2 and self.base == 10:
            ticks = [tick for power in range(math.floor(self.low), math.ceil(self.high) + 1)
                     for tick in (10**power, 2 * 10**power, 5 * 10**power) if self.low <= math.log10(tick) <= self.high]
        return ticks


def panel(top, number, levels, lines):
    name, title, label, unit, of_bytes = PANELS[number]
    curves = [(level, series, points) for level, (_, all_) in levels.items()
              for (panel_, series), points in all_.items() if panel_ == name]
    # What is held in memory is the same at each level.
    if unit == "bytes":
        curves = [curve for curve in curves if curve[0] == next(iter(levels))]
    x = Axis([x for *_, points in curves for x, _ in points], LEFT, WIDTH - RIGHT, 2 if of_bytes else 10)
    y = Axis([y for *_, points in curves for _, y in points], top + HEIGHT - BELOW, top + ABOVE, 2 if unit == "bytes" else 10)
    lines.append(f'<text class="name" x="{LEFT}" y="{top + 24}">{title}</text>')
    for tick in y.ticks():
        lines.append(f'<path d="M{LEFT} {y(tick):.1f} H{WIDTH - RIGHT}"/>')
        lines.append(f'<text class="end" x="{LEFT - 8}" y="{y(tick) + 4:.1f}">{told(tick, unit)}</text>')
    for tick in x.ticks():
        text = told(tick, "bytes" if of_bytes else "")
        lines.append(f'<text class="middle" x="{x(tick):.1f}" y="{top + HEIGHT - BELOW + 18}">{text}</text>')
    lines.append(f'<text class="middle" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{top + HEIGHT - 14}">{label}</text>')
    for cache, size in caches() if of_bytes else ():
        if x.begin < x(size) < x.end:
            lines.append(f'<path class="cache" d="M{x(size):.1f} {top + ABOVE} V{top + HEIGHT - BELOW}"/>')
            lines.append(f'<text class="cache" x="{x(size) + 3:.1f}" y="{top + HEIGHT - BELOW - 6}">{cache}</text>')
    every = sorted({series for _, series, _ in curves}, key=[series for _, series, _ in curves].index)
    for level, series, points in curves:
        dashed = " dashed" if every.index(series) else ""
        path = " L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in points)
        lines.append(f'<path class="curve {level}{dashed}" d="M{path}"/>')
    at = WIDTH - RIGHT + 14
    legend = [(f"text {level}", levels[level][0]) for level in dict.fromkeys(level for level, *_ in curves)]
    legend += [("", f"{'- -' if index else '—'} {series}") for index, series in enumerate(every)]
    for index, (kind, text) in enumerate(legend):
        lines.append(f'<text class="{kind}" x="{at}" y="{top + ABOVE + 12 + 17 * index}">{text}</text>')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=LEVELS)
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "docs/growth.svg")
    options = parser.parse_args()
    if subprocess.run(["cargo", "build", "--release", "--manifest-path", HERE / "Cargo.toml"]).returncode:
        sys.exit("the program could not be built")
    levels = {}
    for level in options.levels:
        print(f"- measures at {level}", flush=True)
        levels[level] = measured(level)
    height, lines = HEIGHT * len(PANELS), []
    for number in range(len(PANELS)):
        panel(HEIGHT * number, number, levels, lines)
    options.out.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="how time and memory grow">\n<style>{STYLE}</style>\n'
        '<rect class="paper" width="100%" height="100%"/>\n' + "\n".join(lines) + "\n</svg>\n")
    print(f"wrote {options.out}")


main()
