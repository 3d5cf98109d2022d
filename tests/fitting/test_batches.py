"""Many points and starts at once: the same numbers as one by one, the same ends as scipy."""

import numpy as np
import pytest
from fitted_films import NM, UNKNOWNS, film, series
from scipy.optimize import least_squares, rosen

import spinstack as ss
from spinstack.fitting import (
    Data,
    LogNormal,
    LogUniform,
    Normal,
    Problem,
    Relative,
    Sample,
    Tie,
    Uniform,
    Unknown,
    fit_film,
)
from spinstack.fitting.batch import ends
from spinstack.fitting.marginal import objective, offset
from spinstack.fitting.robust import FROM, robust_objective


def scattered(scatter=0.2, thicknesses=(2, 4, 7), **more):
    """A series with a tie, and two parameters that scatter."""
    samples, data = series(np.random.default_rng(5), thicknesses)
    unknowns = [
        *UNKNOWNS[:2],
        Unknown("YIG.mixing_conductance.real", LogNormal(4e14, 3), scatter=scatter),
        Unknown("s", LogNormal(2.8e6, 2), unit="S/m", scatter=scatter),
        Unknown("Pt.thickness", Relative(0.03), each="sample"),
    ]
    return Problem(samples, unknowns, data, [Tie("Pt.conductivity", "s / (1 + (0.5 nm) / Pt.thickness)")], **more)


def differences(function, U, h=1e-5):
    return np.stack([(function(U + h * e) - function(U - h * e)) / (2 * h) for e in np.eye(U.shape[1])], axis=-1)


def test_many_points_are_those_of_one_after_the_other():
    problem = scattered()
    U = np.random.default_rng(1).normal(size=(5, problem.size))
    U[:, 1] = [0.1, 0.5, 0.7, 0.3, 0.9]
    R, J = problem.batch(U)
    assert R.shape == (5, problem.points + problem.size - 1)
    for u, r, rows in zip(U, R, J, strict=True):
        one, slopes = problem.residuals(u)
        np.testing.assert_allclose(r, one, rtol=1e-12)
        np.testing.assert_allclose(rows, slopes, rtol=1e-10, atol=1e-12 * np.abs(slopes).max())
    np.testing.assert_allclose(problem.batch_residuals(U), R, rtol=1e-12)
    np.testing.assert_allclose(J, differences(problem.batch_residuals, U), atol=1e-7 * np.abs(J).max())


def test_a_deviation_multiplies_the_shared_value_in_its_sample_alone():
    problem = scattered(0.3)
    names = [c.name for c in problem.coordinates]
    assert names.count("s, deviation of 4 nm") == 1
    at = names.index("s, deviation of 4 nm")
    u = np.zeros(problem.size)
    u[1] = 0.5
    still = {one.name: one.value for one in problem.tied(u)}
    u[at] = 2.0
    moved = {one.name: one.value for one in problem.tied(u)}
    assert moved["Pt.conductivity of 4 nm"] == pytest.approx(still["Pt.conductivity of 4 nm"] * np.exp(0.6))
    assert moved["Pt.conductivity of 2 nm"] == still["Pt.conductivity of 2 nm"]


@pytest.mark.study
def test_points_without_films_are_infinite_and_the_rest_as_without_them():
    samples, data = series(thicknesses=(2, 4))
    # a conductivity that the tie makes negative has no film
    unknowns = [UNKNOWNS[0], UNKNOWNS[1], Unknown("s", Normal(0.0, 2e6), unit="S/m")]
    problem = Problem(samples, unknowns, data, [Tie("Pt.conductivity", "s")])
    U = np.array([[0.0, 0.5, 1.0], [0.0, 0.5, -1.0], [0.1, 0.6, 1.2], [np.nan, 0.5, 1.0]])
    R, J = problem.batch(U)
    np.testing.assert_array_equal(np.isinf(R).all(axis=1), [False, True, False, True])
    np.testing.assert_array_equal(np.isnan(J).all(axis=(1, 2)), [False, True, False, True])
    np.testing.assert_allclose(R[[0, 2]], problem.batch(U[[0, 2]])[0], rtol=1e-13)
    with pytest.raises(ss.ParameterError, match=r"Pt\.conductivity"):
        problem.predicted(U[1])


def test_parameters_that_are_not_allowed_together_have_no_film():
    # more would be transmitted than enters
    barrier = ss.Interface(
        conductance_up=4e14, conductance_down=2e14, mixing_conductance=3e14, transmitted_mixing_conductance=1e14
    )
    magnet = ss.Ferromagnet("Co", thickness=NM, conductivity=1e6, polarization=0.4, spin_diffusion_length=NM)
    sample = Sample("a", film().elements[0] | barrier | magnet)
    data = [Data("a", ss.sheet_resistance, [100.0, np.nan, np.nan, np.nan], [1.0] * 4, {"m": "y"})]
    unknown = Unknown("Pt|Co.transmitted_mixing_conductance.real", Uniform(-1e15, 1e15))
    R = Problem([sample], [unknown], data).batch_residuals(np.linspace(0, 1, 21)[:, None])
    np.testing.assert_array_equal(np.isfinite(R[:, 0]), np.abs(np.linspace(-1e15, 1e15, 21)) <= 3e14)


@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e6])
def test_the_ends_of_many_starts_are_those_of_scipy(scale):
    """Rosenbrock's valley within bounds that cut its end off, and one coordinate of another size."""

    def residuals(U):
        x, y = U[:, 0], U[:, 1] / scale
        R = np.stack([10 * (y - x**2), 1 - x], axis=1)
        J = np.zeros((len(U), 2, 2))
        J[:, 0, 0], J[:, 0, 1], J[:, 1, 0] = -20 * x, 10 / scale, -1
        return R, J

    rng = np.random.default_rng(2)
    for high in (0.7, 5.0):
        low, top = np.array([-3.0, -3.0 * scale]), np.array([high, 9.0 * scale])
        U = rng.uniform(low, top, (30, 2))
        found = ends(residuals, U, low, top)
        assert found.converged.all()
        known = least_squares(
            lambda u: residuals(u[None])[0][0], [0.0, 0.0], bounds=(low, top), xtol=1e-15, ftol=1e-15, gtol=1e-15,
            x_scale=(1.0, scale),
        )  # fmt: skip
        np.testing.assert_allclose(found.u / [1, scale], np.tile(known.x / [1, scale], (30, 1)), atol=1e-5)
        assert (found.u[:, 0] <= high).all()
        np.testing.assert_allclose(found.square, rosen([known.x[0], known.x[1] / scale]), atol=1e-9)


def test_a_start_without_a_film_has_failed_and_stops_no_other():
    problem = scattered()
    U = np.zeros((3, problem.size))
    U[:, 1] = 0.5
    U[1, 0] = np.nan
    found = ends(objective(problem), U, *problem.bounds)
    np.testing.assert_array_equal(found.converged, [True, False, True])
    assert found.square[1] == np.inf


def test_the_determinant_is_that_of_the_integral_over_deviations():
    problem = scattered()
    U = np.random.default_rng(3).normal(size=(2, problem.size)) * 0.3
    U[:, 1] = 0.4
    R, J = objective(problem)(U)
    n = problem.points + len(problem.penalised)
    plain, slopes = problem.batch(U)
    np.testing.assert_array_equal(R[:, :n], plain)
    names = [c.name for c in problem.coordinates]
    for i, sample in enumerate(problem.samples):
        own = [k for k, c in enumerate(problem.coordinates) if c.deviation and c.samples == (i,)]
        rows = np.concatenate([np.r_[at] for d, at in zip(problem.data, problem.rows, strict=True)
                               if d.sample == sample.name])  # fmt: skip
        assert [names[k] for k in own] == [
            f"{p}, deviation of {sample.name}" for p in ("YIG.mixing_conductance.real", "s")
        ]
        A = slopes[:, rows[:, None], own]
        # of residuals that are linear in z the integral is exp(-r^2/2) over the root of det(1 + A^T A)
        inverse = np.linalg.slogdet(np.linalg.inv(np.eye(len(rows)) + A @ np.swapaxes(A, 1, 2)))[1]
        np.testing.assert_allclose(R[:, n + i] ** 2 - 1, -inverse, rtol=1e-9)
    assert offset(problem) == len(problem.samples)
    numeric = differences(lambda V: objective(problem)(V)[0], U, 1e-4)
    np.testing.assert_allclose(J[:, n:], numeric[:, n:], atol=1e-5)


@pytest.mark.study
def test_a_linear_scatter_is_one_more_covariance():
    """Resistances of equal films whose conductivity scatters: the mean is what all of them tell, with their spread."""
    rng, count, scatter = np.random.default_rng(4), 40, 0.1
    samples, data, values = [], [], []
    for n in range(count):
        made = film(4 * NM).replace({"Pt.conductivity": 2.8e6 * np.exp(scatter * rng.normal())})
        R = np.asarray(ss.sheet_resistance(made, m="y"))[0, 0]
        samples.append(Sample(f"{n}", film(4 * NM)))
        data.append(Data(f"{n}", ss.sheet_resistance, [R, *[np.nan] * 3], [0.01 * R] * 4, {"m": "y"}))
        values.append(np.log(R))
    unknown = Unknown("Pt.conductivity", LogUniform(1e5, 1e8), scatter=scatter)
    found = fit_film(Problem(samples, [unknown], data), starts=1)
    value, error = float(found["value"][0]), float(found["error"][0])
    R = np.asarray(ss.sheet_resistance(film(4 * NM).replace({"Pt.conductivity": value}), m="y"))[0, 0]
    assert np.log(R) == pytest.approx(np.mean(values), abs=2e-3)
    assert error / value == pytest.approx(np.hypot(scatter, 0.01) / np.sqrt(count), rel=0.02)
    assert found.attrs["degrees_of_freedom"] == count - 1
    assert 0.01 < found.attrs["p_value"] < 0.99
    fixed = fit_film(Problem(samples, [Unknown("Pt.conductivity", LogUniform(1e5, 1e8))], data), starts=1)
    assert fixed.attrs["p_value"] < 1e-10


def test_readings_far_off_count_less():
    samples, data = series(thicknesses=(1.5, 2, 3, 5, 8, 12))
    off = data[4]
    data[4] = Data(off.sample, off.observable, off.measured * 1.3, np.diag(off.covariance) ** 0.5, off.arguments)
    known = [Sample(s.name, s.film.replace({"Pt.conductivity": 2.8e6})) for s in samples]
    problem = Problem(known, [Unknown("Pt.spin_hall_angle", LogUniform(0.01, 1))], data[::2])
    plain, robust = fit_film(problem, starts=2), fit_film(problem, starts=2, robust=True)
    assert abs(float(plain["value"][0]) / 0.08 - 1) > 0.02
    assert abs(float(robust["value"][0]) / 0.08 - 1) < 0.002
    assert robust.attrs["p_value"] < 1e-6
    assert robust.attrs["robust"] == 1
    with pytest.raises(ss.ParameterError, match="robust: got 'yes'"):
        fit_film(problem, robust="yes")


def test_the_robust_residual_is_half_a_square_then_a_line():
    r = np.array([[-40.0, -1.0, -1e-9, 0.0, 1e-9, 0.3, 2.0, 500.0, 7.0]])
    R, J = robust_objective(lambda U: (r, np.ones((1, 9, 1))), 8)(np.zeros((1, 1)))
    np.testing.assert_allclose(R[0, :8] ** 2, 2 * FROM**2 * (np.sqrt(1 + (r[0, :8] / FROM) ** 2) - 1), atol=1e-17)
    assert R[0, 8] == 7
    assert J[0, 8, 0] == 1
    h = 1e-6
    ends_ = [robust_objective(lambda U, s=s: (r + s * h, np.ones((1, 9, 1))), 8)(np.zeros((1, 1)))[0] for s in (-1, 1)]
    np.testing.assert_allclose(J[0, :, 0], (ends_[1] - ends_[0])[0] / (2 * h), rtol=1e-6)


def test_what_a_meter_adds_is_integrated_out_and_told():
    """An offset and a misalignment of known deviation are two more columns of the least squares."""
    angles = np.arange(0.0, 360.0, 15.0)
    arguments = {"plane": "alpha", "angles": angles.tolist()}
    made = film(3 * NM)
    scan = ss.angular_scan(made, **arguments)
    noise = 2e-4 * np.random.default_rng(8).normal(size=angles.size)
    across = scan.R_xy.values
    y = scan.R_xx.values + 0.05 + 0.3 * across + noise
    meter = {"offset": 0.1, "misalignment": 0.5 * across}
    data = Data("a", ss.angular_scan, y, np.full(angles.size, 2e-4), arguments, "R_xx", meter=meter, name="scan")
    sample = Sample("a", film(3 * NM, Pt_0_spin_hall_angle=0.1))
    found = fit_film(Problem([sample], [Unknown("Pt.spin_hall_angle", Uniform(0.01, 0.3))], [data]), starts=1)
    theta, error = float(found["value"][0]), float(found["error"][0])
    assert abs(theta - 0.08) < 4 * error < 0.01
    assert list(found["meter_term"].values) == ["offset of scan", "misalignment of scan"]
    np.testing.assert_allclose(found["meter_value"], [0.5, 0.6], atol=4 * found["meter_error"].values.max())
    # by columns instead of a covariance
    J = found["derivatives"].values
    A = np.concatenate([np.c_[J, np.full(angles.size, 0.1), 0.5 * across] / 2e-4, np.eye(3)[1:]])
    covariance = np.linalg.inv(A.T @ A)
    assert error == pytest.approx(np.sqrt(covariance[0, 0]) * 0.29, rel=1e-6)
    np.testing.assert_allclose(found["meter_error"], np.sqrt(np.diag(covariance)[1:]), rtol=0.05)


def test_a_weight_is_as_many_equal_data():
    samples, data = series(np.random.default_rng(6), thicknesses=(2, 5))
    twice = [*data, *(Data(d.sample, d.observable, d.values, d.errors, d.arguments, name="again") for d in data[:1])]
    first = data[0]
    weighted = [Data(first.sample, first.observable, first.values, first.errors, first.arguments, weight=2), *data[1:]]
    one, other = (fit_film(Problem(samples, UNKNOWNS, d), starts=1) for d in (twice, weighted))
    np.testing.assert_allclose(one["value"], other["value"], rtol=1e-6)
    np.testing.assert_allclose(one["error"], other["error"], rtol=1e-5)
    assert one.attrs["chi_square"] == pytest.approx(other.attrs["chi_square"])


def test_an_unknown_may_be_of_some_samples_only():
    samples, data = series(thicknesses=(2, 5))
    problem = Problem(samples, [Unknown("Pt.conductivity", LogNormal(2e6, 2), samples=["5 nm"]), UNKNOWNS[0]], data)
    assert [c.samples for c in problem.coordinates] == [(1,), (0, 1)]
    u = np.array([1.0, 0.0])
    values, rows = problem.predicted(u)
    fixed = ss.sheet_resistance(samples[0].film.replace({"Pt.spin_hall_angle": 0.06}), m="y")[0, 0]
    assert values[1][0] == pytest.approx(float(fixed))
    assert rows[1][0, 0] == 0
    assert rows[3][0, 0] != 0


def test_columns_let_problems_that_differ_in_what_is_free_share_a_program():
    samples, data = series(thicknesses=(2, 5))
    paths = [u.path for u in UNKNOWNS]
    first = Problem(samples, UNKNOWNS[:2], data, columns=paths)
    first.batch(np.full((1, first.size), 0.5))
    compiled = [g._model.compilations for g in first._groups]
    other = Problem(samples, UNKNOWNS[2:], data, columns=paths)
    other.batch(np.full((1, other.size), 0.5))
    models = [g._model for p in (first, other) for g in p._groups]
    assert [m.compilations for m in models] == [*compiled, *compiled]
    assert models[0]._source.structure is models[2]._source.structure
    plain = Problem(samples, UNKNOWNS[:2], data)
    np.testing.assert_allclose(first.batch(np.full((1, 2), 0.5))[0], plain.batch(np.full((1, 2), 0.5))[0], rtol=1e-12)


REFUSED = {
    "scatter of own values": (
        lambda: Unknown("Pt.thickness", Relative(0.1), each="sample", scatter=0.1), "scatter: got 0.1, of samples that",
    ),
    "scatter": (lambda: Unknown("Pt.thickness", Relative(0.1), scatter=-1), "scatter: got -1"),
    "samples": (
        lambda: Unknown("Pt.thickness", Relative(0.1), samples="a"), "samples: got 'a'. Allowed: a list of names",
    ),
    "no such sample": (
        lambda: Problem(*_problem(samples=["c"])), "samples: got 'c', which is no sample that was measured",
    ),
    "weight": (lambda: Problem(*_problem(weight=0)), "weight: got 0"),
    "meter": (
        lambda: Problem(*_problem(meter={"offset": [1, 2, 3]})), "meter.offset: 3 numbers. Allowed: one number or 1",
    ),
    "nothing": (lambda: Problem(*_problem(meter={"offset": 0})), "meter.offset: got 0"),
    "no number": (lambda: Problem(*_problem(meter={"offset": "1 Ohm"})), "meter.offset"),
}  # fmt: skip


def _problem(samples=(), **data):
    measured = Data("a", ss.magnetoresistance, [1e-3], [1e-4], {"plane": "beta"}, **data)
    return [Sample("a", film())], [Unknown("Pt.spin_hall_angle", LogNormal(0.1, 2), samples=samples)], [measured]


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    call, said = REFUSED[case]
    with pytest.raises(ss.ParameterError) as caught:
        call()
    assert said in str(caught.value)
