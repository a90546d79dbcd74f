"""Studies small enough for tests, on the pane of `support_cases`: its window is solved once for a whole test run."""

import functools
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from deadlight.study.plan import plan_of
from deadlight.study.read import read_study
from deadlight.study.window import StudyWindow
from support_cases import write_case

STUDY = """schema = 1
name = "small study"
cases = ["case.toml"]
seed = 7
[[parameters]]
name = "cracks.C1.two_c"
spread = { kind = "uniform", low = "3 mm", high = "20 mm" }
[[parameters]]
name = "cracks.C1.place.azimuth"
spread = { kind = "uniform", low = "0 deg", high = "350 deg" }
[[parameters]]
name = "cracks.C1.place.inside_lip"
spread = { kind = "uniform", low = "0 mm", high = "60 mm" }
[[parameters]]
name = "toughness.thermal"
spread = { kind = "normal", mean = "1", deviation = "0.1", low = "0.7", high = "1.3" }
[design]
samples = 12
[limits]
time = "60 s"
"""


def kept_record(key, /, tier="quick", **changes):
    """The record of a failed case as a folder keeps it; its hash by json and hashlib, over the changes too."""
    made = {
        "key": key, "row": 0, "base": 0, "tier": tier, "values": {"toughness.thermal": "1"}, "status": "failed",
        "verdict": "NOT_SHOWN", "reason": "a test", **changes,
    }  # fmt: skip
    made = {name: value for name, value in made.items() if value is not ...}
    return {**made, "content": hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()}


def write_study(folder, *changes):
    """The study with its case in a folder; each change is (old, new) and must hit."""
    write_case(folder)
    text = STUDY
    for old, new in changes:
        assert old in text, f"the test's own replacement must hit: {old}"
        text = text.replace(old, new, 1)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


@functools.cache
def _kept():
    """Heat and stress of the small case, solved once, under its key."""
    folder = Path(tempfile.mkdtemp(prefix="deadlight-study-"))
    study = read_study(write_study(folder))
    group = plan_of(study).groups[0]
    StudyWindow.open(group.case, group.base.root, folder / group.key)
    return folder, group.key


def with_window(out):
    """A study's folder that has heat and stress of the small case already."""
    folder, key = _kept()
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder / key, out / "shared" / key, dirs_exist_ok=True)
    return out


def small_window(folder):
    """The group of the small study and its window, from what is kept."""
    study = read_study(write_study(folder))
    group = plan_of(study).groups[0]
    out = with_window(folder / "out")
    return group, StudyWindow.open(group.case, group.base.root, out / "shared" / group.key)
