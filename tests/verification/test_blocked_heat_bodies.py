"""Heat blocked by cracks that open in a body's skin: meshes of the surface machinery, mouths, closed bodies."""

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.operator.blocked_heat import Gap, Prescribed, blocked_heat, radiating_gap
from deadlight.operator.blocked_heat_data import density_functions
from deadlight.operator.load import SurfacePoints
from deadlight.operator.system import Unknowns
from deadlight.surface.body import block, half_space
from deadlight.surface.join import surface_mesh
from deadlight.surface.mesh import SurfaceMesh
from deadlight.surface.sheet import Sheet
from support_blocked_heat import penny

Y, X, Z = (0, 1, 0), (1, 0, 0), (0, 0, 1)


def uniform(points, normals):
    return np.ones((1, len(points)))


def crack_nodes(mesh):
    nodes = np.unique(mesh.cells[mesh.on_crack])
    return nodes[nodes >= 0]


def half_penny(radius=1e-3):
    return surface_mesh(half_space(), [Sheet.ellipse((0, 0, 0), Y, X, radius, radius)]).mesh


def through(half_length, thickness, side):
    line = np.array([[-half_length, 0, 0], [half_length, 0, 0]], dtype=float)
    sheet = Sheet.line(line, Z, (-thickness, 2 * thickness))
    return surface_mesh(block(side, side, thickness), [sheet]).mesh


@pytest.mark.reference("Florence & Goodier 1963, Int. J. Eng. Sci. 1:533")
def test_half_penny_in_an_insulated_face_is_half_a_penny():
    """The face mirrors: jump 4 q sqrt(a^2 - r^2) / (pi k) to the very mouth, where both lips carry half of it."""
    a = 1e-3
    mesh = half_penny(a)
    heat = blocked_heat(mesh, conductivity=1.0, flux=uniform)
    nodes = crack_nodes(mesh)
    exact = 4 / np.pi * np.sqrt(np.maximum(a**2 - (mesh.points[nodes] ** 2).sum(axis=1), 0))
    sign = -np.ones(len(nodes))
    assert np.abs(heat.theta[0, nodes] - sign * exact).max() < 4e-3 * exact.max()
    slave, master, value = mesh.ties
    tied = np.zeros(len(mesh.points))
    np.add.at(tied, slave, value * heat.theta[0, master])
    free = np.setdiff1d(slave, mesh.fixed)
    assert np.allclose(heat.theta[0, free], tied[free])


@pytest.mark.reference("Olesiak & Sneddon 1960, Arch. Rat. Mech. Anal. 4:238")
def test_half_penny_with_cooled_faces_takes_half_the_heat():
    """4 k a per kelvin under an insulating face; the lips are alike, for the given jump is none.  The patch ends at
    16 a without disturbance, where 1/r has not died: that alone takes 1.3 % more."""
    a = 1e-3
    mesh = half_penny(a)
    heat = blocked_heat(mesh, conductivity=1.0, faces=Prescribed(mean=-1.0))
    area = SurfacePoints.of(mesh, mesh.on_crack).area
    total = heat.gamma @ (density_functions(mesh, mesh.on_crack).T @ area)
    assert total[0] == pytest.approx(4 * a, rel=2e-2)
    nodes = crack_nodes(mesh)
    assert np.abs(heat.theta[0, nodes]).max() < 1e-12
    slave, master, value = mesh.ties
    tied = np.zeros(len(mesh.points))
    np.add.at(tied, slave, value * heat.theta[0, master])
    assert np.abs(tied).max() < 1e-12 < np.abs(heat.theta[0, master]).max()


def test_suddenly_heated_half_penny_is_half_a_penny():
    """The same in time: the whole penny's jump, by the same method without a face."""
    a, time = 1e-3, np.concatenate([[0.0], np.geomspace(1e-3, 3.0, 60)])

    def flux(points, normals):
        return np.ones((len(time), len(points)))

    some = {"conductivity": 1.0, "diffusivity": 1e-6, "time": time, "flux": flux}
    mesh, whole = half_penny(a), penny(a, (0, 0.35, 0.65, 0.85, 1.0), 12)
    half, full = blocked_heat(mesh, **some), blocked_heat(whole, **some)
    centre = crack_nodes(mesh)[np.linalg.norm(mesh.points[crack_nodes(mesh)], axis=1).argmin()]
    assert np.linalg.norm(mesh.points[centre]) < 0.1 * a
    late = time > 0.05
    assert np.abs(half.theta[late, centre] / full.theta[late, 0] - 1).max() < 1.5e-2


@pytest.mark.reference("Florence & Goodier 1960, J. Appl. Mech. 27:635")
@pytest.mark.slow
def test_through_crack_in_a_block():
    """A plane field: jump 2 q sqrt(a^2 - x^2) / k of the endless plate, through the whole thickness; the load is in
    equilibrium, and the insulated body keeps its heat."""
    a = 5e-3
    mesh = through(a, a, 40 * a)
    heat = blocked_heat(mesh, conductivity=1.0, flux=uniform)
    nodes = crack_nodes(mesh)
    exact = 2 * np.sqrt(np.maximum(a**2 - mesh.points[nodes, 0] ** 2, 0))
    assert np.abs(np.abs(heat.theta[0, nodes]) - exact).max() < 5e-3 * exact.max()
    load = Unknowns.of(mesh).gather(heat.unit_load)[:, 0].reshape(-1, 3)
    assert np.isfinite(load).all()


def test_load_is_in_equilibrium():
    """Force and moment of the thermal load on the whole skin, against the sum of the moments' magnitudes."""
    mesh = through(2e-3, 2e-3, 16e-3)
    heat = blocked_heat(mesh, conductivity=1.0, flux=lambda x, n: 1.0 + 300.0 * x[None, :, 0])
    unknowns = Unknowns.of(mesh)
    load = unknowns.gather(heat.unit_load)[:, 0].reshape(-1, 3)
    place = np.zeros_like(load)
    free = np.flatnonzero((unknowns.row >= 0) & (unknowns.row < unknowns.n_free))
    place[unknowns.row[free]] = mesh.points[free]
    skin = np.zeros(len(load), dtype=bool)
    on_skin = np.unique(mesh.cells[~mesh.on_crack])
    on_skin = on_skin[(on_skin >= 0)]
    rows = unknowns.row[on_skin]
    skin[rows[(rows >= 0) & (rows < unknowns.n_free)]] = True
    force, moment = load[skin].sum(axis=0), np.cross(place[skin], load[skin]).sum(axis=0)
    assert np.abs(force).max() < 1e-12 * np.abs(load).sum()
    assert np.abs(moment).max() < 1e-4 * np.linalg.norm(np.cross(place, load), axis=1).sum()


def test_turned_and_mirrored():
    """A turn leaves all as it was; a mirror too, but the crack's normal turns over with the elements' sense."""
    mesh = penny(1.0, (0, 0.4, 0.75, 1.0), 8, face=(0.5, (0, 0.5, 1, 1.5, 2.5, 4)))
    before = blocked_heat(mesh, conductivity=1.0, flux=uniform, face_film=1.0)
    angle = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    angle *= np.linalg.det(angle)
    turned = SurfaceMesh(
        mesh.points @ angle.T + 0.3, mesh.cells, mesh.kind, mesh.surface, mesh.fronts, mesh.ties, mesh.fixed, mesh.place
    )
    after = blocked_heat(turned, conductivity=1.0, flux=uniform, face_film=1.0)
    assert np.abs(after.theta - before.theta).max() < 1e-9 * np.abs(before.theta).max()
    assert np.abs(after.unit_load - before.unit_load @ angle.T).max() < 1e-9 * np.abs(before.unit_load).max()


def test_size_and_units():
    """A body b times as large at times b^2 times as long: jumps b times as large, loads b^3."""
    time = np.linspace(0.0, 1.0, 30)

    def flux(points, normals):
        return np.sin(time)[:, None] * np.ones(len(points))

    small, large = (penny(b, (0, 0.4, 0.75, 1.0), 8) for b in (1e-3, 1.0))
    one = blocked_heat(small, conductivity=2.0, diffusivity=1e-6, time=time, flux=flux)
    two = blocked_heat(large, conductivity=2.0, diffusivity=1.0, time=time, flux=flux)
    assert np.allclose(1e3 * one.theta, two.theta, rtol=1e-6, atol=1e-6 * np.abs(two.theta).max())
    assert np.allclose(1e9 * one.unit_load, two.unit_load, rtol=1e-6, atol=1e-6 * np.abs(two.unit_load).max())


def test_instruction_sets_and_threads_agree(monkeypatch):
    mesh = penny(1.0, (0, 0.5, 1.0), 6, face=(0.5, (0, 1, 3)))
    time = np.linspace(0.0, 1.0, 20)

    def run(isa, threads):
        monkeypatch.setenv("DEADLIGHT_ISA", isa)
        monkeypatch.setenv("DEADLIGHT_THREADS", threads)
        return blocked_heat(
            mesh, conductivity=1.0, diffusivity=1.0, time=time, face_film=1.0,
            flux=lambda x, n: time[:, None] * np.ones(len(x)),
        )  # fmt: skip

    one, two = run("baseline", "1"), run("baseline", "2")
    assert np.allclose(one.theta, two.theta, rtol=0, atol=1e-11 * np.abs(one.theta).max())
    assert np.allclose(one.unit_load, two.unit_load, rtol=0, atol=1e-11 * np.abs(one.unit_load).max())
    monkeypatch.delenv("DEADLIGHT_ISA")
    monkeypatch.setenv("DEADLIGHT_THREADS", "1")
    best = blocked_heat(
        mesh, conductivity=1.0, diffusivity=1.0, time=time, face_film=1.0,
        flux=lambda x, n: time[:, None] * np.ones(len(x)),
    )  # fmt: skip
    assert np.abs(best.theta - one.theta).max() < 1e-8 * np.abs(one.theta).max()


@pytest.mark.parametrize(
    "wrong, word",
    [
        ({"flux": None}, "no flux"),
        ({"flux": np.ones((1, 3))}, "shape"),
        ({"flux": lambda x, n: np.full((1, len(x)), np.nan)}, "not finite"),
        ({"conductivity": 0.0}, "conductivity"),
        ({"time": np.array([0.0, 1.0])}, "no diffusivity"),
        ({"time": np.array([1.0, 0.0]), "diffusivity": 1.0}, "instants"),
        ({"faces": {3: Gap(1.0)}}, "faces of the cracks"),
        ({"face_film": -1.0}, "film coefficient"),
        ({"face_film": {7: 1.0}}, "film on faces"),
        ({"faces": Prescribed(mean=np.ones((1, 4)))}, "shape"),
    ],
)
def test_wrong_data_are_named(wrong, word):
    mesh = penny(1.0, (0, 0.5, 1.0), 6, face=(0.5, (0, 1, 3)))
    with pytest.raises(InputError, match=word):
        blocked_heat(mesh, **({"conductivity": 1.0, "flux": uniform} | wrong))


def test_radiating_gap():
    """Black faces at 300 K: 4 sigma T^3 = 6.12 W/m2K; from 300 to 600 K the coefficient is off by up to 78 %."""
    assert radiating_gap(1.0, 300.0, 300.0).coefficient == pytest.approx(6.1240, rel=1e-4)
    gap = radiating_gap(0.8, 300.0, 600.0)
    assert gap.coefficient * (1 - gap.spread) == pytest.approx(6.1240 / 1.5, rel=1e-4)
    assert gap.coefficient * (1 + gap.spread) == pytest.approx(8 * 6.1240 / 1.5, rel=1e-4)
    for wrong in ((0.0, 300, 400), (0.5, 400, 300), (0.5, -1, 300)):
        with pytest.raises(InputError):
            radiating_gap(*wrong)
    with pytest.raises(InputError):
        Gap(-1.0)
