"""The figure of layer currents, and how the figure of an observable is found."""

import itertools

import matplotlib
import numpy as np
import pytest
import xarray as xr

from spinstack import figures
from spinstack.figures.finding import figure
from spinstack.observables.registry import observables


def currents(values, names=("Pt", "Pt|Co", "Co")):
    coords = {"element": list(names), "component": ["x", "y"]}
    data = {"sheet_current": (("element", "component"), np.array(values), {"units": "A/m"})}
    return xr.Dataset(data, coords, {"conditions": "E = (1, 0) V/m"})


def texts(drawn):
    drawn.draw_without_rendering()
    found = drawn.findobj(matplotlib.text.Text)
    return [t for t in found if t.get_visible() and t.get_text().strip()]


def draw(dataset):
    return figure("layer_currents", observables()["layer_currents"].module)(dataset, "title")


def test_each_element_has_its_bar_and_its_part_bottom_first():
    drawn = draw(currents([(6e-3, 1e-5), (-1e-3, 3e-5), (5e-3, 0.0)]))
    across, along = drawn.axes[1], drawn.axes[0]
    assert [t.get_text() for t in along.get_yticklabels()] == ["Pt", "Pt|Co", "Co"]
    np.testing.assert_allclose([bar.get_width() for bar in along.patches], [6, -1, 5])
    assert [t.get_text() for t in along.texts] == ["60 %", "-10 %", "50 %"]
    assert [t.get_text() for t in across.texts] == ["25 %", "75 %", "0 %"]
    assert along.get_xlabel() == "sheet current along x (mA/m)"
    assert across.get_xlabel() == "sheet current along y (µA/m)"
    assert drawn.get_suptitle() == "title\nE = (1, 0) V/m"


def test_a_component_of_rounding_is_left_out():
    assert len(draw(currents([(6e-3, 1e-19), (1e-3, 0.0), (5e-3, -1e-18)])).axes) == 1
    assert len(draw(currents(np.zeros((3, 2)))).axes) == 1


def test_parts_of_a_current_that_cancels_are_not_given():
    assert not draw(currents([(1e-3, 0.0), (0.0, 0.0), (-1e-3, 0.0)])).axes[0].texts


def test_names_of_a_superlattice_do_not_overlap():
    names = [n for k in range(20) for n in (f"Pt[{k}]", f"Pt|Co[{k}]", f"Co[{k}]")]
    drawn = draw(currents(np.ones((60, 2)), names))
    boxes = sorted(t.get_window_extent().bounds[1::2] for t in texts(drawn) if t.get_text() in names)
    assert len(boxes) == 60
    assert all(low + height < above for (low, height), (above, _) in itertools.pairwise(boxes))


@pytest.mark.parametrize("name", ["profile", "angular_scan", "torque"])
def test_listed_figures_are_found_by_name(name):
    assert figure(name) is getattr(figures, name)


def test_what_has_no_figure_has_none():
    assert figure("smr_gap", "temperature") is None
    assert figure("profile_of_nothing") is None
    assert figure("layer_currents", "nowhere") is None
