"""What the letters in the docstrings of losses and likelihoods stand for, with the values that the code has.

A loss of one residual or one margin needs nothing here: its parameters are drawn, and the docstring calls them by their
names. Another one adds a function to `_CASES` that draws numbers for all letters.
"""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lossbook import likelihood, losses
from lossbook.functions import log_softmax, softmax
from lossbook.losses.adaptive import partition, partition_slope
from lossbook.pages.atlas import all_losses

Random = np.random.Generator


@dataclass
class Case:
    """A point at which formulas and code are compared.

    Attributes
    ----------
    names : dict
        What the letters stand for.
    value, gradient : array_like or list
        What the code computes: a formula without a left side has this value, in Formula and in Gradient. A game has
        lists, for its formulas in order.
    others : dict
        What formulas have that state something else.
    """

    names: dict[str, Any]
    value: Any
    gradient: Any
    others: dict[str, Any] = field(default_factory=dict)


def _positive(given: Random) -> float:
    return float(given.uniform(0.3, 3))


def _share(given: Random) -> float:
    return float(given.uniform(0.1, 0.9))


def draw(name: str, seed: int) -> Case:
    """Return a point for a loss."""
    given = np.random.default_rng(seed)
    kind = all_losses()[name]
    if issubclass(kind, losses.ResidualLoss | losses.MarginLoss):
        case = _of_one_number(_with_parameters(kind, given), given)
        if name in _MORE:
            _MORE[name](case)
        return case
    return _game(name, given) if name.endswith("GANLoss") else _CASES[name](given)


def _one(loss: Any, prediction: Any, target: Any) -> tuple[float, Any]:
    """Return value and gradient of one term."""
    value, gradient = loss.loss_and_grad([prediction], [target])
    return float(value), gradient[0]


def _with_parameters(kind: type, given: Random) -> Any:
    """Return a loss with parameters that it accepts."""
    while True:
        numbers = [key for key, value in inspect.signature(kind).parameters.items() if value.annotation == "float"]
        with contextlib.suppress(ValueError):
            return kind(**{key: _positive(given) for key in numbers})


def _of_one_number(loss: Any, given: Random) -> Case:
    """Return the case of a residual or a margin, with the loss's parameters; the docstring calls a margin μ."""
    parameters = {"mu" if key == "margin" else key: value for key, value in vars(loss).items() if key != "reduction"}
    parameters = {key.replace("epsilon", "varepsilon"): value for key, value in parameters.items()}  # as LaTeX has it
    if isinstance(loss, losses.MarginLoss):
        f, y = float(given.normal() * 2), float(given.choice([-1.0, 1.0]))
        names = {"f": f, "y": y}
    else:
        y, r = (float(number) for number in given.normal(size=2) * 1.5)
        f, names = y + r, {"r": r, "y": y, "hat y": y + r}
    value, gradient = _one(loss, f, y)
    return Case({**names, "ell": value, **parameters}, value, gradient)


def _half(case: Case) -> None:
    case.others[r"\hat y - y"] = _one(losses.MSELoss(half=True), case.names["hat y"], case.names["y"])[1]


def _limits(case: Case) -> None:
    r, c = case.names["r"], case.names["c"]
    for tex, alpha in (
        ("u^2/2", 2.0), (r"\ln(1 + u^2/2)", 0.0), ("1 - e^{-u^2/2}", -math.inf), ("e^{u^2/2} - 1", math.inf),
    ):  # fmt: skip
        case.others[tex] = _one(losses.GeneralRobustLoss(alpha=alpha, c=c), r, 0.0)[0]


def _likelihood(case: Case) -> None:
    r, alpha, c = case.names["r"], case.names["alpha"], case.names["c"]
    slopes = losses.AdaptiveRobustLoss(alpha=alpha, c=c).grad_parameters([r], [0.0])
    step = 1e-5

    def rho(x: float, shape: float, scale: float) -> float:
        return _one(losses.GeneralRobustLoss(alpha=shape, c=scale), x, 0.0)[0]

    by_alpha = (rho(r, alpha + step, c) - rho(r, alpha - step, c)) / (2 * step)
    case.names |= {
        "rho": rho, "Z": partition, "Z'": partition_slope, "drho/dalpha": by_alpha, "drho/dr": case.gradient,
    }  # fmt: skip
    case.others[r"\partial\rho/\partial\alpha + Z'(\alpha)/Z(\alpha)"] = slopes["alpha"]
    case.others[r"(1 - r\, \partial\rho/\partial r)/c"] = slopes["c"]


_MORE: dict[str, Callable[[Case], None]] = {
    "MSELoss": _half, "GeneralRobustLoss": _limits, "AdaptiveRobustLoss": _likelihood,
}  # fmt: skip


# Yes or no.


def _bce(given: Random) -> Case:
    p, t = given.uniform(0.1, 0.9, 2)
    value, gradient = _one(losses.BCELoss(), p, t)
    return Case({"p": p, "t": t, "ell": value}, value, gradient)


def _bce_with_logits(given: Random) -> Case:
    x, t, w = given.normal() * 2, _share(given), _positive(given)
    value, gradient = _one(losses.BCEWithLogitsLoss(pos_weight=w), x, t)
    even = _one(losses.BCEWithLogitsLoss(), x, t)[1]
    return Case({"x": x, "t": t, "w": w, "ell": value}, value, gradient, {r"\sigma(x) - t": even})


def _sigmoid_focal(given: Random) -> Case:
    x, t, gamma, alpha = given.normal() * 2, given.choice([0.0, 1.0]), _positive(given), _share(given)
    value, gradient = _one(losses.SigmoidFocalLoss(gamma=gamma, alpha=alpha), x, t)
    weight, s, sign = (alpha, x, -1.0) if t else (1 - alpha, -x, 1.0)
    return Case({"s": s, "gamma": gamma, "alpha_t": weight, "mp": sign, "ell": value}, value, gradient)


# Classes.


def _classes(given: Random) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return logits, weights, and the letters that all have: y is the class, j = k = n another one."""
    x, w, y = given.normal(size=3) * 1.5, given.uniform(0.5, 2, 3), int(given.integers(3))
    other = (y + int(given.integers(1, 3))) % 3
    return x, w, {"x": x, "w": w, "y": y, "j": other, "k": other}


def _nll(given: Random) -> Case:
    x, w, _ = _classes(given)
    x, y = log_softmax(np.stack([x, x[::-1] ** 2, np.zeros(3)])), given.integers(0, 3, 3)
    n = int(given.integers(3))
    each = losses.NLLLoss(weight=w, reduction="none").loss(x, y)
    total = losses.NLLLoss(weight=w, reduction="sum").loss_and_grad(x, y)
    weights = total[0] / losses.NLLLoss(weight=w).loss(x, y)
    others = {r"\sum_n w_{y_n}": weights, "-w_{y_n}": total[1][n, y[n]]}
    return Case({"x": x, "w": w, "y": y, "n": n, "k": n, "ell": each}, each, total[1], others)


def _cross_entropy(given: Random) -> Case:
    x, w, names = _classes(given)
    # Without a temperature of its own: the logits are divided before.
    temperature, t = _positive(given), softmax(given.normal(size=3))
    value, gradient = _one(losses.CrossEntropyLoss(weight=w, reduction="sum"), x / temperature, names["y"])
    of_row, by_row = _one(losses.CrossEntropyLoss(weight=w, reduction="sum"), x / temperature, t)
    plain = _one(losses.CrossEntropyLoss(), x / temperature, t)[1]
    names |= {"T": temperature, "t": t, "a": w * t, "ell": value}
    others = {r"-\sum_k w_k t_k \ln p_k": of_row, "(p - t)/T": plain / temperature}
    return Case(names, value, by_row / temperature, others)


def _softmax_focal(given: Random) -> Case:
    x, w, names = _classes(given)
    gamma = _positive(given)
    value, gradient = _one(losses.SoftmaxFocalLoss(gamma=gamma, alpha=w), x, names["y"])
    names |= {"alpha": w, "gamma": gamma, "ell": value}
    return Case(names, value, gradient, {r"-\alpha_y s": gradient[names["y"]]})


def _poly(given: Random) -> Case:
    x, _, names = _classes(given)
    epsilon = _positive(given)
    value, gradient = _one(losses.Poly1Loss(epsilon=epsilon), x, names["y"])
    return Case(names | {"varepsilon": epsilon, "k": int(given.integers(3)), "ell": value}, value, gradient)


def _multi_margin(given: Random) -> Case:
    x, w, names = _classes(given)
    margin = _positive(given)
    value, gradient = _one(losses.MultiMarginLoss(p=2, margin=margin, weight=w, reduction="sum"), x, names["y"])
    worst = losses.MultiMarginLoss(p=2, margin=margin, weight=w, form="crammer-singer", reduction="sum")
    names |= {"p": 2, "mu": margin, "C": 3, "ell": value}
    return Case(names, value, gradient, {r"\ell = w_y \max_{k \ne y} h_k": _one(worst, x, names["y"])[0]})


def _brier(given: Random) -> Case:
    p, t = softmax(given.normal(size=3)), softmax(given.normal(size=3))
    value, gradient = _one(losses.BrierLoss(), p, t)
    return Case({"p": p, "t": t, "k": int(given.integers(3)), "ell": value}, value, gradient)


def _kl_div(given: Random) -> Case:
    q, p = given.uniform(0.1, 0.9, 2)
    value, gradient = _one(losses.KLDivLoss(), math.log(q), p)
    return Case({"p": p, "q": q, "ell": value}, value, gradient)


def _distillation(given: Random) -> Case:
    x, b, temperature = given.normal(size=3), given.normal(size=3), _positive(given)
    value, gradient = _one(losses.DistillationLoss(temperature=temperature), x, b)
    plain = _one(losses.DistillationLoss(temperature=temperature, scaled=False), x, b)[1]
    return Case({"x": x, "b": b, "T": temperature, "ell": value}, value, gradient, {"(s - t)/T": plain})


def _binned(given: Random) -> Case:
    x, sigma, y = given.normal(size=3), _positive(given), given.normal()
    edges = np.array([-1.0, -0.25, 0.5, 1.75])
    value, gradient = _one(losses.BinnedCrossEntropyLoss(edges=edges, sigma=sigma), x, float(np.clip(y, -0.9, 1.7)))
    names = {"x": x, "sigma": sigma, "y": float(np.clip(y, -0.9, 1.7)), "e": edges, "ell": value}
    return Case(names | {"Phi": lambda u: math.erfc(-u / math.sqrt(2)) / 2}, value, gradient)


def _gaussian_nll(given: Random) -> Case:
    mean, s, y = (float(number) for number in given.normal(size=3))
    value, (by_mean, by_s) = _one(losses.GaussianNLLLoss(), (mean, s), y)
    sigma = math.exp(s / 2)
    others = {
        r"(\hat y - y)\, e^{-s}": by_mean,
        r"\frac12 \bigl(1 - (\hat y - y)^2 e^{-s}\bigr)": by_s,
    }
    names = {"hat y": mean, "y": y, "s": s, "sigma": sigma, "ell": value}
    return Case(names, value, [by_mean, by_s], others)


def _large_margin(given: Random) -> Case:
    vectors, x, m = given.normal(size=(3, 2)), given.normal(size=2) * 2, int(given.integers(2, 5))
    y = int(given.integers(3))
    value, gradient = _one(losses.LargeMarginSoftmaxLoss(class_vectors=vectors, margin=m), x, y)
    size = float(np.linalg.norm(x))
    lengths, logits = np.linalg.norm(vectors, axis=1), vectors @ x
    theta = np.arccos(logits / lengths / size)
    # What the code has put in the place of cos θ follows from the loss: e^ℓ − 1 = Σ e^(z_k − z_y), k ≠ y.
    others = np.delete(np.arange(3), y)
    logits[y] = -math.log(math.expm1(value) / np.exp(logits[others]).sum())
    psi, j = logits[y] / lengths[y] / size, math.floor(m * theta[y] / math.pi)
    p = softmax(logits)
    slope = (gradient - p[others] @ vectors[others]) / (p[y] - 1)
    by_features = vectors.copy()
    by_features[y] = slope
    names = {
        "W": vectors, "dz/dx": by_features, "x": x, "theta": theta, "m": m, "j": j, "y": y, "k": int(others[0]), "p": p,
        "ell": value, "psi": psi, "psi'": (-1) ** j * m * math.sin(m * theta[y]) / math.sin(theta[y]),
    }  # fmt: skip
    own = r"\|W_y\| ((\psi - c\psi') x/\|x\| + \psi' W_y/\|W_y\|)"
    return Case(names, value, gradient, {own: slope})


# Whole batches.


def _rmse(given: Random) -> Case:
    y, r, n = given.normal(size=3), given.normal(size=3), int(given.integers(3))
    value, gradient = losses.RMSELoss().loss_and_grad(y + r, y)
    return Case({"y": y, "hat y": y + r, "n": n, "k": n, "N": 3, "ell": value}, value, gradient)


def _perceptual(given: Random) -> Case:
    sizes = np.array([[2, 3, 1], [1, 2, 2], [3, 1, 2]])
    weights, j = given.uniform(0.5, 2, 3), int(given.integers(3))
    ours, theirs = ([given.normal(size=size) for size in sizes] for _ in range(2))
    value, gradients = losses.PerceptualLoss(weights=weights).loss_and_grad(ours, theirs)
    # Pictures are told by their number: the network maps picture 0 to our features, 1 to theirs.
    names = {
        "phi": [lambda picture, j=j: (ours[j], theirs[j])[int(picture)].ravel() for j in range(3)], "hat y": 0, "y": 1,
        "w": weights, "C": sizes[:, 0], "H": sizes[:, 1], "W": sizes[:, 2], "j": j, "ell": value,
    }  # fmt: skip
    by_features = r"\frac{2 w_j}{C_j H_j W_j} (\phi_j(\hat y) - \phi_j(y))"
    return Case(names, value, gradients[j], {by_features: gradients[j].ravel()})


# Games.


def _game(name: str, given: Random) -> Case:
    """Return the case of a game, whose formulas stand in order: discriminator, generator; by real, fake, generator."""
    real, fake, distance, weight = (float(s) for s in given.normal(size=4))
    parameters = {
        "LeastSquaresGANLoss": {"a": distance, "b": weight, "c": distance * weight},
        "LossSensitiveGANLoss": {"weight": abs(weight)},
    }.get(name, {})
    game = getattr(losses, name)(**parameters)
    distances = [[abs(distance)]] if name == "LossSensitiveGANLoss" else []
    value, gradients = game.discriminator.loss_and_grad([real], [fake], *distances)
    of_generator, slope = game.generator.loss_and_grad([fake])
    names = {
        "real": real, "fake": fake, "s_real": real, "s_fake": fake, "L_real": real, "L_fake": fake, "f": float,
        "D": lambda s: 1 / (1 + math.exp(-s)), "Delta": abs(distance), "lambda": abs(weight), **parameters,
    }  # fmt: skip
    values, slopes = [value, of_generator], [*(gradient[0] for gradient in gradients), slope[0]]
    if name == "LossSensitiveGANLoss":  # the generator's loss is a letter
        values = values[:1]
    if name == "NonSaturatingGANLoss":  # its docstring sends the reader to the minimax game for the discriminator
        values, slopes = values[1:], slopes[2:]
    return Case(names, values, slopes)


_CASES: dict[str, Callable[[Random], Case]] = {
    "BCELoss": _bce, "BCEWithLogitsLoss": _bce_with_logits, "SigmoidFocalLoss": _sigmoid_focal, "NLLLoss": _nll,
    "CrossEntropyLoss": _cross_entropy, "SoftmaxFocalLoss": _softmax_focal, "Poly1Loss": _poly,
    "MultiMarginLoss": _multi_margin, "BrierLoss": _brier, "KLDivLoss": _kl_div, "DistillationLoss": _distillation,
    "BinnedCrossEntropyLoss": _binned, "GaussianNLLLoss": _gaussian_nll,
    "LargeMarginSoftmaxLoss": _large_margin, "RMSELoss": _rmse,
    "PerceptualLoss": _perceptual,
}  # fmt: skip


def draw_model(name: str, seed: int) -> dict[str, Any]:
    """Return what the letters in the docstring of a likelihood stand for, at a point; its maxima have a hat."""
    given = np.random.default_rng(seed)
    if name in ("Gaussian", "Laplace"):
        data, scale = given.normal(size=3), _positive(given)
        density = getattr(likelihood, name)()
        likelihood_of = lambda mu, scale: math.exp(density.log_likelihood(mu, scale, data))  # noqa: E731
        # A Gaussian takes its variance, σ².
        spread = {"sigma": math.sqrt(scale)} if name == "Gaussian" else {"b": scale}
        return {"x": data, "mu": float(given.normal()), "N": 3, "L": likelihood_of, **spread}
    if name in ("Bernoulli", "Binomial"):
        heads, tosses, theta = int(given.integers(1, 9)), 9, _share(given)
        one = name == "Bernoulli"
        model = likelihood.Bernoulli() if one else likelihood.Binomial(tosses)
        data = [1] * heads + [0] * (tosses - heads) if one else [heads]
        return {
            "theta": theta, "hat theta": model.maximum(data), "N_1": heads, "N": tosses,
            "L": lambda theta: math.exp(model.log_likelihood(theta, data)),
        }  # fmt: skip
    counts, k = given.integers(1, 5, 3), int(given.integers(3))
    assert name == "Categorical"
    data = np.repeat(np.arange(3), counts)
    categorical = likelihood.Categorical()
    return {
        "p": softmax(given.normal(size=3)), "n": counts, "k": k, "N": int(counts.sum()),
        "hat p": categorical.maximum(data, 3), "L": lambda p: math.exp(categorical.log_likelihood(p, data)),
    }  # fmt: skip
