"""Rotations in the plane: what a magnet shows a lock-in comes back as the fields of its torques."""

import warnings

import numpy as np
import pytest
from lockin_files import Bench, rotations

import spinstack as ss
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.spin_torque import Layers, harmonic_hall_rotation, quasistatic

FIELDS = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
RMS = {"voltages": "rms", "currents": "rms"}
BENCH = Bench()
ANGLE, SIZE = rotations(FIELDS, 10.0)
CLEAN = BENCH.harmonics(ANGLE, SIZE)
NM = 1e-9


def of(bench):
    return {"anomalous_hall": bench.A, "effective_magnetization": bench.Meff}


def analysed(data, bench=BENCH, **more):
    return harmonic_hall_rotation(data, **{**of(bench), **RMS, **more})


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


def quiet(bench=BENCH, clean=CLEAN, **more):
    return bench.changed(noise=(1e-13, 1e-13)).measured(ANGLE, SIZE, clean=clean, **more)


def test_first_order_is_the_closed_form():
    B, phi, A, P, D, F, M = 0.7, np.linspace(0, 6, 13), 0.8, 0.3, 1e-6, -2e-6, 0.9
    m = quasistatic.in_plane(np.full(13, B), phi, quasistatic.parts(), quasistatic.Torques(D, F), M)
    first, second = quasistatic.harmonics(m).total(A, P, 1e-4)
    cos = np.cos(phi)
    closed = -A * D * cos / (2 * (B + M)) - P / 2 * F * (2 * cos**3 - cos) / B + 1e-4 * cos
    np.testing.assert_allclose(second, closed, atol=1e-11)
    np.testing.assert_allclose(first, P / 2 * np.sin(2 * phi), atol=1e-10)


@pytest.mark.parametrize("changes", [{}, {"A": -0.8}, {"P": -0.3}, {"damping_like": -1.7e-3}, {"field_like": 1e-3}])
def test_a_bench_without_noise_comes_back_with_its_signs(changes):
    bench = BENCH.changed(**changes)
    found = analysed(quiet(bench, None), bench)
    for name, truth, unit in (
        ("damping_like", bench.damping_like, 1e-6), ("field_like_total", bench.field_like, 1e-7),
        ("thermal", bench.thermal, 1e-6), ("nernst", bench.nernst, 1e-6), ("planar_hall", bench.P / 2, 1e-6),
        ("zero", bench.zero, 1e-3), ("phase_1", bench.phase[0], 1e-3), ("phase_2", bench.phase[1] + 90, 1e-2),
        ("leakage", abs(bench.leakage), 1e-6),
    ):  # fmt: skip
        assert value(found, name) == pytest.approx(truth, abs=unit), name


def test_fields_of_the_current_count_to_all_orders():
    """At 14 times the field of the current what is left out in first order is many errors."""
    fields = [0.02, 0.03, 0.05, 0.1, 0.5, 1.5]
    angle, size = rotations(fields, 10.0)
    bench = Bench(field_like=1.4e-3, noise=(2e-10, 2e-10))
    found = analysed(bench.measured(angle, size, seed=1), bench)
    for name, truth in (("damping_like", bench.damping_like), ("field_like_total", bench.field_like)):
        assert abs(value(found, name) - truth) < 4 * error(found, name)
    assert error(found, "field_like_total") < 2e-4 * bench.field_like
    # first order, by least squares of the exact signal
    phi = np.deg2rad(angle)
    m = quasistatic.in_plane(size, phi, quasistatic.parts(), quasistatic.Torques(1.7e-3, 1.4e-3), bench.Meff)
    signal = quasistatic.harmonics(m).total(bench.A, bench.P, 0.0)[1]
    cos = np.cos(phi)
    columns = np.stack([-bench.A * cos / 2 / (size + bench.Meff), -bench.P / 2 * (2 * cos**3 - cos) / size, cos,
                        size * cos], axis=1)  # fmt: skip
    linear = np.linalg.lstsq(columns, signal, rcond=None)[0]
    assert abs(linear[1] / 1.4e-3 - 1) > 20 * error(found, "field_like_total") / 1.4e-3


def test_a_nernst_effect_that_is_left_out_is_taken_for_torque():
    data = BENCH.measured(ANGLE, SIZE, seed=4, clean=CLEAN)
    with_it, without = analysed(data), analysed(data, nernst=False)
    assert abs(value(with_it, "damping_like") - BENCH.damping_like) < 3 * error(with_it, "damping_like")
    bias = value(without, "damping_like") - BENCH.damping_like
    assert abs(bias) > 0.4 * BENCH.damping_like
    assert abs(bias) > 5 * error(without, "damping_like")
    assert "nernst" not in without["parameter"].values


def test_what_is_known_with_an_error_gives_one():
    data = BENCH.measured(ANGLE, SIZE, seed=6, clean=CLEAN)
    plain = analysed(data)
    found = analysed(data, anomalous_hall=[BENCH.A, 0.05 * BENCH.A])
    expected = np.hypot(0.05 * BENCH.damping_like, error(plain, "damping_like"))
    assert error(found, "damping_like") == pytest.approx(expected, rel=1e-2)
    assert error(found, "field_like_total") < 1e-3 * abs(BENCH.field_like)
    found = analysed(data, effective_magnetization=[BENCH.Meff, 0.02])
    # what another value would give
    moved = [value(analysed(data, effective_magnetization=BENCH.Meff + d), "damping_like") for d in (-0.02, 0.02)]
    assert error(found, "damping_like") < abs(moved[1] - moved[0]) / 2 * 1.1
    assert error(found, "damping_like") > 5 * error(plain, "damping_like")


def test_peak_rms_and_peak_to_peak_are_the_same_bench():
    data = quiet()
    names = ["V_1X", "V_1Y", "V_2X", "V_2Y"]
    peaks = data.assign({n: data[n] * np.sqrt(2) for n in names})
    for voltages, currents, factor in (("peak", "rms", 1.0), ("peak", "peak", np.sqrt(2)), ("peak", "peak_to_peak",
                                       2 * np.sqrt(2))):  # fmt: skip
        other = peaks.assign_coords(current=data["current"] * factor)
        found = analysed(other, voltages=voltages, currents=currents)
        assert value(found, "damping_like") == pytest.approx(BENCH.damping_like, rel=1e-3)
    # voltages taken for peak ones are resistances and fields that are too small by nothing but a factor of both
    wrong = analysed(data, voltages="peak")
    assert value(wrong, "planar_hall") == pytest.approx(BENCH.P / 2 / np.sqrt(2), rel=1e-4)


def test_size_and_phase_are_as_good_as_x_and_y():
    data = BENCH.measured(ANGLE, SIZE, seed=2, clean=CLEAN)
    polar = data.drop_vars(["V_1X", "V_1Y", "V_2X", "V_2Y"])
    for n in (1, 2):
        Z = data[f"V_{n}X"].values + 1j * data[f"V_{n}Y"].values
        polar[f"V_{n}R"], polar[f"theta_{n}"] = ("point", np.abs(Z)), ("point", np.rad2deg(np.angle(Z)))
    np.testing.assert_allclose(analysed(polar)["value"], analysed(data)["value"], rtol=1e-6)


def test_one_file_a_field_is_as_good_as_one_file():
    data = BENCH.measured(ANGLE, SIZE, seed=3, clean=CLEAN)
    parts = [data.isel(point=data["field"].values == B) for B in FIELDS]
    np.testing.assert_allclose(analysed(parts)["value"], analysed(data)["value"], rtol=1e-6)


def test_negative_fields_are_half_a_turn():
    data = BENCH.measured(ANGLE, SIZE, seed=5, clean=CLEAN)
    half = data["angle"].values >= 180
    other = data.assign_coords(
        angle=("point", np.where(half, ANGLE - 180, ANGLE)), field=("point", np.where(half, -SIZE, SIZE))
    )
    np.testing.assert_allclose(analysed(other)["value"], analysed(data)["value"], rtol=1e-6)


def test_half_a_turn_is_enough():
    angle, size = rotations(FIELDS, 5.0)
    half = angle <= 180
    found = analysed(BENCH.measured(angle[half], size[half], seed=9))
    for name, truth in (("damping_like", BENCH.damping_like), ("field_like_total", BENCH.field_like)):
        assert abs(value(found, name) - truth) < 4 * error(found, name), name
    assert error(found, "damping_like") < 0.02 * BENCH.damping_like
    negative = BENCH.changed(P=-0.3)
    assert "is negative" in analysed(negative.measured(ANGLE, SIZE), negative).attrs["remark"]


def test_a_field_that_leaves_the_plane_is_told():
    bench = BENCH.changed(tilt=(1.2, -1.6))
    data = bench.changed(noise=(1e-11, 1e-11)).measured(ANGLE, SIZE)
    with pytest.warns(UserWarning, match=r"the field leaves the plane by 2 deg"):
        found = analysed(data, bench)
    assert found.attrs["tilt"] == pytest.approx(2.0, rel=0.02)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert analysed(quiet()).attrs["tilt"] < 0.01


def test_a_turned_reference_wants_its_phases():
    turned = quiet()
    Z = (turned["V_2X"].values + 1j * turned["V_2Y"].values) * np.exp(-0.5j * np.pi)  # the signal now in X
    turned = turned.assign(V_2X=("point", Z.real), V_2Y=("point", Z.imag))
    with pytest.raises(MeasurementError, match=r"phase of the second harmonic: .* its sign cannot be told"):
        analysed(turned)
    found = analysed(turned, phases=[7.0, 9.0])
    assert value(found, "damping_like") == pytest.approx(BENCH.damping_like, rel=1e-2)
    assert value(analysed(turned, phases=[7.0, 189.0]), "damping_like") == pytest.approx(-BENCH.damping_like, rel=1e-2)


def exchanged(data):
    return data.rename({"V_1X": "V_2X", "V_2X": "V_1X", "V_1Y": "V_2Y", "V_2Y": "V_1Y"})


REFUSED = {
    "no angle": (lambda d: d.drop_vars("angle"), r"angle: the measurement has no such column"),
    "no current": (lambda d: d.drop_vars("current"), r'current: .*constants: current = "\.\.\."'),
    "no second harmonic": (
        lambda d: d.drop_vars(["V_2X", "V_2Y"]), r"V_2X and V_2Y: the measurement has no such columns",
    ),
    "half of it": (lambda d: d.drop_vars("V_2X"), r"V_2X and V_2Y: but only V_2Y"),
    "exchanged": (exchanged, r"second harmonic: of which the part that turns twice .* seem to be exchanged"),
    "one field": (lambda d: d.isel(point=d.field.values == 0.1), r"field \[T\]: got '0.1', only 1 of them"),
    "low fields": (
        lambda d: d.isel(point=d.field.values < 0.3),
        r"field \[T\]: .* goes as a thermal voltage and a Nernst voltage, but for .* cannot be told apart",
    ),
    "a third of a turn": (
        lambda d: d.isel(point=d.angle.values < 125), r"angle \[deg\]: 13 rows at 0.05 T, with a gap",
    ),
    "few angles": (lambda d: d.isel(point=slice(None, None, 5)), r"angle \[deg\]: . rows at"),
    "no field": (lambda d: d.assign_coords(field=0 * d.field), r"field \[T\]: got 0.0, in which the magnet has no"),
    "no signal": (lambda d: d.assign(V_1X=0 * d.V_1X, V_1Y=0 * d.V_1Y), r"first harmonic: which is the same in all"),
    "no alternating current": (lambda d: d.assign_coords(current=0 * d.current), r"current \[A\]: got 0.0"),
    "two temperatures": (
        lambda d: d.assign_coords(temperature=("point", np.where(SIZE < 0.3, 10.0, 300.0))), "temperature: which has 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_what_is_wrong(name):
    change, words = REFUSED[name]
    with pytest.raises(MeasurementError, match=words):
        analysed(change(quiet()))


def test_arguments_are_refused_all_at_once():
    with pytest.raises(MeasurementError) as caught:
        harmonic_hall_rotation(quiet(), anomalous_hall=[1, 2, 3], effective_magnetization="x", voltages="RMS",
                               currents="Peak", nernst=False, phases=[1.0])  # fmt: skip
    told = [e.field for e in caught.value.errors]
    assert told == ["effective_magnetization"] or "anomalous_hall" in told
    with pytest.raises(MeasurementError, match=r"voltages: got 'RMS'. Allowed: 'rms', 'peak'. Did you mean 'rms'"):
        analysed(quiet(), voltages="RMS")
    with pytest.raises(TypeError, match="voltages"):  # never guessed
        harmonic_hall_rotation(quiet(), **of(BENCH), currents="rms")
    with pytest.raises(MeasurementError, match=r"effective_magnetization \[T\]: got -0.2, for which the plane is not"):
        analysed(quiet(), effective_magnetization=-0.2)
    with pytest.raises(MeasurementError, match=r"bar_width \[m\]: missing"):
        analysed(quiet(), layers=Layers(1e6, NM, 4 * NM, 0.7))
    with pytest.raises(MeasurementError, match=r"share_above: missing beside the other one"):
        analysed(quiet(), layers=Layers(1e6, NM, 4 * NM, 0.7, share_below=0.7))


def test_efficiencies_are_those_of_the_film():
    """Across the border: a film without symmetry, its own torques, resistances and currents, and back."""
    film = (
        ss.Metal("Pt", thickness=4 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.12)
        | ss.Interface(conductance_up=6e14, conductance_down=3e14, mixing_conductance=7e14 + 2e14j)
        | ss.Ferromagnet("Co", thickness=2 * NM, conductivity=2e6, polarization=0.4, spin_diffusion_length=5 * NM,
                         dephasing_length=0.5 * NM, amr_ratio=0.02, anomalous_hall_angle=0.015)
        | ss.Metal("Ta", thickness=2 * NM, conductivity=6e5, spin_diffusion_length=2 * NM, spin_hall_angle=-0.1)
    )  # fmt: skip
    Ms, width, E = 1.1e6, 5e-6, 4e4
    told = ss.torque_efficiency(film, "Pt", {"Co": Ms}, m="x", E=(E, 0))
    DL, FL = told.effective_field.sel(ferromagnet="Co").values
    oersted = float(told.oersted_field.sel(magnet="Co"))
    R = np.asarray(ss.sheet_resistance(film, m=np.eye(3)))
    share = ss.layer_currents(film, m="x").sheet_current.isel(component=0).values
    Pt, Ta = share[0] / share.sum(), share[-1] / share.sum()
    peak = width * E * share.sum()
    bench = Bench(
        A=R[2, 1, 0], P=R[0, 0, 0] - R[1, 0, 0], Meff=0.6, damping_like=DL, field_like=FL + oersted, peak=peak,
        thermal=2e-5, nernst=1e-5, noise=(1e-12, 1e-12),
    )  # fmt: skip
    data = bench.measured(ANGLE, SIZE, bar_width=width)
    layers = Layers(Ms, 2 * NM, 4 * NM, Pt, resistivity=float(E / told.current_density), share_below=Pt, share_above=Ta)
    found = analysed(data, bench, layers=layers)
    assert oersted < 0 and DL < 0 and abs(FL) > 0.01 * abs(DL)  # noqa: PT018
    assert value(found, "oersted") == pytest.approx(oersted, rel=1e-9)
    assert value(found, "field_like") == pytest.approx(FL, rel=2e-3)
    expected = told.per_current_density.sel(magnet="Co").values
    np.testing.assert_allclose([value(found, "xi_DL"), value(found, "xi_FL")], expected, rtol=2e-3)
    expected = told.per_field.sel(magnet="Co").values
    np.testing.assert_allclose([value(found, f"xi_{n}_per_field") for n in ("DL", "FL")], expected, rtol=2e-3)
    assert value(found, "current_density") == pytest.approx(float(told.current_density), rel=1e-9)


def test_errors_of_the_layers_are_common_to_both_efficiencies():
    data = BENCH.measured(ANGLE, SIZE, seed=8, clean=CLEAN, bar_width=5e-6)
    layers = Layers([1.1e6, 1.1e5], NM, 4 * NM, 0.7, share_below=0.7, share_above=0.0)
    found = analysed(data, layers=layers)
    for name in ("xi_DL", "xi_FL"):
        assert error(found, name) == pytest.approx(0.1 * abs(value(found, name)), rel=0.02)
    C = found["covariance"].sel(parameter="xi_DL", parameter_other="xi_FL")
    assert float(C) == pytest.approx(0.01 * value(found, "xi_DL") * value(found, "xi_FL"), rel=0.02)
    known = analysed(data, layers=Layers(1.1e6, NM, 4 * NM, 0.7))
    assert "xi_DL" in known["parameter"].values
    assert "xi_FL" not in known["parameter"].values, "the Oersted field is not known"
