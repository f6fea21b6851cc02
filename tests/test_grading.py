"""Notebooks that are handed in are graded fairly, and none of them harms another."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from lossbook.grading import commands, working
from lossbook.grading.choosing import Part, chosen, parts_of
from lossbook.grading.commands import main
from lossbook.grading.grades import Grade
from lossbook.grading.limits import scrubbed_environment
from lossbook.grading.reading import Unreadable, plain_python, read_notebook
from lossbook.grading.working import grade
from lossbook.pages.exercises import RIGHT, WRONG

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the platform has no such limits")
FAIR = "likelihood.fair-coin"
GOOD = (
    f'from lossbook.pages.exercises import check\nanswer = 0.5**10\ncheck("{FAIR}", answer)',
    'answer = 2500\ncheck("likelihood.tosses", answer)',
)
CHAPTERS = sorted((Path(__file__).parents[1] / "chapters").glob("0*.ipynb"))
FULL = {FAIR: RIGHT, "likelihood.tosses": RIGHT}


def notebook(*cells: str, **more: object) -> str:
    code = [{"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


def parts(tmp_path: Path, *cells: str) -> list[Part]:
    path = tmp_path / "chosen.ipynb"
    path.write_text(notebook(*cells), encoding="utf-8")
    return parts_of(read_notebook(path))


def graded(tmp_path: Path, *notebooks: str, seconds: float = 30) -> list[Grade]:
    paths = [tmp_path / f"{number:02}.ipynb" for number in range(len(notebooks))]
    for path, text in zip(paths, notebooks, strict=True):
        path.write_text(text, encoding="utf-8")
    return grade(paths, seconds=seconds, jobs=2)


CHECK = f'check("{FAIR}", answer)'


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["a = 1", "b = 2", "answer = a", CHECK], [0, 2, 3]),
        (["import math\nimport re", "answer = math.pi", CHECK], [0, 2, 3]),
        (["import math\nx = math.pi", "import math\nanswer = math.pi", CHECK], [0, 2, 3, 4]),
        (["a = 1", "a += 1", "answer = a", CHECK], [0, 1, 2, 3]),
        (["def f():\n    global a\n    a = 1", "f()", "answer = a", CHECK], [0, 2, 3]),
        (["def f():\n    return k", "k = 1", "answer = f", CHECK], [0, 1, 2, 3]),
        (["x = 1", "def answer(x):\n    y = x\n    return y", CHECK], [1, 2]),
        (["x = 1", "answer = [x for x in range(3)]", CHECK], [1, 2]),
        (["answer = 1", f"answer = 2\n{CHECK}"], [1]),
        (["answer = 1", f"answer += 1\n{CHECK}"], [0, 1]),
        (["if True:\n    a = 1", "answer = a", CHECK], [0, 1, 2]),
        (["from math import *", "answer = sqrt(4)", CHECK], [0, 1, 2]),
        (["a = 1", f'for name in ["{FAIR}"]:\n    check(name, a)', "b = 1"], [0, 1]),
        (["def hand_in():\n    " + CHECK, "answer = 1", "b = 2", "hand_in()"], [0, 1, 3]),
        (["from lossbook.pages.exercises import check as verify", f'verify("{FAIR}", 1)'], [0, 1]),
        (["import lossbook", f'lossbook.check("{FAIR}", 1)', "b = 2"], [0, 1]),
        ([f'list(map(check, ["{FAIR}"], [1]))'], [0]),
        (["a = 1", "b = 1", "answer = " + " + ".join(["a"] * 900), CHECK], [0, 2, 3]),
    ],
    ids=range(18),
)
def test_what_the_check_needs_is_chosen(tmp_path, cells, wanted):
    assert sorted(chosen(parts(tmp_path, *cells))) == wanted


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        (["a = []", "a.append(2500)", "answer = a[0]"], RIGHT),
        (["a = []\nb = a", "b.append(2500)", "answer = a[0]"], RIGHT),
        (["a = [0]", "a[0] = 2500", "answer = a[0]"], RIGHT),
        (["a = []", "def f():\n    a.append(2500)", "f()", "answer = a[0]"], RIGHT),
        (["def f():\n    global a\n    a = 2500", "f()", "answer = a"], RIGHT),
        (["answer = 2500", "answer = 1"], WRONG),
        (["answer = 2500", "answer = 1 / 0"], "error"),
        (["answer = 2500", "open('trace', 'w')", "answer = 1 if __import__('os').listdir() else answer"], RIGHT),
    ],
    ids=range(8),
)
def test_what_other_cells_do_to_an_answer_counts(tmp_path, cells, status):
    """Where the chosen cells alone do not come out right; what has nothing to do with the check never runs."""
    start, check = "from lossbook import check", 'check("likelihood.tosses", answer)'
    (one,) = graded(tmp_path, notebook(start, *cells, check))
    assert one.marks == {"likelihood.tosses": status}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_of_a_chapter_hardly_anything_runs(path):
    found = parts_of(read_notebook(path))
    needed = [found[place] for place in chosen(found)]
    assert sum(part.checks for part in needed) >= 5
    assert all(part.checks or part.is_import for part in needed)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "not a notebook"),
        ("no JSON", "not a notebook"),
        ("[1]", "not a notebook"),
        ("{}", "not a notebook"),
        ("[" * 100_000, "not a notebook"),
        (notebook(metadata={"kernelspec": {"language": "R"}}), "not Python"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path, text, status):
    path = tmp_path / "one.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as refused:
        read_notebook(path)
    assert refused.value.status == status


def test_odd_forms_of_notebooks_are_read(tmp_path):
    path = tmp_path / "one.ipynb"
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}]}]}
    path.write_text(json.dumps(old), encoding="utf-8")
    assert len(read_notebook(path)[0].body) == 2
    path.write_bytes(notebook("name = 'é'").replace("\\u00e9", "é").encode("latin-1"))
    assert len(read_notebook(path)[0].body) == 1
    path.write_text(json.dumps({"nbformat": 4, "cells": [7, {"cell_type": "code", "source": 7}]}), encoding="utf-8")
    assert read_notebook(path) == []
    path.write_text(notebook('check("x", (1'), encoding="utf-8")
    (broken,) = read_notebook(path)
    assert broken.named == ("x",) and broken.problem.startswith("SyntaxError")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("%%time\nx = 1", "x = 1"),
        ("%time x = 1", "x = 1"),
        ("%%bash\nls", ""),
        ("x = 5 % 3", "x = 5 % 3"),
    ],
)
def test_magics_that_run_code_leave_the_code(source, names):
    assert plain_python(source).strip() == names


def test_without_ipython_magics_are_dropped(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.core.inputtransformer2", None)
    assert plain_python("%matplotlib inline\n!ls\nx = 1").strip() == "x = 1"


def test_one_failure_costs_only_those_that_need_it(tmp_path):
    cells = [
        "from lossbook.pages.exercises import check",
        "answer = 1 / 0",
        CHECK,
        "def leaves(*_):\n    raise SystemExit",
        'check("likelihood.log-likelihood", leaves)',
        'answer = (\ncheck("likelihood.underflow", answer)',
        'answer = 1\ncheck("likelihood.tosses", answer)',
        GOOD[1],
        'answer = max\ncheck("likelihood.uniform", answer)',
        'answer = undefined\ncheck("likelihood.poisson", answer)',
        "class Odd:\n    def __repr__(self):\n        raise OSError",
        'check("likelihood.logit-gradient", Odd())',
        '%matplotlib inline\nanswer = None\ncheck("likelihood.weighted-nll", answer)',
    ]
    (one,) = graded(tmp_path, notebook(*cells))
    assert one.status == "graded"
    assert one.marks == {
        FAIR: "error",
        "likelihood.log-likelihood": "wrong",
        "likelihood.underflow": "error",
        "likelihood.tosses": "right",
        "likelihood.uniform": "right",
        "likelihood.poisson": "error",
        "likelihood.logit-gradient": "wrong",
        "likelihood.weighted-nll": "open",
    }
    assert one.right == 2
    # Each says what is wrong, under the name of its exercise; none speaks of a number of a cell.
    assert set(one.problems) == {name for name, mark in one.marks.items() if mark in ("wrong", "error")}
    assert "SyntaxError" in one.problems["likelihood.underflow"]
    assert one.problems["likelihood.poisson"] == "NameError: name 'undefined' is not defined"
    assert one.problems[FAIR] == "ZeroDivisionError: division by zero"  # where it began, not that `answer` is missing
    assert one.faults == [f"before the cell of {FAIR}, at “answer = 1 / 0”: ZeroDivisionError: division by zero"]


@pytest.mark.parametrize("answer", ['"2500"', "b'2500'", '["2500"]', "__import__('numpy').str_('2500')"])
def test_a_number_in_quotation_marks_is_wrong(tmp_path, answer):
    (one,) = graded(tmp_path, notebook(GOOD[0], f'answer = {answer}\ncheck("likelihood.tosses", answer)'))
    assert one.marks == FULL | {"likelihood.tosses": WRONG}
    assert "it is text, no number" in one.problems["likelihood.tosses"]


@POSIX
def test_a_function_that_never_ends_or_interrupts_costs_its_exercise_alone(tmp_path):
    cells = [
        "from lossbook.pages.exercises import check",
        "def loops(*_):\n    while True: pass",
        'check("likelihood.log-likelihood", loops)',
        "def interrupts(*_):\n    raise KeyboardInterrupt",
        'check("likelihood.uniform", interrupts)',
        "def swallows(*_):\n    try:\n        loops()\n    except BaseException:\n        loops()",
        "while True:\n    check('likelihood.poisson', swallows)",  # until the statement's own limit
        GOOD[1],
    ]
    (one,) = graded(tmp_path, notebook(*cells), seconds=36)
    assert one.status == "graded"
    assert one.marks == {
        "likelihood.log-likelihood": WRONG,
        "likelihood.uniform": WRONG,
        "likelihood.poisson": WRONG,
        "likelihood.tosses": RIGHT,
    }
    (one,) = graded(tmp_path, notebook(*cells[:3], GOOD[1]), seconds=9)  # three for a statement, fewer than for a call
    assert one.marks == {"likelihood.log-likelihood": "error", "likelihood.tosses": RIGHT}
    assert one.problems == {"likelihood.log-likelihood": "took longer than 3 s"}


def test_names_out_of_sight_are_found_by_running_everything(tmp_path):
    hidden = notebook("from lossbook.pages.exercises import check", 'exec("half = 0.5")', "answer = half**10", CHECK)
    (one,) = graded(tmp_path, hidden)
    assert one.marks == {FAIR: RIGHT}


def test_the_verdict_is_the_packages_own(tmp_path):
    wrong = f'answer = 1\ncheck("{FAIR}", answer)'
    tricks = [
        notebook("def check(*_):\n    return 'right'", wrong),
        notebook("import lossbook.pages.exercises as e\ne.check = lambda *_: 'right'", f'e.check("{FAIR}", 1)', wrong),
        notebook(
            "import lossbook.pages.exercises as e\nfrom lossbook.pages.exercises import check\nimport numpy as np",
            "e.Exercise._close = e.agree = lambda *_: True\nnp.allclose = lambda *_, **__: True",
            f'e.Exercise._close(1, 2, 3)\nnp.allclose(1, 2)\n{wrong}',
        ),
        notebook(
            "import lossbook.pages.exercises as e\none = e.all_exercises()['likelihood.fair-coin']",
            f"object.__setattr__(one, 'expected', 1)\ne.check({FAIR!r}, one.expected)\n{wrong}",
        ),
        notebook("from lossbook import check", f'print({{"exercise": "{FAIR}", "status": "right"}})', wrong),
    ]  # fmt: skip
    assert [one.marks.get(FAIR) for one in graded(tmp_path, *tricks)] == [WRONG] * len(tricks)


def test_a_function_of_the_notebook_called_check_still_serves_it(tmp_path):
    own = "def check(value):\n    return value / 4\nanswer = check(10000)"
    book = 'import lossbook.pages.exercises as book\nbook.check("likelihood.tosses", answer)'
    (one,) = graded(tmp_path, notebook(own, book))
    assert one.marks == {"likelihood.tosses": RIGHT}


# Each checks something first, so that it is not idle, and then does harm where the slice must run it.
def harm(code: str) -> str:
    lines = "\n".join(f"    {line}" for line in code.splitlines())
    return notebook(*GOOD, f'def answer():\n{lines}\n    return 0\ncheck("likelihood.underflow", answer())')


HARMFUL = {
    "loop": ("while True:\n    pass", "graded"),
    "stubborn": ("import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass", "timed out"),
    "exit": ("import sys\nsys.exit()", "graded"),
    "hard-exit": ("import os\nos._exit(0)", "crashed"),
    "abort": ("import os\nos.abort()", "crashed"),
    "memory": ("x = []\nwhile True:\n    x.append(bytearray(10**8))", "graded"),
    "output": ("for _ in range(2000):\n    print('x' * 10**6)", "graded"),
    "recursion": ("def f(): return f()\nreturn f()", "graded"),
    "deletes": ("import os, shutil\nshutil.rmtree(os.getcwd())", "graded"),
    "stdout": ("import sys, os\nsys.stdout.close()\nos.close(1)\nsys.__stdout__.close()", "graded"),
    "file": ("with open('big', 'wb') as f:\n    while True: f.write(bytes(10**7))", "graded"),
    # Where the kernel counts processes, it refuses first.
    "fork": ("import os, time\nfor _ in range(8):\n    os.fork()\ntime.sleep(60)", "crashed or graded or timed out"),
    "parent": ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", "crashed or graded"),
    "stopped": ("import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)", "graded"),
    "template": ("import psutil\npsutil.Process().parent().parent().kill()", "graded"),
    "flood": (
        "import os\n"
        "for number in range(3, 64):\n"
        "    try:\n        for _ in range(20): os.write(number, bytes(10**6))\n"
        "    except OSError: pass",
        "crashed or graded or timed out",
    ),
    "forked": ("import os\nos.fork()", "graded"),
}
UNREADABLE = {
    "empty": (b"", "not a notebook"),
    "binary": (bytes(range(256)) * 100, "not a notebook"),
    "julia": (notebook(*GOOD, metadata={"language_info": {"name": "julia"}}).encode(), "not Python"),
    "cells": (notebook().encode(), "no exercises"),
    "prose": (notebook("x = 1").encode(), "no exercises"),
}


@POSIX
def test_none_of_them_costs_another_its_mark(tmp_path):
    paths, wanted = [], []
    for name, (code, status) in HARMFUL.items():
        paths.append(tmp_path / f"{name}.ipynb")
        paths[-1].write_text(harm(code), encoding="utf-8")
        wanted.append(status)
        paths.append(tmp_path / f"{name}-neighbour.ipynb")
        paths[-1].write_text(notebook(*GOOD), encoding="utf-8")
        wanted.append("graded")
    for name, (data, status) in UNREADABLE.items():
        paths.append(tmp_path / f"{name}.ipynb")
        paths[-1].write_bytes(data)
        wanted.append(status)
    (tmp_path / "folder.ipynb").mkdir()
    paths += [tmp_path / "folder.ipynb", tmp_path / "missing.ipynb"]
    wanted += ["not a notebook", "not found"]
    grades = grade(paths, seconds=6, megabytes=1024, jobs=3)
    assert [one.path for one in grades] == paths
    unexpected = {
        one.path.stem: (one.status, one.faults)
        for one, status in zip(grades, wanted, strict=True)
        if one.status not in status.split(" or ")
    }
    assert not unexpected
    for one in grades:
        if "neighbour" in one.path.stem:
            assert one.marks == FULL, one.path.stem
        elif one.path.stem in HARMFUL:
            # What was right before the harm stays right.
            assert one.marks | FULL == one.marks, one.path.stem
            assert one.marks.get("likelihood.underflow") != RIGHT


@pytest.mark.parametrize("lacking", ["fork", "psutil"])
def test_platforms_that_lack_something_grade_all_the_same(tmp_path, monkeypatch, lacking):
    if lacking == "fork":
        monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    else:
        monkeypatch.setattr(working, "psutil", None)
    (one, crashed) = graded(tmp_path, notebook(*GOOD), harm("import os\nos._exit(3)"))
    assert one.marks == FULL and one.status == "graded"
    assert crashed.status == "crashed" and crashed.marks == FULL
    assert crashed.faults == ["its process ended with 3"]


@POSIX
def test_what_a_notebook_has_started_ends_with_it(tmp_path):
    note = tmp_path / "started"
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"with open({str(note)!r}, 'w') as file: file.write(f'{{child.pid}} {{os.getcwd()}}')\n"
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(600)"
    )
    (one,) = graded(tmp_path, harm(code), seconds=6)
    assert one.status == "timed out"
    pid, folder = note.read_text().split(" ", 1)
    # Dead, even if nobody has taken note of its end yet; on a busy machine a moment later.
    for _ in range(100):
        if not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.05)
    else:
        pytest.fail("it lives on")
    assert not Path(folder).exists()


def test_notebooks_see_no_secrets_and_run_in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "s3cr3t")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@host")
    note = tmp_path / "seen"
    code = (
        "import json, os, sys\n"
        f"json.dump([dict(os.environ), os.listdir(), os.getcwd(), sys.stdin.read()], open({str(note)!r}, 'w'))"
    )
    (one,) = graded(tmp_path, harm(code))
    assert one.status == "graded"
    environment, files, folder, typed = json.loads(note.read_text())
    assert files == [] and typed == ""
    assert Path(environment["HOME"]).resolve() == Path(folder).resolve() != tmp_path
    assert not {"SECRET_TOKEN", "HTTPS_PROXY"} & environment.keys()
    assert "s3cr3t" not in str(environment) and "word@host" not in str(environment)
    assert os.environ["SECRET_TOKEN"] == "s3cr3t"


def test_the_environment_is_put_back_after_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "s3cr3t")
    with pytest.raises(OSError), scrubbed_environment(tmp_path):
        assert "SECRET_TOKEN" not in os.environ
        raise OSError
    assert os.environ["SECRET_TOKEN"] == "s3cr3t"


def test_what_a_notebook_forges_stays_within_bounds(tmp_path):
    """Whoever finds the socket says what he likes, but not as long as he likes, nor what a terminal would obey."""
    lines = [
        {"exercise": "likelihood.poisson", "status": "wrong", "message": "\x1b[2J" + "=1+1" * 1000},
        {"exercise": "no.such", "status": "right", "message": ""},
        {"exercise": "likelihood.uniform", "status": "=cmd", "message": ""},
        {"exercise": ["x"], "status": "right", "message": ""},
        {"end": "\x1b[2J=cmd", "message": "x"},
        *({"exercise": "", "status": "error", "message": f"fault {number}"} for number in range(1000)),
    ]
    data = "\n" + "".join(json.dumps(line) + "\n" for line in lines)
    code = (
        "import os, stat\n"
        "for number in range(3, 64):\n"
        f"    try:\n        if stat.S_ISSOCK(os.fstat(number).st_mode): os.write(number, {data!r}.encode())\n"
        "    except OSError: pass"
    )
    (one,) = graded(tmp_path, harm(code))
    assert one.marks == FULL | {"likelihood.poisson": WRONG, "likelihood.underflow": WRONG}, "it found no socket"
    assert one.status == "graded" and len(one.faults) <= 40
    assert len(one.problems["likelihood.poisson"]) <= 300 and one.problems["likelihood.poisson"].isprintable()


def test_the_command_writes_the_table_in_the_order_of_what_is_named(tmp_path, capsys):
    folder = tmp_path / "class"
    (folder / ".ipynb_checkpoints").mkdir(parents=True)
    for name in ("b.ipynb", "a.ipynb", ".ipynb_checkpoints/a.ipynb"):
        (folder / name).write_text(notebook(*GOOD), encoding="utf-8")
    last = tmp_path / "0.ipynb"
    last.write_text(notebook(GOOD[0]), encoding="utf-8")
    table = tmp_path / "grades.csv"
    assert main(["grade", str(folder), str(last), "--out", str(table), "--jobs", "2"]) == 0
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert [Path(row["file"]).name for row in rows] == ["a.ipynb", "b.ipynb", "0.ipynb"]
    assert [row["points"] for row in rows] == ["2", "2", "1"]
    assert [row["student"] for row in rows] == ["a", "b", tmp_path.name]
    shown = capsys.readouterr()
    assert shown.out == "" and "3/3" in shown.err and "3 graded" in shown.err
    assert main(["grade", str(tmp_path / "missing.ipynb"), "--out", str(table)]) == 1


def test_what_was_graded_before_an_interrupt_is_kept(tmp_path, monkeypatch, capsys):
    def interrupted(paths, *, done, **_):
        done(Grade(paths[1], "graded", {FAIR: RIGHT}))
        done(Grade(paths[0], "graded", {FAIR: WRONG}))
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "grade", interrupted)
    table = tmp_path / "grades.csv"
    assert main(["grade", "a.ipynb", "b.ipynb", "c.ipynb", "--out", str(table)]) == 1
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert [(row["file"], row["points"]) for row in rows] == [("a.ipynb", "0"), ("b.ipynb", "1")]
    assert "stopped" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "",
        "grade",
        "grade EMPTY",
        "grade x.ipynb --timeout 0",
        "grade x.ipynb --out EMPTY",
        "grade x.ipynb --points EMPTY",
    ],
)
def test_misuse_is_said(tmp_path, words, capsys):
    with pytest.raises(SystemExit) as refused:
        main([str(tmp_path) if word == "EMPTY" else word for word in words.split()])
    assert refused.value.code == 2
    assert "usage:" in capsys.readouterr().err
