"""Resistance-area product and polarisation of a barrier from a curve of resistance against angle."""

import numpy as np
import pytest
from plain_films import ferromagnet

import spinstack as ss
from spinstack.fitting import Data, LogUniform, Problem, Sample, Uniform, Unknown


@pytest.mark.study
def test_a_curve_against_angle_gives_back_the_barrier():
    truth = {"MgO.resistance_area_product": 2.4e-12, "MgO.polarization": 0.61}
    barrier = ss.TunnelJunction("MgO", resistance_area_product=1e-12, polarization=0.4)
    film = ferromagnet("A", dephasing_length=1e-9) | barrier | ferromagnet("B", dephasing_length=1e-9)
    scan = {"plane": "gamma", "angles": [0.0, 45.0, 90.0, 135.0, 180.0], "m": {"A": "x"}}
    R = ss.perpendicular_scan(film.replace(truth), **scan).resistance_area.values
    rough = R * (1 + 1e-3 * np.random.default_rng(4).standard_normal(R.size))
    unknowns = [
        Unknown("MgO.resistance_area_product", LogUniform(1e-13, 1e-10)),
        Unknown("MgO.polarization", Uniform(0.2, 0.95)),
    ]
    data = Data("cell", ss.perpendicular_scan, rough, 1e-3 * R, scan, "resistance_area")
    result = ss.fit(Problem([Sample("cell", film)], unknowns, [data]), starts=4, seed=1)
    for path, value in truth.items():
        found, error = result.values[path], result.errors[path]
        assert found == pytest.approx(value, abs=4 * error)
        assert error < 3e-3 * value
