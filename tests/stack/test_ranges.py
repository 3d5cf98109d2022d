"""Values that nobody grows are told, those that people grow are not."""

import numpy as np
import pytest

import spinstack as ss
from spinstack import materials
from spinstack.stack.ranges import culprit, unusual

PT = ss.Metal("Pt", thickness=5e-9, conductivity=2.8e6, spin_diffusion_length=2e-9, spin_hall_angle=0.05)
JOINT = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
PY = ss.Ferromagnet("Py", thickness=4e-9, conductivity=4e6, spin_diffusion_length=5e-9, polarization=0.4)
FILM = PT | JOINT | PY

STRANGE = {
    "Pt.thickness": 1e3,  # 1 km
    "Py.thickness": 3e6,  # 3 Mm
    "Pt.conductivity": 1e300,
    "Pt.spin_diffusion_length": 1e-300,
    "Pt.spin_hall_angle": -1e9,
    "Pt|Py.conductance_up": 1.0,
    "Pt|Py.filtering": 1e20,
    "Py.dephasing_length": 1e-15,
}


@pytest.mark.parametrize("path", STRANGE)
def test_a_value_that_nobody_grows_is_told(path):
    film = FILM.replace({path: STRANGE[path]})
    (words,) = unusual(film)
    assert words.startswith(f"{path} is {abs(STRANGE[path]):.4g}")
    assert culprit(film) == words


@pytest.mark.parametrize("name", materials.names())
def test_no_material_of_the_library_is_strange(name):
    for kind in materials.kinds(name):
        if kind in ("Metal", "Ferromagnet"):
            known = materials.material(name, kind)
            given = {} if "conductivity" in known.entries else {"conductivity": 4e6}
            given |= {} if "spin_diffusion_length" in known.entries else {"spin_diffusion_length": 2e-9}
            assert unusual(ss.Film((getattr(ss, kind).of(name, thickness=5e-9, **given),))) == []


def test_usual_films_and_switched_off_processes_are_not_told():
    assert unusual(FILM) == []
    assert unusual(FILM.replace({"Pt.spin_diffusion_length": np.inf, "Pt|Py.filtering": 0.0})) == []
    assert "No parameter" in culprit(FILM)


def test_the_farthest_value_comes_first_and_a_batch_counts():
    film = FILM.replace({"Pt.thickness": np.array([1e-9, 1e3]), "Pt.conductivity": 1e300})
    first, second = unusual(film)
    assert first.startswith("Pt.conductivity")
    assert second.startswith("Pt.thickness is 1000 m")
