"""A fit is drawn wherever its data are: as a line over the points, with its window, for every analysis of sweeps."""

import numpy as np
import pytest

from spinstack import figures
from spinstack.measure import angles, sweeps
from spinstack.measure.measurement import measurement
from spinstack.measure.superlattice import fit_edges
from spinstack.measure.sweeps.bands import sheet_resistances
from spinstack.measure.sweeps.order_parameter import weiss_magnetization

RNG = np.random.default_rng(5)
UP = np.linspace(-2, 2, 81)
FIELD, SIDE = np.concatenate([UP, UP[::-1]]), np.repeat([1, -1], UP.size)


def hall(B=FIELD):
    return measurement({"R_xy": 0.1 * B + 0.02 * np.sign(B) + 1e-5 * RNG.normal(size=B.size)}, {"field": B})


def loop(rows=1):
    B, side = FIELD[::rows], SIDE[::rows]
    y = 0.1 * np.tanh((B - 0.3 * side - 0.02) / 0.1) + 0.005 * B + 0.003
    return measurement({"R_xy": y + 1e-4 * RNG.normal(size=B.size)}, {"field": B})


def butterfly():
    R = 1700 * (1 + 2e-4 * np.exp(-(((FIELD - 0.4 * SIDE) / 0.2) ** 2)) - 1e-5 * np.abs(FIELD))
    return measurement({"R_xx": R + 1e-3 * RNG.normal(size=R.size)}, {"field": FIELD})


def bands():
    B = np.linspace(-9, 9, 91)
    along, across = sheet_resistances(B, np.array([1e16, 5e16]), np.array([0.2, -0.05]))
    noise = RNG.normal(size=(2, B.size))
    return measurement({"R_xx": 2 * along + 0.1 * noise[0], "R_xy": across + 0.1 * noise[1]}, {"field": B})


def resistance():
    T = np.linspace(2, 300, 150)
    R = 100 + 10 * (T / 300) ** 2 + 0.5 * np.log(30 / T) * (T < 30)
    return measurement({"R_xx": R + 1e-3 * RNG.normal(size=T.size)}, {"temperature": T})


def magnet():
    T = np.linspace(5, 200, 79)
    m = 1e-6 * weiss_magnetization(T / 120) + 5e-9 * RNG.normal(size=T.size)
    return measurement({"moment": m}, {"temperature": T})


def paramagnet():
    T = np.linspace(50, 300, 60)
    m = 0.1 * (1e-5 / (T - 20) + 1e-8)
    return measurement({"moment": m * (1 + 1e-4 * RNG.normal(size=T.size))}, {"temperature": T, "field": 0.1})


CASES = {
    "hall": (hall, lambda d: sweeps.hall_slope(d, above=1.0), figures.measured_sweep, [(-2, -1), (1, 2)]),
    "hall, all": (hall, lambda d: sweeps.hall_slope(d, anomalous=True), figures.measured_sweep, [(-2, 0), (0, 2)]),
    "loop": (loop, lambda d: sweeps.anomalous_hall_loop(d, above=1.2), figures.measured_sweep, [(-2, -1.2), (1.2, 2)]),
    "tanh": (loop, lambda d: sweeps.anomalous_hall_loop(d, method="tanh"), figures.measured_sweep, []),
    "two bands": (bands, lambda d: sweeps.two_band(d, bar_length=2.0, bar_width=1.0), figures.measured_sweep, []),
    "mean field": (magnet, lambda d: sweeps.critical_temperature(d, "mean_field", window=(40, 180)),
                   figures.measured_temperature, [(40, 180)]),
    "power": (magnet, lambda d: sweeps.critical_temperature(d, "power", window=(80, 150)), figures.measured_temperature,
              [(80, 150)]),
    "Curie and Weiss": (paramagnet, lambda d: sweeps.curie_weiss(d, (150, 300)), figures.measured_temperature,
                        [(150, 300)]),
    "butterfly": (butterfly, sweeps.butterfly, figures.measured_sweep, None),
    "tangent": (magnet, sweeps.critical_temperature, figures.measured_temperature, None),
    "derivative": (magnet, lambda d: sweeps.critical_temperature(d, "derivative"), figures.measured_temperature, None),
    "residual ratio": (resistance, sweeps.residual_ratio, figures.measured_temperature, None),
    "upturn": (resistance, sweeps.upturn, figures.measured_temperature, None),
}  # fmt: skip


def lines(axes, label):
    return [ln for ln in axes.get_lines() if ln.get_label() == label]


def spans(axes):
    """The shaded windows of a fit, without bands of errors."""
    shaded = [p for p in axes.patches if p.get_zorder() == 0]
    return sorted((p.get_x(), p.get_x() + p.get_width()) for p in shaded)


@pytest.mark.parametrize("name", CASES)
def test_the_fit_of_an_analysis_is_drawn_over_its_data(name):
    make, analyse, draw, windows = CASES[name]
    data = make()
    found = analyse(data)
    figure = draw(data, found)
    panels = [axes for axes in figure.axes if lines(axes, "fit")]
    assert len(panels) == (2 if name == "two bands" else 1)
    for axes in panels:
        (fit,) = lines(axes, "fit")
        x, y = fit.get_xdata(), fit.get_ydata()
        assert np.isfinite(x).sum() > 50
        points = np.concatenate([np.column_stack(ln.get_data()) for ln in axes.get_lines() if ln.get_marker() == "o"])
        assert len(points) == data.sizes["point"]  # of all data, also those outside of the window
        height = np.ptp(points[:, 1])
        # every place of the line has a measured point close by
        reach = np.ptp(points[:, 0])
        for a, b in np.column_stack([x, y])[np.isfinite(x)]:
            near = np.hypot((points[:, 0] - a) / reach, (points[:, 1] - b) / height)
            assert near.min() < 0.15, (a, b)
        if windows is not None:
            assert len(spans(axes)) == len(windows)
            # the points that took part end within a step of what was asked for
            assert (
                not windows or np.abs(np.subtract(spans(axes), windows)).max() < 5 * (np.abs(windows).max() > 10) + 0.05
            )
        else:
            assert spans(axes)
    words = [t.get_text() for t in figure.legends[0].get_texts()]
    assert "fit" in words
    assert any(w.startswith("window") for w in words) == (windows != [])
    assert not any(axes.texts for axes in figure.axes)


def test_a_window_is_drawn_where_it_was_asked_for():
    data = hall()
    axes = figures.measured_sweep(data, sweeps.hall_slope(data, above=1.0)).axes[0]
    np.testing.assert_allclose(spans(axes), [(-2, -1), (1, 2)], atol=1e-12)
    (fit,) = lines(axes, "fit")
    inside = np.isfinite(fit.get_xdata())
    assert np.abs(fit.get_xdata()[inside]).min() >= 1.0
    B = fit.get_xdata()[inside]
    np.testing.assert_allclose(fit.get_ydata()[inside], 1e3 * (0.1 * B + 0.02 * np.sign(B)), atol=0.05)


def test_between_few_points_there_is_the_model_and_without_a_fit_nothing():
    data = loop(rows=6)
    found = sweeps.anomalous_hall_loop(data, method="tanh")
    axes = figures.measured_sweep(data, found).axes[0]
    (fit,) = lines(axes, "fit")
    p = {str(n): float(v) for n, v in zip(found["parameter"].values, found["value"].values, strict=True)}
    B = fit.get_xdata()[:401]
    rising = p["amplitude"] * np.tanh((B - p["coercive_rising"]) / p["width"]) + p["slope"] * B + p["offset"]
    np.testing.assert_allclose(fit.get_ydata()[:401], 1e3 * rising, atol=1e-9)
    bare = figures.measured_sweep(data).axes[0]
    assert {ln.get_linestyle() for ln in bare.get_lines()} == {"None"}
    dense = figures.measured_sweep(loop()).axes[0]
    assert "-" in {ln.get_linestyle() for ln in dense.get_lines()}


def test_halves_of_widths_are_no_places():
    data = loop()
    words = [
        t.get_text() for t in figures.measured_sweep(data, sweeps.anomalous_hall_loop(data)).legends[0].get_texts()
    ]
    named = {w.split("\n")[0] for w in words if "\n" in w}
    assert named == {"bias", "coercive rising", "coercive falling"}


def test_the_residual_stands_below_its_data_on_a_logarithmic_axis_too():
    T = np.geomspace(2, 300, 90)
    moment = 0.1 * 1e-5 / (T + 1) * (1 + 1e-3 * RNG.normal(size=T.size))
    data = measurement({"moment": moment}, {"temperature": T, "field": 0.1})
    upper, lower = figures.measured_temperature(data, sweeps.curie_weiss(data, (50, 300))).axes
    assert upper.get_xscale() == lower.get_xscale() == "log"
    assert upper.get_xlim() == lower.get_xlim()
    assert lower.get_lines()[0].get_xdata().min() >= 50


def test_several_measurements_have_their_own_fits():
    several = {f"{T} K": loop() for T in (2, 10)}
    figure = figures.measured_sweep(several, {key: sweeps.anomalous_hall_loop(one) for key, one in several.items()})
    assert [len(lines(axes, "fit")) for axes in figure.axes if axes.get_visible()] == [1, 1]


def turn(T, rows=37, plane="beta", spike=0.0):
    angle = np.linspace(0, 360, rows)
    R = 1700 * (1 + 4e-4 * (1 - T / 400) * np.cos(2 * np.deg2rad(angle - 20))) + 0.01 * RNG.normal(size=rows)
    R[rows // 3] += spike
    conditions = {"angle": angle, "temperature": T, "time": np.arange(rows) * 1.0}
    return measurement({"R_xx": R}, conditions, {"plane": plane})


def test_temperatures_share_a_polar_plot_with_a_legend():
    scans = {f"file {T}": turn(float(T)) for T in (300, 10, 100)}
    fits = {key: angles.fit_harmonics(one, orders=(1, 2)) for key, one in scans.items()}
    figure = figures.measured_polar(scans, fits)
    (axes,) = figure.axes
    assert axes.name == "polar"
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["300 K", "10 K", "100 K"]
    np.testing.assert_allclose(np.rad2deg(axes.get_xticks()), [0, 90, 180, 270])
    curves = [ln for ln in axes.get_lines() if ln.get_linestyle() == "-"]
    for curve, T in zip(curves, (300, 10, 100), strict=True):
        radius = curve.get_ydata()
        assert radius.min() >= 0
        assert radius.max() == pytest.approx(100 * 8e-4 * (1 - T / 400), rel=0.1)
    assert len({str(curve.get_color()) for curve in curves}) == 3


def test_files_without_a_condition_go_by_their_names_and_fields_by_theirs():
    scans = {"first": turn(10.0), "Fe3O4": turn(10.0)}
    assert [t.get_text() for t in figures.measured_polar(scans).legends[0].get_texts()] == ["first", "Fe₃O₄"]
    fields = {f"{B}": turn(10.0).assign_coords(field=("point", np.full(37, B))) for B in (0.5, 9.0)}
    assert [t.get_text() for t in figures.measured_polar(fields).legends[0].get_texts()] == ["0.5 T", "9 T"]


def test_points_that_a_fit_left_out_are_crosses():
    data = turn(10.0, spike=5.0)
    axes = figures.measured_angles(data, angles.fit_harmonics(data, orders=(2,), drop_spikes=6)).axes[0]
    (crosses,) = lines(axes, "left out of the fit")
    np.testing.assert_allclose(crosses.get_xdata(), [120.0])
    (fit,) = lines(axes, "fit")
    assert fit.get_xdata().size == 361  # harmonics between the points, too
    np.testing.assert_allclose(
        fit.get_ydata(), 100 * 4e-4 * (1 - 10 / 400) * np.cos(2 * np.deg2rad(fit.get_xdata() - 20)), atol=3e-3
    )


def test_a_fit_in_a_window_leaves_the_data_outside_of_it_in_the_figure():
    energy = np.linspace(840, 880, 200)
    peaks = 1 / (1 + (energy - 852) ** 2) + 0.6 / (1 + (energy - 869) ** 2) + 0.01 * RNG.normal(size=200)
    data = measurement({"intensity": peaks}, {"energy": energy})
    found = fit_edges(data, [852.0, 869.0], shape="lorentzian", window=(845, 875), step="none")
    figure = figures.measured_curve(data, found)
    upper, lower = figure.axes
    ((low, high),) = spans(upper)
    assert 845 <= low < 845.3
    assert 874.7 < high <= 875
    (points,) = [ln for ln in upper.get_lines() if ln.get_marker() == "o"]
    assert points.get_xdata().size == 200
    (fit,) = lines(upper, "fit")
    assert (fit.get_xdata().min(), fit.get_xdata().max()) == (low, high)
    residual = lower.get_lines()[0]
    inside = (energy >= 845) & (energy <= 875)
    np.testing.assert_allclose(residual.get_xdata(), energy[inside])
    assert np.ptp(residual.get_ydata()) > 0
    words = [t.get_text().split("\n")[0] for t in figure.legends[0].get_texts()]
    assert words == ["window of the fit", "peak a", "peak b", "background", "fit", "centre a", "centre b"]
    tops = [lines(upper, f"peak {k}")[0].get_ydata() for k in "ab"]
    (below,) = lines(upper, "background")
    # each peak stands on the background, and all of them together are the fit
    np.testing.assert_allclose(sum(tops) - below.get_ydata(), fit.get_ydata(), atol=1e-12)
    assert tops[0].max() - below.get_ydata().max() == pytest.approx(1.0, abs=0.05)
