"""The figure of torque efficiencies."""

import numpy as np
import xarray as xr

from spinstack.figures.finding import figure
from spinstack.observables.registry import observables


def data(fields=True):
    xi = np.array([[0.04, 0.002], [-0.01, -0.03]])
    variables = {
        "per_current_density": (("magnet", "torque"), xi, {"reference": "Pt"}),
        "oersted_field": ("magnet", np.array([-2e-4, 1e-4])),
    }
    coords = {"magnet": ["Co", "YIG"], "torque": ["damping_like", "field_like"]}
    if fields:
        variables["effective_field"] = (("ferromagnet", "torque"), np.array([[7e-4, 4e-5]]))
        coords["ferromagnet"] = ["Co"]
    return xr.Dataset(variables, coords, {"E_V_per_m": [3.0, 4.0], "title": "film"})


def draw(dataset):
    return figure("torque_efficiency", observables()["torque_efficiency"].module)(dataset)


def test_every_magnet_has_two_bars_and_fields_stand_beside_the_oersted_field():
    drawn = draw(data())
    left, right = drawn.axes
    np.testing.assert_allclose([b.get_height() for b in left.patches], [0.04, -0.01, 0.002, -0.03])
    assert [t.get_text() for t in left.get_xticklabels()] == ["Co", "YIG"]
    assert "Pt" in left.get_ylabel()
    np.testing.assert_allclose([b.get_height() for b in right.patches], [700, 40, -200])
    assert right.get_ylabel() == "field at E = 5 V/m (µT)"
    assert [t.get_text() for t in right.get_legend().get_texts()] == ["damping-like", "field-like", "Oersted"]


def test_without_fields_there_is_one_panel():
    assert len(draw(data(fields=False)).axes) == 1
