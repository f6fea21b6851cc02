"""What runs on GitHub ends in time, and leaves no deployment half done."""

from __future__ import annotations

import pytest
import yaml
from building import ROOT

WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github/workflows").glob("*.yml")}
JOBS = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"]]


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_every_job_has_a_limit(name, job):
    assert 5 <= WORKFLOWS[name]["jobs"][job]["timeout-minutes"] <= 120


def test_a_deployment_is_not_cancelled():
    assert WORKFLOWS["book"]["jobs"]["publish"]["concurrency"]["cancel-in-progress"] is False


def test_executed_notebooks_are_kept_by_what_they_are_made_from():
    for job in ("elsewhere", "build"):
        steps = WORKFLOWS["book"]["jobs"][job]["steps"]
        (cache,) = [number for number, step in enumerate(steps) if step.get("uses", "").startswith("actions/cache@")]
        (build,) = [
            number
            for number, step in enumerate(steps)
            if step.get("run", "").startswith(("jupyter-book build", "make book"))
        ]
        assert cache < build
        assert steps[cache]["with"]["path"] == "_build/.jupyter_cache"
        for word in ("runner.os", "hashFiles(", "chapters/**", "lossbook/**"):
            assert word in steps[cache]["with"]["key"]


def test_records_are_verified_every_week():
    steps = WORKFLOWS["arithmetic"]["jobs"]["claims"]["steps"]
    assert any("lossbook.experiments verify" in step.get("run", "") for step in steps)
    assert WORKFLOWS["arithmetic"][True]["schedule"]  # YAML takes `on` for a truth value


def test_links_to_other_places_are_followed_every_week():
    steps = WORKFLOWS["arithmetic"]["jobs"]["links"]["steps"]
    (build,) = [number for number, step in enumerate(steps) if step.get("run") == "make book"]
    (check,) = [number for number, step in enumerate(steps) if "lychee-action@" in step.get("uses", "")]
    assert build < check
    for word in ("_build/html/chapters/*.html", "README.md", "doi.org/api/handles/$1"):
        assert word in steps[check]["with"]["args"]
