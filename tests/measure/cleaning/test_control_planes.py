"""A control sample subtracted from bilayers of the solver: what remains is the other layer, in all three planes."""

import numpy as np
import pytest
from control_films import BAR, SQUARES, nm

import spinstack as ss
from spinstack.measure import MeasurementError, cleaning
from spinstack.measure.measurement import history, measurement

ANGLE = np.arange(0.0, 360.0, 10.0)
PLANES = {"alpha": "xy", "beta": "yz", "gamma": "xz"}


def metal(spin_hall_angle=0.0):
    return ss.Metal("Pt", thickness=5 * nm, conductivity=3e6, spin_diffusion_length=1.5 * nm,
                    spin_hall_angle=spin_hall_angle)  # fmt: skip


def magnet(**others):
    return ss.Ferromagnet("Py", thickness=4 * nm, conductivity=4e6, polarization=0.4, spin_diffusion_length=5 * nm,
                          dephasing_length=0.5 * nm, **others)  # fmt: skip


CONTACT = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
ANISOTROPIC = {"amr_ratio": 0.03, "size_effect_ratio": -0.004, "anomalous_hall_angle": 0.012}


def scan(film, plane, names=("R_xx", "R_xy"), angle=ANGLE, **attributes):
    found = ss.angular_scan(film, plane=plane, angles=angle)
    columns = {n: found[n].values.ravel() * (SQUARES if n == "R_xx" else 1.0) for n in names}
    return measurement(columns, {"angle": angle}, {"plane": plane, "film_thickness": 4 * nm, **BAR, **attributes})


@pytest.mark.parametrize("plane", PLANES)
def test_layers_without_spin_exchange_leave_the_metal_without_magnetoresistance(plane):
    """The bilayer's ratio of half of AMR and size effect goes, to second order in them between the axes."""
    both, control = (
        scan(metal() | CONTACT | magnet(**ANISOTROPIC), plane),
        scan(ss.Film((magnet(**ANISOTROPIC),)), plane),
    )
    assert np.ptp(both.R_xx.values) / both.R_xx.values.mean() > 1e-3
    out = cleaning.subtract_control(both, control, thickness=4 * nm, remaining_thickness=5 * nm)
    at_axes = np.arange(0, 36, 9)
    np.testing.assert_allclose(out.R_xx[at_axes], SQUARES / (3e6 * 5 * nm), rtol=1e-12)
    np.testing.assert_allclose(out.R_xx, SQUARES / (3e6 * 5 * nm), rtol=1e-5)
    np.testing.assert_allclose(out.R_xy, 0, atol=2e-4 / (3e6 * 5 * nm))
    assert ("symmetric" if plane == "alpha" else "antisymmetric") in history(out)[0]["remark"]
    # without the transverse readings the square of the Hall angle, or of the AMR between the axes, stays
    short = cleaning.subtract_control(both.drop_vars("R_xy"), control.drop_vars("R_xy"), thickness=4 * nm)
    left = np.ptp(short.R_xx.values) / float(short.R_xx.mean())
    assert left == pytest.approx({"alpha": 1.1e-4, "beta": 7.5e-5, "gamma": 7.5e-5}[plane], rel=0.05)


@pytest.mark.parametrize(("plane", "ratio"), [("alpha", -6.891e-4), ("beta", 6.896e-4), ("gamma", 0.0)])
def test_what_spin_exchange_makes_is_left_whatever_the_control_does(plane, ratio):
    """Spin Hall magnetoresistance of the pair remains, referred to what remains, with the AMR gone from it."""
    pair = metal(0.1) | CONTACT
    out = cleaning.subtract_control(
        scan(pair | magnet(**ANISOTROPIC), plane), scan(ss.Film((magnet(**ANISOTROPIC),)), plane), thickness=4 * nm
    )
    # the same pair with an isotropic magnet: its conductance less that of the magnet
    G = [float(ss.sheet_conductance(pair | magnet(), m=axis)[0, 0]) - 4e6 * 4 * nm for axis in PLANES[plane]]
    found = float(out.R_xx[9] / out.R_xx[0]) - 1
    assert found == pytest.approx(G[0] / G[1] - 1, abs=2e-8)
    assert found == pytest.approx(ratio, abs=1e-6)


def test_control_at_other_angles_is_interpolated_and_it_is_said():
    both, control = (
        scan(metal() | magnet(**ANISOTROPIC), "gamma"),
        scan(ss.Film((magnet(**ANISOTROPIC),)), "gamma", angle=ANGLE + 3),
    )
    out = cleaning.subtract_control(both, control, thickness=4 * nm)
    # an eighth of the second difference of the control's points, at most, in the share of its conductance
    bend = np.abs(np.diff(control.R_xx.values, 2)).max() / 8 / control.R_xx.values.mean()
    np.testing.assert_allclose(out.R_xx, SQUARES / (3e6 * 5 * nm), rtol=1.2 * bend * 16 / 15)
    assert "interpolated in angle" in history(out)[0]["remark"]


def at(data, **conditions):
    return data.assign_coords({n: ("point", np.full(ANGLE.size, v)) for n, v in conditions.items()})


BOTH, CONTROL = scan(metal() | magnet(**ANISOTROPIC), "alpha"), scan(ss.Film((magnet(**ANISOTROPIC),)), "alpha")


@pytest.mark.parametrize(
    ("data", "control", "given", "fields"),
    [
        (BOTH, CONTROL.assign_attrs(plane="beta"), {}, ["plane"]),
        (at(BOTH, temperature=20.0), at(CONTROL, temperature=300.0), {}, ["temperature"]),
        (at(BOTH, temperature=20.0, field=1.0), at(CONTROL, temperature=21.0, field=3.0), {}, ["temperature", "field"]),
        (BOTH, CONTROL, {"thickness_error": 1e-10}, ["thickness"]),
        (BOTH, CONTROL, {"thickness": 4 * nm, "thickness_error": 0.0}, ["thickness_error"]),
    ],
)
def test_controls_of_another_setting_are_refused(data, control, given, fields):
    with pytest.raises(MeasurementError) as caught:
        cleaning.subtract_control(data, control, **given)
    assert [error.field for error in caught.value.errors] == fields


def test_settings_that_are_close_or_swept_are_not_refused():
    close = cleaning.subtract_control(at(BOTH, temperature=20.0), at(CONTROL, temperature=20.1), thickness=4 * nm)
    assert close.sizes["point"] == ANGLE.size
    ramp = CONTROL.drop_vars("angle").assign_coords(temperature=("point", np.linspace(10, 300, ANGLE.size)))
    told = cleaning.subtract_control(at(BOTH, temperature=20.0), ramp, thickness=4 * nm, against="temperature")
    assert "interpolated in temperature" in history(told)[0]["remark"]
