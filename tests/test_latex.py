"""The formulas that readers see are those that the code computes: LaTeX is read, evaluated and compared."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from formulas import Formula, formulas_in, in_tables, parts, statements, texts, within_lines
from formulas_of_losses import Case, draw, draw_model
from formulas_of_pages import IN_TABLES, STATED, TOLD, UNSTATED

from lossbook import likelihood
from lossbook.pages.atlas import all_losses, sections_of

SEEDS = range(16)  # so many points that a slip shows at one of them
FEW = SEEDS[:5]
#: What docstrings mention that is not the loss, its gradient or a definition.
ASIDES = {
    ("CauchyLoss", "|r| = c"): "the place where the gradient is largest",
    ("CrossEntropyLoss", r"-\ln p_k"): "a part of the formula, named in passing",
    ("LargeMarginSoftmaxLoss", r"\cos\theta_y"): "what is replaced",
    ("LargeMarginSoftmaxLoss", r"\psi' = d\psi/dc"): "says what a prime means",
    ("SigmoidFocalLoss", r"(1 - p)^{\gamma - 1}"): "a factor that the code does not use",
    ("SoftmaxFocalLoss", "1 - p_y"): "a factor of the formula, named in passing",
}
#: Slips that change nothing.
HARMLESS = {
    # The mean of u is zero.
    ("DistillationLoss", r"T^2 \ln(1 + \sum_k t_k (e^{u_k} - 1 - u_k)), with - → +"),
    # A definition that defines nothing any more.
    ("LargeMarginSoftmaxLoss", r"\partial z_k / \partial x = W_k, with \operatorname{dz/dx} → W"),
    ("LargeMarginSoftmaxLoss", r"\partial z_k / \partial x = W_k, with W → \operatorname{dz/dx}"),
    # What lies between two bounds lies below a larger one.
    ("LargeMarginSoftmaxLoss", r"j\pi \le m\theta_y \le (j + 1)\pi, with 1 → 2.0"),
}


def formulas_of(name: str) -> dict[str, list[Formula]]:
    """Return the formulas of a docstring's sections."""
    sections = sections_of(name)
    return {
        title: [Formula(tex) for tex in statements(sections[title]) if (name, tex) not in ASIDES]
        for title in ("Formula", "Gradient")
    }


def agree(values: Sequence[Any], names: dict[str, Any]) -> bool:
    """Say whether all are equal; where a row stands beside a number, its member k is meant."""
    rows = [np.asarray(value, dtype=float) for value in values]
    if len({row.ndim for row in rows}) > 1:
        rows = [row[names["k"]] if row.ndim else row for row in rows]
    return all(np.allclose(row, rows[0], rtol=1e-8, atol=1e-12) for row in rows)


def wrong(formulas: dict[str, list[Formula]], case: Case) -> list[Formula]:
    """Return the formulas that the code contradicts."""
    names, claims = dict(case.names), []
    for title, found in formulas.items():
        ours = case.value if title == "Formula" else case.gradient
        in_order = iter(ours) if isinstance(ours, list) else None
        for formula in found:
            if formula.is_name:
                continue
            if formula.defines and formula.defines[0] not in names:
                formula.define(names)
                continue
            claims.append((formula, case.others.get(formula.tex, ours if in_order is None else next(in_order))))
        assert in_order is None or not list(in_order), f"{title} leaves out what one player has"
    return [formula for formula, wanted in claims if not _is_true(formula, wanted, case, names)]


def _is_true(formula: Formula, wanted: Any, case: Case, names: dict[str, Any]) -> bool:
    if not formula.is_equation:
        return formula.holds(names)
    sides = formula.sides(names | {"ell": wanted} if formula.tex in case.others else names)
    states_it = len(sides) == 1 or formula.states("ell") or formula.tex in case.others or isinstance(case.value, list)
    return agree([*sides, wanted] if states_it else sides, names)


@pytest.mark.parametrize("name", all_losses())
def test_docstrings_state_what_the_code_computes(name):
    formulas = formulas_of(name)
    assert all(any(not formula.is_name for formula in found) for found in formulas.values())
    for seed in FEW:
        assert not wrong(formulas, draw(name, seed))


def is_seen(check: Callable[..., Any], *args: Any) -> bool:
    """Say whether a check finds something, or cannot even be computed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(check(*args))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            return True


@pytest.mark.parametrize("name", all_losses())
def test_a_slip_in_a_docstring_is_seen(name):
    formulas = formulas_of(name)
    for title, found in formulas.items():
        for place, formula in enumerate(found):
            for slip in formula.slips():
                changed = {**formulas, title: [*found[:place], slip, *found[place + 1 :]]}
                seen = any(is_seen(wrong, changed, draw(name, seed)) for seed in SEEDS)
                assert seen or (name, str(slip)) in HARMLESS, slip


def formulas_of_model(name: str) -> list[Formula]:
    """Return the formulas under Formula and Maximum in the docstring of a likelihood."""
    text = inspect.getdoc(getattr(likelihood, name))
    part = re.search(r"^Formula\n.*?(?=^\S(?!aximum))", text, re.DOTALL | re.MULTILINE)
    return [Formula(tex) for tex in re.findall(r":math:`([^`]*)`", part[0]) if "=" in tex]


#: Multinomial has dots between its factorials, which a computer cannot add to.
@pytest.mark.parametrize("name", ["Bernoulli", "Binomial", "Categorical", "Gaussian", "Laplace"])
def test_docstrings_of_likelihoods_state_what_the_code_computes(name):
    def contradicted(formulas: Sequence[Formula], seed: int) -> bool:
        names = draw_model(name, seed)
        return not all(agree(formula.sides(names), names) for formula in formulas)

    formulas = formulas_of_model(name)
    assert len(formulas) == (1 if name in ("Gaussian", "Laplace") else 2)
    assert not any(contradicted(formulas, seed) for seed in FEW)
    for place, formula in enumerate(formulas):
        for slip in formula.slips():
            changed = [*formulas[:place], slip, *formulas[place + 1 :]]
            assert any(is_seen(contradicted, changed, seed) for seed in SEEDS), slip


def test_every_displayed_formula_was_looked_at():
    displayed = {tex for text in texts() for tex in formulas_in(text)}
    assert displayed == set(STATED) | set(UNSTATED) and not set(STATED) & set(UNSTATED)


def test_every_formula_in_a_table_was_looked_at():
    found = {tex for text in texts("chapters/*.ipynb", "slides/*.md") for tex in in_tables(text)}
    assert found <= set(TOLD) | set(STATED) | set(IN_TABLES) and set(IN_TABLES) <= found
    assert in_tables("$a + b$\n| $c + d$ | $e_k$ | $\\beta$ |") == ["c + d"]


def test_what_is_told_within_lines_still_stands_there():
    assert not set(TOLD) - {tex for text in texts() for tex in within_lines(text)}


def test_displayed_formulas_are_found_in_every_form():
    text = "$$\na = b.\n$$\n```{math}\n:label: here\nc = d\n```\n:::{math}\ne\n:::\n\\begin{align*}f\\end{align*} $g$"
    assert formulas_in(text) == ["a = b", "c = d", "e", r"\begin{align*}f\end{align*}"]


def contradicted(formulas: Sequence[Formula], seed: int, how: Any) -> bool:
    """Say whether one of the formulas is false at a point."""
    names = how(np.random.default_rng(seed))
    wanted = [names["wanted"]] if "wanted" in names else []
    return not all(agree([*formula.sides(names), *wanted], names) for formula in formulas)


on_pages = pytest.mark.parametrize("tex, how", (STATED | TOLD).items(), ids=STATED | TOLD)


@on_pages
def test_formulas_of_pages_are_true(tex, how):
    formulas = parts(tex)
    assert all(formula.is_equation for formula in formulas)
    for seed in FEW:
        assert not contradicted(formulas, seed, how)


@on_pages
def test_a_slip_in_a_formula_of_a_page_is_seen(tex, how):
    formulas = parts(tex)
    for place, formula in enumerate(formulas):
        for slip in formula.slips():
            changed = [*formulas[:place], slip, *formulas[place + 1 :]]
            assert any(is_seen(contradicted, changed, seed, how) for seed in SEEDS), slip
