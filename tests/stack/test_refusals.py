"""Everything that is wrong is reported at once, in fields that programs read; nothing is parsed back from the text."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.stack import Film, Interface, Metal
from spinstack.text.errors import SpinstackError

LAYER = {"thickness": 3e-9, "conductivity": 2e6, "spin_diffusion_length": 1e-9}
PT, PY = Metal("Pt", **LAYER), ss.Ferromagnet("Py", **LAYER)
MAGNETIC = {"conductance_up": 4e14, "conductance_down": 2e14, "mixing_conductance": 6e14}


def refused(call):
    with pytest.raises(ss.ParameterError) as caught:
        call()
    return caught.value.errors


def test_every_wrong_parameter_of_an_element_is_named():
    errors = refused(lambda: Metal("a.b", thickness=-1.0, conductivity="x", spin_diffusion_length=np.nan, g_factor=1))
    assert [(e.field, e.unit) for e in errors] == [
        ("name", ""), ("thickness", "m"), ("conductivity", "S/m"), ("spin_diffusion_length", "m"),
    ]  # fmt: skip
    assert errors[1].fields() == {
        "where": "Metal('a.b')", "field": "thickness", "unit": "m", "got": -1.0, "why": "which is too small",
        "allowed": "greater than 0", "remedy": "", "source": None, "line": None,
    }  # fmt: skip


def test_every_missing_conductance_and_everything_beside_a_model_is_named():
    assert [(e.field, e.why) for e in refused(Interface)] == [
        ("conductance_up", "missing"),
        ("conductance_down", "missing"),
    ]
    barrier = ss.DeltaBarrier(barrier=0.4, fermi_wavevector=1e10)
    errors = refused(lambda: Interface(scattering=barrier, **MAGNETIC, filtering=1e4))
    assert [e.field for e in errors] == [*MAGNETIC, "filtering"]
    assert {e.got for e in errors} == {*MAGNETIC.values(), 1e4}
    errors = refused(lambda: Interface(magnet=1, scattering="delta", filtering=np.inf))
    assert [e.field for e in errors] == ["magnet", "filtering"]


def test_a_magnet_and_both_conductances_beside_it():
    magnet = ss.WeissMagnet(spin=2, surface_density=3e18, exchange_coupling=1e-48, density_of_states=4e46)
    errors = refused(lambda: ss.MagneticInsulator("I", magnet=magnet, spin_sink_conductance=1e14, mixing_conductance=1))
    assert [e.field for e in errors] == ["spin_sink_conductance", "mixing_conductance"]


def test_every_interface_of_a_film_is_checked():
    film = Film((Interface("low", **MAGNETIC), PT, Interface(**MAGNETIC), PT, Interface(**MAGNETIC, magnet="Co"), PY))
    errors = refused(film.check)
    assert [e.path for e in errors] == [(0,), (2, "mixing_conductance"), (4, "magnet")]
    assert [e.where for e in errors] == ["", "Pt|Pt", "Pt|Py"]
    assert errors[2].got == "Co"
    assert errors[2].remedy == "Magnets it touches: Py."


def test_every_wrong_path_and_every_magnet_without_direction_is_named():
    film = PT | PY
    errors = refused(lambda: film.replace({"Ptt.thickness": 1e-9, "Py.colour": 1.0, "Pt[1].thickness": 1.0, "Pt": 1.0}))
    assert [(e.field, e.allowed) for e in errors[:2]] == [("element", "Pt, Py"), ("colour", ", ".join(PY.declared()))]
    assert errors[2].allowed == "0 to 0, since the film has 1 of 'Pt', counted from 0"
    assert (errors[3].field, errors[3].got) == ("path", "Pt")
    assert errors[0].remedy == "Did you mean 'Pt'?"
    errors = refused(lambda: ss.sheet_conductance(film | PY.replace(name="Co"), m={"Fe": "x", "Py": "x"}))
    assert [(e.field, e.why) for e in errors] == [
        ("m", "which is no magnet of the film"),
        ("m", "no direction for the magnet 'Co'"),
    ]


def test_a_material_that_lacks_several_values_asks_for_all():
    errors = refused(lambda: ss.WeissMagnet.of("EuS"))
    assert [(e.where, e.field, e.unit) for e in errors] == [
        ("EuS", "exchange_coupling", "J m^3"),
        ("EuS", "density_of_states", "1/(J m^3)"),
    ]
    (error,) = refused(lambda: Metal.of("platinum", thickness=1e-9))
    assert (error.field, error.got, error.remedy) == ("material", "platinum", "Did you mean 'Pt'?")
    assert isinstance(error, SpinstackError)
