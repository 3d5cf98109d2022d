"""Magnets in heat: Boltzmann's distribution, which tells 20 % of the noise, and Brown's rate of escape."""

import sys

import numpy as np
import pytest
from magnet_tables import model, slonczewski
from scipy import stats

from spinstack.magnets.in_time import trace
from spinstack.magnets.steps import thermal_field
from spinstack.numerics.constants import BOLTZMANN

T, B_K, M = 300.0, 0.4, 1.1e6


def hot(barrier, damping):
    """A uniaxial magnet whose barrier is so many kT."""
    volume = 2 * barrier * BOLTZMANN * T / (M * B_K)
    nothing = slonczewski((0, 0, 1.0), 0.0, 0.0)
    return model(nothing, magnetization=M, damping=damping, volume=volume, anisotropy_field=B_K, easy_axis="z")


@pytest.mark.study
@pytest.mark.parametrize(
    ("noise_power", "right"), [(1.0, True), (1.2, False), pytest.param(0.8, False, marks=pytest.mark.study)]
)
def test_magnets_in_heat_are_distributed_as_boltzmann_says(noise_power, right, monkeypatch):
    made = hot(1.5, 0.3)

    def wrong(*given):
        return np.sqrt(noise_power) * thermal_field(*given)

    monkeypatch.setattr(sys.modules["spinstack.magnets.in_time"], "thermal_field", wrong)
    B, seen = (0.05, 0.0, 0.1), 9
    found = trace(made, "z", duration=3e-9, B=B, T=T, runs=1024, samples=seen, step=5e-13)
    # the first two are not yet forgotten where they began; the others are 0.4 ns apart, many times what is remembered
    mz = found["m"].values[2:, :, 0, 2].reshape(-1)
    z = np.linspace(-1, 1, 4001)
    moment = M * made.magnets[0].volume / (BOLTZMANN * T)
    # B_x averages over the azimuth to a Bessel function
    weight = np.exp(moment * (B[2] * z + B_K * z**2 / 2)) * np.i0(moment * B[0] * np.sqrt(1 - z**2))
    cumulative = np.append(0, np.cumsum((weight[1:] + weight[:-1]) / 2))
    p = stats.kstest(mz, lambda v: np.interp(v, z, cumulative / cumulative[-1])).pvalue
    assert (p > 0.01) if right else (p < 1e-4)


def escape(barrier, highest=60):
    """Smallest decay rate of a uniaxial magnet in units of 1/(2 tau_N), and its left eigenvector over Legendre degrees.

    W. F. Brown, Phys. Rev. 130 (1963) 1677: d<P_n>/dt from the Fokker-Planck equation with the energy -D kT z^2.
    """
    n = np.arange(highest + 1.0)
    # (1 - z^2) P_n' z = n (n + 1)/(2n + 1) z (P_{n-1} - P_{n+1}), and z P_k in P_{k-1}, P_{k+1}
    out = np.diag(-n * (n + 1))
    for k in range(1, highest + 1):
        size = 2 * barrier * k * (k + 1) / (2 * k + 1)
        for inner, sign in ((k - 1, 1.0), (k + 1, -1.0)):
            for outer, share in ((inner - 1, inner / (2 * inner + 1)), (inner + 1, (inner + 1) / (2 * inner + 1))):
                if 0 <= outer <= highest:
                    out[k, outer] += sign * size * share
    odd = out[1::2, 1::2]
    values, vectors = np.linalg.eig(odd.T)
    slowest = np.argmax(values.real)
    return -values[slowest].real, np.real(vectors[:, slowest])


def test_the_legendre_matrix_gives_known_rates():
    assert escape(1e-9)[0] == pytest.approx(2, rel=1e-8)
    assert escape(4.0)[0] == pytest.approx(0.25967, rel=1e-4)
    # high barriers: 4/sqrt(pi) D^{3/2} e^-D, less its correction 1/D
    high = 4 / np.sqrt(np.pi) * 15**1.5 * np.exp(-15)
    assert escape(15.0)[0] / high == pytest.approx(1 - 1 / 15, abs=0.01)


@pytest.mark.study
def test_magnets_leave_a_valley_at_browns_rate():
    barrier, damping = 4.0, 0.3
    made = hot(barrier, damping)
    g, volume = made.gyromagnetic_ratios[0], made.magnets[0].volume
    free = (1 + damping**2) * M * volume / (2 * damping * g * BOLTZMANN * T)
    rate, left = escape(barrier)
    rate /= 2 * free
    found = trace(made, "z", duration=0.8 / rate, T=T, runs=98304, step=0.08 / (g * B_K), samples=2)
    series = np.zeros(2 * len(left))
    series[1::2] = left
    # <phi> of the slowest left eigenfunction falls as one exponential from the beginning
    phi = np.polynomial.legendre.legval(found["m"].values[:, :, 0, 2], series)
    measured = -np.log(phi[1].mean() / phi[0].mean()) / (0.8 / rate)
    assert measured / rate == pytest.approx(1, abs=0.03)
    scatter = -phi[1].std() / np.sqrt(phi.shape[1]) / phi[1].mean() / 0.8
    assert 0 < scatter < 0.01


def test_steps_follow_the_kicks_of_heat_where_these_turn_faster_than_fields():
    small = hot(0.001, 0.3)
    found = trace(small, "z", duration=1e-12, T=T, samples=2).attrs["step_s"]
    assert (small.gyromagnetic_ratios * thermal_field(small, T, found) * found)[0] <= 0.05 * (1 + 1e-9)
    with pytest.raises(Exception, match="heat kicks") as refused:
        trace(small, "z", duration=1e-12, T=T, step=5e-13, samples=2)
    assert refused.value.field == "step"
