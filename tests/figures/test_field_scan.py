"""Figures of field scans and of paths of the field: what the data say, and axes that say what it is."""

import matplotlib
import numpy as np
import pytest
from magnet_results import FIELD, above, lines, path, scan, second, words
from matplotlib.colors import to_hex

from spinstack import figures
from spinstack.figures.panels import HEAT
from spinstack.figures.style import AXIS_COLOURS

RNG = np.random.default_rng(7)


def test_a_scan_is_drawn_in_percent_milliohm_and_tesla():
    data = scan()
    figure = figures.field_scan(data)
    ratio, transverse = figure.axes
    np.testing.assert_allclose(lines(ratio, 0).get_xdata(), FIELD)
    np.testing.assert_allclose(lines(ratio, 0).get_ydata(), 100 * data["MR_xx"].values, rtol=1e-12)
    np.testing.assert_allclose(lines(transverse, 0).get_ydata(), 1e3 * data["R_xy"].values, rtol=1e-12)
    assert ratio.get_ylabel() == r"$(R_{xx}-R_\mathrm{ref})/R_\mathrm{ref}$ (%)"
    assert transverse.get_ylabel() == "$R_{xy}$ (mΩ)"
    assert transverse.get_xlabel() == "field (T)"


def test_the_second_axis_gives_the_change_in_ohm():
    figure = figures.field_scan(scan())
    figure.draw_without_rendering()
    right = second(figure.axes[0])
    assert right.get_ylabel() == r"$R_{xx}-R_\mathrm{ref}$ (mΩ)"
    # 0.01 % of 500 Ohm are 50 mOhm
    assert np.divide(right.get_ylim(), figure.axes[0].get_ylim()) == pytest.approx(5000, rel=1e-9)


def test_what_is_the_same_for_all_stands_above():
    text = above(figures.field_scan(scan(), title="EuS/Pt"))
    assert text.strip().startswith("EuS/Pt\n")
    assert r"T = 5 K,  $R_\mathrm{ref}$: $R_{xx}$ without field" in text


def test_the_direction_is_read_off_the_field_where_it_has_no_dimension():
    assert words(figures.field_scan(scan())) == ["B ∥ z"]
    oblique = scan()
    oblique["B"] = ("field", "axis"), FIELD[:, None] * np.array([0.6, 0.0, 0.8])
    assert words(figures.field_scan(oblique)) == ["B ∥ (0.6, 0, 0.8)"]


def test_each_direction_has_its_colour_and_dashes():
    figure = figures.field_scan(scan(directions=["x", "y", "z"]))
    drawn = lines(figure.axes[0])
    assert words(figure) == ["B ∥ x", "B ∥ y", "B ∥ z"]
    assert [to_hex(line.get_color()) for line in drawn] == [AXIS_COLOURS[a].lower() for a in "xyz"]
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in drawn}) == 3
    np.testing.assert_allclose(drawn[1].get_ydata(), 100 * scan(directions=["y"])["MR_xx"].values[0], rtol=1e-12)


@pytest.mark.parametrize("n", [2, 8])
def test_temperatures_run_from_cold_to_hot_with_a_key(n):
    T = np.geomspace(2, 300, n)[RNG.permutation(n)]
    figure = figures.field_scan(scan(T))
    drawn = lines(figure.axes[0])
    assert words(figure) == [f"{t:.4g} K" for t in T]
    assert figure.legends[0].get_title().get_text() == "temperature"
    # brightness follows temperature, whatever the order
    bright = [np.dot(matplotlib.colors.to_rgb(line.get_color()), [0.21, 0.72, 0.07]) for line in drawn]
    assert list(np.argsort(bright)) == list(np.argsort(T))
    np.testing.assert_allclose(drawn[0].get_ydata(), 100 * scan(T)["MR_xx"].values[0, :], rtol=1e-12)
    assert "B ∥ z" in above(figure)


def test_many_temperatures_have_a_colour_bar():
    T = np.linspace(10, 290, 15)
    figure = figures.field_scan(scan(T, ["y", "z"]))
    bar = figure.axes[-1]
    assert bar.get_ylabel() == "temperature (K)"
    assert bar.get_ylim() == (10, 290)
    assert not figure.legends
    assert lines(figure.axes[0], 7).get_color() == HEAT(0.5)


def test_several_directions_and_temperatures_make_columns_on_one_scale():
    data = scan([2.0, 20.0], ["y", "z"])
    figure = figures.field_scan(data)
    left, right = figure.axes[:2]
    assert [left.get_title(), right.get_title()] == ["B ∥ y", "B ∥ z"]
    assert left.get_ylim() == right.get_ylim()
    for k, axes in enumerate((left, right)):
        for i in range(2):
            shown = lines(axes, i).get_ydata()
            np.testing.assert_allclose(shown, 100 * data["MR_xx"].values[i, k], rtol=1e-12)


def test_resistances_have_a_panel_where_references_differ():
    data = scan([2.0, 20.0], own=True)
    figure = figures.field_scan(data)
    assert len(figure.axes) == 3
    said = figure.axes[0].get_ylabel()
    assert said.startswith("$R_{xx}$ − 500 Ω")
    base = float(said.split("− ")[1].split(" ")[0])
    shown = [line.get_ydata() for line in lines(figure.axes[0])]
    np.testing.assert_allclose(shown, 1e3 * (data["R_xx"].values - base), atol=1e-9)
    assert not figure.axes[1].child_axes


def test_tiny_changes_are_shown_in_millionths():
    figure = figures.field_scan(scan(size=1e-3))
    assert figure.axes[0].get_ylabel().endswith("(10⁻⁶)")
    assert lines(figure.axes[0], 0).get_ydata().max() == pytest.approx(2 * np.tanh(1.6) ** 2, rel=1e-9)


def test_small_fields_are_given_in_millitesla():
    axes = figures.field_scan(scan(field=np.linspace(0, 0.02, 11))).axes[-1]
    assert axes.get_xlabel() == "field (mT)"
    assert lines(axes, 0).get_xdata()[-1] == pytest.approx(20)


def test_a_hall_voltage_of_rounding_is_drawn_flat():
    data = scan(hall=0.0)
    data["R_xy"] = data["R_xy"] + 1e-14 * RNG.normal(size=FIELD.size)
    axes = figures.field_scan(data).axes[1]
    assert axes.get_ylabel() == "$R_{xy}$ (Ω)"
    assert np.ptp(lines(axes, 0).get_ydata()) < 1e-9 * np.ptp(axes.get_ylim())


def test_dimensions_of_length_one_are_no_different():
    one, squeezed = (figures.field_scan(d) for d in (scan([5.0], ["z"]), scan()))
    assert words(one) == words(squeezed) == ["B ∥ z"]
    assert "T = 5 K" in above(one)
    np.testing.assert_array_equal(lines(one.axes[0], 0).get_ydata(), lines(squeezed.axes[0], 0).get_ydata())


def test_a_single_field_is_a_point():
    axes = figures.field_scan(scan(field=np.array([3.0]))).axes[0]
    assert lines(axes, 0).get_marker() == "o"


@pytest.mark.study
def test_a_path_along_one_axis_is_drawn_against_that_component():
    loop = np.concatenate([np.linspace(-2, 2, 21), np.linspace(2, -2, 21)])
    figure = figures.field_scan(path(np.stack([0 * loop + 0.5, 0 * loop, loop], -1)))
    assert len(figure.axes) == 2
    assert figure.axes[-1].get_xlabel() == "field $B_z$ (T) at $B_x$ = 0.5 T"
    np.testing.assert_allclose(lines(figure.axes[0], 0).get_xdata(), loop)


def test_a_path_that_turns_is_drawn_against_its_steps_with_the_field_below():
    turn = np.linspace(0, 2 * np.pi, 41)
    B = 2 * np.stack([0 * turn, np.sin(turn), np.cos(turn)], -1)
    figure = figures.field_scan(path(B))
    below = figure.axes[-1]
    assert below.get_xlabel() == "step of the path"
    assert below.get_ylabel() == "field (T)"
    np.testing.assert_allclose([line.get_ydata() for line in below.lines], B.T)
    assert [t.get_text() for t in below.get_legend().get_texts()] == ["$B_x$", "$B_y$", "$B_z$"]
    np.testing.assert_array_equal(lines(figure.axes[0], 0).get_xdata(), np.arange(41))
