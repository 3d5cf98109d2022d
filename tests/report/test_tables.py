"""CSV files of whole results."""

import numpy as np
import pandas as pd
import xarray as xr

from spinstack.report import tables
from spinstack.report.tables import write_rows


def test_components_are_columns_and_everything_else_rows(tmp_path):
    rng = np.random.default_rng(0)
    mu, R = rng.normal(size=(2, 4, 3)), rng.normal(size=4)
    data = xr.Dataset(
        {"mu": (("plane", "z", "spin"), mu, {"units": "V"}), "R": ("z", R, {"units": "Ohm"}), "one": ((), 2.5)},
        {
            "plane": ["=a", "b"], "z": ("z", [0.0, 1.0, 1.0, 2.0], {"units": "m"}), "spin": list("xyz"),
            "layer": ("z", ["Pt", "Pt", "Co", "Co"]),
        },
    )  # fmt: skip
    assert write_rows(tmp_path / "all.csv", data)
    frame = pd.read_csv(tmp_path / "all.csv")
    assert [*frame] == ["plane", "z [m]", "layer", "mu_x [V]", "mu_y [V]", "mu_z [V]", "R [Ohm]", "one"]
    assert len(frame) == 8
    for k, letter in enumerate("xyz"):
        np.testing.assert_array_equal(frame[f"mu_{letter} [V]"].values.reshape(2, 4), mu[..., k])
    np.testing.assert_array_equal(frame["R [Ohm]"].values.reshape(2, 4), [R, R])
    assert not frame["plane"][0].startswith("=")
    assert (frame["one"] == 2.5).all()


def test_single_numbers_are_one_row(tmp_path):
    data = xr.Dataset({"R": ((), 3.0, {"units": "Ohm"}), "v": ("component", [1.0, 2.0])}, {"component": ["x", "y"]})
    assert write_rows(tmp_path / "one.csv", data)
    frame = pd.read_csv(tmp_path / "one.csv")
    assert frame.to_dict("records") == [{"R [Ohm]": 3.0, "v_x": 1.0, "v_y": 2.0}]


def test_what_is_too_long_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 5)
    data = xr.Dataset({"R": (("a", "b"), np.zeros((2, 3)))})
    assert not write_rows(tmp_path / "long.csv", data)
    assert not (tmp_path / "long.csv").exists()
