"""How long it takes to grade a class: `python -m benchmarks.classroom [NOTEBOOKS]`."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lossbook.grading import grade
from publishing.exercises import Exercise, exercises_of

CHAPTERS = sorted((Path(__file__).resolve().parents[1] / "chapters").glob("0*.ipynb"))
# What is typed where the answer was not found; {name} is what the cell hands to the check.
_WRONG = (
    "{name} = 0.123",
    "{name} = lambda *arguments: 0.0",
    "import numpy as np\n{name} = lambda *arguments: np.mean(np.asarray(arguments[0], dtype=float))",
    "{name} = undefined_name",
    "{name} = (1 +",
    "{name} = None",
)


@dataclass
class Measured:
    """What `measure` found."""

    seconds: float
    right: int
    statuses: Counter[str]


def handed_in(chapter: Path, dice: random.Random) -> str:
    """Return a chapter with exercises answered, two of three rightly."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    exercises = {exercise.name: exercise for exercise in exercises_of(notebook)}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "\ncheck(" in source:
            name, call = source.split(" = None\n")
            cell["source"] = f"{_answer(exercises[call.split(chr(34))[1]], name, dice)}\n{call}"
    return json.dumps(notebook)


def _answer(exercise: Exercise, name: str, dice: random.Random) -> str:
    if dice.random() < 2 / 3:
        return f"{exercise.code}\n{name} = answer"
    return dice.choice(_WRONG).format(name=name)


def measure(count: int = 300) -> Measured:
    """Grade a class of so many notebooks on all cores."""
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number:03}.ipynb") for number in range(count)]
        for number, path in enumerate(paths):
            path.write_text(handed_in(CHAPTERS[number % len(CHAPTERS)], dice), encoding="utf-8")
        start = time.perf_counter()
        grades = grade(paths)
        seconds = time.perf_counter() - start
    return Measured(seconds, sum(one.right for one in grades), Counter(one.status for one in grades))


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    found = measure(number)
    print(f"{number} notebooks in {found.seconds:.1f} s, {1000 * found.seconds / number:.0f} ms each")
    print(f"{found.right} answers right; {dict(found.statuses)}")
