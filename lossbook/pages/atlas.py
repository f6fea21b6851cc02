"""The atlas of losses: its table and its cards, made from what each loss says of itself."""

from __future__ import annotations

import html
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lossbook import losses
from lossbook.losses import Facts, Loss

#: Arguments for the losses that cannot be made without.
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "LargeMarginSoftmaxLoss": {"class_vectors": ((1.0, 0.0), (0.0, 1.0))},
    "BinnedCrossEntropyLoss": {"edges": (-2.0, -1.0, 0.0, 1.0, 2.0)},
}
#: What the docstrings call the arguments of a formula, where that is not their name.
_LETTERS = {
    "margin": "mu", "pos_weight": "w", "weight": "lambda", "distance": "Delta", "real": r"L_{\text{real}}",
    "fake": r"L_{\text{fake}}", "m": "y f",
}  # fmt: skip
_SECTIONS = ("Domain", "Formula", "Gradient", "Model", "Equivalent")


#: Under which heading the losses of a module stand, in the order of the page; those of others come last.
_GROUPS = {
    "margin": "Right or wrong: losses of the margin",
    "binary": "Yes or no: losses of one probability",
    "classification": "One of several classes",
    "softmax": "One of several classes",
    "large_margin": "One of several classes",
    "multimargin": "One of several classes",
    "divergence": "Distributions as targets",
    "regression": "Regression",
    "variance": "Regression",
    "binned": "Regression",
    "robust": "Regression with wild targets",
    "adaptive": "Regression with wild targets",
    "gan": "Games of two networks",
    "perceptual": "Features of pictures",
}
_OTHERS = "More losses"


def all_losses() -> dict[str, type[Loss]]:
    """Return the classes of all losses that can be used, by name, in the order of the atlas.

    Examples
    --------
    >>> "HuberLoss" in all_losses()
    True
    """
    classes = [getattr(losses, name) for name in losses.__all__]
    usable = [kind for kind in classes if hasattr(kind, "_facts") and not inspect.isabstract(kind)]
    return {kind.__name__: kind for kind in sorted(usable, key=_place)}


def _place(kind: type) -> tuple[int, int]:
    module = kind.__module__.rpartition(".")[2]
    among = list(vars(sys.modules[kind.__module__])).index(kind.__name__)
    return ([*_GROUPS].index(module) if module in _GROUPS else len(_GROUPS)), among


def groups() -> dict[str, list[str]]:
    """Return the names of all losses by the heading under which they stand.

    Examples
    --------
    >>> "HuberLoss" in groups()["Regression"]
    True
    """
    found: dict[str, list[str]] = {}
    for name, kind in all_losses().items():
        found.setdefault(_GROUPS.get(kind.__module__.rpartition(".")[2], _OTHERS), []).append(name)
    return found


def entries() -> Iterator[Any]:
    """Yield what the atlas shows below its table: headings, and the card and the picture of each loss."""
    from lossbook.figures.atlas import FIGURES

    for heading, names in groups().items():
        yield Heading(heading, 2)
        for name in names:
            yield from (Heading(name, 3), Card(name), FIGURES[name]())


def facts_of(name: str) -> Facts:
    """Return what is known of a loss with its default parameters.

    Parameters
    ----------
    name : str
        Name of its class, such as ``"HuberLoss"``.

    Raises
    ------
    ValueError
        If there is no such loss.

    Examples
    --------
    >>> facts_of("HuberLoss").convex
    True
    """
    return _class_of(name)(**_ARGUMENTS.get(name, {})).facts


def sections_of(name: str) -> dict[str, str]:
    """Return the parts of a loss's docstring as MyST Markdown: Summary, Domain, Formula, Gradient, Model, Equivalent.

    Parameters
    ----------
    name : str
        Name of its class.

    Raises
    ------
    ValueError
        If there is no such loss, or its docstring lacks a part.

    Examples
    --------
    >>> sections_of("L1Loss")["Summary"]
    'Absolute error.'
    """
    text = inspect.cleandoc(_class_of(name).__doc__ or "")
    found = {"Summary": _as_markdown(text.split("\n\n")[0])}
    for title, body in re.findall(r"^(\w+)\n((?: {4}.*\n?|\n(?= {4}))+)", text, flags=re.MULTILINE):
        if title in _SECTIONS:
            found[title] = _as_markdown(inspect.cleandoc("\n" + body))
    missing = [title for title in _SECTIONS if title not in found]
    if missing:
        raise ValueError(f"{name}: the docstring lacks {', '.join(missing)}")
    return found


def formula_of(name: str) -> str:
    r"""Return the formula of a loss as SymPy prints it, with everything written out in ln and exp.

    It is empty where the formula takes rows of numbers or holds an integral: the sums of the docstring read better.

    Parameters
    ----------
    name : str
        Name of its class.

    Examples
    --------
    >>> print(formula_of("LogisticLoss"))
    \ell = \ln\left(1 + e^{- y f}\right)
    """
    from sympy import Integral, Symbol

    from lossbook.symbolic import gan as games
    from lossbook.symbolic import losses as formulas
    from lossbook.symbolic.primitives import elementary
    from lossbook.symbolic.printing import latex

    formula = getattr(formulas, name, None) or getattr(games, name)
    parameters = inspect.signature(formula).parameters
    numbers = [key for key, parameter in parameters.items() if parameter.annotation == "Any"]
    if any(parameters[key].default is inspect.Parameter.empty for key in parameters if key not in numbers):
        return ""
    found = formula(**{key: Symbol(_LETTERS.get(key, key), real=True) for key in numbers})
    if isinstance(found, tuple):
        players = ("real", "fake", "generator")
        terms = (rf"\ell_\text{{{who}}} = {latex(elementary(term))}" for who, term in zip(players, found, strict=True))
        return r",\quad ".join(terms)
    return "" if found.has(Integral) else rf"\ell = {latex(elementary(found))}"


@dataclass(frozen=True)
class Heading:
    """A heading that a cell puts out; in the book it opens a section of the page."""

    text: str
    level: int

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/markdown": f"{'#' * self.level} {self.text}"}


@dataclass(frozen=True)
class Card:
    """All that the atlas says of one loss, without its picture; shows as Markdown."""

    name: str

    def markdown(self) -> str:
        """Return the text."""
        facts, parts = facts_of(self.name), sections_of(self.name)
        source = f"{facts.paper} ({facts.year})"
        if facts.doi:
            source = f"[{source}](https://doi.org/{facts.doi})"
        signature = str(inspect.signature(_class_of(self.name))).split(" -> ")[0]
        arguments = re.sub(r": '[^']*'", "", signature)
        lines = [
            parts["Summary"],
            f"`{self.name}{arguments}`",
            *([f"$$\n{formula}\n$$"] if (formula := formula_of(self.name)) else []),
            *(f"**{title}.** {parts[title]}" for title in _SECTIONS),
            f"**Properties.** {', '.join(_in_words(facts)).capitalize()}.",
            f"**Source.** {source}.",
        ]
        return "\n\n".join(lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": f"{self.name}: {sections_of(self.name)['Summary']}", "text/markdown": self.markdown()}


@dataclass(frozen=True)
class Table:
    """All losses with their properties, one a row; the page's script lets the reader sort and filter it."""

    def html(self) -> str:
        """Return the table."""
        heads = ["Loss", *_COLUMNS]
        head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in heads)
        rows = []
        for name in all_losses():
            facts = facts_of(name)
            cells = "".join(f"<td>{html.escape(_shown(getattr(facts, field)))}</td>" for field in _COLUMNS.values())
            rows.append(f'<tr><th scope="row"><a href="#{name.lower()}">{name}</a></th>{cells}</tr>')
        return (
            '<div class="lossbook-table-bar"></div><table class="table lossbook-table">'
            "<caption>All losses of the package, with their default parameters"
            f"</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": "\n".join(all_losses()), "text/html": self.html()}


_COLUMNS = {
    "Task": "task", "Convex": "convex", "Smooth": "smooth", "Steepest slope": "lipschitz", "Robust": "robust",
    "Proper": "proper", "Calibrated": "calibrated", "Model": "model", "Year": "year",
}  # fmt: skip


def _class_of(name: str) -> type[Loss]:
    try:
        return all_losses()[name]
    except KeyError:
        raise ValueError(f"name: expected one of {', '.join(all_losses())}, got {name!r}") from None


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "∞" if value == float("inf") else f"{value:.3g}"
    return str(value)


def _in_words(facts: Facts) -> list[str]:
    """Return the properties as a list of words."""
    words = ["convex" if facts.convex else "not convex", "smooth" if facts.smooth else "not smooth"]
    if facts.lipschitz is not None:
        bounded = facts.lipschitz < float("inf")
        words.append(f"slope at most {facts.lipschitz:.3g}" if bounded else "no bound on its slope")
    words.append("robust against wild targets" if facts.robust else "not robust against wild targets")
    if facts.proper is not None:
        words.append("proper (its best prediction is a probability)" if facts.proper else "not proper")
    if facts.calibrated is not None:
        calibrated = "calibrated (its best prediction decides for the likeliest class)"
        words.append(calibrated if facts.calibrated else "not calibrated")
    return words


def _as_markdown(text: str) -> str:
    """Turn reStructuredText's roles and literals into MyST Markdown, on one line."""
    text = re.sub(r":math:`([^`]*)`", lambda found: f"${found[1]}$", " ".join(text.split()))
    return re.sub(r"``([^`]*)``", r"`\1`", text)
