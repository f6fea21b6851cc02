"""The record of how libraries compare: whole, held to again where the libraries are, and shown by its page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from building import ROOT, make_book, small_book

from benchmarks.conformance import measure, record
from benchmarks.conformance.libraries import LIBRARIES, TYPES, Refused, literal, run
from benchmarks.conformance.probes import CONVENTION, NONSENSE, NUMBER, PROBES
from benchmarks.conformance.twins import LOSSES_WITHOUT_TWIN, ROWS, TWINS
from lossbook import losses
from lossbook.pages.atlas import all_losses, sections_of
from lossbook.sphinxext.libraries import PINS, older_than, pins
from yardstick.more import BEYOND, FAR, FIXED, IGNORING, WIDE, many_classes

RECORD = record.load()
FOUND = {probe["name"]: probe["found"] for probe in RECORD["probes"]}
INSTALLED = {name for name, library in LIBRARIES.items() if library.installed()}
needed = {
    name: pytest.mark.skipif(name not in INSTALLED, reason=f"{LIBRARIES[name].distribution} is not installed")
    for name in LIBRARIES
}


class TestTwins:
    def test_every_loss_has_a_twin_or_is_said_to_have_none(self):
        assert {twin.loss for twin in TWINS} | set(LOSSES_WITHOUT_TWIN) == set(all_losses())
        assert not {twin.loss for twin in TWINS} & set(LOSSES_WITHOUT_TWIN)

    @pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin.loss}-{twin.library}")
    def test_every_twin_has_a_case_of_its_own_loss(self, twin):
        assert twin.library in LIBRARIES
        assert twin.loss in (type(WIDE[twin.case].loss).__name__, "LogisticLoss")

    def test_the_atlas_names_the_library_of_every_twin(self):
        for twin in TWINS:
            said = sections_of(twin.loss)["Equivalent"]
            name = {"PyTorch": "torch|PyTorch", "scikit-learn": "sklearn", "Keras": "keras", "Optax": "optax|Optax",
                    "SciPy": "scipy|rel_entr"}.get(twin.library, twin.library)  # fmt: skip
            composed = "no class" in twin.differs or "no function" in twin.differs or "private" in twin.differs
            assert composed or twin.library == "SciPy" or re.search(name, said), f"{twin.loss}: {twin.library}"

    def test_an_array_is_as_short_as_it_is_exact(self):
        assert literal([0.1, float(np.float32(0.1)), -2.0], "float32") == "[0.1, 0.1, -2.0]"
        assert literal([[0.1]], "float64") == "[[0.1]]" and literal(float("-inf"), "float64") == "-inf"


class TestYardstick:
    """What the yardstick learnt for this, our own losses pass."""

    @pytest.mark.parametrize("case", [*FAR, *FIXED], ids=str)
    def test_far_shapes_and_fixed_margins(self, case):
        # A power of hundreds multiplies the rounding of what is raised.
        bound = -13 if case in FAR else np.log10(measure.ROUNDINGS * np.finfo(float).eps)
        for what, cell in measure.measure(measure.own(str(case)), "float64").items():
            assert cell is None or cell["order"] is None or cell["order"] <= bound, (what, cell)

    def test_offsets_and_subnormal_numbers_are_among_the_rows(self):
        assert any(min(row) > 1e7 for row, _ in WIDE[measure_case("CrossEntropyLoss")].rows)
        assert any(row == (5e-324,) for row, _ in WIDE["L1Loss() on residual"].rows)

    @pytest.mark.parametrize("case", IGNORING, ids=str)
    def test_rows_are_ignored_for_a_class_beyond_all(self, case):
        assert sum(target == BEYOND for _, target in case.rows) >= 3
        for what, cell in measure.measure(measure.own(str(case)), "float64").items():
            bound = np.log10(measure.ROUNDINGS * np.finfo(float).eps)
            assert cell is None or cell["order"] is None or cell["order"] <= bound, (what, cell)
        predictions, targets = (list(part) for part in zip(*case.rows, strict=True))
        terms, slopes = case.loss.loss_and_grad(predictions, targets)
        ignored = np.array(targets) == BEYOND
        assert not terms[ignored].any() and not slopes[ignored].any() and slopes[~ignored].any()

    def test_facts_of_far_shapes(self):
        # (1 − α)^((1 − α)/2) alone is beyond the largest float.
        assert losses.GeneralRobustLoss(alpha=-300.0).facts.lipschitz == pytest.approx(np.exp(-0.5), rel=2e-3)
        near = losses.GeneralRobustLoss(alpha=-2.0).facts.lipschitz
        assert near == pytest.approx((3 / 4) ** 1.5) and losses.GeneralRobustLoss(alpha=1.0).facts.lipschitz == 1

    @pytest.mark.parametrize("classes, gap, step", [(10_000, 0.0, 0.0), (10_000, 16.0, 0.0), (10_000, 3.0, 0.01)])
    @pytest.mark.parametrize("kind", TYPES)
    def test_many_classes(self, classes, gap, step, kind):
        logits = np.concatenate([[0.0], -gap - step * np.arange(1, classes)]).astype(kind)
        value, slopes = losses.CrossEntropyLoss().loss_and_grad(logits[None], [0])
        if step and kind == "float32":
            return  # the logits themselves are rounded
        exact, slope = many_classes(classes, gap, step)
        room = 64 * np.finfo(kind).eps
        assert abs(float(value) / float(exact) - 1) < room and abs(float(slopes[0, 0]) / float(slope) - 1) < room


def measure_case(loss: str) -> str:
    return next(twin.case for twin in TWINS if twin.loss == loss)


class TestRecord:
    def test_it_says_when_where_and_with_what(self):
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", RECORD["date"]) and RECORD["processor"]
        assert set(RECORD["versions"]) == set(LIBRARIES)

    def test_it_is_small(self):
        assert record.PATH.stat().st_size < 300_000

    def test_it_holds_every_twin_as_it_is_declared(self):
        recorded = [{key: value for key, value in entry.items() if key != "errors"} for entry in RECORD["twins"]]
        assert recorded == [record.described(twin) for twin in measure.twins()]
        for entry in RECORD["twins"]:
            assert set(entry["errors"]) == set(TYPES)

    def test_it_holds_every_probe(self):
        assert {
            name: {library: entry["code"] for library, entry in found.items()} for name, found in FOUND.items()
        } == {probe.name: dict(probe.calls) for probe in PROBES}
        for probe in PROBES:
            for library in probe.reports:
                assert FOUND[probe.name][library]["report"]["address"] == probe.reports[library].address
        assert {probe.kind for probe in PROBES} == {NUMBER, NONSENSE, CONVENTION}

    def test_every_error_has_its_line_and_the_smallest_ones_have_none(self):
        for entry in RECORD["twins"]:
            for kind, cells in entry["errors"].items():
                for what, cell in cells.items():
                    if isinstance(cell, dict):
                        shown = cell["order"] is not None and (
                            isinstance(cell["order"], str) or cell["order"] > np.log10(100 * np.finfo(kind).eps)
                        )
                        assert ("code" in cell) or not shown, (entry["call"], kind, what, cell)

    def test_a_number_is_judged_by_the_number_that_is_right(self):
        for probe in PROBES:
            for entry in FOUND[probe.name].values():
                assert (
                    entry["verdict"]
                    in {
                        NUMBER: (record.RIGHT, record.WRONG),
                        NONSENSE: (record.NOTICED, record.ACCEPTED),
                        CONVENTION: (record.CONVENTIONAL,),
                    }[probe.kind]
                )


# What the table must find at least: probe, the libraries that go wrong, those that are right.
AT_LEAST = [
    ("confident", {"PyTorch", "SciPy", "scikit-learn", "Optax", "Keras"}, {"lossbook"}),
    ("log-cosh-large", {"PyTorch", "Keras"}, {"lossbook", "Optax"}),
    ("kl-nothing", {"PyTorch", "Optax"}, {"lossbook", "SciPy"}),
    ("barron-near-0", {"robust_loss_pytorch"}, {"lossbook"}),
    ("focal-slope", {"Keras", "PyTorch"}, {"lossbook", "Optax"}),
    ("smoothing-ignored", set(), {"lossbook", "PyTorch"}),
    ("jensen-shannon", {"SciPy"}, {"lossbook"}),
    ("many-small", {"PyTorch", "Keras", "Optax", "SciPy", "scikit-learn"}, {"lossbook"}),
    ("masked", set(), {"lossbook", "PyTorch", "Optax", "Keras", "SciPy", "scikit-learn"}),
    ("masked-soft", {"PyTorch", "Optax", "Keras"}, {"lossbook"}),
    ("offset", set(), {"lossbook", "PyTorch"}),
    ("ignore-beyond", set(), {"lossbook", "PyTorch"}),
]


@pytest.mark.parametrize("name, wrong, right", AT_LEAST, ids=[entry[0] for entry in AT_LEAST])
def test_it_found_at_least(name, wrong, right):
    verdicts = {library: entry["verdict"] for library, entry in FOUND[name].items()}
    assert {library for library in wrong if verdicts[library] != record.WRONG} == set()
    assert {library for library in right if verdicts[library] != record.RIGHT} == set()


def test_it_found_what_each_does_with_nothing():
    assert FOUND["kl-nothing"]["PyTorch"]["came"] == "NaN"
    assert FOUND["jensen-shannon"]["SciPy"]["came"] == "∞"
    assert FOUND["focal-slope"]["Keras"]["came"] == "NaN"
    empty = {library: entry["came"] for library, entry in FOUND["empty"].items()}
    assert empty["lossbook"] == "ValueError" and empty["PyTorch"] == "NaN" and set(empty) >= {"Optax", "Keras"}
    ignored = {library: entry["came"] for library, entry in FOUND["all-ignored"].items()}
    assert ignored == {"lossbook": "ValueError", "PyTorch": "NaN", "Keras": "0"}


@pytest.mark.parametrize(
    "name, library",
    [
        pytest.param(probe.name, library, marks=needed[library], id=f"{probe.name}-{library}")
        for probe in PROBES
        for library in probe.calls
    ],
)
def test_an_input_does_again_what_the_record_says(name, library):
    recorded = FOUND[name][library]
    (probe,) = (probe for probe in PROBES if probe.name == name)
    assert record.verdict(probe, library, recorded["code"]) == recorded["verdict"]


SHOWN = [
    pytest.param(entry["library"], kind, what, cell, marks=needed[entry["library"]],
                 id=f"{entry['library']}-{entry['loss']}-{place}-{kind}-{what}")
    for place, entry in enumerate(RECORD["twins"])
    for kind, cells in entry["errors"].items()
    for what, cell in cells.items()
    if isinstance(cell, dict) and "code" in cell
]  # fmt: skip


@pytest.mark.parametrize("library, kind, what, cell", SHOWN)
def test_a_line_shows_the_error_that_it_stands_for(library, kind, what, cell):
    came = run(library, cell["code"])
    if cell["order"] in (measure.NAN, measure.INFINITE):
        assert not np.isfinite(came).all() or cell["exact"].endswith(measure.INFINITE)
        return
    exact = float(cell["exact"].replace("−", "-"))
    # The record has four digits of the truth: an error of less is shown by what was recorded.
    recorded = float(cell["came"].replace("−", "-"))
    nearest = came[np.argmin(np.abs(came - recorded))]
    if cell["order"] > -3 and exact != 0:
        error = min(abs(nearest - exact) / abs(exact), 1.0)
        assert error > 10.0 ** (cell["order"] - 2)
    assert nearest == pytest.approx(recorded, rel=0.5, abs=1e-300) or cell["order"] == 0


@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(twin, marks=needed[twin.library], id=f"{twin.library}-{twin.loss}-{place}")
        for place, twin in enumerate(TWINS)
    ],
)
def test_the_factor_and_the_reduction_are_as_declared(twin):
    """One row gives the factor times ours; of two rows the twin gives both terms, their mean or their sum."""
    case = WIDE[twin.case]
    ordinary = [entry for entry in measure.rows(case, "float64") if measure.is_ordinary(*entry)]
    terms = []
    for entry in (ordinary[-1], ordinary[len(ordinary) // 2]):
        (ours,) = run("lossbook", measure.codes(measure.own(twin.case), "float64", [entry])[0])
        got = run(twin.library, measure.codes(twin, "float64", [entry])[0])[0]
        assert got == pytest.approx(twin.factor * ours, rel=1e-4, abs=1e-6) or twin.limit
        terms.append(got)
    (expected,) = (what for start, what in REDUCED.items() if twin.reduction.startswith(start))
    if case.kind == "batch" or expected is None or "[[0], " in twin.call:
        return
    both = run(twin.library, measure.codes(twin, "float64", [ordinary[-1], ordinary[len(ordinary) // 2]])[0])
    if case.kind == "log chance" and twin.reduction == ROWS:
        expected = np.sum  # two entries are one row
    assert both == pytest.approx(expected(terms), rel=1e-6, abs=1e-9)


# What a declared reduction makes of terms, by how it begins.
REDUCED = {"mean": np.mean, "the mean": np.mean, "one number": np.asarray, "sum": np.sum, "a mean divides": None}


class TestComparison:
    @pytest.mark.parametrize(
        "recorded, found, alike",
        [(-16, None, True), (-12, -11, True), (-12, -9, False), ("NaN", "∞", True), ("NaN", 0, False), (0, -16, False)],
    )
    def test_an_error_is_compared_by_its_order_of_magnitude(self, recorded, found, alike):
        assert record.same_order(recorded, found, "float64") is alike

    def test_another_verdict_is_a_difference(self):
        changed = json.loads(json.dumps(RECORD))
        (probe,) = (probe for probe in changed["probes"] if probe["name"] == "confident")
        probe["found"]["PyTorch"]["verdict"] = record.RIGHT
        assert [line.partition(":")[0] for line in record.differing_probes(changed)] == ["confident, PyTorch"]

    def test_a_refusal_is_no_fault_of_the_line(self):
        with pytest.raises(Refused, match="ValueError"):
            run("lossbook", "losses.HuberLoss(delta=-1.0)")
        with pytest.raises(AttributeError):
            run("lossbook", "losses.NoSuchLoss()")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write_book(tmp_path_factory.mktemp("libraries"), "optax==0.2.8\n")


class TestPage:
    def test_it_shows_all(self, page):
        conventions, errors, inputs = page.select("table.lossbook-table")
        twins = RECORD["twins"]
        assert len(conventions.select("tbody tr")) == sum(twin["library"] != "lossbook" for twin in twins)
        assert len(errors.select("tbody tr")) == len(twins) * len(TYPES)
        assert len(inputs.select("tbody tr")) == sum(len(found) for found in FOUND.values())
        text = page.get_text()
        for name, version in RECORD["versions"].items():
            assert f"{name} {version}" in text
        for probe in RECORD["probes"]:
            for entry in probe["found"].values():
                assert entry["code"] in text
        for twin in twins:
            for cells in twin["errors"].values():
                for cell in cells.values():
                    if isinstance(cell, dict) and "code" in cell:
                        assert cell["code"] in text

    def test_every_finding_leads_to_its_line(self, page):
        links = [link["href"] for link in page.select("table.lossbook-table a[href^='#']")]
        assert len(links) > 200
        for link in set(links):
            (section,) = page.select(f"section[id='{link[1:]}']")
            assert section.select("pre")

    def test_reports_and_documented_limits_are_linked(self, page):
        addresses = {link["href"] for link in page.select("table.lossbook-table a[href^='http']")}
        for probe in PROBES:
            assert {report.address for report in probe.reports.values()} <= addresses
            assert set(probe.documented.values()) <= addresses
        assert {twin.limit for twin in TWINS if twin.limit} <= addresses

    def test_a_record_older_than_the_pins_is_said_to_be(self, page, tmp_path):
        assert "older than the pins" not in page.get_text()
        stale = write_book(tmp_path, "optax==99.0\n")
        (said,) = stale.select(".lossbook-claim-false")
        assert f"Optax {RECORD['versions']['Optax']}, and 99.0 is pinned now" in said.get_text()


def write_book(folder: Path, requirements: str) -> BeautifulSoup:
    """Build a small book with the page alone, and return the page."""
    small_book(folder)
    (folder / "benchmarks/conformance").mkdir(parents=True)
    shutil.copy(record.PATH, folder / "benchmarks/conformance/record.json")
    (folder / "benchmarks/requirements.txt").write_text(requirements)
    text = (ROOT / "chapters/libraries.md").read_text(encoding="utf-8")
    # The atlas is not part of the small book.
    (folder / "chapters/libraries.md").write_text(text.replace("(atlas.md)", "(claims.md)"), encoding="utf-8")
    toc = folder / "_toc.yml"
    entries = json.loads(toc.read_text())
    entries["chapters"].append({"file": "chapters/libraries"})
    toc.write_text(json.dumps(entries))
    result = make_book(folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return BeautifulSoup((folder / "_build/html/chapters/libraries.html").read_text(encoding="utf-8"), "html.parser")


def test_pins_are_read_and_compared():
    pinned = pins((ROOT / name).read_text(encoding="utf-8") for name in PINS)
    assert {"torch", "scikit-learn", "scipy", "optax", "jax", "keras", "statsmodels"} <= set(pinned)
    assert older_than(RECORD, pinned) == []
    assert older_than(RECORD, pinned | {"torch": "99"}) == [
        f"PyTorch {RECORD['versions']['PyTorch']}, and 99 is pinned now"
    ]
