"""Fits of angle scans: exact on exact data, the arithmetic of references, refusals, noise models, tables, bootstrap."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import minimize_scalar
from scipy.stats import t

from spinstack.figures import measured_angles
from spinstack.measure.angles import (
    amplitude_table,
    bootstrap,
    consistency,
    curve,
    diagnostics,
    fit_harmonics,
    fit_planes,
    follow,
    magnetisation,
    polar,
)
from spinstack.measure.angles.design import largest_gap
from spinstack.measure.measurement import MeasurementError, measurement

ANGLE = np.linspace(0, 360, 73)


def scan(R, angle=ANGLE, **more):
    attributes = {k: more.pop(k) for k in list(more) if k in ("plane", "film_thickness")}
    return measurement({"R_xx": R, **more.pop("readings", {})}, {"angle": angle, **more}, attributes)


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


def harmonics(*terms, R0=200.0, angle=ANGLE):
    return R0 * (1 + sum(c * np.cos(np.deg2rad(n * (angle - phase))) for n, c, phase in terms))


def noisy(R, seed=0, size=0.02):
    return R + size * np.random.default_rng(seed).standard_normal(len(R))


def test_exact_data_give_the_numbers_they_were_made_of():
    R = harmonics((1, 1e-3, 140.0), (2, 3e-3, -50.0), (4, 5e-4, 20.0)) + np.linspace(-0.3, 0.3, 73)
    found = fit_harmonics(scan(noisy(R, size=1e-9), time=np.linspace(0, 60, 73)), drift_degree=1)
    for name, expected in {"c1": 1e-3, "phase1": 140, "c2": 3e-3, "phase2": -50, "c4": 5e-4, "phase4": 20}.items():
        assert value(found, name) == pytest.approx(expected, rel=1e-6)
    assert value(found, "drift1") == pytest.approx(0.3, rel=1e-6)
    assert value(found, "cos2") == pytest.approx(0.6 * np.cos(np.deg2rad(-100)), rel=1e-6)
    assert value(found, "A2") == pytest.approx(0.6, rel=1e-6)
    for name in ("ratio", "fitted_ratio"):  # both without drift
        assert found[name].values == pytest.approx((R - np.linspace(-0.3, 0.3, 73)) / 200 - 1, abs=1e-9)


def test_rows_may_come_in_any_order_and_with_gaps():
    R = noisy(harmonics((2, 3e-3, 10.0)))
    data = scan(R, time=np.arange(73.0))
    shuffled = data.isel(point=np.random.default_rng(1).permutation(73))
    assert value(fit_harmonics(data), "c2") == pytest.approx(value(fit_harmonics(shuffled), "c2"), rel=1e-12)
    # noise that remembers is that of neighbours in time, wherever their rows stand
    slow = scan(harmonics((2, 3e-3, 10.0)) + np.cumsum(noisy(np.zeros(73))), time=np.arange(73.0))
    there, again = fit_harmonics(slow), fit_harmonics(slow.isel(point=shuffled["time"].values.astype(int)))
    assert again["error"].values == pytest.approx(there["error"].values, rel=1e-9)
    assert list(again["row"].values) == list(np.argsort(shuffled["time"].values))
    holes = data.copy(deep=True)
    holes["R_xx"][[3, 40]] = np.nan
    found = fit_harmonics(holes)
    assert found.sizes["point"] == 71
    assert set(range(73)) - set(found["row"].values) == {3, 40}


@pytest.mark.parametrize("reference", ["mean", "max", "min", 30.0])
def test_ratios_are_to_the_reference_that_is_named(reference):
    terms = ((2, 3e-3, 12.0), (4, 1e-3, 33.0))
    fine = np.linspace(0, 360, 36001)
    exact = harmonics(*terms, angle=fine)
    chosen = harmonics(*terms, angle=np.array([30.0]))[0]
    ref = {"mean": 200.0, "max": exact.max(), "min": exact.min()}.get(reference, chosen)
    found = fit_harmonics(scan(noisy(harmonics(*terms), size=1e-8)), reference=reference, orders=(2, 4))
    assert value(found, "R_ref") == pytest.approx(ref, rel=1e-8)
    assert value(found, "c2") == pytest.approx(0.6 / ref, rel=1e-7)
    assert value(found, "peak_to_peak") == pytest.approx(np.ptp(exact) / ref, rel=1e-6)
    ratio = curve(found, fine[::100])["ratio"]
    assert np.allclose(ratio, exact[::100] / ref - 1, atol=1e-9)
    if reference == "max":  # (R - R_max)/R_max is never positive
        assert float(ratio.max()) < 1e-9


@pytest.mark.study
def test_errors_of_ratios_are_those_of_a_plain_refit():
    """Delta method against the scatter of 400 fits, for amplitudes, phases, maximum and peak to peak."""
    R = harmonics((2, 3e-3, 12.0), (4, 1e-3, 33.0))
    runs = [fit_harmonics(scan(noisy(R, i)), reference="max", noise="white", diagnose=False) for i in range(250)]
    values = np.array([r["value"].values for r in runs])
    errors = np.array([r["error"].values for r in runs])
    keep = [str(n) not in ("A1", "c1", "phase1") for n in runs[0]["parameter"].values]  # nothing there
    assert values.std(axis=0)[keep] == pytest.approx(np.sqrt((errors**2).mean(axis=0))[keep], rel=0.14)


def test_few_rows_have_the_errors_of_their_few_degrees_of_freedom():
    """By the normal equations: chi-square over rows less unknowns, intervals of Student's t."""
    angle, sigma = np.arange(0.0, 360, 45), np.linspace(0.01, 0.03, 8)
    R = harmonics((1, 3e-3, 10.0), angle=angle) + sigma * np.random.default_rng(5).standard_normal(8)
    found = fit_harmonics(scan(R, angle, readings={"R_xx_error": sigma}), orders=(1,), noise="white")
    A = np.stack([np.ones(8), *(f(np.deg2rad(angle)) for f in (np.cos, np.sin))], axis=1) / sigma[:, None]
    reduced = np.linalg.lstsq(A, R / sigma, rcond=None)[1][0] / 5
    assert found.attrs["reduced_chi2"] == pytest.approx(reduced, rel=1e-9)
    errors = np.sqrt(np.diag(np.linalg.inv(A.T @ A)) * reduced)
    assert [error(found, n) for n in ("R0", "cos1", "sin1")] == pytest.approx(list(errors), rel=1e-9)
    np.testing.assert_array_equal(curve(found)["angle"], np.arange(361.0))
    line = curve(found, [20.0], level=0.9)
    for one in (found.sel(parameter="c1"), line.isel(angle=0).rename(ratio="value", ratio_error="error")):
        level, one = (0.95, one) if "low" in one else (0.9, one.rename(ratio_low="low", ratio_high="high"))
        reach = t.ppf(0.5 + level / 2, 5) * float(one["error"])
        assert [float(one["low"]), float(one["high"])] == pytest.approx(
            [float(one["value"]) - reach, float(one["value"]) + reach], rel=1e-9
        )


def test_a_ratio_is_exact_at_its_own_reference():
    found = fit_harmonics(scan(noisy(harmonics((1, 1e-2, 60.0), (2, 5e-2, 10.0)))), orders=(1, 2), reference=30.0)
    line = curve(found, [30.0, 120.0])
    assert line["ratio"].values[0] == pytest.approx(0.0, abs=1e-15)
    assert line["ratio_error"].values[0] < 1e-6 * line["ratio_error"].values[1]


@pytest.mark.parametrize("reference", ["mean", "max", "min", 30.0, "none"])
def test_covariance_of_what_follows_from_the_coefficients(reference):
    """By finite differences of the definitions, where less than a turn correlates the coefficients."""
    angle = np.linspace(0, 250, 90)
    R = noisy(harmonics((1, 0.2, 60.0), (2, 0.3, -20.0), R0=10.0, angle=angle), size=0.05)
    found = fit_harmonics(scan(R, angle), orders=(1, 2), reference=reference)
    fine = np.deg2rad(np.arange(0.0, 360.0, 0.01))
    turns = np.stack([f(n * fine) for n in (1, 2) for f in (np.cos, np.sin)], axis=1)

    def numbers(c):
        line = c[0] + turns @ c[1:]
        ref = {"mean": c[0], "max": line.max(), "min": line.min()}.get(reference, line[3000])
        by = 1.0 if reference == "none" else abs(ref)
        out = {"peak_to_peak": np.ptp(line) / by}
        for n, (a, b) in zip((1, 2), c[1:].reshape(2, 2), strict=True):
            out |= {f"A{n}": np.hypot(a, b), f"phase{n}": np.rad2deg(np.arctan2(b, a)) / n}
            out |= {} if reference == "none" else {"R_ref": ref, f"c{n}": np.hypot(a, b) / by}
        return out

    own = ["R0", "cos1", "sin1", "cos2", "sin2"]
    c = found["value"].sel(parameter=own).values
    names, steps = list(numbers(c)), 1e-3 * np.eye(5)
    assert [value(found, n) for n in names] == pytest.approx([numbers(c)[n] for n in names], rel=1e-6)
    slopes = [[(numbers(c + h)[n] - numbers(c - h)[n]) / 2e-3 for h in steps] for n in names]
    basic = found["covariance"].sel(parameter=own, parameter_other=own).values
    expected, size = slopes @ basic @ np.transpose(slopes), np.sqrt(np.diag(basic))
    sizes = np.sqrt(np.diag(expected))
    covariance = found["covariance"].sel(parameter=names)
    assert covariance.sel(parameter_other=own).values / np.outer(sizes, size) == pytest.approx(
        slopes @ basic / np.outer(sizes, size), abs=1e-3
    )
    assert covariance.sel(parameter_other=names).values / np.outer(sizes, sizes) == pytest.approx(
        expected / np.outer(sizes, sizes), abs=1e-3
    )


def test_weights_count():
    rng = np.random.default_rng(2)
    sigma = np.where(np.arange(73) % 2, 0.2, 0.01)
    R = harmonics((2, 3e-3, 10.0)) + sigma * rng.standard_normal(73)
    with_errors = fit_harmonics(scan(R, readings={"R_xx_error": sigma}), noise="white")
    without = fit_harmonics(scan(R), noise="white")
    assert error(with_errors, "c2") < 0.2 * error(without, "c2")
    assert with_errors.attrs["reduced_chi2"] == pytest.approx(1.0, abs=0.5)
    # the common factor of the errors does not matter
    scaled = fit_harmonics(scan(R, readings={"R_xx_error": 7 * sigma}), noise="white")
    assert error(scaled, "c2") == pytest.approx(error(with_errors, "c2"), rel=1e-9)


def test_spikes_are_counted_and_dropped_on_request():
    R = noisy(harmonics((2, 3e-3, 10.0)))
    clean = fit_harmonics(scan(R))
    hit = R.copy()
    hit[[5, 30, 31]] += [4.0, -3.0, 2.0]
    dirty = fit_harmonics(scan(hit))
    assert diagnostics(dirty)["spikes"] == 3
    assert any("remove_spikes" in w for w in diagnostics(dirty)["warnings"])
    saved = fit_harmonics(scan(hit), drop_spikes=6)
    assert saved.attrs["rows_dropped"] == 3
    assert value(saved, "c2") == pytest.approx(value(clean, "c2"), abs=1.5 * error(clean, "c2"))


def test_diagnostics_name_what_is_missing():
    R = noisy(harmonics((2, 3e-3, 10.0), (3, 1e-3, 0.0)))
    said = diagnostics(fit_harmonics(scan(R)))
    assert said["missing_harmonics"] == [3]
    slope = noisy(harmonics((2, 3e-3, 10.0))) + np.linspace(-0.2, 0.2, 73)
    assert diagnostics(fit_harmonics(scan(slope)))["missing_drift_p"] < 1e-3
    # many readings tell harmonics beyond the fourth
    angle = np.arange(0.0, 360.5, 1.0)
    high = noisy(harmonics((2, 3e-3, 10.0), (6, 1e-3, 0.0), angle=angle))
    assert diagnostics(fit_harmonics(scan(high, angle=angle)))["missing_harmonics"] == [6]
    assert [largest_gap(np.array(a)) for a in ([350, 10, 180.0], [90, 180, 270], [5.0])] == [170, 180, 360]
    half = scan(noisy(harmonics((2, 3e-3, 10.0), angle=ANGLE / 3)), angle=ANGLE / 3)
    assert any("no reading over" in w for w in diagnostics(fit_harmonics(half, orders=(2,)))["warnings"])


@pytest.mark.study
def test_a_line_of_hum_does_not_spoil_the_errors():
    """Mains hum far from the harmonics: the error is that of the noise at the harmonics, not of all of it."""
    rng = np.random.default_rng(3)
    angle = np.linspace(0, 360, 1500)
    z = []
    for _ in range(60):
        hum = 0.2 * np.cos(1.3 * np.arange(1500) + rng.uniform(0, 6) + 0.02 * np.cumsum(rng.standard_normal(1500)))
        R = harmonics((2, 1e-3, 10.0), angle=angle) + hum + 0.05 * rng.standard_normal(1500)
        found = fit_harmonics(scan(R, angle=angle), orders=(1, 2, 4), diagnose=False)
        white = fit_harmonics(scan(R, angle=angle), orders=(1, 2, 4), noise="white", diagnose=False)
        assert error(found, "cos2") < 0.6 * error(white, "cos2")
        z += [(value(found, n) - t) / error(found, n) for n, t in (("R0", 200), ("sin1", 0), ("cos4", 0))]
    assert np.mean(np.abs(z) < 1) == pytest.approx(0.68, abs=0.1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reading": "R_xy"}, "R_xy"),
        ({"orders": (0, 2)}, "orders"),
        ({"orders": (2, 2)}, "orders"),
        ({"orders": "2"}, "orders"),
        ({"drift_degree": 7}, "drift_degree"),
        ({"reference": "largest"}, "reference"),
        ({"noise": "pink"}, "noise"),
        ({"level": 95}, "level"),
        ({"drop_spikes": 1.0}, "drop_spikes"),
        ({"orders": range(1, 37)}, "unknowns"),
    ],
)
def test_wrong_arguments_are_named(change, says):
    with pytest.raises(MeasurementError, match=says):
        fit_harmonics(scan(noisy(harmonics((2, 3e-3, 10.0)))), **change)


def test_all_wrong_arguments_are_told_at_once():
    data = scan(noisy(harmonics((2, 3e-3, 10.0))))
    wrong = {"orders": (0,), "drift_degree": 9, "level": 95, "noise": "pink", "reference": "top", "drop_spikes": 1.0}
    with pytest.raises(MeasurementError) as caught:
        fit_harmonics(data, **wrong)
    assert {error.field for error in caught.value.errors} == set(wrong)
    with pytest.raises(MeasurementError) as caught:
        fit_planes(planes((100.0, 99.0, 99.4)), odd="all", orders=(3,), zero="none", tilt={"beta": (80, 0)}, level=0)
    assert [error.field for error in caught.value.errors] == ["odd", "level", "orders", "zero", "tilt"]
    assert caught.value.errors[-1].where == "beta"
    with pytest.raises(MeasurementError) as caught:
        bootstrap(data, count=3, method="jackknife", block=0)
    assert [error.field for error in caught.value.errors] == ["method", "count", "block"]


def test_angles_that_cannot_tell_terms_apart_are_refused():
    four = np.tile([0.0, 90.0, 180.0, 270.0], 10)
    with pytest.raises(MeasurementError, match="sin2"):
        fit_harmonics(scan(noisy(harmonics((2, 3e-3, 0.0), angle=four)), angle=four), orders=(2,))
    with pytest.raises(MeasurementError, match="Dataset"):
        fit_harmonics({"angle": ANGLE})
    bad = scan(noisy(harmonics((2, 3e-3, 0.0))), readings={"R_xx_error": np.zeros(73)})
    with pytest.raises(MeasurementError, match="R_xx_error"):
        fit_harmonics(bad)


def test_macrospin_lies_at_the_lowest_energy():
    for B, K in ((2.0, 0.8), (2.0, 1.9), (2.0, -0.9), (0.5, 0.8), (0.5, -0.9)):
        for phi in (3.0, 20.0, 60.0, 88.0, -35.0):

            def energy(theta, B=B, K=K, phi=phi):
                return -B * np.cos(np.deg2rad(theta - phi)) + 0.5 * K * np.sin(np.deg2rad(theta)) ** 2

            bounds = (0, 90) if phi > 0 else (-90, 0)
            best = minimize_scalar(energy, bounds=bounds, method="bounded", options={"xatol": 1e-9}).x
            assert float(follow(phi, B, K)) == pytest.approx(best, abs=1e-4)
    assert follow([0.0, 90.0, -90.0], 2.0, 0.8) == pytest.approx([0.0, 90.0, -90.0])
    assert follow([10.0, 50.0], 1.0, 0.0) == pytest.approx([10.0, 50.0])
    u = np.array([[0.6, 0.0, 0.8], [0.0, 0.0, -1.0], [0.0, -0.6, 0.8]])
    m = magnetisation(u, 2.0, 0.8)
    assert np.linalg.norm(m, axis=1) == pytest.approx(1.0)
    assert m[1] == pytest.approx([0, 0, -1])
    assert m[2, 1] < -0.6  # pulled into the plane, on its own side
    with pytest.raises(MeasurementError, match="field"):
        follow(10.0, 0.0, 0.8)


def planes(truth, rows=91, size=1e-6, **zero):
    """Scans of a film with R = sum R_i m_i^2 whose magnetisation follows the field."""
    Rx, Ry, Rz = truth
    out = {}
    for i, (plane, (first, second)) in enumerate({"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}.items()):
        angle = np.linspace(0, 360, rows)
        m = np.zeros((rows, 3))
        phi = np.deg2rad(angle - zero.get(plane, 0.0))
        m[:, first], m[:, second] = np.cos(phi), np.sin(phi)
        R = noisy(m**2 @ [Rx, Ry, Rz] + 0.05 * m[:, 2], seed=i, size=size)
        out[plane] = scan(R, angle=angle, field=2.0, temperature=300.0 + i, plane=plane)
    return out


def test_signs_are_those_of_the_resistances_at_the_axes():
    found = fit_planes(planes((100.0, 99.0, 99.4), alpha=3.0, beta=-4.0, gamma=8.0))
    assert value(found, "alpha") == pytest.approx(-0.01, rel=1e-5)
    assert value(found, "beta") == pytest.approx(99.4 / 99 - 1, rel=1e-4)
    assert value(found, "gamma") == pytest.approx(-0.006, rel=1e-4)
    assert value(found, "discrepancy") == pytest.approx(0.0, abs=1e-6)
    for plane, angle in (("alpha", 3.0), ("beta", -4.0), ("gamma", 8.0)):
        assert value(found, f"{plane}.zero") == pytest.approx(angle, abs=1e-3)
    assert value(found, "gamma.odd_z") == pytest.approx(5e-4, rel=1e-3)
    assert value(found, "beta.odd_z") == pytest.approx(0.05 / 99, rel=1e-3)
    assert value(found, "alpha.odd_y") == pytest.approx(0.0, abs=1e-6)


def test_scans_weigh_by_their_noise_however_long_they_are():
    """A zero that two scans share is the mean of theirs, weighed by their errors."""
    long, short = planes((100.0, 99.0, 99.4), rows=721, size=0.02), planes((100.0, 99.0, 99.4), rows=37, size=0.01)
    data = {"alpha": long["alpha"], "gamma": short["gamma"]}
    each, shared = (fit_planes(data, zero=zero, noise="white", odd="none") for zero in ("each", "shared"))
    zeros, errors = (np.array([get(each, f"{p}.zero") for p in data]) for get in (value, error))
    weight = errors**-2.0
    assert value(shared, "shared.zero") == pytest.approx(zeros @ weight / weight.sum(), abs=0.03 * errors.min())
    assert error(shared, "shared.zero") == pytest.approx(weight.sum() ** -0.5, rel=0.02)


def test_tilted_planes_mix_in_the_third_axis():
    """R = sum R_i m_i^2 of large ratios, with the field rising out of each plane by angles that are known."""
    tilt, data = {"alpha": (20.0, -10.0), "beta": (15.0, 25.0), "gamma": (-30.0, 10.0)}, {}
    phi = np.deg2rad(ANGLE)
    for plane, (first, second, third) in {"alpha": (0, 1, 2), "beta": (1, 2, 0), "gamma": (0, 2, 1)}.items():
        u = np.zeros((73, 3))
        u[:, first], u[:, second] = np.cos(phi), np.sin(phi)
        u[:, third] = np.stack([np.cos(phi), np.sin(phi)], axis=1) @ np.tan(np.deg2rad(tilt[plane]))
        squares = u**2 / np.sum(u**2, axis=1, keepdims=True)
        data[plane] = scan(noisy(squares @ [100.0, 60.0, 45.0], size=1e-6))
    found = fit_planes(data, tilt=tilt)
    expected = {"alpha": -0.4, "beta": -0.25, "gamma": -0.55, "alpha.R": 100, "beta.R": 60, "gamma.R": 100}
    assert {n: value(found, n) for n in expected} == pytest.approx(expected, rel=1e-5)


def test_a_zero_is_held_where_noise_gives_the_amplitude_in_one_case_of_a_hundred():
    noise, told = np.random.default_rng(2).standard_normal(73), []
    for amplitude in np.linspace(0.3, 0.9, 7):
        data = scan(100 + noise + amplitude * np.cos(np.deg2rad(2 * ANGLE)))
        p = float(fit_harmonics(data, orders=(1, 2))["significance"].sel(order=2))
        told.append(p < 0.01)
        assert ("beta.zero" in fit_planes({"beta": data})["parameter"].values) == told[-1]
    assert 2 <= sum(told) <= 5


def test_a_further_harmonic_leaves_the_resistance_at_the_axis():
    data = planes((100.0, 99.0, 99.4))
    R = data["alpha"]["R_xx"] + 0.3 * np.cos(np.deg2rad(4 * data["alpha"]["angle"].values))
    found = fit_planes({**data, "alpha": data["alpha"].assign(R_xx=R)}, orders=(4,))
    assert value(found, "alpha.R") == pytest.approx(100.3, rel=1e-6)
    assert value(found, "alpha.cos4") == pytest.approx(0.3 / 100.3, rel=1e-4)
    assert value(found, "alpha") == pytest.approx(-1 / 100.3, rel=1e-4)


def test_the_sum_is_tested_and_imposed():
    same = planes((100.0, 99.0, 99.4), size=0.01)
    assert consistency(fit_planes(same))["p"] > 0.001
    other = {**same, "gamma": planes((100.0, 99.0, 99.5), size=0.01)["gamma"]}
    test = consistency(fit_planes(other))
    assert test["discrepancy"] == pytest.approx(1e-3, abs=4 * test["error"])
    assert test["p"] < 1e-6
    imposed = fit_planes(same, impose=True)
    assert value(imposed, "gamma") == pytest.approx(
        (1 + value(imposed, "alpha")) * (1 + value(imposed, "beta")) - 1, rel=1e-9
    )
    assert error(imposed, "gamma") < error(fit_planes(same), "gamma")
    with pytest.raises(MeasurementError, match="impose=False"):
        consistency(imposed)


def test_a_shared_zero_and_common_conditions():
    found = fit_planes(planes((100.0, 99.0, 99.4), alpha=5.0, beta=5.0, gamma=5.0), zero="shared")
    assert value(found, "shared.zero") == pytest.approx(5.0, abs=1e-3)
    assert found.attrs["temperature"] == pytest.approx(301.0)
    assert found.attrs["field"] == pytest.approx(2.0)
    # without odd part and drift the ratio is that of the axes, of which alpha begins at x and reaches y after 90 deg
    alpha = found.isel(point=found["plane"].values == "alpha")
    squares = np.sin(np.deg2rad(alpha["angle"].values - 5.0)) ** 2
    assert alpha["ratio"].values == pytest.approx(-0.01 * squares, abs=1e-6)
    gamma = found.isel(point=found["plane"].values == "gamma")
    assert gamma["ratio"].values == pytest.approx(-0.006 * squares, abs=1e-6)
    assert alpha["turned"].values == pytest.approx(alpha["angle"].values - 5.0, abs=1e-3)
    assert np.abs(found["residual"]).max() < 1e-5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"data": {"delta": None}}, "delta"),
        ({"data": {}}, "data"),
        ({"odd": "all"}, "odd"),
        ({"orders": (3,)}, "orders"),
        ({"zero": "none"}, "zero"),
        ({"tilt": {"beta": "free"}}, "tilt"),
        ({"tilt": {"beta": (80, 0)}}, "tilt"),
        ({"mu0_Meff": "yes"}, "mu0_Meff"),
        ({"tilt": {"alpha": "fit"}}, "tell apart|do not depend"),
        ({"noise": "pink"}, "noise"),
    ],
)
def test_wrong_arguments_of_planes_are_named(change, says):
    data = change.pop("data", planes((100.0, 99.0, 99.4), size=0.01))
    with pytest.raises(MeasurementError, match=says):
        fit_planes(data, **change)


@pytest.mark.study
@pytest.mark.parametrize("method", ["residual", "block"])
def test_bootstrap_agrees_with_the_stated_errors(method):
    R = noisy(harmonics((2, 3e-3, 10.0), (1, 1e-3, 0.0), angle=np.linspace(0, 360, 241)))
    data = scan(R, angle=np.linspace(0, 360, 241))
    found = fit_harmonics(data, orders=(1, 2))
    again = bootstrap(data, count=150, method=method, orders=(1, 2))
    for name in ("R0", "c1", "c2", "phase2"):
        assert error(again, name) == pytest.approx(error(found, name), rel=0.3)
    assert again["samples"].shape == (150, found.sizes["parameter"])
    xr.testing.assert_identical(again, bootstrap(data, count=150, method=method, orders=(1, 2)))
    with pytest.raises(MeasurementError, match="method"):
        bootstrap(data, method="jackknife")


@pytest.mark.study
@pytest.mark.parametrize("method", ["residual", "block"])
def test_bootstrap_of_few_rows_with_uneven_errors(method):
    """Each row is drawn with the noise of its own size: errors are those of the weighted normal equations."""
    angle, sigma = np.arange(0.0, 360, 40), np.tile([0.01, 0.05, 0.2], 3)
    R = harmonics((1, 3e-2, 179.9), angle=angle) + sigma * np.random.default_rng(8).standard_normal(9)
    data = scan(R, angle, readings={"R_xx_error": sigma})
    again = bootstrap(data, count=120, method=method, block=1, orders=(1, 2), noise="white")
    columns = [f(n * np.deg2rad(angle)) for n in (1, 2) for f in (np.cos, np.sin)]
    A = np.stack([np.ones(9), *columns], axis=1) / sigma[:, None]
    rest = R / sigma - A @ np.linalg.lstsq(A, R / sigma, rcond=None)[0]
    errors = np.sqrt(np.diag(np.linalg.inv(A.T @ A)) * np.var(rest) * 9 / 4)
    assert [error(again, n) for n in ("R0", "cos1", "sin1")] == pytest.approx(list(errors[:3]), rel=0.2)
    # half of the phases were found beyond 180 deg, that is near -180 deg
    assert error(again, "phase1") == pytest.approx(np.rad2deg(errors[2] / 6), rel=0.2)
    assert float(again["mean"].sel(parameter="phase1")) == pytest.approx(value(again, "phase1"), abs=0.5)


def test_table_against_temperature():
    cold, warm = (
        fit_harmonics(scan(noisy(harmonics((2, c, 10.0))), temperature=T, plane="alpha", film_thickness=3e-9))
        for T, c in ((10.0, 3e-3), (300.0, 1e-3))
    )
    table = amplitude_table([warm, cold], against="temperature", names=("c2", "phase2"))
    assert list(table["temperature"].values) == [10.0, 300.0]
    assert table["c2"].values == pytest.approx([3e-3, 1e-3], abs=1e-4)
    assert (table["c2_error"] > 0).all()
    assert table["c2"].attrs["units"] == "1"
    assert list(table["plane"].values) == ["alpha", "alpha"]
    assert "film_thickness" in table.coords
    assert len(table.to_dataframe()) == 2
    with pytest.raises(MeasurementError, match="field"):
        amplitude_table([warm, cold], against="field")
    # a temperature that wanders is one, one that runs is none
    amplitude_table([warm.assign_attrs(temperature_spread=50.0), cold], against="temperature")
    with pytest.raises(MeasurementError, match="which runs within a measurement"):
        amplitude_table([warm.assign_attrs(temperature_spread=70.0), cold], against="temperature")
    with pytest.raises(MeasurementError, match="c9"):
        amplitude_table([warm, cold], names=("c9",))


def test_polar_plots_have_no_negative_radius():
    found = fit_harmonics(scan(noisy(harmonics((2, 3e-3, 10.0), (4, 2e-3, 0.0)))), reference="max", orders=(2, 4))
    shown = polar(found)
    assert float(shown["radius"].min()) == 0.0
    assert float(shown["from_maximum"].min()) == 0.0
    assert np.ptp(shown["theta"].values) == pytest.approx(2 * np.pi)
    assert float(shown["radius"].max()) == pytest.approx(value(found, "peak_to_peak"), rel=1e-3)
    with pytest.raises(MeasurementError, match="fit_harmonics"):
        curve(fit_planes(planes((100.0, 99.0, 99.4), size=0.01)))


def said(found, plane):
    return " ".join(diagnostics(found)[plane]["warnings"])


def test_a_control_film_without_beta_has_that_amplitude_zero_within_its_error():
    data = planes((157.1875, 156.25, 156.25), size=1e-5)
    found = fit_planes(data)
    assert abs(value(found, "beta")) < 4 * error(found, "beta") < 1e-6
    assert value(found, "alpha") == pytest.approx(156.25 / 157.1875 - 1, abs=4 * error(found, "alpha"))
    assert "beta.zero" not in found["parameter"]
    assert found.attrs["held"] == '{"beta.zero": 0.0}'
    assert "beta.zero cannot be told" in said(found, "beta")
    assert not said(found, "alpha")
    assert consistency(found)["p"] > 1e-3
    # a rate needs something that turns: the Hall part tells it
    assert "beta.rate" in fit_planes(data, fit_rate=True)["parameter"]
    # and a Hall part that is bound to z tells the zero, too
    hall = fit_planes(data, odd="hall")
    assert value(hall, "beta.zero") == pytest.approx(0.0, abs=4 * error(hall, "beta.zero"))
    assert error(hall, "beta.zero") < 0.1
    # a shared zero is told by the planes that have an amplitude
    assert "shared.zero" in fit_planes(data, zero="shared")["parameter"]


def test_nothing_at_all_that_turns():
    rng = np.random.default_rng(4)
    flat = {p: scan(100 + 1e-3 * rng.standard_normal(73), plane=p) for p in ("alpha", "beta")}
    found = fit_planes(flat, zero="shared", fit_rate=True)
    assert found.attrs["held"] == '{"alpha.rate": 1.0, "beta.rate": 1.0, "shared.zero": 0.0}'
    assert "shared.zero" in said(found, "alpha")
    assert "beta.rate" not in said(found, "alpha")
    for name in ("alpha", "beta"):
        assert abs(value(found, name)) < 4 * error(found, name) < 1e-4


def test_error_of_the_discrepancy_where_planes_share_parameters():
    """From the covariance of the amplitudes, which a shared zero, Hall part and lag correlate; amplitudes are large."""
    data = {}
    for i, (plane, (first, second)) in enumerate({"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}.items()):
        u = np.zeros((73, 3))
        u[:, first], u[:, second] = np.cos(np.deg2rad(ANGLE - 8)), np.sin(np.deg2rad(ANGLE - 8))
        m = magnetisation(u, 2.0, 1.4)
        data[plane] = scan(noisy(m**2 @ [100.0, 60.0, 45.0] + 9 * m[:, 2], seed=i, size=0.5), field=2.0)
    found = fit_planes(data, odd="hall", zero="shared", mu0_Meff="fit")
    names = ["alpha", "beta", "gamma"]
    a, b, c = (value(found, n) for n in names)
    slopes = np.array([-(1 + b), -(1 + a), 1.0])
    covariance = found["covariance"].sel(parameter=names, parameter_other=names).values
    assert abs(covariance[1, 2]) > 0.05 * covariance[2, 2]
    assert error(found, "discrepancy") == pytest.approx(np.sqrt(slopes @ covariance @ slopes), rel=1e-9)
    assert value(found, "discrepancy") == pytest.approx(c - (a + b + a * b), rel=1e-9)


def test_a_hall_reading_is_not_divided_by_its_offset():
    R = 2e-3 + 0.3 * np.sin(np.deg2rad(2 * ANGLE))
    found = fit_harmonics(scan(R, readings={"R_xy": noisy(R, size=1e-5)}), "R_xy", orders=(2,))
    assert value(found, "A2") == pytest.approx(0.3, rel=1e-4)
    assert value(found, "peak_to_peak") == pytest.approx(0.6, rel=1e-4)
    assert error(found, "peak_to_peak") == pytest.approx(2 * error(found, "A2"), rel=1e-3)
    units = dict(zip(found["parameter"].values, found["unit"].values, strict=True))
    assert units["peak_to_peak"] == units["A2"] == "Ohm"
    assert not {"c2", "R_ref"} & set(units)
    assert found.attrs["reference"] == "none"
    assert "Ohm, not ratios" in found.attrs["remark"]
    assert "ratio" not in found
    line, shown = curve(found, [45.0]), polar(found)
    assert float(line["reading"][0]) == pytest.approx(0.302, rel=1e-4)
    assert float(line["reading_error"][0]) < 1e-5
    assert shown["radius"].attrs["units"] == "Ohm"
    assert float(shown["radius"].max()) == pytest.approx(0.6, rel=1e-3)
    drawn = measured_angles(scan(R, readings={"R_xy": R}), found).axes[0]
    assert drawn.get_ylabel().endswith("− mean (mΩ)")
    assert max(np.max(one.get_ydata()) for one in drawn.lines) == pytest.approx(300.0, rel=1e-3)
    asked = fit_harmonics(scan(R, readings={"R_xy": noisy(R, size=1e-5)}), "R_xy", orders=(2,), reference="mean")
    assert value(asked, "c2") == pytest.approx(150.0, rel=0.01)


@pytest.mark.parametrize(("mean", "reference"), [(0.2, "none"), (-0.2, "none"), (0.5, "mean"), (-0.5, "mean")])
def test_a_reading_that_passes_through_zero_has_no_ratio(mean, reference):
    R = mean + 0.3 * np.cos(np.deg2rad(2 * ANGLE))
    found = fit_harmonics(scan(noisy(R, size=1e-3)), orders=(2,))
    assert found.attrs["reference"] == reference
    assert ("remark" in found.attrs) == (reference == "none")


@pytest.mark.parametrize(("mean", "reference"), [(0.25, "none"), (1.0, "mean")])
def test_a_mean_that_is_zero_within_its_error_is_no_reference(mean, reference):
    noise = np.random.default_rng(9).standard_normal(73)
    found = fit_harmonics(scan(mean + (noise - noise.mean()) / noise.std()), orders=(), noise="white")
    assert error(found, "R0") == pytest.approx(1 / np.sqrt(72), rel=1e-6)
    assert found.attrs["reference"] == reference
