"""What a fixture is, how its file is written and read, and how two of them compare."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

FIXTURES = Path(__file__).parents[3] / "tests" / "fixtures"

Json = Any
Arrays = dict[str, np.ndarray]


@dataclass
class Fixture:
    """A file below `tests/fixtures`, and what Keras says should be in it."""

    path: str
    content: Json

    @property
    def file(self) -> Path:
        return FIXTURES / self.path

    def write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.content, indent=1) + "\n")
