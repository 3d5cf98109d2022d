"""Evidence of models that can be integrated by other means."""

import numpy as np
import pytest
from scipy import integrate, special, stats
from studies import mostly_studies

import spinstack as ss
from spinstack.fitting import Data, LogUniform, Normal, Problem, Sample, Unknown
from spinstack.fitting.evidence import HEAVY, importance, laplace, tail_shape, weighed
from spinstack.fitting.mechanisms import _modes
from spinstack.fitting.nested import nested
from spinstack.fitting.standard import Standard

NM = 1e-9


class Model:
    """Data y with errors s of a function of coordinates with standard normal priors."""

    def __init__(self, size, function, y, s):
        self.size, self._function = size, function
        self._y, self._s = np.asarray(y, float), np.broadcast_to(np.asarray(s, float), np.shape(y))
        self.bounds = np.full(size, -np.inf), np.full(size, np.inf)

    def _residual(self, V):
        return (self._function(V) - self._y) / self._s

    def log_likelihood(self, V):
        return -0.5 * np.sum(self._residual(V) ** 2, axis=1) - np.log(self._s * np.sqrt(2 * np.pi)).sum()

    def batch(self, V):
        h = 1e-6
        steps = h * np.eye(self.size)
        J = np.stack([(self._residual(V + e) - self._residual(V - e)) / (2 * h) for e in steps], axis=2)
        every = np.broadcast_to(np.eye(self.size), (len(V), self.size, self.size))
        return np.concatenate([self._residual(V), V], 1), np.concatenate([J, every], 1)

    def curvature(self, V):
        J = self.batch(V)[1]
        return np.einsum("pri,prj->pij", J, J)


def linear(size, points, seed=5):
    """A linear model over several decades of sensitivity, and its ln Z."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((points, size)) * np.geomspace(10, 0.1, size)
    y = A @ rng.standard_normal(size) + rng.standard_normal(points)
    z = stats.multivariate_normal.logpdf(y, np.zeros(points), np.eye(points) + A @ A.T)
    return Model(size, lambda V: V @ A.T, y, 1.0), z


def beside(first, count, y, s, z, size=8):
    """A function of the first `count` coordinates with ln Z = z, beside a linear model of the others."""
    rng = np.random.default_rng(3)
    A = 5 * rng.standard_normal((5, size - count))
    rest = A @ rng.standard_normal(size - count) + rng.standard_normal(5)
    z += stats.multivariate_normal.logpdf(rest, np.zeros(5), np.eye(5) + A @ A.T)
    return (
        Model(
            size, lambda V: np.concatenate([first(V)[:, None], V[:, count:] @ A.T], 1), [y, *rest], [s, 1, 1, 1, 1, 1]
        ),
        z,
    )


def square(y, s):
    """Of either sign, or flat at zero: v^2 = y."""
    at = np.sqrt(max(y, 0.0))
    z, _ = integrate.quad(
        lambda v: stats.norm.pdf(v) * stats.norm.pdf(v * v, y, s), -8, 8, points=[-at, 0, at], limit=2000
    )
    return beside(lambda V: V[:, 0] ** 2, 1, y, s, np.log(z))


def product(y, s):
    """Of two coordinates only the product enters: its density is K0(|p|)/pi."""
    # in ln|p| the logarithm at zero is no trouble
    z, _ = integrate.quad(
        lambda t: np.exp(t) * special.k0(np.exp(t)) / np.pi
        * (stats.norm.pdf(np.exp(t), y, s) + stats.norm.pdf(-np.exp(t), y, s)),
        -30, np.log(abs(y) + 9 * s), points=[np.log(max(y, s))], limit=500,
    )  # fmt: skip
    return beside(lambda V: V[:, 0] * V[:, 1], 2, y, s, np.log(z))


def shell(y, s):
    """A thin shell in three dimensions."""
    z, _ = integrate.quad(lambda c: stats.chi2.pdf(c, 3) * stats.norm.pdf(c, y, s), y - 9 * s, y + 9 * s, limit=500)
    return beside(lambda V: np.sum(V[:, :3] ** 2, axis=1), 3, y, s, np.log(z))


MODELS = {
    "linear": lambda: linear(8, 12),
    "linear in 13": lambda: linear(13, 10),
    "two signs": lambda: square(2.0, 0.05),
    "flat at zero": lambda: square(0.0, 0.01),
    "beyond zero": lambda: square(-0.03, 0.01),
    "product": lambda: product(1.0, 0.1),
    "product of nothing": lambda: product(0.0, 0.05),
}


@pytest.mark.parametrize("name", MODELS)
def test_importance_sampling_finds_the_integral(name):
    model, z = MODELS[name]()
    rng = np.random.default_rng(1)
    found = importance(model, _modes(model, name, rng, 24), rng)
    assert found.method == "importance sampling"
    assert found.effective > 200
    assert found.error < 0.1
    assert abs(found.log - z) < 3.5 * found.error


@pytest.mark.parametrize("seeds", mostly_studies([3, 40], [3]))
def test_repeats_scatter_as_they_say(seeds):
    model, z = product(1.0, 0.1)
    off = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        found = importance(model, _modes(model, "", rng, 24), rng)
        off.append((found.log - z) / found.error)
    assert np.sqrt(np.mean(np.square(off))) < 2.2


@pytest.mark.study
@pytest.mark.parametrize("name", ["two signs", "product", "shell"])
def test_nested_sampling_finds_the_integral(name):
    model, z = shell(4.0, 0.05) if name == "shell" else MODELS[name]()
    found = nested(model, np.random.default_rng(2))
    assert found.method == "nested sampling"
    assert found.error < 0.3
    assert abs(found.log - z) < 3 * found.error
    drawn = found.drawn(500, np.random.default_rng(3))
    if name == "two signs":
        assert 0.3 < np.mean(drawn[:, 0] > 0) < 0.7
        np.testing.assert_allclose(np.abs(drawn[:, 0]), np.sqrt(2), atol=0.1)


@pytest.mark.study
def test_what_no_mixture_covers_is_refused_not_believed():
    model, _ = shell(4.0, 0.001)
    rng = np.random.default_rng(1)
    found = importance(model, _modes(model, "", rng, 24), rng)
    assert found.method == "refused"
    assert "draws" in found.why
    capped = nested(model, rng, most=2000)
    assert capped.method == "refused"
    assert "2000 evaluations" in capped.why
    noisy = nested(model, rng, live=40, most=10**7)
    assert noisy.method == "refused"


def test_the_estimate_at_the_modes_is_exact_where_the_model_is_linear():
    model, z = linear(8, 12)
    modes = _modes(model, "", np.random.default_rng(1), 4)
    assert len(modes) == 1
    assert laplace(model, modes) == pytest.approx(z, abs=1e-3)


@pytest.mark.parametrize("shape", [0.2, 0.5, 0.9])
def test_tails_of_weights_have_the_shape_they_were_drawn_with(shape):
    draws = stats.genpareto.rvs(shape, size=40_000, random_state=7)
    assert tail_shape(np.log(draws)) == pytest.approx(shape, abs=0.12)
    light = np.log(np.random.default_rng(1).uniform(0.5, 1.5, 4000))
    assert tail_shape(light) < HEAVY / 2


def test_equal_weights_are_worth_as_many_draws():
    found = weighed(np.full(1000, -3.0))
    assert found.log == pytest.approx(-3.0)
    assert found.effective == pytest.approx(1000)
    assert found.error == 0
    assert weighed(np.full(10, -np.inf)).log == -np.inf


def resistance_problem(prior, path="Pt.conductivity"):
    film = ss.Film((ss.Metal("Pt", thickness=4 * NM, conductivity=2.8e6, spin_diffusion_length=NM),))
    data = Data("Pt", ss.sheet_resistance, [100.0, np.nan, np.nan, np.nan], [5.0] * 4)
    return Problem([Sample("Pt", film)], [Unknown(path, prior)], [data])


@pytest.mark.parametrize("case", ["flat", "cut"])
def test_bounded_priors_are_integrated_as_they_are(case):
    """R = 1/(sigma t): the integral over the prior by quadrature, with and without a bound that cuts it."""
    if case == "flat":
        problem = resistance_problem(LogUniform(2e6, 2.6e6))
        low, high, density = 2e6, 2.6e6, lambda x: 1 / (x * np.log(1.3))
    else:  # a thickness is above 0: a third of this prior is not
        problem = resistance_problem(Normal(2 * NM, 4 * NM), "Pt.thickness")
        low, high = 0.0, 40 * NM
        density = stats.truncnorm(-0.5, np.inf, 2 * NM, 4 * NM).pdf

    def weight(x):
        R = 1 / (x * 4 * NM) if case == "flat" else 1 / (2.8e6 * max(x, 1e-12))
        return density(x) * stats.norm.pdf(100.0, R, 5.0)

    z, _ = integrate.quad(weight, low, high, points=[2.5e6] if case == "flat" else [3.6 * NM], limit=500)
    target = Standard(problem)
    rng = np.random.default_rng(1)
    found = importance(target, _modes(target, case, rng, 8), rng)
    assert found.log == pytest.approx(np.log(z), abs=4 * found.error)
    assert found.error < 0.05
    u, _ = target.coordinates(rng.standard_normal((4000, 1)))
    values = np.sort([problem.values(one)[0] for one in u])
    middle, _ = integrate.quad(density, low, values[2000], points=[low + 0.3 * (values[2000] - low)])
    assert middle == pytest.approx(0.5, abs=0.03)


def test_derivatives_of_standard_coordinates_are_exact():
    for problem in (
        resistance_problem(LogUniform(2e6, 3e6)),
        resistance_problem(Normal(2 * NM, 4 * NM), "Pt.thickness"),
    ):
        target = Standard(problem)
        V = np.array([[-0.7], [0.1], [1.3]])
        h = 1e-6
        numeric = (target.batch(V + h)[0] - target.batch(V - h)[0]) / (2 * h)
        np.testing.assert_allclose(target.batch(V)[1][..., 0], numeric, rtol=1e-6)
