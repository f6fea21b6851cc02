"""The cheat sheet: what the atlas says of every loss, in so few words that all fit on two sheets of A4."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .atlas import facts_of, groups, sections_of

#: Pixels of a small picture, and points of a curve in it.
_WIDTH, _HEIGHT, _POINTS = 64, 44, 65
#: A curve is told from the others of a game by its dashes.
_DASHES = ("", "5 3", "1.5 2.5")
_FORMULA_OR_CODE = re.compile(r"\$([^$]*)\$|`([^`]*)`")
# What a docstring says of the way to numbers, not of the loss.
_ON_ROUNDING = re.compile(r"comput|cancel|digits|infinite times")
_CALL = re.compile(r"`((?:[^`]*\b)?torch(?:vision)?\.[^`]*)`")


def in_short(text: str) -> str:
    r"""Return the sentences of a part of a docstring that hold a formula, without those on how it is computed.

    Parameters
    ----------
    text : str
        As `sections_of` returns it.

    Examples
    --------
    >>> in_short(sections_of("BrierLoss")["Formula"])
    '$\\ell = \\sum_k (p_k - t_k)^2$, between 0 and 2.'
    """
    sentences = re.split(r"(?<=\.)\s+(?=[A-Zα-ω])", re.sub(r", computed as .*", ".", text))
    return " ".join(sentence for sentence in sentences if "$" in sentence and not _ON_ROUNDING.search(sentence))


def in_pytorch(equivalent: str) -> str:
    """Return the call in PyTorch, with a star where its conventions differ; empty if PyTorch has none.

    Parameters
    ----------
    equivalent : str
        That part of a loss's docstring.

    Examples
    --------
    >>> in_pytorch("`keras.losses.Huber`; `torch.nn.HuberLoss(delta)`.")
    'torch.nn.HuberLoss(delta)'
    >>> in_pytorch("Half of `torch.nn.MSELoss` on the labels.")
    'half of torch.nn.MSELoss*'
    """
    clause = next((part for part in re.split(r";|\.\s", equivalent) if _CALL.search(part)), "")
    found = _CALL.search(clause)
    if found is None or equivalent.startswith("Not in PyTorch"):
        return ""
    before, after = clause[: found.start()].strip(), clause[found.end() :].strip(" .")
    alike = not after or after.startswith(("(same conventions", "in PyTorch"))
    return f"{before[:1].lower()}{before[1:]} {found[1]}".strip() + ("" if alike and not before else "*")


@dataclass(frozen=True)
class Sheet:
    """All losses by task: picture, name, when to take it, formula, gradient and call in PyTorch."""

    def html(self) -> str:
        """Return the sheet."""
        return f'<div class="lossbook-sheet">{"".join(self._sections())}</div>'

    def _sections(self) -> Iterator[str]:
        for heading, names in groups().items():
            yield f"<h2>{html.escape(heading)}</h2><ul>{''.join(map(_card, names))}</ul>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        names = [name for group in groups().values() for name in group]
        return {"text/plain": "\n".join(names), "text/html": self.html()}


def _card(name: str) -> str:
    parts = sections_of(name)
    call = in_pytorch(parts["Equivalent"])
    rows = {"loss": in_short(parts["Formula"]), "slope": in_short(parts["Gradient"])}
    lines = [
        f'<p><a href="atlas.html#{name.lower()}">{name}</a> <span class="use">{html.escape(_use(name))}</span></p>',
        *(f'<p><span class="what">{row}</span> {_as_html(text)}</p>' for row, text in rows.items() if text),
        *([f'<p><span class="what">PyTorch</span> <code>{html.escape(call)}</code></p>'] if call else []),
    ]
    return f"<li>{_picture(name)}<div>{''.join(lines)}</div></li>"


def _use(name: str) -> str:
    return facts_of(name).use or sections_of(name)["Summary"]


def _as_html(text: str) -> str:
    """Return Markdown of formulas and code as HTML."""
    from lossbook.symbolic.mathml import mathml

    parts, end = [], 0
    for found in _FORMULA_OR_CODE.finditer(text):
        parts.append(html.escape(text[end : found.start()], quote=False))
        formula, code = found.groups()
        parts.append(f"<code>{html.escape(code)}</code>" if formula is None else mathml(formula))
        end = found.end()
    return "".join([*parts, html.escape(text[end:], quote=False)])


def _picture(name: str) -> str:
    """Return the loss over what the atlas draws it over, as a small drawing without letters."""
    from lossbook.figures.atlas import FIGURES

    figure = FIGURES[name]()
    panel, spec = figure.panels[0], figure.spec["panels"][0]
    values = figure.values()
    (left, right), (bottom, top) = (
        [figure.number(spec[side][end], values) for end in ("min", "max")] for side in ("x", "y")
    )
    x = np.linspace(left, right, _POINTS)

    def place(across: Any, up: Any) -> str:
        return " ".join(
            f"{_WIDTH * (a - left) / (right - left):.1f},{_HEIGHT * (top - u) / (top - bottom):.1f}"
            for a, u in zip(across, up, strict=True)
        )

    axes = [((left, right), (0, 0))] if bottom <= 0 <= top else []
    axes += [((0, 0), (bottom, top))] if left <= 0 <= right else []
    lines = [f'<polyline class="axis" points="{place(*axis)}"/>' for axis in axes]
    for dashes, mark in zip(_DASHES, (mark for mark in spec["marks"] if mark["kind"] == "curve"), strict=False):
        with np.errstate(all="ignore"):
            y = figure.number(mark["y"], values, x)
        seen = np.isfinite(y) & (y <= top + (top - bottom)) & (y >= bottom - (top - bottom))
        style = f' stroke-dasharray="{dashes}"' if dashes else ""
        lines += [f'<polyline points="{place(x[run], y[run])}"{style}/>' for run in _runs(seen)]
    label = html.escape(f"{name} over {panel.x.label}")
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(lines)}</svg>'


def _runs(seen: Any) -> list[Any]:
    """Return the places of each run of True."""
    places = np.flatnonzero(seen)
    return [run for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if run.size > 1]
