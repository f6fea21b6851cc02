import html
import json
import subprocess
import sys

import numpy as np
import pytest
import sympy
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from lossbook.pages.claims import CLAIM_MIMETYPE, Claim, ClaimError, claim
from lossbook.pages.source import show_source

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("measured", "expected", "options"),
    [
        (True, True, {}),
        (np.bool_(False), False, {}),
        (sympy.true, True, {}),
        (0.6, 0.6, {}),
        (0.1 + 0.2, 0.3, {"rtol": 1e-15}),
        (1e-13, 0, {"atol": 1e-12}),
        (101, 100, {"rtol": 0.01}),
        (3, 5, {"relation": "<"}),
        (5, 5, {"relation": "<="}),
        (5, 3, {"relation": ">"}),
        (INF, 1e300, {"relation": ">="}),
        ("heads", "tails", {"relation": "!="}),
        (INF, INF, {"rtol": 0.1}),
        ([1, 2, 3], [1, 2, 3], {}),
        (np.array([1.0, 2.0]), (1, 2), {"atol": 1e-9}),
        (np.array([1.0, 2.0]), 5, {"relation": "<"}),
        (sympy.Symbol("x") * 2, 2 * sympy.Symbol("x"), {}),
        (sympy.Rational(3, 5), 0.6, {"rtol": 1e-15}),
    ],
)
def test_what_holds(measured, expected, options):
    assert claim("It holds", measured, expected, **options).holds()


@pytest.mark.parametrize(
    ("measured", "expected", "options"),
    [
        (False, True, {}),
        (0.1 + 0.2, 0.3, {}),
        (0.1 + 0.2, 0.3, {"rtol": 1e-17}),
        (1.02, 1, {"rtol": 0.01}),
        (5, 5, {"relation": "<"}),
        (5, 5, {"relation": "!="}),
        ([1, 2, 4], [1, 2, 3], {}),
        (np.array([1.0, 9.0]), 5, {"relation": "<"}),
        (NAN, NAN, {}),
        (NAN, 1, {"atol": 1e9}),
        (NAN, 1, {"relation": ">"}),
        (-INF, INF, {"rtol": 0.5}),
        (1.0, INF, {"rtol": 0.5}),
        (sympy.Symbol("x"), sympy.Symbol("y"), {}),
    ],
)
def test_what_does_not_hold(measured, expected, options):
    with pytest.raises(ClaimError, match="It holds"):
        claim("It holds", measured, expected, **options)


def test_the_error_says_what_was_measured_and_expected():
    with pytest.raises(AssertionError) as caught:
        claim("Three is four", 3, 4, atol=0.5)
    for part in ("Three is four", "measured: 3", "expected: 4 (0.5 absolute)"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "options", "culprit"),
    [
        (("", 1, 1), {}, "statement"),
        ((1, 1, 1), {}, "statement"),
        (("Sentence", 1, 1), {"relation": "=<"}, "relation"),
        (("Sentence", 1, 1), {"rtol": -1}, "rtol"),
        (("Sentence", 1, 1), {"atol": NAN}, "atol"),
        (("Sentence", 1, 1), {"atol": 0.1, "relation": "<"}, "atol"),
        (("Sentence", 0.7), {}, "measured"),
        (("Sentence", [1, 2], [1, 2, 3]), {}, "shape"),
        (("Sentence", 1, [1, 1]), {}, "shape"),
        (("Sentence", np.ones((2, 1)), np.ones(2)), {}, "shape"),
    ],
)
def test_a_claim_that_cannot_be_checked(arguments, options, culprit):
    with pytest.raises(ValueError, match=culprit):
        claim(*arguments, **options)


def test_values_are_shown_shortly():
    bundle = claim("Pi is below 4", np.pi, 4, relation="<")._repr_mimebundle_()
    assert bundle[CLAIM_MIMETYPE] == {
        "statement": "Pi is below 4", "measured": "3.141592654", "expected": "< 4", "tolerance": "", "holds": True,
    }  # fmt: skip
    assert json.dumps(bundle)
    assert len(claim("Many", np.arange(1000), 1000, relation="<")._repr_mimebundle_()[CLAIM_MIMETYPE]["measured"]) < 50


def test_a_reader_sees_in_red_what_does_not_hold(monkeypatch):
    monkeypatch.delenv("LOSSBOOK_STRICT")
    made = claim("Three < four & five", 3, 5, atol=0.5)
    assert not made.holds()
    bundle = made._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "✗ does not hold here: Three < four & five (measured: 3, expected: 5 ± 0.5 absolute)"
    )
    assert html.escape("Three < four & five") in bundle["text/html"]
    assert 'class="lossbook-claim lossbook-claim-false" style="color: ' in bundle["text/html"]
    assert bundle[CLAIM_MIMETYPE]["holds"] is False
    monkeypatch.setenv("LOSSBOOK_STRICT", "1")
    with pytest.raises(ClaimError):
        claim("Three < four & five", 3, 5, atol=0.5)


def test_a_statement_is_text_not_markup():
    shown = claim("a < b & b > a", True)._repr_mimebundle_()["text/html"]
    assert html.escape("a < b & b > a") in shown


def test_a_cell_shows_each_of_its_claims_once(monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # IPython warns of one that is not Python's own
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            shell.run_cell('from lossbook.pages.claims import claim\nclaim("First", True)\nclaim("Second", True)')
        found = [output.data[CLAIM_MIMETYPE]["statement"] for output in captured.outputs]
    finally:
        InteractiveShell.clear_instance()
    assert found == ["First", "Second"]


def test_outside_a_notebook_nothing_more_is_loaded():
    program = 'import sys; from lossbook.pages.claims import claim; claim("a", True); print("IPython" in sys.modules)'
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_source_of_functions_classes_and_modules(monkeypatch):
    import lossbook.pages.claims

    assert show_source(claim).text.startswith("def claim(")
    assert "class Claim" in show_source(Claim).text
    assert show_source(lossbook.pages.claims).text.startswith("from __future__ import annotations")
    monkeypatch.setenv("LOSSBOOK_STILLS", "1")  # in the book
    assert show_source(claim)._repr_mimebundle_()["text/markdown"].startswith("```python\ndef claim(")
    monkeypatch.delenv("LOSSBOOK_STILLS")
    for thing, folded in ((claim, False), (lossbook.pages.claims, True)):
        html = show_source(thing)._repr_mimebundle_()["text/html"]
        assert html.startswith("<details><summary>" if folded else "<details open><summary>"), thing
    assert not show_source(Claim.holds).text.startswith(" ")


def guarded(first, second):
    """Guard, compute.

    Examples
    --------
    >>> guarded(1, 2)
    3
    """
    good = first > 0
    if not good:
        raise ValueError("first: expected a number above 0")
    if second > first:  # stays, since it does not end in an error: {more words than fit into a line of a page}
        first, second = second, first
    return sum(term for term in (first, second, -first, -second, first * second, first * second) if term > 0)


def test_source_is_shown_without_docstring_and_guards_and_fits_the_page():
    shown = show_source(guarded).text
    assert "Guard, compute" not in shown
    assert "raise" not in shown
    assert "good" not in shown
    assert "# stays, since" in shown
    assert max(map(len, shown.splitlines())) <= 76
    assert [line for line in shown.splitlines() if line.strip()] == shown.splitlines()
    around = {"__builtins__": __builtins__}
    exec(shown, around)
    assert around["guarded"](1, 2) == guarded(1, 2)


@pytest.mark.parametrize("thing", [3, len, "text"])
def test_what_has_no_source(thing):
    with pytest.raises(ValueError, match="thing must be"):
        show_source(thing)
