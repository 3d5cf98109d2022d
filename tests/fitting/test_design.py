"""Expected information against integrals, of candidates as wide as the draws to far sharper than they are dense."""

import numpy as np
import pytest
from scipy import integrate, stats

from spinstack.fitting.design import _Draws, _gain

SHARES = (0.6, 0.4)


def made(rng, apart, error):
    """Two mechanisms that predict normal distributions of deviation 1, `apart` from each other."""
    predicted = [rng.standard_normal((900, 1)), apart + rng.standard_normal((600, 1))]
    return [_Draws(p, [F], [np.array([[error**2]])]) for p, F in zip(SHARES, predicted, strict=True)]


def exact(apart, error):
    both = [stats.norm(at, np.hypot(1, error)) for at in (0, apart)]

    def told(y, p, one):
        return (
            p * one.pdf(y) * np.log(one.pdf(y) / sum(q * other.pdf(y) for q, other in zip(SHARES, both, strict=True)))
        )

    return sum(integrate.quad(told, -12, 15, args=(p, one))[0] for p, one in zip(SHARES, both, strict=True))


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("error", [1, 0.1, 0.01, 1e-3, 1e-5])
@pytest.mark.parametrize("apart", [0, 1, 3])
def test_information_on_mechanisms_is_the_integral_however_sharp_the_candidate(apart, error):
    gains = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        gains.append(_gain(made(rng, apart, error), 0, "mechanisms", rng))
    gain, stated = np.mean(gains, axis=0)
    assert gain == pytest.approx(exact(apart, error), abs=0.035)
    assert stated < 0.03


@pytest.mark.parametrize("error", [1, 0.1, 0.01])
def test_information_on_parameters_is_that_of_a_normal_distribution(error):
    rng = np.random.default_rng(1)
    one = [_Draws(1.0, [rng.standard_normal((1500, 1))], [np.array([[error**2]])])]
    gain, stated = _gain(one, 0, "parameters", rng)
    assert abs(gain - np.log(np.hypot(1, error) / error)) < max(3 * stated, 0.05)
