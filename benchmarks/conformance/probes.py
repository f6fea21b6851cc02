"""What single inputs bring to light that no average shows: one line of code for each library, and what is right.

A convention is not judged. Of nonsense, an error or NaN is the right answer: it can be noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What kind of answer a probe looks for.
NUMBER, NONSENSE, CONVENTION = "number", "nonsense", "convention"


@dataclass(frozen=True)
class Report:
    """A thread about what was found, in a library's own list of them."""

    address: str

    @property
    def label(self) -> str:
        """Its short name, as in ``scipy#19436``."""
        parts = self.address.split("/")
        return f"{parts[4]}#{parts[6]}"


@dataclass(frozen=True)
class Probe:
    """One input.

    Attributes
    ----------
    name : str
        Of its place on the page.
    title : str
        What is asked, in a few words.
    says : str
        What is right, and why.
    calls : mapping
        A line of code by library.
    right : float, optional
        The number that is right, for those that ask for a number.
    kind : str
        `NUMBER`, `NONSENSE` or `CONVENTION`.
    room : float
        How far off, relative to it, a right answer may be.
    reports : mapping
        Threads by library.
    documented : mapping
        Where a library says so itself, by library.
    """

    name: str
    title: str
    says: str
    calls: Mapping[str, str]
    right: float | None = None
    kind: str = NUMBER
    room: float = 1e-3
    reports: Mapping[str, Report] = field(default_factory=dict)
    documented: Mapping[str, str] = field(default_factory=dict)


def _github(where: str) -> Report:
    name, number = where.split("#")
    return Report(f"https://github.com/{name}/issues/{number}")


_X = {  # rows of logits, by library
    "lossbook": "np.array([{0}])", "PyTorch": "torch.tensor([{0}], dtype=torch.float64)", "SciPy": "np.array([{0}])",
    "scikit-learn": "np.array([{0}])", "Optax": "jnp.array([{0}])", "Keras": "torch.tensor([{0}], dtype=torch.float64)",
}  # fmt: skip


def _cross_entropy(logits: str, label: int = 0, *, classes: int = 2, soft: str = "") -> dict[str, str]:
    """Return how each library takes the cross-entropy of one row of logits."""
    x = {library: template.format(logits) for library, template in _X.items()}
    if soft:
        t = {library: template.format(soft) for library, template in _X.items()}
        return {
            "lossbook": f"losses.CrossEntropyLoss().loss({x['lossbook']}, {t['lossbook']})",
            "PyTorch": f"F.cross_entropy({x['PyTorch']}, {t['PyTorch']})",
            "Optax": f"optax.losses.softmax_cross_entropy({x['Optax']}, {t['Optax']})",
            "Keras": 'keras.losses.CategoricalCrossentropy(from_logits=True, dtype="float64")'
            f"({t['Keras']}, {x['Keras']})",
        }
    calls = {
        "lossbook": f"losses.CrossEntropyLoss().loss({x['lossbook']}, [{label}])",
        "PyTorch": f"F.cross_entropy({x['PyTorch']}, torch.tensor([{label}]))",
        "SciPy": f"-special.log_softmax({x['SciPy']}, axis=1)[0, {label}]",
        "Optax": f"optax.losses.softmax_cross_entropy_with_integer_labels({x['Optax']}, jnp.array([{label}]))",
        "Keras": 'keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")'
                 f"(torch.tensor([{label}]), {x['Keras']})",
    }  # fmt: skip
    if classes > 2:
        calls["scikit-learn"] = (
            f"compiled.HalfMultinomialLoss(n_classes={classes})(np.array([{label}.0]), {x['scikit-learn']})"
        )
    return calls


def _many(gap: str) -> dict[str, str]:
    """Return the cross-entropy of the first of 10,000 classes in float32, the others at minus the gap."""
    row = f"[0.0] + [-{gap}] * 9999"
    numpy = f"np.array([{row}], np.float32)"
    torch = f"torch.tensor([{row}])"
    return {
        "lossbook": f"losses.CrossEntropyLoss().loss({numpy}, [0])",
        "PyTorch": f"F.cross_entropy({torch}, torch.tensor([0]))",
        "SciPy": f"-special.log_softmax({numpy}, axis=1)[0, 0]",
        "scikit-learn": f"compiled.HalfMultinomialLoss(n_classes=10_000)(np.array([0], np.float32), {numpy})",
        "Optax": "optax.losses.softmax_cross_entropy_with_integer_labels("
                 f'jnp.array([{row}], "float32"), jnp.array([0]))',
        "Keras": f"keras.losses.SparseCategoricalCrossentropy(from_logits=True)(torch.tensor([0]), {torch})",
    }  # fmt: skip


_LOG_SOFTMAX = {
    "PyTorch": _github("pytorch/pytorch#113708"),
    "SciPy": _github("scipy/scipy#19521"),
    "Optax": _github("jax-ml/jax#1205"),
}

PROBES = (
    Probe(
        "confident", "A confident right answer",
        "The logits 40, 0 and 0 and the label 0: the others have a probability of 2e^−40, and so the loss is 8.5e-18. "
        "ln(1 + small) without `log1p` rounds it to 0.",
        _cross_entropy("[40.0, 0.0, 0.0]", classes=3), 8.4967e-18, reports=_LOG_SOFTMAX,
    ),
    Probe(
        "confident-slope", "The slope of a confident right answer",
        "By the logit of the right class it is minus what is left for the others, −8.5e-18; p − 1 has lost it.",
        {
            "lossbook": "losses.CrossEntropyLoss().grad(np.array([[40.0, 0.0, 0.0]]), [0])[0, 0]",
            "PyTorch": "torch.func.grad(lambda x: F.cross_entropy(x, torch.tensor([0])))"
                       "(torch.tensor([[40.0, 0.0, 0.0]], dtype=torch.float64))[0, 0]",
            "scikit-learn": "compiled.HalfMultinomialLoss(n_classes=3).gradient("
                            "np.array([0.0]), np.array([[40.0, 0.0, 0.0]]))[0, 0]",
            "Optax": "jax.grad(lambda x: optax.losses.softmax_cross_entropy_with_integer_labels("
                     "x, jnp.array([0])).sum())(jnp.array([[40.0, 0.0, 0.0]]))[0, 0]",
            "Keras": "torch.func.grad(lambda x: keras.losses.SparseCategoricalCrossentropy("
                     'from_logits=True, dtype="float64")(torch.tensor([0]), x))'
                     "(torch.tensor([[40.0, 0.0, 0.0]], dtype=torch.float64))[0, 0]",
        }, -8.4967e-18,
    ),
    Probe(
        "offset", "An offset common to all logits",
        "The logits 1e8 + 1, 1e8 and 1e8: adding one number to all changes no probability, and in float64 these are "
        "exact. The loss of class 0 is ln(1 + 2/e) = 0.5514.",
        _cross_entropy("[100000001.0, 1e8, 1e8]", classes=3), 0.551444713932,
        reports={"PyTorch": _github("pytorch/pytorch#11752")}, room=1e-6,
    ),
    Probe(
        "many-classes", "10,000 classes, all alike, in float32",
        "The loss is ln 10,000 = 9.210340; asked for to 1e-6.", _many("0.0"), 9.210340371976184, room=1e-6,
    ),
    Probe(
        "many-small", "A sum along 10,000 classes in float32",
        "The first class leads by 16, and all others together weigh 0.0011246: more than the rounding of a 1, while "
        "each alone, 1.1e-7, hardly is. The loss is ln(1 + 9,999 e^−16); asked for to 1e-5.",
        _many("16.0"), 0.001124600474, room=1e-5,
    ),
    Probe(
        "masked", "A class that is masked out by −∞, class indices",
        "The logits 0, 0 and −∞ and the label 0: two classes are left, and the loss is ln 2.",
        _cross_entropy("[0.0, 0.0, -inf]", classes=3), 0.69314718056,
    ),
    Probe(
        "masked-soft", "A class that is masked out by −∞, rows of probabilities",
        "The same with the target as a row, 0 for the class that is masked out: 0 · ∞ is NaN unless somebody looks.",
        _cross_entropy("[0.0, 0.0, -inf]", soft="[1.0, 0.0, 0.0]"), 0.69314718056,
        reports={"Optax": _github("google-deepmind/optax#896")},
    ),
    Probe(
        "masked-true", "The true class is masked out by −∞",
        "What has the probability 0 and happens costs ∞.",
        _cross_entropy("[0.0, 0.0, -inf]", 2, classes=3), float("inf"),
    ),
    Probe(
        "kl-nothing", "KL divergence where p = 0 and ln q = −∞",
        "What never happens costs nothing, whatever was thought of it: the divergence of (0, 1) from (0, 1) is 0.",
        {
            "lossbook": 'losses.KLDivLoss(reduction="sum").loss([-np.inf, 0.0], [0.0, 1.0])',
            "PyTorch": 'F.kl_div(torch.tensor([-inf, 0.0]), torch.tensor([0.0, 1.0]), reduction="sum")',
            "SciPy": "special.rel_entr([0.0, 1.0], [0.0, 1.0]).sum()",
            "Optax": "optax.losses.kl_divergence(jnp.array([-inf, 0.0]), jnp.array([0.0, 1.0]))",
            "Keras": "keras.losses.KLDivergence()(torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0, 1.0]]))",
        }, 0.0, reports={"Optax": Report("https://github.com/google-deepmind/optax/pull/1786")},
    ),
    Probe(
        "jensen-shannon", "Jensen–Shannon divergence with a subnormal number",
        "(0, 1) against (5e-324, 1): the rows are alike but for 5e-324. The divergence is never above ln 2, and "
        "here it is less than the smallest float; SciPy gives its root, 1.3e-162. The mean of 5e-324 and 0 "
        "is rounded to 0.",
        {
            "lossbook": "information.js_divergence([0.0, 1.0], [5e-324, 1.0])",
            "SciPy": "distance.jensenshannon([0.0, 1.0], [5e-324, 1.0])",
        }, 0.0, reports={"SciPy": _github("scipy/scipy#19436")},
    ),
    Probe(
        "log-cosh-large", "Log-cosh of a large residual",
        "A residual of −2e38 in float32: the loss is 2e38. cosh overflows at 89, and 2·2e38 is beyond "
        "the largest float32.",
        {
            "lossbook": "losses.LogCoshLoss().loss(np.array([-2e38], np.float32), np.array([0.0], np.float32))",
            "PyTorch": "torch.log(torch.cosh(torch.tensor([-2e38])))",
            "Optax": 'optax.losses.log_cosh(jnp.array([-2e38], "float32"), jnp.array([0.0], "float32"))',
            "Keras": "keras.losses.LogCosh()(torch.tensor([0.0]), torch.tensor([-2e38]))",
        }, 2e38,
    ),
    Probe(
        "log-cosh-small", "Log-cosh of a small residual",
        "A residual of 1e-8 in float64: the loss is half its square, 5e-17. A difference of two numbers near ln 2 has "
        "no digit of that.",
        {
            "lossbook": "losses.LogCoshLoss().loss([1e-8], [0.0])",
            "PyTorch": "torch.log(torch.cosh(torch.tensor([1e-8], dtype=torch.float64)))",
            "Optax": "optax.losses.log_cosh(jnp.array([1e-8]))",
            "Keras": 'keras.losses.LogCosh(dtype="float64")(torch.tensor([0.0]), '
                     "torch.tensor([1e-8], dtype=torch.float64))",
        }, 5e-17,
    ),
    Probe(
        "barron-near-0", "Barron's loss with α near 0",
        "α = 1e-8, a residual of 1, c = 1: the loss is ln 1.5 = 0.405465, as for α = 0. Dividing by an α that is held "
        "away from 0, and raising to one that is not, brings something else.",
        {
            "lossbook": "losses.GeneralRobustLoss(alpha=1e-8).loss([1.0], [0.0])",
            "robust_loss_pytorch": "general.lossfun(torch.tensor([1.0], dtype=torch.float64), "
                                   "torch.tensor(1e-8, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64))",
        }, 0.405465108,
    ),
    Probe(
        "focal-slope", "The slope of focal loss with γ = ½ at a sure right answer",
        "The logit 40 and the target 1: the slope is −1.3e-26. Where p is rounded to 1, a power of 1 − p with the "
        "exponent γ − 1 is infinite, and ∞ · 0 is NaN.",
        {
            "lossbook": "losses.SigmoidFocalLoss(gamma=0.5, alpha=None).grad([40.0], [1.0])",
            "Optax": "jax.grad(lambda x: optax.losses.sigmoid_focal_loss(x, jnp.array([1.0]), gamma=0.5).sum())"
                     "(jnp.array([40.0]))",
            "Keras": "torch.func.grad(lambda x: keras.losses.BinaryFocalCrossentropy(gamma=0.5, from_logits=True, "
                     'dtype="float64")(torch.tensor([1.0]), x))(torch.tensor([40.0], dtype=torch.float64))',
            "PyTorch": "torch.func.grad(lambda x: (((1 - torch.sigmoid(x)) ** 0.5) * F.softplus(-x)).sum())"
                       "(torch.tensor([40.0], dtype=torch.float64))",
            "torchvision": "torch.func.grad(lambda x: ops.sigmoid_focal_loss(x, torch.tensor([1.0], "
                           "dtype=torch.float64), alpha=-1, gamma=0.5).sum())"
                           "(torch.tensor([40.0], dtype=torch.float64))",
        }, -1.31347661e-26,
        reports={
            "Optax": _github("google-deepmind/optax#1267"), "Keras": _github("tensorflow/tensorflow#70326"),
        },
    ),
    Probe(
        "soft-margin", "A margin of −710",
        "The logistic loss is 710 there; e^710 is beyond the largest float.",
        {
            "lossbook": "losses.LogisticLoss().loss([-710.0], [1.0])",
            "PyTorch": "F.soft_margin_loss(torch.tensor([-710.0], dtype=torch.float64), torch.tensor([1.0]))",
            "SciPy": "-special.log_expit(-710.0)",
            "Optax": "optax.losses.sigmoid_binary_cross_entropy(jnp.array([-710.0]), jnp.array([1.0]))",
            "Keras": "keras.losses.BinaryCrossentropy(from_logits=True)(torch.tensor([1.0]), torch.tensor([-710.0]))",
        }, 710.0, reports={"PyTorch": _github("pytorch/pytorch#77529")},
    ),
    Probe(
        "certain-and-wrong", "A probability of 0 for what happened",
        "Minus the logarithm of 0 is ∞. Some cut it off on purpose, and say so.",
        {
            "lossbook": "losses.BCELoss().loss([0.0], [1.0])",
            "PyTorch": "F.binary_cross_entropy(torch.tensor([0.0]), torch.tensor([1.0]))",
            "SciPy": "-special.xlogy(1.0, 0.0)",
            "scikit-learn": "metrics.log_loss([1], [0.0], labels=[0, 1])",
            "Keras": "keras.losses.BinaryCrossentropy()(torch.tensor([1.0]), torch.tensor([0.0]))",
        }, kind=CONVENTION,
        documented={
            "PyTorch": "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html",
            "scikit-learn": "https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html",
        },
    ),
    Probe(
        "categorical-hinge", "Two negative scores, the right one ahead by 2",
        "The scores −1 and −3 and the label 0: the lead is larger than the margin 1, and nothing is owed.",
        {
            "lossbook": 'losses.MultiMarginLoss(form="crammer-singer").loss([[-1.0, -3.0]], [0])',
            "Optax": "optax.losses.multiclass_hinge_loss(jnp.array([[-1.0, -3.0]]), jnp.array([0]))",
            "Keras": "keras.losses.CategoricalHinge()(torch.tensor([[1.0, 0.0]]), torch.tensor([[-1.0, -3.0]]))",
        }, 0.0, reports={"Keras": _github("keras-team/keras#8083")},
        documented={"Keras": "https://www.tensorflow.org/api_docs/python/tf/keras/losses/CategoricalHinge"},
    ),
    Probe(
        "float64", "A loss that is asked for in float64",
        "The absolute error of 0.1 against 0 is 0.1, in float64 to sixteen digits; here to ten.",
        {
            "lossbook": "losses.L1Loss().loss([0.1], [0.0])",
            "PyTorch": "F.l1_loss(torch.tensor([0.1], dtype=torch.float64), torch.tensor([0.0], dtype=torch.float64))",
            "scikit-learn": "metrics.mean_absolute_error([0.0], [0.1])",
            "Keras": 'keras.losses.MeanAbsoluteError(dtype="float64")(torch.tensor([0.0], dtype=torch.float64), '
                     "torch.tensor([0.1], dtype=torch.float64))",
        }, 0.1, room=1e-10, reports={"Keras": _github("keras-team/keras#23704")},
    ),
    Probe(
        "root-of-nothing", "The slope of the root of a mean square at 0",
        "All predictions are perfect: the root has a kink there, and 0 is one of its slopes. NaN is none.",
        {
            "lossbook": "losses.RMSELoss().grad([1.0], [1.0])",
            "PyTorch": "torch.func.grad(lambda x: torch.sqrt(F.mse_loss(x, torch.tensor([1.0]))))(torch.tensor([1.0]))",
            "Optax": "jax.grad(lambda x: jnp.sqrt(optax.losses.squared_error(x, jnp.array([1.0])).mean()))"
                     "(jnp.array([1.0]))",
        }, 0.0,
    ),
    Probe(
        "smoothing-ignored", "Smoothed labels, and a row that is ignored",
        "Logits 1 and 0, labels 0 and one to be ignored, smoothing 0.1: only the first row counts, "
        "with 0.95 ln(1 + e^−1) + 0.05 ln(1 + e) = 0.3633.",
        {
            "lossbook": "losses.CrossEntropyLoss(label_smoothing=0.1).loss([[1.0, 0.0], [5.0, 0.0]], [0, -100])",
            "PyTorch": "F.cross_entropy(torch.tensor([[1.0, 0.0], [5.0, 0.0]]), torch.tensor([0, -100]), "
                       "label_smoothing=0.1)",
        }, 0.363261687, reports={"PyTorch": _github("pytorch/pytorch#73205")},
    ),
    Probe(
        "smoothing-soft", "Smoothed rows, and one that should be ignored",
        "Whoever smooths beforehand has rows, and no row of probabilities can be marked: `ignore_index` is for "
        "indices. "
        "The row of a padded place must be 0, or be left out, and the mean counts it all the same.",
        {
            "PyTorch": "F.cross_entropy(torch.tensor([[1.0, 0.0], [5.0, 0.0]]), "
                       "torch.tensor([[0.95, 0.05], [0.0, 0.0]]))",
            "Optax": "optax.losses.softmax_cross_entropy(jnp.array([[1.0, 0.0], [5.0, 0.0]]), "
                     "jnp.array([[0.95, 0.05], [0.0, 0.0]])).mean()",
            "Keras": "keras.losses.CategoricalCrossentropy(from_logits=True)"
                     "(torch.tensor([[0.95, 0.05], [0.0, 0.0]]), torch.tensor([[1.0, 0.0], [5.0, 0.0]]))",
            "lossbook": "losses.CrossEntropyLoss().loss([[1.0, 0.0], [5.0, 0.0]], [[0.95, 0.05], [0.0, 0.0]])",
        }, kind=CONVENTION,
    ),
    Probe(
        "all-ignored", "All rows ignored",
        "The mean of nothing: PyTorch means NaN by it, Keras 0, and this book asks what was meant.",
        {
            "lossbook": "losses.CrossEntropyLoss().loss([[0.0, 0.0]], [-100])",
            "PyTorch": "F.cross_entropy(torch.tensor([[0.0, 0.0]]), torch.tensor([-100]))",
            "Keras": "keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)"
                     "(torch.tensor([-1]), torch.tensor([[0.0, 0.0]]))",
        }, kind=CONVENTION, reports={"PyTorch": _github("pytorch/pytorch#70348")},
    ),
    Probe(
        "empty", "A batch without rows",
        "Again the mean of nothing.",
        {
            "lossbook": "losses.CrossEntropyLoss().loss(np.zeros((0, 2)), np.zeros(0, int))",
            "PyTorch": "F.cross_entropy(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64))",
            "scikit-learn": "metrics.log_loss([], np.zeros((0, 2)))",
            "Optax": "optax.losses.softmax_cross_entropy_with_integer_labels("
                     "jnp.zeros((0, 2)), jnp.zeros(0, int)).mean()",
            "Keras": "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
                     "(torch.zeros(0, dtype=torch.int64), torch.zeros(0, 2))",
        }, kind=CONVENTION, reports={"PyTorch": _github("pytorch/pytorch#51910")},
    ),
    Probe(
        "ignore-beyond", "An `ignore_index` beyond the classes",
        "255 of two classes, as pictures have it: the other row alone counts, ln 2.",
        {
            "lossbook": "losses.CrossEntropyLoss(ignore_index=255).loss([[0.0, 0.0], [9.0, 0.0]], [0, 255])",
            "PyTorch": "F.cross_entropy(torch.tensor([[0.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 255]), "
                       "ignore_index=255)",
            "Keras": "keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)"
                     "(torch.tensor([0, 255]), torch.tensor([[0.0, 0.0], [9.0, 0.0]]))",
        }, 0.69314718056,
    ),
    Probe(
        "class-beyond", "A class index that does not exist",
        "Class 5 of two.", _cross_entropy("[3.0, 0.0]", 5), kind=NONSENSE,
        reports={"Optax": _github("google-deepmind/optax#1185")},
    ),
    Probe(
        "class-negative", "A negative class index",
        "Class −1 of two, where nothing says that it is to be ignored. Counted from the end it is the last one.",
        _cross_entropy("[3.0, 0.0]", -1), kind=NONSENSE,
    ),
    Probe(
        "not-a-distribution", "A row of targets that does not sum to 1",
        "The target (1, 1).", _cross_entropy("[0.0, 0.0]", soft="[1.0, 1.0]"), kind=NONSENSE,
        reports={"PyTorch": _github("pytorch/pytorch#152437")},
    ),
    Probe(
        "target-2", "The target 2 for a yes-or-no question",
        "With the logit 5 the loss is negative, and without a lower bound.",
        {
            "lossbook": "losses.BCEWithLogitsLoss().loss([5.0], [2.0])",
            "PyTorch": "F.binary_cross_entropy_with_logits(torch.tensor([5.0]), torch.tensor([2.0]))",
            "scikit-learn": "compiled.HalfBinomialLoss()(np.array([2.0]), np.array([5.0]))",
            "Optax": "optax.losses.sigmoid_binary_cross_entropy(jnp.array([5.0]), jnp.array([2.0]))",
            "Keras": "keras.losses.BinaryCrossentropy(from_logits=True)(torch.tensor([2.0]), torch.tensor([5.0]))",
        }, kind=NONSENSE, reports={"PyTorch": _github("pytorch/pytorch#80208")},
    ),
    Probe(
        "probabilities", "Probabilities where their logarithms belong",
        "Minus a probability is no loss.",
        {
            "lossbook": "losses.NLLLoss().loss([[0.7, 0.3]], [0])",
            "PyTorch": "F.nll_loss(torch.tensor([[0.7, 0.3]]), torch.tensor([0]))",
            "Optax": "optax.losses.kl_divergence(jnp.array([0.7, 0.3]), jnp.array([1.0, 0.0]))",
        }, kind=NONSENSE,
    ),
    Probe(
        "negative-target", "A negative probability as the target of a divergence",
        "The target −1.",
        {
            "lossbook": "losses.KLDivLoss().loss([-1.0], [-1.0])",
            "PyTorch": "F.kl_div(torch.tensor([-1.0]), torch.tensor([-1.0]))",
            "SciPy": "special.rel_entr(-1.0, 0.4)",
            "Optax": "optax.losses.kl_divergence(jnp.array([-1.0]), jnp.array([-1.0]))",
            "Keras": "keras.losses.KLDivergence()(torch.tensor([[-1.0]]), torch.tensor([[0.4]]))",
        }, kind=NONSENSE, reports={"PyTorch": _github("pytorch/pytorch#69230")},
    ),
    Probe(
        "column", "A column against a row",
        "(1, 2) against the same two numbers as a column: each is compared with each. PyTorch warns.",
        {
            "lossbook": "losses.MSELoss().loss([1.0, 2.0], [[1.0], [2.0]])",
            "PyTorch": "F.mse_loss(torch.tensor([1.0, 2.0]), torch.tensor([[1.0], [2.0]]))",
            "scikit-learn": "metrics.mean_squared_error([[1.0], [2.0]], [1.0, 2.0])",
            "Optax": "optax.losses.squared_error(jnp.array([1.0, 2.0]), jnp.array([[1.0], [2.0]])).mean()",
            "Keras": "keras.losses.MeanSquaredError()(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 2.0]))",
        }, kind=CONVENTION, reports={"PyTorch": _github("pytorch/pytorch#16045")},
    ),
    Probe(
        "nan", "NaN among the predictions",
        "NaN or an error: both can be noticed.",
        {
            "lossbook": "losses.HuberLoss().loss([np.nan], [0.0])",
            "PyTorch": "F.huber_loss(torch.tensor([nan]), torch.tensor([0.0]))",
            "SciPy": "special.huber(1.0, nan)",
            "scikit-learn": "metrics.mean_absolute_error([0.0], [nan])",
            "Optax": "optax.losses.huber_loss(jnp.array([nan]), jnp.array([0.0]))",
            "Keras": "keras.losses.Huber()(torch.tensor([0.0]), torch.tensor([nan]))",
        }, kind=NONSENSE,
    ),
    Probe(
        "negative-delta", "A negative δ",
        "Huber's loss with δ = −1, of a residual of 2.",
        {
            "lossbook": "losses.HuberLoss(delta=-1.0).loss([2.0], [0.0])",
            "PyTorch": "F.huber_loss(torch.tensor([2.0]), torch.tensor([0.0]), delta=-1.0)",
            "SciPy": "special.huber(-1.0, 2.0)",
            "scikit-learn": "compiled.HuberLoss(delta=-1.0)(np.array([0.0]), np.array([2.0]))",
            "Optax": "optax.losses.huber_loss(jnp.array([2.0]), jnp.array([0.0]), delta=-1.0)",
            "Keras": "keras.losses.Huber(-1.0)(torch.tensor([0.0]), torch.tensor([2.0]))",
        }, kind=NONSENSE,
    ),
)  # fmt: skip
