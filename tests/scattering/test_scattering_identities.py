"""What must hold for every barrier: unitarity, conservation, Onsager, passivity, rotations; closed forms; gradients.

Identities of the integrands hold at any number of quadrature points: a loose tolerance keeps these tests fast and
weakens none of them.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import spinstack.numerics.compiler  # noqa: F401  (64-bit floats before anything is traced)
from spinstack.scattering import DeltaBarrier
from spinstack.scattering.electrons import field_of_amplitudes

KF = 1.36e10
GS = 1.602176634e-19**2 / 6.62607015e-34 * KF**2 / (4 * np.pi)
N = 64
LOOSE = 1e-2
PATH = 1e-8
PARITY = np.array([-1.0, -1, -1, 1, -1, -1, -1, 1, 1, 1])
#: power of (j_L, j_R, I) with (mu_L, mu_R, E)
POWER = np.array([0.5, 0.5, 0.5, 1, -0.5, -0.5, -0.5, -1, 1, 1])


def random_set(seed, size=N, dresselhaus=True, sharvin=False):
    """Barrier, m, mean free paths and polarisations; the last sets are extreme."""
    rng = np.random.default_rng(seed)
    u = rng.uniform(-2, 2, (4, size)) * (10 ** rng.uniform(-3, 0, (4, size)) if seed % 2 else 1)
    m = rng.normal(size=(size, 3))
    u[:, -1] = 0.3, 0, 0, 0
    u[:, -2] = 0, 0.7, 0, 0
    u[:, -3] = 0.5, 0.5, 0, 0  # resonant all over grazing incidence
    u[:, -4] = 0, 0, 1.2, 0
    u[:, -5] = 1e-5, 1e-6, 1e-5, 0
    u[:, -6] = 30, 20, -25, 0
    u[:, -7] = 0.5, 0.3, 0.2, 0
    m[-10:-5] = [[0, 0, 1], [0, 0, -1], [1, 0, 0], [1e-9, 0, 1], [0, 1, 0]]
    m[-7] = [0, 1e-8, -1]
    if sharvin:  # a spin that passes freely has no resistance left
        u[:2, -3], u[0, -5] = (0.5, 0.4), 0.1
    if not dresselhaus:
        u[3] = 0
    b = DeltaBarrier(
        barrier=u[0],
        exchange=u[1],
        rashba=u[2],
        dresselhaus=u[3],
        fermi_wavevector=rng.uniform(0.5, 2, size) * KF,
        sharvin=sharvin,
    )
    return b, m, tuple(PATH * rng.uniform(0, 2, (2, size))), tuple(rng.uniform(-1, 1, (2, size)))


def scaled(x, rank=2):
    """Largest entry of each set, kept for broadcasting."""
    return np.maximum(np.abs(x).max(tuple(range(-rank, 0)), keepdims=True), 1e-300)


def close(a, b, scale, tolerance=1e-12):
    assert (np.abs(a - b) / scale).max() < tolerance


def full(t):
    """The 10x10 element matrix (j_L, j_R, I) of (mu_L, mu_R, E)."""
    return np.block([[t.conductance, t.conductivity], [t.inverse, t.sheet]])


def in_units(b, matrix):
    """Dimensionless: potentials in units of a field times 10 nm, currents of the Sharvin conductance."""
    size = np.array([1.0] * 8 + [PATH] * 2)
    G = GS * (np.asarray(b.fermi_wavevector) / KF) ** 2
    return matrix / size / size[:, None] / np.broadcast_to(G, matrix.shape[:-2])[..., None, None]


CASES = [
    (seed, sharvin, dresselhaus)
    for seed, dresselhaus in ((1, True), (2, True), (4, False))
    for sharvin in (False, True)
]


@pytest.fixture(scope="module", params=CASES, ids=lambda c: f"seed {c[0]}{' sharvin' * c[1]}{' dresselhaus' * c[2]}")
def case(request):
    seed, sharvin, dresselhaus = request.param
    b, m, paths, P = random_set(seed, dresselhaus=dresselhaus, sharvin=sharvin)
    return b, m, paths, P, b.tensors(m, paths, P, LOOSE)


def scattered(seed, azimuth, size):
    b, m, _, _ = random_set(seed)
    k = size * np.array([np.cos(azimuth), np.sin(azimuth)])
    return b, m, k, np.sqrt(1 - (k**2).sum())


ONE_K = given(
    seed=st.integers(0, 10**6), azimuth=st.floats(0, 6.28), size=st.one_of(st.floats(0, 0.999), st.just(1 - 1e-9))
)


@ONE_K
def test_amplitudes_are_unitary(seed, azimuth, size):
    b, m, k, _ = scattered(seed, azimuth, size)
    r, t = b.amplitudes(k, m)
    dagger = lambda a: np.swapaxes(a.conj(), -1, -2)  # noqa: E731
    close(dagger(r) @ r + dagger(t) @ t, np.eye(2), 1)
    close(dagger(r) @ t + dagger(t) @ r, 0, 1)
    close(1 + r, np.eye(2) * 0 + t + (1 - np.eye(2)), 1)


@ONE_K
def test_probabilities_conserve_charge_and_share_one_filter(seed, azimuth, size):
    b, m, k, _ = scattered(seed, azimuth, size)
    R, T = b.probabilities(k, m)
    A = np.eye(4) - R - T
    close(A[:, 3], 0, 1)
    close(A[:, :, 3], 0, 1)
    assert (T[:, 3, 3] <= 1 + 1e-12).all()
    # a_(i-r) + a_t = 2 c: the symmetric part of the spin block of 1 - R + T
    B = (np.eye(4) - R + T)[:, :3, :3]
    close((B + np.swapaxes(B, 1, 2)) / 2, 2 * T[:, 3, 3, None, None] * np.eye(3), 1)


@ONE_K
def test_lost_spin_is_the_torque_on_the_magnet_and_on_the_lattice_per_electron(seed, azimuth, size):
    b, m, k, c = scattered(seed, azimuth, size)
    R, T = b.probabilities(k, m)
    exchange, lattice = field_of_amplitudes(b, np.broadcast_to(k, (N, 2)), m)
    # moments precess about a field as spins do: T x u keeps its sense when all spin labels flip, u does not
    spin = np.swapaxes(T[:, :3], 1, 2)
    torques = [2 * np.swapaxes(np.cross(spin, f[:, None]), 1, 2) for f in (exchange, lattice)]
    scale = np.maximum(1, np.maximum(scaled(torques[0]), scaled(torques[1])))
    close(c * (np.eye(4) - R - T)[:, :3], sum(torques), scale)


@pytest.mark.study
def test_symmetric_part_of_the_spin_block_is_isotropic(case):
    b, m, paths, P, _ = case
    C = b.replace(sharvin=False).tensors(m, paths, P, LOOSE).conductance / np.array([1.0, 1, 1, 2] * 2)
    B = C[:, :3, :3] - C[:, :3, 4:7]  # of 1 - R and of T
    close((B + np.swapaxes(B, 1, 2)) / 2, -2 * C[:, 3, 7, None, None] * np.eye(3), scaled(C))


@pytest.mark.study(but_first=1)
def test_absorbed_spin_current_is_the_sum_of_both_torques(case):
    t = case[-1]
    for currents, on_magnet, on_lattice in (
        (t.conductance, t.torkance, t.lattice_torkance),
        (t.conductivity, t.torkivity, t.lattice_torkivity),
    ):
        lost = currents[:, :3] - currents[:, 4:7]
        close(lost, on_magnet + on_lattice, scaled(currents) + scaled(on_magnet))


@pytest.mark.study(but_first=1)
def test_charge_is_conserved_and_what_it_drives_is_continuous(case):
    t = case[-1]
    scale = scaled(t.conductance)[..., 0]
    close(t.conductance[:, 3], t.conductance[:, 7], scale)
    close(t.conductivity[:, 3], t.conductivity[:, 7], scaled(t.conductivity)[..., 0])
    charge = [3, 7]
    close(t.conductance[:, :3, charge], t.conductance[:, 4:7, charge], scale[..., None])
    big = scaled(t.torkance) + scaled(t.conductance)
    close(t.torkance[..., charge], -t.lattice_torkance[..., charge], big)
    assert np.abs(t.torkance[..., charge] / big).max() > 1e-3


def test_equal_potentials_drive_nothing(case):
    t = case[-1]
    both = np.array([0, 0, 0, 1.0, 0, 0, 0, 1])
    close(t.conductance @ both, 0, scaled(t.conductance)[..., 0])
    close(t.inverse @ both, 0, scaled(t.inverse)[..., 0])
    np.testing.assert_allclose(t.accumulation[:, 3] @ both > 0, True)


@pytest.mark.study(but_first=1)
def test_onsager_between_m_and_its_reverse_for_all_ten_by_ten(case):
    b, m, paths, P, t = case
    back = b.tensors(-m, paths, P, LOOSE)
    L, L_back = (in_units(b, POWER[:, None] * full(x)) for x in (t, back))
    # with Rashba and Dresselhaus coupling the azimuth is a sum over a path that is another for -m
    exact = (np.asarray(b.dresselhaus) == 0).all()
    close(L, PARITY[:, None] * np.swapaxes(L_back, 1, 2) * PARITY, scaled(L), 1e-12 if exact else 1e-10)
    # each block on its own scale, down to a thousandth
    for rows, columns in ((slice(0, 8), slice(8, 10)), (slice(8, 10), slice(8, 10))):
        block, partner = L[:, rows, columns], np.swapaxes(L_back[:, columns, rows], 1, 2)
        close(block, PARITY[rows, None] * partner * PARITY[columns], scaled(block) + 1e-3 * scaled(L), 1e-9)


def test_no_power_is_generated(case):
    b, t = case[0], case[-1]
    L = in_units(b, POWER[:, None] * full(t))[:, :8, :8]
    lowest = np.linalg.eigvalsh((L + np.swapaxes(L, 1, 2)) / 2)[:, 0]
    assert (lowest / scaled(L)[:, 0, 0]).min() > -1e-12


def test_without_spin_orbit_coupling_an_in_plane_field_does_nothing():
    b, m, paths, P = random_set(5, dresselhaus=False)
    for sharvin in (False, True):
        t = b.replace(rashba=0 * b.rashba, barrier=b.barrier + 0.1, sharvin=sharvin).tensors(m, paths, P, LOOSE)
        for name in (
            "conductivity",
            "inverse",
            "sheet",
            "torkivity",
            "lattice_torkivity",
            "lattice_torkance",
            "field_accumulation",
        ):
            assert np.abs(getattr(t, name)).max() <= 1e-15 * GS * PATH**2 * (name == "sheet"), name
        assert np.abs(t.torkance).max() > 0


def test_tensors_turn_with_the_magnetisation_about_z():
    for sharvin in (False, True):
        b, m, paths, P = random_set(6, dresselhaus=False, sharvin=sharvin)
        t = b.tensors(m, paths, P, LOOSE)
        angle = 0.7
        R = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])
        vector = np.block([[R, np.zeros((3, 1))], [np.zeros((1, 3)), 1.0]])
        faces, field = np.kron(np.eye(2), vector), R[:2, :2]
        rows = [faces, faces, field, field, R, R, R, R, vector, vector]
        columns = [faces, field, faces, field, faces, faces, field, field, faces, field]
        turned = b.tensors(m @ R.T, paths, P, LOOSE)
        for name, row, column in zip(t._fields[:-1], rows, columns, strict=True):
            before, after = getattr(t, name), getattr(turned, name)
            close(after, row @ before @ column.T, scaled(before) + 1e-12 * scaled(t.conductance), 1e-11)


def flux_average(f):
    """Integral of 2 c dc of f."""
    return quad(lambda c: 2 * c * f(c), 0, 1, epsabs=1e-13, epsrel=1e-13, limit=200)[0]


def delta(u0, u_ex, u_R=0.0, u_D=0.0, sharvin=False):
    return DeltaBarrier(barrier=u0, exchange=u_ex, rashba=u_R, dresselhaus=u_D, fermi_wavevector=KF, sharvin=sharvin)


STRENGTHS = [(0.4, 0.2), (0.3, 0.5), (-0.6, 0.1), (0.0, 0.7), (2.0, -1.5), (0.5, 0.5)]


@pytest.mark.parametrize(("u0", "u_ex"), STRENGTHS)
def test_collinear_conductances_and_mixing_conductance_have_closed_forms(u0, u_ex):
    n = np.array([0.48, -0.6, 0.64])
    C = delta(u0, u_ex).conductance(n, tolerance=1e-12) / GS

    def passed(u):
        return 1.0 if u == 0 else 1 - u * u * np.log1p(1 / u**2)

    up, down = passed(u0 - u_ex), passed(u0 + u_ex)  # moment along m: sigma against it
    n4 = np.append(n, 0)
    assert C[3, 3] == pytest.approx(up + down, rel=1e-11)
    assert n4 @ C[:4, 3] == pytest.approx(up - down, abs=1e-11)
    assert n4 @ C[:4, :4] @ n4 == pytest.approx((up + down) / 2, rel=1e-11)
    v, w = u0 + u_ex, u0 - u_ex
    reflected = [
        flux_average(lambda c, f=f: f(v / (1j * c - v) * np.conj(w / (1j * c - w)))) for f in (np.real, np.imag)
    ]
    transmitted = [flux_average(lambda c, f=f: f(-c * c / (1j * c - v) / (1j * c + w))) for f in (np.real, np.imag)]
    across = np.eye(3) - np.outer(n, n)
    cross = np.array([[0, n[2], -n[1]], [-n[2], 0, n[0]], [n[1], -n[0], 0]])  # v -> v x m
    mix = (1 - reflected[0]) * across - reflected[1] * cross
    through = transmitted[0] * across + transmitted[1] * cross
    np.testing.assert_allclose(across @ C[:3, :3] @ across, mix, atol=2e-11)
    np.testing.assert_allclose(across @ C[4:7, :3] @ across, through, atol=2e-11)


def test_a_vanishing_barrier_conducts_as_sharvin_says():
    C = delta(1e-6, 2e-6, 1e-6, 1e-6).conductance((0, 0.6, 0.8)) / GS
    wanted = np.diag([1.0, 1, 1, 2])
    np.testing.assert_allclose(C, np.block([[wanted, -wanted], [wanted, -wanted]]), atol=1e-4)
    off = [2 - delta(u, 0.0).conductance((0, 0, 1))[3, 3] / GS for u in (1e-2, 1e-3)]
    np.testing.assert_allclose(off, [2 * u * u * np.log1p(1 / u**2) for u in (1e-2, 1e-3)], rtol=1e-7)


@pytest.mark.parametrize(("u0", "u_ex"), STRENGTHS[:-1])
def test_sharvin_correction_subtracts_half_a_sharvin_resistance_for_each_side(u0, u_ex):
    n = np.array([0, 0.6, 0.8, 0])
    bare, corrected = (delta(u0, u_ex, sharvin=s).conductance(n[:3]) for s in (False, True))
    charge = np.array([0, 0, 0, 1.0])
    for s in (1, -1):
        both = []
        for C in (bare, corrected):
            # one spin's current per its own potential drop: mu_c +- mu_s/2
            both.append((charge + s * n) @ C[:4, :4] @ (s * n + charge / 2) / 2)
        assert 1 / both[1] == pytest.approx(1 / both[0] - 1 / GS, rel=1e-9)


@jax.jit
def combined(t):
    """One number of every tensor, without symmetry."""
    weight = np.cos(np.arange(1, 9))
    G = GS * PATH
    return (
        (t.conductance @ weight)[..., :].sum(-1) / GS
        + (t.torkance @ weight)[..., 1] / GS
        + t.conductivity[..., 0, 1] / G
        + t.torkivity[..., 1, 0] / G
        + t.inverse[..., 0, 1] / G
        + t.sheet[..., 0, 0] / G / PATH
        + t.sheet[..., 0, 1] / G / PATH
        + t.accumulation[..., 0, 2]
        + t.lattice_torkance[..., 0, 1] / GS
        + t.field_accumulation[..., 1, 0] / PATH
    )


def pieces(values, m, dresselhaus, sharvin, tolerance=1e-12):
    u0, u_ex, u_R, u_D, kF, lower, upper, P = values
    b = DeltaBarrier(
        barrier=u0,
        exchange=u_ex,
        rashba=u_R,
        dresselhaus=u_D if dresselhaus else 0.0,
        fermi_wavevector=kF * KF,
        sharvin=sharvin,
    )
    t = b.tensors(m, (lower * PATH, upper * PATH), (P, -P / 2), tolerance)
    return combined(t)


@pytest.mark.study
@pytest.mark.parametrize(("dresselhaus", "sharvin"), [(False, False), (False, True), (True, False)])
def test_gradient_is_the_slope(dresselhaus, sharvin):
    point = np.array([0.7, 0.25, 0.3, 0.2, 1.1, 0.8, 1.5, 0.4])
    m = np.array([0.48, -0.6, 0.64])

    def value(v, direction):
        return pieces(v, direction, dresselhaus, sharvin)

    gradient, _ = jax.grad(value, (0, 1))(jnp.asarray(point), jnp.asarray(m))
    if not (dresselhaus or sharvin):  # a direction that is not traced makes no difference
        np.testing.assert_allclose(jax.grad(value)(jnp.asarray(point), m), gradient, rtol=1e-10, atol=1e-12)
    h = 1e-3
    steps = h * np.concatenate([np.eye(8), -np.eye(8), 2 * np.eye(8), -2 * np.eye(8)])
    f = pieces((point + steps).T, m, dresselhaus, sharvin).reshape(4, 8)
    slope = (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * h)
    if not dresselhaus:
        assert gradient[3] == 0
    np.testing.assert_allclose(gradient, slope, rtol=1e-7, atol=1e-8)


@pytest.mark.study
def test_the_slope_by_a_coupling_that_is_not_there_yet():
    m, rest = np.array([0.48, -0.6, 0.64]), np.array([1.1, 0.8, 1.5, 0.4])

    def value(D, both):
        point = jnp.concatenate([jnp.asarray([0.7, 0.25, 0.3]), D[None], jnp.asarray(rest)])
        return pieces(point, m, both, False)

    slope = jax.grad(value)(jnp.asarray(0.0), True)
    up, down = (float(value(jnp.asarray(D), True)) for D in (1e-4, -1e-4))
    assert abs(slope) > 1e-3
    assert slope == pytest.approx((up - down) / 2e-4, rel=1e-6)
    assert value(jnp.asarray(0.0), True) == pytest.approx(float(value(jnp.asarray(0.0), False)), rel=1e-12)


@pytest.mark.study
@pytest.mark.parametrize(
    ("size", "dresselhaus"),
    [*(pytest.param(n, False, marks=pytest.mark.study) for n in (2, 50)), (1, False), (1, True)],
)
def test_values_and_slopes_are_the_same_inside_a_transformation(size, dresselhaus):
    rng = np.random.default_rng(size)
    points = rng.uniform(0.1, 1.5, (8, size)) * np.r_[1, 1, -1, 1, 1, 1, 1, 0.5][:, None]
    m = rng.normal(size=(size, 3))
    tolerance = 1e-7 if dresselhaus else 1e-11

    def value(v, direction):
        return pieces(v, direction, dresselhaus, False, tolerance)

    plain = value(points, m)
    np.testing.assert_allclose(jax.jit(value)(points, m), plain, rtol=1e-12)
    one = jax.grad(lambda v, n: value(v, n).sum(), (0, 1))
    for a, b in zip(jax.jit(one)(points, m), one(points, m), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10 * np.abs(b).max())
    # a step across the batch moves every set by itself
    _, moved = jax.jvp(value, (points, m), (np.ones_like(points), 0 * m))
    np.testing.assert_allclose(moved, one(points, m)[0].sum(0), rtol=1e-9, atol=1e-9)


@pytest.mark.study
def test_second_derivatives_are_slopes_of_slopes():
    point, m = jnp.asarray([0.7, 0.25, 0.3, 0.0, 1.1, 0.8, 1.5, 0.4]), np.array([0.48, -0.6, 0.64])

    slope = jax.grad(lambda v: pieces(point.at[0].set(v), m, False, False))
    first, second = jax.jit(slope), jax.jit(jax.jacfwd(slope))
    steps = [float(first(0.7 + h)) for h in (1e-4, -1e-4)]
    assert float(second(0.7)) == pytest.approx((steps[0] - steps[1]) / 2e-4, rel=1e-6)


EXTREMES = {
    "m along z": ((0.5, 0.3, 0.2, 0.0), (0.0, 0.0, 1.0)),
    "no Rashba coupling": ((0.5, 0.3, 0.0, 0.0), (0.0, 0.6, 0.8)),
    "no barrier": ((0.0, 0.3, 0.2, 0.0), (0.6, 0.0, 0.8)),
    "only exchange along z": ((0.0, 0.3, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "no exchange": ((0.5, 0.0, 0.2, 0.0), (0.6, 0.0, 0.8)),
    "resonance": ((0.5, 0.5, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "resonance in a direction": ((0.5, 0.3, 0.2, 0.0), (0.0, 1.0, 0.0)),
}


@pytest.mark.study
@pytest.mark.parametrize("name", EXTREMES)
def test_gradient_is_finite(name):
    strengths, m = EXTREMES[name]
    point = np.array([*strengths, 1.0, 1.0, 0.7, 0.3])

    def value(v, direction):
        return pieces(v, direction, False, False)

    by_parameter, by_direction = jax.grad(value, (0, 1))(jnp.asarray(point), jnp.asarray(m))
    assert np.isfinite(by_parameter).all()
    assert np.isfinite(by_direction).all()
    assert abs(float(by_direction @ jnp.asarray(m))) < 1e-7 * (1 + float(jnp.abs(by_direction).max()))


def test_a_batch_equals_a_loop():
    b, m, paths, P = random_set(8, dresselhaus=False)
    shape = (2, 2)
    sub = {n: np.asarray(v)[:4].reshape(shape) for n, v in b.parameters.items()}
    t = b.replace(**sub).tensors(m[:2], [p[:4].reshape(shape) for p in paths], (0.3, P[1][:2]), LOOSE)
    for i, j in np.ndindex(shape):
        one = b.replace(**{n: float(v[i, j]) for n, v in sub.items()})
        single = one.tensors(m[j], [p[2 * i + j] for p in paths], (0.3, P[1][j]), LOOSE)
        for a, c in zip(t[:-1], single[:-1], strict=True):
            assert a[i, j].shape == c.shape
            np.testing.assert_allclose(a[i, j], c, rtol=0, atol=1e-12 * np.abs(c).max())


@settings(max_examples=3)
@given(st.integers(0, 10**6))
def test_tighter_tolerance_moves_nothing_by_more_than_the_error_says(seed):
    b, m, _, _ = random_set(seed, dresselhaus=False)
    rough, fine = b.tensors(m, tolerance=1e-4), b.tensors(m, tolerance=1e-9)
    assert (fine.error <= 1e-9).all()
    close(rough.conductance, fine.conductance, scaled(fine.conductance), 1e-3)
