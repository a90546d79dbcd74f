"""The case form: the shipped example reads, and every mistake is answered with its place and a remedy."""

from pathlib import Path

import pytest

from deadlight.case.load import case_hash, case_schema, load_case
from deadlight.errors import CaseError

EXAMPLE = Path(__file__).parents[2] / "examples/shenzhou20/case.toml"


def _changed(tmp_path, *changes):
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "case.toml"
    path.write_text(text)
    return path


def test_example_in_si():
    case = load_case(EXAMPLE)
    assert case.cracks[0].two_c == pytest.approx(0.012)
    assert case.environment.trajectory.flight_path_angle == pytest.approx(-0.0253073, rel=1e-5)
    assert case.support("thermal").seat_stiffness == 500e6
    assert case.environment.heating.ratio.band == (0.05, 0.45)


MISTAKES = [
    ('two_c = "12 mm"', "two_c = 12", ["cracks.0.two_c", "line", "bare number", "mm"]),
    ('two_c = "12 mm"', 'two_c = "12 kg"', ["cracks.0.two_c", "12 kg"]),
    ('two_c = "12 mm"', 'two_c = "-12 mm"', ["cracks.0", "above 0"]),
    ('two_c = "12 mm"', 'a = "1 mm"', ["through", "two_c"]),
    ('two_c = "12 mm"', "two_c = nan", ["bare number"]),
    ('nose_radius = "2.4 m"', 'nose_radius = "2.4 s"', ["nose_radius", "line"]),
    ('inside_lip = "5 mm"', 'inside_lip = "5 mm", radius = "1 m"', ["exactly one"]),
    ('pane = "thermal"\nkind', 'pane = "thermic"\nkind', ["thermic", "thermal"]),
    ("schema = 1", "schema = 2", ["schema"]),
    ('role = "thermal" ', 'rolle = "thermal" ', ["rolle", "unknown key"]),
    ("[window]", "[window", ["TOML"]),
    ('refine = "1.0"', 'refine = "100"', ["refine"]),
    ('value = "0.20", band = ["0.05", "0.45"]', 'value = "0.70", band = ["0.05", "0.45"]', ["outside its own band"]),
]


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES)
def test_mistake_is_named(tmp_path, old, new, words):
    with pytest.raises(CaseError) as error:
        load_case(_changed(tmp_path, (old, new)))
    message = str(error.value)
    assert all(word in message for word in words), message
    assert len(message.splitlines()) <= 12
    assert error.value.exit_status == 2


def test_missing_file_and_binary(tmp_path):
    with pytest.raises(CaseError, match="cannot read"):
        load_case(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="UTF-8"):
        load_case(tmp_path / "x.toml")


def test_hash_sees_values_not_layout(tmp_path):
    def digest(*changes):
        return case_hash(load_case(_changed(tmp_path, *changes)), version="1", files={})

    same = digest()
    assert digest(('two_c = "12 mm"', 'two_c = "0.012 m"   # the same')) == same
    assert digest(('two_c = "12 mm"', 'two_c = "12.1 mm"')) != same


def test_schema_names_every_table():
    schema = case_schema()
    assert {"panes", "gaps", "supports", "environment", "cracks", "criteria"} <= set(schema["properties"])
