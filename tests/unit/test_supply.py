"""What is installed along: pinned for CI, under licences that are allowed, and listed."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(path: str):
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def licences():
    return script("docs/make_licences.py")


def test_every_direct_requirement_is_pinned_with_a_hash():
    lines = [line for line in (ROOT / "requirements" / "ci.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines}
    assert len(pinned) == len(lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {re.match(r"[\w.-]+", r)[0].lower() for r in script("requirements/lock.py").wanted(project)}
    assert wanted <= pinned, f"run make lock: {wanted - pinned}"


def test_licences_are_allowed(licences):
    assert len(licences.installed()) > 40
    assert licences.refused() == []


def test_a_licence_that_is_not_allowed_is_told(licences, monkeypatch):
    monkeypatch.setattr(licences, "ALLOWED", licences.ALLOWED - {"MPL-2.0"})
    assert any(line.startswith("certifi: MPL-2.0") for line in licences.refused())


def test_page_lists_every_pinned_package(licences):
    listed = set(re.findall(r"^\| ([\w.-]+) \|", (ROOT / "docs" / "licences.md").read_text(), flags=re.M)) - {"package"}
    assert listed == set(licences.pinned()), "run: python docs/make_licences.py --write docs/licences.md"


def test_the_nightly_steps_stay_within_four_hours_and_run_what_exists():
    text = (ROOT / ".ci" / "nightly").read_text()
    steps = re.findall(r'^step "([^"]+)" (\d+) (.+)$', text, flags=re.M)
    assert len(steps) >= 6 and len({name for name, _, _ in steps}) == len(steps)
    assert sum(int(minutes) for _, minutes, _ in steps) <= 240
    for path in re.findall(r"(?<![\w./])((?:\.ci|tests|benchmarks)/[\w./]+)", text):
        assert (ROOT / path).exists(), path
