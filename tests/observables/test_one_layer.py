"""One layer alone is a film wherever a film is taken; profiles are read at any height."""

from functools import partial

import numpy as np
import pytest

import spinstack as ss
from spinstack.figures import draw_film

NM = 1e-9
CO = ss.Ferromagnet(
    "Co", thickness=3 * NM, conductivity=4e6, spin_diffusion_length=5 * NM, polarization=0.4, spin_hall_angle=0.05,
    anomalous_hall_angle=0.02, spin_anomalous_hall_angle=0.01, amr_ratio=0.02,
)  # fmt: skip
FILM = ss.Film((CO,))
CALLS = {
    "sheet_resistance": partial(ss.sheet_resistance, m=(0.3, 0.4, 0.5)),
    "magnetoresistance": partial(ss.magnetoresistance, plane="gamma"),
    "angular_scan": partial(ss.angular_scan, plane="beta", angles=[0.0, 30.0]),
    "torque": partial(ss.torque, m="x"),
    "profile": partial(ss.profile, m="y"),
    "layer_currents": partial(ss.layer_currents, m="y"),
    "torque_efficiency": partial(ss.torque_efficiency, reference="Co", m="z"),
    "average_spin_current": partial(ss.average_spin_current, layer="Co", m="y"),
    "field_scan": partial(ss.field_scan, field=[0.0, 1.0], direction="z", m="y"),
    "torque_map": partial(ss.torque_map, directions=np.eye(3)),
    "sweep": lambda film: ss.sweep(film, {"Co.thickness": [1 * NM, 2 * NM]}, partial(ss.sheet_resistance, m="y")),
    "compile": lambda film: ss.compile(film, ["Co.thickness"], m="y")([[2 * NM]]),
    "compare_theories": lambda film: ss.compare_theories(
        film.replace({"Co.amr_ratio": 0.0, "Co.anomalous_hall_angle": 0.0, "Co.spin_anomalous_hall_angle": None})
        if isinstance(film, ss.Film)
        else film.replace(amr_ratio=0.0, anomalous_hall_angle=0.0, spin_anomalous_hall_angle=None),
        {"Co.thickness": [2 * NM]},
        solvers=(ss.DriftDiffusion(), ss.DriftDiffusion()),
    ),
}


def values(found):
    return {n: v.values for n, v in found.items()} if hasattr(found, "data_vars") else {"": np.asarray(found)}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_layer_is_its_film(call):
    alone, film = values(call(CO)), values(call(FILM))
    assert alone.keys() == film.keys()
    for name, value in alone.items():
        np.testing.assert_array_equal(value, film[name])


def test_gradient_files_and_drawings_take_a_layer(tmp_path):
    observable = partial(ss.sheet_resistance, m="y")
    alone, film = ss.gradient(CO, observable), ss.gradient(FILM, observable)
    assert alone.keys() == film.keys()
    np.testing.assert_array_equal(alone["Co.thickness"], film["Co.thickness"])
    assert ss.load_sample(ss.save_sample(CO, tmp_path / "co.toml")) == FILM
    assert draw_film(CO).axes


def test_an_interface_alone_is_none():
    with pytest.raises(ss.ParameterError, match="film"):
        ss.sheet_resistance(ss.Interface(conductance_up=1e15, conductance_down=1e15))


BILAYER = (
    CO
    | ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=8e14, filtering=2e4)
    | ss.Metal("Pt", thickness=5 * NM, conductivity=2e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1)
)


@pytest.mark.parametrize("solver", [None, ss.Boltzmann(rtol=1e-3)])
def test_a_profile_is_read_at_any_height_and_on_both_sides_of_a_face(solver):
    film = BILAYER.replace({"Co.amr_ratio": 0.0, "Co.anomalous_hall_angle": 0.0, "Co.spin_anomalous_hall_angle": None})
    if solver is not None:
        barrier = ss.Interface(scattering=ss.DeltaBarrier(barrier=0.4, exchange=0.2, fermi_wavevector=1.36e10))
        film = film[0] | barrier | film[2]
    whole = ss.profile(film, 11, m="y", solver=solver)
    z = [8 * NM, 0.0, 3 * NM, 0.9 * NM, 5.5 * NM]
    found = ss.profile(film, z=z, m="y", solver=solver)
    assert found.layer.values.tolist() == ["Pt", "Co", "Co", "Pt", "Co", "Pt"]
    np.testing.assert_allclose(found.z, [8 * NM, 0, 3 * NM, 3 * NM, 0.9 * NM, 5.5 * NM], rtol=1e-12)
    rows = [21, 0, 10, 11, 3, 16]
    for name in whole:
        size = np.abs(whole[name].values).max() + 1e-300
        np.testing.assert_allclose(found[name].values, whole[name].values[rows], rtol=0, atol=1e-12 * size)
    one = ss.profile(film, z=4 * NM, m="y", solver=solver)
    assert one.mu.sel(spin="y").shape == (1,)


@pytest.mark.parametrize("z", [-1e-9, 8.1 * NM, np.nan, [], "5 nm"])
def test_heights_outside_are_refused(z):
    with pytest.raises(ss.ParameterError, match=r"^z"):
        ss.profile(BILAYER, z=z, m="y")
