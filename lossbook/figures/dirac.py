"""Figures of the chapter on GAN losses: how the two players move, on the smallest game there is."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Expr, Max, Min, Mod, Piecewise, Rational, cos, pi, sin, sqrt, symbols

from lossbook.live import (
    Axis,
    Choice,
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
    Toggle,
    Trajectory,
    VectorField,
    text,
)
from lossbook.symbolic import gan as games
from lossbook.symbolic import losses as S  # noqa: N812

eta, gamma, c, t = symbols("eta gamma c t")
u, v, s = symbols("u v s", real=True)

_NONE, _R1, _CLIP, _GP = range(4)


# Each game's terms at the score s: real, made up, generator. Least squares has the labels −1 and 1, and wants 1.
_GAMES = {
    "minimax": games.MinimaxGANLoss(s),
    "non-saturating": games.NonSaturatingGANLoss(s),
    "Wasserstein": games.WassersteinGANLoss(s),
    "least squares": games.LeastSquaresGANLoss(s, a=-1, b=1, c=1),
    "hinge": games.HingeGANLoss(s),
}


def _pulls(loss: Any, score: Any) -> tuple[Expr, Expr]:
    """Return the slope of the discriminator's term for a made-up sample, and minus that of the generator's."""
    terms = list(enumerate(_GAMES.values()))
    fake = Piecewise(*((made_up.diff(s).subs(s, score), Eq(loss, i)) for i, (_, made_up, _) in terms))
    back = Piecewise(*((-generator.diff(s).subs(s, score), Eq(loss, i)) for i, (*_, generator) in terms))
    return fake, back


# Penalties of a linear critic's slope: R1 holds it at 0, WGAN-GP its size at 1.
def _r1(slope: Expr) -> Expr:
    return S.MSELoss(slope, half=True)


def _gp(slope: Expr) -> Expr:
    return S.MSELoss(Abs(slope) - 1, half=True)


def portrait() -> Figure:
    """Dirac-GAN: where generator and discriminator push each other, and the path that they take."""
    loss, penalty, turns, theta0 = symbols("loss penalty turns theta0")

    def moves(theta: Any, psi: Any) -> tuple[Expr, Expr]:
        fake, back = _pulls(loss, psi * theta)
        held = gamma * Piecewise(
            (_r1(psi).diff(psi), Eq(penalty, _R1)), (_gp(psi).diff(psi), Eq(penalty, _GP)), (0, True)
        )
        return back * psi, -fake * theta - held

    def step(theta: Any, psi: Any, n: Any) -> dict[Any, Expr]:
        forward, sideways = moves(theta, psi)
        bound = Piecewise((gamma, Eq(penalty, _CLIP)), (10**6, True))
        return {
            # In turns each step is two halves: the discriminator moves in the first, the generator in the second.
            theta: theta + eta * forward * (1 - turns * Mod(n + 1, 2)),
            psi: Max(-bound, Min(bound, psi + eta * sideways * (1 - turns * Mod(n, 2)))),
            n: n + 1,
        }

    (th, ps, n), (other, critic, m) = symbols("theta psi n", real=True), symbols("theta2 psi2 m", real=True)
    steps = t * (1 + turns)
    away = sqrt(th**2 + ps**2)
    dx, dy = moves(u, v)
    return Figure(
        parameters=[
            Choice(symbol=loss, label="loss", value="Wasserstein", options={name: i for i, name in enumerate(_GAMES)}),
            Choice(symbol=penalty, label="penalty", value="R1", options={
                "none": _NONE, "R1": _R1, "clipping": _CLIP, "WGAN-GP": _GP}),
            Toggle(symbol=turns, label="in turns"),
            Slider(symbol=eta, minimum=0.01, maximum=0.3, value=0.1, scale="log", label="step η"),
            Slider(symbol=gamma, minimum=0.05, maximum=1, value=0.4, step=0.05, format=".2f", label="weight γ, clip c"),
            Slider(symbol=theta0, minimum=-1.5, maximum=1.5, value=1, step=0.05, visible=False),
            Slider(symbol=t, minimum=0, maximum=300, value=120, integer=True, label="steps"),
            Play(symbol=t, seconds=8),
        ],
        panels=[
            Panel(
                title="Phase portrait",
                x=Axis(label="generator θ", minimum=-2.5, maximum=2.5),
                y=Axis(label="discriminator ψ", minimum=-2.5, maximum=2.5),
                equal=True,
                marks=[
                    VectorField(dx=dx, dy=dy, variables=(u, v), color=6),
                    Trajectory(start={th: theta0, ps: 0, n: 0}, step=step(th, ps, n), steps=steps, x=th, y=ps,
                               color=0),
                    Point(x=0, y=0, color=2),
                    Point(x=theta0, y=0, drag=(theta0, None), color=6),
                    Point(x=th, y=ps, color=1),
                ],
            ),
            Panel(
                title="Distance from the solution",
                x=Axis(label="steps", minimum=0, maximum=300),
                y=Axis(label="√(θ² + ψ²)", minimum=1e-3, maximum=10, scale="log"),
                marks=[
                    Trajectory(start={other: theta0, critic: 0, m: 0}, step=step(other, critic, m), steps=steps,
                               x=m / (1 + turns), y=sqrt(other**2 + critic**2), color=1),
                ],
            ),
        ],
        formula=[
            Formula(
                name=r"\text{discriminator}", value=real.subs(s, 0) + made_up.subs(s, ps * th) + held,
                terms=[held] if held else [], show=Piecewise((1, Eq(loss, i) & chosen), (0, True)),
            )
            for i, (real, made_up, _) in enumerate(_GAMES.values())
            for held, chosen in (
                (0, Eq(penalty, _NONE) | Eq(penalty, _CLIP)),
                (gamma * _r1(ps), Eq(penalty, _R1)),
                (gamma * _gp(ps), Eq(penalty, _GP)),
            )
        ],
        readout=[text("{loss}, penalty {penalty}, steps: {t}. θ = {a:.3f}, ψ = {b:.3f}, distance {d:.4f}.",
                      a=th, b=ps, d=away)],
        caption=(
            "The players drive each other round the solution. R1 adds a push that fades there, and brings all five "
            "losses home if weight γ exceeds step η. Set penalty to none, clipping or WGAN-GP and watch the "
            "distance."
        ),
        description=text(
            "Dirac-GAN under {loss}, penalty {penalty}, step {eta}. Steps: {t}. θ = {a:.2f}, ψ = {b:.2f}.",
            a=th, b=ps,
        ),
    )  # fmt: skip


def multipliers() -> Figure:
    """The linearised game: what one step multiplies a small deviation by, in the complex plane."""
    slope = symbols("slope")
    logarithmic, straight = (float(_GAMES[name][1].diff(s).subs(s, 0)) for name in ("minimax", "Wasserstein"))
    root = sqrt(Abs(gamma**2 / 4 - slope**2))
    turning = Piecewise((1, gamma < 2 * slope), (0, True))
    first = (1 - eta * (gamma / 2 + root * (1 - turning)), eta * root * turning)
    second = (1 - eta * (gamma / 2 - root * (1 - turning)), -eta * root * turning)
    size = Max(sqrt(first[0] ** 2 + first[1] ** 2), sqrt(second[0] ** 2 + second[1] ** 2))
    return Figure(
        parameters=[
            Choice(symbol=slope, label="loss", value="the others: 1",
                   options={"logarithmic: 1/2": logarithmic, "the others: 1": straight}),
            Slider(symbol=eta, minimum=0.02, maximum=1, value=0.4, step=0.01, format=".2f", label="step η"),
            Slider(symbol=gamma, minimum=0, maximum=3, value=0, step=0.05, format=".2f", label="R1 weight γ", color=1),
        ],
        panels=[
            Panel(
                title="Multipliers of one step",
                x=Axis(label="real part", minimum=-2.2, maximum=2.2),
                y=Axis(label="imaginary part", minimum=-1.4, maximum=1.4),
                equal=True,
                marks=[
                    Curve(x=cos(u), y=sin(u), variable=u, range=(0, 2 * pi), color=6, label="size 1"),
                    Segment(x1=0, y1=0, x2=first[0], y2=first[1], color=1),
                    Segment(x1=0, y1=0, x2=second[0], y2=second[1], color=0),
                    Point(x=first[0], y=first[1], color=1, label=text("size {r:.3f}", r=size)),
                    Point(x=second[0], y=second[1], color=0),
                ],
            ),
            Panel(
                title="Size of the larger one, over γ",
                x=Axis(label="R1 weight γ", minimum=0, maximum=3),
                y=Axis(label="growth of a deviation per step", minimum=0, maximum=2.2),
                marks=[
                    Rule(y=1, dashed=True),
                    Curve(y=size.subs(gamma, u), variable=u, color=1),
                    Point(x=gamma, y=size, color=1, label=text("{r:.3f}", r=size)),
                ],
            ),
        ],
        readout=[text("A small deviation is multiplied by {r:.4f} at each step, by {h:.3g} in a hundred steps.",
                      r=size, h=size**100)],
        caption=(
            "Without R1 both multipliers lie outside the circle, whatever the step η. Raise R1 weight γ until they "
            "meet on the real axis (at 1 for logarithmic losses, at 2 for the others): there a deviation shrinks "
            "fastest."
        ),
        description=text(
            "Multipliers of the linearised game at step {eta} and weight {gamma}: {a:.2f} ± {b:.2f} i, the larger of "
            "size {r:.3f}; below 1 the game converges.", a=first[0], b=first[1], r=size,
        ),
    )  # fmt: skip


def critic_training() -> Figure:
    """A linear critic between two points, trained without a bound, clipped, and with a gradient penalty."""
    gap, kappa, revealed = symbols("gap kappa revealed")
    free, clipped, held = symbols("free clipped held", real=True)
    rate = Rational(1, 25)
    real, made_up, _ = _GAMES["Wasserstein"]

    def cost(slope: Expr) -> Expr:
        return real.subs(s, 0) + made_up.subs(s, slope * gap)

    whole = cost(held) + 2 * kappa * _gp(held)
    runs = (
        ("no bound", 1, free, free - rate * cost(free).diff(free), revealed),
        ("clipped", 3, clipped, Max(-c, clipped - rate * cost(clipped).diff(clipped)), 1),
        ("penalty", 2, held, held - rate * whole.diff(held), 1),
    )
    marks: list[Any] = []
    for name, color, state, after, show in runs:
        count = symbols(f"n_{state}")
        marks += [
            Trajectory(start={state: 0, count: 0}, step={state: after, count: count + 1}, steps=t, x=count, y=-state,
                       color=color, label=name, show=show),
            Point(x=t, y=-state, color=color, show=show),
        ]  # fmt: skip
    found = {"a": -free * gap, "b": -clipped * gap, "d": -held * gap}
    return Figure(
        parameters=[
            Predict(
                question="Two critics have a bound. What does the slope of one without a bound do?",
                revealed=revealed,
                options=["It settles at 1", "It settles above 1", "It grows at every step"],
                right=2,
                answer=text(
                    "It grows by {g:.2f} at every step. Without a bound the critic claims a distance of {a:.2f}; it is "
                    "{gap}.", g=rate * gap, a=found["a"],
                ),
            ),
            Slider(symbol=gap, minimum=0.5, maximum=4, value=2, step=0.05, format=".2f", label="distance", color=1),
            Slider(symbol=c, minimum=0.01, maximum=2, value=0.3, step=0.01, format=".2f", label="clip c", color=3),
            Slider(symbol=kappa, minimum=1, maximum=10, value=5, step=0.5, format=".1f", label="penalty weight κ",
                   color=2),
            Slider(symbol=t, minimum=0, maximum=60, value=30, integer=True, label="steps of the critic"),
            Play(symbol=t, seconds=5),
            Slider(symbol=revealed, minimum=0, maximum=1, value=0, integer=True, visible=False),
        ],
        panels=[
            Panel(
                title="The critic's slope",
                x=Axis(label="steps of the critic", minimum=0, maximum=60),
                y=Axis(label="steepness |w|", minimum=0, maximum=5),
                marks=[*marks, Rule(y=1, dashed=True), Rule(y=c, color=3, dashed=True, label="c")],
            ),
            Panel(
                title="The critic",
                x=Axis(label="x (real at 0; drag the made-up point)", minimum=-0.5, maximum=4.5),
                y=Axis(label="score f(x)", minimum=-6, maximum=2),
                marks=[
                    *(Curve(y=state * u, variable=u, color=color, show=show) for _, color, state, _, show in runs),
                    Curve(y=-u, variable=u, color=6, dashed=True, label="slope 1"),
                    Point(x=0, y=0, color=0, label="real"),
                    Point(x=gap, y=0, color=1, drag=(gap, None), label="made up"),
                ],
            ),
        ],
        readout=[
            text("f(real) − f(made up), which should be the distance {gap}: clipped {b:.2f}, penalty {d:.2f}.",
                 **found),
        ],
        formula=Formula(
            name=r"\text{cost with the penalty}", value=whole, terms=[cost(held), 2 * kappa * _gp(held)],
            written={held: "w", gap: r"\Delta"},
        ),
        caption=(
            "Without a bound the slope grows by the same amount at every step. Clipping stops it at c, so only c = 1"
            " can give the distance; the penalty stops it above 1, nearer for a larger κ. Press Play, then move clip"
            " c."
        ),
        description=text(
            "A linear critic between points {gap} apart; steps: {t}. Its estimate of the distance is {b:.2f} clipped "
            "at {c}, {d:.2f} with a gradient penalty.", **found,
        ),
    )  # fmt: skip


def loss_sensitive() -> Figure:
    """Loss-sensitive GAN: the margin between a real sample and a made-up one is their distance."""
    real, fake, far, lam = symbols("real fake far lam")
    short = far + real - fake
    cost = games.LossSensitiveGANLoss(real, fake, far, lam)
    return Figure(
        parameters=[
            Slider(symbol=far, minimum=0, maximum=3, value=1.5, step=0.05, format=".2f", label="distance Δ"),
            Slider(symbol=real, minimum=0, maximum=2, value=0.5, step=0.05, format=".2f", label="L(real)"),
            Slider(symbol=fake, minimum=0, maximum=6, value=1, step=0.05, format=".2f", label="L(made up)"),
            Slider(symbol=lam, minimum=0.2, maximum=2, value=1, step=0.1, format=".1f", label="weight λ"),
        ],
        panels=[
            Panel(
                title="A pair",
                x=Axis(label="distance of the samples", minimum=-0.5, maximum=3.5),
                y=Axis(label="loss L of a sample", minimum=0, maximum=6.2),
                marks=[
                    Curve(y=real + u, variable=u, range=(0, Rational(7, 2)), color=6, dashed=True,
                          label="L(real) + Δ"),
                    Segment(x1=far, y1=fake, x2=far, y2=fake + Max(0, short), arrow=True, color=3),
                    Point(x=0, y=real, drag=(None, real), color=0, label="real"),
                    Point(x=far, y=fake, drag=(far, fake), color=1, label="made up"),
                ],
            ),
            Panel(
                title="The critic's cost",
                x=Axis(label="L(made up)", minimum=0, maximum=6),
                y=Axis(label="cost of the pair", minimum=0, maximum=8),
                marks=[
                    Curve(y=cost.subs(fake, u), variable=u, color=2),
                    Rule(x=real + far, dashed=True, label="margin met"),
                    Point(x=fake, y=cost, drag=(fake, None), color=1,
                          label=text("{v:.3f}", v=cost)),
                ],
            ),
        ],
        formula=Formula(
            name=r"\text{cost}", value=cost,
            written={real: r"L(\text{real})", fake: r"L(\text{made up})", far: r"\Delta", lam: r"\lambda"},
        ),
        readout=[
            text("Missing to the margin: {m:.2f}. Slope of the critic's cost: {a:.1f} by L(real), {b:.1f} by "
                 "L(made up).", m=Max(0, short), a=cost.diff(real), b=cost.diff(fake)),
        ],
        caption=(
            "The margin is the distance Δ: near a real sample, a made-up one may cost nearly as little. On or above "
            "the dashed line the critic leaves it in peace. Drag made up across the line and watch the cost stop "
            "falling."
        ),
        description=text(
            "A made-up sample at a distance of {far} from a real one of loss {real} has the loss {fake}; {m:.2f} are "
            "missing to the margin, and the pair costs {v:.3f}.", m=Max(0, short), v=cost,
        ),
    )  # fmt: skip
