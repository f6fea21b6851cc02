"""Two kinds of evidence: no claim of a notebook gets its measured value from a training run of that notebook."""

from __future__ import annotations

import ast
import json

import pytest
from building import ROOT

NOTEBOOKS = sorted(ROOT.glob("chapters/*.ipynb"))
#: Functions of the experiments that train something from a seed.
TRAINING = {"train", "learn_shape", "matched", "straight", "boosted", "boost", "fit_line_by_descent"}


class Runs(ast.NodeVisitor):
    """Follows what comes out of a training run through the names of a notebook, and looks for it in claims."""

    def __init__(self) -> None:
        self.experiments: set[str] = set()
        self.runs: set[str] = set()
        self.claims: list[str] = []

    def from_a_run(self, node: ast.AST) -> bool:
        # Names of a comprehension hide those around it; where they come from is looked at by itself.
        inner = [part for part in ast.walk(node) if isinstance(part, ast.comprehension)]
        hidden = {name for part in inner for name in _names(part.target)}
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in self.runs - hidden:
                return True
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in TRAINING:
                if isinstance(part.func.value, ast.Name) and part.func.value.id in self.experiments:
                    return True
        return False

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module == "lossbook.experiments":
            self.experiments |= {name.asname or name.name for name in node.names}

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if self.from_a_run(value):
            self.runs |= _names(target)
        elif not isinstance(target, (ast.Subscript, ast.Attribute)):
            self.runs -= _names(target)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, node.iter)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if self.from_a_run(node):
            self.runs.add(node.name)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "claim" and self.from_a_run(node):
            self.claims.append(ast.unparse(node.args[0]))
        self.generic_visit(node)


def _names(target: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}


def read(sources: list[str]) -> Runs:
    found = Runs()
    for source in sources:
        found.visit(ast.parse(source))
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_claim_rests_on_a_run_of_its_notebook(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not read(["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]).claims


IMPORTS = "from lossbook.experiments import ring, saturation as experiment"


@pytest.mark.parametrize(
    "source",
    [
        "claim('It ends well', ring.train(setup, starts).modes, 8)",
        "run = ring.train(setup, starts)\nclaim('It ends well', run.modes, 8)",
        "runs = [experiment.train(s) for s in starts]\nfor run in runs:\n    claim('It ends well', run.test, 8)",
        "def count():\n    return ring.train(setup, starts).modes\nclaim('It ends well', count(), 8)",
        "run = ring.train(setup, starts)\nbest, worst = run.modes\nclaim(f'It ends well in {best}', 1, 1)",
    ],
)
def test_a_run_is_seen_behind_a_claim(source):
    assert len(read([IMPORTS, *source.split("\n\n")]).claims) == 1


def test_what_no_run_has_made_is_no_run():
    source = "run = ring.train(setup, starts)\nprint(run.modes)\nclaim('Eight modes', findings.modes('hinge'), 8)"
    assert not read([IMPORTS, source, "claim('Eight', ring.MODES, 8)"]).claims
    again = "run = ring.train(setup, starts)\nrun = findings.modes('hinge')\nclaim('Eight modes', run, 8)"
    assert not read([IMPORTS, again]).claims
    inside = "for case in ring.train(setup, starts):\n    print(case)\nclaim('Eight', [case for case in cases], 8)"
    assert not read([IMPORTS, inside]).claims


def test_the_chapters_do_train():
    """The test above would pass if it knew the functions by wrong names."""
    sources = [
        "".join(cell["source"]) for path in NOTEBOOKS for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]  # fmt: skip
    assert len(read(sources).runs) >= 6
