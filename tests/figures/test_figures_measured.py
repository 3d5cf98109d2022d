"""Figures of measured data: what is drawn is what the data and the fit say, spikes hide nothing, nothing is slow."""

import base64
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from pages import outside, texts

from spinstack import figures
from spinstack.figures.measured import beside, binned, part
from spinstack.figures.style import COLOURS, PLANE_COLOURS
from spinstack.measure.measurement import measurement, result
from spinstack.text.errors import ParameterError

RATIO = 4e-4


def scan(plane, rows=1000, ratio=RATIO, drift=0.05, spike=0.0):
    """A scan, its fit with drift, and the drift."""
    rng = np.random.default_rng(len(plane))
    angle = np.linspace(0, 360, rows)
    time_ = 0.3 * np.arange(rows)
    slow = drift * (time_ / time_[-1]) ** 2
    fit = 1700 * (1 + ratio * np.cos(2 * np.deg2rad(angle))) + slow
    R = fit + 0.05 * rng.standard_normal(rows)
    R[rows // 2] += spike
    return measurement({"R_xx": R}, {"angle": angle, "time": time_}, {"plane": plane}), fit, slow


def fitted(*scans, keep=None):
    """A result as fits of several planes give it: curves over the points of all, marked with plane and row."""
    columns = {"fitted": [], "drift": [], "residual": [], "row": [], "plane": []}
    for data, fit, slow in scans:
        rows = np.arange(fit.size) if keep is None else keep
        R = data["R_xx"].values
        for name, values in (("fitted", fit), ("drift", slow), ("residual", R - fit), ("row", np.arange(fit.size))):
            columns[name].append(values[rows])
        columns["plane"].append(np.full(len(rows), data.attrs["plane"]))
    joined = {k: ("point", np.concatenate(v)) for k, v in columns.items()}
    coords = {k: joined.pop(k) for k in ("row", "plane")}
    return result({"c2": (RATIO, 1e-6, "1", "amplitude")}, curves=joined, coords=coords)


def line(axes, label):
    (found,) = [ln for ln in axes.get_lines() if ln.get_label() == label]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


def test_planes_stand_side_by_side_with_fit_residual_and_drift():
    scans = [scan(p) for p in ("alpha", "beta", "gamma")]
    figure = figures.measured_angles({s[0].attrs["plane"]: s[0] for s in scans}, fitted(*scans))
    assert isinstance(figure, Figure)
    grid = np.reshape(figure.axes, (3, 3))
    for column, (data, fit, slow) in zip(grid.T, scans, strict=True):
        x, y = line(column[0], "fit")
        expected = 100 * ((fit - (slow - slow.mean())) / fit.mean() - 1)
        np.testing.assert_array_equal(x, data["angle"])
        np.testing.assert_allclose(y, expected, atol=1e-12)
        _, drift = line(column[2], "drift")
        assert np.ptp(drift) == pytest.approx(1e3 * np.ptp(slow))
        assert any(matplotlib.colors.same_color(ln.get_color(), PLANE_COLOURS[data.attrs["plane"]])
                   for ln in column[0].get_lines())  # fmt: skip
    assert "%" in grid[0, 0].get_ylabel()
    assert "mΩ" in grid[1, 0].get_ylabel()
    assert grid[0, 0].get_ylim() == grid[0, 2].get_ylim()


def test_small_effects_are_told_in_parts_per_million():
    data = scan("beta", ratio=3e-5, drift=0.0)
    assert "10⁻⁶" in figures.measured_angles(data[0], fitted(data)).axes[0].get_ylabel()


def test_rows_left_out_of_a_fit_are_left_out_of_the_figure():
    data, fit, slow = scan("alpha", spike=50.0)
    keep = np.delete(np.arange(fit.size), fit.size // 2)
    figure = figures.measured_angles(data, fitted((data, fit, slow), keep=keep))
    x, _ = line(figure.axes[0], "fit")
    assert x.size == fit.size - 1


def test_a_spike_does_not_flatten_the_curve():
    data = scan("alpha", spike=50.0)
    low, high = figures.measured_angles(data[0], fitted(data)).axes[0].get_ylim()
    assert -0.1 < low < high < 0.1


def test_scan_without_fit_and_with_few_points_has_one_panel():
    data = scan("alpha", rows=37)[0]
    figure = figures.measured_angles(data, title="a film")
    assert len(figure.axes) == 1
    assert figure.get_suptitle() == "a film"


def test_curves_belong_to_their_rows_or_are_not_drawn():
    data, fit, _ = scan("alpha")
    assert part(None, "alpha") == {}
    longer = result({}, curves={"fitted": ("point", np.append(fit, 1.0))})
    assert beside(data, part(longer, "alpha"), "R_xx")[1] == {}
    some = result({}, curves={"fitted": ("point", fit[::2]), "measured": ("point", data["R_xx"].values[::2])})
    assert beside(data, part(some, "alpha"), "R_xx")[0].sizes["point"] == fit[::2].size


def test_binned_means_and_their_errors():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 100, 100_000)
    X, y, e = binned(x, 2 * x + rng.standard_normal(x.size), 5.0)
    assert X.size == 20
    np.testing.assert_allclose(y, 2 * X, atol=5 * e.max())
    spread = np.sqrt(1 + (2 * 5) ** 2 / 12)
    np.testing.assert_allclose(e, spread / np.sqrt(5000), rtol=0.1)


def test_polar_plot_starts_at_its_lowest_value():
    scans = [scan("alpha"), scan("gamma", ratio=8e-4)]
    figure = figures.measured_polar({s[0].attrs["plane"]: s[0] for s in scans}, fitted(*scans))
    assert [a.name for a in figure.axes] == ["polar", "polar"]
    for axes in figure.axes:
        radius = axes.get_lines()[-1].get_ydata()
        assert radius.min() >= 0
        assert axes.get_ylim()[0] == 0
    assert figure.axes[1].get_lines()[-1].get_ydata().max() == pytest.approx(100 * 2 * 8e-4, rel=1e-2)


def loop(rows=100):
    field = np.concatenate([np.linspace(-2, 2, rows), np.linspace(2, -2, rows)])
    side = np.repeat([1, -1], rows)
    return measurement({"R_xy": 0.1 * np.tanh((field - 0.3 * side) / 0.1)}, {"field": field}), side


def test_branches_of_a_loop_have_their_own_colour_and_coercive_fields_are_marked():
    data, side = loop()
    values = {"coercive_field": (0.3, 0.01, "T", ""), "far": (9.0, 1.0, "T", ""), "height": (0.1, 0.01, "Ohm", "")}
    figure = figures.measured_sweep(data, result(values, attributes={"reading": "R_xy"}))
    (axes,) = figure.axes
    for label, sign, colour in (("field rising", 1, COLOURS[0]), ("field falling", -1, COLOURS[1])):
        x, y = line(axes, label)
        mine = side == sign
        assert abs(x.size - mine.sum()) <= 1
        assert set(np.round(x, 9)) <= set(np.round(data["field"].values[mine], 9)) | {2.0, -2.0}
        assert y.max() == pytest.approx(100, rel=0.1)
        assert any(ln.get_color() == colour for ln in axes.get_lines())
    assert not axes.texts  # nothing is written over the data
    words = [t.get_text() for t in figure.legends[0].get_texts()]
    assert words == ["field rising", "field falling", "coercive field\n0.300 ± 0.010 T"]


def test_sweeps_of_several_measurements_share_a_figure_and_show_fits():
    several = {f"{T} K": loop()[0] for T in (2, 10, 20, 50)}
    assert len([a for a in figures.measured_sweep(several).axes if a.get_visible()]) == 4
    data = loop()[0]
    figure = figures.measured_sweep(data, result({}, curves={"fitted": ("point", data["R_xy"].values)}))
    assert len(figure.axes) == 2
    np.testing.assert_allclose(line(figure.axes[0], "fit")[1], 1e3 * data["R_xy"])


def test_temperatures_are_marked_and_crowded_ones_spread():
    T = np.geomspace(2, 300, 100)
    data = measurement({"moment": 1e-6 / T}, {"temperature": T})
    found = result({"temperature": (3.6, 0.1, "K", ""), "theta": (-5.0, 1.0, "K", "")})
    figure = figures.measured_temperature(data, found)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["temperature\n3.60 ± 0.10 K"]
    even = measurement({"R_xx": np.linspace(1, 2, 99)}, {"temperature": np.linspace(2, 300, 99)})
    assert figures.measured_temperature(even).axes[0].get_xscale() == "linear"


def test_reflectivity_is_logarithmic_with_its_ratio_to_the_fit():
    q = np.linspace(0.2, 5, 300)
    fit = (0.3 / q) ** 4
    data = measurement({"intensity": fit * 1.1}, {"angle": q})
    top, bottom = figures.measured_curve(data, result({}, curves={"fitted": ("point", fit)})).axes
    assert top.get_yscale() == "log"
    np.testing.assert_allclose(bottom.get_lines()[0].get_ydata(), np.log10(1.1))


def test_curve_is_drawn_against_what_was_swept():
    E = np.linspace(850, 890, 50)
    data = measurement({"intensity": np.exp(-((E - 870) ** 2))}, {"energy": E, "temperature": 300.0})
    assert figures.measured_curve(data).axes[0].get_xlabel() == "photon energy (eV)"
    assert figures.measured_curve(data, against="energy").axes[0].get_xlabel() == "photon energy (eV)"


def table():
    T = ("temperature", [300.0, 10.0, 100.0], {"units": "K", "long_name": "temperature"})
    return xr.Dataset(
        {
            "c2": ("temperature", [2e-4, 8e-4, 6e-4], {"units": "1"}),
            "c2_error": ("temperature", [1e-5, 2e-5, 3e-5]),
            "R0": (
                "temperature",
                [1800.0, 1700.0, 1750.0],
                {"units": "Ohm", "long_name": "resistance" + 4 * " mean"},
            ),
        },
        coords={"temperature": T},
    )


def test_table_shows_values_in_order_with_their_errors():
    figure = figures.measured_table(table())
    ratio, resistance = figure.axes
    (bars,) = ratio.containers
    np.testing.assert_array_equal(bars.lines[0].get_xdata(), [10, 100, 300])
    np.testing.assert_allclose(bars.lines[0].get_ydata(), [0.08, 0.06, 0.02])
    segments = np.array([np.ptp(s[:, 1]) for s in bars.lines[2][0].get_segments()])
    np.testing.assert_allclose(segments, 2 * np.array([0.002, 0.003, 0.001]))
    assert "%" in ratio.get_ylabel()
    assert "kΩ" in resistance.get_ylabel()
    assert resistance.get_xlabel() == "temperature (K)"
    assert len(figures.measured_table(table(), names=["R0"]).axes) == 1


def test_what_is_far_smaller_than_the_rest_of_its_unit_has_a_panel_of_its_own():
    units = {"units": "Ohm m"}
    values = {"rho_xx": [5e-6, 6e-6], "rho_yy": [3e-7, 6e-6], "rho_xy": [2e-10, 1e-10], "rho_xz": [1e-11, -2e-11]}
    columns = {n: ("temperature", v, units) for n, v in values.items()}
    columns |= {f"{n}_error": ("temperature", [1e-11, 1e-11]) for n in values}
    figure = figures.measured_table(xr.Dataset(columns, coords={"temperature": [5.0, 50.0]}))
    shown = [[c.get_label() for c in axes.containers] for axes in figure.axes]
    # rho xz is nothing within its error, and stays beside the large ones
    assert [len(names) for names in shown] == [3, 1]
    assert "pΩ m" in figure.axes[1].get_ylabel()


def test_table_over_names_has_names_at_its_axis():
    named = xr.Dataset({"c2": ("measurement", [1e-4, 2e-4])}, coords={"measurement": ["first", "second"]})
    labels = [t.get_text() for t in figures.measured_table(named).axes[0].get_xticklabels()]
    assert labels == ["first", "second"]


def test_cleaning_shows_what_was_taken_away():
    raw = scan("alpha", spike=5.0)[0]
    cleaned = raw.isel(point=np.delete(np.arange(1000), 500))
    (axes,) = figures.measured_cleaning(raw, cleaned).axes
    before, after = line(axes, "as read")[1], line(axes, "cleaned")[1]
    assert before.size == 1000
    assert after.size == 999
    assert before.max() > 2 * after.max()
    assert "−" in axes.get_ylabel()


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: figures.measured_angles(loop()[0]), "without angles"),
        (lambda: figures.measured_angles({}), "no measurement"),
        (lambda: figures.measured_angles(scan("alpha")[0], reading="R_yy"), "'R_yy'"),
        (lambda: figures.measured_sweep(scan("alpha")[0]), "against: got .field."),
        (lambda: figures.measured_table(xr.Dataset()), "nothing"),
        (lambda: figures.measured_table(table(), names=["c4"]), "'c4'. Allowed: c2, R0"),
        (lambda: figures.measured_curve(measurement({"x": [1.0]}, {})), "without conditions"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, words):
    with pytest.raises(ParameterError, match=words):
        draw()


@pytest.mark.study
@pytest.mark.parametrize("name", ["angles", "polar", "sweep", "temperature", "table", "cleaning"])
def test_texts_do_not_overlap_and_stay_inside(name):
    scans = [scan(p) for p in ("alpha", "beta", "gamma")]
    planes = {s[0].attrs["plane"]: s[0] for s in scans}
    figure = {
        "angles": lambda: figures.measured_angles(planes, fitted(*scans), title="Fe-Si"),
        "polar": lambda: figures.measured_polar(planes, fitted(*scans), title="Fe-Si"),
        "sweep": lambda: figures.measured_sweep(loop()[0]),
        "temperature": lambda: figures.measured_temperature(
            measurement({"R_xx": np.linspace(1, 2, 99)}, {"temperature": np.geomspace(2, 300, 99)})
        ),
        "table": lambda: figures.measured_table(table(), title="amplitudes"),
        "cleaning": lambda: figures.measured_cleaning(scans[0][0], scans[0][0], title="alpha"),
    }[name]()
    boxes = texts(figure)
    assert outside(figure, boxes) == []
    for i, (a, first) in enumerate(boxes):
        for b, second in boxes[i + 1 :]:
            # the ticks at the common corner of neighbouring panels may touch
            overlap = first.shrunk(0.9, 0.7).overlaps(second.shrunk(0.9, 0.7))
            assert not overlap or name == "polar", (a, b)


def test_figure_within_a_page_is_complete_and_always_the_same():
    data = scan("alpha")
    address = figures.inline(figures.measured_angles(data[0], fitted(data)))
    assert address == figures.inline(figures.measured_angles(data[0], fitted(data)))
    head, _, body = address.partition(",")
    assert head == "data:image/svg+xml;base64"
    root = ET.fromstring(base64.b64decode(body))
    assert root.tag.endswith("svg")
    assert len(address) < 1_000_000


def test_a_million_rows_are_drawn_in_seconds_and_as_an_image():
    rows = 1_000_000
    field = np.linspace(-1, 1, rows)
    data = measurement({"R_xy": field + 0.01 * np.random.default_rng(0).standard_normal(rows)}, {"field": field})
    start = time.perf_counter()
    address = figures.inline(figures.measured_sweep(data))
    assert time.perf_counter() - start < 20
    assert len(address) < 2_000_000


@pytest.mark.study
def test_no_global_state_of_plotting_is_touched():
    code = (
        "import sys; from spinstack import figures; from spinstack.measure.measurement import measurement\n"
        "d = measurement({'R_xx': [1.0, 2, 3]}, {'angle': [0, 1, 2]})\n"
        "figures.inline(figures.measured_angles(d)); print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
