"""What a fixture is, how its file is written and read, and how near two of them are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

FIXTURES = Path(__file__).parents[3] / "tests" / "fixtures"

# How far a file may be from what Keras makes, relative to the largest number of an array. On one processor it is the
# same to the last bit; on another, where TensorFlow may sum in another order, at most half of this was found.
ROUNDING = 1e-6


def fnv_1a(content: bytes) -> str:
    """The hash by which the tests know a file that Keras has loaded."""
    hash = 0xCBF29CE484222325
    for byte in content:
        hash = (hash ^ byte) * 0x100000001B3 % (1 << 64)
    return f"{hash:016x}"


Json = Any
Arrays = dict[str, np.ndarray]


@dataclass
class Fixture:
    """A file below `tests/fixtures`, and what Keras makes of its case: arrays, JSON or a text, as the suffix says."""

    case: str
    path: str
    content: Any
    tolerance: float = ROUNDING

    @property
    def file(self) -> Path:
        return FIXTURES / self.path

    def write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        match self.file.suffix:
            case ".safetensors":
                save_file({name: np.asarray(array, order="C") for name, array in self.content.items()}, self.file)
            case ".json":
                self.file.write_text(json.dumps(self.content, indent=1) + "\n")
            case _:
                self.file.write_text(self.content)

    def read(self) -> Any:
        match self.file.suffix:
            case ".safetensors":
                return load_file(self.file)
            case ".json":
                return json.loads(self.file.read_text())
            case _:
                return self.file.read_text()

    def error(self) -> float:
        """How far the file is from the content, 0 if no bit differs. Raises `Different` where they differ otherwise."""
        try:
            kept = self.read()
        except (ValueError, SafetensorError) as error:
            raise Different(f"it cannot be read, {error}") from error
        return error_of(self.content, kept, "")


class Different(Exception):
    """What differs, if it is more than numbers."""


def error_of(found: Any, kept: Any, place: str) -> float:
    """The worst error of a number, relative to the largest of its array."""
    # An array of no dimensions, as NumPy gives it.
    found = np.asarray(found) if isinstance(found, np.generic) else found
    if type(found) is not type(kept):
        raise Different(f"{place or 'it'} is {found!r}, and was {kept!r}")
    if isinstance(kept, dict):
        if found.keys() != kept.keys():
            raise Different(f"{place or 'it'} has other names: {', '.join(sorted(found.keys() ^ kept.keys()))}")
        return max((error_of(found[name], kept[name], f"{place}/{name}") for name in kept), default=0.0)
    if isinstance(kept, list):
        if len(found) != len(kept):
            raise Different(f"{place} has {len(found)} values, and had {len(kept)}")
        return max((error_of(*both, f"{place}/{index}") for index, both in enumerate(zip(found, kept))), default=0.0)
    if isinstance(kept, float):
        return error_of_array(np.array(found), np.array(kept))
    if isinstance(kept, np.ndarray):
        if (found.dtype, found.shape) != (kept.dtype, kept.shape):
            raise Different(f"{place} is {found.dtype}{found.shape}, and was {kept.dtype}{kept.shape}")
        return error_of_array(found.astype("float64"), kept.astype("float64"))
    if found != kept:
        raise Different(f"{place or 'it'} is {found!r}, and was {kept!r}")
    return 0.0


def error_of_array(found: np.ndarray, kept: np.ndarray) -> float:
    same = (found == kept) | (np.isnan(found) & np.isnan(kept))
    if same.all():
        return 0.0
    worst = np.max(np.where(same, 0.0, np.abs(found - kept)))
    return float("inf") if np.isnan(worst) else float(worst / max(np.max(np.abs(kept)), 1e-30))
