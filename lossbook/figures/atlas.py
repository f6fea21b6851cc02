"""Pictures for the atlas: every loss of the package and its slope, drawn from its formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import sympy
from sympy import Expr, Piecewise, Rational, cos, exp, log, sin, sqrt, symbols

from lossbook.live import (
    Axis,
    Choice,
    Curve,
    Figure,
    Formula,
    Panel,
    Parameter,
    Point,
    Rule,
    Slider,
    Toggle,
    text,
)
from lossbook.symbolic import gan as G  # noqa: N812
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import logsumexp

x, u = symbols("x u", real=True)
_P = sympy.Symbol("probability")
# The colour of a parameter and of the place where it acts.
_ACTS = 2


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What the atlas draws of a loss: curves over one number, and the parameters that bend them.

    Parameters
    ----------
    curves : dict of str to sympy.Expr
        The loss as a function of `x`, by the name of the curve; GAN losses have one for each player.
    over : str
        What runs along the axis, with its unit.
    low, high : float
        Ends of the axis.
    top : float
        Upper end of the axis of the loss.
    bottom : float
        Its lower end.
    steep : float
        Largest slope, up or down, that the picture shows.
    parameters : sequence of Parameter
        Controls, in the order of the loss's arguments.
    at : float
        Where the marked point starts.
    slopes : dict of str to sympy.Expr, optional
        The derivatives, where SymPy's own are needlessly long.
    caption : str
        What the picture shows, and what to try.
    letter : str
        LaTeX of what runs along the axis; the formula is written with it, and left out where it is empty.
    acts : sequence of sympy.Expr
        Where along the axis the last parameter acts, such as −δ and δ.
    in_short : dict of sympy.Expr to sympy.Expr
        Parts of the curve that the formula writes by the symbols of `define`.
    define : dict of sympy.Symbol to sympy.Expr
        What these symbols stand for.
    """

    curves: dict[str, Expr]
    over: str
    low: float = -4
    high: float = 4
    top: float = 6
    bottom: float = 0
    steep: float = 4
    parameters: Sequence[Parameter] = ()
    at: float = 1.4
    slopes: dict[str, Expr] | None = None
    caption: str = ""
    letter: str = ""
    acts: Sequence[Expr] = ()
    in_short: dict[Expr, Expr] = field(default_factory=dict)
    define: dict[sympy.Symbol, Expr] = field(default_factory=dict)

    def formulas(self) -> list[Formula]:
        """Return the formula of the loss; where a choice decides between several, each of them."""
        if not self.letter:
            return []
        (curve,) = self.curves.values()
        curve = curve.subs(list(self.in_short.items()))
        kinds: list[tuple[Any, Any]] = [(curve, 1)]
        if isinstance(curve, Piecewise) and not any(holds.has(x) for _, holds in curve.args):
            before: list[tuple[Any, Any]] = []
            kinds = []
            for value, holds in curve.args:
                kinds.append((value, Piecewise(*before, (1, holds), (0, True))))
                before.append((0, holds))
        written = {x: self.letter, m: r"\mu", y: "t", _P: "p"}
        return [Formula(name=r"\ell", value=value, show=show, written=written) for value, show in kinds]

    def figure(self, name: str) -> Figure:
        """Return the figure: the loss on the left, its slope on the right, one point on both."""
        slopes = self.slopes or {label: curve.diff(x) for label, curve in self.curves.items()}
        several = len(self.curves) > 1
        panels = []
        for label_of_height, ends, shapes in (
            ("loss ℓ", (self.bottom, self.top), self.curves),
            ("slope of the loss", (-self.steep, self.steep), slopes),
        ):
            marks: list[Any] = [
                Curve(
                    y=shape.subs(x, u),
                    variable=u,
                    color=color,
                    label=label if several else "",
                    dashed=several and color == len(shapes) - 1,  # may lie on another one
                )
                for color, (label, shape) in enumerate(shapes.items())
            ]
            marks += [Rule(x=place, color=_ACTS, dashed=True) for place in self.acts]
            marks += [
                Point(x=x, y=shape, drag=(x, None), color=color, label="" if several else text("{v:.3f}", v=shape))
                for color, shape in enumerate(shapes.values())
            ]
            panels.append(
                Panel(
                    x=Axis(label=self.over, minimum=self.low, maximum=self.high),
                    y=Axis(label=label_of_height, minimum=ends[0], maximum=ends[1]),
                    marks=marks,
                )
            )
        numbers = {f"v{i}": shape for i, shape in enumerate(self.curves.values())}
        numbers |= {f"d{i}": shape for i, shape in enumerate(slopes.values())}
        words = "; ".join(
            f"{label + ': ' if several else ''}loss {{v{i}:.4f}}, slope {{d{i}:.4f}}"
            for i, label in enumerate(self.curves)
        )
        parameters = list(self.parameters)
        if self.acts:
            assert isinstance(parameters[-1], Slider)
            parameters[-1] = replace(parameters[-1], color=_ACTS)
        here = Slider(
            symbol=x,
            minimum=self.low,
            maximum=self.high,
            value=self.at,
            format=".2f",
            label=self.over.split(" (")[0],
            step=0.01 if self.high - self.low <= 1 else 0.05,
        )
        return Figure(
            parameters=[*parameters, here],
            panels=panels,
            formula=self.formulas(),
            define=self.define,
            readout=[text(f"At {{x:.2f}}: {words}.", **numbers)],
            name=name,
            caption=self.caption,
            description=text(f"{name} and its slope over {self.over}. At {{x:.2f}}: {words}.", **numbers),
        )


def _slider(name: str, low: float, high: float, value: float, **options: Any) -> Slider:
    # Each step of the keyboard shows in the number.
    shown = {"format": ".3g"} if "scale" in options else {"format": ".2f", "step": 0.01 if high - low <= 2 else 0.05}
    return Slider(
        symbol=sympy.Symbol(name, real=True), minimum=low, maximum=high, value=value,
        **{"label": _GREEK.get(name, name)} | shown | options,
    )  # fmt: skip


_GREEK = {"beta": "β", "delta": "δ", "epsilon": "ε", "gamma": "γ", "alpha": "α", "sigma": "σ", "weight": "λ"}
_RESIDUAL, _MARGIN, _LOGIT, _SCORE = "residual r = ŷ − y", "margin y·f", "logit x", "score s"
beta, delta, epsilon, gamma, alpha, sigma, weight = symbols("beta delta epsilon gamma alpha sigma weight", real=True)
a, b, c, q, m, w, y, T, p, z = symbols("a b c q m w y T p z", real=True)
log_variance = symbols("log_variance", real=True)
_LOG_VARIANCE = _slider("log_variance", -3, 3, 0, label="log-variance s")
_TARGET = Toggle(symbol=y, value=True, label="target is 1")
_MARGIN_SLIDER = _slider("m", 0.1, 3, 1, label="margin µ")


def _residual(curve: Expr, *parameters: Parameter, **options: Any) -> Picture:
    return Picture(curves={"loss": curve}, over=_RESIDUAL, parameters=parameters, **({"letter": "r"} | options))


def _margin(curve: Expr, *parameters: Parameter, **options: Any) -> Picture:
    return Picture(curves={"loss": curve}, over=_MARGIN, parameters=parameters, at=-1, letter="m", **options)


def _binary(name: str, *parameters: Parameter, **options: Any) -> Picture:
    """Return the picture of a loss of a logit whose target is switched."""
    right, wrong = (getattr(S, name)(x, target, **options) for target in (1, 0))
    curve = Piecewise((right, y > Rational(1, 2)), (wrong, True))
    return Picture(
        curves={"loss": curve}, over=_LOGIT, low=-6, high=6, parameters=(*parameters, _TARGET), at=-2, letter="x"
    )


def _classes(curve: Expr, *parameters: Parameter, **options: Any) -> Picture:
    given: dict[str, Any] = {"over": "logit x of the right class (the others: 0 and 1)", "high": 8, "steep": 2}
    return Picture(curves={"loss": curve}, parameters=parameters, low=-6, at=-2, **(given | options))


def _game(name: str, *parameters: Parameter, **options: Any) -> Picture:
    """Return the picture of a loss of two players."""
    real, fake, generator = getattr(G, name)(x, **options)
    curves = {"discriminator, real sample": real, "discriminator, made-up": fake, "generator, made-up": generator}
    return Picture(curves=curves, over=_SCORE, bottom=-4, steep=3, parameters=parameters, at=-1.5)


def _adaptive() -> Picture:
    """Return the picture of Barron's negative log-likelihood at the three α whose normaliser has a closed form."""
    shapes: dict[str, float] = {"0 (Cauchy)": 0, "1 (Charbonnier)": 1, "2 (normal)": 2}
    curve = Piecewise(*(
        (S.AdaptiveRobustLoss(x, value, c).replace(sympy.besselk, lambda n, at: sympy.besselk(n, at).evalf(17)),
         sympy.Eq(alpha, value)) for value in shapes.values()
    ))  # fmt: skip
    choice = Choice(symbol=alpha, options=shapes, value="1 (Charbonnier)", label="α")
    return _residual(curve, choice, _slider("c", 0.25, 4, 1, scale="log"), bottom=-1, letter="")


def _first_of_three(logit: Expr) -> Expr:
    """Return the probability of the first of three classes with the logits `logit`, 0 and 1/T."""
    return exp(-logsumexp(0, -logit, 1 / T - logit))


def _large_margin() -> Picture:
    """Return the picture of a feature that turns away from its class: two class vectors at a right angle."""
    margins = (1, 2, 3)
    feature = (3 * cos(x), 3 * sin(x))
    length = sqrt(feature[0] ** 2 + feature[1] ** 2)  # 3, which SymPy does not see by itself
    curve = Piecewise(*(
        (S.LargeMarginSoftmaxLoss(feature, ((1, 0), (0, 1)), 0, n).subs(length, 3), sympy.Eq(m, n))
        for n in margins
    ))  # fmt: skip
    return Picture(
        curves={"loss": curve}, over="angle θ between feature and class vector (radians)", low=0, high=3.14,
        top=18, steep=10, at=0.6,
        parameters=(Choice(symbol=m, options={str(n): float(n) for n in margins}, value="2", label="margin m"),),
    )  # fmt: skip


# The loss of the first of three classes is written in its probability p, whose logarithm and rest are these.
_COST = S.CrossEntropyLoss((x, 0, 1), (1, 0, 0))
_IN_PROBABILITY: dict[str, Any] = {
    "letter": "x",
    "in_short": {_COST: -log(_P), S.SoftmaxFocalLoss((x, 0, 1), 0, 1) / _COST: 1 - _P},
    "define": {_P: exp(-_COST)},
}


def _said(caption: str, picture: Callable[[], Picture]) -> Callable[[], Picture]:
    """Return what makes a picture, with its caption."""
    return lambda: replace(picture(), caption=caption)


PICTURES: dict[str, Callable[[], Picture]] = {
    "ZeroOneLoss": _said(
        "A wrong label costs 1, a right one 0. The slope is 0 on both sides, so descent has nothing to follow. "
        "Move margin y·f across 0.",
        lambda: _margin(S.ZeroOneLoss(x), top=2, steep=2),
    ),
    "HingeLoss": _said(
        "A straight line of slope −1 up to margin µ, then 0: points beyond it no longer pull. Move margin µ and "
        "watch the corner.",
        lambda: _margin(S.HingeLoss(x, m), _MARGIN_SLIDER, acts=(m,)),
    ),
    "SquaredHingeLoss": _said(
        "It pulls with twice what is missing to margin µ, so the slope comes to 0 without a jump. Move margin µ.",
        lambda: _margin(S.SquaredHingeLoss(x, m), _MARGIN_SLIDER, top=12, steep=8, acts=(m,)),
    ),
    "LogisticLoss": _said(
        "The slope rises from −1 towards 0 and never reaches it: right labels still pull a little. Move margin "
        "y·f from left to right.",
        lambda: _margin(S.LogisticLoss(x)),
    ),
    "ExponentialLoss": _said(
        "The slope is minus the loss, and both grow exponentially: one wrong label can outweigh all others. Move "
        "margin y·f below 0.",
        lambda: _margin(S.ExponentialLoss(x), top=12, steep=12),
    ),
    "BCELoss": _said(
        "A sure mistake costs without limit, and the slope, −1/p for target 1, steepens without limit too. Move "
        "probability p; untick target is 1.",
        lambda: Picture(
            curves={"loss": Piecewise((S.BCELoss(x, 1), y > Rational(1, 2)), (S.BCELoss(x, 0), True))},
            over="probability p",
            letter="p",
            low=0.01,
            high=0.99,
            top=5,
            steep=20,
            parameters=(_TARGET,),
            at=0.3,
        ),
    ),
    "BCEWithLogitsLoss": _said(
        "At weight 1 the slope is σ(x) minus the target. Move weight of positives: it stretches loss and slope "
        "for target 1 only.",
        lambda: _binary(
            "BCEWithLogitsLoss", _slider("w", 0.2, 5, 1, scale="log", label="weight of positives"), pos_weight=w
        ),
    ),
    "SigmoidFocalLoss": _said(
        "At γ = 0 it is cross-entropy times α (target 1) or 1 − α; a larger γ flattens it where the logit is "
        "right. Move γ.",
        lambda: _binary(
            "SigmoidFocalLoss", _slider("gamma", 0, 5, 2), _slider("alpha", 0.05, 0.95, 0.25), gamma=gamma, alpha=alpha
        ),
    ),
    "NLLLoss": _said(
        "A straight line in the log-probability: its slope is minus the weight everywhere. Move weight of the class.",
        lambda: Picture(
            curves={"loss": w * S.NLLLoss((x,), 0)},
            over="log-probability of the right class",
            letter=r"\ln p",
            low=-6,
            high=0,
            parameters=(_slider("w", 0.2, 3, 1, label="weight of the class"),),
            at=-1.5,
            steep=3,
        ),
    ),
    "CrossEntropyLoss": _said(
        "The slope is probability minus target, over temperature T. Raise label smoothing: the loss gets a "
        "minimum, and being too sure costs.",
        lambda: _classes(
            S.CrossEntropyLoss((x, 0, 1), (1 - epsilon * Rational(2, 3), epsilon / 3, epsilon / 3), None, T),
            _slider("T", 0.25, 4, 1, scale="log", label="temperature T"),
            _slider("epsilon", 0, 0.5, 0, label="label smoothing"),
        ),
    ),
    "SoftmaxFocalLoss": _said(
        "At γ = 0 it is cross-entropy; a larger γ takes loss and slope from what is already right. Move γ and "
        "watch the right half.",
        lambda: _classes(
            S.SoftmaxFocalLoss((x, 0, 1), 0, gamma),
            _slider("gamma", 0, 5, 2),
            **_IN_PROBABILITY,
        ),
    ),
    "Poly1Loss": _said(
        "Adds ε(1 − p) to cross-entropy, so its slope is 1 + εp times as steep. Move ε from −1 to 4 and watch the "
        "slope.",
        lambda: _classes(S.Poly1Loss((x, 0, 1), 0, epsilon), _slider("epsilon", -1, 4, 1), **_IN_PROBABILITY),
    ),
    "DistillationLoss": _said(
        "It is 0 where the student's logit is the teacher's; the slope is T times the difference of their "
        "probabilities. Move the teacher's logit.",
        lambda: _classes(
            S.DistillationLoss((x, 0, 1), (z, 0, 1), T),
            _slider("T", 0.5, 8, 2, scale="log", label="temperature T"),
            _slider("z", -4, 6, 3, label="the teacher's logit"),
            over="the student's logit x (the others: 0 and 1)",
            steep=6,
            slopes={"loss": T * (_first_of_three(x / T) - _first_of_three(z / T))},
        ),
    ),
    "LargeMarginSoftmaxLoss": _said(
        "m = 1 is cross-entropy; a larger m makes every angle but 0 dearer, so features turn closer to their "
        "class. Choose margin m.",
        _large_margin,
    ),
    "MultiMarginLoss": _said(
        "It falls until the right class leads both others by the margin, then is 0. Choose form: Crammer–Singer "
        "minds only the best rival.",
        lambda: _classes(
            Piecewise(
                (S.MultiMarginLoss((x, 0, 1), 0, 1, m), sympy.Eq(p, 0)),
                (S.MultiMarginLoss((x, 0, 1), 0, 2, m), sympy.Eq(p, 1)),
                (S.MultiMarginLoss((x, 0, 1), 0, 1, m, form="crammer-singer"), True),
            ),
            Choice(
                symbol=p,
                label="form",
                options={"Weston–Watkins": 0, "Weston–Watkins, squared": 1, "Crammer–Singer": 2},
            ),
            _slider("m", 0.1, 3, 1, label="margin"),
            over="score x of the right class (the others: 0 and 1)",
            letter="x",
        ),
    ),
    "KLDivLoss": _said(
        "It is 0 where q is the target probability p, and steepens without limit towards a wrong certainty. Move "
        "target probability p.",
        lambda: Picture(
            curves={"loss": S.KLDivLoss((log(x), log(1 - x)), (p, 1 - p))},
            over="predicted probability q",
            letter="q",
            low=0.01,
            high=0.99,
            top=3,
            steep=10,
            parameters=(_slider("p", 0, 1, 0.3, label="target probability p"),),
            at=0.7,
        ),
    ),
    "BrierLoss": _said(
        "A parabola with its minimum at the target: even a sure mistake costs at most 2, its slope is at most 4 "
        "in size. Move target probability.",
        lambda: Picture(
            curves={"loss": S.BrierLoss((x, 1 - x), (p, 1 - p))},
            over="predicted probability",
            letter="q",
            low=0,
            high=1,
            top=2,
            parameters=(_slider("p", 0, 1, 1, label="target probability"),),
            at=0.3,
        ),
    ),
    "L1Loss": _said(
        "A V: every residual pulls with 1, near or far, and the slope jumps at 0. Move residual r = ŷ − y through 0.",
        lambda: _residual(S.L1Loss(x), steep=2),
    ),
    "MSELoss": _said(
        "A parabola: the slope grows with the residual without limit, r with the ½ and 2r without. Untick with the ½.",
        lambda: _residual(
            Piecewise((S.MSELoss(x, half=True), m > Rational(1, 2)), (S.MSELoss(x), True)),
            Toggle(symbol=m, label="with the ½"),
            top=16,
            steep=8,
        ),
    ),
    "RMSELoss": _said(
        "Of two rows, one can pull with at most 1/√2, however far off. Move the residual of the other row to 0: "
        "the bend becomes a corner.",
        lambda: _residual(
            S.RMSELoss((x, c)), _slider("c", 0, 4, 1, label="the residual of the other row"), top=4, steep=1.5
        ),
    ),
    "SmoothL1Loss": _said(
        "The slope is r/β, clipped at ±1 whatever β is. Move β: near 0 the curve is almost |r|.",
        lambda: _residual(S.SmoothL1Loss(x, beta), _slider("beta", 0.05, 4, 1), steep=2, acts=(-beta, beta)),
    ),
    "HuberLoss": _said(
        "Squared up to δ, straight beyond: the slope is the residual, clipped at ±δ. Move δ and watch where the "
        "slope levels off.",
        lambda: _residual(S.HuberLoss(x, delta), _slider("delta", 0.05, 4, 1), acts=(-delta, delta)),
    ),
    "PseudoHuberLoss": _said(
        "Huber's loss without the corner in its slope, which nears ±δ and never gets there. Move δ.",
        lambda: _residual(S.PseudoHuberLoss(x, delta), _slider("delta", 0.05, 4, 1), acts=(-delta, delta)),
    ),
    "LogCoshLoss": _said(
        "Like ½r² near 0, like |r| − ln 2 far out; the slope, tanh r, stays between −1 and 1. Move residual r = ŷ "
        "− y outwards.",
        lambda: _residual(S.LogCoshLoss(x), steep=2),
    ),
    "QuantileLoss": _said(
        "Too low costs q per unit, too high 1 − q: the slope jumps from −q to 1 − q at 0. Move q and watch the V tilt.",
        lambda: _residual(S.QuantileLoss(x, q), _slider("q", 0.02, 0.98, 0.8), top=4, steep=1.5),
    ),
    "EpsilonInsensitiveLoss": _said(
        "Residuals up to ε cost nothing and do not pull; beyond, all pull with 1. Move ε and watch the flat floor "
        "widen.",
        lambda: _residual(
            S.EpsilonInsensitiveLoss(x, epsilon), _slider("epsilon", 0, 3, 1), top=4, steep=2, acts=(-epsilon, epsilon)
        ),
    ),
    "CauchyLoss": _said(
        "Its pull is largest at |r| = c, where it is c/2, and fades further out. Move c and watch the peak of the "
        "slope.",
        lambda: _residual(S.CauchyLoss(x, c), _slider("c", 0.25, 4, 1, scale="log"), steep=2, acts=(-c, c)),
    ),
    "TukeyBiweightLoss": _said(
        "Beyond c the loss is constant and the slope 0: wild targets are ignored. Move c and watch the ends go flat.",
        lambda: _residual(
            S.TukeyBiweightLoss(x, c), _slider("c", 0.5, 6, 3), low=-6, high=6, top=6, steep=2, acts=(-c, c)
        ),
    ),
    "GeneralRobustLoss": _said(
        "α decides how far residuals pull: ever harder above 1, evenly at 1, more and more weakly below 1. Move "
        "α, then c.",
        lambda: _residual(
            S.GeneralRobustLoss(x, alpha, c),
            _slider("alpha", -8, 3, 1, step=0.1, format=".1f"),
            _slider("c", 0.25, 4, 1, scale="log"),
            top=6,
            steep=3,
        ),
    ),
    "AdaptiveRobustLoss": _said(
        "A smaller α costs less far out and more at 0: with that price α can be learnt. Choose α and compare the "
        "loss at 0 and far out.",
        _adaptive,
    ),
    "GaussianNLLLoss": _said(
        "A wider noise flattens the parabola and lifts its lowest point: half of s is its price. Move log-variance s "
        "with the residual far off.",
        lambda: _residual(S.GaussianNLLLoss(x, log_variance, 0), _LOG_VARIANCE, bottom=-2),
    ),
    "BinnedCrossEntropyLoss": _said(
        "The slope is the bin's probability minus its share of the normal around the target. Move target and σ: "
        "the minimum moves.",
        lambda: _classes(
            S.BinnedCrossEntropyLoss((0, x, 0, 0), y, (-2, -1, 0, 1, 2), sigma).replace(
                sympy.erfc, lambda at: 1 - sympy.erf(at)
            ),
            _slider("y", -2, 2, -0.4, label="target"),
            _slider("sigma", 0.1, 2, 0.4, scale="log"),
            over="logit x of the bin from −1 to 0 (the others: 0)",
            high=6,
        ),
    ),
    "MinimaxGANLoss": _said(
        "The generator's slope, −σ(s), vanishes at low scores, where its samples are found out. Move score s to "
        "the left.",
        lambda: _game("MinimaxGANLoss"),
    ),
    "NonSaturatingGANLoss": _said(
        "The generator's slope nears −1 at low scores, where its samples are found out, and fades at high ones. "
        "Move score s to the left.",
        lambda: _game("NonSaturatingGANLoss"),
    ),
    "WassersteinGANLoss": _said(
        "Only straight lines of slope 1 or −1, with no minimum: the critic needs a bound from elsewhere. Move "
        "score s: no slope changes.",
        lambda: _game("WassersteinGANLoss"),
    ),
    "LeastSquaresGANLoss": _said(
        "Three parabolas around a, b and c: scores that are too high are pulled back as well. Move c and watch "
        "the generator's minimum.",
        lambda: _game(
            "LeastSquaresGANLoss", _slider("a", -1, 1, 0), _slider("b", 0, 2, 1), _slider("c", -1, 2, 1), a=a, b=b, c=c
        ),
    ),
    "HingeGANLoss": _said(
        "The discriminator's slope is 0 for a real score above 1 and a made-up one below −1; the generator's is "
        "−1. Move score s past both.",
        lambda: _game("HingeGANLoss"),
    ),
    "LossSensitiveGANLoss": _said(
        "The critic's slope is −λ until the made-up sample costs Δ more than the real one, then 0. Move distance "
        "Δ and watch the corner.",
        lambda: Picture(
            curves={"critic": G.LossSensitiveGANLoss(0, x, delta, weight), "generator": x},
            over="L of the made-up sample (real: L = 0)",
            parameters=(_slider("delta", 0, 3, 1, label="distance Δ"), _slider("weight", 0.2, 2, 1)),
            bottom=-4,
            steep=3,
            at=0.5,
        ),
    ),
    "PerceptualLoss": _said(
        "A parabola whose minimum is above 0 here: another feature is still off. Move weight of the layer: it "
        "stretches loss and slope alike.",
        lambda: Picture(
            curves={"loss": S.PerceptualLoss(((x, 1, 0, 2),), ((1, 1, 0, 0),), (w,))},
            over="one of four features (its target: 1)",
            top=8,
            parameters=(_slider("w", 0.1, 4, 1, label="weight of the layer"),),
        ),
    ),
}


def _figure(name: str) -> Figure:
    return PICTURES[name]().figure(name)


#: Found by `all_figures`, beside the functions of the other modules.
FIGURES: dict[str, Callable[[], Figure]] = {name: partial(_figure, name) for name in PICTURES}
