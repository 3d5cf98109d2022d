"""Small precessions: Kittel's formula, lineshapes, rectified voltages against the magnets in time."""

import numpy as np
import pytest
from magnet_tables import hall_bar, model, slonczewski
from moving_films import pt_co
from scipy.optimize import brentq

import spinstack as ss
from spinstack.magnets import modes, oscillation, spin_torque_fmr, trace
from spinstack.text.errors import ParameterError

Y = (0.0, 1.0, 0.0)


def test_frequency_and_linewidth_of_an_easy_plane():
    damping, Meff = 1e-3, 0.8
    made = model(slonczewski(Y), damping=damping, effective_magnetization=Meff, anisotropy_field=0.02, easy_axis="y")
    B = np.array([0.05, 0.1, 0.3])
    found = modes(made, B=B[:, None] * np.array(Y))
    g = made.gyromagnetic_ratios[0]
    one, two = B + 0.02, B + 0.02 + Meff
    assert found["frequency"].values[:, 0] == pytest.approx(g / 2 / np.pi * np.sqrt(one * two), rel=1e-5)
    assert found["linewidth"].values[:, 0] == pytest.approx(g * damping * (one + two) / 2 / np.pi, rel=1e-5)
    assert found["stable"].all()
    # the ellipse is flat
    shape = found["amplitude"].values[:, 0, 0]
    assert shape[:, 2] / shape[:, 0] == pytest.approx(np.sqrt(one / two), rel=1e-3)


def test_two_magnets_have_an_acoustic_and_an_optical_mode():
    """Parallel macrospins with exchange J: the second mode sees 2 J/(M_s t) more of both stiffness fields."""
    film = ss.Film((
        ss.Ferromagnet("A", thickness=2e-9, conductivity=4e6, spin_diffusion_length=5e-9),
        ss.Metal("Ru", thickness=1e-9, conductivity=4e6, spin_diffusion_length=5e-9),
        ss.Ferromagnet("B", thickness=2e-9, conductivity=4e6, spin_diffusion_length=5e-9),
    ))  # fmt: skip
    kw = {"magnetization": 1e6, "damping": 1e-4, "effective_magnetization": 1.0}
    J = 2e-4
    made = ss.MagneticModel(
        film, [ss.Macrospin("A", **kw), ss.Macrospin("B", **kw)],
        couplings=[ss.InterlayerExchange("A", "B", bilinear=J)], degree=2, tolerance=1.0,
    )  # fmt: skip
    found = modes(made, B=(0.1, 0, 0))
    g, extra = made.gyromagnetic_ratios[0], 2 * J / 2e-3
    expected = [g / 2 / np.pi * np.sqrt((0.1 + e) * (1.1 + e)) for e in (0.0, extra)]
    assert found["frequency"].values == pytest.approx(expected, rel=1e-5)


def test_a_mode_that_does_not_rest_is_refused():
    made = model(slonczewski(Y), anisotropy_field=0.02, easy_axis="y", effective_magnetization=0.8)
    with pytest.raises(ParameterError, match="oscillation"):
        modes(made, current=-0.0095, m="y")


@pytest.mark.parametrize("damping", [0.02, pytest.param(0.1, marks=pytest.mark.study)])
def test_an_easy_plane_magnet_oscillates_between_instability_and_reversal(damping):
    made = model(slonczewski(Y), damping=damping, anisotropy_field=0.02, easy_axis="y", effective_magnetization=0.8)
    threshold = damping * 0.42
    K = -threshold * np.array([0.98, 1.05, 1.2, 1.26])
    found = oscillation(made, K, m="y", settling=3e-9 / damping)
    assert found["oscillates"].values.tolist() == [False, True, True, False]
    mean = found["mean_m"].values[:, 0, 1]
    assert mean[0] == pytest.approx(1.0)
    assert 0 < mean[2] < mean[1] < 1
    assert mean[3] == pytest.approx(-1.0)


def lorentzian(x, symmetric, antisymmetric):
    return (symmetric + antisymmetric * x) / (1 + x**2)


def test_lineshape_of_an_easy_plane():
    """Re dm_phi = (S + A x)/(1 + x^2): symmetric from torques in the plane, antisymmetric from those along z."""
    damping, Meff, w = 1e-3, 0.8, 2 * np.pi * 6e9
    a, f, P = 2e-6, 3e-6, 0.02
    made = model(
        slonczewski(Y, a, f), hall_bar(P=P, A=0.0), damping=damping, effective_magnetization=Meff, magnetization=1e6
    )
    g = made.gyromagnetic_ratios[0]
    B0 = brentq(lambda B: B * (B + Meff) - (w / g) ** 2, 1e-3, 1.0)
    x = np.linspace(-4, 4, 17)
    phi, K = np.deg2rad(35.0), 10.0
    width = damping * w / g
    found = spin_torque_fmr(made, w / 2 / np.pi, B0 + x * width, [35.0], K)
    t_phi, t_z = a * np.cos(phi), -f * np.cos(phi)
    S = t_phi / (damping * (2 * B0 + Meff))
    A = -np.sqrt(1 + Meff / B0) * t_z / (damping * (2 * B0 + Meff))
    dphi = K * lorentzian(x, S, A)
    along, across = (found["rectified"].sel(channel=c).values[0, :, 0] for c in ("along", "across"))
    # Lorentzians are good to the damping
    scale = np.abs(dphi).max() * K * P / 2
    assert np.abs(along - K / 2 * -P * np.sin(2 * phi) * dphi).max() < 5e-3 * scale
    assert np.abs(across - K / 2 * P * np.cos(2 * phi) * dphi).max() < 5e-3 * scale


def test_a_magnet_pumps_what_the_damping_like_torque_takes():
    """I = -tau_DL p.<m x dm/dt>: the field-like part has no mean."""
    damping, Meff, w, a = 0.01, 0.8, 2 * np.pi * 6e9, 2e-6
    pumped = {}
    for f in (0.0, 2e-6):
        made = model(
            slonczewski(Y, a, f), hall_bar(P=0.0, A=0.0, R=50.0), damping=damping, effective_magnetization=Meff
        )
        found = spin_torque_fmr(made, w / 2 / np.pi, 0.05, [45.0], 10.0)
        d = (found["amplitude"] * np.exp(1j * found["phase"])).values[0, 0, 0, 0]
        spin = w / 2 * np.imag(np.cross(d, d.conj()))
        # torque per field: turning times M over R; the field of an open film is -R times the current
        expected = made.moments[0] * a * spin[1]
        pumped[f] = found["pumped"].sel(channel="along").values.item() / spin[1]
        assert found["pumped"].sel(channel="along").values.item() == pytest.approx(expected, rel=1e-4)
    assert pumped[0.0] == pytest.approx(pumped[2e-6], rel=1e-4)


@pytest.mark.study
@pytest.mark.parametrize("bias", [0.0, 150.0])
def test_a_film_in_time(bias):
    """Rectified and pumped fields of Pt/Co from 40 ns of its motion."""
    made = pt_co(effective_magnetization=1.0, damping=0.03)
    f, angle, B, K = 6e9, 35.0, 0.05, 20.0
    found = spin_torque_fmr(made, f, B, [angle], K, bias=bias)
    u = np.deg2rad(angle)
    field = B * np.array([np.cos(u), np.sin(u), 0])
    periods, samples, quiet = 60, 64, 120
    shape = ss.Alternating(current=K, frequency=f, phase=np.pi / 2)
    if bias:
        shape = Biased(current=K, frequency=f, ratio=bias / K)
    start = found["m"].values[0, 0, 0]
    run = trace(
        made, start, duration=(periods + quiet) / f, current=shape, B=field, samples=(periods + quiet) * samples + 1
    )
    m = run["m"].values[-periods * samples - 1 :, 0]
    R = made.table.resistance(m[:-1, None])
    rest = made.table.resistance(start[None, None])[0]
    current = run["current"].values[-periods * samples - 1 : -1]
    mean = np.einsum("ta,t->a", (R - rest)[..., 0], current) / len(current)
    rectified = found["rectified"].values[0, 0, 0]
    assert mean == pytest.approx(rectified, rel=1e-3, abs=1e-3 * np.abs(rectified).max())


class Biased(ss.Alternating):
    """A cosine on a constant."""

    def __init__(self, current, frequency, ratio):
        super().__init__(current=current, frequency=frequency)
        object.__setattr__(self, "ratio", ratio)

    @staticmethod
    def shape(t, timing):
        from spinstack.numerics.arrays import array_module

        return array_module(t).cos(2 * np.pi * timing[0] * t) + timing[1]

    @property
    def timing(self):
        return [self.frequency, self.ratio]


def test_what_resonance_pumps_is_what_the_film_says_of_a_precession():
    """Another room's function, of a cone of which only size and sense are told."""
    made = pt_co(effective_magnetization=1.0, damping=0.02)
    f, B, angle = 9e9, 0.1, 40.0
    found = spin_torque_fmr(made, f, B, [angle], 50.0)
    d = (found["amplitude"] * np.exp(1j * found["phase"])).values[0, 0, 0, 0]
    u = np.deg2rad(angle)
    phi, z = d @ np.array([-np.sin(u), np.cos(u), 0]), d[2]
    sizes = np.rad2deg(np.abs([phi, z]))
    # a free moment goes from z x m to z in a quarter of a turn; of another phase it encloses less
    sense = np.sin(np.angle(z) - np.angle(phi))
    film = ss.spin_pumping(made.film, f, tuple(sizes), m=(np.cos(u), np.sin(u), 0), B=(0, 0, 0))
    assert found["pumped"].values[0, 0, 0] == pytest.approx(-film["electric_field"].values * sense, rel=2e-2)
