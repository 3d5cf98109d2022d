"""An observable is its function, its figure and its test: a registered one is asked for by its name at once."""

import contextlib
import io
from typing import Annotated, Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from sample_texts import BILAYER

import spinstack as ss
from spinstack.cli import main
from spinstack.observables import registry
from spinstack.observables.registry import Labels, Named, Output, labelled_observable
from spinstack.observables.solvers import chosen
from spinstack.stack.conditions import Conditions
from spinstack.study import Run, read_film_study
from spinstack.study.entries import entries, mapped
from spinstack.study.vocabulary import vocabulary
from spinstack.text.document import parse_document
from spinstack.text.units import In


def _layers(film):
    return tuple(layer.name for layer in film.layers)


def _labels(film: ss.Film, **_: Any) -> Labels:
    output = Output("toy", "A/m", "made up", ("element", "component"))
    return Labels((output,), {"element": list(film.labels())})


@labelled_observable("a made-up current", _labels, why_not={"boltzmann": "no such thing"})
def toy_current(
    film: ss.Film,
    layer: Annotated[str, Named(_layers, "layers")],
    strength: Annotated[float, In("T")] = 1.0,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    E: Annotated[Any, In("V/m")] = (1.0, 0.0),
    solver: Any = None,
) -> Any:
    """A current that nobody needs."""
    at = Conditions(m=m, B=B, E=E)
    G = chosen(solver).sheet_conductance(film, at)
    thick = next(e.thickness for e in film.layers if e.name == layer)
    column = np.stack([G[..., 0, 0], G[..., 1, 0], np.asarray(thick) * strength * np.ones(G.shape[:-2])], -1)
    return {"toy": column[..., None, :] * np.arange(1.0, len(film) + 1)[:, None]}


def drawn(dataset: xr.Dataset, title: str = "") -> Figure:
    figure = Figure()
    figure.subplots().plot(dataset["toy"].values.ravel())
    return figure


@pytest.fixture
def toy(monkeypatch):
    """The observable among those of the package, with a figure of its name."""
    from spinstack import figures, observables

    monkeypatch.setattr(observables, "toy_current", toy_current, raising=False)
    monkeypatch.setattr(observables, "__all__", [*observables.__all__, "toy_current"])
    monkeypatch.setattr(figures, "toy_current", drawn, raising=False)


def read(text):
    return read_film_study(parse_document(BILAYER + text, "s.toml"))


def test_its_arguments_are_the_keys_of_its_table(toy):
    assert vocabulary()["toy_current"] == ("name", "layer", "strength", "m", "B", "E", "set", "solver")
    text = '[[toy_current]]\nlayer = "Pt"\nstrength = "20 kOe"\nm = "z"\nE = [0, "2 V/m"]\n'
    (request,) = read(text).requests
    assert request.arguments == {"layer": "Pt", "strength": 2.0, "m": (0.0, 0.0, 1.0), "E": (0.0, 2.0)}
    assert request.conditions == "m = (0, 0, 1), E = (0, 2) V/m, layer Pt"
    assert request.name == "toy_current"


def test_its_table_is_refused_as_any_other(toy):
    text = """
[[toy_current]]
layer = "Cu"
strength = "1 m"
strenth = 3
m = { Co = "x" }
[[toy_current]]
m = "y"
[[toy_current]]
layer = "Pt"
m = "y"
solver = "boltzmann"
"""
    with pytest.raises(ss.SampleError) as caught:
        read(text)
    told = [str(error) for error in caught.value.errors]
    assert len(told) == 6
    for error, words in zip(told, ("strenth: got 3", "layer: got 'Cu'. Allowed: the film's layers: Pt, Py",
                                   "strength: got '1 m'", "m.Co: got 'x', for an unknown magnet. Allowed: Py",
                                   "toy_current[1].layer: missing", "no such thing"), strict=False):  # fmt: skip
        assert any(words in line for line in told), (words, error)


def test_it_is_computed_and_labelled(toy):
    study = read('[[toy_current]]\nlayer = "Pt"\nm = "x"\n')
    (result,) = Run(study)
    got = result.dataset["toy"]
    assert got.dims == ("element", "component")
    G = ss.sheet_conductance(study.film, m="x")
    np.testing.assert_allclose(got.sel(element="Py"), 3 * np.array([G[0, 0], G[1, 0], 5e-9]), rtol=1e-12)
    assert result.dataset.attrs["conditions"] == "m = (1, 0, 0), E = (1, 0) V/m, layer Pt"


def test_a_map_shows_one_of_its_components(toy):
    table = (
        '[[map]]\nover = { "Pt.thickness" = ["1 nm", "3 nm"] }\n'
        'observable = { name = "toy_current", layer = "Pt", m = "y"%s }\n'
    )
    assert "toy_current" in mapped()
    study = read(table % ', element = "Py", component = "z"')
    (result,) = Run(study)
    np.testing.assert_allclose(result.dataset["toy_current"], [3e-9, 9e-9], rtol=1e-12)
    assert result.dataset["toy_current"].attrs["units"] == "A/m"
    assert (
        result.dataset["toy_current"].attrs["long_name"]
        == "a made-up current, element Py, component z, layer Pt, strength 1"
    )
    with pytest.raises(ss.SampleError) as caught:
        read(table % ', elemnt = "Py", component = "w"')
    told = str(caught.value)
    for words in (
        "elemnt: got 'Py', for an unknown",
        "element: missing. Allowed: 'Pt', 'Pt|Py', 'Py'",
        "component: got 'w'",
    ):
        assert words in told


def test_the_command_line_prints_and_draws_it(toy, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(BILAYER + '[[toy_current]]\nlayer = "Pt"\nm = "y"\n[output]\nfigures = ["svg"]\n', encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        assert main(["run", str(file), "-o", str(tmp_path / "out")]) == 0
    stored = xr.load_dataset(tmp_path / "out" / "toy_current.nc", engine="h5netcdf")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "film.svg",
        "toy_current.csv",
        "toy_current.nc",
        "toy_current.svg",
    }
    (line,) = (line for line in out.getvalue().splitlines() if " toy Py z " in line)
    assert f"{float(stored['toy'].sel(element='Py', component='z')):.5g}" in line
    assert "A made-up current" in out.getvalue()


def test_every_observable_of_the_package_is_asked_for_somewhere():
    asked = {one.observable.name for one in entries().values()}
    for entry in entries().values():
        asked |= {*entry.instead.values(), *entry.beside.values()}
    assert asked == set(registry.observables())
    assert len({entry.word for entry in entries().values()}) == len(entries())
    for entry in entries().values():
        assert not {"name", "set"} & set(entry.hints), entry.word
