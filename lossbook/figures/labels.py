"""Figures of the chapter on cross-entropy: what becomes of weights, soft labels, temperatures and yes-or-no labels."""

from __future__ import annotations

from sympy import Expr, Lambda, Rational, Sum, exp, log, symbols

from lossbook.live import Axis, Bars, Choice, Curve, Figure, Formula, Panel, Point, Rule, Segment, Slider, Toggle, text
from lossbook.symbolic import losses as S  # noqa: N812
from lossbook.symbolic.primitives import sigmoid, softplus, xlogy
from lossbook.symbolic.probability import log_softmax, logit_of_share

from .crossentropy import _ANIMALS, _LOGITS, _PROBABILITY, _pick, _sliders, _tops

K, T, s, t, u, w, x, z = symbols("K T s t u w x z")


def class_weights() -> Figure:
    """What a weighted mean divides by: the weights for class indices, the rows for probabilities."""
    n, p, q = symbols("n p q")
    rare, common = S.NLLLoss((log(p),), 0), S.NLLLoss((log(q),), 0)

    def mean(weight: Expr, divisor: Expr) -> Expr:
        return (n * S.NLLLoss((log(p),), 0, (weight,)) + (10 - n) * common) / divisor

    by_weights, by_rows = mean(w, n * w + 10 - n), mean(w, 10)
    return Figure(
        parameters=[
            Slider(symbol=w, minimum=0.1, maximum=100, value=10, scale="log", label="weight w of the rare class"),
            Slider(symbol=n, minimum=1, maximum=9, value=1, integer=True, label="rare rows among 10"),
            Slider(symbol=p, minimum=0.05, maximum=0.95, value=0.3, step=0.05, format=".2f", label="rare row: p"),
            Slider(symbol=q, minimum=0.05, maximum=0.95, value=0.9, step=0.05, format=".2f",
                   label="common row: p"),
        ],
        panels=[
            Panel(
                x=Axis(label="weight w of the rare class (common: 1)", minimum=0.1, maximum=100, scale="log"),
                y=Axis(label="weighted mean loss, in nats", minimum=0.01, maximum=300, scale="log"),
                marks=[
                    Curve(y=mean(x, n * x + 10 - n), variable=x, color=0, label="indices: divided by Σ w"),
                    Curve(y=mean(x, 10), variable=x, color=1, dashed=True, label="probabilities: divided by 10"),
                    Rule(y=rare, dashed=True, label="a rare row"),
                    Rule(y=common, dashed=True, label="a common row"),
                    Point(x=w, y=by_weights, drag=(w, None), color=0),
                    Point(x=w, y=by_rows, drag=(w, None), color=1),
                    *(Point(x=Rational(1, 8), y=row, drag=(None, (chance, Lambda(u, exp(-u)))), color=6)
                      for chance, row in ((p, rare), (q, common))),
                ],
                wide=True,
            )
        ],
        formula=Formula(value=by_weights, name=r"\text{indices}", format=".4f",
                        written={p: r"p_{\text{rare}}", q: r"p_{\text{common}}"}),
        readout=[
            text("A rare row costs {a:.3f}, a common row {b:.3f}. Mean for class indices {c:.4f}, for one-hot "
                 "probabilities {d:.4f}.", a=rare, b=common, c=by_weights, d=by_rows),
        ],
        caption=(
            "Divided by the weights used, the mean stays between the losses of a common and a rare row; divided by "
            "the number of rows, it grows with w without end. Drag the point and change rare rows among 10: the two "
            "curves always cross at w = 1."
        ),
        description=text(
            "Weighted mean loss of {n} rare and 10 minus {n} common rows over the weight of the rare class. At weight "
            "{w} it is {c:.3f} where the weights are divided by, and {d:.3f} where the rows are.",
            c=by_weights, d=by_rows,
        ),
    )  # fmt: skip


def label_smoothing() -> Figure:
    """Cross-entropy and KL divergence of smoothed labels: the same slope, another floor."""
    others = log(K - 1)
    rest = s * (K - 1) / K  # what smoothing takes from the true class
    floor_ = -xlogy(1 - rest, 1 - rest) - xlogy(rest, s / K)
    best = log((1 - rest) * K / s)

    # Softmax against equal others is a sigmoid.
    def ce(logit: Expr) -> Expr:
        return S.BCEWithLogitsLoss(logit - others, 1 - rest) + rest * others

    def slope(logit: Expr) -> Expr:
        return ce(logit).diff(logit)

    p = symbols("p")  # of the true class
    by_chance = S.BCEWithLogitsLoss(z, 1 - rest).subs({softplus(-z): -log(p), softplus(z): -log(1 - p)})
    logit_axis = Axis(label="logit of the true class, the others 0", minimum=-5, maximum=15)
    return Figure(
        parameters=[
            Slider(symbol=s, minimum=0, maximum=0.5, value=0.1, step=0.01, format=".2f", label="smoothing s",
                   color=2),
            Slider(symbol=K, minimum=2, maximum=1000, value=10, scale="log", integer=True, label="classes K"),
            Slider(symbol=z, minimum=-5, maximum=15, value=2, step=0.1, format=".1f", label="logit of the true class"),
        ],
        panels=[
            Panel(
                title="Loss",
                x=logit_axis,
                y=Axis(label="loss, in nats", minimum=0, maximum=others + 5.2),
                marks=[
                    Curve(y=ce(x), variable=x, color=0, label="cross-entropy"),
                    Curve(y=ce(x) - floor_, variable=x, color=1, dashed=True, label="KL divergence"),
                    Rule(x=best, color=2, dashed=True),
                    Rule(y=floor_, color=0, dashed=True),
                    Point(x=z, y=ce(z), drag=(z, None), color=0, label=text("{v:.3f}", v=ce(z))),
                    Point(x=z, y=ce(z) - floor_, drag=(z, None), color=1),
                ],
            ),
            Panel(
                title="Slope: one curve for both",
                x=logit_axis,
                y=Axis(label="slope of the loss", minimum=-1.05, maximum=1.05),
                marks=[
                    Curve(y=slope(x), variable=x, color=0),
                    Rule(x=best, color=2, dashed=True, label="best"),
                    Point(x=z, y=slope(z), drag=(z, None), color=0, label=text("{v:.3f}", v=slope(z))),
                ],
            ),
        ],
        define={p: sigmoid(z - others)},
        formula=Formula(value=by_chance + rest * others, name=r"\ell"),
        readout=[
            text("Cross-entropy {a:.4f}, KL divergence {b:.4f}. Both are lowest at the logit {best:.2f}: "
                 "there they are {h:.4f}, the entropy of the labels, and 0.",
                 a=ce(z), b=ce(z) - floor_, best=best, h=floor_),
        ],
        caption=(
            "KL divergence is cross-entropy less the entropy of the label, so slope and best logit are the same. "
            "Raise smoothing s: the best logit moves left, and the floor of the cross-entropy rises. Set s to 0 and "
            "no logit is best."
        ),
        description=text(
            "Cross-entropy and KL divergence over the true class's logit, for {K} classes and smoothing {s}: one curve "
            "shifted down by the entropy {h:.3f}. Both are lowest at {best:.2f}.", h=floor_, best=best,
        ),
    )  # fmt: skip


def temperature() -> Figure:
    """A model whose logits are too large by one factor, and the temperature that puts it right."""
    factor, i = symbols("k i")
    said, true = exp(-softplus(-factor * x / T)), sigmoid(x)  # the odds are true at T = k

    def nll(at: Expr) -> Expr:
        u = i / 2
        return Sum(S.BCEWithLogitsLoss(factor * u / at, sigmoid(u)), (i, 0, 8)) / 9

    return Figure(
        parameters=[
            Slider(symbol=factor, minimum=0.4, maximum=4, value=2.5, step=0.1, format=".1f", label="logits times k",
                   color=2),
            Slider(symbol=T, minimum=0.25, maximum=8, value=1, scale="log", format=".2f", label="temperature T"),
        ],
        panels=[
            Panel(
                title="Reliability",
                x=Axis(label="confidence: the probability it gives its answer", minimum=0.5, maximum=1),
                y=Axis(label="share of right answers", minimum=0.5, maximum=1),
                marks=[
                    Curve(y=x, variable=x, color=6, dashed=True, label="calibrated"),
                    Curve(y=true, x=said, variable=x, range=(0, 12), color=1, label="this model"),
                    Segment(x1=said.subs(x, 1), y1=said.subs(x, 1), x2=said.subs(x, 1), y2=true.subs(x, 1), color=3),
                    Point(x=said.subs(x, 1), y=true.subs(x, 1), color=1,
                          drag=((T, Lambda(u, factor / logit_of_share(u))), None)),
                ],
            ),
            Panel(
                title="Mean loss",
                x=Axis(label="temperature T", minimum=0, maximum=8),
                y=Axis(label="negative log-likelihood, in nats", minimum=0.2, maximum=0.6 + 0.55 * factor),
                marks=[
                    Curve(y=nll(x), variable=x, range=(0.25, 8), color=0),
                    Rule(x=factor, color=2, dashed=True, label="k"),
                    Point(x=T, y=nll(T), drag=(T, None), color=0, label=text("{v:.3f}", v=nll(T))),
                ],
            ),
        ],
        readout=[
            text("Answers that are right in {true:.1%} of all cases get the confidence {said:.1%}. "
                 "Mean loss {v:.4f}; lowest {b:.4f}, at T = {k}.",
                 true=true.subs(x, 1), said=said.subs(x, 1), v=nll(T), b=nll(factor)),
        ],
        caption=(
            "Below the diagonal the model is surer than it is right, above it too modest. Drag the point on the loss"
            " until the model lies on the diagonal, and read the mean loss there; then set another factor in logits "
            "times k and do it again."
        ),
        description=text(
            "Reliability curve of a model with logits {k} times too large, at temperature {T}: where it is right in "
            "{true:.1%} of all cases it says {said:.1%}. The mean loss is {v:.3f}, lowest at T = {k}.",
            true=true.subs(x, 1), said=said.subs(x, 1), v=nll(T),
        ),
    )  # fmt: skip


def binary() -> Figure:
    """Binary cross-entropy over the logit, for any target from 0 to 1."""

    def loss(logit: Expr) -> Expr:
        return S.BCEWithLogitsLoss(logit, t)

    def slope(logit: Expr) -> Expr:
        return loss(logit).diff(logit)

    axis = Axis(label="logit z", minimum=-8, maximum=8)
    return Figure(
        parameters=[
            Slider(symbol=t, minimum=0, maximum=1, value=1, step=0.05, format=".2f", label="target t", color=4),
            Slider(symbol=z, minimum=-8, maximum=8, value=-2, step=0.1, format=".1f", label="logit z"),
        ],
        panels=[
            Panel(
                title="Loss",
                x=axis,
                y=Axis(label="loss, in nats", minimum=0, maximum=8),
                marks=[
                    Curve(y=S.BCEWithLogitsLoss(x, 1), variable=x, color=2, dashed=True, label="cost of a yes"),
                    Curve(y=S.BCEWithLogitsLoss(x, 0), variable=x, color=3, dashed=True, label="cost of a no"),
                    Curve(y=loss(x), variable=x, color=0, label="their mix"),
                    Point(x=z, y=loss(z), drag=(z, None), color=0, label=text("{v:.3f}", v=loss(z))),
                ],
            ),
            Panel(
                title="Probability and slope",
                x=axis,
                y=Axis(label="σ(z), and σ(z) − t", minimum=-1.05, maximum=1.05),
                marks=[
                    Curve(y=sigmoid(x), variable=x, color=6, label="σ(z)"),
                    Curve(y=slope(x), variable=x, color=0, label="slope of the loss"),
                    Segment(x1=z, y1=0, x2=z, y2=slope(z), color=1),
                    Rule(y=t, color=4, dashed=True, label="t"),
                    Point(x=z, y=sigmoid(z), drag=(z, None), color=6),
                    Point(x=z, y=slope(z), drag=(z, None), color=0, label=text("{v:.3f}", v=slope(z))),
                ],
            ),
        ],
        formula=Formula(value=loss(z), name=r"\ell(z)", terms=loss(z).args),
        readout=[text("σ(z) = {p:.4f}, target {t}: loss {v:.4f} nats, slope {d:.4f}.",
                      p=sigmoid(z), v=loss(z), d=slope(z))],
        caption=(
            "The loss mixes the cost of a yes and the cost of a no; its slope, σ(z) − t, never exceeds 1 in size. "
            "Set target t between 0 and 1 and drag the point to the lowest loss: the slope crosses 0 there, and σ(z)"
            " equals t."
        ),
        description=text(
            "Binary cross-entropy over the logit for the target {t}. At the logit {z} the probability is {p:.3f}, the "
            "loss {v:.3f} and the slope {d:.3f}.", p=sigmoid(z), v=loss(z), d=slope(z),
        ),
    )  # fmt: skip


def one_or_many() -> Figure:
    """The same logits read by one softmax, and by three sigmoids."""
    chosen = symbols("chosen")
    present = symbols("has_cat has_dog has_horse")
    log_p = log_softmax(_LOGITS)
    yes = [sigmoid(logit) for logit in _LOGITS]
    one = -_pick(chosen, log_p)
    many = sum(S.BCEWithLogitsLoss(logit, h) for h, logit in zip(present, _LOGITS, strict=True))
    return Figure(
        parameters=[
            *_sliders((3, 2, -3), 6),
            Choice(symbol=chosen, options={"cat": 0, "dog": 1, "horse": 2}, label="softmax: the one class"),
            *(
                Toggle(symbol=h, value=v, label=f"sigmoids: {animal} in the picture")
                for h, v, animal in zip(present, (True, True, False), _ANIMALS, strict=True)
            ),
        ],
        panels=[
            Panel(
                title="One softmax: which one is it?",
                x=Axis(label="class"),
                y=_PROBABILITY,
                marks=[Bars(heights=[exp(v) for v in log_p], names=_ANIMALS, color=0, highlight=chosen, values=".3f"),
                       *_tops(_LOGITS, [exp(v) for v in log_p])],
            ),
            Panel(
                title="Three sigmoids: which ones are there?",
                x=Axis(label="class"),
                y=_PROBABILITY,
                marks=[
                    Bars(heights=yes, names=_ANIMALS, color=2, values=".3f"),
                    *(Point(x=i + 0.42, y=h, color=1) for i, h in enumerate(present)),
                    *_tops(_LOGITS, yes, together=False),
                ],
            ),
        ],
        readout=[
            text("Softmax: the probabilities add up to 1; loss of {chosen} {v:.4f} nats.", v=one),
            text("Sigmoids: they add up to {total:.3f}. The dots are the labels; the three losses add up to {v:.4f}.",
                 total=sum(yes), v=many),
        ],
        caption=(
            "One softmax always shares out a total of 1; three sigmoids may add up to anything between 0 and 3. Move "
            "logit cat, or drag the top of its bar, and watch dog in both panels. The dots are labels: switch them "
            "and watch the sum of the three losses."
        ),
        description=text(
            "Logits of cat {cat}, dog {dog} and horse {horse}. Softmax: {a:.3f}, {b:.3f}, {c:.3f}. Sigmoids: {d:.3f}, "
            "{e:.3f}, {f:.3f}. Loss of the class {chosen}: {v:.3f}; loss of the three yes-or-no labels: {u:.3f}.",
            **dict(zip("abcdef", [*(exp(v) for v in log_p), *yes], strict=True)), v=one, u=many,
        ),
    )  # fmt: skip
