"""Input at fault: exit status 2, one clear message with file, place, value and remedy, nothing taken for a result."""

import re
from pathlib import Path

import pytest

from support_cases import call, one_object, write_case

EXAMPLE = Path(__file__).parents[2] / "examples/shenzhou20/case.toml"
COARSE = ('refine = "1.0"', 'refine = "0.3"')


@pytest.fixture
def refused(tmp_path, capfd):
    """Runs a case file that must be refused; returns the message."""

    def run(path, *words):
        out = tmp_path / f"out{len(list(tmp_path.glob('out*')))}"
        status, stdout, stderr = call(capfd, "run", path, "--out", out)
        lines = [line for line in stderr.splitlines() if not re.match(r"(window|environment|heat|stress): ", line)]
        message = "\n".join(lines)
        assert status == 2, message
        assert stdout == ""
        assert "Traceback" not in message
        assert message.startswith("error ")
        assert len(lines) <= 12
        assert max(map(len, lines)) < 1200
        assert path.name in message
        missing = [word for word in words if str(word) not in message]
        assert not missing, f"{missing} not in:\n{message}"
        for result in ("summary.json", "report.html", "history.parquet"):
            assert not (out / result).exists()
        return message

    return run


def changed(folder, *changes):
    """The shipped example with changes, each of which must hit, coarse so that a slip past the form costs little."""
    text = EXAMPLE.read_text()
    for old, new in [*changes, *([] if any("refine" in old for old, _ in changes) else [COARSE])]:
        assert old in text, f"the test's own replacement must hit: {old}"
        text = text.replace(old, new, 1)
    path = folder / "case.toml"
    path.write_text(text)
    return path


# What stands in the example, the bad text in its place, and what the message must say.
ABSURD = [
    ('speed = "7620 m/s"', 'speed = "-7620 m/s"', ["trajectory.speed (line", "-7620 m/s", "above 0"]),
    ('speed = "7620 m/s"', 'speed = "7 620 m/s"', ["trajectory.speed", "7 620 m/s", "for example"]),
    ('speed = "7620 m/s"', 'speed = "7620 km/s"', ["trajectory.speed", "7620 km/s", "30000 m/s", "unit"]),
    ('speed = "7620 m/s"', 'speed = "nan m/s"', ["trajectory.speed", "not finite"]),
    ('value = "0.20", band = ["0.05", "0.45"]', 'value = "1e9"', ["heating.ratio.value", "1e9", "at most 20"]),
    ('value = "0.20", band = ["0.05", "0.45"]', 'value = "-0.2"', ["heating.ratio.value", "-0.2", "at least 0"]),
    ('band = ["0.05", "0.45"]', 'band = ["0.45", "0.05"]', ["heating.ratio", "0.45 .. 0.05"]),
    ('altitude = "120 km"', 'altitude = "1200 km"', ["trajectory.altitude", "1200 km", "990000 m"]),
    ('altitude = "120 km"', 'altitude = "5 km"', ["trajectory", "parachute opens at 10 km", "5 km"]),
    ('flight_path_angle = "-1.45 deg"', 'flight_path_angle = "-145 deg"', ["-145 deg", "-90", "deg"]),
    ('flight_path_angle = "-1.45 deg"', 'flight_path_angle = "-1.45"', ["flight_path_angle", '"-1.45"']),
    ('ballistic_coefficient = "510 kg/m**2"', 'ballistic_coefficient = "0 kg/m**2"', ["0 kg/m**2", "at least"]),
    ('lift_to_drag = "0.3"', 'lift_to_drag = "-0.3"', ["lift_to_drag", "at least 0"]),
    ('parachute_altitude = "10 km"', 'parachute_altitude = "1 m"', ["parachute_altitude", "1 m", "at least 100"]),
    ('lift_fraction = "0.5"', 'lift_fraction = "5"', ["lift_fraction", "at most 1"]),
    ('lift_fraction = "0.5"', 'hold_angle = "-1 deg"', ["hold_angle", "does nothing", "hold"]),
    ('lift_fraction = "0.5"', 'guidance = "bank"', ["bank", "go together"]),
    ('nose_radius = "2.4 m"', 'nose_radius = "0 m"', ["nose_radius", "0 m", "at least"]),
    ('touchdown_speed = "7.5 m/s"', 'touchdown_speed = "0 m/s"', ["touchdown_speed", "at least"]),
    ('emissivity = ["0.82", "0.82"]', 'emissivity = ["2", "0.82"]', ["gaps.0.emissivity.0", '"2"', "at most 1"]),
    ('emissivity = ["0.82", "0.82"]', 'emissivity = ["82", "0.82"]', ["gaps.0.emissivity.0", "at most 1"]),
    ('emissivity = ["0.82", "0.82"]', 'emissivity = ["0.82"]', ["gaps.0.emissivity.1", "too few"]),
    ('emissivity = ["0.82", "0.82"]', 'emissivity = ["50 % of it", "0.82"]', ["emissivity.0", "50 % of it", "'of'"]),
    ('heat_tolerance = "1 K"', 'heat_tolerance = "0 K"', ["solver.heat_tolerance", "0 K", "at least"]),
    ('heat_tolerance = "1 K"', 'heat_tolerance = "-1 K"', ["solver.heat_tolerance", "-1 K"]),
    ('heat_tolerance = "1 K"', 'heat_tolerance = "nan K"', ["solver.heat_tolerance", "not finite"]),
    ('heat_tolerance = "1 K"', 'heat_tolerance = "1 degC"', ["solver.heat_tolerance", "1 degC", "unit"]),
    ('seat_stiffness = "500 MPa/m"', 'seat_stiffness = "0 MPa/m"', ["thermal.seat_stiffness", "0 MPa/m"]),
    ('seat_stiffness = "500 MPa/m"', 'seat_stiffness = "500 MPa"', ["thermal.seat_stiffness", "Pa/m"]),
    ('preload = "50 kPa"', 'preload = "-50 kPa"', ["thermal.preload", "-50 kPa", "at least 0"]),
    ('gasket_conductance = "60', 'gasket_conductance = "-60', ["gasket_conductance", "-60 W/m**2/K", "above 0"]),
    ('gasket_conductance = "60', 'gasket_conductance = "0', ["gasket_conductance", "above 0"]),
    ('lip_heating = "0.0"', 'lip_heating = "-1"', ["lip_heating", "at least 0"]),
    ('shading = "lip"', 'shading = "side_heated"', ["supports.thermal", "rim_heating"]),
    ('shading = "lip"', 'rim_heating = "0.5"', ["supports.thermal", "rim_heating", "side_heated"]),
    ('K_Ic_factor = { value = "1.4"', 'K_Ic_factor = { value = "0"', ["criteria.K_Ic_factor.value", "at least 1"]),
    ('K_Ic_factor = { value = "1.4"', 'K_Ic_factor = { value = "-1.4"', ["K_Ic_factor.value", "-1.4"]),
    ('K_Ic_factor = { value = "1.4"', 'K_Ic_factor = { value = "0.7"', ["K_Ic_factor.value", "0.7", "at least 1"]),
    ('initial_temperature = "260 K"', 'initial_temperature = "-3 K"', ["panes.0.initial_temperature", "-3 K"]),
    ('initial_temperature = "260 K"', 'initial_temperature = "-300 degC"', ["panes.0.initial_temperature", "20"]),
    ('initial_temperature = "260 K"', 'initial_temperature = "26000 K"', ["initial_temperature", "2000 K"]),
    ('refine = "1.0"', 'refine = "0.3"\nthickness = "0 mm"', ["window.thickness", "0 mm", "at least"]),
    ('refine = "1.0"', 'refine = "0.3"\nthickness = "10 m"', ["window.thickness", "10 m", "at most"]),
    ('refine = "1.0"', 'refine = "0.3"\nlip_width = "200 mm"', ["thermal", "200 mm", "less than 75 mm"]),
    ('refine = "1.0"', 'refine = "0.3"\nlip_width = "-2 mm"', ["window.lip_width", "-2 mm"]),
    ('refine = "1.0"', 'refine = "0.3"\nedge = "flush_bevel"\nlip_width = "5 mm"', ["lip_width does nothing"]),
    ('refine = "1.0"', 'refine = "1e9"', ["window", "refine", "0.2 to 6"]),
    ('refine = "1.0"', "refine = 1.0", ["window.refine", "bare number", "text"]),
    ('drawing = "shenzhou_like"', 'drawing = "soyuz"', ["window.drawing", "soyuz", "shenzhou_like"]),
    ('drawing = "shenzhou_like"', 'drawing = "shuttle_like"', ["panes are thermal", "redundant"]),
    ('area = "20 mm**2"', 'area = "-20 mm**2"', ["gaps.0.vent.area", "-20 mm**2", "at least"]),
    ('area = "20 mm**2"', 'area = "20 mm"', ["gaps.0.vent.area", "20 mm", "m**2"]),
    ('discharge = "0.6"', 'discharge = "6"', ["gaps.0.vent.discharge", "at most 1"]),
    ('state = "sealed"', 'state = "shut"', ["gaps.1.state", "shut", "sealed"]),
    ('pressure = "100 kPa"', 'pressure = "-100 kPa"', ["gaps.1.pressure", "-100 kPa", "at least 0"]),
    ('vent = { area = "20 mm**2"', 'pressure = "3 kPa"\nvent = { area = "20 mm**2"', ["gaps.0", "vented", "pressure"]),
    ('["thermal", "pressure_1"]', '["thermal", "pressure_2"]', ["neighbouring", "thermal", "pressure_2", "outermost"]),
    ('["thermal", "pressure_1"]', '["pressure_1", "thermal"]', ["inside out", "outer pane first"]),
    ('["pressure_1", "pressure_2"]', '["thermal", "pressure_1"]', ["twice", "thermal", "pressure_1"]),
    ('["thermal", "pressure_1"]', '["thermal", "thermic"]', ["gaps", "thermic", "the panes are"]),
    ('name = "pressure_2"', 'name = "pressure_1"', ["pressure_1", "twice"]),
    ('name = "pressure_2"', 'name = "Pressure_1"', ["twice", "names must differ"]),
    ('material = "fused_silica"', 'material = "fuzed_silica"', ["thermal.material", "fuzed_silica", "fused_silica"]),
    ('"titanium_6al4v"', '"unobtainium"', ["supports.thermal.retainer_material", "unobtainium", "there are"]),
    ('inside_lip = "5 mm"', 'inside_lip = "-50 mm"', ["crack C1", "outside the rim", "move the crack inwards"]),
    ('inside_lip = "5 mm"', 'radius = "500 mm"', ["crack C1", "outside the rim", "(433, 250) mm"]),
    ('two_c = "12 mm"', 'two_c = "1 m"', ["crack C1", "cuts the body in two", "smaller"]),
    ('two_c = "12 mm"', 'two_c = "0 mm"', ["cracks.0.two_c", "0 mm", "above 0"]),
    ('two_c = "12 mm"', "two_c = 12", ["cracks.0.two_c", "bare number"]),
    ('pane = "thermal"', 'pane = "thermic"', ["cracks", "thermic", "the panes are"]),
    ('name = "C1"', 'name = "../C1"', ["cracks.0.name", "../C1", "letters"]),
    ('name = "C1"', 'name = "Vent"', ['named "vent"', "gap"]),
    ('cabin = "101325 Pa"', 'cabin = "101325 kPa"', ["pressure.cabin", "101325 kPa", "unit"]),
    ('outer_cp = "0.1"', 'outer_cp = "1000"', ["outer_cp", "at most 4"]),
    ('direction = ["1", "0", "0"]', 'direction = ["0", "0", "0"]', ["acceleration", "points nowhere"]),
    ("radiative = false", "radiative = true", ["radiative_ratio", "go together"]),
    ("radiative = false", 'gradient = "0.2 1/m"', ["gradient", "flow_direction"]),
    ('"69 MPa"', '"-69 MPa"', ["panes.1.initial_stress.surface_compression", "-69 MPa"]),
    ('tier = "full"', 'tier = "fuller"', ["growth.tier", "fuller", "quick"]),
    ("fields = 12", 'fields = "12"', ["output.fields", "12", "integer"]),
    ("fields = 12", "fields = -1", ["output.fields", "-1", "greater"]),
    ("[criteria]", '[materials.own]\nfamily = "glass"\ndensity = "2.2 g/m**3"\n[criteria]', ["materials.own.density"]),
    ("[criteria]", "[materials]\nmine = 3\n[criteria]", ["materials.mine", "3"]),
    ("schema = 1", "schema = 1\nschema = 1", ["TOML", "line 5"]),
    ("schema = 1", "schema = 1\nx = " + "9" * 5000, ["TOML"]),
    ("schema = 1", "schema = 1\nx = " + "[" * 5000, ["line 5", "nested"]),
    ("schema = 1", "schema = 1\nx = " + "[\n" * 5000, ["nested"]),
    ("schema = 1", "schema = 1\n" + "a." * 5000 + "b = 1", ["line 5", "nested"]),
    ("schema = 1", 'schema = 1\nx = "' + "a" * 100000 + '"', ["x (line 5)", "unknown key"]),
    ("schema = 1", "schema = 1\n" + "\n".join(f"k{i} = 1" for i in range(30000)), ["more"]),
    ("schema = 1", "schema = 1\n#" + "a" * (1 << 20), ["bytes", "at most"]),
    ('name = "Shenzhou', 'name = "\\u001b[31mShenzhou', ["name", "control characters"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), ABSURD, ids=lambda v: v[:30] if isinstance(v, str) else "")
def test_absurd_value_is_refused(tmp_path, refused, old, new, words):
    refused(changed(tmp_path, (old, new)), *words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'schema = 1\nname = "\xff\xfe"\n', ["UTF-8", "byte"]),
        (b"", ["missing"]),
        (b"\x00\x01\x02", ["TOML"]),
        (b"schema = 1\nname = unquoted\n", ["TOML", "line 2"]),
    ],
)
def test_file_that_is_no_case(tmp_path, refused, content, words):
    (tmp_path / "case.toml").write_bytes(content)
    refused(tmp_path / "case.toml", *words)


def test_case_path_is_a_folder_or_missing(tmp_path, refused):
    (tmp_path / "folder.toml").mkdir()
    refused(tmp_path / "folder.toml", "folder", "remedy")
    refused(tmp_path / "none.toml", "No such file", "remedy")


TABLES = [
    ("10,75000,7400,60000", "10,75000,fast,60000", ["table.csv", "line 3", "fast", "finite number"]),
    ("10,75000,7400,60000", "10,75000,nan,60000", ["table.csv", "line 3", "nan"]),
    ("10,75000,7400,60000", "10,75000,inf,60000", ["table.csv", "line 3", "inf"]),
    ("10,75000,7400,60000", "10,75000,-7400,60000", ["table.csv", "line 3", "-7400", "at least 0"]),
    ("10,75000,7400,60000", "10,75000,7400,-60000", ["table.csv", "cold_wall_flux", "-60000"]),
    ("10,75000,7400,60000", "10,75000", ["table.csv", "line 3"]),
    ("10,75000,7400,60000", "10,7.5e9,7400,60000", ["table.csv", "line 3", "altitude", "990000 m", "remedy"]),
    ("10,75000,7400,60000", "0,75000,7400,60000", ["table.csv", "does not increase"]),
    ("h [m]", "h [ft]", ["table.csv", "h [ft]", "h [m]"]),
    ("V [m/s]", "speed [m/s]", ["table.csv", "V [m/s]", "the file has"]),
    (None, b"\xff\xfe\x00\x01", ["table.csv", "not text"]),
    (None, b"", ["table.csv", "lines"]),
]


@pytest.mark.parametrize(("old", "new", "words"), TABLES)
def test_table_at_fault(tmp_path, refused, old, new, words):
    path = write_case(tmp_path)
    table = tmp_path / "table.csv"
    if old is None:
        table.write_bytes(new)
    else:
        assert old in table.read_text()
        table.write_text(table.read_text().replace(old, new, 1))
    refused(path, *words)


COLUMNS = 'columns = { time = "t [s]", altitude = "h [m]", speed = "V [m/s]", cold_wall_flux = "q [W/m**2]" }'


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ('columns = { time = "t [s]", altitude = "h [m]" }', ["columns lacks speed"]),
        (COLUMNS.replace("altitude", "height"), ["height", "known are", "altitude"]),
        (COLUMNS.replace("cold_wall_flux", "film"), ["recovery_enthalpy"]),
        (COLUMNS.replace("cold_wall_flux", "pressure"), ["pressure", "only used beside"]),
        (COLUMNS.replace("V [m/s]", "V [kg]"), ["speed", "kg", "m/s"]),
        (COLUMNS.replace("V [m/s]", "V"), ["speed", "unit"]),
    ],
)
def test_column_map_at_fault(tmp_path, refused, new, words):
    refused(write_case(tmp_path, (COLUMNS, new)), "trajectory" if "lacks" in words[0] else "case.toml", *words)


def test_path_that_escapes_is_refused_before_it_is_read(tmp_path, refused):
    """Tables stay in the case's folder; a mesh inside its declared root; links are followed before the look."""
    home = tmp_path / "home"
    path = write_case(home)
    secret = tmp_path / "secret.csv"
    secret.write_text((home / "table.csv").read_text())
    text = path.read_text()
    for name in ("../secret.csv", str(secret), "/dev/zero", "x/../../secret.csv"):
        path.write_text(text.replace('"table.csv"', f'"{name}"'))
        refused(path, "environment.trajectory.file", name, "outside", "copy it there")
    (home / "link.csv").symlink_to(secret)
    path.write_text(text.replace('"table.csv"', '"link.csv"'))
    refused(path, "link.csv", "outside")
    for name in (".", "none.csv", "sub/none.csv"):
        path.write_text(text.replace('"table.csv"', f'"{name}"'))
        refused(path, "environment.trajectory.file", name)
    (tmp_path / "pane.vtu").write_bytes((home / "pane.vtu").read_bytes())
    path.write_text(text.replace('"pane.vtu"', '"../pane.vtu"'))
    refused(path, "mesh.file", "../pane.vtu", "outside", 'root = ".."')
    path.write_text(text.replace('"pane.vtu"', '"../pane.vtu"\nroot = "nowhere"'))
    refused(path, "mesh.root", "nowhere", "not a folder")


def test_declared_root_lets_a_mesh_stand_beside_the_case(tmp_path, capfd):
    path = write_case(tmp_path / "home", ('file = "pane.vtu"', 'file = "../pane.vtu"\nroot = ".."'))
    (tmp_path / "home/pane.vtu").rename(tmp_path / "pane.vtu")
    status, stdout, stderr = call(capfd, "check", path, "--json")
    assert status == 0, stderr
    assert one_object(stdout)["regions"]["thermal"]["nodes"] == 1125


def test_json_says_it_in_one_object(tmp_path, capfd):
    path = changed(tmp_path, ('speed = "7620 m/s"', 'speed = "-7620 m/s"'))
    status, stdout, stderr = call(capfd, "run", path, "--out", tmp_path / "out", "--json")
    told = one_object(stdout)["error"]
    assert (status, stderr) == (2, "")
    assert told["exit_status"] == 2
    assert told["kind"] == "CaseError"
    assert told["place"] == str(path)
    assert "-7620 m/s" in told["message"]
    assert not (tmp_path / "out").exists()


# Meshes of the user's own ------------------------------------------------------------------------------------------


def test_missing_group_unit_and_region(tmp_path, refused):
    path = write_case(tmp_path)
    text = path.read_text()

    def broken(old, new):
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return path

    refused(broken('unit = "mm"\n', 'unit = "mm"\n[mesh.groups]\nthermal = "VOL_1"\n'), "pane.vtu", "VOL_1", "thermal")
    refused(broken('unit = "mm"\n', 'unit = "mm"\n[mesh.groups]\n"thermal.lip" = "F"\n'), "pane.vtu", '"F"', "the file")
    refused(broken('unit = "mm"', 'unit = "kg"'), "mesh.unit", "kg", "mm")
    refused(broken('unit = "mm"\n', ""), "mesh.unit", "missing")
    refused(broken('unit = "mm"', 'unit = "m"'), "pane.vtu", "unit")
    refused(broken('file = "pane.vtu"', 'file = "none.vtu"'), "mesh.file", "none.vtu", "does not exist")
    other = text.replace('name = "thermal"', 'name = "outer"').replace('pane = "thermal"', 'pane = "outer"')
    path.write_text(other.replace("[supports.thermal]", "[supports.outer]"))
    refused(path, "pane.vtu", "'outer'", "[mesh.groups]")


def text_mesh(folder, name, change):
    """An Abaqus deck of the pane, line by line through `change`."""
    path = write_case(folder, mesh=name)
    lines = (folder / name).read_text().splitlines()
    (folder / name).write_text("\n".join(change(lines)) + "\n")
    return path


def test_inverted_element(tmp_path, refused):
    def swapped(lines):
        row = next(i for i, line in enumerate(lines) if line.startswith("*ELEMENT")) + 1
        numbers = lines[row].split(",")
        numbers[1:5], numbers[5:9] = numbers[5:9], numbers[1:5]
        return [*lines[:row], ",".join(numbers), *lines[row + 1 :]]

    refused(text_mesh(tmp_path, "pane.inp", swapped), "pane.inp", "cell", "remedy")


def test_point_that_is_not_a_number(tmp_path, refused):
    def holed(lines):
        row = lines.index("*NODE") + 5
        return [*lines[:row], "5, nan, 0.0, 0.0", *lines[row + 1 :]]

    refused(text_mesh(tmp_path, "pane.inp", holed), "pane.inp", "nan", "remedy")


@pytest.mark.parametrize("name", ["pane.vtu", "pane.msh", "pane.inp"])
def test_truncated_mesh(tmp_path, refused, name):
    path = write_case(tmp_path, mesh=name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) * 2 // 3])
    refused(path, name, "remedy")


def test_reader_that_exits(tmp_path, refused, monkeypatch):
    """meshio's readers call sys.exit on some files: the reading child may end as it likes, the program says so."""
    path = write_case(tmp_path, mesh="pane.msh")
    (tmp_path / "site").mkdir()
    hook = "import sys\nif any('_child' in a for a in sys.orig_argv):\n    raise SystemExit(0)\n"
    (tmp_path / "site/sitecustomize.py").write_text(hook)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    refused(path, "pane.msh", "reader", "left with status", "remedy")
