"""Figures of what SMR, Hanle effect and their interference contribute."""

import numpy as np
import pytest
from magnet_results import above, contributions, lines, second, words

from spinstack import figures


def test_contributions_share_a_panel_where_they_are_comparable():
    data = contributions()
    figure = figures.field_contributions(data)
    (axes,) = figure.axes
    assert words(figure) == ["everything", "SMR", "Hanle", "interference"]
    drawn = np.stack([line.get_ydata() for line in lines(axes)])
    np.testing.assert_allclose(drawn[0], 1e3 * (data["R_xx"] - data["R_neither"]).values, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(drawn[1:].sum(0), drawn[0], rtol=1e-9, atol=1e-9)
    assert axes.get_ylabel() == "change of $R_{xx}$ (mΩ)"
    assert "B ∥ z,  T = 5 K" in above(figure)


@pytest.mark.study
def test_small_contributions_have_a_scale_of_their_own():
    data = contributions(small=1e-3)
    figure = figures.field_contributions(data)
    large, small = figure.axes
    assert [line.get_label() for line in lines(large)] == ["everything", "SMR"]
    assert [line.get_label() for line in lines(small)] == ["Hanle", "interference"]
    assert small.get_ylabel() == "change of $R_{xx}$ (µΩ)"
    np.testing.assert_allclose(lines(small, 0).get_ydata(), 1e6 * data["hanle"].values, rtol=1e-9)
    assert words(figure) == ["everything", "SMR", "Hanle", "interference"]


def test_the_relative_change_is_that_against_the_bare_film():
    figure = figures.field_contributions(contributions())
    figure.draw_without_rendering()
    right = second(figure.axes[0])
    assert right.get_ylabel() == "relative change (%)"
    assert np.divide(figure.axes[0].get_ylim(), right.get_ylim()) == pytest.approx(5000, rel=1e-9)


def test_with_temperatures_each_contribution_has_a_row():
    data = contributions([2.0, 10.0, 50.0], ["y", "z"])
    figure = figures.field_contributions(data)
    grid = np.reshape(figure.axes, (4, 2))
    assert [a.get_ylabel().partition(" (")[0] for a in grid[:, 0]] == ["everything", "SMR", "Hanle", "interference"]
    assert words(figure) == ["2 K", "10 K", "50 K"]
    np.testing.assert_allclose(lines(grid[1, 1], 2).get_ydata(), 1e3 * data["smr"].values[2, 1], rtol=1e-9)
