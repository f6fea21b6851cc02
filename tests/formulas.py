r"""Reads the LaTeX of losses as a reader does, and computes with it.

`Formula(tex).sides(names)` gives the values of all sides of an equation, where `names` holds what the letters stand
for: numbers, rows of numbers (``p_k`` is one of them) and functions. SymPy's own reader of LaTeX does not serve: it
takes the logarithm's argument to end where the line ends, and reads $-t \ln p - (1 - t) \ln(1 - p)$ as a product of
two logarithms.

Every sum without limits runs over as many members as `MEMBERS` says.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from lark import Lark, Token, Tree
from scipy.integrate import quad

MEMBERS = 3

ROOT = Path(__file__).resolve().parents[1]
_DISPLAYED = re.compile(
    r"\$\$(?P<dollars>.+?)\$\$"
    r"|^[ \t]*(?P<fence>`{3,}|:{3,})\{math\}[^\n]*\n(?:[ \t]*:[^\n]*\n)*(?P<directive>.*?)^[ \t]*(?P=fence)"
    r"|(?P<environment>\\begin\{(?P<kind>\w+\*?)\}.*?\\end\{(?P=kind)\})",
    re.DOTALL | re.MULTILINE,
)

_GRAMMAR = r"""
statement: expression (RELATION expression)*
expression: SIGN? term (SIGN term)*
term: factor (OPERATOR? factor)*
factor: base scripts
scripts: (lower | upper)*
lower: "_" script
upper: "^" script
?script: NUMBER | NAME | "{" arguments "}"
arguments: statement ("," statement)*
?base: NUMBER | NAME | group | holds | fraction | root | size | length | choose | cases
group: "(" arguments ")" | "{" arguments "}"
holds: "[" statement "]"
fraction: "\\frac" braces braces
choose: "\\binom" braces braces
cases: "\\cases" "{" statement "}" "{" statement "}" "{" statement "}"
braces: "{" expression "}"
root: "\\sqrt" braces
size: "\\lvert" expression "\\rvert"
length: "\\lVert" expression "\\rVert"
RELATION: "=" | "\\approx" | "<" | ">" | /\\(le|ge|ne)(?![a-z])/ | "\\sim"
SIGN: "+" | "-" | "\\mp"
OPERATOR: "/" | "\\cdot"
NUMBER: /\d+(\.\d+)?/
NAME.-1: /(\\hat *)?(\\(text|mathrm|operatorname)\{[^}]*\}|\\[A-Za-z]+|[A-Za-z])('|\^\*)*/
%ignore /\s+/
"""
_PARSER = Lark(_GRAMMAR, start="statement", parser="lalr")
_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    r"\le": lambda a, b: a <= b, r"\ge": lambda a, b: a >= b, r"\ne": lambda a, b: a != b,
}  # fmt: skip
_KNOWN: dict[str, Any] = {
    "ln": np.log, "log": np.log, "exp": np.exp, "cosh": np.cosh, "sinh": np.sinh, "tanh": np.tanh, "cos": np.cos,
    "max": np.maximum, "min": np.minimum, "sign": np.sign, "sigma": lambda x: 1 / (1 + np.exp(-x)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(), "e": math.e, "pi": math.pi, "infty": math.inf,
}  # fmt: skip
_FORMS = {  # what only changes how a formula looks, and what is said in two ways
    r";(?<!\\;)|\\mid(?![a-z])|\\,\\\|\\,": ",",  # I(X; Y), p(x | θ), KL(p ‖ q)
    r"\\(left|right|[bB]igg?[lr]?)(?![a-z])|\\[,;! ]|\\q?quad(?![a-z])": " ",
    r"\\[td]frac": r"\\frac",
    r"\\frac\{d([A-Z])\}\{d(\w)\}": r"\\operatorname{d\1/d\2}",
    r"\\partial\s*\\?([A-Za-z]+)(_\w)?\s*/\s*\\partial\s*\\?([A-Za-z]+)": r"\\operatorname{d\1/d\3}\2",
    r"\\frac\s*(\d)\s*(\d)": r"\\frac{\1}{\2}",
    r"\\\|(.*?)\\\|": r"\\lVert \1 \\rVert",
    r"(?<!\\)\|(.*?)\|": r"\\lvert \1 \\rvert",
}


def texts(*patterns: str) -> Iterator[str]:
    """Yield the texts of pages, cell by cell: those that the patterns name, or of all chapters, pages and decks."""
    wanted = patterns or ("index.md", "chapters/*.*", "slides/*.md")
    for path in sorted(path for pattern in wanted for path in ROOT.glob(pattern)):
        if path.suffix == ".md":
            yield path.read_text(encoding="utf-8")
        elif path.suffix == ".ipynb":
            text = path.read_text(encoding="utf-8")
            yield from ("".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "markdown")


def in_tables(markdown: str) -> list[str]:
    """Return the formulas in the rows of a text's tables, but for single symbols."""
    rows = (line for line in markdown.splitlines() if line.lstrip().startswith("|"))
    found = [tex for row in rows for tex in within_lines(row)]
    return [tex for tex in found if not re.fullmatch(r"\\?[A-Za-z]+(_\w)?", tex)]


def within_lines(markdown: str) -> list[str]:
    """Return the formulas within the lines of a text."""
    return [tex.strip() for tex in re.findall(r"(?<![$\\])\$(?!\$)([^$\n]+)\$(?!\$)", markdown)]


def formulas_in(markdown: str) -> list[str]:
    """Return the displayed formulas of a text, without a full stop."""
    matches = _DISPLAYED.finditer(markdown)
    texts = [match["dollars"] or match["directive"] or match["environment"] for match in matches]
    return [text.strip().rstrip(".,").strip() for text in texts]


def parts(tex: str) -> list[Formula]:
    r"""Return the formulas of a line that are set apart by ``\quad``, without words between them."""
    pieces = re.split(r",?\s*\\q?quad", tex)
    return [Formula(piece) for piece in pieces if not piece.strip().startswith(r"\text")]


def statements(text: str) -> list[str]:
    r"""Return the formulas of a text; "$A$ for $C$, else $B$" is one, written as ``\cases{A}{C}{B}``."""
    formula = r"\$([^$]*)\$"
    found = []
    for match in re.finditer(rf"{formula}(?:\s+for\s+{formula},\s+else\s+(?:{formula}|(\d+)))?", text):
        inside, condition, outside, number = match.groups()
        if condition is not None:
            left, equals, right = inside.rpartition("=")
            inside = rf"{left}{equals} \cases{{{right}}}{{{condition}}}{{{outside or number}}}"
        found.append(inside.strip())
    return found


class Formula:
    """A formula that has been read.

    Parameters
    ----------
    tex : str
        LaTeX, without the dollars.
    """

    def __init__(self, tex: str) -> None:
        self.tex = tex
        for form, plain in _FORMS.items():
            tex = re.sub(form, plain, tex, flags=re.DOTALL)
        self.tree = _PARSER.parse(tex.strip().rstrip(".,"))

        self.slip = ""

    def __repr__(self) -> str:
        return f"{self.tex}{self.slip}"

    @property
    def is_equation(self) -> bool:
        """Whether it has one side, or sides that are said to be equal."""
        return all(relation == "=" for relation in self.tree.children[1::2])

    def states(self, name: str) -> bool:
        """Say whether this symbol stands on the left."""
        return self.defines is not None and self.defines[0] == name

    @property
    def is_name(self) -> bool:
        """Whether it only mentions a symbol."""
        return self.defines is not None and len(self.tree.children) == 1

    @property
    def defines(self) -> tuple[str, list[str]] | None:
        """The symbol on the left with its indices, where there is nothing else on the left."""
        signs_and_terms = self.tree.children[0].children
        if len(signs_and_terms) == 1 and len(signs_and_terms[0].children) == 1:
            base, scripts = signs_and_terms[0].children[0].children
            indices = [script.children[0] for script in scripts.children if script.data == "lower"]
            if _is(base, "NAME") and len(indices) == len(scripts.children) and all(_is(k, "NAME") for k in indices):
                return _plain(base), [_plain(k) for k in indices]
        return None

    def sides(self, names: Mapping[str, Any]) -> list[Any]:
        """Return the value of each side."""
        return [_value(side, names) for side in self.tree.children[::2]]

    def holds(self, names: Mapping[str, Any]) -> bool:
        """Say whether the relation holds."""
        return bool(_holds(self.tree, names))

    def define(self, names: dict[str, Any]) -> None:
        """Take the symbol on the left to be what stands on the right; with an index, a row of these."""
        assert self.defines
        name, indices = self.defines
        right = self.tree.children[-1]
        row = [_value(right, {**names, index: k}) for index in indices for k in range(MEMBERS)]
        names[name] = np.array(row) if indices else _value(right, names)

    def slips(self) -> Iterator[Formula]:
        """Yield the formula with one slip each.

        Another sign, a number that is one larger, times in place of over, a fraction upside down, a letter in place of
        another one that has the same index.
        """
        for subtree in self.tree.iter_subtrees_topdown():
            if subtree.data == "fraction":
                yield self._with(subtree, subtree.children[::-1], "a fraction upside down")
            for place, child in enumerate(subtree.children):
                for wrong in [*_wrong(child), *(self._namesakes(subtree) if place == 0 else ())]:
                    children = [*subtree.children[:place], wrong, *subtree.children[place + 1 :]]
                    yield self._with(subtree, children, f"{child} → {wrong}")

    def _namesakes(self, factor: Tree) -> list[Token]:
        """Return the other letters of the formula that have the same index as this one."""

        def is_letter(factor: Tree) -> bool:
            name, scripts = factor.children
            return _is(name, "NAME") and _plain(name) not in _OPERATORS and bool(scripts.children)

        if factor.data != "factor" or not is_letter(factor):
            return []
        others = [other for other in self.tree.find_data("factor") if other.children[1] == factor.children[1]]
        return sorted({other.children[0] for other in others if is_letter(other)} - {factor.children[0]})

    def _with(self, where: Tree, children: list[Any], slip: str) -> Formula:
        def copy(tree: Any) -> Any:
            if not isinstance(tree, Tree):
                return tree
            return Tree(tree.data, [copy(child) for child in (children if tree is where else tree.children)])

        other = Formula.__new__(Formula)
        other.tex, other.tree, other.slip = self.tex, copy(self.tree), f", with {slip}"
        return other


def _wrong(token: Any) -> Iterator[Token]:
    if _is(token, "SIGN"):
        yield token.update(value="+" if token == "-" else "-")
    elif _is(token, "NUMBER"):
        yield token.update(value=str(float(token) + 1))
    elif _is(token, "OPERATOR") and token == "/":
        yield token.update(value=r"\cdot")


def _is(part: Any, kind: str) -> bool:
    return isinstance(part, Token) and part.type == kind


def _plain(name: str) -> str:
    r"""Return the bare name: ``\hat y`` is ``hat y``, ``\operatorname{JS}`` is ``JS``."""
    bare = re.sub(r"\\(text|mathrm|operatorname)\{([^}]*)\}", r"\2", name)
    return " ".join(bare.replace("\\", " ").split())


def _value(part: Any, names: Mapping[str, Any]) -> Any:
    """Return what a part of a formula is worth."""
    if _is(part, "NUMBER"):
        return float(part)
    if _is(part, "NAME"):
        return _look_up(_plain(part), names)
    children = part.children
    if part.data in ("statement", "braces", "lower", "upper") and len(children) == 1:
        return _value(children[0], names)
    if part.data == "expression":
        total, sign = 0.0, 1.0
        for child in children:
            if _is(child, "SIGN"):
                sign = {"+": 1.0, "-": -1.0, r"\mp": names.get("mp", 0.0)}[str(child)]
            else:
                total = total + sign * _value(child, names)
        return total
    if part.data == "term":
        return _product(list(children), names)
    if part.data in ("group", "arguments"):
        values = _arguments(part, names)
        return values[0] if len(values) == 1 else tuple(values)
    if part.data == "cases":
        inside, condition, outside = children
        return _value(inside if _holds(condition, names) else outside, names)
    if part.data == "holds":
        return _holds(children[0], names) * 1.0
    values = [_value(child, names) for child in children]
    return {
        "fraction": lambda a, b: a / b,
        "choose": lambda n, k: math.comb(int(n), int(k)),
        "root": np.sqrt,
        "size": np.abs,
        "length": np.linalg.norm,
    }[part.data](*values)


def _look_up(name: str, names: Mapping[str, Any]) -> Any:
    if name in names:
        return names[name]
    if name in _KNOWN:
        return _KNOWN[name]
    raise KeyError(f"{name}: nobody says what it is")


def _holds(statement: Tree, names: Mapping[str, Any]) -> Any:
    values = [_value(side, names) for side in statement.children[::2]]
    relations = [_RELATIONS[str(relation)] for relation in statement.children[1::2]]
    return all(holds(a, b) for holds, a, b in zip(relations, values, values[1:], strict=False))


def _arguments(part: Tree, names: Mapping[str, Any]) -> list[Any]:
    inner = part.children[0].children if part.data == "group" else part.children
    return [_value(child, names) for child in inner]


def _product(items: list[Any], names: Mapping[str, Any]) -> Any:
    value: Any = 1.0
    operator = ""
    while items:
        item = items.pop(0)
        if _is(item, "OPERATOR"):
            operator = str(item)
            continue
        factor = _factor(item, items, names)
        value = np.dot(value, factor) if operator == r"\cdot" else value / factor if operator else value * factor
        operator = ""
    return value


def _factor(factor: Tree, items: list[Any], names: Mapping[str, Any]) -> Any:
    """Return what a factor is worth; a function takes the next one from the list, and a sum takes them all."""
    base, lower, upper = _parts(factor)
    if _is(base, "NAME"):
        name = _plain(base)
        if name in _OPERATORS and (lower is not None or name in ("sum", "int")):
            body = Tree("term", items[:])
            items.clear()
            return _OPERATORS[name](lower, upper, body, names)
        value = _look_up(name, names) if lower is None else _member(name, lower, names)
    else:
        value = _value(base, names)
    if not callable(value):
        return value if upper is None else value ** _value(upper, names)
    power = 1.0 if upper is None else _value(upper, names)
    inside = items.pop(0)
    base, _, outside = _parts(inside)
    if isinstance(base, Tree) and base.data == "group":  # σ(x)² is the square of σ(x)
        result = value(*_arguments(base, names))
        return result ** (power * (1.0 if outside is None else _value(outside, names)))
    return value(_factor(inside, items, names)) ** power


def _parts(factor: Tree) -> tuple[Any, Any, Any]:
    """Return the base of a factor with its lower and its upper script."""
    base, scripts = factor.children
    found = {script.data: script.children[0] for script in scripts.children}
    return base, found.get("lower"), found.get("upper")


def _member(name: str, lower: Any, names: Mapping[str, Any]) -> Any:
    label = _plain(lower) if isinstance(lower, Token) else ""
    if f"{name}_{label}" in names:
        return names[f"{name}_{label}"]
    index = _value(lower, names)
    return _look_up(name, names)[tuple(map(int, index)) if isinstance(index, tuple) else int(index)]


def _members(lower: Any, upper: Any, names: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the names with the index of a sum at each of its values."""
    statement = lower.children[0] if isinstance(lower, Tree) else None
    relation = statement.children[1] if statement and len(statement.children) > 1 else None
    index = _plain(next(statement.scan_values(lambda token: _is(token, "NAME"))) if statement else lower)
    count = MEMBERS if upper is None else int(_value(upper, names))
    for k in range(count):  # what mathematics counts from 1, Python counts from 0
        inside = {**names, index: k}
        if relation in (None, "=") or _holds(statement, inside):
            yield inside


def _sum(lower: Any, upper: Any, body: Tree, names: Mapping[str, Any]) -> Any:
    return sum(_value(body, inside) for inside in _members(lower, upper, names))


def _largest(lower: Any, upper: Any, body: Tree, names: Mapping[str, Any]) -> Any:
    return max(_value(body, inside) for inside in _members(lower, upper, names))


def _mean(lower: Any, _: Any, body: Tree, names: Mapping[str, Any]) -> Any:
    """Return the mean under the distribution that stands below, of numbers that stand in a row."""
    distribution = list(lower.scan_values(lambda token: True))[-1] if isinstance(lower, Tree) else lower
    return np.sum(_look_up(_plain(distribution), names) * _value(body, names))


def _integral(lower: Any, upper: Any, body: Tree, names: Mapping[str, Any]) -> Any:
    """Return the integral by the variable that stands last, behind a d."""
    *inside, d, variable = body.children
    assert _plain(d.children[0]) == "d"
    low, high = (bound if side is None else _value(side, names) for side, bound in ((lower, -np.inf), (upper, np.inf)))
    name = _plain(variable.children[0])
    return quad(lambda x: _product(list(inside), {**names, name: x}), low, high, epsabs=1e-10, epsrel=1e-10)[0]


_OPERATORS: dict[str, Callable[..., Any]] = {"sum": _sum, "max": _largest, "E": _mean, "int": _integral}
