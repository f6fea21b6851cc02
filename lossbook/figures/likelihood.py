"""Figures of the chapter on likelihood."""

from __future__ import annotations

from sympy import (
    Abs,
    Eq,
    Expr,
    Lambda,
    Max,
    Min,
    Piecewise,
    Rational,
    exp,
    floor,
    log,
    loggamma,
    nan,
    sqrt,
    symbols,
)

from lossbook.live import (
    Action,
    Area,
    Axis,
    Bars,
    Choice,
    Contour,
    Curve,
    Figure,
    Formula,
    Panel,
    Play,
    Point,
    Predict,
    Rule,
    Segment,
    Slider,
    Trajectory,
    text,
)
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid, xlogy
from lossbook.symbolic.probability import ROOT, coin_log, gaussian, laplace, log_softmax, logit, logit_of_share
from lossbook.symbolic.probability import coin as likelihood_of

theta, N, N1, k, u = symbols("theta N N1 k u")
r, s = symbols("r s", real=True)
best = symbols("best")
_BEST = {best: r"\hat\theta"}

_TOSSES = "tosses N"
_HEADS = "heads N₁"


def two_readings() -> Figure:
    """Probability and likelihood: one surface, cut along k and along θ."""
    log_choose = loggamma(N + 1) - loggamma(k + 1) - loggamma(N - k + 1)
    p = exp(log_choose + coin_log(theta, N, k))
    x, y = symbols("x y")
    top = p.subs({theta: k / N})
    return Figure(
        parameters=[
            Slider(symbol=N, minimum=2, maximum=30, value=10, integer=True, label=_TOSSES),
            Slider(symbol=theta, minimum=0, maximum=1, value=0.5, step=0.01, format=".2f", label="coin θ", color=2),
            Slider(symbol=k, minimum=0, maximum=N, value=7, integer=True, label="heads seen k", color=1),
        ],
        panels=[
            Panel(
                title="The surface P(k | θ), seen from above",
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="k, number of heads", minimum=0, maximum=N),
                marks=[
                    Contour(
                        z=p.subs({theta: x, k: y}),
                        variables=(x, y),
                        levels=[Rational(i, 20) for i in range(1, 9)],
                        grid=36,
                    ),
                    Rule(x=theta, color=2, label="fix the coin"),
                    Rule(y=k, color=1, dashed=True, label="fix the data"),
                    Point(x=theta, y=k, drag=(theta, k), color=6),
                ],
                wide=True,
            ),
            Panel(
                title="Cut along k: a probability",
                x=Axis(label="k, number of heads"),
                y=Axis(label="P(k | θ)", minimum=0),
                marks=[
                    Bars(heights=p.subs(k, y), variable=y, range=(0, N), color=2, highlight=k),
                    Point(x=k, y=p, drag=(k, None), color=1, label=text("{p:.3f}", p=p)),
                ],
            ),
            Panel(
                title="Cut along θ: a likelihood",
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="L(θ) = P(k | θ)", minimum=0),
                marks=[
                    Area(y=p.subs(theta, x), variable=x, color=1),
                    Curve(y=p.subs(theta, x), variable=x, color=1),
                    Point(x=theta, y=p, drag=(theta, None), color=1, label=text("{p:.3f}", p=p)),
                    Rule(x=k / N, dashed=True),
                ],
            ),
        ],
        readout=[
            text("Both marked heights are one number: P(k = {k} | θ = {theta}) = {p:.4f}.", p=p),
            text("The bars add up to 1. The area under the curve is {area:.3f} = 1/(N + 1).", area=1 / (N + 1)),
        ],
        caption=(
            "The bars, a cut along k, add up to 1; the area under the curve, a cut along θ, is 1/(N + 1). Drag the "
            "grey point across the surface: the marked bar and the point on the curve always carry the same number."
        ),
        description=text(
            "Two cuts through the binomial probabilities of {N} tosses. "
            "At θ = {theta} the chance of {k} heads is {p:.3f}. "
            "For {k} heads the likelihood is largest at θ = {best:.2f}, where it is {top:.3f}.",
            p=p, best=k / N, top=top,
        ),
    )  # fmt: skip


def coin() -> Figure:
    """The likelihood of a coin's θ, and where it is largest."""
    likelihood = likelihood_of(theta, N, N1)
    top = likelihood.subs(theta, best)
    most = 1000
    chance, revealed = symbols("chance revealed")
    heads = Piecewise((1, (chance < Rational(1, 2)) & (N < most)), (0, True))  # of a fair coin
    toss = {N: Min(most, N + 1), N1: N1 + heads}
    return Figure(
        parameters=[
            Slider(symbol=N, minimum=1, maximum=most, value=100, scale="log", integer=True, label=_TOSSES),
            Slider(symbol=N1, minimum=0, maximum=N, value=60, integer=True, label=_HEADS, color=1),
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
            Predict(
                question="Ten times the tosses, the same share of heads: what becomes of the peak?",
                revealed=revealed,
                options=["It becomes narrower", "It stays as wide", "It becomes wider"],
                right=0,
                answer="Narrower, and in its place: 600 heads in 1,000 tosses make a peak about a third as wide as "
                "60 in 100. Its height falls, yet only ratios count.",
                sets={N: Min(most, 10 * N), N1: Min(most, 10 * N) * best},
            ),
            Action(label="Toss once", sets=toss, chance=chance),
            Action(label="Toss ten times", sets=toss, chance=chance, times=10),
        ],
        panels=[
            Panel(
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="likelihood L(θ)", minimum=0),
                marks=[
                    Area(y=likelihood, variable=theta),
                    Curve(y=likelihood, variable=theta, color=0),
                    Rule(x=best, dashed=True),
                    Point(x=best, y=top, drag=((N1, Lambda(u, N * u)), None), color=1,
                          label=text("largest at θ̂ = {best:.3g}")),
                ],
            )
        ],
        formula=Formula(name=r"L(\hat\theta)", value=top, format=".3g", written=_BEST),
        readout=[text("θ̂ = N₁/N = {N1}/{N} = {best:.4g}, and there L(θ̂) = {top:.3g}", top=top)],
        caption=(
            "Every further toss multiplies the curve by θ or by 1 − θ, so no height can rise. Set heads N₁ to 0 and to "
            "N, and see where the dashed line goes. Then set tosses N to 1 and toss on: the buttons toss a fair coin."
        ),
        description=text(
            "Likelihood of a coin that showed {N1} heads in {N} tosses: one hump over θ from 0 to 1, "
            "largest at θ = {best:.3f}, where it is {top:.3g}.", top=top,
        ),
        define={best: N1 / N},
    )  # fmt: skip


def log_likelihood() -> Figure:
    """The product of many probabilities underflows; its logarithm does not."""
    f = symbols("f")
    product = likelihood_of(theta, N, N1)
    logarithm = coin_log(theta, N, N1)
    at_best = {theta: f}
    return Figure(
        parameters=[
            Slider(symbol=N, minimum=10, maximum=3000, value=100, scale="log", integer=True, label=_TOSSES),
            Slider(symbol=f, minimum=0.1, maximum=0.9, value=0.6, step=0.05, format=".2f", label="share N₁/N", color=1),
        ],
        panels=[
            Panel(
                title="The product, in float64",
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="L(θ)", minimum=0),
                marks=[
                    Area(y=product, variable=theta),
                    Curve(y=product, variable=theta, color=0),
                    Rule(x=f, dashed=True),
                ],
            ),
            Panel(
                title="Its logarithm",
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="ln L(θ)", minimum=4 * logarithm.subs(at_best) - 1, maximum=0),
                marks=[
                    Curve(y=logarithm, variable=theta, color=1),
                    Rule(x=f, dashed=True),
                    Point(x=f, y=logarithm.subs(at_best), drag=(f, None), color=1,
                          label=text("{v:.1f}", v=logarithm.subs(at_best))),
                ],
            ),
        ],
        formula=Formula(name=r"\ln L(\hat\theta)", value=logarithm.subs(at_best), format=".2f",
                        terms=[xlogy(N1, f), xlogy(N - N1, 1 - f)], written={f: r"\hat\theta"}),
        readout=[
            text("At θ̂ = {best:.2f}: the product is {product:.3g}, its logarithm {log:.2f}.",
                 best=f, product=product.subs(at_best), log=logarithm.subs(at_best)),
        ],
        caption=(
            "Each toss more makes the product smaller, until float64 holds exactly 0; its logarithm stays an "
            "ordinary number, highest at N₁/N. Raise tosses N until the left curve dies, and compare several values "
            "of share N₁/N: at 0.50 it dies first."
        ),
        description=text(
            "Likelihood and log-likelihood of {N} tosses with a share of heads of {f}. Both are largest at θ = {f}: "
            "the likelihood is {product:.3g} there, the log-likelihood {log:.1f}.",
            product=product.subs(at_best), log=logarithm.subs(at_best),
        ),
        define={N1: f * N},
    )  # fmt: skip


def grid_search() -> Figure:
    """A grid of values of θ finds its own best value, not the maximum."""
    h, i = symbols("h i")
    first, last = Rational(1, 10), Rational(17, 20)
    curve = coin_log(theta, N, N1)
    cells = floor((last - first) / h + Rational(1, 10**9))

    def node(number: Expr) -> Expr:
        return first + h * Max(0, Min(cells, number))

    below = node(floor((best - first) / h))
    above = node(floor((best - first) / h) + 1)
    found = Piecewise((below, curve.subs(theta, below) >= curve.subs(theta, above)), (above, True))
    highest = (curve - curve.subs(theta, best)).subs(theta, found)
    return Figure(
        parameters=[
            Slider(symbol=h, minimum=0.01, maximum=0.25, value=0.05, step=0.01, format=".2f", label="grid step h"),
            Slider(symbol=N, minimum=10, maximum=500, value=100, scale="log", integer=True, label=_TOSSES),
            Slider(symbol=N1, minimum=1, maximum=N - 1, value=57, integer=True, label=_HEADS, color=0),
        ],
        panels=[
            Panel(
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(
                    label="ln L(θ) − ln L(θ̂)",
                    minimum=Min(-12, Rational(21, 20) * highest),
                    maximum=2,
                ),
                marks=[
                    Curve(y=curve - curve.subs(theta, best), variable=theta, label="the curve"),
                    Trajectory(
                        start={i: 0}, step={i: i + 1}, steps=cells, x=first + h * i,
                        y=(curve - curve.subs(theta, best)).subs(theta, first + h * i),
                        color=2,
                        label="what the grid sees",
                    ),
                    Rule(x=best, dashed=True, label=text("maximum {best:.3f}")),
                    Point(x=best, y=0, drag=((N1, Lambda(u, N * u)), None), color=0),
                    Point(x=found, y=highest, color=1,
                          label=text("best on the grid {found:.2f}", found=found)),
                ],
            )
        ],
        readout=[
            text("The grid 0.10, 0.10 + h, … up to 0.85 answers {found:.2f}; the maximum is {N1}/{N} = {best:.4f}. "
                 "It is off by {error:.4f}.", found=found, error=Abs(found - best)),
        ],
        caption=(
            "Between its points a grid misses the maximum by less than one step h; beyond its end it answers with "
            "its end. Lower grid step h with 57 heads in 100 tosses, then with 95: the first error can vanish, the "
            "second never falls below 0.10."
        ),
        description=text(
            "Log-likelihood of {N1} heads in {N} tosses with a grid of step {h}. The grid's best value is {found:.2f}, "
            "the maximum lies at {best:.3f}.", found=found,
        ),
        define={best: N1 / N},
    )  # fmt: skip


def curvature() -> Figure:
    """The sharper the peak of the log-likelihood, the surer the estimate."""
    f = symbols("f")
    relative = coin_log(theta, N, f * N) - coin_log(f, N, f * N)
    error = sqrt(f * (1 - f) / N)
    parabola = -((theta - f) ** 2) / (2 * error**2)
    tosses = (N, Lambda(u, f * (1 - f) / (u - f) ** 2))
    return Figure(
        parameters=[
            Slider(symbol=N, minimum=5, maximum=5000, value=100, scale="log", integer=True, label=_TOSSES, color=2),
            Slider(symbol=f, minimum=0.05, maximum=0.95, value=0.6, step=0.01, format=".2f", label="share θ̂ = N₁/N"),
        ],
        panels=[
            Panel(
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="ln L(θ) − ln L(θ̂)", minimum=-6, maximum=0.6),
                marks=[
                    Curve(y=relative, variable=theta, label="log-likelihood"),
                    Curve(y=parabola, variable=theta, dashed=True, label="parabola with the same curvature"),
                    Segment(x1=f - error, y1=-0.5, x2=f + error, y2=-0.5, color=2),
                    Point(x=f, y=0, drag=(f, None), color=6),
                    Point(x=f - error, y=-0.5, drag=(tosses, None), color=2),
                    Point(x=f + error, y=-0.5, drag=(tosses, None), color=2, label=text("θ̂ ± {e:.3f}", e=error)),
                ],
            )
        ],
        formula=Formula(name=r"\mathrm{se}", value=error, format=".4f", written={f: r"\hat\theta"}),
        readout=[
            text("Curvature at the maximum −N/(θ̂(1 − θ̂)) = {c:.4g}; standard error √(θ̂(1 − θ̂)/N) = {e:.4f}.",
                 c=-N / (f * (1 - f)), e=error),
        ],
        caption=(
            "Four times the tosses N halve the green bar: it reaches √(θ̂(1 − θ̂)/N) to each side. Drag an end of the "
            "bar to half its distance, and read tosses N; then go down to N = 20 with a share of 0.95, 19 heads, and "
            "watch the curve leave its dashed parabola."
        ),
        description=text(
            "Log-likelihood of {N} tosses around its maximum at θ = {f}, "
            "with the parabola that has the same curvature. "
            "One standard error is {e:.4f} to each side.", e=error,
        ),
    )  # fmt: skip


def noise_and_loss() -> Figure:
    """A model of the noise on the left is a loss on the right."""
    noise = symbols("noise")
    density = Piecewise((gaussian(r, s), Eq(noise, 0)), (laplace(r, s), True))
    squared, absolute = S.MSELoss(r / s, half=True) + log(ROOT * s), S.L1Loss(r) / s + log(2 * s)
    loss = Piecewise((squared, Eq(noise, 0)), (absolute, True))
    slope = loss.diff(r)
    paid = symbols("paid", real=True)
    e = symbols("e", real=True)
    return Figure(
        parameters=[
            Choice(symbol=noise, options={"Gaussian": 0, "Laplace": 1}, label="noise"),
            Slider(symbol=s, minimum=0.4, maximum=2, value=1, step=0.05, format=".2f", label="scale (σ or b)", color=2),
            Slider(symbol=r, minimum=-4, maximum=4, value=1.5, step=0.05, format=".2f", label="residual r", color=1),
        ],
        panels=[
            Panel(
                title="What we believe about the noise",
                x=Axis(label="residual r = ŷ − y", minimum=-4, maximum=4),
                y=Axis(label="density p(r)", minimum=0, maximum=1.3),
                marks=[
                    Area(y=density.subs(r, e), variable=e, color=0),
                    Curve(y=density.subs(r, e), variable=e, color=0),
                    *(Rule(x=end, color=2, dashed=True) for end in (-s, s)),
                    Point(x=r, y=density, drag=(r, None), color=1, label=text("{p:.3f}", p=density)),
                ],
            ),
            Panel(
                title="What we pay for a residual",
                x=Axis(label="residual r = ŷ − y", minimum=-4, maximum=4),
                y=Axis(label="loss −ln p(r)", minimum=-0.5, maximum=Max(Rational(19, 2), Rational(21, 20) * paid)),
                marks=[
                    Curve(y=loss.subs(r, e), variable=e, color=1),
                    Point(x=r, y=loss, drag=(r, None), color=1, label=text("{v:.3f}", v=loss)),
                ],
            ),
        ],
        formula=[
            Formula(name=r"-\ln p(r)", value=squared, show=Eq(noise, 0), written={s: r"\sigma"}),
            Formula(name=r"-\ln p(r)", value=absolute, show=Eq(noise, 1), written={s: "b"}),
        ],
        readout=[text("{noise} noise: the loss at r = {r} is {v:.3f} nats, its slope {d:.3f}.", v=loss, d=slope)],
        caption=(
            "Gaussian noise gives a loss whose slope has the size |r|/σ²; under Laplace noise the size is 1/b, "
            "everywhere but at 0. Switch noise, drag the point from r = 1 to r = 3, and watch the slope in the line "
            "below the panels."
        ),
        description=text(
            "Density of {noise} noise of scale {s} and its negative logarithm, the loss. "
            "At a residual of {r} the density is "
            "{p:.3f}, the loss {v:.3f}, the slope of the loss {d:.3f}.", p=density, v=loss, d=slope,
        ),
        define={paid: loss},
    )  # fmt: skip


def categorical_nll() -> Figure:
    """Three classes: the probability of the true one is all that the loss sees."""
    logits = symbols("cat dog horse")
    label, p = symbols("label p")
    log_p = log_softmax(logits)
    chosen = Piecewise((log_p[0], Eq(label, 0)), (log_p[1], Eq(label, 1)), (log_p[2], True))
    return Figure(
        parameters=[
            Choice(symbol=label, options={"cat": 0, "dog": 1, "horse": 2}, value="horse", label="true class"),
            *(
                Slider(symbol=z, minimum=-8, maximum=8, value=value, step=0.01, format=".2f", label=f"logit {z}",
                       cell=(str(z), "logit"))
                for z, value in zip(logits, (0, 0, 4.585), strict=True)
            ),
        ],
        panels=[
            Panel(
                title="What the network says",
                x=Axis(label="class"),
                y=Axis(label="probability", minimum=0, maximum=1.2),
                marks=[
                    Bars(heights=[exp(v) for v in log_p], names=["cat", "dog", "horse"], highlight=label, values=".3f",
                         color=0),
                    *(
                        Point(x=number, y=exp(v), color=6,
                              drag=(None, (z, Lambda(u, logit_of_share(u, [other for other in logits if other != z])))))
                        for number, (z, v) in enumerate(zip(logits, log_p, strict=True))
                    ),
                ],
            ),
            Panel(
                title="What the loss hears",
                x=Axis(label="probability of the true class", minimum=0, maximum=1),
                y=Axis(label="loss −ln p, in nats", minimum=0, maximum=Max(5, -Rational(21, 20) * chosen)),
                marks=[
                    Curve(y=S.NLLLoss([log(p)], 0), variable=p, color=1),
                    Point(x=exp(chosen), y=-chosen, color=1, label=text("{v:.4f}", v=-chosen)),
                ],
            ),
        ],
        formula=[
            Formula(name="-\\ln p", value=-log_p[number], format=".4f", show=Eq(label, number),
                    written={z: rf"z_{{\text{{{z}}}}}" for z in logits})
            for number in range(3)
        ],
        readout=[text("The true class is {label}: p = {p:.4f}, loss −ln p = {v:.4f} nats.", p=exp(chosen), v=-chosen)],
        caption=(
            "Only the probability of the true class counts; the same amount added to all three logits changes "
            "nothing. Switch true class to cat, then pull up the bar of cat, and watch the point slide down the curve."
        ),
        description=text(
            "Probabilities of cat {a:.3f}, dog {b:.3f} and horse {c:.3f}. The true class is {label}; its negative "
            "log-probability is {v:.4f}.", a=exp(log_p[0]), b=exp(log_p[1]), c=exp(log_p[2]), v=-chosen,
        ),
    )  # fmt: skip


def gradient_descent() -> Figure:
    """Gradient descent on the mean negative log-likelihood of a coin."""
    f, eta, start, t, w, way, x, z = symbols("f eta start t w way x z")
    nll, by_logit = S.BCELoss(x, f), S.BCEWithLogitsLoss(z, f)
    straight = w - eta * nll.diff(x).subs(x, w)
    # (1 − f) σ(z) − f σ(−z), as the book writes it: σ(z) − f.
    logit_slope = by_logit.diff(z).subs(sigmoid(-z), 1 - sigmoid(z)).expand()
    through_logit = sigmoid((z - eta * by_logit.diff(z)).subs(z, logit(w)))
    # A step of θ itself may leave (0, 1), where no coin lives: there the path ends.
    shown = Piecewise((w, (w >= 0) & (w <= 1)), (nan, True))
    update = Piecewise((through_logit, Eq(way, 1)), (straight, (w > 0) & (w < 1)), (w, True))
    return Figure(
        parameters=[
            Choice(symbol=way, options={"θ itself": 0, "the logit z": 1}, label="step in"),
            Slider(symbol=eta, minimum=0.001, maximum=10, value=0.02, scale="log", label="learning rate η"),
            Slider(symbol=start, minimum=0.02, maximum=0.98, value=0.1, step=0.01, format=".2f", label="start θ₀"),
            Slider(symbol=f, minimum=0.05, maximum=0.95, value=0.6, step=0.05, format=".2f", label="share N₁/N"),
            Slider(symbol=t, minimum=0, maximum=60, value=15, integer=True, label="steps"),
            Play(symbol=t, seconds=6),
        ],
        panels=[
            Panel(
                x=Axis(label="θ, probability of heads", minimum=0, maximum=1),
                y=Axis(label="mean negative log-likelihood, in nats", minimum=0, maximum=2.6),
                marks=[
                    Curve(y=nll, variable=x),
                    Rule(x=f, dashed=True),
                    Trajectory(start={w: start}, step={w: update}, steps=t, x=w, y=nll.subs(x, w), color=1),
                    Point(x=start, y=nll.subs(x, start), drag=(start, None), color=6, label="start"),
                    Point(x=w, y=nll.subs(x, w), color=1, label=text("θ = {w:.4f}", w=w)),
                ],
            )
        ],
        formula=[
            Formula(name=r"\text{slope by }\theta", value=nll.diff(x).subs(x, w), show=Eq(way, 0),
                    written={w: r"\theta"}, colors={w: 1}),
            Formula(name=r"\text{slope by }z", value=logit_slope, show=Eq(way, 1), colors={z: 1}),
        ],
        readout=[
            text("After {t} steps θ = {w:.6f}; the likelihood is largest at {f}. Loss {v:.6f}, lowest {b:.6f}.",
                 w=shown, v=nll.subs(x, w), b=nll.subs(x, f)),
        ],
        caption=(
            "With f = N₁/N, steps in θ itself cannot settle at f for η above 2f(1 − f), steps in the logit z for η "
            "above 2/(f(1 − f)), unless they hit f by chance. Set learning rate η to 1, switch step in, and watch "
            "which path ends in the valley."
        ),
        description=text(
            "Mean negative log-likelihood over θ for a share of heads of {f}, with {t} steps of gradient descent from "
            "θ = {start} at learning rate {eta}. The path has reached θ = {w:.4f}.", w=shown,
        ),
        define={z: logit(w)},
    )  # fmt: skip
