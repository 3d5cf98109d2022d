"""Where Neel vectors point: the lowest eigenvector, two sublattices by brute force, domains of an easy plane."""

from functools import partial

import jax
import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import antiferromagnet
from plain_films import X, Y, Z, nm
from reference_antiferromagnet import domain_moments, two_sublattices

import spinstack as ss

G = 2e14


def neel(**changes):
    return ss.Antiferromagnet(**{"mixing_conductance": G, **changes})


def matrix(B, flop, hard, u, k):
    return np.outer(B, B) + hard**2 * np.outer(k, k) - flop**2 * np.outer(u, u)


def random_axes(rng):
    u, k = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    return u, k


def test_it_is_the_lowest_eigenvector():
    rng = np.random.default_rng(11)
    for _ in range(60):
        u, k = random_axes(rng)
        B, flop, hard = rng.normal(size=3) * 10 ** rng.uniform(-1, 1), *10 ** rng.uniform(-1, 1, 2)
        flop *= rng.integers(0, 2)
        n = neel(spin_flop_field=flop, hard_field=hard, easy_axis=u, hard_axis=k).equilibrium(B)
        M = matrix(B, flop, hard, u, k)
        values = np.linalg.eigvalsh(M)
        assert np.linalg.norm(n) == pytest.approx(1, rel=1e-14)
        np.testing.assert_allclose(M @ n, values[0] * n, atol=1e-13 * np.abs(values).max())


def test_it_has_the_lowest_energy_in_the_plane_that_nothing_leaves():
    rng = np.random.default_rng(12)
    for _ in range(30):
        u, k = random_axes(rng)
        B, flop = rng.normal(size=3) * 10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1, 1) * rng.integers(0, 2)
        n = neel(spin_flop_field=flop, hard_field=np.inf, easy_axis=u, hard_axis=k).equilibrium(B)
        assert abs(n @ k) < 1e-14
        e = np.cross(k, X) / np.linalg.norm(np.cross(k, X))
        circle = np.linspace(0, np.pi, 20001)[:, None]
        around = np.cos(circle) * e + np.sin(circle) * np.cross(k, e)
        energy = ref.neel_energy(B, flop, u)
        assert energy(n) <= energy(around).min() + 1e-14 * (B @ B + flop**2)


def test_a_strong_hard_axis_is_one_that_is_never_left():
    rng = np.random.default_rng(13)
    for _ in range(3):
        u, k = random_axes(rng)
        B = rng.normal(size=3)
        axes = {"spin_flop_field": 2.0, "easy_axis": u, "hard_axis": k}
        never = neel(hard_field=np.inf, **axes).equilibrium(B)
        last = np.inf
        for hard in (1e2, 1e3, 1e4):
            away = np.linalg.norm(neel(hard_field=hard, **axes).equilibrium(B) - never)
            assert away < last / 50
            last = away
        assert last < 1e-6


def test_without_a_hard_field_it_is_what_it_was():
    """Left out, nothing holds n in the plane beside a spin-flop field, and everything without one."""
    rng = np.random.default_rng(14)
    B = rng.normal(size=(10, 3))
    for flop, hard in ((0.0, np.inf), (1.5, 0.0)):
        axes = {"spin_flop_field": flop, "easy_axis": (1, 0, 0), "hard_axis": (0, 0.6, 0.8)}
        np.testing.assert_array_equal(neel(**axes).equilibrium(B), neel(hard_field=hard, **axes).equilibrium(B))
    np.testing.assert_array_equal(
        neel(spin_flop_field=np.array([0.0, 1.5]), easy_axis=(1, 0, 0), hard_axis=(0, 0.6, 0.8)).equilibrium(B[:2]),
        [neel(easy_axis=(1, 0, 0), hard_axis=(0, 0.6, 0.8)).equilibrium(B[0]),
         neel(spin_flop_field=1.5, easy_axis=(1, 0, 0), hard_axis=(0, 0.6, 0.8)).equilibrium(B[1])],
    )  # fmt: skip


@pytest.mark.parametrize(("flop", "hard"), [(0.0, 3.0), (2.0, 0.0), (2.0, 3.0), (1.0, 5.0)])
def test_two_sublattices_are_met_as_their_exchange_grows(flop, hard):
    u, k = np.array([0.8, 0.6, 0.0]), Z
    B = np.array([1.3, -0.7, 1.9])
    errors = []
    for exchange in (1e2, 1e3):
        magnet = neel(spin_flop_field=flop, hard_field=hard, easy_axis=u, hard_axis=k, exchange_field=exchange)
        n = magnet.equilibrium(B)
        anisotropies = flop**2 / (2 * exchange), hard**2 / (2 * exchange)
        moments = two_sublattices(B, exchange, *anisotropies, u, k, n)
        found = np.array([piece.direction for piece in magnet.sublattices(n, B, 0.0)])
        errors.append(np.abs(found - moments).max())
        # both cant towards the field, by the same angle
        across = B - (B @ n) * n
        np.testing.assert_allclose(found.sum(0), across / exchange, atol=1e-12)
    assert errors[1] < errors[0] / 50
    assert errors[1] < 1e-5


@pytest.mark.study
def test_moments_are_parallel_beyond_twice_the_exchange_field():
    magnet = neel(exchange_field=4.0)
    for B, sine in ((2.0, 0.25), (8.0, 1.0), (20.0, 1.0)):
        for piece in magnet.sublattices(X, B * Y, 0.0):
            assert piece.direction @ Y == pytest.approx(sine, abs=1e-14)
    slopes = jax.jacobian(lambda B: magnet.sublattices(X, B * Y, 0.0)[0].direction)(20.0)
    np.testing.assert_allclose(slopes, 0, atol=1e-15)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"hard_field": 4.0},
        {"spin_flop_field": 2.0},
        {"hard_field": 3.0, "spin_flop_field": 1.0},
        {"hard_field": np.inf, "spin_flop_field": 1.0},
    ],
)
def test_directions_have_derivatives(changes):
    axes = {"easy_axis": (0.0, 0.6, 0.8), "hard_axis": (1.0, 0.2, 0.0)}
    B = np.array([0.4, -0.3, 0.5])

    def direction(values):
        fields = dict(zip([c for c, v in changes.items() if np.isfinite(v)], values[3:], strict=True))
        return neel(**axes, **(changes | fields)).equilibrium(values[:3])

    at = np.array([*B, *[v for v in changes.values() if np.isfinite(v)]])
    found = np.asarray(jax.jacfwd(direction)(at))
    steps = 1e-5 * np.eye(len(at))
    expected = np.stack([(direction(at + e) - direction(at - e)) / 2e-5 for e in steps], -1)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.9, 1.0, 3.0])
def test_domains_have_the_lowest_energy_of_all_distributions(strength):
    angle = np.pi / 9  # so that the distribution has a point across the field
    B = 2.0 * strength * np.array([np.cos(angle), np.sin(angle), 0.0])
    populations = neel(monodomain_field=2.0).domains(B + 5.0 * Z)
    assert sum(share for share, _ in populations) == pytest.approx(1, rel=1e-15)
    moments = [
        sum(s * f(n) for s, n in populations) for f in (lambda n: n[0] ** 2 - n[1] ** 2, lambda n: 2 * n[0] * n[1])
    ]
    np.testing.assert_allclose(moments, domain_moments(B[:2], 2.0), atol=1e-5)
    np.testing.assert_allclose(
        moments, -min(1, strength**2) * np.array([np.cos(2 * angle), np.sin(2 * angle)]), atol=1e-14
    )


@pytest.mark.study
@pytest.mark.parametrize("strength", [0.05, 0.3, 0.6, 1.2])
@pytest.mark.parametrize("weak", [0.5, 2.0])
def test_a_weak_moment_turns_domains_in_weaker_fields(strength, weak):
    angle = np.pi / 9
    B = strength * np.array([np.cos(angle), np.sin(angle), 0.0])
    magnet = neel(monodomain_field=2.0, dzyaloshinskii_field=weak)
    populations = magnet.domains(B)
    moments = [
        sum(s * f(n) for s, n in populations) for f in (lambda n: n[0] ** 2 - n[1] ** 2, lambda n: 2 * n[0] * n[1])
    ]
    # at every other degree two domains on either side of the perpendicular are met to a few thousandths
    np.testing.assert_allclose(moments, domain_moments(B[:2], 2.0, weak), atol=5e-3)
    q = np.hypot(*moments)
    assert strength**2 / 4 < q <= 1
    if strength**2 + weak * strength < 4:
        assert 4 * q == pytest.approx(strength**2 + weak * strength / np.sqrt((1 + q) / 2), rel=1e-12)
    else:
        assert q == 1
    slope = jax.jacobian(lambda b: magnet.domains(b)[0][0])(B)
    steps = [(magnet.domains(B + 1e-6 * e)[0][0] - magnet.domains(B - 1e-6 * e)[0][0]) / 2e-6 for e in np.eye(3)]
    np.testing.assert_allclose(slope, steps, atol=1e-8)
    assert np.isfinite(jax.jacobian(lambda b: magnet.domains(b)[0][0])(np.zeros(3))).all()


# --- films


def metal(**changes):
    values = {"thickness": 4 * nm, "conductivity": 4e6, "spin_diffusion_length": 1.5 * nm, "spin_hall_angle": 0.1}
    return ss.Metal("Pt", **{**values, **changes})


def on(magnet, **changes):
    return ss.MagneticInsulator("NiO", magnet=magnet) | metal(**changes)


def resistance(film, plane, angle, field):
    return ss.angular_scan(film, plane=plane, angles=angle, turns="field", field=field)["R_xx"].values


ANGLES = np.linspace(0, 360, 25)


def test_an_easy_plane_in_the_film_has_negative_alpha_and_nothing_else():
    film = on(neel())
    held = ss.MagneticInsulator("F", mixing_conductance=G) | metal()
    alpha = resistance(film, "alpha", ANGLES, 3.0)
    turned = ss.angular_scan(held, plane="alpha", angles=ANGLES + 90)["R_xx"].values
    np.testing.assert_allclose(alpha, turned, rtol=1e-12)
    assert alpha[6] > alpha[0]  # at 90 degrees above that at 0: against a magnetisation
    for plane, end in (("beta", alpha[6]), ("gamma", alpha[0])):
        np.testing.assert_allclose(resistance(film, plane, ANGLES, 3.0), end, rtol=1e-12)


def test_a_finite_hard_field_matters_beside_an_easy_axis_only():
    """k x B has eigenvalue zero, which nothing undercuts without an easy axis; with one n leaves the plane."""
    rng = np.random.default_rng(15)
    for _ in range(10):
        u, k = random_axes(rng)
        B = rng.normal(size=3)
        free = [neel(hard_field=h, easy_axis=u, hard_axis=k).equilibrium(B) for h in (0.5, 3.0, np.inf)]
        np.testing.assert_allclose(free, np.broadcast_to(free[2], (3, 3)), atol=1e-12)
        assert abs(neel(hard_field=3.0, spin_flop_field=2.0, easy_axis=u, hard_axis=k).equilibrium(B) @ k) > 1e-3


def test_canting_makes_the_signal_smaller():
    small = {"mixing_conductance": 1e9}
    rigid, canted = (
        np.ptp(resistance(on(neel(**small, **more)), "alpha", [0.0, 90.0], 10.0))
        for more in ({}, {"exchange_field": 20.0})
    )
    assert canted / rigid == pytest.approx(1 - 2 * (10 / 40) ** 2, rel=1e-4)


@pytest.mark.parametrize("make", [neel, antiferromagnet])
def test_domains_give_the_mean_of_films_not_the_film_of_the_mean(make):
    """A film of domains at all angles, each solved by itself, with the same second moment."""
    B, T = np.array([1.2, -0.5, 2.0]), 20.0
    film = on(make(monodomain_field=2.0))
    found = ss.sheet_conductance(film, B=B, T=T)
    angle, ratio = np.arctan2(B[1], B[0]), (B[:2] @ B[:2]) / 4
    phi = np.pi * (np.arange(48) + 0.5) / 48
    shares = (1 - 2 * ratio * np.cos(2 * (phi - angle))) / 48
    n = np.stack([np.cos(phi), np.sin(phi), 0 * phi], -1)
    each = ss.sheet_conductance(film, m=n, B=0 * n if make is neel else B, T=T)
    # canted moments are no longer a second moment of n alone
    tolerance = (1e-13 if make is neel else 1e-4) * (np.abs(found).max() if make is neel else np.ptp(each[:, 0, 0]))
    np.testing.assert_allclose(found, np.einsum("p,pij->ij", shares, each), atol=tolerance)
    # the face of the mean is another one
    mean = on(neel(mixing_conductance=G / 2))
    inside = ss.sheet_conductance(mean, m=Z)
    saturated = ss.sheet_conductance(on(neel()), m=n[::12])
    apart = saturated[:, 0, 0].mean() - inside[0, 0]
    assert abs(apart) > 0.02 * np.ptp(saturated[:, 0, 0])


def test_the_signal_of_domains_grows_as_the_square_of_the_field():
    film = on(neel(monodomain_field=6.0))
    full = np.ptp(resistance(film, "alpha", [0.0, 90.0], 6.0))
    for B in (1.0, 2.0, 3.0, 5.9):
        conductance = 1 / resistance(film, "alpha", [0.0, 90.0], B)
        ends = 1 / resistance(film, "alpha", [0.0, 90.0], 6.0)
        assert np.ptp(conductance) / np.ptp(ends) == pytest.approx((B / 6) ** 2, rel=1e-9)
    assert np.ptp(resistance(film, "alpha", [0.0, 90.0], 20.0)) == pytest.approx(full, rel=1e-12)


def test_with_a_field_along_the_hard_axis_domains_share_the_plane():
    film = on(neel(monodomain_field=6.0))
    G = ss.sheet_conductance(film, B=(0, 0, 9.0))
    one = [ss.sheet_conductance(film, m=m) for m in (X, Y)]
    np.testing.assert_allclose(G, np.mean(one, 0), rtol=1e-14)
    beta = resistance(film, "beta", [0.0, 90.0], 9.0)
    assert beta[1] == pytest.approx(1 / G[0, 0], rel=1e-12)


def test_everything_linear_is_a_mean_over_domains():
    film, B = on(neel(monodomain_field=3.0), diffusion_coefficient=1e-4), (1.0, 0.5, 0.3)
    populations = film[0].magnet.domains(np.array(B))
    for observable in (ss.profile, ss.torque, ss.layer_currents):
        found = observable(film, B=B)
        parts = [s * observable(film, m=n, B=B) for s, n in populations]
        for name in found.data_vars:
            np.testing.assert_allclose(found[name], parts[0][name] + parts[1][name], rtol=1e-12, atol=1e-30)


def test_two_faces_have_domains_of_their_own():
    magnet = neel(monodomain_field=3.0)
    film = ss.MagneticInsulator("below", magnet=magnet) | metal() | ss.MagneticInsulator("above", magnet=magnet)
    B = np.array([1.0, 0.5, 0.3])
    both = magnet.domains(B)
    expected = sum(
        a * b * ss.sheet_conductance(film, m={"below": m, "above": n}, B=B) for a, m in both for b, n in both
    )
    np.testing.assert_allclose(ss.sheet_conductance(film, B=B), expected, rtol=1e-14)
    one = ss.sheet_conductance(film, m={"below": Z}, B=B)
    expected = sum(b * ss.sheet_conductance(film, m={"below": Z, "above": n}, B=B) for b, n in both)
    np.testing.assert_allclose(one, expected, rtol=1e-14)


def test_films_of_domains_are_onsager_symmetric_and_passive():
    rng = np.random.default_rng(21)
    for _ in range(10):
        magnet = neel(
            monodomain_field=10 ** rng.uniform(-1, 1), mixing_conductance=10 ** rng.uniform(13, 15) * (1 + 0.1j),
            spin_sink_conductance=10 ** rng.uniform(12, 14), exchange_field=10 ** rng.uniform(1, 3),
            hard_axis=rng.normal(size=3),
        )  # fmt: skip
        film, B = on(magnet, diffusion_coefficient=1e-4, hall_coefficient=2e-10), rng.normal(size=3) * 3
        G, reverse = ss.sheet_conductance(film, B=B), ss.sheet_conductance(film, B=-B)
        np.testing.assert_allclose(G, reverse.T, rtol=1e-11)
        assert np.linalg.eigvalsh(G + G.T).min() > 0


def test_batches_of_fields_films_and_domains():
    film = on(neel(monodomain_field=np.array([1.0, 4.0]), mixing_conductance=np.array([[1e14], [2e14], [4e14]])))
    B = np.array([0.9, 0.4, 1.0])
    found = ss.sheet_conductance(film, B=B)
    assert found.shape == (3, 2, 2, 2)
    for i, g in enumerate((1e14, 2e14, 4e14)):
        for k, alone in enumerate((1.0, 4.0)):
            one = on(neel(monodomain_field=alone, mixing_conductance=g))
            np.testing.assert_allclose(found[i, k], ss.sheet_conductance(one, B=B), rtol=1e-13)
    path = "NiO.magnet.monodomain_field"
    swept = ss.sweep(on(neel(monodomain_field=1.0)), {path: [1.0, 4.0]}, partial(ss.sheet_conductance, B=B))
    one = on(neel(monodomain_field=4.0))
    np.testing.assert_allclose(swept["sheet_conductance"][1], ss.sheet_conductance(one, B=B), rtol=1e-13)


@pytest.mark.study
@pytest.mark.parametrize(
    "changes",
    [
        {"monodomain_field": 3.0, "dzyaloshinskii_field": 0.7},
        {"hard_field": 4.0},
        {"spin_flop_field": 2.0, "hard_field": 4.0},
    ],
)
def test_films_have_derivatives_by_every_number(changes):
    B = (1.0, 0.6, 0.8)
    film = on(neel(exchange_field=40.0, **changes, easy_axis=(1, 0.3, 0), hard_axis=(0.1, 0, 1)))

    def observed(film):
        return ss.sheet_resistance(film, B=B)[0, 0]

    slopes = ss.gradient(film, observed)
    for name in (*changes, "exchange_field", "mixing_conductance"):
        path = f"NiO.magnet.{name}"
        value = film.parameters()[path]
        step = 1e-4 * abs(value)
        up, down = (observed(film.replace({path: value + s * step})) for s in (1, -1))
        part = f"{path}.real" if name == "mixing_conductance" else path
        assert float(slopes[part]) == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-9)
    assert all(np.isfinite(float(v)) for v in slopes.values())


BAD = {
    "no direction along the hard axis": (lambda: ss.sheet_resistance(on(neel()), B=(0, 0, 3.0)), "free in the plane"),
    "none without a field": (lambda: ss.sheet_resistance(on(neel())), "free in the plane.*monodomain_field"),
    "none beside a finite hard axis": (lambda: neel(hard_field=3.0).equilibrium(Z), "free in the plane"),
    "a scan along the hard axis": (lambda: ss.field_scan(on(neel()), [1.0, 2.0], "z"), "free in the plane"),
    "nothing holds it": (lambda: neel(hard_field=0.0), "hard_field.*got 0.*no direction across the field"),
    "domains beside an easy axis": (
        lambda: neel(monodomain_field=1.0, spin_flop_field=1.0), "monodomain_field.*beside a spin_flop_field",
    ),
    "domains that leave the plane": (lambda: neel(monodomain_field=1.0, hard_field=9.0), "finite hard_field"),
    "a weak moment of one domain": (lambda: neel(dzyaloshinskii_field=1.0), "dzyaloshinskii_field.*without domains"),
    "one axis twice": (lambda: neel(hard_axis=(1, 0, 0)), "hard_axis.*easy axis"),
    "a magnetisation": (
        lambda: ss.angular_scan(on(neel()), plane="alpha", turns="magnetisation"), "cannot be held in every direction",
    ),
    "efficiency of domains": (
        lambda: ss.torque_efficiency(on(neel(monodomain_field=1.0)), "Pt", B=(1, 0.2, 0)),
        "domains of an antiferromagnet",
    ),
    "pumping by domains": (
        lambda: ss.spin_pumping(ss.Ferromagnet("Py", thickness=4 * nm, conductivity=4e6, spin_diffusion_length=4 * nm)
                                | ss.MagneticInsulator("NiO", magnet=neel(monodomain_field=1.0)), 9e9, 1.0, "Py",
                                m={"Py": "x"}, B=(1, 0, 0)), "domains of an antiferromagnet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_has_no_answer_is_refused(case):
    call, message = BAD[case]
    with pytest.raises(ss.ParameterError, match=message):
        call()


def test_a_scan_through_zero_keeps_the_last_direction():
    scan = ss.field_scan(on(neel()), [-2.0, 0.0, 2.0], "x")
    np.testing.assert_allclose(scan["R_xx"], scan["R_xx"][0], rtol=1e-14)
    path = [(1.0, 0, 0), (0, 0, 2.0), (0, 1.0, 0)]
    along_x, kept, along_y = ss.field_scan(on(neel()), path)["R_xx"].values
    assert kept == pytest.approx(along_x, rel=1e-14)
    assert along_y > along_x


def test_it_needs_no_temperature_and_comes_back_from_a_file(tmp_path):
    film = on(neel(monodomain_field=3.0, exchange_field=900.0, mixing_conductance=2e14 + 1e13j, hard_axis=(1, 1, 1)))
    path = ss.save_sample(film, tmp_path / "film.toml")
    assert 'kind = "neel"' in path.read_text(encoding="utf-8")
    assert ss.load_sample(path) == film
    np.testing.assert_allclose(ss.sheet_resistance(film, B=(1, 0, 0)), ss.sheet_resistance(film, B=(1, 0, 0), T=10.0))


def test_boltzmann_takes_its_conductances():
    film = on(neel())
    numbers = ss.MagneticInsulator("NiO", mixing_conductance=G) | metal()
    solver = ss.Boltzmann(rtol=1e-4)
    np.testing.assert_allclose(
        ss.sheet_resistance(film, m="x", solver=solver), ss.sheet_resistance(numbers, m="x", solver=solver), rtol=1e-12
    )


def test_boltzmann_is_a_mean_over_domains_too():
    film, solver = on(neel(monodomain_field=1.0)), ss.Boltzmann(rtol=1e-4)
    one, other = (ss.sheet_conductance(film, m=m, solver=solver) for m in (X, Y))
    np.testing.assert_allclose(ss.sheet_conductance(film, solver=solver), (one + other) / 2, rtol=1e-12)


def test_a_compiled_model_has_domains():
    path, B = "NiO.magnet.monodomain_field", (1.2, 0.3, 0.8)
    film = on(neel(monodomain_field=3.0))
    model = ss.compile(film, free=[path], observable=ss.sheet_resistance, B=B)
    for alone in (0.5, 2.0, 6.0):
        expected = ss.sheet_resistance(film.replace({path: alone}), B=B)
        np.testing.assert_allclose(model(np.array([alone])), expected.ravel(), rtol=1e-13)


def test_its_face():
    face = ss.face_conductances(neel(mixing_conductance=2e14 + 1e13j), [0.0, 1.0], 10.0)
    np.testing.assert_allclose(face["G_r"], 2e14)
    np.testing.assert_allclose(face["G_i"], 0)
    assert "order" not in face


@pytest.mark.parametrize("alone", [0.0, np.array([0.0, 1e-6])])
def test_without_domains_a_direction_is_not_chosen_for_anybody(alone):
    with pytest.raises(ss.ParameterError, match="free in the plane"):
        ss.sheet_resistance(on(neel(monodomain_field=alone)), B=(0.0, 0.0, 0.0))
