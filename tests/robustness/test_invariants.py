"""What must not matter does not: place, turn, mirror image, numbering, units; and what must be linear is.

Component by component, on small random models; a few seeds always, more with --slow.  Of the crack operator, turned and
mirrored bodies and reciprocity are cases of `deadlight verify`; whole runs are in test_invariants_of_a_run.py.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
import shapely.affinity

import support_heat
import support_meshes
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.fem.geometry import face_points
from deadlight.growth.follow import follow
from deadlight.heat.boundary import Convection, Flux
from deadlight.heat.solve import solve_heat
from deadlight.mesh.check import check_mesh
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.operator.intensity import stress_intensity
from deadlight.outcome.forces import Load, inertia
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import retained
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Support
from deadlight.surface.body import half_space
from deadlight.surface.sheet import Sheet
from support_cuts import pattern
from support_growth import K_IC, Circle, Power, Still, Wet

G = np.linspace(0.0, 0.03, 4)
LONG = 20


def seeds(always, more=LONG):
    """A few, and more of them with --slow."""
    return pytest.mark.parametrize(
        "seed", [*range(always), *(pytest.param(i, marks=pytest.mark.slow) for i in range(always, more))]
    )


def turn(rng, mirror=False):
    """A random rotation, or one with a mirror."""
    q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    q *= np.linalg.det(q)
    return q @ np.diag([-1.0, 1.0, 1.0]) if mirror else q


def about_axis(rng):
    """A random turn about the window's axis."""
    c, s = np.cos(k := rng.uniform(0.0, 2.0 * np.pi)), np.sin(k)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def renumbered(mesh, rng):
    """Nodes and cells in another order; old number of every new node."""
    old = rng.permutation(mesh.n_nodes)
    new = np.argsort(old)
    order = [rng.permutation(len(b.nodes)) for b in mesh.blocks]
    blocks = tuple(CellBlock(b.kind, new[b.nodes][o], b.region) for b, o in zip(mesh.blocks, order))
    faces = {k: tuple(CellBlock(b.kind, new[b.nodes], b.region) for b in f) for k, f in mesh.faces.items()}
    return Mesh(mesh.points[old], blocks, faces), old


def placed(mesh, axes, shift):
    return dataclasses.replace(mesh, points=mesh.points @ axes.T + shift)


# mesh checks


@seeds(3)
@pytest.mark.parametrize("kind", ["tet10", "hex20", "wedge15"])
def test_checks_of_a_mesh_do_not_see_place_turn_or_numbering(kind, seed):
    rng = np.random.default_rng(seed)
    mesh = support_meshes.box(kind, (3, 2, 2), (0.2, 0.15, 0.02), distortion=0.3)
    other, _ = renumbered(placed(mesh, about_axis(rng), rng.normal(size=3)), rng)
    assert not check_mesh(mesh).errors
    assert sorted(f.kind for f in check_mesh(other).findings) == sorted(f.kind for f in check_mesh(mesh).findings)
    assert other.volumes() == pytest.approx(mesh.volumes(), rel=1e-12)


@seeds(2)
@pytest.mark.parametrize("kind", ["tet10", "hex20", "wedge15"])
def test_a_mirrored_mesh_is_inside_out_and_is_refused(kind, seed):
    mesh = support_meshes.box(kind, (2, 2, 2), (0.2, 0.15, 0.02), distortion=0.2)
    assert check_mesh(placed(mesh, turn(np.random.default_rng(seed), mirror=True), np.zeros(3))).errors


# heat


def warmed(mesh, *boundaries, material=support_heat.SILICA, end=60.0, **more):
    more = {"tolerance": 0.02, **more}
    return solve_heat(mesh, {"body": material}, boundaries=boundaries, initial=300.0, time_span=(0.0, end), **more)


@seeds(1, 12)
def test_heat_does_not_see_place_turn_mirror_or_numbering(seed):
    rng = np.random.default_rng(seed)
    mesh = support_heat.box(G, G, G, kind="tet10", warp=0.05)
    acting = Convection(face="body.z1", coefficient=200.0, temperature=900.0), Flux(face="body.x0", flux=2e4)
    there, old = renumbered(placed(mesh, turn(rng), rng.normal(size=3)), rng)
    one, two = (warmed(m, *acting, fixed_step=5.0) for m in (mesh, there))
    assert np.array_equal(one.time, two.time)
    assert np.abs(two.temperature - one.temperature[:, old]).max() < 1e-5 * np.ptp(one.temperature)


@seeds(1, 6)
def test_heat_of_a_body_s_times_as_large_is_s_squared_as_slow(seed):
    """Same temperatures with film and flux over s: the units of length and time do not matter."""
    s = 10.0 ** np.random.default_rng(seed).uniform(-1.0, 1.0)
    small, large = (support_heat.box(k * G, k * G, k * G, kind="hex20") for k in (1.0, s))
    one = warmed(
        small,
        Convection(face="body.z1", coefficient=200.0, temperature=900.0),
        Flux(face="body.x0", flux=2e4),
        fixed_step=5.0,
    )
    acting = Convection(face="body.z1", coefficient=200.0 / s, temperature=900.0), Flux(face="body.x0", flux=2e4 / s)
    two = warmed(large, *acting, end=60.0 * s**2, fixed_step=5.0 * s**2)
    assert two.time == pytest.approx(s**2 * one.time)
    assert np.abs(two.temperature - one.temperature).max() < 1e-4 * np.ptp(one.temperature)


def test_heat_with_constant_properties_superposes():
    """Linear boundaries: the rise by two fluxes is the sum of both, twice the flux makes twice the rise."""
    mesh, glass = support_heat.box(G, G, G, kind="hex20"), support_heat.stuff(1.4, 2200.0, 800.0)
    cold = Convection(face="body.z0", coefficient=50.0, temperature=300.0)

    def rise(a, b):
        acting = cold, Flux(face="body.z1", flux=a), Flux(face="body.x0", flux=b)
        return warmed(mesh, *acting, material=glass, fixed_step=5.0).temperature - 300.0

    first, second, both, twice = rise(2e4, 0.0), rise(0.0, 5e3), rise(2e4, 5e3), rise(4e4, 0.0)
    assert np.abs(both - first - second).max() < 1e-4 * np.abs(both).max()
    assert np.abs(twice - 2.0 * first).max() < 1e-4 * np.abs(twice).max()


def test_heat_is_reciprocal():
    """Linear conduction: the mean rise of face A by a flux into B is that of B by the same heat density into A."""
    mesh, glass = support_heat.box(G, G, G, kind="hex20", warp=0.05), support_heat.stuff(1.4, 2200.0, 800.0)

    def rise(face):
        return warmed(mesh, Flux(face=face, flux=1e4), material=glass, fixed_step=2.0, end=40.0).temperature[-1] - 300.0

    def over(face, values):
        at = face_points(mesh, face)
        return np.sum(at.area * np.sum(at.shape * values[at.nodes], axis=1))

    assert over("body.x0", rise("body.z1")) == pytest.approx(over("body.z1", rise("body.x0")), rel=1e-4)


# elasticity


@seeds(3)
@pytest.mark.parametrize("kind", ["tet10", "hex20", "wedge15"])
def test_stiffness_turns_with_the_body_and_is_reciprocal(kind, seed):
    """K(Q x) Q u = Q K(x) u in any numbering; u K v = v K u; E times s makes K times s; size b makes K times b."""
    rng = np.random.default_rng(seed)
    mesh = support_meshes.box(kind, (3, 2, 2), distortion=0.2)
    young, nu = rng.uniform(60e9, 80e9, mesh.n_nodes), rng.uniform(0.15, 0.3, mesh.n_nodes)
    u, v = rng.normal(size=(2, mesh.n_nodes, 3))
    lam, mu = lame(young, nu)

    def force(m, l, g, w):
        return ElasticBody.build(m).apply(l, g, w[..., None])[..., 0]

    here = force(mesh, lam, mu, u)
    axes = turn(rng, mirror=False)
    there, old = renumbered(placed(mesh, axes, rng.normal(size=3)), rng)
    scale = np.abs(here).max()
    assert np.abs(force(there, lam[old], mu[old], u[old] @ axes.T) - here[old] @ axes.T).max() < 1e-11 * scale
    assert np.sum(v * here) == pytest.approx(np.sum(u * force(mesh, lam, mu, v)), rel=1e-10, abs=1e-10 * scale)
    s, b = rng.uniform(0.1, 10.0, 2)
    grown = dataclasses.replace(mesh, points=b * mesh.points)
    assert np.abs(force(grown, s * lam, s * mu, u) - s * b * here).max() < 1e-11 * s * b * scale


# K of the crack operator

SLANTED = Sheet.ellipse(np.zeros(3), np.array([0.3, 0.8, 0.35]), np.array([1.0, 0.0, 0.0]), 1.3e-3, 1e-3)
SCATTER = 3e-3  # of K, from mesh to mesh of one fineness
GLASS = {"young": 70e9, "nu": 0.22, "refine": 0.5, "estimate": False}


def k_of(stress, sheet=SLANTED, body=None, **more):
    found = stress_intensity(np.asarray(stress), sheet, body or half_space(), **{**GLASS, **more})
    return found.fronts[0].k[0], found.fronts[0].k_open[0]


def test_k_is_linear_in_the_load_where_faces_do_not_touch():
    """Superposition and scale of the load; the modulus does not matter.  Elsewhere on the face rounding makes another
    mesh: within the scatter of meshes (`deadlight verify`)."""
    one, two = np.array([1e6, 2e6, 0.0, 0.0, 0.0, 0.7e6]), np.array([0.0, 3e6, 0.0, 0.0, 0.0, -0.4e6])
    first, second, both = (k_of(s, contact=False)[0] for s in (one, two, one + two))
    size = np.abs(both).max()
    assert np.abs(first + second - both).max() < 1e-10 * size
    assert np.abs(k_of(-3.0 * one, contact=False)[0] + 3.0 * first).max() < 1e-10 * size
    assert np.abs(k_of(one, contact=False, young=7e9)[0] - first).max() < 1e-10 * size
    aside = Sheet.ellipse(
        np.array([0.4, -0.2, 0.0]), np.array([0.3, 0.8, 0.35]), np.array([1.0, 0.0, 0.0]), 1.3e-3, 1e-3
    )
    assert np.abs(k_of(one, aside, contact=False)[0] - first).max() < SCATTER * size


@pytest.mark.parametrize(("s", "allowed"), [(1024.0, 1e-12), (1000.0, SCATTER)])
def test_k_of_a_crack_s_times_as_large_is_root_s_times_as_large(s, allowed):
    """Only s^0.5 remains: no length is built in.  By a power of two rounding is the same, so the mesh is, and K; in
    millimetres instead of metres the mesh is another one of the same fineness."""
    stress = np.array([1e6, 2e6, 0.0, 0.0, 0.0, 0.7e6])
    large = Sheet.ellipse(np.zeros(3), np.array([0.3, 0.8, 0.35]), np.array([1.0, 0.0, 0.0]), 1.3e-3 * s, 1e-3 * s)
    here, there = k_of(stress)[0], k_of(stress, large)[0]
    assert np.abs(there - np.sqrt(s) * here).max() < allowed * np.abs(there).max()


def test_touching_faces_scale_with_the_load_too():
    """Contact without friction is homogeneous: twice the load, twice K, with the same parts shut."""
    stress = np.array([1e6, -1e6, 0.0, 0.0, 0.0, 0.7e6])
    here, twice = k_of(stress)[0], k_of(2.0 * stress)[0]
    assert (k_of(stress)[1][:, 0] < 0.0).any(), "the faces must want to overlap"
    assert np.abs(twice - 2.0 * here).max() < 1e-9 * np.abs(twice).max()


# growth


@seeds(5)
def test_growth_does_not_see_the_unit_of_time(seed):
    """A clock in another unit, and the law with it."""
    rng = np.random.default_rng(seed)
    time = np.sort(np.concatenate([[0.0, 1e4], rng.uniform(0.0, 1e4, 30)]))
    sigma = 9e6 * (1.0 + 0.25 * np.sin(time / 1e3 + rng.uniform(0.0, 6.0)))
    s = 10.0 ** rng.uniform(-2.0, 2.0)

    def grown(clock, v_c):
        return follow(Circle(1e-3, clock, lambda a: 2.0 * sigma * np.sqrt(a / np.pi)), Power(v_c, 16.0), Wet())

    one, two = grown(time, 1e-3), grown(s * time, 1e-3 / s)
    assert one.grew and [e.what for e in one.events] == [e.what for e in two.events] and one.end is two.end
    until = one.first_critical or 1e4
    if one.first_critical is not None:
        assert two.first_critical == pytest.approx(s * one.first_critical, rel=1e-5)
    before = np.linspace(0.0, 0.999 * until, 50)  # a trace may have an instant more: rounding decides where steps end
    assert two.area_at(s * before) == pytest.approx(one.area_at(before), rel=1e-5)


@seeds(3)
def test_growth_of_a_crack_s_times_as_large(seed):
    """K = sigma (a/s)^0.5 at size s a: the same K/K_Ic, areas s^2 times as large, by a law s times as fast."""
    rng = np.random.default_rng(seed)
    s, time = 10.0 ** rng.uniform(-2.0, 2.0), np.linspace(0.0, 1e4, 12)
    sigma = rng.uniform(9e6, 10e6)

    def grown(size):
        k = lambda a: np.full(len(time), 2.0 * sigma * np.sqrt(a / size / np.pi))  # noqa: E731
        return follow(Circle(1e-3 * size, time, k), Power(1e-3 * size, 16.0), Wet())

    one, two = grown(1.0), grown(s)
    assert two.trace_area == pytest.approx(s**2 * one.trace_area, rel=1e-6)
    assert two.trace_ratio == pytest.approx(one.trace_ratio, rel=1e-6)


def test_growth_does_not_see_where_the_clock_begins():
    """A crack that pops in where K/K_Ic passes one."""
    time = np.linspace(0.0, 10.0, 21)
    c = K_IC * np.sqrt(1e-3) * (0.9 + 0.03 * time)
    one = follow(Circle(1e-3, time, lambda a: c / np.sqrt(a)), Still(), Wet())
    instants = follow(Circle(1e-3, time + 1e5, lambda a: c / np.sqrt(a)), Still(), Wet())
    assert instants.trace_area == pytest.approx(one.trace_area, rel=1e-9)
    assert instants.first_critical - 1e5 == pytest.approx(one.first_critical, abs=1e-6)


# pieces and whether they stay


@seeds(2, 20)
@pytest.mark.parametrize("mirror", [False, True])
def test_pieces_do_not_see_place_turn_mirror_or_order(seed, mirror):
    """Turned about the axis, moved, mirrored; cracks and triangles in another order."""
    rng = np.random.default_rng(seed)
    p = pattern(seed)
    angle, shift = rng.uniform(0.0, 2.0 * np.pi), rng.normal(size=2) * 0.1
    c, s = np.cos(angle), np.sin(angle)
    flat = np.array([[c, -s], [s, c]]) @ np.diag([-1.0 if mirror else 1.0, 1.0])
    outline = shapely.affinity.affine_transform(p.outline, [*flat.ravel(), *shift])
    cracks = []
    for points, triangles in p.cracks:
        there = np.column_stack([points[:, :2] @ flat.T + shift, points[:, 2]])
        cracks.append((there, triangles[rng.permutation(len(triangles))][:, :: -1 if mirror else 1]))
    one = pieces_of(p.skin, p.cracks, 2200.0)
    two = pieces_of(plate(outline, p.thickness), [cracks[i] for i in rng.permutation(len(cracks))], 2200.0)
    assert len(one.pieces) == len(two.pieces)
    assert [x.volume for x in two.pieces] == pytest.approx([x.volume for x in one.pieces], rel=1e-6)
    moved = np.array([[*(flat @ x.centroid[:2] + shift), x.centroid[2]] for x in one.pieces])
    apart = np.linalg.norm(moved[:, None] - np.array([x.centroid for x in two.pieces]), axis=2)
    assert apart.min(axis=1).max() < 1e-6


@seeds(3)
def test_what_stays_does_not_see_the_turn_or_the_size_of_all_loads(seed):
    """Weight from any side on a disc in its seat: turned about the axis the answer turns with it; loads and limits
    together, the state and the factors stay."""
    rng = np.random.default_rng(seed)
    disc = shapely.Point(0, 0).buffer(0.1, quad_segs=64)
    hole = shapely.Point(0, 0).buffer(0.09, quad_segs=64)
    skin = plate(disc, 0.01, outer={"lip": disc - hole}, inner={"seat": disc - hole})
    whole = pieces_of(skin, [], 2200.0, check=False).pieces[0]
    pull = rng.normal(size=3) * 50.0
    axes = np.eye(3)
    k = 2.0 * np.pi * rng.integers(1, 256) / 256  # the rim has 256 corners: turned by whole ones it is the same
    axes[:2, :2] = [[np.cos(k), -np.sin(k)], [np.sin(k), np.cos(k)]]

    def ask(direction, scale=1.0):
        stops = [
            Support("lip", ("lip",), 0.2, 0.0, limit=1e3 * scale), Support("seat", ("seat",), 0.2, 0.0),
            Support("wall", ("rim",), 0.2, 0.5e-3),
        ]  # fmt: skip
        load = inertia(whole, scale * direction)
        assert isinstance(load, Load)
        return retained(whole, stops, [load])

    one, two, three = ask(pull), ask(axes @ pull), ask(pull, 7.0)
    assert one.state == two.state == three.state
    for name, pair in one.factor.items():
        assert two.factor[name][0] == pytest.approx(pair[0], rel=1e-4, nan_ok=True)
        # friction of pushes is a pyramid of twelve sides, which does not turn along: cos 15 deg of a cone
        assert two.factor[name][1] == pytest.approx(pair[1], rel=0.035, nan_ok=True)
        assert three.factor[name] == pytest.approx(pair, rel=1e-6, nan_ok=True)
