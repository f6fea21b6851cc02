"""Answers to the exercises as a reader types them into a page: a right one for each formula, and the wrong ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from wrong_answers import wrong_answers

from lossbook.pages.exercises import all_exercises

_JS = "(p log(2p/(p+q)) if p > 0 else 0)/2 + (q log(2q/(p+q)) if q > 0 else 0)/2"
_BARRON = "u^2/2 if alpha == 2 else (log1p(u^2/2) if alpha == 0 else {})"
_ROOT = "sqrt(gamma^2/4 - h^2)"

RIGHT = {
    "likelihood.log-likelihood": (
        "(heads log(theta) if heads > 0 else 0) + ((tosses - heads) log1p(-theta) if tosses > heads else 0)"
    ),
    "likelihood.logit-gradient": "1/(1 + exp(-z)) - share",
    "entropy.bits": "-p log2(p) if p > 0 else 0",
    "entropy.waiting": "1 - log(rate)",
    "divergence.kl": "p log(p/q) if p > 0 else 0",
    "divergence.js": _JS,
    "divergence.chi-square": "(p - q)²/q if q > 0 else (inf if p > 0 else 0)",
    "crossentropy.smoothed-gap": "ln(classes (1 - smoothing)/smoothing + 1)",
    "crossentropy.binary": "target softplus(-logit) + (1 - target) softplus(logit)",
    "saturation.slope": "sigmoid(z)^2 sigmoid(-z) if y == 0 else -sigmoid(-z)^2 sigmoid(z)",
    "saturation.curvature": ("(sigmoid(z) sigmoid(-z))^2 + (sigmoid(z) - y) sigmoid(z) sigmoid(-z) (1 - 2 sigmoid(z))"),
    "saturation.corrected": (
        "(-(1 - flip) log(p if y == 1 else 1 - p) + flip log(1 - p if y == 1 else p)) / (1 - 2 flip)"
    ),
    "saturation.tanh": "|z| + log1p(exp(-2|z|)) - log(2) - y z",
    "margins.logistic": "max(0, -m) + log1p(exp(-|m|))",
    "margins.focal": "σ(-z)^γ (σ(-z) + γ σ(z) softplus(-z))",
    "margins.dpo": "softplus(-beta ((m1 - r1) - (m2 - r2)))",
    "margins.score-of-entropy": "√((1 - q)/q)/2 if y == 1 else √(q/(1 - q))/2",
    "regression.huber": "r²/2 if |r| <= δ else δ (|r| - δ/2)",
    "regression.log-cosh": "log1p(2 sinh(r/2)^2) if |r| < 1 else |r| - log(2) + log1p(exp(-2|r|))",
    "regression.barron": _BARRON.format("|alpha - 2| expm1(alpha log1p(u^2/|alpha - 2|)/2)/alpha"),
    "regression.weight": "(1 - (r/c)^2)^2 if |r| < c else 0",
    "perceptual.gradient": "2 weight (f - t)/n",
    "gan.value": "(p log(p/(p+q)) if p > 0 else 0) + (q log(q/(p+q)) if q > 0 else 0)",
    "gan.trick": "q log(q/p) - p log(2p/(p+q)) - q log(2q/(p+q))",
    "gan.chi": "(p - q)^2/(p + q)",
    "gan.penalty": "2 weight (1 - 1/norm) g/n if norm > 0 else 0",
    "gan.size": (
        f"sqrt(1 - eta gamma + eta^2 h^2) if gamma < 2h else "
        f"max(|1 - eta (gamma/2 + {_ROOT})|, |1 - eta (gamma/2 - {_ROOT})|)"
    ),
}

# Beside tests/wrong_answers, one by one; None for what no formula in these names can say.
_WRONG: dict[str, list[str | None]] = {
    "likelihood.log-likelihood": [
        "log(theta^heads (1 - theta)^(tosses - heads))",
        "heads log(theta) + (tosses - heads) log(1 - theta)",
        "heads log(theta + 1e-12) + (tosses - heads) log(1 - theta + 1e-12)",
        "inf",
        "0.5",
    ],
    "likelihood.logit-gradient": ["share - sigmoid(z)", "(sigmoid(z) - share) sigmoid(z)"],
    "entropy.bits": ["-p log2(p)", "-p log2(p + 1e-12)", "-p log(p) if p > 0 else 0", None, None],
    "entropy.waiting": ["1 + log(rate)", "-log(rate)", "max(1 - log(rate), 0)", "(1 - log(rate))/log(2)"],
    "divergence.kl": [
        "p log(p/q)",
        "q log(q/p) if q > 0 else 0",
        "p log((p + 1e-12)/(q + 1e-12))",
        "-p log(q) if p > 0 else 0",
        "p log(p/q) if p > 0 and q > 0 else 0",
        "p log2(p/q) if p > 0 else 0",
    ],
    "divergence.js": [
        "(p log(2p/(p + q)) + q log(2q/(p + q)))/2",
        "(p - q) log(max(p, 1e-12)/max(q, 1e-12))/2",
        "|p - q| log(2)/2",
    ],
    "divergence.chi-square": [
        "(p - q)^2/q",
        "(p - q)^2/p if p > 0 else 0",
        "(p/q - 1)^2 if q > 0 else 0",
        "(p - q)^2/q if q > 0 else 0",
    ],
    "crossentropy.smoothed-gap": [
        "log((1 - smoothing)/smoothing)",
        "log(classes (1 - smoothing)/smoothing)",
        "log((classes - 1) (1 - smoothing)/smoothing)",
        "inf",
    ],
    "crossentropy.binary": [
        "-target log(1/(1 + exp(-logit))) - (1 - target) log(1 - 1/(1 + exp(-logit)))",
        "max(logit, 0) - target logit + log(1 + exp(-|logit|))",
        "logaddexp(0, logit)",
        "target logaddexp(0, -logit)",
    ],
    "saturation.slope": [
        "(sigmoid(z) - y) sigmoid(z) (1 - sigmoid(z))",
        "sigmoid(z) - y",
        "(y - sigmoid(z)) sigmoid(z) sigmoid(-z)",
    ],
    "saturation.curvature": [
        "sigmoid(z) sigmoid(-z)",
        "(sigmoid(z) sigmoid(-z))^2",
        "sigmoid(z)^2 sigmoid(-z) (2 - 3 sigmoid(z))",
    ],
    "saturation.corrected": [
        "-log(p if y == 1 else 1 - p)",
        "-(1 - flip) log(p if y == 1 else 1 - p) - flip log(1 - p if y == 1 else p)",
        "-(1 - flip) log(p if y == 1 else 1 - p) + flip log(1 - p if y == 1 else p)",
    ],
    "saturation.tanh": ["log(cosh(z)) - y z", "softplus(-2 y z)", "(tanh(z) - y)^2/2"],
    "margins.logistic": ["log(1 + exp(-m))", "log1p(exp(m))", "-log(sigmoid(m))"],
    "margins.focal": [
        "(1 - sigmoid(z))^(gamma + 1)",
        "(1 - sigmoid(z))^gamma (1 - sigmoid(z) - gamma sigmoid(z) log(sigmoid(z)))",
        "-sigmoid(-z)^(gamma + 1)",
    ],
    "margins.dpo": [
        "softplus(-beta (m1 - m2))",
        "softplus(beta ((m1 - r1) - (m2 - r2)))",
        "-log(sigmoid(beta ((m1 - r1) - (m2 - r2))))",
    ],
    "margins.score-of-entropy": [
        "sqrt(q (1 - q))",
        "-log(q if y == 1 else 1 - q)",
        "sqrt(q/(1 - q))/2 if y == 1 else sqrt((1 - q)/q)/2",
    ],
    "regression.huber": [
        "r^2/2 if |r| <= delta else |r| - delta/2",
        "r^2/2 if |r| <= delta else delta |r|",
        "r^2 if |r| <= delta else delta (2|r| - delta)",
    ],
    "regression.log-cosh": ["log(cosh(r))", "|r| - log(2) + log1p(exp(-2|r|))", "|r| - log(2)"],
    "regression.barron": [
        _BARRON.format("|alpha - 2|/alpha * ((u^2/|alpha - 2| + 1)^(alpha/2) - 1)"),
        "|alpha - 2|/alpha * ((u^2/|alpha - 2| + 1)^(alpha/2) - 1)",
        "log1p(u^2/2)",
    ],
    "regression.weight": ["r (1 - (r/c)^2)^2 if |r| < c else 0", "(1 - (r/c)^2)^2", "1 - (r/c)^2 if |r| < c else 0"],
    "perceptual.gradient": ["2 weight (f - t)", "weight (f - t)/n", "2 weight (t - f)/n"],
    "gan.value": [
        "p log(p/(p + q)) + q log(q/(p + q))",
        f"2 ({_JS})",
        f"{_JS} - p log(4)",
        f"p log(4) - 2 ({_JS})",
    ],
    "gan.trick": [
        "p log(p/q) - p log(2p/(p+q)) - q log(2q/(p+q))",
        f"q log(q/p) - ({_JS})",
        "q log(q/p) + p log(2p/(p+q)) + q log(2q/(p+q))",
    ],
    "gan.chi": ["(p - q)^2/q", "(p - q)^2/(p + q)/2", "(p - q)/(p + q)"],
    "gan.penalty": ["2 weight (1 - 1/norm) g/n", None, "2 weight (norm - 1) g/5", None],
    "gan.size": [
        "sqrt(1 + eta^2 h^2)",
        "sqrt(1 - eta gamma + eta^2 h^2)",
        f"1 - eta gamma/2 if gamma < 2h else 1 - eta (gamma/2 - {_ROOT})",
    ],
}


def right_answers() -> dict[str, str]:
    """Return a right answer as text to every exercise that a page takes."""
    numbers = {name: repr(float(one.expected)) for name, one in all_exercises().items() if one.kind == "number"}
    return numbers | RIGHT


def typed_wrong_answers() -> list[tuple[str, str, Any]]:
    """Return the wrong answers that can be typed: the exercise, the text, and the answer as `check` takes it."""
    found = []
    for name, answers in wrong_answers().items():
        exercise = all_exercises()[name]
        if exercise.kind == "number":
            plain = [one for one in answers if isinstance(one, int | float | np.number) and not np.isnan(one)]
            found += [(name, repr(float(one)), one) for one in plain]
        elif exercise.kind == "formula":
            found += [(name, text, one) for text, one in zip(_WRONG[name], answers, strict=True) if text is not None]
    return found
