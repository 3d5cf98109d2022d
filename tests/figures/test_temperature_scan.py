"""Figures against temperature: directions of the magnetisation, and the gap between two."""

import numpy as np
import pytest
from magnet_results import above, gap, lines, scan, second, words
from matplotlib.colors import to_hex

from spinstack import figures
from spinstack.figures.style import AXIS_COLOURS


def test_a_temperature_scan_has_one_curve_a_direction():
    T = np.linspace(5, 100, 20)
    data = scan(T, ["y", "z"]).isel(field=-1, drop=True).drop_vars(["B", "axis"]).transpose("temperature", "direction")
    data.attrs["B_T"] = [0.0, 0.0, 8.0]
    figure = figures.temperature_scan(data)
    assert words(figure) == ["m ∥ y", "m ∥ z"]
    np.testing.assert_allclose(lines(figure.axes[0], 1).get_xdata(), T)
    np.testing.assert_allclose(lines(figure.axes[0], 1).get_ydata(), 100 * data["MR_xx"].values[:, 1], rtol=1e-12)
    assert figure.axes[-1].get_xlabel() == "temperature (K)"
    assert "B = (0, 0, 8) T" in above(figure)
    single = figures.temperature_scan(data.isel(direction=1, drop=True))
    assert not words(single)
    np.testing.assert_array_equal(lines(single.axes[0], 0).get_ydata(), lines(figure.axes[0], 1).get_ydata())


def test_geometric_temperatures_are_drawn_on_a_logarithmic_axis():
    data = scan(np.geomspace(2, 300, 12)).isel(field=-1, drop=True).drop_vars("B")
    assert figures.temperature_scan(data).axes[0].get_xscale() == "log"


def test_a_gap_is_drawn_with_both_resistances_and_its_ratio():
    data = gap()
    figure = figures.temperature_scan(data.assign_attrs(field_T=1.5))
    figure.draw_without_rendering()
    both, axes = figure.axes
    assert words(figure) == ["m ∥ y", "m ∥ z"]
    assert [to_hex(line.get_color()) for line in lines(both)] == [AXIS_COLOURS[a].lower() for a in "yz"]
    shown = lines(both, 1).get_ydata() - lines(both, 0).get_ydata()
    np.testing.assert_allclose(shown, 1e3 * data["gap"].values, atol=1e-6)
    np.testing.assert_allclose(lines(axes, 0).get_ydata(), 1e3 * data["gap"].values)
    assert axes.get_ylabel() == "SMR gap $R_{xx}(z)-R_{xx}(y)$ (mΩ)"
    right = second(axes)
    assert right.get_ylabel() == "gap / $R_{xx}(y)$ (%)"
    top = axes.get_ylim()[1] / 1e3
    assert right.get_ylim()[1] == pytest.approx(100 * top / 500, rel=1e-4)
    assert "B = 1.5 T along m" in above(figure)
