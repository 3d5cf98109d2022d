"""Films that are simulated as measured, with all that their own torques and resistances do, and analysed back."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.measure.measurement import measurement
from spinstack.measure.spin_torque import Layers, harmonic_hall_low_field, harmonic_hall_rotation, st_fmr

NM, WIDTH, MS = 1e-9, 5e-6, 1.1e6
#: nothing of it is symmetric: another metal above, another spin Hall angle, an imaginary mixing conductance
FILM = (
    ss.Metal("Pt", thickness=4 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.12)
    | ss.Interface(conductance_up=6e14, conductance_down=3e14, mixing_conductance=7e14 + 2e14j)
    | ss.Ferromagnet("Co", thickness=2 * NM, conductivity=2e6, polarization=0.4, spin_diffusion_length=5 * NM,
                     dephasing_length=0.5 * NM, amr_ratio=0.01, anomalous_hall_angle=0.03)
    | ss.Metal("Ta", thickness=2 * NM, conductivity=6e5, spin_diffusion_length=2 * NM, spin_hall_angle=-0.1)
)  # fmt: skip
RESISTANCE = np.asarray(ss.sheet_resistance(FILM, m=np.eye(3)))
A, R_PHE = RESISTANCE[2, 1, 0], (RESISTANCE[0, 0, 0] - RESISTANCE[1, 0, 0]) / 2


def told(K, m):
    """Effective fields, Oersted field and efficiencies of the film at the sheet current K [A/m]."""
    sheet = ss.layer_currents(FILM, m=m).sheet_current.isel(component=0).values
    found = ss.torque_efficiency(FILM, "Pt", {"Co": MS}, m=m, E=(K / sheet.sum(), 0))
    layers = Layers(MS, 2 * NM, 4 * NM, sheet[0] / sheet.sum(), share_below=sheet[0] / sheet.sum(),
                    share_above=sheet[-1] / sheet.sum())  # fmt: skip
    return found, layers


def voltages(simulated, rms, noise=1e-12, seed=0):
    """The record of the Hall voltage of a bar, the lock-in locked to the current."""
    across, current = simulated.sel(channel="across"), rms * WIDTH
    one, two = (across[n].values.ravel() * current for n in ("first_harmonic", "second_harmonic"))
    rough = noise * np.random.default_rng(seed).standard_normal((4, one.size))
    field, angle = np.meshgrid(simulated.field.values, simulated.angle.values, indexing="ij")
    columns = {"V_1X": one + rough[0], "V_1Y": rough[1], "V_2X": rough[2], "V_2Y": two + rough[3]}
    at = {"angle": angle.ravel(), "field": field.ravel(), "current": np.full(one.size, current)}
    return measurement(columns, at, {"bar_width": WIDTH})


def value(found, name):
    return float(found["value"].sel(parameter=name))


RMS = {"voltages": "rms", "currents": "rms"}


@pytest.mark.study
def test_a_rotation_gives_the_torques_of_the_film():
    model = ss.MagneticModel(FILM, [ss.Macrospin("Co", magnetization=MS, effective_magnetization=0.6, damping=0.01)])
    rms, thermal, nernst = 400.0, 3e-8, 2e-8
    fields, angles = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0], np.arange(0.0, 360.0, 15.0)
    shown = ss.harmonic_hall(model, fields, angles, rms, thermal=thermal, nernst=nernst)
    film, layers = told(np.sqrt(2) * rms, "x")
    found = harmonic_hall_rotation(
        voltages(shown, rms), anomalous_hall=A, effective_magnetization=0.6, layers=layers, **RMS
    )
    DL, FL = film.effective_field.sel(ferromagnet="Co").values
    assert value(found, "planar_hall") == pytest.approx(R_PHE, rel=3e-3)
    assert value(found, "thermal") == pytest.approx(-thermal * rms / np.sqrt(2), rel=5e-3)
    assert value(found, "nernst") == pytest.approx(-nernst * rms / np.sqrt(2), rel=2e-3)
    # the resistance does not go with m_z in the plane as it does out of it; torques change with m
    assert value(found, "damping_like") == pytest.approx(DL, rel=0.02)
    assert value(found, "field_like") == pytest.approx(FL, rel=0.02)
    assert value(found, "oersted") == pytest.approx(float(film.oersted_field.sel(magnet="Co")), rel=1e-6)
    expected = film.per_current_density.sel(magnet="Co").values
    np.testing.assert_allclose([value(found, "xi_DL"), value(found, "xi_FL")], expected, rtol=0.02)


def test_low_fields_give_the_torques_of_a_perpendicular_film():
    magnet = ss.Macrospin("Co", magnetization=MS, anisotropy_field=0.4, easy_axis="z", damping=0.01)
    model, rms = ss.MagneticModel(FILM, [magnet]), 400.0
    film, layers = told(np.sqrt(2) * rms, "z")
    records = []
    for k, (m, angle) in enumerate([("z", 0.0), ("z", 90.0), ((0, 0, -1), 0.0), ((0, 0, -1), 90.0)]):
        B = np.linspace(-0.1, 0.1, 21)
        shown = ss.harmonic_hall(model, B, [angle], rms, m=m)
        records.append(voltages(shown, rms, seed=k))
    found = harmonic_hall_low_field(records, planar_hall=R_PHE, anomalous_hall_sign="positive", layers=layers, **RMS)
    DL, FL = film.effective_field.sel(ferromagnet="Co").values
    assert value(found, "anomalous_hall") == pytest.approx(A, rel=1e-3)
    assert value(found, "anisotropy_field") == pytest.approx(0.4, rel=0.01)
    # R_xy is not quite A m_z: it bends by 1.7 % more, and r is by as much too small, which mixes both torques
    assert value(found, "damping_like") == pytest.approx(DL, rel=0.02)
    assert value(found, "field_like") == pytest.approx(FL, abs=0.02 * abs(DL))


def test_resonance_gives_the_ratio_of_the_film():
    model = ss.MagneticModel(FILM, [ss.Macrospin("Co", magnetization=MS, effective_magnetization=0.6, damping=0.015)])
    B, K = np.linspace(0.005, 0.4, 80), 500.0
    film, _ = told(K, "x")
    frequencies = [5e9, 8e9, 11e9]
    shown = ss.spin_torque_fmr(model, frequencies, B, [40.0], K).rectified.sel(channel="along").isel(angle=0)
    rough = np.random.default_rng(0)
    spectra = [
        measurement({"V_X": one * 1e-5 * (1 + 0 * B) + 1e-13 * rough.standard_normal(80)},
                    {"field": B, "frequency": np.full(80, f), "angle": np.full(80, 40.0)})
        for f, one in zip(frequencies, shown.values, strict=True)
    ]  # fmt: skip
    found = st_fmr(spectra)
    DL, FL = film.effective_field.sel(ferromagnet="Co").values
    transverse = FL + float(film.oersted_field.sel(magnet="Co"))
    assert value(found, "effective_magnetization") == pytest.approx(0.6, rel=1e-3)
    assert value(found, "damping") == pytest.approx(0.015, rel=2e-3)
    assert value(found, "ratio") == pytest.approx(DL / transverse, rel=0.02)
