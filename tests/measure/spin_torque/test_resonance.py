"""Resonance spectra: Kittel's law, damping, ratios; closed forms, integration in time, a film of three thicknesses."""

import numpy as np
import pytest
import xarray as xr
from lockin_files import Resonator, X, Y, Z

import spinstack as ss
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.spin_torque import Layers, st_fmr, st_fmr_series
from spinstack.measure.spin_torque.resonance import resonance_field, response

GYRO = 2 * 9.2740100783e-24 / 1.054571817646156e-34
FIELD = np.linspace(0.004, 0.35, 80)
FREQUENCIES = np.array([4, 5, 6, 8, 10]) * 1e9
SIZES = {"magnetization": 8e5, "magnet_thickness": 5e-9, "layer_thickness": 6e-9}
BENCH = Resonator()


def spectra(bench, seed=0, angles=(40.0,), frequencies=FREQUENCIES, field=FIELD):
    return [
        bench.measured(f, angle, field, seed=[seed, i, k])
        for i, f in enumerate(frequencies) for k, angle in enumerate(angles)
    ]  # fmt: skip


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


def test_response_is_lorentzian_for_small_damping():
    f, Meff, damping = 6e9, 0.7, 1e-4
    B0 = float(resonance_field(f, Meff, GYRO))
    w = 2 * np.pi * f / GYRO
    assert B0 * (B0 + Meff) == pytest.approx(w**2, rel=1e-12)
    x = np.linspace(-3, 3, 25)
    along, normal = response(B0 + x * damping * w, f, Meff, damping, GYRO)
    size = damping * (2 * B0 + Meff)
    np.testing.assert_allclose(along * size, 1 / (1 + x**2), atol=2e-3)
    np.testing.assert_allclose(normal * size / np.sqrt(1 + Meff / B0), -x / (1 + x**2), atol=2e-3)


@pytest.mark.study
def test_response_is_that_of_the_motion_in_time():
    f, bench = 6e9, Resonator(damping=0.03, inhomogeneous=0.0)
    w, steps, size = 2 * np.pi * f, 200, 0.06
    dt = 2 * np.pi / w / steps
    m, push, last = X.copy(), 1e-6 * (0.6 * Y + 0.8 * Z), []

    def rate(m, t):
        return GYRO * bench.rate(m, size * X, (push - m * (m @ push)) * np.cos(w * t), bench.damping)

    periods = 120
    for k in range(periods * steps):
        t = k * dt
        k1 = rate(m, t)
        k2 = rate(m + dt / 2 * k1, t + dt / 2)
        k3 = rate(m + dt / 2 * k2, t + dt / 2)
        k4 = rate(m + dt * k3, t + dt)
        m = m + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if k >= (periods - 1) * steps:
            last.append(m[1] * np.cos(w * (t + dt)))
    along, normal = response(size, f, bench.Meff, bench.damping, GYRO)
    assert 2 * np.mean(last) == pytest.approx(1e-6 * (0.6 * along + 0.8 * normal), rel=1e-4)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("changes", [{}, {"damping_like": -9e-4}, {"field_like": 1.6e-3}, {"Meff": 0.3}])
def test_a_bench_without_noise_comes_back(changes):
    bench = Resonator(**changes, noise=1e-13)
    found = st_fmr(spectra(bench), **SIZES)
    assert value(found, "effective_magnetization") == pytest.approx(bench.Meff, rel=1e-6)
    assert value(found, "damping") == pytest.approx(bench.damping, rel=1e-5)
    assert value(found, "inhomogeneous_linewidth") == pytest.approx(bench.inhomogeneous, rel=1e-3)
    ratio = bench.damping_like / bench.field_like
    assert value(found, "ratio") == pytest.approx(ratio, rel=1e-5)
    factor = 1.602176634e-19 * 1.25663706212e-6 * 8e5 * 5e-9 * 6e-9 / 1.054571817646156e-34
    assert value(found, "xi_fmr") == pytest.approx(ratio * factor, rel=1e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(found["covariance"])), found["error"])
    C = found["covariance"].sel(parameter="xi_fmr", parameter_other="ratio")
    assert float(C) == pytest.approx(error(found, "ratio") * error(found, "xi_fmr"), rel=1e-6), "of one number"
    above = st_fmr(spectra(bench), **SIZES, metal="above")
    assert value(above, "xi_fmr") == pytest.approx(-ratio * factor, rel=1e-5)


def test_symmetric_and_antisymmetric_parts_are_the_closed_forms():
    found = st_fmr(spectra(Resonator(noise=1e-13, inhomogeneous=0.0)))
    B0, cos = found.resonance_field.values, np.cos(np.deg2rad(40))
    size = -BENCH.current / 2 * BENCH.amr * np.sin(np.deg2rad(80)) / (BENCH.damping * (2 * B0 + BENCH.Meff))
    np.testing.assert_allclose(found.symmetric, size * BENCH.damping_like * cos, rtol=1e-4)
    np.testing.assert_allclose(found.antisymmetric, size * np.sqrt(1 + BENCH.Meff / B0) * BENCH.field_like * cos,
                               rtol=1e-4)  # fmt: skip


@pytest.mark.study
@pytest.mark.parametrize("perpendicular", [False, True])
def test_a_signal_that_is_known_in_volts_gives_the_fields(perpendicular):
    bench = Resonator(noise=1e-9, **({"z_damping": 2e-4, "z_field": -1e-4} if perpendicular else {}))
    angles = (20.0, 70.0, 130.0, 200.0) if perpendicular else (25.0, 55.0)
    data = [d.assign_attrs(bar_width=5e-6) for d in spectra(bench, 7, angles, FREQUENCIES[::2])]
    known = {"magnetoresistance": [bench.amr, 0.02 * bench.amr], "rf_current": bench.current}
    layers = Layers(8e5, 5e-9, 6e-9, 0.9, share_below=0.9, share_above=0.0)
    found = st_fmr(data, **known, layers=layers, perpendicular=perpendicular)
    for name, truth in (("damping_like", bench.damping_like), ("field_like_total", bench.field_like)):
        assert value(found, name) == pytest.approx(truth, rel=2e-3), name
        assert error(found, name) == pytest.approx(0.02 * abs(truth), rel=0.05), name
    oersted = -2e-7 * np.pi * 0.9 * bench.current / 5e-6
    assert value(found, "field_like") == pytest.approx(bench.field_like - oersted, rel=3e-3)
    assert {"xi_DL", "xi_FL", "ratio"} <= set(found["parameter"].values)
    np.testing.assert_allclose(np.sqrt(np.diag(found["covariance"])), found["error"])


@pytest.mark.study
def test_negative_fields_and_one_file():
    both = np.concatenate([-FIELD[::-1], FIELD])
    parts = [BENCH.measured(f, 30.0, FIELD, seed=[1, i]) for i, f in enumerate(FREQUENCIES)]
    turned = [BENCH.measured(f, 210.0, FIELD, seed=[2, i]) for i, f in enumerate(FREQUENCIES)]
    whole = []
    for one, other in zip(parts, turned, strict=True):
        V = np.concatenate([other.V_X.values[::-1], one.V_X.values])
        at = {
            "field": both,
            "frequency": np.full(both.size, float(one.frequency[0])),
            "angle": np.full(both.size, 30.0),
        }
        whole.append(measurement({"V_X": V}, at))
    one_file = xr.concat(whole, "point", combine_attrs="override")
    expected = st_fmr([*parts, *turned])
    for found in (st_fmr(whole), st_fmr(one_file)):
        np.testing.assert_allclose(found["value"], expected["value"], rtol=1e-5)
        assert found.attrs["spectra"] == 10


@pytest.mark.study
def test_spins_along_z_are_told_by_the_angle():
    bench = Resonator(z_damping=2e-4, z_field=-1e-4, noise=1e-9)
    data = spectra(bench, 3, angles=(20.0, 70.0, 130.0, 200.0, 320.0), frequencies=FREQUENCIES[::2])
    found = st_fmr(data, perpendicular=True)
    for name, truth in (("ratio", -0.5625), ("ratio_z_field", 0.0625), ("ratio_z_damping", -0.125)):
        assert abs(value(found, name) - truth) < 4 * error(found, name), name
        assert error(found, name) < 0.01 * abs(truth)
    np.testing.assert_allclose(np.sqrt(np.diag(found["covariance"])), found["error"])
    with pytest.warns(UserWarning, match="the ratios of S and A scatter by more than their errors"):
        st_fmr(data)


def test_a_ratio_has_two_ends():
    found = st_fmr(spectra(Resonator(noise=1e-6, field_like=-2e-4), 5))
    low, high = found.attrs["ratio_low"], found.attrs["ratio_high"]
    assert low < value(found, "ratio") < high
    # the field-like field may be smaller still: the far end is further away
    ends = np.abs([low - value(found, "ratio"), high - value(found, "ratio")])
    assert ends.max() > 1.02 * ends.min()


def film(t):
    return (
        ss.Metal("Pt", thickness=6e-9, conductivity=3e6, spin_diffusion_length=1.5e-9, spin_hall_angle=0.12)
        | ss.Interface(conductance_up=6e14, conductance_down=3e14, mixing_conductance=7e14 + 3e14j)
        | ss.Ferromagnet("Py", thickness=t, conductivity=2e6, polarization=0.4, spin_diffusion_length=5e-9,
                         dephasing_length=0.3e-9)
    )  # fmt: skip


@pytest.mark.study
@pytest.mark.parametrize("metal", ["below", "above"])
def test_a_series_gives_the_efficiencies_of_the_film(metal):
    """Across the border: torques and Oersted fields of films with three magnets; one thickness alone is wrong."""
    Ms, results, expected = 8e5, [], None
    for k, t in enumerate((2e-9, 4e-9, 8e-9)):
        one = film(t)
        if metal == "above":
            one = ss.Film(tuple(reversed(one.elements))).replace({"Pt.spin_hall_angle": -0.12})
        told = ss.torque_efficiency(one, "Pt", {"Py": Ms}, m="x", E=(3e4, 0))
        DL, FL = told.effective_field.sel(ferromagnet="Py").values
        bench = Resonator(damping_like=DL, field_like=FL + float(told.oersted_field.sel(magnet="Py")), noise=1e-11)
        results.append(
            st_fmr(spectra(bench, k), magnetization=Ms, magnet_thickness=t, layer_thickness=6e-9, metal=metal)
        )
        expected = told.per_current_density.sel(magnet="Py").values
    found = st_fmr_series(results)
    np.testing.assert_allclose([value(found, "xi_DL"), value(found, "xi_FL")], expected, rtol=5e-3)
    assert expected[0] > 0
    assert abs(value(results[0], "xi_fmr") / expected[0] - 1) > 0.05
    C = found["covariance"].values
    assert np.allclose(np.sqrt(np.diag(C)), found["error"])


def test_a_series_is_refused_where_it_tells_nothing():
    result = st_fmr(spectra(BENCH), **SIZES)
    other = [result.assign_attrs(magnet_thickness=t) for t in (2e-9, 4e-9, 8e-9)]
    for results, words in (
        ([result, st_fmr(spectra(BENCH))], "results: got .*Allowed: results of st_fmr with magnetization"),
        (other[:2], "rows: got 2"),
        ([result] * 3, r"magnet_thickness \[m\]: got"),
        ([*other[:2], other[2].assign_attrs(metal="above")], "metal: got .*the same side"),
    ):
        with pytest.raises(MeasurementError, match=words):
            st_fmr_series(results)


REFUSED = {
    "two frequencies": (lambda: spectra(BENCH, frequencies=FREQUENCIES[:2]), {}, r"frequency \[GHz\]: got '4, 5'"),
    "no frequency": (
        lambda: [d.drop_vars("frequency") for d in spectra(BENCH)], {}, r'constants: frequency = "6 GHz"',
    ),
    "few rows": (lambda: spectra(BENCH, field=FIELD[::9]), {}, "rows: 9 rows of a spectrum at 4 GHz"),
    "outside": (
        lambda: spectra(BENCH, field=np.linspace(0.004, 0.1, 60)), {}, "resonance: of the fit at .* outside of its",
    ),
    "one angle": (lambda: spectra(BENCH), {"perpendicular": True}, r"angle \[deg\]: got 1"),
    "constant": (lambda: [d.assign(V_X=0 * d.V_X) for d in spectra(BENCH)], {}, "reading: which is the same in all"),
    "half of the sizes": (lambda: spectra(BENCH), {"magnetization": 8e5}, r"magnet_thickness \[m\]: missing"),
    "half of the volts": (lambda: spectra(BENCH), {"rf_current": 1e-3}, r"magnetoresistance \[Ohm\]: missing"),
    "layers alone": (lambda: spectra(BENCH), {"layers": Layers(1e6, 1e-9, 5e-9, 0.5)}, r"magnetoresistance .*missing"),
    "no angle": (
        lambda: [d.drop_vars("angle") for d in spectra(BENCH)], {"magnetoresistance": 0.4, "rf_current": 1e-3},
        r"angle \[deg\]: missing, which effective fields need",
    ),
    "a wrong side": (lambda: spectra(BENCH), {"metal": "left"}, "metal: got 'left'. Allowed: 'below', 'above'"),
    "another reading": (lambda: spectra(BENCH), {"reading": "V_xx"}, "V_xx: the measurement has no such column"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_what_is_wrong(name):
    made, arguments, words = REFUSED[name]
    with pytest.raises(MeasurementError, match=words):
        st_fmr(made(), **arguments)
