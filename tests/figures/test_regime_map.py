"""Maps of the initial slope with the critical exchange."""

import numpy as np
import pytest
from magnet_results import NM, regimes, scan, words

import spinstack as ss
from spinstack import figures


def test_the_map_of_regimes_is_diverging_about_zero_and_not_transposed():
    data = regimes()
    figure = figures.regime_map(data)
    axes, bar = figure.axes
    mesh = axes.collections[0]
    low, high = mesh.get_clim()
    assert low == -high
    assert high == pytest.approx(1e6 * float(np.abs(data["initial_slope"]).max()), rel=1e-12)
    np.testing.assert_allclose(mesh.get_array(), 1e6 * data["initial_slope"].values.T, rtol=1e-12)
    assert axes.get_xlabel() == "Pt thickness (nm)"
    assert axes.get_ylabel() == "EuS Im mixing conductance (S/m²)"
    assert axes.get_yscale() == "log"
    assert bar.get_ylabel() == "initial slope of $R_{xx}$ (µΩ/T)"
    # red where the resistance grows
    assert mesh.cmap(mesh.norm(high))[0] > mesh.cmap(mesh.norm(high))[2]


def test_the_critical_line_lies_on_the_zero_of_the_slope():
    data = regimes()
    axes = figures.regime_map(data).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), 1e9 * data["Pt.thickness"].values)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), data["critical_exchange"].values)
    assert words(axes.figure) == ["slope zero", "critical $G_i$"]
    assert words(figures.regime_map(data.drop_vars("critical_exchange"))) == ["slope zero"]


def test_the_exchange_is_vertical_whichever_comes_first():
    data = regimes().transpose("EuS.mixing_conductance.imag", "Pt.thickness")
    axes = figures.regime_map(data).axes[0]
    assert axes.get_xlabel() == "Pt thickness (nm)"
    np.testing.assert_allclose(axes.collections[0].get_array(), 1e6 * data["initial_slope"].values, rtol=1e-12)


def test_a_critical_line_repeated_by_a_sweep_is_drawn_once():
    data = regimes()
    data["critical_exchange"] = data["critical_exchange"] + 0 * data["EuS.mixing_conductance.imag"]
    assert len(figures.regime_map(data).axes[0].lines) == 1


def test_both_signs_of_the_exchange_have_their_line():
    data = regimes(-5e15)
    figure = figures.regime_map(data)
    upper, lower = figure.axes[0].lines
    np.testing.assert_array_equal(upper.get_ydata(), -lower.get_ydata())
    assert words(figure) == ["slope zero", "critical $G_i$"]
    assert figure.axes[0].get_ylabel() == "EuS Im mixing conductance (10¹⁵ S/m²)"


def test_a_thickness_in_diffusion_lengths_is_called_so():
    data = regimes()
    attrs = {"units": "1", "long_name": "thickness / diffusion length"}
    data = data.assign_coords({"Pt.thickness": ("Pt.thickness", data["Pt.thickness"].values / (3 * NM), attrs)})
    assert figures.regime_map(data).axes[0].get_xlabel() == "thickness / diffusion length"


def test_points_without_slope_stay_empty():
    data = regimes()
    data["initial_slope"][3, 4] = np.nan
    assert figures.regime_map(data).axes[0].collections[0].get_array().mask.sum() == 1


def test_a_map_of_nothing_but_zero_is_drawn():
    data = regimes()
    data["initial_slope"] = 0 * data["initial_slope"]
    assert words(figures.regime_map(data)) == ["critical $G_i$"]


def test_maps_that_make_no_sense_are_refused():
    with pytest.raises(ss.ParameterError, match="dimensions"):
        figures.regime_map(regimes().isel({"Pt.thickness": 0}))
    data = regimes()
    data["EuS.mixing_conductance.imag"].attrs["units"] = "J m^3"
    with pytest.raises(ss.ParameterError, match="no axis"):
        figures.regime_map(data)
    with pytest.raises(ss.ParameterError, match="Allowed"):
        figures.field_scan(scan().expand_dims("spin"))
