"""A page for each student: what was right, and what the check said of the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

from lossbook.pages.exercises import OPEN, RIGHT, WRONG

from .grades import GRADED
from .running import ERROR
from .students import Count, Student

_SIGNS = {RIGHT: "✓ right", WRONG: "✗ wrong", ERROR: "! error", OPEN: "… open", "": "– not in it"}
# File systems take 255 bytes for a name.
_LONGEST_NAME = 240

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Feedback: {name}</title>
<style>
:root {{ color-scheme: light dark; --right: light-dark(#1a7035, #6fd08c); --wrong: light-dark(#b3261e, #ff8f87); }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 0 auto; padding: 1rem; }}
body {{ overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid #8886; }}
td:nth-child(2), td:nth-child(3) {{ white-space: nowrap; }}
.right {{ color: var(--right); }}
.wrong, .error {{ color: var(--wrong); }}
@media (max-width: 40rem) {{
  thead {{ position: absolute; clip-path: inset(50%); }}
  tr {{ display: block; border-bottom: 1px solid #8886; padding: .35rem 0; }}
  th, td {{ display: block; border: 0; padding: 0; }}
}}
</style>
<main>
<h1>{name}</h1>
<p><strong>{earned:g} of {worth:g} points</strong>{rule}</p>
{notebooks}
</main>
</html>
"""
_NOTEBOOK = """\
<h2>{file}</h2>
<p>{state}</p>
<table>
<thead><tr><th scope="col">Exercise</th><th scope="col">Answer</th><th scope="col">Points</th><th scope="col">What \
the check said</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
"""
_ROW = """\
<tr><th scope="row">{name}</th><td class="{mark}">{sign}</td><td>{earned:g} of {worth:g}</td>
<td>{said}</td></tr>"""


def page_of(student: Student, count: Count) -> str:
    """Return a student's page as HTML: whole in itself, without scripts, and with nothing to load.

    Parameters
    ----------
    student : Student
        Whose page it is.
    count : Count
        What counts.
    """
    notebooks = []
    for grade in student.grades:
        counted = count.of(grade)
        rows = [
            _ROW.format(
                name=escape(name),
                mark=escape(grade.marks.get(name, "") or "none"),
                sign=_SIGNS[grade.marks.get(name, "")],
                earned=count.earned(grade.marks, [name]),
                worth=count.worth([name]),
                said=escape(grade.problems.get(name, "")),
            )
            for name in counted
            # Of a class's week only what the notebook has; what is in none costs its points all the same.
            if count.points is None or name in grade.marks
        ]
        state = f"Points: {count.earned(grade.marks, counted):g}."
        if grade.status != GRADED:
            state += f" The notebook was not graded to its end: {grade.status}."
        told = count.problems(grade)[sum(name in grade.problems for name in counted) :]
        state = " ".join([state, *(f"{one}." for one in told)])
        page = _NOTEBOOK if rows else "<h2>{file}</h2>\n<p>{state}</p>\n"
        notebooks.append(page.format(file=escape(grade.path.name), state=escape(state), rows="\n".join(rows)))
    marks = student.marks(count)
    return _PAGE.format(
        name=escape(student.name),
        earned=count.earned(marks, list(marks)),
        worth=count.worth(count.exercises),
        rule=". Of an exercise in two notebooks the better answer counts." if len(notebooks) > 1 else "",
        notebooks="\n".join(notebooks),
    )


def write_feedback(count: Count, students: Sequence[Student], folder: Path) -> None:
    """Write each student's page into a folder, under the student's name.

    Parameters
    ----------
    count : Count
        What counts.
    students : sequence of Student
        Everybody who has handed in.
    folder : Path
        Is made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for student in students:
        name = student.name
        if len(name.encode(errors="replace")) > _LONGEST_NAME:
            name = f"{name[:50]}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"
        (folder / f"{name}.html").write_text(page_of(student, count), encoding="utf-8", errors="replace")
