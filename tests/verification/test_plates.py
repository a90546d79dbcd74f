"""Plates under pressure against the NAFEMS thick plate and the closed forms of circular plates."""

import numpy as np
import pytest

import support_meshes
from deadlight.mesh.mesh import Mesh
from deadlight.stress.supports import Fixed
from support_materials import Linear
from support_panes import nearest, problem, solved, symmetry, where

GLASS = Linear(E=70e9, nu=0.22, alpha=9e-6)
A, H, Q = 0.15, 0.01, 1e5


def _ellipses(p: np.ndarray) -> np.ndarray:
    """Unit box to the quarter ring between the ellipses (2, 1) and (3.25, 2.75), 0.6 thick."""
    s, angle = p[:, 0], np.pi / 2 * p[:, 1]
    return np.column_stack(
        [((1 - s) * 2.0 + s * 3.25) * np.cos(angle), ((1 - s) * 1.0 + s * 2.75) * np.sin(angle), 0.6 * p[:, 2]]
    )


@pytest.mark.reference("NAFEMS 1990, The Standard NAFEMS Benchmarks, TNSB Rev. 3, LE10")
@pytest.mark.parametrize(("kind", "counts"), [("hex20", (8, 8, 4)), ("tet10", (14, 12, 6))])
def test_nafems_le10(kind: str, counts: tuple[int, int, int]) -> None:
    """sigma_yy at D (2, 0, 0.6) is -5.38 MPa within 1 % (NAFEMS TNSB Rev. 3, 1990, LE10).

    Symmetry on x = 0 and y = 0; u = v = 0 on the outer curved face, w = 0 on its mid-line; top pressure 1 MPa.
    """
    s = np.linspace(0, 1, counts[0] + 1) ** 1.5
    mesh = support_meshes.box(kind, counts, bend=_ellipses, levels=(s, None, None))
    mesh = support_meshes.name_faces(mesh, {"body.top": lambda p: p[:, 2] > 0.6 - 1e-9})
    outer = where(mesh, lambda p: np.abs((p[:, 0] / 3.25) ** 2 + (p[:, 1] / 2.75) ** 2 - 1) < 1e-9)
    middle = outer[np.abs(mesh.points[outer, 2] - 0.3) < 1e-9]
    supports = [*symmetry(mesh), Fixed(outer, (0, 1)), Fixed(middle, (2,))]
    found, stress = solved(problem(mesh, supports, material=Linear(E=210e9, nu=0.3), pressures={"body.top": 1e6}))
    value = stress[nearest(mesh, 2.0, 0.0, 0.6), 1]
    print(f"LE10 {kind}: {value / 1e6:.4f} MPa")
    assert value == pytest.approx(-5.38e6, rel=0.01)
    assert found.balance.max() < 1e-9


def _disc(kind: str = "hex20", n: int = 9, layers: int = 2) -> Mesh:
    mesh = support_meshes.quarter_disc(kind, A, H, n, layers)
    return support_meshes.name_faces(mesh, {"body.outer": lambda p: p[:, 2] > H - 1e-9})


@pytest.mark.reference("Timoshenko & Woinowsky-Krieger 1959, Theory of Plates and Shells, eqs. (62), (64)")
def test_clamped_circular_plate() -> None:
    """Centre deflection 0.131392 mm (with shear) and stress 10.2938 MPa within 0.5 %.

    Timoshenko & Woinowsky-Krieger, Theory of Plates and Shells, 2nd ed., eqs. (62), (64) and section 20 for shear;
    centre stress with the thick-plate term, a = 0.15 m, h = 0.01 m, q = 0.1 MPa, E = 70 GPa, nu = 0.22.
    """
    mesh = _disc()
    rim = where(mesh, lambda p: np.hypot(p[:, 0], p[:, 1]) > A - 1e-9)
    found, stress = solved(problem(mesh, [*symmetry(mesh), Fixed(rim)], material=GLASS, pressures={"body.outer": Q}))
    middle, bottom = nearest(mesh, 0, 0, H / 2), nearest(mesh, 0, 0, 0)
    print(f"clamped: w {-found.displacement[middle, 2, 0] * 1e3:.6f} mm, sigma {stress[bottom, 0] / 1e6:.4f} MPa")
    assert -found.displacement[middle, 2, 0] == pytest.approx(0.000131392, rel=0.005)
    assert stress[bottom, :2] == pytest.approx([10293800.0] * 2, rel=0.005)
    assert stress[bottom, 2] == pytest.approx(0, abs=1.0)  # the traction of the free face is met exactly


@pytest.mark.reference("Timoshenko & Woinowsky-Krieger 1959, Theory of Plates and Shells, eqs. (67), (68)")
def test_simply_supported_circular_plate() -> None:
    """Centre deflection 0.55212 mm within 0.3 % + (h/a)^2, centre stress 27.1688 MPa within 0.3 %.

    Timoshenko & Woinowsky-Krieger, eqs. (67), (68); w = 0 on the mid-surface rim line.
    """
    mesh = _disc()
    line = where(mesh, lambda p: (np.hypot(p[:, 0], p[:, 1]) > A - 1e-9) & (np.abs(p[:, 2] - H / 2) < 1e-9))
    found, stress = solved(
        problem(mesh, [*symmetry(mesh), Fixed(line, (2,))], material=GLASS, pressures={"body.outer": Q})
    )
    middle, bottom = nearest(mesh, 0, 0, H / 2), nearest(mesh, 0, 0, 0)
    print(f"simple: w {-found.displacement[middle, 2, 0] * 1e3:.6f} mm, sigma {stress[bottom, 0] / 1e6:.4f} MPa")
    assert -found.displacement[middle, 2, 0] == pytest.approx(0.00055212, rel=0.003 + (H / A) ** 2)
    assert stress[bottom, :2] == pytest.approx([27168800.0] * 2, rel=0.003)


@pytest.mark.reference("Timoshenko & Woinowsky-Krieger 1959, Theory of Plates and Shells, eqs. (62), (64)")
@pytest.mark.parametrize("kind", ["tet10", "wedge15"])
def test_clamped_plate_with_other_elements(kind: str) -> None:
    """The same plate: deflection within 0.5 %, stress within 1 % on a mesh of triangles."""
    mesh = _disc(kind, n=10)
    rim = where(mesh, lambda p: np.hypot(p[:, 0], p[:, 1]) > A - 1e-9)
    found, stress = solved(problem(mesh, [*symmetry(mesh), Fixed(rim)], material=GLASS, pressures={"body.outer": Q}))
    assert -found.displacement[nearest(mesh, 0, 0, H / 2), 2, 0] == pytest.approx(0.000131392, rel=0.005)
    assert stress[nearest(mesh, 0, 0, 0), :2] == pytest.approx([10293800.0] * 2, rel=0.01)


@pytest.mark.reference("Timoshenko & Goodier 1970, Theory of Elasticity, section 102")
def test_hanging_under_its_own_weight() -> None:
    """A column fixed at the top: sigma_zz = rho g z exactly, u_z quadratic (Timoshenko & Goodier section 102)."""
    length, g = 0.5, 9.81
    mesh = support_meshes.box("hex20", (2, 2, 5), (0.1, 0.1, length))
    material = Linear(nu=0.0)
    top = where(mesh, lambda p: p[:, 2] > length - 1e-9)
    found, stress = solved(problem(mesh, [Fixed(top)], material=material, acceleration=(0, 0, -g)))
    z = mesh.points[:, 2]
    assert stress[:, 2] == pytest.approx(material.density * g * z, abs=1e-3 * material.density * g * length)
    exact = material.density * g / (2 * material.E) * (z**2 - length**2)
    assert found.displacement[:, 2, 0] == pytest.approx(exact, abs=1e-9 * np.abs(exact).max())
