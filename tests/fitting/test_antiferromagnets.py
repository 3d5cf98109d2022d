"""Fits find the numbers of an antiferromagnet again, and its mechanism takes what couples it to the electrons."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.fitting import Data, LogNormal, Problem, Sample, Unknown, ready_mechanisms

NM = 1e-9


def pt_on(**values):
    magnet = ss.Antiferromagnet(**{"mixing_conductance": 3e14, "monodomain_field": 4.0, **values})
    metal = ss.Metal("Pt", thickness=4 * NM, conductivity=4e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1)
    return ss.MagneticInsulator("NiO", magnet=magnet) | metal


def alpha(film, field):
    return ss.magnetoresistance(film, plane="alpha", turns="field", field=field)


@pytest.mark.study
def test_the_growth_with_the_field_gives_the_monodomain_field():
    true = pt_on(mixing_conductance=2e14, monodomain_field=5.5)
    scans = [{"plane": "alpha", "turns": "field", "field": B} for B in (1.5, 3.0, 8.0)]
    data = [Data("film", ss.magnetoresistance, [float(alpha(true, at["field"]))], [1e-7], at) for at in scans]
    unknowns = [
        Unknown("NiO.magnet.mixing_conductance.real", LogNormal(3e14, 2)),
        Unknown("NiO.magnet.monodomain_field", LogNormal(4.0, 2)),
    ]
    found = ss.fit(Problem([Sample("film", pt_on())], unknowns, data), starts=6)
    np.testing.assert_allclose(list(found.values.values()), [2e14, 5.5], rtol=2e-2)


def test_its_mechanism_frees_the_conductance_of_its_face():
    film = pt_on() | ss.Ferromagnet("Py", thickness=4 * NM, conductivity=4e6, spin_diffusion_length=4 * NM)
    scan = {"plane": "alpha", "turns": "field", "field": 5.0, "m": {"Py": "x"}}
    common = [Unknown("Py.conductivity", LogNormal(4e6, 1.1))]
    made = Problem([Sample("film", film)], common, [Data("film", ss.magnetoresistance, [1e-4], [1e-5], scan)])
    names = {"metal": "Pt", "magnet": "Py", "antiferromagnet": "NiO"}
    prior = LogNormal(3e14, 2)
    [found] = ready_mechanisms(made, **names, priors={"mixing_conductance": prior}, only=["antiferromagnetic"])
    assert [u.path for u in found.unknowns] == ["Pt.spin_hall_angle", "NiO.magnet.mixing_conductance.real"]
    with pytest.raises(ss.ParameterError, match="an entry mixing_conductance"):
        ready_mechanisms(made, **names)
