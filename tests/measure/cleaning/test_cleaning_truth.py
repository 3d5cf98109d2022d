"""Corrections of generated measurements whose truth is known: values unbiased, stated errors as large as they are."""

import numpy as np
import pytest
from scipy.signal import lfilter

from spinstack.measure import cleaning
from spinstack.measure.measurement import history, measurement

RUNS = 500


def coverage(pulls):
    """Deviations over errors: unbiased, 68 +- 4 % within one error and 95 +- 2 % within two (normal) ones."""
    pulls = np.concatenate([np.ravel(p) for p in pulls])
    one, two = np.mean(np.abs(pulls) < 1), np.mean(np.abs(pulls) < 1.96)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(RUNS), f"bias {np.mean(pulls):.3f} errors"
    assert abs(one - 0.683) < 0.04, f"one error covers {one:.3f}"
    assert abs(two - 0.95) < 0.02, f"1.96 errors cover {two:.3f}"


def autoregressive(rng, rows, r):
    from scipy.signal import lfilter

    white = rng.normal(size=rows + 200)
    return (lfilter([1], [1, -r], white) * np.sqrt(1 - r * r))[200:]


def loop(rows=81, reach=2.0, rng=None, jitter=0.0):
    """Field down and up again; with a generator, at points of its own on either branch."""
    down, up = np.linspace(reach, -reach, rows), np.linspace(-reach, reach, rows + 6)[1:]
    field = np.concatenate([down, up])
    if rng is not None:
        step = 2 * reach / rows
        field[1:-1] += jitter * step * rng.uniform(-0.5, 0.5, field.size - 2)
    return field


def hall(field, rows=81):
    """Hysteretic anomalous and ordinary Hall resistance [Ohm], odd under reversal of field and history."""
    falling = np.arange(field.size) < rows
    coercive = np.where(falling, -0.3, 0.3)
    return 0.4 * np.tanh((field - coercive) / 0.15) + 0.1 * field


def longitudinal(field, rows=81):
    falling = np.arange(field.size) < rows
    coercive = np.where(falling, -0.3, 0.3)
    return 50.0 + 0.2 * np.exp(-(((field - coercive) / 0.3) ** 2)) + 0.05 * field**2


@pytest.mark.study
@pytest.mark.parametrize("kind", ["white", "weighted", "correlated"])
def test_drift_fitted_together_with_harmonics(kind):
    pulls = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        time = np.linspace(0, 600, 181)
        angle = 360 * time / 600
        sigma = np.full(181, 1e-3)
        noise = rng.normal(size=181)
        if kind == "weighted":
            sigma = 1e-3 * np.where(angle < 100, 5.0, 1.0)
        if kind == "correlated":
            noise = autoregressive(rng, 181, 0.5)
        drift = rng.normal() * 0.01 * time / 600
        signal = 100 + 0.08 * np.cos(np.deg2rad(2 * (angle - 12))) + 0.03 * np.cos(np.deg2rad(angle - 70))
        readings = {"R_xx": signal + drift + sigma * noise}
        if kind == "weighted":
            readings["R_xx_error"] = sigma
        out = cleaning.subtract_drift(measurement(readings, {"time": time, "angle": angle}))
        pulls.append((out.attrs["drift_of_R_xx"] - (drift[-1] - drift[0])) / out.attrs["drift_of_R_xx_error"])
    if kind == "correlated":
        assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 0.07
        assert abs(np.mean(pulls)) < 0.2
    else:
        coverage(pulls)


@pytest.mark.study
def test_drift_from_what_was_measured_again():
    pulls = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        angle = np.arange(0, 1080, 10.0)
        time = angle / 3
        signal = 5 * np.sign(np.cos(np.deg2rad(angle * 3 + 0.1))) + np.cos(np.deg2rad(7 * angle))
        drift = rng.normal() * time / 360 + rng.normal() * (time / 360) ** 2
        data = measurement({"R_xx": signal + drift + 0.1 * rng.normal(size=108)}, {"time": time, "angle": angle})
        out = cleaning.subtract_drift(data, degree=2, over="angle", tolerance=0.01)
        pulls.append((out.attrs["drift_of_R_xx"] - drift[-1]) / out.attrs["drift_of_R_xx_error"])
    coverage(pulls)


@pytest.mark.study
def test_errors_after_drift():
    pulls = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        time = np.linspace(0, 100, 25)
        angle = 3.6 * time
        signal = 3 + np.cos(np.deg2rad(2 * angle))
        drift = 0.01 * (time - time.mean())
        sigma = 0.02
        data = measurement(
            {"R_xx": signal + drift + sigma * rng.normal(size=25), "R_xx_error": np.full(25, sigma)},
            {"time": time, "angle": angle},
        )
        out = cleaning.subtract_drift(data, harmonics=[2])
        pulls.append((out.R_xx.values - signal) / out.R_xx_error.values)
    pulls = np.array(pulls)
    # scatter scales stated errors in about one run of a hundred
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 0.2)
    assert np.all(np.abs(np.std(pulls, axis=0) - 1) < 0.15)
    assert abs(np.std(pulls) - 1) < 0.03


@pytest.mark.study
@pytest.mark.parametrize("about", ["field", "half_turn"])
def test_misalignment(about):
    a, b = 0.06, -0.011
    pulls, tilts = [[], []], []
    for seed in range(RUNS):
        rng = np.random.default_rng(5000 + seed)
        if about == "field":
            field = loop(rng=rng, jitter=0.5)
            xx, xy, conditions = longitudinal(field), hall(field), {"field": field}
        else:
            angle = np.arange(0, 360, 2.0) + rng.uniform(0, 0.5)
            turn = np.deg2rad(angle)
            xx, xy = 50 + 0.2 * np.cos(2 * turn), 0.5 * np.sin(turn)
            conditions = {"angle": angle, "field": np.full(180, 2.0)}
        sx, sy = 3e-3, 1e-2
        readings = {
            "R_xx": xx + a * xy + sx * rng.normal(size=xx.size),
            "R_xy": xy + b * xx + sy * rng.normal(size=xx.size),
        }
        if seed % 2:
            readings |= {"R_xx_error": np.full(xx.size, sx), "R_xy_error": np.full(xx.size, sy)}
        data = measurement(readings, conditions, {"bar_length": 7e-4, "bar_width": 2e-4})
        out = cleaning.correct_misalignment(data)
        found = out.attrs
        pulls[0].append((found["hall_in_longitudinal"] - a) / found["hall_in_longitudinal_error"])
        pulls[1].append((found["longitudinal_in_hall"] - b) / found["longitudinal_in_hall_error"])
        tilts.append(found["longitudinal_tilt"])
        assert np.std(out.R_xx.values - xx) < 1.3 * sx
        assert np.std(out.R_xy.values - xy) < 1.3 * sy
    coverage(pulls[0])
    coverage(pulls[1])
    assert abs(np.mean(tilts) - np.rad2deg(np.arctan(a * 2 / 7))) < 0.01


@pytest.mark.study
@pytest.mark.parametrize("noise", ["white", "correlated", "few"])
def test_substrate(noise):
    pulls = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        field = loop(201 if noise != "few" else 17, 5.0)
        rows = 201 if noise != "few" else 17
        film = 2e-8 * np.tanh((field - np.where(np.arange(field.size) < rows, -0.05, 0.05)) / 0.05)
        deviation = autoregressive(rng, field.size, 0.5) if noise == "correlated" else rng.normal(size=field.size)
        moment = film - 3e-8 * field + 1e-9 + 3e-10 * deviation
        out = cleaning.subtract_substrate(measurement({"moment": moment}, {"field": field}), above=1.0)
        pulls.append((out.attrs["substrate_slope"] + 3e-8) / out.attrs["substrate_slope_error"])
    if noise == "correlated":
        assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 0.07
    else:
        assert abs(np.mean(pulls)) < 0.2
        assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 0.04


@pytest.mark.study
@pytest.mark.parametrize("step", [cleaning.even_part, cleaning.odd_part])
def test_parity_with_unequal_points_and_branches(step):
    pulls = []
    for seed in range(RUNS // 5):
        rng = np.random.default_rng(seed)
        field = loop(161, rng=rng, jitter=0.6)
        xx, xy = longitudinal(field, 161), 3.0 * field + 0.2 * np.sign(field)
        sigma = rng.uniform(0.02, 0.06, field.size)
        noisy = {"R_xx": xx + xy + sigma * rng.normal(size=field.size), "R_xx_error": sigma}
        data = measurement(noisy, {"field": field, "time": np.arange(field.size)})
        out = step(data, "R_xx")
        kept = out.time.values.astype(int)
        assert kept.size > 0.95 * field.size
        wanted = (xx if step is cleaning.even_part else xy)[kept]
        near_jump = np.abs(out.field.values) < 0.05
        pulls.append(((out.R_xx.values - wanted) / out.R_xx_error.values)[~near_jump])
    coverage(pulls)


@pytest.mark.parametrize("spread", ["pooled", "own"])
def test_means_of_repeats(spread):
    pulls = []
    for seed in range(RUNS // 5):
        rng = np.random.default_rng(seed)
        angle = np.repeat(np.arange(0, 360, 30.0), 4) + rng.uniform(0, 0.02, 48)
        sigma = 0.3 if spread == "pooled" else 0.1 + 0.5 * (angle > 170)
        signal = np.cos(np.deg2rad(np.round(angle / 30) * 30))
        out = cleaning.average_repeats(
            measurement({"R_xx": signal + sigma * rng.normal(size=48)}, {"angle": angle}), "angle", 0.1, spread
        )
        assert out.sizes["point"] == 12
        pulls.append((out.R_xx.values - np.cos(np.deg2rad(np.arange(0, 360, 30.0)))) / out.R_xx_error.values)
    pulls = np.array(pulls)
    assert abs(np.mean(pulls)) < 0.1
    assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 0.02


def test_reversed_current():
    pulls, alternating = [], []
    for seed in range(RUNS // 5):
        rng = np.random.default_rng(seed)
        field = np.linspace(-1, 1, 41)
        other_field = np.linspace(-1.01, 1.01, 55)

        def run(field, current, sigma=1e-7, rng=rng):
            voltage = current * (10 + field**2) + 3e-6 + sigma * rng.normal(size=field.size)
            return measurement(
                {"V_xx": voltage, "V_xx_error": np.full(field.size, sigma)}, {"field": field, "current": current}
            )

        out = cleaning.reverse_current(run(field, 1e-4), run(other_field, -1.1e-4))
        # the parabola bends by 2 (2.02/54)^2/8 Ohm at most between two points, far less than the noise
        pulls.append((out.V_xx.values / 1e-4 - 10 - field**2) / (out.V_xx_error.values / 1e-4))
        sign = np.where(np.arange(60) % 2, -1.0, 1.0)
        time = np.arange(60.0)
        offset = 1e-6 + 1e-8 * time
        voltage = sign * 1e-4 * 10 + offset + 1e-8 * rng.normal(size=60)
        delta = cleaning.reverse_current(
            measurement({"V_xx": voltage, "V_xx_error": np.full(60, 1e-8)}, {"time": time, "current": sign * 1e-4})
        )
        alternating.append((delta.V_xx.values - 1e-3) / delta.V_xx_error.values)
    coverage(alternating)
    pulls = np.array(pulls)
    assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 0.04


@pytest.mark.study
@pytest.mark.parametrize("sizes", [(1.0, -1.0), (1.0, -0.4), (1.0, -1.0, -1.0, 1.0)])
def test_reversed_current_at_settings(sizes):
    """The error of the drift between two readings is that of the offsets before and after, of unequal currents, too."""
    pulls = []
    for seed in range(RUNS // 5):
        rng = np.random.default_rng(seed)
        angle = np.repeat(np.arange(0, 300, 10.0), len(sizes))
        current = 1e-4 * np.resize(sizes, angle.size)
        time = 0.5 * np.arange(angle.size)
        volts = 10 * current + 1e-6 + 1e-7 * time + 1e-8 * rng.normal(size=angle.size)
        data = measurement(
            {"V_xx": volts, "V_xx_error": np.full(angle.size, 1e-8)},
            {"time": time, "angle": angle, "current": current},
        )
        out = cleaning.reverse_current(data)
        pulls.append((out.V_xx.values - 1e-3) / out.V_xx_error.values)
    pulls = np.array(pulls)
    assert abs(pulls.std() - 1) < 0.06
    assert np.all(np.abs(pulls.std(axis=0) - 1) < 0.3)
    assert abs(pulls.mean()) < 0.05


@pytest.mark.study
@pytest.mark.parametrize(
    ("transverse", "thickness_error"), [("antisymmetric", None), ("symmetric", None), ("antisymmetric", 0.1e-9)]
)
def test_control_errors(transverse, thickness_error):
    pulls = {"R_xx": [], "R_xy": []}
    off = np.array([[0, -1.0], [1, 0]]) if transverse == "antisymmetric" else np.array([[0, 1.0], [1, 0]])
    for seed in range(RUNS // 5):
        rng = np.random.default_rng(seed)
        field = np.linspace(-2, 2, 21)
        film = [np.array([[80.0, 0], [0, 80.0]]) + 6.0 * h * off for h in field]
        buffer = [np.array([[150.0, 0], [0, 150.0]]) - 5.0 * h * off for h in field]
        both = [np.linalg.inv(np.linalg.inv(f) + 0.5 * np.linalg.inv(c)) for f, c in zip(film, buffer, strict=True)]
        sigma = 0.3

        def sample(tensors, squares, thickness, rng=rng, field=field, sigma=sigma):
            xx = squares * (np.array([t[0, 0] for t in tensors]) + sigma * rng.normal(size=21))
            xy = np.array([t[1, 0] for t in tensors]) + sigma * rng.normal(size=21)
            errors = {"R_xx_error": np.full(21, squares * sigma), "R_xy_error": np.full(21, sigma)}
            sizes = {"bar_length": squares * 1e-4, "bar_width": 1e-4, "film_thickness": thickness}
            return measurement({"R_xx": xx, "R_xy": xy, **errors}, {"field": field}, sizes)

        out = cleaning.subtract_control(
            sample(both, 5.0, 8e-9), sample(buffer, 3.0, 6e-9), thickness=3e-9 + (thickness_error or 0) * rng.normal(),
            transverse=transverse, thickness_error=thickness_error,
        )  # fmt: skip
        for name, wanted in (("R_xx", [5 * t[0, 0] for t in film]), ("R_xy", [t[1, 0] for t in film])):
            pulls[name].append((out[name].values - wanted) / out[f"{name}_error"].values)
    if thickness_error is None:
        for found in pulls.values():
            coverage(found)
        return
    # one thickness a run: all rows are off together, and there are as many independent ones as runs
    for found in pulls.values():
        assert abs(np.mean(found)) < 4 / np.sqrt(RUNS // 5)
        assert np.mean(np.square(found)) == pytest.approx(1, abs=4 * np.sqrt(2 / (RUNS // 5)))
    off = np.mean(pulls["R_xx"], axis=1)
    (said,) = (step["remark"] for step in history(out))
    common = float(said.split("together by ")[1].split()[0])
    assert np.std(off) == pytest.approx(common / float(out.R_xx_error.mean()), rel=0.3)


def test_lock_in_phase():
    phases = []
    for seed in range(RUNS // 2):
        rng = np.random.default_rng(seed)
        angle = np.arange(0, 360, 5.0)
        signal = 1e-3 * (1 + 0.01 * np.cos(np.deg2rad(2 * angle)))
        z = signal * np.exp(1j * np.deg2rad(20.0)) + 1e-5 * (rng.normal(size=72) + 1j * rng.normal(size=72))
        out = cleaning.rotate_phase(measurement({"V_X": z.real, "V_Y": z.imag}, {"angle": angle}))
        phases.append(out.attrs["lock_in_phase"])
    assert abs(np.mean(phases) - 20) < 0.01
    assert np.std(phases) == pytest.approx(np.rad2deg(1e-2 / np.sqrt(72)), rel=0.15)


def test_spikes_are_found_and_noise_is_not():
    lost = found = made = 0
    for seed in range(RUNS // 5):
        rng = np.random.default_rng(seed)
        time = np.arange(400.0)
        clean = np.cos(2 * np.pi * time / 200) + 0.01 * rng.normal(size=400)
        lost += 400 - cleaning.remove_spikes(measurement({"R_xx": clean}, {"time": time})).sizes["point"]
        where = rng.choice(400, 8, replace=False)
        # what stands between two steps of the signal is no spike: it has to pass them, too
        dirty = clean.copy()
        dirty[where] += rng.choice([-1, 1], 8) * rng.uniform(0.25, 5, 8)
        out = cleaning.remove_spikes(measurement({"R_xx": dirty}, {"time": time}))
        made += 8
        found += np.sum(~np.isin(where, out.time.values))
        lost += np.sum(~np.isin(np.setdiff1d(np.arange(400), where), out.time.values))
    assert lost <= 2
    # spikes of one size side by side support each other
    assert found > 0.98 * made


def test_residuals_of_a_field_and_its_opposite_count_as_one():
    """Their correlation widens errors above 2.5 standard errors of as many readings as are independent."""
    field, told = np.linspace(-2, 2, 101), []
    for seed in range(30):
        white, small = np.random.default_rng(seed).standard_normal((2, 101))
        noise, hall = lfilter([1.0], [1.0, -0.3], white), field + 1e-9 * small
        data = measurement({"R_xx": 100 + 0.02 * field + noise, "R_xy": hall}, {"field": field})
        out = cleaning.correct_misalignment(data, about="field")
        residual = (noise - noise[::-1]) / 2 + (0.02 - out.attrs["hall_in_longitudinal"]) * field
        r = residual[1:] @ residual[:-1] / (residual @ residual) + 1 / 101
        told.append(r * np.sqrt(101 / 2) > 2.5)
        assert (f"correlate by {r:.2f}" in history(out)[-1]["remark"]) == told[-1]
    assert 5 < np.sum(told) < 25
