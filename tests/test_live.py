"""The figure grammar: declarations, their errors, texts, traits."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Function, exp, log, symbols

from lossbook.live import (
    Axis,
    Bars,
    Choice,
    Contour,
    Curve,
    Figure,
    Panel,
    Play,
    Point,
    Rule,
    Slider,
    Toggle,
    Trajectory,
    format_number,
    showing,
    text,
)
from lossbook.live import figure as figures
from lossbook.live.assets import engine_source, host_source, primitives_used_by
from lossbook.live.workbench import MODULES
from lossbook.style import PALETTE

LIVE = Path(figures.__file__).parent
x, a, b, n, w = symbols("x a b n w")
UNIT = Axis(label="x", minimum=0, maximum=1)
FREE = Axis(label="y")


def figure(*marks, parameters=None, **options):
    parameters = parameters or [Slider(symbol=a, minimum=0, maximum=2, value=1)]
    options = {"description": "a test figure", **options}
    return Figure(parameters=parameters, panels=[Panel(x=UNIT, y=FREE, marks=marks)], **options)


class TestErrorsNameTheCulprit:
    def test_unknown_symbol(self):
        with pytest.raises(ValueError, match=r"curve 'slope'.*'b'.*parameter or definition of the figure \(a\)"):
            figure(Curve(y=b * x, variable=x, label="slope"))

    def test_bound_symbol_that_is_a_parameter(self):
        with pytest.raises(ValueError, match="curve: it binds a, which is a parameter"):
            figure(Curve(y=a, variable=a))

    def test_unknown_name_in_a_text(self):
        with pytest.raises(ValueError, match=r"description: \{height\}"):
            figure(Curve(y=a * x, variable=x), description="at {height:.2f}")

    def test_unknown_number_format(self):
        with pytest.raises(ValueError, match="number format '>9'"):
            figure(Curve(y=a * x, variable=x), description=text("{h:>9}", h=a))

    def test_function_that_cannot_be_compiled(self):
        with pytest.raises(ValueError, match="curve 'odd'.*mystery"):
            figure(Curve(y=Function("mystery")(x), variable=x, label="odd"))

    @pytest.mark.parametrize("low, high", [(1, 1), (2, 1)])
    def test_empty_ranges(self, low, high):
        with pytest.raises(ValueError, match=f"slider a: empty range from {low} to {high}"):
            Slider(symbol=a, minimum=low, maximum=high, value=1)
        with pytest.raises(ValueError, match=f"axis 'u': empty range from {low} to {high}"):
            Axis(label="u", minimum=low, maximum=high)
        with pytest.raises(ValueError, match=f"curve: empty range from {low} to {high}"):
            Curve(y=x, variable=x, range=(low, high))

    @pytest.mark.parametrize(
        "declared, message",
        [
            (dict(minimum=0, maximum=1, value=2), "value 2 lies outside"),
            (dict(minimum=0, maximum=1, value=1, scale="log"), "positive minimum, got 0"),
            (dict(minimum=0, maximum=1, value=1, scale="cubic"), "got 'cubic'"),
            (dict(minimum=0, maximum=9, value=1.5, integer=True), "integer slider cannot start at 1.5"),
            (dict(minimum=0, maximum=9, value=1, step=0), "step must be positive, got 0"),
            (dict(minimum=0, maximum=math.inf, value=1), "maximum must be finite"),
        ],
    )
    def test_sliders(self, declared, message):
        with pytest.raises(ValueError, match=message):
            Slider(symbol=a, **declared)

    @pytest.mark.parametrize("name", ["layout", "comm", "values", "draw", "spec", "_code", "lambda", "two words"])
    def test_names_that_the_widget_needs(self, name):
        with pytest.raises(ValueError, match=f"parameter {name!r}"):
            figure(
                Curve(y=x, variable=x),
                parameters=[Slider(symbol=symbols(name.replace(" ", r"\ ")), minimum=0, maximum=1, value=0)],
            )

    @pytest.mark.parametrize("low, high", [(0, b), (w, 2), (0, n), (0, a)])
    def test_a_range_that_uses_what_comes_later(self, low, high):
        late = ({*symbols("b w n a")} & {low, high}).pop()
        with pytest.raises(ValueError, match=f"slider a: its range uses {late}, which is no parameter declared before"):
            figure(
                Curve(y=x, variable=x),
                Trajectory(start={w: 1}, step={w: w}, steps=1, x=w, y=w),
                parameters=[
                    Slider(symbol=a, minimum=low, maximum=high, value=1),
                    Slider(symbol=b, minimum=0, maximum=2, value=1),
                ],
                define={n: 1},
            )

    @pytest.mark.parametrize(
        "define, message",
        [
            ({b: x + a}, "definition of b: symbol 'x' is neither"),
            ({b: Function("mystery")(a)}, "definition of b: .*mystery"),
            ({a: 1}, "named 'a'"),
            ({w: 1}, "named 'w'"),
            ({b: 1, symbols("b", positive=True): 2}, "named 'b'"),
            ({b: b + 1}, "circle: b → b"),
            ({b: n, n: 2 * b}, "circle: (b → n → b|n → b → n)"),
            ({b: w, n: b, symbols("rate"): n}, "circle: .*w.* → "),
        ],
    )
    def test_definitions(self, define, message):
        with pytest.raises(ValueError, match=message):
            path = Trajectory(start={w: 1}, step={w: w * symbols("rate")}, steps=3, x=w, y=w)
            figure(Curve(y=x, variable=x), path, define={symbols("rate"): 1} | define)

    def test_a_mark_that_binds_a_definition(self):
        with pytest.raises(ValueError, match="curve: it binds b, which is a definition or state of the figure"):
            figure(Curve(y=b, variable=b), define={b: a})

    def test_two_parameters_of_one_name(self):
        slider = Slider(symbol=a, minimum=0, maximum=1, value=0)
        with pytest.raises(ValueError, match="of the figure are named 'a'"):
            figure(Curve(y=a * x, variable=x), parameters=[slider, slider])

    def test_play_without_its_slider(self):
        with pytest.raises(ValueError, match="play n: there is no integer slider"):
            figure(Curve(y=x, variable=x), parameters=[Play(symbol=n)])

    def test_drag_of_what_is_no_slider(self):
        with pytest.raises(ValueError, match="drag moves a, which is no slider"):
            figure(Point(x=a, y=0, drag=(a, None)), parameters=[Toggle(symbol=a)])

    def test_marks(self):
        with pytest.raises(ValueError, match="either names, or variable and range"):
            Bars(heights=[1, 2])
        with pytest.raises(ValueError, match="2 heights for 3 names"):
            Bars(heights=[1, 2], names=["p", "q", "r"])
        with pytest.raises(ValueError, match="either x or y"):
            Rule(x=1, y=1)
        with pytest.raises(ValueError, match="at least one level"):
            Contour(z=x, variables=(x, w), levels=[])
        with pytest.raises(ValueError, match="color must be a number from 0 to 6, got 9"):
            Curve(y=x, variable=x, color=9)
        with pytest.raises(ValueError, match=r"start has the states \['w'\], step has \['x'\]"):
            Trajectory(start={w: 0}, step={x: 1}, steps=3, x=w, y=w)

    def test_an_axis_without_ends_under_a_curve(self):
        with pytest.raises(ValueError, match="curve: the x-axis 'y' needs a minimum and a maximum"):
            Panel(x=FREE, y=FREE, marks=[Curve(y=x, variable=x)])

    def test_no_panels_no_marks(self):
        with pytest.raises(ValueError, match="has no marks"):
            Panel(x=UNIT, y=FREE, marks=[])
        with pytest.raises(ValueError, match="at least one panel"):
            Figure(parameters=[], panels=[], description="nothing")

    def test_choices(self):
        with pytest.raises(ValueError, match="choice a: needs at least two options"):
            Choice(symbol=a, options={"only": 1})
        with pytest.raises(ValueError, match="choice a: 'red' is not among"):
            Choice(symbol=a, options={"blue": 1, "green": 2}, value="red")


class TestTraits:
    def test_parameters_are_traits_that_can_be_read_set_observed_and_linked(self):
        import ipywidgets

        declared = [
            Slider(symbol=n, minimum=1, maximum=9, value=3, integer=True),
            Slider(symbol=a, minimum=0, maximum=2, value=0.5),
            Choice(symbol=b, options={"one": 1, "two": 2}),
            Toggle(symbol=w, value=True),
        ]
        one, other = (figure(Curve(y=a * x**n + b * w, variable=x), parameters=declared) for _ in range(2))
        assert (one.n, one.a, one.b, one.w) == (3, 0.5, "one", True)
        seen = []
        one.observe(lambda change: seen.append((change.name, change.new)), names=["n", "b"])
        one.n, one.b = 5, "two"
        assert seen == [("n", 5), ("b", "two")]
        assert one.values().tolist() == [5, 0.5, 2, 1]
        link = ipywidgets.jslink((one, "a"), (other, "a"))
        assert link.source == (one, "a")
        assert other.n == 3, "figures do not share their parameters"
        for widget in (link, one, other):
            widget.close()

    def test_engine_stands_once_however_many_figures(self):
        from ipywidgets.embed import dependency_state

        one, other = (figure(Curve(y=a * x, variable=x)) for _ in range(2))
        state = dependency_state([one, other])
        texts = [str(model["state"]) for model in state.values()]
        assert sum("class PanelView" in words for words in texts) == 1

    def test_unknown_parameter(self):
        with pytest.raises(ValueError, match="'q' is no parameter"):
            figure(Curve(y=a * x, variable=x)).values(q=1)

    def test_an_output_says_what_the_figure_shows(self):
        shown = figure(Curve(y=a * x, variable=x), description="A line of slope {a:.1f}.")
        data, _ = shown._repr_mimebundle_()
        assert data["text/plain"] == "A line of slope 1.0."
        told = data[figures.FIGURE_MIMETYPE]
        assert (told["model_id"], told["alt"]) == (shown.model_id, "A line of slope 1.0.")
        assert told["name"] == "figure"  # of the function that made it
        wide, narrow = told["room"]
        assert 300 < wide < 500 and 200 < narrow < wide

    def test_an_output_holds_one_still_picture_where_it_is_asked_for(self, monkeypatch):
        shown = figure(Curve(y=a * x, variable=x))
        monkeypatch.delenv(showing.STILLS, raising=False)
        monkeypatch.setattr(Figure, "png", lambda self: pytest.fail("drawn in vain"))
        assert "image/png" not in shown._repr_mimebundle_()[0]
        monkeypatch.undo()
        monkeypatch.setenv(showing.STILLS, "1")
        picture = base64.b64encode(shown.png()).decode()
        assert json.dumps(shown._repr_mimebundle_()[0]).count(picture) == 1


class TestNumbers:
    @pytest.mark.parametrize(
        "value, spec, shown",
        [
            (0.0, ".3g", "0"),
            (-0.0001, ".2f", "0.00"),
            (-2.5, ".1f", "−2.5"),
            (5.908e-30, ".3g", "5.91 × 10⁻³⁰"),
            (1234567.0, ".3g", "1.23 × 10⁶"),
            (100.0, "d", "100"),
            (0.025, ".1%", "2.5%"),
            (math.inf, ".3g", "∞"),
            (-math.inf, ".2f", "−∞"),
            (math.nan, "d", "undefined"),
        ],
    )
    def test_how_numbers_are_written(self, value, spec, shown):
        assert format_number(value, spec) == shown

    @given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".3g", ".6g", ".2e", ".4f"]))
    def test_written_numbers_can_be_read_back(self, value, spec):
        superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
        shown = format_number(value, spec).replace("−", "-")
        mantissa, _, power = shown.partition(" × 10")
        assert float(f"{mantissa}e{power.translate(superscripts) or 0}") == float(f"{value:{spec}}")


def test_a_curve_that_leaves_the_reals_draws_with_a_gap():
    holed = figure(Curve(y=log(x - a / 2) + exp(1 / (x - 0.25)), variable=x))
    axes = holed.draw().axes[0]
    drawn = axes.lines[0].get_ydata()
    assert np.isnan(drawn).any() and np.isfinite(drawn).any()


def test_trajectory_states_are_known_to_other_marks():
    halving = figure(
        Trajectory(start={w: 1}, step={w: w * a}, steps=n, x=w, y=w),
        Point(x=w, y=w),
        parameters=[
            Slider(symbol=a, minimum=0, maximum=1, value=0.5),
            Slider(symbol=n, minimum=0, maximum=9, value=3, integer=True),
        ],
        readout=[text("{w:.3f}", w=w)],
    )
    values = halving.values()
    assert values[-1] == 0.125
    assert halving.path(halving.trajectories[0], values).tolist() == [[1, 1], [0.5, 0.5], [0.25, 0.25], [0.125, 0.125]]
    assert halving.text(halving.spec["readout"][0], values) == "0.125"


def test_definitions_are_computed_once_each_after_those_that_it_needs():
    rate, end = symbols("rate end")
    shown = figure(
        Trajectory(start={w: 1}, step={w: w * rate}, steps=3, x=w, y=w),
        Curve(y=end * x, variable=x, label=text("{end}")),
        define={end: w + rate, rate: b**2, b: a / 2},
        readout=["{rate:.3f} {end}"],
    )
    values = shown.values(a=1.0)
    assert dict(zip(shown.program.names, values, strict=True)) == {"a": 1, "b": 0.5, "rate": 0.25, "w": 1 / 64,
                                                                   "end": 17 / 64}  # fmt: skip
    assert shown.text(shown.spec["readout"][0], values) == "0.250 0.266"
    (line,) = shown.draw(a=1.0).axes[0].lines[-1:]
    assert line.get_label() == "0.266" and line.get_ydata()[-1] == 17 / 64
    assert [computed["names"] for computed in shown.spec["computed"]] == [["b"], ["rate"], ["w"], ["end"]]


def test_words_name_choices_and_switches_as_the_page_does():
    shown = figure(
        Curve(y=a * x * b, variable=x),
        parameters=[Choice(symbol=a, options={"up": 1, "down": -1}), Toggle(symbol=b, value=True)],
        description="{a}, {b}",
    )
    assert shown.alt == "up, on"
    assert shown.text(shown.spec["description"], shown.values(a="down", b=False)) == "down, off"
    with pytest.raises(ValueError, match="choice a: two options are the same number"):
        Choice(symbol=a, options={"one": 1, "uno": 1})


def test_the_engine_uses_no_eval_and_names_no_host():
    source = engine_source()
    for forbidden in ("eval(", "new Function", "http://", "https://", "import("):
        allowed = {"import(": 1, "http://": 1}.get(forbidden, 0)  # a Blob; the name of the SVG name space
        assert source.count(forbidden) == allowed, forbidden


def test_the_engine_travels_without_its_comments():
    assert "@param" not in engine_source() and "// " not in engine_source()


def test_what_figures_need_in_a_page_is_light():
    packed = [len(gzip.compress(source.encode())) for source in (engine_source(), host_source())]
    assert sum(packed) <= 18_000, packed


def test_types_of_the_javascript_hold():
    compiler = shutil.which("tsc")
    if not (compiler and shutil.which("node")):
        pytest.skip("needs node and TypeScript's compiler: npm install --global typescript")
    sources = [
        *(LIVE / f"{name}.js" for name in ("engine", "contours", "play", "predict", "host", *MODULES)),
        *(LIVE.parent / "sphinxext" / name for name in ("answers.js", "arrive.js", "scrub.js", "state.js")),
    ]
    assert all(source.read_text(encoding="utf-8").startswith("// @ts-check\n") for source in sources)
    options = ["--noEmit", "--allowJs", "--checkJs", "--target", "es2022", "--module", "es2022"]
    command = [compiler, *options, *map(str, sources)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_a_figure_carries_the_primitives_that_it_calls_and_no_other():
    assert primitives_used_by("Math.exp(u)") == ""
    carried = primitives_used_by("2 * log_sigmoid(u)")
    assert "const softplus" in carried and "const log_sigmoid" in carried and "gamma" not in carried
    assert "STIRLING" in primitives_used_by("loggamma(u)")


def test_live_figures_and_matplotlib_share_their_colours():
    light = re.search(r"light:\[(.*?)\]", engine_source())[1]
    assert tuple(re.findall(r'"(#\w+)"', light)) == PALETTE
