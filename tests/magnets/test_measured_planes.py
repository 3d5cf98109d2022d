"""Films whose magnets lag behind a field, simulated as measured and analysed: what comes back is what was put in."""

import numpy as np
import pytest
from moving_films import pt_co_film

import spinstack as ss
from spinstack.measure.angles import fit_planes
from spinstack.measure.measurement import measurement
from spinstack.measure.sweeps import anomalous_hall_loop

RNG = np.random.default_rng(11)


@pytest.mark.study
@pytest.mark.parametrize("Meff", [0.6, -0.3])
def test_lagging_scans_give_the_film_and_what_holds_its_magnet(Meff):
    film, field, angles = pt_co_film(), 0.9, np.arange(0.0, 360.0, 5.0)
    model = ss.MagneticModel(film, [ss.Macrospin("Co", magnetization=1.1e6, effective_magnetization=Meff)])
    scan = ss.angular_scan(film, angles=angles, field=field, turns="field", m=model)
    data = {}
    for plane in ("alpha", "beta", "gamma"):
        R = scan["R_xx"].sel(plane=plane).values
        rough = 1e-8 * R[0] * RNG.standard_normal(R.size)
        data[plane] = measurement(
            {"R_xx": R + rough}, {"angle": angles, "field": np.full(R.size, field)}, {"plane": plane}
        )
    found = fit_planes(data, mu0_Meff="fit", zero="each", odd="none")["value"]
    # the film in its own words, saturated along the axes; R is not quite of second degree in m
    R = [ss.sheet_resistance(film, m=a, B=field * np.eye(3)["xyz".index(a)])[0, 0] for a in "xyz"]
    assert float(found.sel(parameter="mu0_Meff")) == pytest.approx(Meff, rel=0.01)
    for plane, (first, second) in {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}.items():
        assert float(found.sel(parameter=plane)) == pytest.approx(R[second] / R[first] - 1, abs=1e-5), plane


@pytest.mark.study
def test_a_hall_loop_gives_coercive_field_and_anomalous_resistance():
    """The field 20 degrees off the normal: Stoner and Wohlfarth's switching field, the sign of R_xy."""
    film, B_K, tilt = pt_co_film(), 0.4, np.deg2rad(20.0)
    model = ss.MagneticModel(film, [ss.Macrospin("Co", magnetization=1.1e6, anisotropy_field=B_K, easy_axis="z")])
    strength = np.concatenate([np.linspace(1.5, -1.5, 301), np.linspace(-1.5, 1.5, 301)])
    u = np.array([np.sin(tilt), 0, np.cos(tilt)])
    scan = ss.field_scan(film, strength[:, None] * u, m=model)
    rough = 1e-7 * RNG.standard_normal(strength.size)
    found = anomalous_hall_loop(
        measurement({"R_xy": scan["R_xy"].values + rough}, {"field": strength}), above=1.0
    )["value"]  # fmt: skip
    switches = B_K * (np.cos(tilt) ** (2 / 3) + np.sin(tilt) ** (2 / 3)) ** -1.5
    assert float(found.sel(parameter="coercive_field")) == pytest.approx(switches, abs=0.011)
    saturated = ss.sheet_resistance(film, m="z")[1, 0]
    # in 1 to 1.5 T the magnet is within some degrees of the field
    assert float(found.sel(parameter="amplitude")) == pytest.approx(saturated * np.cos(tilt), rel=0.05)
