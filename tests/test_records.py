"""Records of training: who may read them, what they hold, and what a comparison with new runs finds."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lossbook.experiments import EXPERIMENTS, experiment, record, running, starts
from lossbook.experiments.pictures import strips
from lossbook.experiments.record import Experiment, RecordError, digest_of_code, load, path_of, plain
from lossbook.experiments.starts import Start
from lossbook.experiments.uncertainty import Mean, Share, chance_of_gap, difference, mean


def throw(case: str, begun: list[Start]) -> dict[str, np.ndarray]:
    """Stand for an experiment: a normal number for each start, and two counts."""
    shift = {"left": 0.0, "right": 3.0}[case]
    chances = [np.random.default_rng([start.seed, start.rounding]) for start in begun]
    return {
        "height": np.array([shift + chance.normal() for chance in chances]),
        "counts": np.array([[chance.integers(0, 4), chance.integers(0, 9)] for chance in chances]),
    }


THROW = Experiment("throw", ("left", "right"), throw, {"sides": (4, 9)}, seeds=40, roundings=5, batch=16, part=12)


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Write the record of a small experiment, and forget it afterwards."""
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    load.cache_clear()
    begun = THROW.starts()
    content = {
        "source": THROW.source(),
        "settings": plain(THROW.settings),
        "seeds": THROW.seeds,
        "roundings": THROW.roundings,
        "measured": plain({case: throw(case, begun) for case in THROW.cases}),
        "extra": None,
    }
    path_of("throw").write_text(json.dumps(content), encoding="utf-8")
    yield content
    load.cache_clear()


class TestStarts:
    def test_rounding_moves_every_weight_by_a_millionth_and_keeps_types(self):
        weights = [torch.ones(200, 50), np.full(3000, -2.0)]
        for start in (Start(3, 7), Start(4, 7)):  # the seed has no part in it
            disturbed = start.disturb(weights)
            assert disturbed[0].dtype == torch.float32 and disturbed[1].dtype == np.float64
            for before, after in zip(weights, disturbed, strict=True):
                moved = np.asarray(after, dtype=float) / np.asarray(before, dtype=float) - 1
                assert 0.9e-6 < moved.std() < 1.1e-6 and abs(moved.mean()) < 1e-7
        other = Start(3, 8).disturb(weights)
        assert not torch.equal(other[0], disturbed[0])
        assert torch.equal(weights[0], torch.ones(200, 50))

    def test_without_rounding_nothing_moves(self):
        weights = torch.randn(5, 5)
        assert Start(1, 0).disturb([weights])[0] is weights

    def test_parameters_of_a_module(self):
        module = torch.nn.Linear(40, 40)
        before = module.weight.detach().clone()
        Start(0, 0).disturb_in_place(module)
        assert torch.equal(before, module.weight)
        Start(0, 2).disturb_in_place(module)
        moved = (module.weight.detach().double() / before.double() - 1).std().item()
        assert 0.8e-6 < moved < 1.2e-6
        assert module.weight.requires_grad

    def test_the_environment_disturbs_every_start_that_does_not_say_otherwise(self, monkeypatch):
        monkeypatch.delenv(starts.VARIABLE, raising=False)
        assert [start.rounding for start in starts.seeds(2)] == [0, 0]
        monkeypatch.setenv(starts.VARIABLE, "41")
        assert [(s.seed, s.rounding) for s in starts.seeds(2, first=5)] == [(5, 41), (6, 41)]
        assert Start(0, 0).rounding == 0
        # What is recorded does not depend on where it is recorded.
        assert {start.rounding for start in THROW.starts()[: THROW.seeds]} == {0}
        assert [(s.seed, s.rounding) for s in THROW.starts()[-5:]] == [(0, k) for k in range(1, 6)]

    @pytest.mark.parametrize("given", ["-1", "1.5", "yes"])
    def test_nonsense_in_the_environment_is_refused(self, monkeypatch, given):
        monkeypatch.setenv(starts.VARIABLE, given)
        with pytest.raises(ValueError, match=f"LOSSBOOK_ROUNDING: expected a whole number, at least 0, got '{given}'"):
            Start(0)


class TestUncertainty:
    @given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_the_interval_of_a_share_covers_with_at_least_95_percent(self, counts):
        count, total = counts
        share = Share(count, total)
        low, high = share.interval
        assert low <= share.value <= high
        # Clopper and Pearson: at either end what was seen, or more, has a chance of 2.5%.
        assert count == 0 or binom.sf(count - 1, total, low) == pytest.approx(0.025, rel=1e-6)
        assert count == total or binom.cdf(count, total, high) == pytest.approx(0.025, rel=1e-6)

    def test_shares_in_words(self):
        assert str(Share.of([True] * 26 + [False] * 24)) == "26 of 50 (95%: 37–66%)"
        with pytest.raises(ValueError, match="truth values"):
            Share.of([0, 1, 1])

    def test_means_and_differences_by_hand(self):
        values = [0.1, 0.3, 0.2, 0.2]
        found = mean(values)
        assert found.value == pytest.approx(0.2) and found.error == pytest.approx(math.sqrt(0.02 / 3) / 2)
        assert found.range == (0.1, 0.3)
        assert str(found) == "0.20 ± 0.04"
        assert str(mean(values, percent=True)) == "20% ± 4%"
        apart = difference([0.93, 0.95], [0.9, 0.9], percent=True)
        assert str(apart) == "4.0 ± 1.0 percentage points" and apart.number == "4.0 ± 1.0"
        assert apart.between == "−8.7 to 16.7"
        assert str(difference([1.0, 2.0], [2.0, 4.0])) == "−1.5 ± 0.5"
        # Student's t with one degree of freedom has its 97.5% point at 12.706.
        assert difference([1.0, 2.0], [2.0, 4.0]).interval[0] == pytest.approx(-1.5 - 12.7062 * 0.5, rel=1e-4)
        with pytest.raises(ValueError, match="pairs"):
            difference([1.0, 2.0], [1.0])
        with pytest.raises(ValueError, match="several starts"):
            Mean(np.array([1.0]))

    def test_an_interval_of_a_mean_covers_as_often_as_it_says(self):
        chance = np.random.default_rng(5)
        inside = [low < 0 < high for low, high in (mean(chance.normal(size=6)).interval for _ in range(2000))]
        assert 0.93 < np.mean(inside) < 0.97

    def test_the_chance_of_a_gap_is_no_smaller_than_what_chance_does(self):
        chance = np.random.default_rng(6)
        for draw in (chance.normal, lambda size: chance.integers(0, 3, size)):
            found = np.array([chance_of_gap(draw(size=30), draw(size=12)) for _ in range(1500)])
            for level in (0.2, 0.05, 0.01):
                assert (found <= level).mean() <= level + 3 * math.sqrt(level / 1500)
        assert chance_of_gap(np.arange(40.0), np.arange(12) + 100.0) < 1e-10


class TestRecord:
    def test_numbers_come_back_by_case_and_quantity(self, recorded):
        found = load(THROW)
        assert found.seeds("left", "height").shape == (40,) and found.roundings("left", "height").shape == (5,)
        assert found.seeds("right", "counts").shape == (40, 2)
        np.testing.assert_allclose(
            found.seeds("left", "height"), throw("left", THROW.starts())["height"][:40], rtol=1e-3
        )

    @pytest.mark.parametrize(
        ("changed", "complaint"),
        [
            ({"settings": {"sides": (4, 10)}}, "settings changed since"),
            ({"seeds": 41}, "seeds changed since"),
            ({"roundings": 6}, "roundings changed since"),
        ],
    )
    def test_a_record_of_other_settings_is_refused(self, recorded, changed, complaint):
        with pytest.raises(RecordError, match=rf"{complaint}\); make a new one: .* record throw"):
            load(replace(THROW, **changed))

    def test_a_record_of_other_code_is_refused(self, recorded, monkeypatch):
        monkeypatch.setattr(Experiment, "source", lambda self: "another")
        with pytest.raises(RecordError, match="source changed since"):
            load(THROW)

    def test_a_missing_record_says_how_to_make_it(self, recorded):
        with pytest.raises(
            RecordError, match="no record of fall; make one: python -m lossbook.experiments record fall"
        ):
            load(replace(THROW, name="fall"))

    def test_where_a_run_lies(self, recorded):
        found = load(THROW)
        seeds = found.seeds("left", "counts")[:, 1]
        below, same = int((seeds < 3).sum()), int((seeds == 3).sum())
        said = found.place("left", "counts", 3, at=1)
        assert said.startswith(f"3: {below} of 40 recorded seeds lie below, {same} equal")
        assert "outside the 40 recorded seeds" in found.place("left", "height", 50.0)
        # A number that was recorded is found again, though the record keeps four of its digits.
        highest = float(found.seeds("left", "height").max())
        assert "outside" not in found.place("left", "height", highest * (1 + 1e-5))

    def test_words_about_code_leave_its_digest_alone(self):
        code = 'def f(x):\n    """Say."""\n    # why\n    return x\n'
        assert digest_of_code(code) == digest_of_code('"""A module."""\n\n\ndef f(x):\n    return x\n')
        assert digest_of_code(code) != digest_of_code(code.replace("return x", "return 2 * x"))
        # What stands further in is other code, and a text that is used is no docstring.
        assert digest_of_code("if a:\n    b()\n    c()\n") != digest_of_code("if a:\n    b()\nc()\n")
        assert digest_of_code('x = """a"""\n') != digest_of_code('x = """b"""\n')

    def test_only_finite_numbers_are_kept(self):
        assert plain({"a": np.array([0.123456, 2.0])}) == {"a": [0.1235, 2]}
        with pytest.raises(ValueError, match="finite"):
            plain(np.array([np.nan]))


class TestComparison:
    def again(self, first=1000, count=12, **shift):
        begun = [Start(first + number, 0) for number in range(count)]
        found = {case: throw(case, begun) for case in THROW.cases}
        for case, by in shift.items():
            found[case]["height"] += by
        return found

    def test_new_seeds_of_the_same_experiment_pass(self, recorded):
        rows = running.compare(load(THROW), self.again())
        assert len(rows) == 2 * (1 + 2) and rows[0][0] > 1e-4

    def test_another_distribution_is_found(self, recorded):
        rows = running.compare(load(THROW), self.again(right=6.0))
        assert rows[0][1] == "right: height" and rows[0][0] < 1e-8
        assert rows[1][0] > 1e-4

    def test_verify_tells_both_apart(self, recorded, monkeypatch, capsys):
        monkeypatch.setattr(running, "experiment", lambda name: THROW)
        for shift, holds in ((0.0, True), (6.0, False)):
            monkeypatch.setattr(running, "run", lambda *_, shift=shift: self.again(left=shift))
            assert running.verify("throw", 1, 1000) is holds
        said = capsys.readouterr().out
        assert "seeds 1000 to 1011, 6 numbers compared" in said and "differs from the record: left: height" in said


@pytest.mark.parametrize("name", EXPERIMENTS)
class TestEveryRecord:
    def test_it_belongs_to_the_code_and_holds_all_cases_and_starts(self, name):
        chosen = experiment(name)
        assert chosen.name == name
        found = load(chosen)
        assert tuple(found.data["measured"]) == tuple(chosen.cases)
        sizes = {len(values) for quantities in found.data["measured"].values() for values in quantities.values()}
        assert sizes == {chosen.seeds + chosen.roundings}
        assert chosen.seeds >= 30 and chosen.roundings >= 30
        for key in ("command", "date", "minutes", "processor", "versions"):
            assert found.data[key], key
        assert f"record {name}" in found.made

    def test_the_settings_are_plain_and_the_file_is_text_that_can_be_compared(self, name):
        text = path_of(name).read_text(encoding="utf-8")
        assert json.loads(text)["settings"] == plain(experiment(name).settings)
        assert text.endswith("}\n") and max(map(len, text.splitlines())) < 20_000


def test_only_counts_are_moved_along_the_axis():
    """Shares are whole numbers, too, where all of them are 0 or 1."""
    found = load(experiment("perceptual"))
    (panel,) = strips(found, {"share": ("nearest", None)}, percent=["share"]).drawing.axes
    drawn = [line.get_xdata() for line in panel.lines if len(line.get_xdata())]
    expected = [part(case, "nearest") for case in found.experiment.cases for part in (found.seeds, found.roundings)]
    assert any((values == 1).all() for values in expected) and len(drawn) == len(expected)
    for points, values in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(points, values)
    assert max(panel.get_xticks()) <= 1


def test_records_are_small():
    assert sum(path.stat().st_size for path in record.FOLDER.glob("*.json")) < 300 * 1024
    assert {path.stem for path in record.FOLDER.glob("*.json")} == set(EXPERIMENTS)


def test_the_fast_records_are_verified(capsys):
    """Run a part of the fast experiments again, from seeds that are new at each run."""
    from lossbook.experiments.__main__ import main

    assert any(experiment(name).fast for name in EXPERIMENTS)
    status = main(["verify", "--fast"])
    assert status == 0, capsys.readouterr().out
