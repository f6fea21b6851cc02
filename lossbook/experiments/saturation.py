"""The same small network on handwritten digits, trained with cross-entropy and with squared error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .record import Experiment
from .starts import Start
from .threads import one_thread

CROSS_ENTROPY, SQUARED_ERROR = LOSSES = ("cross-entropy", "squared error")
#: Learning rates to choose from, in steps of 1, 2, 5. The slopes of squared error are smaller, so its rates lie higher.
RATES = {CROSS_ENTROPY: (0.05, 0.1, 0.2, 0.5, 1.0, 2.0), SQUARED_ERROR: (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)}
#: A lively rate of each loss, at which the record counts the wrong labels that are learnt by heart.
LIVELY = {CROSS_ENTROPY: 0.5, SQUARED_ERROR: 2.0}
#: After how many steps the record looks at a run; the learning rate is chosen anew for each.
SNAPSHOTS = (50, 150, 400)

#: After how many of them it keeps what is read at every rate.
RATED = (SNAPSHOTS[0], SNAPSHOTS[-1])

TRAINING, VALIDATION = 1000, 300
HIDDEN, _CLASSES = 32, 10
#: How often a network is tested on the way.
EVERY = 10


@dataclass(frozen=True)
class Condition:
    """What a network starts from, and what it learns from.

    Attributes
    ----------
    gain : float
        How many times too large the last layer's weights start: a large gain makes the network sure at random.
    noise : float
        Share of training and validation labels that are replaced by another class.
    """

    gain: float = 1.0
    noise: float = 0.0


ORDINARY, SURE, NOISY = "an ordinary start", "a start that is sure", "40% wrong labels"
CONDITIONS = {ORDINARY: Condition(), SURE: Condition(gain=10.0), NOISY: Condition(noise=0.4)}


@dataclass(frozen=True)
class Runs:
    """One loss at several learning rates, from several starts.

    Attributes
    ----------
    loss : str
        ``"cross-entropy"`` or ``"squared error"``.
    rates : sequence of float
        The learning rates.
    steps : ndarray, shape (n,)
        Steps after which the networks were tested.
    test : ndarray, shape (rates, starts, n)
        Share of test digits that were read rightly after those steps.
    validation : ndarray, shape (rates, starts, n)
        The same on the digits that the learning rate is chosen by.
    by_heart : ndarray, shape (rates, starts, n)
        Share of the wrong training labels that the network gives as they are; 0 where no label is wrong.
    """

    loss: str
    rates: Sequence[float]
    steps: NDArray[np.intp]
    test: NDArray[np.float64]
    validation: NDArray[np.float64]
    by_heart: NDArray[np.float64]

    def at(self, steps: int) -> int:
        """Return the place of a number of steps among those that were tested."""
        return int(np.flatnonzero(self.steps == steps)[0])

    def chosen(self, steps: int) -> NDArray[np.intp]:
        """Return for each start the place of the rate that reads its validation digits best; the lower of equals."""
        return np.asarray(self.validation[:, :, self.at(steps)].argmax(0))

    def curves(self, steps: int) -> NDArray[np.float64]:
        """Return the test curve of each start at the rate that is chosen for a number of steps, shape (starts, n)."""
        return self.test[self.chosen(steps), range(self.test.shape[1])]

    def stopped(self) -> NDArray[np.float64]:
        """Return the test share of each start where rate and number of steps are both chosen by validation."""
        each = self.validation.swapaxes(0, 1).reshape(self.test.shape[1], -1).argmax(1)
        rate, step = np.unravel_index(each, (len(self.rates), len(self.steps)))
        return self.test[rate, range(self.test.shape[1]), step]


@cache
def _data() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return images / 8 - 1, labels


def digits(seed: int, noise: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return images, shape (64, N), labels, and which labels are wrong, in the order of a seed.

    The first `TRAINING` are to learn from, the next `VALIDATION` to choose by, and the rest, rightly labelled, to test.
    """
    images, labels = _data()
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(labels))
    given = labels[order].copy()
    wrong = np.flatnonzero(chance.random(TRAINING + VALIDATION) < noise)
    given[wrong] = (given[wrong] + chance.integers(1, _CLASSES, len(wrong))) % _CLASSES
    return torch.tensor(images[order].T, dtype=torch.float32), torch.tensor(given), torch.tensor(given != labels[order])


def _network(start: Start, condition: Condition) -> list[torch.Tensor]:
    """Return the weights of one network; biases start at 0."""
    chance = torch.Generator().manual_seed(start.seed)
    hidden = torch.randn(HIDDEN, 64, generator=chance) / 64**0.5
    last = torch.randn(_CLASSES, HIDDEN, generator=chance) / HIDDEN**0.5 * condition.gain
    return start.disturb([hidden, last])


def _slopes(loss: str, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the slope by the logits of −ln p of the true class, or of half the squared distance of the probabilities.

    Classes are the second dimension from the end, images the last: so softmax is several times faster. The chapter
    derives both slopes; tests hold them against those of PyTorch.
    """
    p = torch.softmax(logits, dim=-2)
    error = p - targets
    if loss == CROSS_ENTROPY:
        return error
    if loss == SQUARED_ERROR:
        return p * (error - (p * error).sum(-2, keepdim=True))
    raise ValueError(f"loss: expected {CROSS_ENTROPY!r} or {SQUARED_ERROR!r}, got {loss!r}")


@one_thread()
def train(
    loss: str,
    starts: Sequence[Start],
    *,
    rates: Sequence[float] = (),
    steps: int = 150,
    condition: Condition = CONDITIONS[ORDINARY],
) -> Runs:
    """Train 64 inputs, 32 tanh units and 10 logits by plain gradient descent on all of the training digits.

    Parameters
    ----------
    loss : {"cross-entropy", "squared error"}
        Of the softmax of the logits.
    starts : sequence of Start
        Each seed gives split, wrong labels and first weights. All starts at all rates are trained at once, as one more
        dimension.
    rates : sequence of float
        Learning rates; those of `RATES` if not given.
    steps : int
        Steps of descent.
    condition : Condition
        What the networks start from, and learn from.
    """
    rates = tuple(rates) or RATES[loss]
    known = [TRAINING, TRAINING + VALIDATION]
    parts = zip(*(digits(start.seed, condition.noise) for start in starts), strict=True)
    images, labels, wrong = (torch.stack(part) for part in parts)
    x, x_val, x_test = (part.contiguous() for part in images.tensor_split(known, -1))
    y, y_val, y_test = (part[:, None] for part in labels.tensor_split(known, -1))
    wrong = wrong[:, None, :TRAINING]
    rows, targets = x.mT.contiguous(), torch.nn.functional.one_hot(y, _CLASSES).float().mT.contiguous()

    # Of each start there are as many networks as rates. They share their images, so their hidden units stand in one
    # matrix: (starts, rates · hidden, 64). Behind those each network has its own: (starts · rates, 10, hidden).
    shape = (len(starts), len(rates))
    weights = zip(*(_network(start, condition) for start in starts), strict=True)
    w1, w2 = (torch.stack(own)[:, None].repeat(1, len(rates), 1, 1) for own in weights)
    w1, w2 = w1.flatten(1, 2), w2.flatten(0, 1)
    b1, b2 = torch.zeros(*w1.shape[:2], 1), torch.zeros(*w2.shape[:2], 1)
    rate = torch.tensor(rates).repeat(len(starts)).view(-1, 1, 1)
    first_rate = torch.tensor(rates).repeat_interleave(HIDDEN).view(1, -1, 1)

    def forward(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = torch.baddbmm(b1, w1, images).tanh_().view(-1, HIDDEN, images.shape[-1])
        return hidden, torch.baddbmm(b2, w2, hidden)

    def share(images: torch.Tensor, labels: torch.Tensor, among: torch.Tensor | None = None) -> NDArray[np.float64]:
        """Return which share of these labels the networks give."""
        given = forward(images)[1].argmax(-2).view(*shape, -1) == labels
        asked = torch.ones_like(labels, dtype=torch.bool) if among is None else among
        return ((given & asked).sum(-1).double() / asked.sum(-1)).T.numpy()

    def look() -> tuple[NDArray[np.float64], ...]:
        learnt = share(x, y, wrong) if condition.noise else np.zeros(shape[::-1])
        return share(x_test, y_test), share(x_val, y_val), learnt

    tested = [0, *(step for step in range(1, steps + 1) if step % EVERY == 0 or step == steps)]
    seen = [look()]
    for step in range(1, steps + 1):
        hidden, logits = forward(x)
        pull = _slopes(loss, logits.view(*shape, _CLASSES, -1), targets[:, None, 0]).flatten(0, 1) / TRAINING
        back = w2.mT @ pull
        # The slope of tanh is 1 − tanh².
        back = back.addcmul_(back * hidden, hidden, value=-1).view(len(starts), -1, TRAINING)
        for parameter, slope, own in (
            (w2, pull @ hidden.mT, rate),
            (b2, pull.sum(-1, keepdim=True), rate),
            (w1, back @ rows, first_rate),
            (b1, back.sum(-1, keepdim=True), first_rate),
        ):
            parameter -= own * slope
        if step in tested:
            seen.append(look())
    test, validation, by_heart = (np.stack(shares, -1) for shares in zip(*seen, strict=True))
    return Runs(loss, rates, np.array(tested), test, validation, by_heart)


def case_of(condition: str, loss: str) -> str:
    """Return the name of a case of the record."""
    return f"{condition}: {loss}"


def at_rate(rate: float) -> str:
    """Return the name under which the record keeps what is read at a fixed rate."""
    return f"right at η = {rate:g}"


def _measure(case: str, starts: Sequence[Start]) -> dict[str, NDArray[Any]]:
    condition, loss = case.split(": ")
    runs = train(loss, starts, steps=SNAPSHOTS[-1], condition=CONDITIONS[condition])
    places = [runs.at(steps) for steps in SNAPSHOTS]
    rated = [runs.at(steps) for steps in RATED]
    chosen = np.array([runs.chosen(steps) for steps in SNAPSHOTS]).T
    each = np.arange(len(starts))[:, None]
    tested = len(_data()[1]) - TRAINING - VALIDATION
    lively = {"by heart": runs.by_heart[runs.rates.index(LIVELY[loss])][:, places].round(3)}
    # Shares have three digits and fixed rates whole counts, to keep the file small.
    return {
        "test": runs.test[chosen, each, places].round(3),
        "rate": np.array(runs.rates)[chosen],
        "stopped": runs.stopped().round(3),
        **(lively if CONDITIONS[condition].noise else {}),
        **{
            at_rate(rate): (test[:, rated] * tested).round().astype(int)
            for rate, test in zip(runs.rates, runs.test, strict=True)
        },
    }


EXPERIMENT = Experiment(
    name="saturation",
    cases=tuple(case_of(condition, loss) for condition in CONDITIONS for loss in LOSSES),
    measure=_measure,
    settings={
        "training digits": TRAINING,
        "validation digits": VALIDATION,
        "hidden": HIDDEN,
        "rates": RATES,
        "lively rates": LIVELY,
        "conditions": {name: vars(condition) for name, condition in CONDITIONS.items()},
        "snapshots": SNAPSHOTS,
        "every": EVERY,
    },
    batch=2,
)
