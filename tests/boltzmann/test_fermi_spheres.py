"""Layers with Fermi spheres of their own: the component of k along the interfaces is kept."""

import numpy as np
import pytest
from boltzmann_films import C, check_invariants, fuchs_sondheimer, nm, valve_of_barriers
from plain_films import KF
from scipy.integrate import quad, simpson

import spinstack as ss
from spinstack.boltzmann import perpendicular, profiles, solve
from spinstack.boltzmann.quadrature import directions
from spinstack.stack.collisions import collisions, conductance_constant


def metal(name, k, thickness=5 * nm, conductivity=4e6, **fields):
    return ss.Metal(name, thickness=thickness, conductivity=conductivity, fermi_wavevector=k,
                    **{"spin_diffusion_length": 30 * nm} | fields)  # fmt: skip


def magnet(name="F", **fields):
    return ss.Ferromagnet(name, **{
        "thickness": 4 * nm, "conductivity": 5e6, "polarization": 0.4, "spin_diffusion_length": 20 * nm,
        "fermi_wavevector": KF, "fermi_splitting": 0.2,
    } | fields)  # fmt: skip


def test_points_of_several_spheres_are_those_of_each():
    d = directions(24, 4, (0.5, 0.8, 1.0))
    for r in d.radii:
        own = d.of(r)
        assert (own.flux**2).sum() == pytest.approx(r**2 / 2, rel=1e-13)
        assert own.weight.sum() == pytest.approx(r**2, rel=1e-9)
        assert own.weight @ own.mu**2 == pytest.approx(r**2 / 3, rel=1e-10)
    alone = directions(24, 4)
    np.testing.assert_allclose(d.of(0.5).mu, alone.mu, rtol=1e-14)


def test_a_step_passes_what_free_electrons_pass():
    """4 k k'/(k + k')^2 of every k along the step: 20/27 of the smaller Sharvin conductance between k and 2k."""
    thin = [metal(name, k, 1e-7 * nm) for name, k in (("A", KF), ("B", 2 * KF))]
    found = perpendicular(thin[0] | thin[1], rtol=1e-8).resistance
    assert found == pytest.approx(27 / 20 * 4 / C, rel=1e-6)
    barrier = ss.Interface(scattering=ss.Barrier(fermi_wavevector=KF, fermi_wavevector_upper=2 * KF))
    assert perpendicular(thin[0] | barrier | thin[1], rtol=1e-8).resistance == pytest.approx(found, rel=1e-10)


@pytest.mark.parametrize("diffuse", [0.0, 0.6])
def test_between_reservoirs_a_barrier_has_its_own_conductance(diffuse):
    model = ss.Barrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=KF, fermi_wavevector_upper=1.3 * KF,
                       splitting_upper=0.15)  # fmt: skip
    film = (
        metal("A", KF, 1e-7 * nm)
        | ss.Interface(scattering=model, diffuse_fraction=diffuse)
        | magnet(thickness=1e-7 * nm, fermi_wavevector=1.3 * KF, fermi_splitting=0.15)
    )
    m = (0.3, 0.5, -0.8)
    G = model.conductance(m)
    assert 1 / perpendicular(film, m, rtol=1e-7).resistance == pytest.approx(G[3, 3], rel=1e-6)


def test_between_mirrors_layers_of_one_relaxation_time_are_bulk():
    """The field shifts all electrons by the same k, whatever their sphere."""
    film = metal("A", KF, conductivity=4e6) | metal("B", 1.5 * KF, 3 * nm, conductivity=4e6 * 1.5**3)
    found = solve(film, None, (1.0, 1.0), rtol=1e-9).sheet
    np.testing.assert_allclose(found, (20e-3 + 12e-3 * 1.5**3) * np.eye(2), rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("ratio", [1.0, 1.6])
def test_an_opaque_barrier_parts_two_films_of_fuchs_and_sondheimer(ratio):
    wall = ss.Interface(scattering=ss.Barrier(barrier=1e5, fermi_wavevector=KF, fermi_wavevector_upper=ratio * KF))
    film = metal("A", KF) | wall | metal("B", ratio * KF, 3 * nm, 7e6)
    found = solve(film, None, (0.3, 0.6), rtol=1e-8).sheet[0, 0]
    expected = 0.0
    for t, sigma, k, p, q in ((5 * nm, 4e6, KF, 0.3, 1.0), (3 * nm, 7e6, ratio * KF, 1.0, 0.6)):
        path = 3 * sigma / conductance_constant(k)
        expected += sigma * t * fuchs_sondheimer(t / path, p, q)
    assert found == pytest.approx(expected, rel=1e-7)


def two_layers(layers, transmission):
    """Sheet conductance of two layers with diffuse outer surfaces, direction by direction: nothing is scattered in.

    layers: (thickness, path, k) below and above; transmission of k_z below and above.
    """
    (a, path_a, ka), (b, path_b, kb) = layers
    top = max(ka, kb)

    def rows(k, which):
        za, zb = (np.sqrt(max(r * r - k * k, 0.0)) for r in (ka, kb))
        T = transmission(za, zb)
        ga, gb = path_a / ka, path_b / kb  # h = k.E g in the bulk
        da, db = (np.exp(-t * r / (path * z)) if z > 0 else 0.0
                  for t, r, path, z in ((a, ka, path_a, za), (b, kb, path_b, zb)))  # fmt: skip
        up, down = ga * (1 - da), gb * (1 - db)  # arriving at the interface
        enter_a, enter_b = (1 - T) * up + T * down, T * up + (1 - T) * down
        out = 0.0
        for open_, g, enter, d, path, z, t, r in (
            (k < ka, ga, enter_a, da, path_a, za, a, ka), (k < kb, gb, enter_b, db, path_b, zb, b, kb),
        ):  # fmt: skip
            if open_:
                per = z / r  # k_z over k_F
                for first in (0.0, enter):
                    out += (g * t + (first - g) * path * per * (1 - d)) / per / r
        return out * k**3

    value = 0.0
    for low, high in ((0.0, min(ka, kb)), (min(ka, kb), top)):
        if high > low:
            # k^2 = low^2 + (high^2 - low^2) sin^2: roots at both ends
            area = (high - low) * (high + low)

            def inside(angle, low=low, area=area):
                k = np.sqrt(low**2 + area * np.sin(angle) ** 2)
                return rows(k, None) * area * np.sin(angle) * np.cos(angle) / k

            value += quad(inside, 0, np.pi / 2, epsabs=0, epsrel=1e-11, limit=400)[0]
    return conductance_constant(top) / (4 * top**2) * value


@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.4])
def test_two_metals_are_what_their_directions_are_one_by_one(ratio):
    ka, kb = KF, ratio * KF
    film = metal("A", ka) | metal("B", kb, 3 * nm, 9e6)
    paths = [3 * s / conductance_constant(k) for s, k in ((4e6, ka), (9e6, kb))]
    exact = two_layers([(5 * nm, paths[0], ka), (3 * nm, paths[1], kb)],
                       lambda x, y: 4 * x * y / (x + y) ** 2 if x * y > 0 else 0.0)  # fmt: skip
    assert solve(film, None, (0.0, 0.0), rtol=1e-8).sheet[0, 0] == pytest.approx(exact, rel=1e-7)


def test_collinear_spins_are_two_films_each_with_its_own_sphere():
    """Without spin flip and with m along z everywhere the two spins do not know of each other."""
    flipless = {"spin_diffusion_length": np.inf}
    splitting, P = 0.25, 0.3
    film = metal("A", 1.1 * KF, **flipless) | magnet(fermi_splitting=splitting, polarization=P, **flipless)
    found = solve(film, (0, 0, 1), (0.4, 0.7), resolution=(24, 4)).sheet[0, 0]
    alone = 0.0
    for sign in (1, -1):
        k = KF * (1 + sign * splitting)
        one = metal("A", 1.1 * KF, **flipless) | metal("F", k, 4 * nm, 5e6 * (1 + sign * P), **flipless)
        alone += solve(one, None, (0.4, 0.7), resolution=(48, 4)).sheet[0, 0] / 2
    assert found == pytest.approx(alone, rel=1e-8)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", range(6))
def test_onsager_balance_and_passivity_hold_to_rounding(seed):
    film, m, specularity = valve_of_barriers(seed)
    check_invariants(film, m, specularity, grid=(8, 8))


@pytest.mark.study
@pytest.mark.parametrize("seed", range(2))
def test_profiles_add_up_to_the_sheet_current(seed):
    film, m, specularity = valve_of_barriers(seed)
    whole = solve(film, m, specularity, resolution=(10, 8)).sheets
    inside = profiles(film, m, specularity, points=2001, resolution=(10, 8))
    for i in np.unique(inside.layer):
        k = inside.layer == i
        total = simpson(inside.j[k], x=inside.z[k], axis=0)
        np.testing.assert_allclose(total, whole[i], rtol=0, atol=2e-5 * np.abs(whole[i]).max())


def test_a_quarter_turn_about_z_changes_nothing():
    film, m, specularity = valve_of_barriers(3)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    changes = {name: 0.0 for name in film.parameters() if name.endswith("dresselhaus")}
    for name, value in film.parameters().items():
        if name.endswith("spin_hall_angle") and np.ndim(value):
            changes[f"{name}[:,:]"] = turn @ value @ turn[:2, :2].T
    plain = film.replace({name: value for name, value in changes.items() if "dresselhaus" in name})
    a = solve(plain, m, specularity, resolution=(8, 8)).sheet
    b = solve(film.replace(changes), {n: turn @ v for n, v in m.items()}, specularity, resolution=(8, 8)).sheet
    np.testing.assert_allclose(b, turn[:2, :2] @ a @ turn[:2, :2].T, rtol=0, atol=1e-12 * np.abs(a).max())


def test_spheres_that_hardly_differ_are_one_sphere():
    film = metal("A", KF, spin_hall_angle=0.1) | magnet(fermi_splitting=None, precession_length=2 * nm)
    one = solve(film, (0.3, 0.5, -0.8), (0.2, 0.6), resolution=(24, 8))
    near = film.replace({"A.fermi_wavevector": KF * (1 + 1e-6)})
    two = solve(near, (0.3, 0.5, -0.8), (0.2, 0.6), resolution=(24, 8))
    np.testing.assert_allclose(two.sheet, one.sheet, rtol=0, atol=1e-4 * one.sheet[0, 0])
    np.testing.assert_allclose(two.torque, one.torque, rtol=0, atol=1e-3 * np.abs(one.torque).max())


def test_diffusive_numbers_of_a_magnet_with_two_spheres_are_kept():
    given = magnet().numbers() | {"fermi_splitting": 0.2}
    found = collisions(given, KF)
    assert found.conductivity(KF) == pytest.approx(5e6, rel=1e-14)
    assert found.polarization == pytest.approx(0.4, rel=1e-13)
    assert found.spin_diffusion_length == pytest.approx(20 * nm, rel=1e-13)
    paths = {"mean_free_path_up": 3 * nm, "mean_free_path_down": 2 * nm}
    again = collisions(given | paths, KF)
    assert again.spin_diffusion_length == pytest.approx(20 * nm, rel=1e-13)


@pytest.mark.study
@pytest.mark.parametrize("splitting", [0.0, 0.2])
def test_thick_valves_tend_to_drift_diffusion(splitting):
    """Perpendicular magnetoresistance of bulk and interface; drift-diffusion has the Sharvin-corrected barrier."""
    ratios = []
    for scale in (3, 12):
        model = {"barrier": 0.5, "exchange": 0.1, "fermi_wavevector": 1.1 * KF, "fermi_wavevector_upper": KF,
                 "splitting_upper": splitting, "sharvin": True}  # fmt: skip
        up = ss.Interface(scattering=ss.Barrier(**model))
        mirror = {"fermi_wavevector": KF, "fermi_wavevector_upper": 1.1 * KF, "splitting": splitting,
                  "splitting_upper": None}  # fmt: skip
        down = ss.Interface(
            scattering=ss.Barrier(**model | mirror | {"barrier": 0.5 * 1.1, "exchange": 0.11})
        )  # strengths in units of its own lower metal
        one = magnet("G", thickness=15 * nm * scale, spin_diffusion_length=12 * nm * scale, fermi_splitting=splitting)
        film = one.replace(name="F") | down | metal("N", 1.1 * KF, 10 * nm * scale) | up | one
        a, b = (
            np.subtract(*(ss.perpendicular_resistance(film, m={"F": "z", "G": end}, solver=s)
                          for end in ((0, 0, -1), (0, 0, 1))))
            for s in (ss.Boltzmann(rtol=1e-5), None)
        )  # fmt: skip
        ratios.append(a / b - 1)
    assert abs(ratios[1]) < 0.03
    assert abs(ratios[1]) < 0.6 * abs(ratios[0]) or abs(ratios[1]) < 3e-3


def test_bands_that_do_not_match_make_a_giant_magnetoresistance():
    """Nothing but the spheres tells the spins apart."""
    one = magnet("F", polarization=0.0, fermi_splitting=0.2, thickness=3 * nm, spin_diffusion_length=50 * nm)
    film = one | metal("Cu", KF, 2 * nm, 3e7) | one.replace(name="G")
    solver = ss.Boltzmann(rtol=1e-3)
    R = [ss.sheet_resistance(film, m={"F": "y", "G": end}, solver=solver)[0, 0] for end in ((0, 1, 0), (0, -1, 0))]
    assert R[1] > R[0] * 1.001
    plain = film.replace({"F.fermi_splitting": 0.0, "G.fermi_splitting": 0.0})
    R = [ss.sheet_resistance(plain, m={"F": "y", "G": end}, solver=solver)[0, 0] for end in ((0, 1, 0), (0, -1, 0))]
    assert R[1] == pytest.approx(R[0], rel=1e-12)


def test_batches_may_have_spheres_of_their_own():
    film = metal("A", KF) | metal("B", 1.2 * KF)
    waves = np.array([KF, 0.8 * KF, 0.8 * KF])
    many = solve(film.replace({"A.fermi_wavevector": waves}), resolution=(8, 4)).sheet
    for i, k in enumerate(waves):
        one = solve(film.replace({"A.fermi_wavevector": float(k)}), resolution=(8, 4)).sheet
        np.testing.assert_allclose(many[i], one, rtol=1e-13, atol=1e-15)


def test_directions_of_m_reach_contacts_without_an_interface():
    film, m = metal("A", 1.2 * KF, spin_hall_angle=0.1) | magnet(), np.random.default_rng(0).normal(size=(3, 3))
    many = solve(film, m, resolution=(8, 8))
    for i in range(3):
        one = solve(film, m[i], resolution=(8, 8))
        np.testing.assert_allclose(many.sheet[i], one.sheet, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(many.torque[i], one.torque, rtol=0, atol=1e-12 * np.abs(one.torque).max())


@pytest.mark.parametrize(
    ("film", "field", "words"),
    [
        (metal("A", KF) | ss.Metal("B", thickness=nm, conductivity=1e7, spin_diffusion_length=9 * nm)
         | metal("C", 1.2 * KF), "fermi_wavevector", "missing; the film has several"),
        (metal("A", KF) | ss.Interface(scattering=ss.DeltaBarrier(barrier=1, fermi_wavevector=KF))
         | metal("B", 1.2 * KF), "fermi_wavevector", "ss.Barrier"),
        (metal("A", KF) | ss.Interface(scattering=ss.DeltaBarrier(barrier=1, fermi_wavevector=KF)) | magnet(),
         "fermi_splitting", "one sphere for both spins"),
        (metal("A", KF) | ss.Interface.of_probabilities(0.5, fermi_wavevector=KF) | metal("B", 1.2 * KF),
         "conductances", "do not say which k"),
        (metal("A", KF) | magnet(spin_hall_angle=0.1), "spin_hall_angle", "turn the spin"),
        (magnet() | magnet("G"), "fermi_splitting", "touch each other"),
        (magnet() | ss.MagneticInsulator("I", mixing_conductance=1e14), "fermi_splitting", "magnetic insulator"),
    ],
)  # fmt: skip
def test_spheres_that_do_not_go_together_are_refused(film, field, words):
    with pytest.raises(ss.ParameterError) as caught:
        ss.sheet_conductance(film, m="y" if film.magnets else None, solver=ss.Boltzmann())
    assert caught.value.errors[0].field == field
    assert words in str(caught.value)


def test_derivatives_of_several_spheres_are_refused():
    film = metal("A", KF) | metal("B", 1.2 * KF)
    with pytest.raises(ss.ParameterError, match="several Fermi spheres"):
        ss.gradient(film, lambda f: ss.sheet_resistance(f, solver=ss.Boltzmann())[0, 0])


def test_files_keep_the_splitting(tmp_path):
    film = metal("A", KF) | magnet()
    ss.save_sample(film, tmp_path / "sample.toml")
    assert ss.load_sample(tmp_path / "sample.toml") == film


@pytest.mark.parametrize("upper", [{}, {"splitting_upper": 0.2}])
@pytest.mark.parametrize("down", [0.4, 0.1])
def test_spin_is_kept_where_the_spins_are_scattered_evenly_to_different_parts(upper, down):
    """Between spheres of different size, of which each leaves in its own number."""
    model = ss.Barrier(barrier=0.5, exchange=0.3, fermi_wavevector=KF, fermi_wavevector_upper=1.4 * KF, **upper)
    interface = ss.Interface(scattering=model, diffuse_fraction=0.4, diffuse_fraction_down=down)
    film = metal("A", KF, spin_hall_angle=0.1) | interface
    film = film | ss.Ferromagnet("F", thickness=4 * nm, conductivity=3e6, polarization=0.4,
                                 spin_diffusion_length=4 * nm, precession_length=1000 * nm)  # fmt: skip
    found = solve(film, np.array([-0.6, 0.1, 0.4]), resolution=(10, 10))
    assert np.abs(found.torque.sum(0) + found.lattice).max() < 1e-13 * np.abs(found.lattice).max()
