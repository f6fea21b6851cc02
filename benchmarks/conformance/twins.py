"""Every twin of a loss of the book in another library, as data: its call, and where its conventions differ.

The calls are templates. ``{x}`` and ``{t}`` are the predictions and the targets, ``{hot}`` the target as a row of zeros
and a one, ``{yes}`` a target of −1 or 1 as 0 or 1, ``{labels}`` a class as a float, ``{type}`` the type of the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What is made of the terms by default.
MEAN, TERMS, ROWS, SUM = "mean", "one number per prediction", "one number per row", "sum"
MEAN_OF_ROWS = "mean over the rows"
PREDICTION_FIRST, TARGET_FIRST, RESIDUAL = "prediction, target", "target, prediction", "residual"


@dataclass(frozen=True)
class Twin:
    """One call of one library.

    Attributes
    ----------
    loss, library : str
        Whose twin it is, and where.
    case : str
        The case of the yardstick, as it calls itself.
    call : str
        The template.
    reduction : str
        What it makes of the terms when nothing else is asked for.
    order : str
        Of its first arguments.
    factor : float
        What its terms are, compared with ours.
    ignored : str
        What marks a row that counts for nothing, and what becomes of the mean.
    differs : str
        What else differs, without judgement.
    limit : str
        A limit that the library documents; an address.
    slope : str
        A template of its own for the gradient.
    """

    loss: str
    library: str
    case: str
    call: str
    reduction: str = MEAN
    order: str = PREDICTION_FIRST
    factor: float = 1.0
    ignored: str = ""
    differs: str = ""
    limit: str = ""
    slope: str = ""

    @property
    def name(self) -> str:
        """The function or class that is called, without its arguments."""
        return self.call.partition("(")[0].removeprefix("-")


# Cases of the yardstick that several twins have.
L1, MSE, HALF = "L1Loss() on residual", "MSELoss(half=False) on residual", "MSELoss(half=True) on residual"
HUBER, LOGCOSH = "HuberLoss(delta=1.345) on residual", "LogCoshLoss() on residual"
HINGE, SQUARED_HINGE = "HingeLoss(margin=1.0) on margin", "SquaredHingeLoss(margin=1.0) on margin"
LOGISTIC, LOGIT, CHANCE = "LogisticLoss() on margin", "BCEWithLogitsLoss() on logit", "BCELoss() on chance"
FOCAL = "SigmoidFocalLoss(gamma=0.5, alpha=0.25) on hard logit"
CLASSES = "CrossEntropyLoss(label_smoothing=0.0, temperature=1.0) on classes"
SOFT = "CrossEntropyLoss(label_smoothing=0.0, temperature=1.0) on soft classes"
SMOOTHED = "CrossEntropyLoss(label_smoothing=0.1, temperature=1.0) on classes"
WEIGHTED = "CrossEntropyLoss(weight=[1.   0.25 4.  ], label_smoothing=0.0, temperature=1.0) on classes"
CRAMMER = "MultiMarginLoss(p=1, margin=1.0, form=crammer-singer) on classes"
PSEUDO, CAUCHY = "PseudoHuberLoss(delta=0.75) on residual", "CauchyLoss(c=2.0) on residual"
KERAS = "the mean over the last axis, then over the batch"
PYTORCH_DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
IGNORE = "`ignore_index`, −100 by default; a mean of nothing is NaN"
NO_IGNORE = "nothing; a negative class counts from the last, one too large gives NaN"


def barron(alpha: str) -> Twin:
    """Return the twin of Barron's loss with one shape."""
    numbers = "torch.tensor({0}, dtype=torch.{{type}})"
    call = f"general.lossfun({{x}} - {{t}}, {numbers.format(alpha)}, {numbers.format(0.5)})"
    case = f"GeneralRobustLoss(alpha={alpha}, c=0.5) on residual"
    return Twin("GeneralRobustLoss", "robust_loss_pytorch", case, call, TERMS, RESIDUAL,
                differs="residual, α and c are tensors of one type")  # fmt: skip


def least_squares(loss: str, case: str, rho: str, scale: float, factor: float = 1.0) -> Twin:
    """Return the twin among SciPy's losses for least squares, before the first step is taken."""
    fit = (
        f'optimize.least_squares(lambda x: x - {{t}}, {{x}}, lambda x: np.eye(len(x)), loss="{rho}", '
        f"f_scale={scale}, max_nfev=1)"
    )
    return Twin(loss, "SciPy", case, f"{fit}.cost", SUM, RESIDUAL, factor,
                differs="takes a function that returns the residuals; computes in float64",
                slope=f"{fit}.grad")  # fmt: skip


TWINS = [
    Twin("L1Loss", "PyTorch", L1, "F.l1_loss({x}, {t})"),
    Twin("L1Loss", "scikit-learn", L1, "metrics.mean_absolute_error({t}, {x})", order=TARGET_FIRST),
    Twin("L1Loss", "Keras", L1, 'keras.losses.MeanAbsoluteError(dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST),
    Twin("MSELoss", "PyTorch", MSE, "F.mse_loss({x}, {t})"),
    Twin("MSELoss", "scikit-learn", MSE, "metrics.mean_squared_error({t}, {x})", order=TARGET_FIRST),
    Twin("MSELoss", "Keras", MSE, 'keras.losses.MeanSquaredError(dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST),
    Twin("MSELoss", "Optax", MSE, "optax.losses.squared_error({x}, {t})", TERMS),
    Twin("MSELoss", "Optax", MSE, "optax.losses.l2_loss({x}, {t})", TERMS, factor=0.5),
    Twin("MSELoss", "scikit-learn", HALF, "compiled.HalfSquaredError()({t}, {x})", MEAN, TARGET_FIRST,
         differs="has the half in its name; private, HistGradientBoostingRegressor fits it",
         slope="compiled.HalfSquaredError().gradient({t}, {x})"),
    Twin("RMSELoss", "PyTorch", "RMSELoss() on batch", "torch.sqrt(F.mse_loss({x}, {t}))",
         differs="no class; as people write it"),
    Twin("RMSELoss", "scikit-learn", "RMSELoss() on batch", "metrics.root_mean_squared_error({t}, {x})",
         order=TARGET_FIRST),
    Twin("SmoothL1Loss", "PyTorch", "SmoothL1Loss(beta=0.5) on residual", "F.smooth_l1_loss({x}, {t}, beta=0.5)"),
    Twin("HuberLoss", "PyTorch", HUBER, "F.huber_loss({x}, {t}, delta=1.345)"),
    Twin("HuberLoss", "SciPy", HUBER, "special.huber(1.345, {x} - {t})", TERMS, "δ, residual"),
    least_squares("HuberLoss", HUBER, "huber", 1.345),
    Twin("HuberLoss", "scikit-learn", HUBER, "compiled.HuberLoss(delta=1.345)({t}, {x})", MEAN, TARGET_FIRST,
         differs="private; GradientBoostingRegressor fits it",
         slope="compiled.HuberLoss(delta=1.345).gradient({t}, {x})"),
    Twin("HuberLoss", "Keras", HUBER, 'keras.losses.Huber(1.345, dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST),
    Twin("HuberLoss", "Optax", HUBER, "optax.losses.huber_loss({x}, {t}, delta=1.345)", TERMS),
    Twin("PseudoHuberLoss", "SciPy", PSEUDO, "special.pseudo_huber(0.75, {x} - {t})", TERMS, "δ, residual"),
    least_squares("PseudoHuberLoss", PSEUDO, "soft_l1", 0.75),
    Twin("LogCoshLoss", "Keras", LOGCOSH, 'keras.losses.LogCosh(dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST),
    Twin("LogCoshLoss", "Optax", LOGCOSH, "optax.losses.log_cosh({x}, {t})", TERMS),
    Twin("LogCoshLoss", "PyTorch", LOGCOSH, "torch.log(torch.cosh({x} - {t}))", TERMS,
         differs="no class; as people write it"),
    Twin("QuantileLoss", "scikit-learn", "QuantileLoss(q=0.25) on residual",
         "metrics.mean_pinball_loss({t}, {x}, alpha=0.25)", order=TARGET_FIRST),
    Twin("QuantileLoss", "scikit-learn", "QuantileLoss(q=0.25) on residual",
         "compiled.PinballLoss(quantile=0.25)({t}, {x})", MEAN, TARGET_FIRST,
         differs="private; QuantileRegressor fits it",
         slope="compiled.PinballLoss(quantile=0.25).gradient({t}, {x})"),
    Twin("GaussianNLLLoss", "PyTorch", "GaussianNLLLoss() on width",
         "F.gaussian_nll_loss({x}[:, 0], {t}, {x}[:, 1].exp())",
         differs="takes the variance, not its logarithm, and holds it above `eps` = 1e-6",
         limit=PYTORCH_DOCS + "GaussianNLLLoss.html"),
    least_squares("CauchyLoss", CAUCHY, "cauchy", 2.0),
    Twin("TukeyBiweightLoss", "statsmodels", "TukeyBiweightLoss(c=3.0) on residual",
         "norms.TukeyBiweight(c=3.0).rho({x} - {t})", TERMS, RESIDUAL,
         slope="norms.TukeyBiweight(c=3.0).psi({x} - {t})"),
    *(barron(alpha) for alpha in ("2.0", "1.0", "1e-08", "0.0", "-2.0", "-300.0", "300.0")),

    Twin("HingeLoss", "Keras", HINGE, 'keras.losses.Hinge(dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST,
         differs="labels 0 and 1 are read as −1 and 1; the margin is 1"),
    Twin("HingeLoss", "Optax", HINGE, "optax.losses.hinge_loss({x}, {t})", TERMS, differs="the margin is 1"),
    Twin("SquaredHingeLoss", "Keras", SQUARED_HINGE, 'keras.losses.SquaredHinge(dtype="{type}")({t}, {x})', KERAS,
         TARGET_FIRST, differs="labels 0 and 1 are read as −1 and 1; the margin is 1"),
    Twin("ExponentialLoss", "scikit-learn", "ExponentialLoss() on margin", "compiled.ExponentialLoss()({yes}, {x})",
         MEAN, TARGET_FIRST, differs="labels 0 and 1; private, GradientBoostingClassifier fits it",
         slope="compiled.ExponentialLoss().gradient({yes}, {x})"),
    Twin("LogisticLoss", "PyTorch", LOGISTIC, "F.soft_margin_loss({x}, {t})"),
    Twin("LogisticLoss", "Optax", LOGISTIC, "optax.losses.sigmoid_binary_cross_entropy({x}, {yes})", TERMS,
         differs="labels 0 and 1"),
    Twin("LogisticLoss", "Keras", LOGISTIC,
         'keras.losses.BinaryCrossentropy(from_logits=True, dtype="{type}")({yes}, {x})', KERAS, TARGET_FIRST,
         differs="labels 0 and 1"),
    Twin("LogisticLoss", "SciPy", LOGISTIC, "-special.log_expit({x} * {t})", TERMS, "margin"),
    Twin("BCEWithLogitsLoss", "PyTorch", LOGIT, "F.binary_cross_entropy_with_logits({x}, {t})"),
    Twin("BCEWithLogitsLoss", "PyTorch", "BCEWithLogitsLoss(pos_weight=2.5) on logit",
         "F.binary_cross_entropy_with_logits({x}, {t}, pos_weight=torch.tensor(2.5))"),
    Twin("BCEWithLogitsLoss", "Optax", LOGIT, "optax.losses.sigmoid_binary_cross_entropy({x}, {t})", TERMS,
         differs="no weight of positives"),
    Twin("BCEWithLogitsLoss", "Keras", LOGIT,
         'keras.losses.BinaryCrossentropy(from_logits=True, dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST,
         differs="no weight of positives"),
    Twin("BCEWithLogitsLoss", "scikit-learn", LOGIT, "compiled.HalfBinomialLoss()({t}, {x})", MEAN, TARGET_FIRST,
         differs="half of the deviance, hence its name; private, LogisticRegression fits it",
         slope="compiled.HalfBinomialLoss().gradient({t}, {x})"),
    Twin("BCELoss", "PyTorch", CHANCE, "F.binary_cross_entropy({x}, {t})", differs="no logarithm falls below −100",
         limit=PYTORCH_DOCS + "BCELoss.html"),
    Twin("BCELoss", "scikit-learn", CHANCE, "metrics.log_loss({t}, {x}, labels=[0, 1])", order=TARGET_FIRST,
         differs="p stays a rounding error away from 0 and 1",
         limit="https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html"),
    Twin("BCELoss", "Keras", CHANCE, 'keras.losses.BinaryCrossentropy(dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST,
         differs="p is held between 1e-7 and 1 − 1e-7"),
    Twin("BCELoss", "SciPy", CHANCE, "-special.xlogy({t}, {x}) - special.xlog1py(1 - {t}, -{x})", TERMS,
         "factor, probability", differs="no function; as people write it"),
    Twin("SigmoidFocalLoss", "torchvision", FOCAL, "ops.sigmoid_focal_loss({x}, {t}, alpha=0.25, gamma=0.5)", TERMS,
         differs="α = −1 stands for no α"),
    Twin("SigmoidFocalLoss", "torchvision", "SigmoidFocalLoss(gamma=2.0) on hard logit",
         "ops.sigmoid_focal_loss({x}, {t}, alpha=-1, gamma=2.0)", TERMS, differs="α = −1 stands for no α"),
    Twin("SigmoidFocalLoss", "Optax", FOCAL, "optax.losses.sigmoid_focal_loss({x}, {t}, alpha=0.25, gamma=0.5)", TERMS,
         differs="α is None by default"),
    Twin("SigmoidFocalLoss", "Optax", "SigmoidFocalLoss(gamma=2.0) on hard logit",
         "optax.losses.sigmoid_focal_loss({x}, {t}, gamma=2.0)", TERMS, differs="α is None by default"),
    Twin("SigmoidFocalLoss", "Keras", FOCAL,
         "keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.25, gamma=0.5, from_logits=True, "
         'dtype="{type}")({t}, {x})', KERAS, TARGET_FIRST, differs="α counts only with `apply_class_balancing`"),
    Twin("SigmoidFocalLoss", "Keras", "SigmoidFocalLoss(gamma=2.0) on hard logit",
         'keras.losses.BinaryFocalCrossentropy(gamma=2.0, from_logits=True, dtype="{type}")({t}, {x})', KERAS,
         TARGET_FIRST, differs="α counts only with `apply_class_balancing`"),

    Twin("NLLLoss", "PyTorch", "NLLLoss() on log classes", "F.nll_loss({x}, {t})", MEAN_OF_ROWS, ignored=IGNORE,
         differs="positive numbers are taken, too"),
    Twin("CrossEntropyLoss", "PyTorch", CLASSES, "F.cross_entropy({x}, {t})", MEAN_OF_ROWS, ignored=IGNORE),
    Twin("CrossEntropyLoss", "SciPy", CLASSES, "-special.log_softmax({x}, axis=1)[[0], {t}]", ROWS, "logits",
         differs="no function; as people write it"),
    Twin("CrossEntropyLoss", "scikit-learn", CLASSES, "compiled.HalfMultinomialLoss(n_classes=3)({labels}, {x})",
         MEAN_OF_ROWS, TARGET_FIRST, differs="classes are floats; private, LogisticRegression fits it",
         slope="compiled.HalfMultinomialLoss(n_classes=3).gradient({labels}, {x})"),
    Twin("CrossEntropyLoss", "Optax", CLASSES, "optax.losses.softmax_cross_entropy_with_integer_labels({x}, {t})", ROWS,
         ignored=NO_IGNORE),
    Twin("CrossEntropyLoss", "Optax", CLASSES, "optax.losses.softmax_cross_entropy({x}, {hot})", ROWS,
         differs="rows of probabilities"),
    Twin("CrossEntropyLoss", "Keras", CLASSES,
         'keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="{type}")({t}, {x})', MEAN_OF_ROWS,
         TARGET_FIRST, ignored="`ignore_class`; a mean of nothing is 0"),
    Twin("CrossEntropyLoss", "Keras", CLASSES,
         'keras.losses.CategoricalCrossentropy(from_logits=True, dtype="{type}")({hot}, {x})', MEAN_OF_ROWS,
         TARGET_FIRST,
         differs="rows of probabilities"),
    Twin("CrossEntropyLoss", "PyTorch", SOFT, "F.cross_entropy({x}, {t})", MEAN_OF_ROWS,
         ignored="nothing: `ignore_index` is for class indices", differs="rows of probabilities"),
    Twin("CrossEntropyLoss", "Optax", SOFT, "optax.losses.softmax_cross_entropy({x}, {t})", ROWS,
         differs="rows of probabilities"),
    Twin("CrossEntropyLoss", "Keras", SOFT,
         'keras.losses.CategoricalCrossentropy(from_logits=True, dtype="{type}")({t}, {x})', MEAN_OF_ROWS, TARGET_FIRST,
         differs="rows of probabilities"),
    Twin("CrossEntropyLoss", "PyTorch", SMOOTHED, "F.cross_entropy({x}, {t}, label_smoothing=0.1)", MEAN_OF_ROWS,
         ignored=IGNORE, differs="with class weights the smoothed part is weighted class by class"),
    Twin("CrossEntropyLoss", "Optax", SMOOTHED,
         "optax.losses.softmax_cross_entropy({x}, optax.losses.smooth_labels({hot}, 0.1))", ROWS,
         differs="the rows are smoothed beforehand"),
    Twin("CrossEntropyLoss", "Keras", SMOOTHED,
         'keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, dtype="{type}")({hot}, {x})',
         MEAN_OF_ROWS, TARGET_FIRST, differs="rows of probabilities"),
    Twin("CrossEntropyLoss", "PyTorch", WEIGHTED,
         'F.cross_entropy({x}, {t}, weight=torch.tensor([1.0, 0.25, 4.0], dtype=torch.{type}), reduction="none")',
         "a mean divides by the sum of the weights", ignored=IGNORE),
    Twin("SoftmaxFocalLoss", "Keras", "SoftmaxFocalLoss(gamma=2.0) on classes",
         "keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=2.0, from_logits=True, "
         'dtype="{type}")({hot}, {x})',
         MEAN_OF_ROWS, TARGET_FIRST, differs="α is 0.25 by default, for all classes alike"),
    Twin("Poly1Loss", "Optax", "Poly1Loss(epsilon=1.0) on classes",
         "optax.losses.poly_loss_cross_entropy({x}, {hot}, epsilon=1.0)", ROWS, differs="ε is 2 by default"),
    Twin("MultiMarginLoss", "PyTorch", "MultiMarginLoss(p=1, margin=0.75, form=weston-watkins) on classes",
         "F.multi_margin_loss({x}, {t}, margin=0.75)", MEAN_OF_ROWS, ignored="nothing"),
    Twin("MultiMarginLoss", "Optax", CRAMMER, "optax.losses.multiclass_hinge_loss({x}, {t})", ROWS,
         differs="the worst class alone counts; the margin is 1"),
    Twin("MultiMarginLoss", "Keras", CRAMMER, 'keras.losses.CategoricalHinge(dtype="{type}")({hot}, {x})', MEAN_OF_ROWS,
         TARGET_FIRST, differs="the worst class alone counts, taken for at least 0; the margin is 1",
         limit="https://www.tensorflow.org/api_docs/python/tf/keras/losses/CategoricalHinge"),
    Twin("DistillationLoss", "PyTorch", "DistillationLoss(temperature=4.0, scaled=True) on teacher",
         "16 * F.kl_div(F.log_softmax({x} / 4, 1), F.log_softmax({t} / 4, 1), "
         'reduction="batchmean", log_target=True)', MEAN_OF_ROWS, "log-probabilities, target",
         differs="no class; a composition"),
    Twin("KLDivLoss", "PyTorch", "KLDivLoss(log_target=False) on log chance", "F.kl_div({x}, {t})",
         "mean over the entries, not a mean divergence; `batchmean` is", "log-probabilities, target"),
    Twin("KLDivLoss", "Optax", "KLDivLoss(log_target=False) on log chance", "optax.losses.kl_divergence({x}, {t})",
         ROWS, "log-probabilities, target"),
    Twin("BrierLoss", "PyTorch", "BrierLoss() on simplex", "F.mse_loss({x}, {hot})", MEAN, factor=1 / 3,
         differs="the mean runs over the classes as well"),
    Twin("BrierLoss", "Optax", "BrierLoss() on simplex", "optax.losses.squared_error({x}, {hot}).sum(-1)", ROWS),
    Twin("BrierLoss", "scikit-learn", "BrierLoss() on simplex", "metrics.brier_score_loss({t}, {x}, labels=[0, 1, 2])",
         MEAN_OF_ROWS, TARGET_FIRST, differs="for two classes it is half as large by default"),
]  # fmt: skip

#: Losses of which no library has the whole: the atlas says what they are made of.
LOSSES_WITHOUT_TWIN = (
    "ZeroOneLoss", "EpsilonInsensitiveLoss", "BinnedCrossEntropyLoss", "AdaptiveRobustLoss", "LargeMarginSoftmaxLoss",
    "MinimaxGANLoss", "NonSaturatingGANLoss", "WassersteinGANLoss", "LeastSquaresGANLoss", "HingeGANLoss",
    "LossSensitiveGANLoss", "PerceptualLoss",
)  # fmt: skip
