"""Altermagnets: how the crystal lies, closed forms, the same films by collocation, invariants, what is refused."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from random_films import Draw, seeded
from reference_bvp import solve
from reference_law import crystal_in_film

import spinstack as ss
from spinstack.stack.film import magnet_labels

NM = 1e-9
CELL = (4.4919e-10, 3.1066e-10)  # RuO2
FILMS = (Draw.with_altermagnets, Draw.altermagnet_alone)


def layer(plane, along, splitting=0.3, **more):
    given = {
        "neel": "[001]", "cell": CELL, "thickness": 5 * NM, "conductivity": 2e6, "spin_diffusion_length": 4 * NM,
    } | more  # fmt: skip
    return ss.Altermagnet("A", plane=plane, along=along, splitting=splitting, **given)


PERMALLOY = ss.Ferromagnet(
    "Py", thickness=4 * NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=3.6 * NM,
    dephasing_length=0.5 * NM,
)  # fmt: skip


def drawn(seed, structure=None):
    draw = seeded(seed)
    film = (structure or FILMS[seed % 2])(draw)
    return film, {name: draw.direction() for name in magnet_labels(film)}, draw.field()


@pytest.mark.parametrize(
    ("plane", "along", "split", "through"),
    [
        ("(001)", "[100]", 0.0, 0.0),
        ("(001)", "[110]", 0.0, 0.0),
        ("(100)", "[010]", 1.0, 0.0),
        ("(100)", "[001]", 0.0, 0.0),
        ("(101)", "[010]", math.sin(math.atan(CELL[1] / CELL[0])), 0.0),
        ("(101)", "[-101]", 0.0, 0.0),
        ("(110)", "[001]", 0.0, 1.0),
        ("(110)", "[1-10]", 0.0, 1.0),
        ("(210)", "[-120]", 0.6, 0.8),
        ("(210)", "[001]", 0.0, 0.8),
    ],
)
def test_what_a_current_makes_in_the_planes_of_rutile(plane, along, split, through):
    """Share of the splitting in the spin current along z, and in the polarization of a current along z."""
    tau = layer(plane, along).tensor
    assert tau[2, 0] == pytest.approx(split, abs=1e-15)
    assert tau[2, 2] == pytest.approx(through, abs=1e-15)
    assert_allclose(tau, tau.T, atol=0)
    assert np.trace(tau) == pytest.approx(0, abs=1e-15)


def test_numbers_of_101_films_of_ruo2():
    """0.569 of the splitting, spin along [001], which leans by 55.3 degrees out of the plane."""
    one = layer("(101)", "[010]")
    assert one.tensor[2, 0] == pytest.approx(0.569, abs=5e-4)
    assert_allclose(one.neel_vector, [0, 0.569, 0.822], atol=5e-4)


def test_crystal_axes_agree_with_reciprocal_vectors_in_another_hand():
    for seed in range(40):
        one = seeded(seed).altermagnet("A")
        tau, n = crystal_in_film(one)
        assert_allclose(one.splitting * one.tensor, tau, atol=1e-14)
        assert_allclose(one.neel_vector, n, atol=1e-14)


def test_conductivities_of_two_ellipsoids():
    """Drude conductivity of E = k.(1 +- tau).k with one scattering time is that of the two-channel law."""
    tau = 0.4 * layer("(1 2 3)", "[3 0 -1]").tensor
    rng = np.random.default_rng(0)
    for sign in (1, -1):
        A = np.eye(3) + sign * tau
        k = rng.normal(size=(400_000, 3)) @ np.linalg.inv(np.linalg.cholesky(A))
        k /= np.sqrt(np.einsum("ni,ij,nj->n", k, A, k))[:, None]
        v = k @ A  # every direction of p = A^(1/2) k holds as many states
        assert_allclose(3 * v.T @ v / len(v), A, atol=6e-3)


def test_a_film_by_itself_has_the_closed_form_of_a_spin_splitter():
    """(closed_forms, section 3): what the spin Hall effect adds the splitter takes, spin along and across n apart."""
    t, sigma, l_sf, l_phi, theta, tau = 6 * NM, 2e6, 3 * NM, 2 * NM, 0.2, 0.35
    film = ss.Film((layer("(100)", "[010]", tau, thickness=t, spin_diffusion_length=l_sf, dephasing_length=l_phi,
                          spin_hall_angle=theta),))  # fmt: skip

    def f(k):
        return 2 / (k * t) * np.tanh(k * t / 2)

    across = math.sqrt(1 / l_sf**2 + 1 / l_phi**2)
    G = ss.sheet_conductance(film)
    # n along y: spin of the splitter, and of the spin Hall effect of E along x; that of E along y has spin along -x
    expected = sigma * t * np.diag([1 - (tau**2 - theta**2) * f(1 / l_sf), 1 + theta**2 * f(across)])
    assert_allclose(G, expected, rtol=1e-13, atol=1e-18)


def test_with_spin_along_any_axis_and_no_current_along_z_polarised_it_is_a_metal_with_a_splitter():
    alter = layer("(101)", "[010]", 0.4, spin_hall_angle=0.1, hall_coefficient=1e-10)
    split = np.outer(alter.neel_vector, 0.4 * alter.tensor[2, :2])
    metal = ss.Metal("A", thickness=5 * NM, conductivity=2e6, spin_diffusion_length=4 * NM, spin_hall_angle=0.1,
                     spin_splitter=split, hall_coefficient=1e-10)  # fmt: skip
    contact = ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6.7e14 + 1e14j)
    for m in np.random.default_rng(0).normal(size=(5, 3)):
        ours, theirs = (ss.sheet_conductance(a | contact | PERMALLOY, m=m) for a in (alter, metal))
        assert_allclose(ours, theirs, rtol=1e-13, atol=1e-13 * theirs[0, 0])


def test_without_splitting_it_is_a_metal_in_any_field():
    B = (0.5, -1.0, 2.0)
    alter = layer("(123)", "[30-1]", 0.0, spin_hall_angle=0.1, hall_coefficient=2e-7)
    metal = ss.Metal("A", thickness=5 * NM, conductivity=2e6, spin_diffusion_length=4 * NM, spin_hall_angle=0.1,
                     hall_coefficient=2e-7)  # fmt: skip
    ours, theirs = (ss.sheet_conductance(a | PERMALLOY, m="x", B=B) for a in (alter, metal))
    assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * theirs[0, 0])


def test_a_110_film_polarises_the_current_that_crosses_it():
    """A thick one as the fixed magnet of a valve: resistance by the angle between n and m, torque, as a ferromagnet."""
    tau, l_sf, t = 0.5, 4 * NM, 400 * NM
    alter = layer("(110)", "[001]", tau, thickness=t, spin_diffusion_length=l_sf)
    twin = ss.Ferromagnet("A", thickness=t, conductivity=2e6, polarization=tau,
                          spin_diffusion_length=l_sf * math.sqrt(1 - tau**2))  # fmt: skip
    contact = ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6.7e14 + 1e14j, magnet="Py")
    n = alter.neel_vector
    for m in (n, -n, (0.2, 0.5, -0.7)):
        ours = ss.perpendicular_resistance(alter | contact | PERMALLOY, m={"Py": m})
        theirs = ss.perpendicular_resistance(twin | contact | PERMALLOY, m={"Py": m, "A": n})
        assert ours == pytest.approx(theirs, rel=1e-12) if abs(m @ n) == 1 else ours > 0
    assert ss.perpendicular_resistance(alter | contact | PERMALLOY, m={"Py": -n}) > 1.001 * ss.perpendicular_resistance(
        alter | contact | PERMALLOY, m={"Py": n}
    )


def check_by_collocation(seed):
    film, m, B = drawn(seed)
    found = ss.sheet_conductance(film, m=m, B=B)
    reference = solve(film, {i: m[name] for name, i in _positions(film).items()}, B)
    assert_allclose(found, reference.sheet, rtol=1e-9, atol=1e-9 * found.max())
    torque = ss.torque(film, m=m, B=B, E=(1.0, 0.5)) if m else {}
    for name, i in _positions(film).items():
        theirs = reference.torques((1.0, 0.5))[i]
        assert_allclose(torque[name].values, theirs, atol=1e-9 * np.abs(theirs).max())
    ours = ss.profile(film, m=m or None, B=B, E=(1.0, 0.5), points=7)
    theirs = np.concatenate([part["Q"] for part in reference.layers(7, (1.0, 0.5))])
    assert_allclose(ours.Q.values, theirs, atol=1e-9 * np.abs(theirs).max())


def _positions(film):
    return dict(zip(magnet_labels(film), (i for i, e in enumerate(film) if e.magnetic), strict=True))


@pytest.mark.study
@pytest.mark.parametrize("seed", range(12))
def test_films_with_everything_on_by_collocation(seed):
    check_by_collocation(seed)


@pytest.mark.parametrize("seed", range(4))
def test_current_along_z_by_collocation(seed):
    film, _, B = drawn(2 * seed + 1)
    found = ss.perpendicular_resistance(film, B=B)
    assert found == pytest.approx(solve(film, None, B, reservoirs=True).perpendicular_resistance, rel=1e-10)


@pytest.mark.study
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_reciprocity_and_dissipation(seed):
    film, m, B = drawn(seed)
    inverse = {f"{o}.reciprocal": 1.0 for o, e in zip(film.owners(), film, strict=True) if isinstance(e, ss.Interface)}
    film = film.replace(inverse)
    turned = {f"{e.name}.splitting": -e.splitting for e in film if isinstance(e, ss.Altermagnet)}
    metals = [e for e in film if isinstance(e, ss.Metal) and e.spin_splitter is not None]
    turned |= {f"{e.name}.spin_splitter[:,:]": -e.spin_splitter for e in metals}
    G = ss.sheet_conductance(film, m=m, B=B)
    back = ss.sheet_conductance(film.replace(turned), m={k: -v for k, v in m.items()}, B=-B)
    assert_allclose(G, back.T, rtol=1e-11, atol=1e-12 * np.abs(G).max())


@pytest.mark.parametrize("seed", range(6))
def test_films_of_altermagnets_gain_no_energy(seed):
    """|splitting| < 1 is the whole condition, whatever the Hall angle."""
    rng = np.random.default_rng(seed)
    plane, along = [("(100)", "[010]"), ("(110)", "[1-11]"), ("(123)", "[30-1]")][seed % 3]
    for _ in range(20):
        given = {
            "splitting": rng.choice([-1, 1]) * (1 - 10 ** rng.uniform(-9, -1)), "neel": tuple(rng.normal(size=3)),
            "hall_coefficient": 10 ** rng.uniform(-8, -6), "spin_diffusion_length": 10 ** rng.uniform(-10, -6),
        }  # fmt: skip
        film = layer(plane, along, **given) | layer(plane, along, 0.9, neel="[111]").replace(name="K")
        G = ss.sheet_conductance(film, B=rng.normal(size=3) * 10 ** rng.uniform(-1, 1))
        assert np.isfinite(G).all()
        assert np.linalg.eigvalsh((G + G.T) / 2).min() >= -1e-12 * np.abs(G).max()


@pytest.mark.study
@pytest.mark.parametrize("ratio", [1e-6, 1e-3, 1.0, 1e4])
def test_extreme_thickness_over_length_is_finite_with_finite_derivatives(ratio):
    film = layer("(210)", "[-120]", 0.5, thickness=5 * NM, spin_diffusion_length=5 * NM / ratio,
                 dephasing_length=1 * NM) | PERMALLOY  # fmt: skip
    found = ss.gradient(film, lambda f: ss.sheet_conductance(f, m=(0.3, 0.4, 0.5))[0, 0])
    assert all(np.isfinite(v).all() for v in found.values())


@pytest.mark.study
def test_derivative_by_the_splitting():
    film = layer("(210)", "[-120]", 0.5, dephasing_length=1 * NM) | PERMALLOY

    def value(f):
        return ss.sheet_conductance(f, m=(0.3, 0.4, 0.5))[0, 0]

    found = float(ss.gradient(film, value)["A.splitting"])
    ends = [value(film.replace({"A.splitting": 0.5 + h})) for h in (1e-5, -1e-5)]
    assert found == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-7)


@pytest.mark.study
@pytest.mark.parametrize("seed", range(0, 8, 2))
def test_angular_momentum_is_kept(seed):
    film, m, B = drawn(seed)
    found = ss.angular_momentum(film, m=m, B=B, E=(0.4, 0.8)).torque
    assert_allclose(found.sum(("element", "share")), 0, atol=1e-12 * float(np.abs(found).max()))
    alter = found.sel(element="A")
    given = film.elements[2]
    n = given.neel_vector
    if math.isinf(given.dephasing_length):
        assert np.abs(alter.sel(share="magnet")).max() <= 1e-12 * np.abs(alter).max()
    else:
        assert abs(float(alter.sel(share="magnet").values @ n)) <= 1e-12 * float(np.abs(alter).max())
        assert float(np.abs(alter.sel(share="magnet")).max()) > 0


@pytest.mark.study
def test_orbital_moments_diffuse_beside_it():
    orbital = {"orbital_diffusion_length": 3 * NM, "orbital_hall_angle": 0.2, "spin_orbital_conversion": 0.3}
    film = layer("(100)", "[010]", 0.3, **orbital) | PERMALLOY.replace(**orbital)
    G = ss.sheet_conductance(film, m="y")
    back = ss.sheet_conductance(film.replace({"A.splitting": -0.3}), m=(0, -1, 0))
    assert_allclose(G, back.T, rtol=1e-12, atol=1e-15)
    metal = ss.Metal("A", thickness=5 * NM, conductivity=2e6, spin_diffusion_length=4 * NM, **orbital)
    expected = ss.sheet_conductance(metal | PERMALLOY.replace(**orbital), m="z")
    assert_allclose(ss.sheet_conductance(film.replace({"A.splitting": 0.0}), m="z"), expected, rtol=1e-12, atol=1e-15)
    with pytest.raises(ss.ParameterError, match="spin_orbital_polarization"):
        ss.sheet_conductance(film.replace({"A.spin_orbital_polarization": 0.2}), m="y")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plane": "[100]"}, "plane"),
        ({"plane": "(000)"}, "plane"),
        ({"plane": "(10)"}, "plane"),
        ({"plane": "(hkl)"}, "plane"),
        ({"neel": "(001)"}, "neel"),
        ({"neel": "[0 0 nan]"}, "neel"),
        ({"neel": None}, "neel"),
        ({"along": "[100]"}, "along"),
        ({"along": (1, 0)}, "along"),
        ({"along": True}, "along"),
        ({"cell": (4.5e-10,)}, "cell"),
        ({"cell": (4.5e-10, 0.0)}, "cell"),
        ({"cell": "4.5 angstrom"}, "cell"),
        ({"splitting": 1.0}, "splitting"),
        ({"splitting": -1.2}, "splitting"),
        ({"dephasing_length": 0.0}, "dephasing_length"),
    ],
)
def test_what_is_refused(changes, field):
    with pytest.raises(ss.ParameterError) as found:
        layer("(100)", "[010]").replace(**changes)
    assert found.value.field == field


@pytest.mark.parametrize(
    "written", ["[1-10]", "1-10", " [1 -1 0] ", "[1,-1,0]", (1, -1, 0), "[1 \N{MINUS SIGN}1 0]", [1.0, -1.0, 0]]
)
def test_indices_are_read_as_they_are_written(written):
    assert layer("(110)", written).along == "[1 -1 0]"


def test_the_library_has_none_and_text_is_no_number():
    with pytest.raises(ss.ParameterError, match="no altermagnets"):
        ss.Altermagnet.of("RuO2", thickness=1 * NM)
    with pytest.raises(ss.ParameterError, match="no number"):
        ss.Film((layer("(100)", "[010]"),)).replace({"A.plane": "(101)"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", '"[001]"'),
        ("neel = 100", "three numbers"),
        ('neel = "(001)"', "[001]"),
        ("neel = [0, 0, 1]", ""),
        ('material = "RuO2"', "material"),
    ],
)
def test_a_sample_file_says_what_is_missing(tmp_path, line, words):
    text = (Path(__file__).parents[2] / "examples" / "ruo2_altermagnet.toml").read_text(encoding="utf-8")
    file = tmp_path / "film.toml"
    file.write_text(text.replace('neel = "[001]"', line), encoding="utf-8")
    if not words:
        assert ss.load_sample(file)[0].neel == "[0 0 1]"
        return
    with pytest.raises(ss.SampleError) as found:
        ss.load_sample(file)
    assert words in str(found.value)
    assert "Pt" not in str(found.value)


def test_boltzmann_refuses_it():
    with pytest.raises(ss.ParameterError, match="of an altermagnet"):
        ss.sheet_conductance(ss.Film((layer("(100)", "[010]"),)), solver=ss.Boltzmann())


def test_a_sample_file_gives_it_back(tmp_path):
    film = layer("(101)", "[-1 0 1]", 0.31, dephasing_length=2 * NM, neel=(0, 0.1, 1)) | PERMALLOY
    path = ss.save_sample(film, tmp_path / "film.toml")
    assert ss.load_sample(path) == film
    assert 'plane = "(1 0 1)"' in path.read_text()
