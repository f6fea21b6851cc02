"""Exercises of the chapter on cross-entropy against squared error."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossbook.functions import sigmoid, softmax
from lossbook.losses import BCELoss, BrierLoss, LogCoshLoss, MSELoss
from lossbook.pages.exercises import Exercise
from lossbook.pages.formulas import Formula


def _corrected(p: float, y: int, flip: float) -> float:
    own, other = (float(BCELoss().loss([p], [float(label)])) for label in (y, 1 - y))
    return ((1 - flip) * own - flip * other) / (1 - 2 * flip)


def _squared_slope(z: float, y: int) -> float:
    # The case of the label 1 is that of 0 seen in a mirror, where nothing is subtracted from the output.
    side = 1 - 2 * y
    by_output = MSELoss(half=True).grad([sigmoid(side * z)], [0.0])[0]
    return float(side * by_output * sigmoid(z) * sigmoid(-z))


def _squared_curvature(z: float, y: float) -> float:
    # No loss of the library gives a second derivative: the product rule, which a test holds against SymPy.
    a, slope = float(sigmoid(z)), float(sigmoid(z) * sigmoid(-z))
    return slope**2 + (a - y) * slope * (1 - 2 * a)


def _steps(z: float, rate: float) -> int:
    count = 0
    while z >= 0:
        z -= rate * _squared_slope(z, 0)
        count += 1
    return count


def _hessian(x: Any, w: Any) -> Any:
    a = sigmoid(x @ w)
    return (x * (a * (1 - a))[:, None]).T @ x / len(x)


def _softmax_squared(z: Any, y: int) -> Any:
    p = softmax(z)
    by_probability = BrierLoss().grad([p], [y])[0] / 2
    return p * (by_probability - p @ by_probability)


def _tanh_loss(z: float, y: float) -> float:
    return float(LogCoshLoss().loss([z], [0.0])) - y * z


_DATA = np.array([[1.0, -2.0], [1.0, 0.5], [1.0, 3.0], [1.0, 1.0]])

EXERCISES = (
    Exercise(
        name="saturation.factor",
        expected=1 / (0.9 * 0.1),
        hint="By the chain rule dC/dz = dC/da · σ′(z), and σ′(z) = a(1 − a).",
        rtol=5e-3,
    ),
    Exercise(
        name="saturation.fastest",
        expected=2 / 3,
        hint="Write the slope a²(1 − a) and differentiate it by a.",
        rtol=5e-3,
    ),
    Exercise(
        name="saturation.slope",
        expected=_squared_slope,
        inputs=[(0.0, 0), (4.0, 0), (1.5, 1), (-3.0, 1), (40.0, 1), (-40.0, 0), (-800.0, 1)],
        formula=Formula("slope(z, y)"),
        rtol=1e-12,
        hint="At z = 40 the output rounds to 1. What is 1 − σ(z), without a subtraction? And does exp overflow?",
    ),
    Exercise(
        name="saturation.curvature",
        expected=_squared_curvature,
        inputs=[(0.0, 0.0), (4.0, 0.0), (1.5, 1.0), (-2.0, 1.0), (0.7, 0.3)],
        formula=Formula("curvature(z, y)"),
        hint="Differentiate (a − y) σ′(z) by the product rule; σ″ = σ′ (1 − 2a).",
    ),
    Exercise(
        name="saturation.wait",
        expected=_steps,
        inputs=[(0.5, 0.5), (4.0, 0.3), (6.0, 1.0), (8.0, 2.0)],
        hint="The step is the rate times a²(1 − a) with a = σ(z). Count the steps until z < 0.",
    ),
    Exercise(
        name="saturation.hessian",
        expected=_hessian,
        inputs=[
            (_DATA, np.array([0.0, 0.0])),
            (_DATA, np.array([0.3, -0.8])),
            (_DATA[:2], np.array([-1.0, 2.0])),
        ],
        hint="Each example gives σ(1 − σ) times the table of products of its inputs; then take the mean.",
    ),
    Exercise(
        name="saturation.softmax",
        expected=_softmax_squared,
        inputs=[
            (np.array([0.0, 0.0, 0.0]), 0),
            (np.array([-1.0, 5.0, 0.0]), 0),
            (np.array([2.0, -0.5, 0.3, 1.0]), 3),
        ],
        hint="∂p_k/∂z_j is p_k (1 − p_k) for k = j and −p_k p_j otherwise. Sum (p_k − t_k) ∂p_k/∂z_j over k.",
    ),
    Exercise(
        name="saturation.corrected",
        expected=_corrected,
        inputs=[(0.8, 1, 0.2), (0.8, 0, 0.2), (0.3, 1, 0.0), (0.5, 0, 0.45), (0.9, 0, 0.3)],
        formula=Formula("corrected(p, y, flip)"),
        hint="Weigh the loss of the label that you see by 1 − ρ, take off ρ times that of the other one, and divide.",
    ),
    Exercise(
        name="saturation.tanh",
        expected=_tanh_loss,
        inputs=[(0.5, 1.0), (-2.0, 1.0), (3.0, -1.0), (1.0, 0.25), (900.0, -1.0)],
        formula=Formula("loss(z, y)"),
        hint="Integrate tanh(u) − y from 0 to z: the first part is ln cosh z. Then mind overflow at large z.",
    ),
)
