"""Priors from the materials library against what its entries say."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.fitting import Data, LogNormal, Normal, Problem, Sample, Unknown, library_prior
from spinstack.fitting.library import LEAST
from spinstack.materials.library import MaterialError, material, names


@pytest.mark.parametrize("name", names())
def test_every_entry_gives_a_prior_or_says_why_not(name):
    for field, entry in material(name).entries.items():
        if isinstance(entry.value, tuple):
            with pytest.raises(MaterialError, match="a direction"):
                library_prior(name, field)
            continue
        T = 295.0 if entry.temperature is None else entry.temperature
        paths = [f"{field}.real", f"{field}.imag"] if isinstance(entry.value, complex) else [field]
        for path in paths:
            try:
                prior = library_prior(name, path, T=T)
            except MaterialError as error:
                assert "one value without an error" in str(error) or "differ" in str(error)  # noqa: PT017
                continue
            assert isinstance(prior, LogNormal | Normal)
            value = entry.si.imag if path.endswith("imag") else complex(entry.si).real
            # the preferred value is no stranger to it
            assert abs(prior.coordinate(value)) < 3


def test_scatter_between_laboratories_and_stated_errors_add():
    prior = library_prior("Pt", "spin_diffusion_length")
    entry = material("Pt").entries["spin_diffusion_length"]
    every = [e for e in (entry, *entry.others) if e.temperature is None or abs(e.temperature - 295) <= 30]
    values = np.array([e.si for e in every])
    stated = [e.uncertainty / e.value for e in every if e.uncertainty is not None]
    assert prior.median == pytest.approx(np.exp(np.log(values).mean()))
    width = np.sqrt(np.mean(np.square(stated)) + np.var(np.log(values), ddof=1))
    assert prior.factor == pytest.approx(np.exp(width))
    assert len(values) > 2


def test_a_resistivity_is_the_prior_of_a_conductivity():
    prior = library_prior("Pt", "conductivity")
    assert 1e6 < prior.median < 2e7
    assert np.log(prior.factor) >= LEAST


def test_it_goes_into_a_problem():
    film = ss.Metal.of("Pt", thickness=4e-9) | ss.MagneticInsulator("YIG", mixing_conductance=4e14)
    data = [Data("a", ss.magnetoresistance, [1e-3], [1e-5], {"plane": "beta"})]
    problem = Problem(
        [Sample("a", film)], [Unknown("Pt.spin_hall_angle", library_prior("Pt", "spin_hall_angle"))], data
    )
    assert problem.coordinates[0].prior.median == pytest.approx(0.05, rel=0.5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "Pt", "parameter": "spin_hall"}, "'spin_hall', which the library has no value of. Allowed:"),
        ({"name": "Unobtainium", "parameter": "conductivity"}, "Unobtainium"),
        ({"name": "Pt", "parameter": "conductivity", "T": 4.0}, "T [K]: got 4.0, at which the library has no value"),
        ({"name": "Pt", "parameter": "spin_hall_angle", "T": -1}, "T: got -1"),
    ],
)
def test_refusals(arguments, words):
    with pytest.raises(ss.SpinstackError) as caught:
        library_prior(arguments.pop("name"), arguments.pop("parameter"), **arguments)
    assert words in str(caught.value)
