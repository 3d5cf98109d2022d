"""From a film through files and analyses back to the film: signs, order and errors across all rooms between."""

from pathlib import Path

import numpy as np
import pytest
from lockin_files import Bench, rotations

import spinstack as ss
from spinstack.fitting import (
    LogNormal,
    Normal,
    Problem,
    Sample,
    Unknown,
    efficiency_data,
    fit_film,
    loop_data,
    planes_data,
    resistance_data,
)
from spinstack.measure.angles import fit_planes
from spinstack.measure.control import explain_control
from spinstack.measure.measurement import measurement
from spinstack.measure.spin_torque import Layers, harmonic_hall_rotation
from spinstack.measure.sweeps import anomalous_hall_loop, resistivity_at
from spinstack.study import analyze

NM = 1e-9
#: no two numbers alike, none of its usual sign alone
TRUTH = {"Py.amr_ratio": 0.013, "Py.size_effect_ratio": -0.004, "Py.anomalous_hall_angle": -0.007,
         "Py.conductivity": 3.1e6, "Pt.spin_hall_angle": 0.06}  # fmt: skip
UNKNOWNS = [
    Unknown("Py.amr_ratio", Normal(0, 0.05)),
    Unknown("Py.size_effect_ratio", Normal(0, 0.05)),
    Unknown("Py.anomalous_hall_angle", Normal(0, 0.05)),
    Unknown("Py.conductivity", LogNormal(4e6, 2)),
]
LENGTH, WIDTH = 1.2e-3, 2e-4


def film(**changes):
    py = ss.Ferromagnet(
        "Py", thickness=6 * NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=5 * NM,
        dephasing_length=0.5 * NM, amr_ratio=0.0, size_effect_ratio=0.0, anomalous_hall_angle=0.0,
    )  # fmt: skip
    pt = ss.Metal("Pt", thickness=3 * NM, conductivity=2.4e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.06)
    face = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 1e14j)
    return (pt | face | py).replace(changes)


def measured(true, rng):
    """Results of analyses of what a meter shows of a film."""
    angles = np.arange(0.0, 361.0, 5.0)
    scan = ss.angular_scan(true, plane=["alpha", "beta", "gamma"], angles=angles)
    scans = {}
    for plane in ("alpha", "beta", "gamma"):
        R = scan.R_xx.sel(plane=plane).values * LENGTH / WIDTH
        R = R * (1 + 2e-6 * rng.standard_normal(R.size))
        scans[plane] = measurement({"R_xx": R}, {"angle": angles, "field": np.full(R.size, 2.0)}, {"plane": plane})
    B = np.concatenate([np.linspace(-3, 3, 121), np.linspace(3, -3, 121)])
    side = np.repeat([1.0, -1.0], 121)
    up = np.asarray(ss.sheet_resistance(true, m="z"))[1, 0]
    loop = up * np.tanh((B - 0.4 * side) / 0.1) + 1e-3 * B + 1e-5 * rng.standard_normal(B.size)
    T = np.linspace(280, 310, 31)
    R = np.asarray(ss.sheet_resistance(true, m="y"))[0, 0] * LENGTH / WIDTH * (1 + 1e-3 * (T - 295))
    sizes = {"bar_length": LENGTH, "bar_width": WIDTH, "film_thickness": 9 * NM}
    cooled = measurement({"R_xx": R * (1 + 1e-5 * rng.standard_normal(31))}, {"temperature": T}, sizes)
    return (
        fit_planes(scans), anomalous_hall_loop(measurement({"R_xy": loop}, {"field": B})), resistivity_at(cooled, 295.0)
    )  # fmt: skip


@pytest.mark.study
def test_a_film_comes_back_through_files_and_analyses():
    rng = np.random.default_rng(9)
    planes, loop, resistance = measured(film(**TRUTH), rng)
    data = [
        planes_data(planes, "bilayer", field=0.0),
        loop_data(loop, "bilayer"),
        resistance_data(resistance, "bilayer"),
    ]
    found = fit_film(Problem([Sample("bilayer", film())], UNKNOWNS, data), starts=4)
    assert found.attrs["p_value"] > 1e-3
    for path in list(TRUTH)[:4]:
        row = found.sel(parameter=path)
        assert abs(float(row["value"]) - TRUTH[path]) < 4 * float(row["error"]), path
        assert float(row["error"]) < 0.02 * abs(TRUTH[path]), path


def test_the_field_of_the_scan_is_that_of_the_film():
    planes, _, _ = measured(film(**TRUTH), np.random.default_rng(1))
    assert planes_data(planes, "s").arguments["field"] == 2.0
    with pytest.raises(ss.ParameterError, match=r"s\.field \[T\]: which the result does not tell"):
        planes_data(planes.drop_attrs(deep=False), "s")
    with pytest.raises(ss.ParameterError, match="Allowed: a result of fit_planes"):
        planes_data(planes.sel(parameter=["discrepancy"]), "s")
    with pytest.raises(ss.ParameterError, match="a result of anomalous_hall_loop"):
        loop_data(planes, "s")


@pytest.mark.study
def test_a_control_film_is_explained_alike_by_both_ways():
    """The Fe-Si film from its raw files: the closed form of one layer, and a fit of the solver."""
    run = analyze(Path(__file__).parents[2] / "examples" / "fesi_admr.toml").of_kind("results")
    planes = next(r for r in run.values() if "gamma" in r["parameter"].values and "beta" in r["parameter"].values)
    closed = explain_control([planes], kind="ferromagnet")
    layer = ss.Ferromagnet("FeSi", thickness=3 * NM, conductivity=6.7e5, polarization=0.3, spin_diffusion_length=5 * NM,
                           dephasing_length=NM, amr_ratio=0.0, size_effect_ratio=0.0)  # fmt: skip
    unknowns = [Unknown("FeSi.amr_ratio", Normal(0, 0.05)), Unknown("FeSi.size_effect_ratio", Normal(0, 0.05))]
    problem = Problem([Sample("E2488", ss.Film((layer,)))], unknowns, [planes_data(planes, "E2488", field=0.0)])
    found = fit_film(problem, starts=2)
    for one, other in zip(found["value"].values, ("amr_ratio", "size_effect_ratio"), strict=True):
        row = closed.sel(parameter=other)
        assert one == pytest.approx(float(row["value"]), rel=1e-3)


@pytest.mark.study
def test_efficiencies_of_a_lock_in_record_fit_a_film():
    """From harmonic Hall voltages through the analysis to the spin Hall angle and the mixing conductance of a film."""
    truth = {"Pt.spin_hall_angle": 0.087, "Pt|Py.mixing_conductance.imag": 1.7e14}
    film_of = film(**truth)
    told = ss.torque_efficiency(film_of, "Pt", {"Py": 8e5}, m="x", E=(4e4, 0))
    DL, FL = (float(v) for v in told.effective_field.sel(ferromagnet="Py"))
    oersted, j = float(told.oersted_field.sel(magnet="Py")), float(told.current_density)
    sheet = ss.layer_currents(film_of, m="x").sheet_current.isel(component=0).values
    share, width = sheet[0] / sheet.sum(), 5e-6
    bench = Bench(damping_like=DL, field_like=FL + oersted, peak=j * width * 3 * NM / share, noise=(1e-9, 1e-9))
    data = bench.measured(*rotations([0.05, 0.1, 0.2, 0.5, 1.0, 1.6], 15.0), bar_width=width)
    layers = Layers(8e5, 6 * NM, 3 * NM, share, share_below=share, share_above=0.0)
    found = harmonic_hall_rotation(
        data, anomalous_hall=bench.A, effective_magnetization=bench.Meff, voltages="rms", currents="rms", layers=layers
    )
    made = efficiency_data(found, "bilayer", reference="Pt")
    np.testing.assert_allclose(made.values, told.per_current_density.sel(magnet="Py"), rtol=0.02)
    assert made.covariance[0, 1] == pytest.approx(
        float(found["covariance"].sel(parameter="xi_DL", parameter_other="xi_FL")), rel=1e-9
    )
    unknowns = [Unknown("Pt.spin_hall_angle", Normal(0.1, 0.1)),
                Unknown("Pt|Py.mixing_conductance.imag", Normal(0, 3e14))]  # fmt: skip
    fitted = fit_film(Problem([Sample("bilayer", film())], unknowns, [made]), starts=1)
    for path, true in truth.items():
        row = fitted.sel(parameter=path)
        assert abs(float(row["value"]) - true) < 4 * float(row["error"]), path
        assert float(row["error"]) < 0.1 * true, path
    with pytest.raises(ss.ParameterError, match="a result with xi_DL, which an analysis of torques tells"):
        efficiency_data(found.sel(parameter=["thermal"]), "bilayer", reference="Pt")
