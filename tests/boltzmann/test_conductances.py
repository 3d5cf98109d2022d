"""Interfaces that the Boltzmann equation knows by their conductances, bare or corrected."""

import warnings

import numpy as np
import pytest
from boltzmann_films import KF, SHARVIN, check_invariants, nm, random_bare, random_corrected, random_film, time_reversed
from boltzmann_slopes import check_slopes

import spinstack as ss
from spinstack.boltzmann import perpendicular, solve
from spinstack.boltzmann.boundaries import boundary
from spinstack.boltzmann.conductances import Conductances, conductances
from spinstack.boltzmann.contact import Contact
from spinstack.boltzmann.quadrature import directions
from spinstack.facts.layers import below_scattering

METAL = ss.Metal("N", thickness=5 * nm, conductivity=4e6, spin_diffusion_length=30 * nm, fermi_wavevector=KF)
MAGNET = ss.Ferromagnet("F", thickness=4 * nm, conductivity=3e6, polarization=0.4, spin_diffusion_length=9 * nm,
                        precession_length=2 * nm)  # fmt: skip
BARE = {"conductance_up": 3e14, "conductance_down": 1e14, "mixing_conductance": 5e14 + 1e14j, "conductances": "bare"}
KINDS = {"bare": random_bare, "corrected": random_corrected}


def thin(layer):
    return layer.replace(thickness=1e-6 * nm)


@pytest.mark.parametrize("diffuse", [0.0, 0.4, 1.0])
def test_between_reservoirs_bare_conductances_are_those_that_are_asked_for(diffuse):
    bare = ss.Interface(**BARE, diffuse_fraction=diffuse)
    for interface in (bare, bare.corrected(KF)):
        found = perpendicular(thin(METAL) | interface | thin(MAGNET), (0.0, 0.6, 0.8))
        assert found.resistance == pytest.approx(1 / 4e14, rel=1e-6)
        np.testing.assert_allclose(found.spin_current, [0.0, 0.3, 0.4], atol=1e-6)


def test_a_transparent_interface_is_none():
    film, axis = METAL | MAGNET, (0.2, -0.5, 0.7)
    there = ss.Interface.of_probabilities(1.0, 1.0, reflected=0.0, transmitted=1.0, fermi_wavevector=KF)
    plain = ss.Interface.of_probabilities(1.0, fermi_wavevector=KF)
    expected = solve(film, axis, resolution=(8, 8))
    for interface in (there, plain):
        found = solve(METAL | interface | MAGNET, axis, resolution=(8, 8))
        np.testing.assert_allclose(found.sheet, expected.sheet, rtol=0, atol=1e-13 * expected.sheet[0, 0])
        np.testing.assert_allclose(found.torque, expected.torque, rtol=0, atol=1e-12 * np.abs(expected.torque).max())


def test_a_barrier_without_spin_orbit_coupling_has_the_probabilities_that_its_conductances_say_on_average():
    """All electrons scattered into random directions: only flux averages are left."""
    barrier = ss.DeltaBarrier(barrier=0.5, exchange=0.3, fermi_wavevector=KF)
    known = barrier.coefficients((0, 0, 1))
    plain = ss.Interface(
        conductance_up=known["conductance_up"].item(), conductance_down=known["conductance_down"].item(),
        mixing_conductance=known["mixing_conductance"].item(), conductances="bare", diffuse_fraction=1.0,
        transmitted_mixing_conductance=known["transmitted_mixing_conductance"].item(),
    )  # fmt: skip
    films = [METAL | plain | MAGNET, METAL | ss.Interface(scattering=barrier, diffuse_fraction=1.0) | MAGNET]
    a, b = (solve(film, (0.3, 0.5, -0.8), (0.2, 0.6), resolution=(64, 8)) for film in films)
    np.testing.assert_allclose(a.sheet, b.sheet, rtol=1e-9, atol=1e-9 * b.sheet[0, 0])
    np.testing.assert_allclose(a.torque, b.torque, rtol=0, atol=1e-7 * np.abs(b.torque).max())


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_are_reciprocal_keep_charge_and_never_grow(kind, seed):
    rng = np.random.default_rng(seed)
    found = conductances(KINDS[kind](rng), "I", 1, 8 * SHARVIN)
    m, d = rng.normal(size=3), directions(4, 4)
    m /= np.linalg.norm(m)
    for fractions in ((0.0, 0.0), (0.3, 0.3), (0.2, 0.9)) if found.loss == 0 else ((0.0, 0.0), (0.3, 0.3)):
        forward, backward = (boundary([Contact(found, axis, fractions)], d) for axis in (m, -m))
        parts = [forward.specular.flow[0, 0, 0], *([forward.diffuse.flow[0]] if forward.diffuse else [])]
        back = [backward.specular.flow[0, 0, 0], *([backward.diffuse.flow[0]] if backward.diffuse else [])]
        reverse = np.tile([-1.0, -1.0, -1.0, 1.0], 2)
        for one, other in zip(parts, back, strict=True):
            partner = reverse[:, None] * other.reshape(8, 8).T * reverse
            np.testing.assert_allclose(one.reshape(8, 8), partner, atol=1e-14)
        whole = sum(parts).reshape(8, 8)
        np.testing.assert_allclose(whole[3] + whole[7], [0, 0, 0, 1] * 2, atol=1e-14)
        assert np.linalg.norm(whole, 2) < 1 + 1e-12


@pytest.mark.parametrize("seed", range(20))
def test_waves_of_both_spins_could_do_what_bare_conductances_do(seed):
    """Density matrices stay positive: (T_up T_down >= |t_up t_down*|^2) and what is kept and spread, too."""
    rng = np.random.default_rng(seed)
    found = conductances(random_bare(rng), "I", 1, 8 * SHARVIN)
    z, d = np.array([0.0, 0.0, 1.0]), directions(4, 4)
    parts = boundary([Contact(found, z, tuple(rng.uniform(size=2)))], d)
    for flow in (parts.specular.flow[0, 0, 0], parts.diffuse.flow[0]):
        for side in (0, 1):
            for to in (0, 1):
                X = flow[to, :, side]
                up, down = X[3, 3] + X[3, 2], X[3, 3] - X[3, 2]
                assert min(up, down) > -1e-14
                assert up * down - X[0, 0] ** 2 - X[0, 1] ** 2 > -1e-13


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_onsager_balance_and_passivity_hold_to_rounding(kind, seed):
    check_invariants(*random_film(seed, KINDS[kind]))


@pytest.mark.parametrize("seed", range(3))
def test_turning_everything_about_z_changes_nothing(seed):
    c, s = 0.8, 0.6
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    film, m, specularity = random_film(seed, random_corrected)
    changes = {}
    for name, value in film.parameters().items():
        if name.endswith(("spin_hall_angle", "spin_splitter")):
            changes[f"{name}[:,:]"] = turn @ value @ turn[:2, :2].T
    a = solve(film, m, specularity, resolution=(8, 8)).sheet
    b = solve(film.replace(changes), {n: turn @ v for n, v in m.items()}, specularity, resolution=(8, 8)).sheet
    np.testing.assert_allclose(b, turn[:2, :2] @ a @ turn[:2, :2].T, rtol=0, atol=1e-13 * np.abs(a).max())


@pytest.mark.parametrize("transmission", [(0.05, 0.02), (0.5, 0.2), (0.95, 0.7)])
@pytest.mark.parametrize("diffuse", [0.0, 1.0])
def test_thick_neighbours_see_the_corrected_conductances(transmission, diffuse):
    """Schep's correction takes what arrives for a shifted sphere; what is really there has Milne's length, exactly
    where everything is scattered into random directions and at T = 1/2."""
    interface = ss.Interface.of_probabilities(
        *transmission, reflected=0.2j * (1 - transmission[0]), fermi_wavevector=KF, diffuse_fraction=diffuse
    )
    found = ss.effective_interface(METAL | interface | MAGNET, 1, m="y").interface
    wanted, milne = interface.corrected(KF), 1.5 * 0.710446089598763 - 1
    for name, T, faces in zip(
        ("conductance_up", "conductance_down", "mixing_conductance"), (*transmission, 0.0), (2, 2, 1), strict=True
    ):
        apart = (1 / getattr(found, name) - 1 / getattr(wanted, name)) * SHARVIN
        assert 0 < apart.real < milne * faces * 1.06
        if diffuse == 1 or T == 0.5:
            assert apart == pytest.approx(milne * faces / 2, rel=1e-4)


@pytest.mark.parametrize("loss", [0.1, 1.0])
def test_spin_memory_loss_is_that_of_the_slab(loss):
    interface = ss.Interface(conductance_up=4e13, conductance_down=2e13, mixing_conductance=6e13,
                             spin_memory_loss=loss, conductances="corrected")  # fmt: skip
    found = ss.effective_interface(METAL | interface | MAGNET, 1, m="y", rtol=1e-5).interface
    assert found.spin_memory_loss == pytest.approx(loss, rel=0.02)
    assert found.conductance_up == pytest.approx(4e13, rel=0.02)


def valve(scale, conductances):
    magnet = MAGNET.replace(thickness=20 * nm * scale, spin_diffusion_length=15 * nm * scale, dephasing_length=5 * nm)
    spacer = METAL.replace(thickness=15 * nm * scale, spin_diffusion_length=80 * nm * scale)
    face = ss.Interface(conductance_up=1e14, conductance_down=2e13, mixing_conductance=1.4e14, spin_memory_loss=0.3,
                        conductances=conductances)  # fmt: skip
    return magnet.replace(name="A") | face | spacer | face | magnet.replace(name="B")


def test_one_film_with_corrected_conductances_serves_both_theories():
    """Perpendicular magnetoresistance; the Sharvin resistance of the reservoirs cancels in the difference."""
    ratios = []
    for scale in (4, 16):
        film = valve(scale, "corrected")
        a, b = (
            np.subtract(
                *(
                    ss.perpendicular_resistance(film, m={"A": "z", "B": end}, solver=s)
                    for end in ((0, 0, -1), (0, 0, 1))
                )
            )
            for s in (ss.Boltzmann(rtol=1e-5), None)
        )
        ratios.append(a / b - 1)
    assert abs(ratios[1]) < 0.01
    assert abs(ratios[1]) < 0.5 * abs(ratios[0])


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_by_everything_that_an_interface_says(kind):
    film, m, specularity = random_film(5, KINDS[kind])
    check_slopes(film, m, specularity, only="|")


def test_the_derivative_by_the_fermi_sphere_counts_the_conductances_at_it():
    film = METAL | ss.Interface(**BARE) | MAGNET.replace(spin_hall_angle=0.1)
    check_slopes(film, (0.3, 0.5, -0.8), (0.2, 0.5), only="fermi")


def test_batches_are_their_films():
    film = METAL.replace(spin_hall_angle=0.1) | ss.Interface(**BARE, diffuse_fraction=0.2) | MAGNET
    values = np.array([1e14, 3e14])
    many = solve(film.replace({"N|F.conductance_up": values}), (0, 0.6, 0.8), resolution=(8, 8))
    for i, value in enumerate(values):
        one = solve(film.replace({"N|F.conductance_up": float(value)}), (0, 0.6, 0.8), resolution=(8, 8))
        np.testing.assert_allclose(many.sheet[i], one.sheet, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(many.torque[i], one.torque, rtol=0, atol=1e-12 * np.abs(one.torque).max())


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6, 1e15])
def test_conductances_of_any_size_stay_finite(size):
    G = SHARVIN * size
    interface = ss.Interface(conductance_up=G, conductance_down=0.5 * G, mixing_conductance=G * (1 + 0.3j),
                             spin_memory_loss=1e-8, conductances="corrected")  # fmt: skip
    found = conductances(interface, "I", 1, 8 * SHARVIN)
    assert isinstance(found, Conductances)
    assert all(np.isfinite(v).all() for v in (found.six(), *found.slopes().values()))
    solved = solve(METAL | interface | MAGNET, (0, 0.6, 0.8), resolution=(8, 8))
    assert np.isfinite(solved.sheet).all()
    assert solved.residual < 1e-13


def test_correction_and_its_inverse_in_the_kernel_are_one_formula():
    rng = np.random.default_rng(1)
    for _ in range(10):
        bare = random_bare(rng)
        a, b = (conductances(one, "I", 1, 8 * SHARVIN).six() for one in (bare, bare.corrected(KF)))
        np.testing.assert_allclose(a, b, atol=1e-10)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"conductances": None}, "conductances", "missing: the Boltzmann equation needs to know whether the Sharvin"),
        ({"conductance_up": 6e14}, "conductance_up", "Sharvin conductance 5.7"),
        ({"mixing_conductance": 1.1e15}, "mixing_conductance", "sqrt(R_up R_down)"),
        ({"mixing_conductance": 1e14}, "mixing_conductance", "sqrt(R_up R_down)"),
        ({"transmitted_mixing_conductance": 3e14}, "transmitted_mixing_conductance", "sqrt(G_up G_down)"),
        ({"filtering": 1e4}, "filtering", "does not contain"),
    ],
)
def test_what_is_ambiguous_or_impossible_is_refused(fields, field, words):
    film = METAL | ss.Interface(**BARE | fields) | MAGNET
    with pytest.raises(ss.ParameterError) as caught:
        ss.sheet_conductance(film, m="y", solver=ss.Boltzmann())
    assert [e.field for e in caught.value.errors] == [field]
    assert words in str(caught.value)
    assert caught.value.errors[0].where == "N|F"


def test_drift_diffusion_refuses_bare_conductances_and_takes_the_corrected_ones():
    film = METAL | ss.Interface(**BARE) | MAGNET
    with pytest.raises(ss.ParameterError, match="once more"):
        ss.sheet_conductance(film, m="y")
    film = METAL | ss.Interface(**BARE).corrected(KF) | MAGNET
    plain = film[1].replace(conductances=None)
    np.testing.assert_array_equal(
        ss.sheet_conductance(film, m="y"), ss.sheet_conductance(METAL | plain | MAGNET, m="y")
    )


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: ss.Interface(**BARE | {"conductances": "Sharvin"}), "conductances"),
        (lambda: ss.Interface(**BARE, spin_memory_loss=0.1), "spin_memory_loss"),
        (lambda: ss.Interface(conductances="bare", scattering=ss.DeltaBarrier(barrier=1, fermi_wavevector=KF)),
         "conductances"),
        (lambda: ss.Interface(**BARE | {"conductances": "corrected"}).corrected(KF), "conductances"),
        (lambda: ss.Interface(**BARE).corrected(8e9), "conductance_up"),
        (lambda: ss.Interface.of_probabilities(1.2, fermi_wavevector=KF), "transmission_up"),
        (lambda: ss.Interface.of_probabilities(0.5, 0.2, fermi_wavevector=KF), "reflected"),
        (lambda: ss.Interface.of_probabilities(0.5, 0.2, reflected=0.7, fermi_wavevector=KF), "reflected"),
    ],
)  # fmt: skip
def test_words_that_do_not_go_together_are_refused(make, field):
    with pytest.raises(ss.ParameterError) as caught:
        make()
    assert caught.value.errors[0].field == field


def test_files_keep_the_word(tmp_path):
    film = METAL | ss.Interface(**BARE, diffuse_fraction=0.2, diffuse_fraction_down=0.4) | MAGNET
    ss.save_sample(film, tmp_path / "sample.toml")
    assert 'conductances = "bare"' in (tmp_path / "sample.toml").read_text()
    assert ss.load_sample(tmp_path / "sample.toml") == film


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [
    lambda rng: random_bare(rng, diffuse_fraction_down=rng.uniform()),
    lambda rng: random_corrected(rng, diffuse_fraction_down=rng.uniform(), spin_memory_loss=0.0),
    lambda rng: ss.Interface(scattering=ss.DeltaBarrier(barrier=0.4, exchange=0.3, fermi_wavevector=KF),
                             diffuse_fraction=rng.uniform(), diffuse_fraction_down=rng.uniform()),
])  # fmt: skip
def test_diffuse_fractions_of_both_spins_keep_the_invariants(make, seed):
    check_invariants(*random_film(seed, make))


def test_the_bound_of_scattering_theory_is_one_of_bare_conductances():
    interface = ss.Interface(**BARE | {"mixing_conductance": 1.5e14, "conductances": "corrected"})
    assert below_scattering(METAL | interface | MAGNET) == []
    assert len(below_scattering(METAL | interface.replace(conductances=None) | MAGNET)) == 1


def test_derivatives_by_diffuse_fractions_of_both_spins():
    film, m, specularity = random_film(2, lambda rng: random_bare(rng, diffuse_fraction_down=rng.uniform(0.1, 0.9)))
    check_slopes(film, m, specularity, only="fraction")


def test_equal_fractions_are_one_fraction():
    film, m, specularity = random_film(4, random_bare)
    value = film.get("A|F.diffuse_fraction")
    same = film.replace({"A|F.diffuse_fraction_down": value})
    almost = film.replace({"A|F.diffuse_fraction_down": value * (1 + 1e-9)})
    a, b, c = (solve(f, m, specularity, resolution=(8, 8)).sheet for f in (film, same, almost))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(a, c, rtol=0, atol=1e-8 * np.abs(a).max())


def test_collinear_spins_are_two_films_each_with_its_own_fraction():
    """Without spin flip and with m along z everywhere the two spins do not know of each other."""
    layers = [METAL.replace(spin_diffusion_length=np.inf), MAGNET.replace(spin_diffusion_length=np.inf)]
    T = 0.6

    def film(up, down):
        face = ss.Interface.of_probabilities(T, 0.3, reflected=0.1, fermi_wavevector=KF, diffuse_fraction=up,
                                             diffuse_fraction_down=down)  # fmt: skip
        return layers[0] | face | layers[1]

    found = solve(film(0.2, 0.9), (0, 0, 1), (0.4, 0.7), resolution=(16, 4)).sheet[0, 0]
    each = [solve(film(p, p), (0, 0, 1), (0.4, 0.7), resolution=(16, 4)).sheet[0, 0] for p in (0.2, 0.9)]
    # of one spin alone: both spins with its transmission, path and fraction
    alone = []
    for p, transmission, sign in ((0.2, T, 1), (0.9, 0.3, -1)):
        face = ss.Interface.of_probabilities(transmission, fermi_wavevector=KF, diffuse_fraction=p)
        magnet = MAGNET.replace(spin_diffusion_length=np.inf, polarization=0.0, conductivity=3e6 * (1 + sign * 0.4))
        alone.append(solve(layers[0] | face | magnet, (0, 0, 1), (0.4, 0.7), resolution=(16, 4)).sheet[0, 0] / 2)
    assert found == pytest.approx(sum(alone), rel=1e-12)
    assert min(each) < found < max(each)


@pytest.mark.parametrize(
    ("film", "words"),
    [
        (METAL | ss.Interface.of_probabilities(0.5, fermi_wavevector=KF, diffuse_fraction=0.1,
                                               diffuse_fraction_down=0.2) | METAL.replace(name="B"), "no magnet"),
        (METAL | ss.Interface.of_probabilities(0.5, fermi_wavevector=KF, diffuse_fraction=0.1,
                                               diffuse_fraction_down=0.2) | MAGNET, "do not know of m"),
        (METAL | ss.Interface(scattering=ss.DeltaBarrier(barrier=0.4, rashba=0.1, fermi_wavevector=KF),
                              diffuse_fraction=0.1, diffuse_fraction_down=0.2) | MAGNET, "spin-orbit"),
        (METAL | ss.Interface(**BARE | {"conductances": "corrected"}, spin_memory_loss=0.1, diffuse_fraction=0.1,
                              diffuse_fraction_down=0.2) | MAGNET, "flips spins"),
    ],
)  # fmt: skip
def test_fractions_of_both_spins_need_an_interface_that_conserves_them(film, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ss.ParameterError, match=words):
            solve(film, (0, 1, 0) if film.magnets else None)


def test_a_fraction_of_the_minority_alone_leaves_the_majority_at_its_default():
    alone, both = (ss.Interface(**BARE, diffuse_fraction_down=0.3, **more) for more in ({}, {"diffuse_fraction": 0.0}))
    a, b = (solve(METAL | one | MAGNET, (0, 0.6, 0.8), resolution=(8, 4)).sheet for one in (alone, both))
    np.testing.assert_array_equal(a, b)


def test_time_reversal_of_the_builder_turns_splitters():
    film = random_film(0)[0]
    assert (time_reversed(film).get("A.spin_splitter") == -film.get("A.spin_splitter")).all()
