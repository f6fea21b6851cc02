"""What the letters of the displayed formulas in chapters and decks stand for, so that they can be computed.

A formula stands here as it stands in the page, without the full stop. `STATED` gives, for a way to draw numbers, what
the letters of a displayed formula stand for, and under the name ``wanted`` what all its sides are worth. `UNSTATED`
says of a displayed formula why it is neither loss, nor gradient, nor divergence, or why it cannot be computed. `TOLD`
does for formulas within lines and tables what `STATED` does for the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from formulas_of_losses import draw

from lossbook import information, likelihood, losses
from lossbook.functions import sigmoid, softmax, softplus
from lossbook.symbolic import gan, primitives
from lossbook.symbolic import losses as symbolic
from lossbook.symbolic.printing import numpy_function

Random = np.random.Generator
Names = dict[str, Any]
_s = sympy.Symbol("s", real=True)


def _number(expression: Any) -> float:
    """Return the value of a formula of `lossbook.symbolic` that was given numbers."""
    return float(numpy_function([], sympy.sympify(expression))())


def _coin(given: Random) -> Names:
    theta, heads, tosses = float(given.uniform(0.1, 0.9)), int(given.integers(1, 9)), 9
    data = [1] * heads + [0] * (tosses - heads)
    cost = sum(_number(symbolic.BCELoss(theta, toss)) for toss in data)
    tossed = likelihood.Binomial(tosses)
    return {
        "theta": theta, "hat theta": theta, "k": heads, "N": tosses, "N_1": heads,
        "P": lambda k, theta: math.exp(tossed.log_likelihood(theta, [int(k)])), "L": lambda theta: math.exp(-cost),
        "se": tossed.standard_error(theta),
    }  # fmt: skip


def _mean_loss(given: Random) -> Names:
    theta, x = float(given.uniform(0.1, 0.9)), given.integers(0, 2, 3)
    return {
        "theta": theta, "x": x, "N": 3, "p": lambda x, theta: theta if x else 1 - theta,
        "loss": lambda theta: likelihood.Bernoulli().negative_log_likelihood(theta, data=x),
    }  # fmt: skip


def _distributions(given: Random) -> Names:
    p, q = softmax(given.normal(size=(2, 3)) * 1.5)
    return {
        "p": p, "q": q, "k": 1, "D^*": sigmoid(np.log(p / q)), "I": information.self_information,
        "H": lambda p, q=None: information.entropy(p) if q is None else information.cross_entropy(p, q),
        "D": information.kl_divergence, "KL": information.kl_divergence, "JS": information.js_divergence,
    }  # fmt: skip


def _trick(given: Random) -> Names:
    names = _distributions(given)
    p, q, h = names["p"], names["q"], names["H"]
    twice_js = 2 * h((p + q) / 2) - h(p) - h(q)
    return {**names, "wanted": h(q, p) - h(q) - twice_js}


def _one_chance_each(given: Random) -> Names:
    p, q = given.uniform(0.1, 0.9, 2)
    return {"p": float(p), "q": float(q), "I": information.self_information}


def _lagrange(given: Random) -> Names:
    p, price = given.uniform(0.1, 0.9, 3), float(given.normal())
    wanted = -_number(symbolic.KLDivLoss([0, 0, 0], list(p))) - price * (1 - p.sum())
    return {"p": p, "lambda": price, "wanted": wanted}


def _joint(given: Random) -> Names:
    joint = softmax(given.normal(size=9)).reshape(3, 3)
    both, axes = joint.ravel(), {0.0: joint.sum(axis=1), 1.0: joint.sum(axis=0)}
    return {
        "X": 0, "Y": 1,
        "H": lambda *which: information.entropy(both if len(which) == 2 else axes[which[0]]),
        "I": lambda *_: information.kl_divergence(both, np.outer(axes[0], axes[1]).ravel()),
    }  # fmt: skip


def _density(given: Random) -> Names:
    sd = float(given.uniform(0.5, 2))
    # Far away the density is too small to hold: 10⁻³⁰⁰ stands for it, so that 0 ln 0 does not come up.
    normal = lambda x: max(math.exp(-((x / sd) ** 2) / 2) / sd / math.sqrt(2 * math.pi), 1e-300)  # noqa: E731
    return {"p": normal, "h": math.log(sd * math.sqrt(2 * math.pi * math.e))}


def _softmax(given: Random) -> Names:
    z, temperature = given.normal(size=3), float(given.uniform(0.5, 2))
    costs = [_number(symbolic.CrossEntropyLoss(list(z), np.eye(3)[k], temperature=temperature)) for k in range(3)]
    return {"z": z, "T": temperature, "k": int(given.integers(3)), "p": np.exp(-np.array(costs))}


def _smoothed(given: Random) -> Names:
    z, share, y = given.normal(size=3), float(given.uniform(0.1, 0.9)), int(given.integers(3))
    gradient = losses.CrossEntropyLoss(label_smoothing=share).grad([z], [y])[0]
    return {"s": share, "y": y, "K": 3, "k": int(given.integers(3)), "t": softmax(z) - gradient}


def _neuron(given: Random) -> Names:
    w, b = (float(number) for number in given.normal(size=2))
    return {"w": w, "b": b, "x": 1, "y": 0, "z": w + b, "a": float(sigmoid(w + b))}


def _matching(given: Random) -> Names:
    z, y = float(given.normal()), float(given.uniform(0.1, 0.9))
    x = sympy.Symbol("x", real=True)
    cost = numpy_function([x], symbolic.BCEWithLogitsLoss(x, y))
    slope = numpy_function([x], symbolic.BCEWithLogitsLoss(x, y).diff(x))
    # Bernoulli: A(z) = ln(1 + e^z).
    return {
        "z": z, "y": y, "dC/dz": float(slope(z)), "C": lambda z: float(cost(z) - cost(0.0)),
        "varphi": lambda u: float(sigmoid(u)), "A'": lambda z: float((softplus(z + 1e-5) - softplus(z - 1e-5)) / 2e-5),
        "predicted mean": float(sigmoid(z)), "what was seen": y,
    }  # fmt: skip


def _support_vectors(given: Random) -> Names:
    x, y, w = given.normal(size=(3, 2)), given.choice([-1.0, 1.0], 3), given.normal(size=2)
    b, price = given.uniform(size=2)
    hinges = [_number(symbolic.HingeLoss(label * (w @ row + b))) for row, label in zip(x, y, strict=True)]
    wanted = np.mean(hinges) + _number(symbolic.MSELoss(math.hypot(*w), half=True)) * price
    return {"x": x, "y": y, "w": w, "b": b, "lambda": price, "N": 3, "wanted": wanted}


def _risk(given: Random) -> Names:
    f, eta = float(given.normal()), float(given.uniform())
    m = sympy.Symbol("m", real=True)
    wanted = _number(symbolic.BCEWithLogitsLoss(f, eta))
    return {"f": f, "eta": eta, "ell": numpy_function([m], symbolic.LogisticLoss(m)), "wanted": wanted}


def _barron(given: Random) -> Names:
    r, alpha, c = float(given.normal()), float(given.uniform(-3, 4)), float(given.uniform(0.5, 2))
    return {
        "r": r, "u": r / c, "alpha": alpha,
        "rho": lambda r: _number(symbolic.GeneralRobustLoss(r, sympy.Float(alpha), c)),
    }  # fmt: skip


def _perceptual(given: Random) -> Names:
    names = draw("PerceptualLoss", int(given.integers(1000))).names
    pictures = [[feature(picture) for feature in names["phi"]] for picture in (0, 1)]
    cost = _number(symbolic.PerceptualLoss(*pictures, weights=names["w"]))
    return {**names, "ell": lambda prediction, target: cost}


def _game(given: Random) -> Names:
    p, q = softmax(given.normal(size=(2, 3)))
    scores = given.normal(size=3)
    real, fake, _ = (numpy_function([_s], term)(scores) for term in gan.MinimaxGANLoss(_s))
    return {"p": p, "q": q, "x": scores, "D": sigmoid, "wanted": p @ real + q @ fake}


def _sensitive(given: Random) -> Names:
    real, fake, (distance, weight) = *map(float, given.normal(size=2)), given.uniform(0.1, 2, 2)
    wanted = _number(gan.LossSensitiveGANLoss(real, fake, distance, weight))
    return {
        "L": float, "real": real, "made up": fake, "Delta": distance, "lambda": weight, "wanted": wanted,
    }  # fmt: skip


def _plain_softmax(given: Random) -> Names:
    z = given.normal(size=3)
    return {"z": z, "p": softmax(z), "k": 1}


def _noise(given: Random) -> Names:
    r, sigma = float(given.normal()), float(given.uniform(0.1, 3))
    cost = likelihood.Gaussian().negative_log_likelihood(0.0, sigma**2, data=[r])
    return {"r": r, "sigma": sigma, "pi": math.pi, "p": lambda r: math.exp(-cost)}


STATED: dict[str, Callable[[Random], Names]] = {
    r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}": _plain_softmax,
    r"p(r) = \frac{1}{\sigma\sqrt{2\pi}}\, e^{-r^2 / (2\sigma^2)}": _noise,
    r"P(k \mid \theta) = \binom{N}{k}\, \theta^{k} (1 - \theta)^{N - k}": _coin,
    r"L(\theta) = \theta^{N_1} (1 - \theta)^{N - N_1}": _coin,
    r"\operatorname{se} = \sqrt{\frac{\hat\theta (1 - \hat\theta)}{N}}": _coin,
    r"\text{loss}(\theta) = -\frac{1}{N} \sum_{n=1}^{N} \ln p(x_n \mid \theta)": _mean_loss,
    r"I(p) = -\log p": _one_chance_each,
    r"I(p\,q) = I(p) + I(q)": _one_chance_each,
    r"I(p\,q) = I(p) + I(q) \qquad \text{for all } p, q": _one_chance_each,
    r"H(p) = \sum_{k} p_k \, I(p_k) = -\sum_{k} p_k \log p_k": _distributions,
    r"-\sum_k p_k \ln p_k - \lambda \Big(1 - \sum_k p_k\Big)": _lagrange,
    r"H(p, q) = -\sum_k p_k \log q_k": _distributions,
    "I(X; Y) = H(X) + H(Y) - H(X, Y)": _joint,
    r"h = -\int p(x) \ln p(x)\, dx": _density,
    r"D(p \,\|\, q) = \sum_{k} p_k \ln \frac{p_k}{q_k}": _distributions,
    r"-\ln q - (-\ln p) = \ln \frac{p}{q}": _one_chance_each,
    r"p_k = \frac{e^{z_k / T}}{\sum_j e^{z_j / T}}": _softmax,
    r"t_k = (1 - s)\,[k = y] + \frac{s}{K}": _smoothed,
    r"z = wx + b, \qquad a = \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad x = 1,\quad y = 0": _neuron,
    r"\frac{dC}{dz} = \varphi(z) - y, \qquad\text{so}\qquad C(z) = \int_0^z \bigl(\varphi(u) - y\bigr)\, du": _matching,
    r"A'(z) - y = \text{predicted mean} - \text{what was seen}": _matching,
    r"\frac{1}{N} \sum_n \max(0, 1 - y_n (w \cdot x_n + b)) + \frac{\lambda}{2} \|w\|^2": _support_vectors,
    r"\eta\, \ell(f) + (1 - \eta)\, \ell(-f)": _risk,
    r"\rho(r) = \frac{|\alpha - 2|}{\alpha} \left( \left(\frac{u^2}{|\alpha - 2|} + 1\right)^{\alpha/2} - 1 \right)": (
        _barron
    ),
    r"\ell(\hat y, y) = \sum_j \frac{w_j}{C_j H_j W_j} \left\| \phi_j(\hat y) - \phi_j(y) \right\|^2": _perceptual,
    r"-\mathrm{E}_{x \sim p} \ln D(x) - \mathrm{E}_{x \sim q} \ln(1 - D(x))": _game,
    r"\mathrm{E}_p \ln D^* + \mathrm{E}_q \ln(1 - D^*) = 2\, \mathrm{JS}(p, q) - \ln 4": _distributions,
    r"\mathrm{KL}(q \,\|\, p) - 2\, \mathrm{JS}(p, q)": _trick,
    r"L(\text{real}) + \lambda \max\bigl(0,\ \Delta + L(\text{real}) - L(\text{made up})\bigr)": _sensitive,
}
UNSTATED = {
    r"H_\Delta \approx h - \ln \Delta": "a limit of fine bins; derivations.entropy.bin_entropy proves it",
    r"W(p, q) = \max_{f\ \text{with slope at most 1}} \ \mathrm{E}_p f - \mathrm{E}_q f": "a search over functions",
    "m = y f": "a definition",
    r"-\ln \frac{e^{\|W_y\| \|x\| \psi(\theta_y)}}{e^{\|W_y\| \|x\| \psi(\theta_y)} + \sum_{k \ne y} e^{\|W_k\| \|x\|"
    r" \cos\theta_k}}": "its psi has pieces: the docstring of LargeMarginSoftmaxLoss is read, a value is claimed",
    r"D_f(p \,\|\, q) = \sum_k q_k\, f\left(\frac{p_k}{q_k}\right)": "a definition; tests take six of them",
    r"\frac{\partial D}{\partial \mu} = -\mathrm{E}\bigl[(\ln p)'\bigr],"
    "\n\\qquad\n"
    r"\frac{\partial D}{\partial \sigma} = -\frac{1}{\sigma} - \mathrm{E}\bigl[\xi\, (\ln p)'\bigr]": (
        "averages over a draw, which a claim of the chapter compares with finite differences"
    ),
    r"\sum_k 2^{-\ell_k} \le 1": "an inequality for whole numbers; claims of the chapter take codes",
    r"\ell'(r) = w\, r": "a definition, of the weight",
}


def _of(expression: Any, reach: float = 1) -> Callable[[Random], Names]:
    """Return numbers for the symbols of an expression of `lossbook.symbolic`; it is what the formula is worth.

    Positive symbols lie between 0.1 and 0.9, the others within a few times `reach` of 0.
    """
    symbols = sorted(expression.free_symbols, key=str)

    def names(given: Random) -> Names:
        drawn = [given.uniform(0.1, 0.9) if symbol.is_positive else reach * given.normal() for symbol in symbols]
        numbers = {str(symbol): float(number) for symbol, number in zip(symbols, drawn, strict=True)}
        return {**numbers, "wanted": float(numpy_function(symbols, expression)(*numbers.values()))}

    return names


_r, _m, _x, _y, _z, _u = sympy.symbols("r m x y z u", real=True)
_beta, _c, _delta, _gamma, _p, _t, _tau = sympy.symbols("beta c delta gamma p t tau", positive=True)
_w, _a, _b = sympy.symbols("w a b", real=True)


def _row(given: Random) -> Names:
    z, t = given.normal(size=3), softmax(given.normal(size=3))
    return {"z": z, "t": t, "p": softmax(z), "wanted": _number(symbolic.CrossEntropyLoss(list(z), list(t)))}


def _one_class(given: Random) -> Names:
    z, y = given.normal(size=3), int(given.integers(3))
    return {"z": z, "y": y, "m": float(z.max()), "wanted": _number(symbolic.NLLLoss(list(np.log(softmax(z))), y))}


def _through_a_neuron(loss: Callable[[Any], Any]) -> Callable[[Random], Names]:
    """Return the slope of a loss by the weight of a neuron without bias, with z = w x."""
    slope = numpy_function([_w, _x, _y], loss(_w * _x).diff(_w))

    def names(given: Random) -> Names:
        w, x, y = (float(number) for number in given.normal(size=3))
        return {"z": w * x, "x": x, "y": y, "wanted": float(slope(w, x, y))}

    return names


def _quantile(sign: int, slope: bool = False) -> Callable[[Random], Names]:
    """Return numbers for a prediction that is too high, or too low."""
    size = sympy.Symbol("size", positive=True)
    loss = symbolic.QuantileLoss(sign * size, _tau)
    of = _of(loss.diff(size) * sign if slope else loss)
    return lambda given: (lambda names: {**names, "r": sign * names.get("size", 1.0)})(of(given))


def _toss(given: Random) -> Names:
    theta, x = float(given.uniform(0.1, 0.9)), int(given.integers(0, 2))
    return {"theta": theta, "x": x, "wanted": math.exp(-_number(symbolic.BCELoss(theta, x)))}


def _sequence(given: Random) -> Names:
    names = _coin(given)
    return {**names, "wanted": names["P"](names["N_1"], names["theta"])}


TOLD: dict[str, Callable[[Random], Names]] = {
    r"-\sum_k t_k \ln p_k": _row,
    r"\ln \sum_j e^{z_j} - \sum_k t_k z_k": _row,
    r"\ln \sum_j e^{z_j - m} - (z_y - m)": _one_class,
    r"\max(z, 0) + \ln(1 + e^{-|z|})": _of(symbolic.LogisticLoss(-_z)),
    r"\tfrac12(\sigma(z) - y)^2": _of(symbolic.MSELoss(primitives.sigmoid(_z) - _y, half=True)),
    r"(\sigma(z) - y)\, \sigma(z)(1 - \sigma(z))\, x": _through_a_neuron(
        lambda z: symbolic.MSELoss(primitives.sigmoid(z) - _y, half=True)
    ),
    r"(\sigma(z) - y)\, x": _through_a_neuron(lambda z: symbolic.BCEWithLogitsLoss(z, _y)),
    r"(1 - t)\,\sigma(x) - t\,\sigma(-x)": _of(symbolic.BCEWithLogitsLoss(_x, _t).diff(_x)),
    r"\sigma(x) - t": _of(symbolic.BCEWithLogitsLoss(_x, _t).diff(_x)),
    r"\ln(1 + e^{2z}) - (1 + y) z": _of(symbolic.LogCoshLoss(_z) - _y * _z + sympy.log(2)),
    r"\max(0, 1 - m)": _of(symbolic.HingeLoss(_m)),
    r"\max(0, 1 - m)^2": _of(symbolic.SquaredHingeLoss(_m)),
    r"\ln(1 + e^{-m})": _of(symbolic.LogisticLoss(_m)),
    "e^{-m}": _of(symbolic.ExponentialLoss(_m)),
    "(1 - m)^2": _of(symbolic.MSELoss(1 - _m)),
    r"\sigma(-m)^\gamma \ln(1 + e^{-m})": _of(symbolic.SigmoidFocalLoss(_m, 1, _gamma)),
    r"-(1 - p)^\gamma \ln p": _of(symbolic.SigmoidFocalLoss(sympy.log(_p / (1 - _p)), 1, _gamma)),
    r"\tfrac12 r^2": _of(symbolic.MSELoss(_r, half=True)),
    r"\lvert r\rvert": _of(symbolic.L1Loss(_r)),
    r"\delta(\lvert r\rvert - \tfrac12\delta)": _of(symbolic.HuberLoss(_r, _delta).args[1].expr),
    r"\delta^2\bigl(\sqrt{1 + (r/\delta)^2} - 1\bigr)": _of(symbolic.PseudoHuberLoss(_r, _delta)),
    r"r / \sqrt{1 + (r/\delta)^2}": _of(symbolic.PseudoHuberLoss(_r, _delta).diff(_r)),
    r"\ln\cosh r": _of(symbolic.LogCoshLoss(_r)),
    r"\tanh r": _of(symbolic.LogCoshLoss(_r).diff(_r)),
    r"\tfrac12 c^2 \ln\bigl(1 + (r/c)^2\bigr)": _of(symbolic.CauchyLoss(_r, _c)),
    r"r / \bigl(1 + (r/c)^2\bigr)": _of(symbolic.CauchyLoss(_r, _c).diff(_r)),
    r"\tfrac16 c^2 \bigl(1 - (1 - (r/c)^2)^3\bigr)": _of(symbolic.TukeyBiweightLoss(_r, _c), reach=0.03),
    r"r (1 - (r/c)^2)^2": _of(symbolic.TukeyBiweightLoss(_r, _c).diff(_r), reach=0.03),
    r"\tfrac16 c^2": _of(symbolic.TukeyBiweightLoss(1, _c)),
    r"r/\beta": _of(symbolic.SmoothL1Loss(_r, _beta).diff(_r), reach=0.03),
    r"\operatorname{sign} r": _of(symbolic.L1Loss(_r).diff(_r)),
    r"(1 - \tau) r": _quantile(1),
    r"-\tau r": _quantile(-1),
    r"1 - \tau": _quantile(1, slope=True),
    r"-\tau": _quantile(-1, slope=True),
    r"\theta^{x} (1 - \theta)^{1 - x}": _toss,
    r"\binom{N}{N_1} \theta^{N_1} (1 - \theta)^{N - N_1}": _sequence,
    r"\tfrac12 u^2": _of(symbolic.GeneralRobustLoss(_u, 2)),
    r"\sqrt{u^2 + 1} - 1": _of(symbolic.GeneralRobustLoss(_u, 1)),
    r"\ln(1 + \tfrac12 u^2)": _of(symbolic.GeneralRobustLoss(_u, 0)),
    "2u^2 / (u^2 + 4)": _of(symbolic.GeneralRobustLoss(_u, -2)),
    "1 - e^{-u^2/2}": _of(symbolic.GeneralRobustLoss(_u, -sympy.oo)),
    r"\mathrm{E}_p \ln D^* + \mathrm{E}_q \ln(1 - D^*) = 2\, \mathrm{JS}(p, q) - \ln 4": _distributions,
    r"-\ln\sigma(s)": _of(gan.NonSaturatingGANLoss(_s)[2]),
    r"-\ln\sigma(-s)": _of(gan.MinimaxGANLoss(_s)[1]),
    r"\ln\sigma(-s)": _of(gan.MinimaxGANLoss(_s)[2]),
    "-s": _of(gan.WassersteinGANLoss(_s)[0]),
    r"\tfrac12(s - b)^2": _of(gan.LeastSquaresGANLoss(_s, b=_b)[0]),
    r"\tfrac12(s - a)^2": _of(gan.LeastSquaresGANLoss(_s, a=_a)[1]),
    r"\tfrac12(s - c)^2": _of(gan.LeastSquaresGANLoss(_s, c=_c)[2]),
    r"\max(0, 1 - s)": _of(gan.HingeGANLoss(_s)[0]),
    r"\max(0, 1 + s)": _of(gan.HingeGANLoss(_s)[1]),
}
#: What stands in tables of chapters and decks and states no loss.
IN_TABLES = {
    r"\frac{N!}{n_1! \cdots n_K!}\, p_1^{n_1} \cdots p_K^{n_K}": "a probability with dots to fill in",
    "e^z - yz": "the Poisson model's cost up to a constant; there is no such loss in the package",
    **dict.fromkeys([r"\ln(p/q)", "(bp + aq)/(p + q)", r"\operatorname{sign}(p - q)"], "best scores: derivations.gan"),
    **dict.fromkeys(
        ["f^*", r"\ln \frac{\eta}{1 - \eta}", r"\tfrac12 \ln \frac{\eta}{1 - \eta}", r"2\eta - 1", r"\sigma(f)",
         r"\sigma(2f)", "(1 + f)/2"],
        "best scores and their readings: derived below the table, and claimed for five chances",
    ),
    **dict.fromkeys([r"\varphi(z)", r"\sigma(z)", "e^z", r"n_1, \dots, n_K"], "names of outputs and of data"),
    **dict.fromkeys(
        [r"\alpha = 0.25", r"\ln 2", r"\lvert\theta\rvert", r"\pm1", r"\pm\delta", r"\theta = 0", r"\theta \ne 0",
         r"m \le 0", r"\gamma > 0", r"x \in \{0, 1\}", "T = 1", r"T = \tfrac12 c^2"],
        "conditions, bounds and numbers",
    ),
}  # fmt: skip
