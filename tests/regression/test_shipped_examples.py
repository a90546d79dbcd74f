"""The shipped examples: each is a valid case, and its answer on a coarse mesh is the one kept in reference.json."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import regenerate

from support_cases import CASE, call, one_object, write_case

REFERENCE = json.loads(regenerate.REFERENCE.read_text(encoding="utf-8"))
QUICK = {"shenzhou20/case", "arc_jet/case"}
SCRIPTS = sorted(path for path in regenerate.EXAMPLES.rglob("*.py"))
# Relative bands.  Wide enough for another BLAS or thread count and for steps that fall elsewhere, far below what a
# wrong sign, a lost boundary or a changed property would do.
TEMPERATURE, K_MAX, INSTANT = 0.005, 0.03, 15.0
SMALL = 0.05e6  # [Pa m^0.5] a fifteenth of the toughness of glass: below, K is held to 5 kPa m^0.5, its instant is free


@pytest.mark.parametrize("name", regenerate.CASES)
def test_every_example_passes_check(name, capfd):
    status, told, complaint = call(capfd, "check", regenerate.CASES[name], "--json")
    assert status == 0, complaint
    understood = one_object(told)
    assert understood["environment"]["end_s"] > 0.0
    assert understood["cracks"]


def test_the_reference_holds_every_example_and_no_other():
    assert set(REFERENCE) == set(regenerate.CASES)


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in regenerate.CASES]
)
def test_answer_is_the_one_kept(name):
    """Outer face's peak temperature within 0.5 %, largest K within 3 %, its instant within 15 s, the same end state."""
    found, kept = regenerate.figures(regenerate.coarse(regenerate.CASES[name])), REFERENCE[name]
    assert found["outer_peak_K"] == pytest.approx(kept["outer_peak_K"], rel=TEMPERATURE)
    assert set(found["cracks"]) == set(kept["cracks"])
    for crack, was in kept["cracks"].items():
        now = found["cracks"][crack]
        assert set(now) == set(was), crack
        if "K_Pa_sqrt_m" in was:
            assert now["K_Pa_sqrt_m"] == pytest.approx(was["K_Pa_sqrt_m"], rel=K_MAX, abs=0.1 * SMALL), crack
            if was["K_Pa_sqrt_m"] > SMALL:
                assert now["time_of_max_s"] == pytest.approx(was["time_of_max_s"], abs=INSTANT), crack
        if "full_K_Pa_sqrt_m" in was:
            assert now["full_K_Pa_sqrt_m"] == pytest.approx(was["full_K_Pa_sqrt_m"], rel=K_MAX), crack
            assert now["full_time_of_max_s"] == pytest.approx(was["full_time_of_max_s"], abs=INSTANT), crack
        assert now["state"] == was["state"], crack


def test_python_block_of_the_readme_runs(tmp_path):
    """Its lines as they stand, with a case of half a minute in the place of the shipped one."""
    readme = (regenerate.EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    code = readme.split("```python\n", 1)[1].split("```", 1)[0]
    case = write_case(tmp_path / "tiny")
    assert '"examples/shenzhou20/case.toml"' in code and 'root="examples/shenzhou20"' in code
    code = code.replace('"examples/shenzhou20/case.toml"', repr(str(case)))
    code = code.replace('"examples/shenzhou20"', repr(str(case.parent)))
    space = {}
    exec(compile(code, "README.md", "exec"), space)
    assert len(space["result"].cracks) == CASE.count("[[cracks]]")
    assert space["crack"].tier == "quick"
    assert 0.0 < space["crack"].ratio_max < 1.0 and space["crack"].first_time is None


def test_example_scripts_import():
    """Every name they take from deadlight exists; what they do at length they do under __main__ only.

    All in one process, each with its own folder first on the path, as if it were started alone.
    """
    assert SCRIPTS
    code = """import pathlib, runpy, sys
before, known = list(sys.path), set(sys.modules)
for script in sys.argv[1:]:
    print(script, file=sys.stderr)
    folder = pathlib.Path(script).parent
    sys.path[:] = [str(folder), *before]
    runpy.run_path(script, run_name="seen")
    for name in set(sys.modules) - known:  # helpers beside a script are not those of the next
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, *map(str, SCRIPTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr[-2000:]}"
