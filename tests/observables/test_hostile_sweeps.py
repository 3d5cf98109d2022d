"""Sweeps, models, gradients and fits of torques that no one should ask for: refused before anything is computed."""

import os
from functools import partial

import numpy as np
import pytest
import xarray
from odd_values import NO_NUMBERS, labelled
from plain_films import bilayer, metal

import spinstack as ss

nan, inf = float("nan"), float("inf")
FILM, R = bilayer(), partial(ss.sheet_resistance, m="y")
OVER = {"Pt.thickness": [1e-9, 2e-9]}


def sweep(over=None, observable=R, **given):
    return ss.sweep(FILM, OVER if over is None else over, observable, **given)


def values(*bad):
    return sweep({"Pt.thickness": bad[0] if len(bad) == 1 else list(bad)})


#: what is called, the field, words of the message
SWEEPS = {
    "over no mapping": (lambda: ss.sweep(FILM, None, R), "over", "a mapping from parameter path"),
    "over a dataset": (lambda: sweep(xarray.Dataset({"a": 1.0})), "path", "'element.field'"),
    "over nothing": (lambda: values(range(0)), "over['Pt.thickness']", "at least one value"),
    "a grid that nobody waits for": (
        lambda: sweep({"Pt.thickness": np.full(10**5, 1e-9), "Pt.conductivity": np.full(10**5, 1e6)}), "over",
        "asks for 10,000,000,000 films. Allowed: up to 100,000,000",
    ),
    "a truth value among the values": (lambda: values(1e-9, True), "over['Pt.thickness']", "a truth value"),
    "values of another unit": (lambda: values(labelled([1.0], "nm")), "over['Pt.thickness']", "which is in 'nm'"),
    "values of text": (lambda: values("1 nm"), "over['Pt.thickness']", "which is text"),
    "a generator of values": (lambda: values(x for x in [1e-9]), "over['Pt.thickness']", "not a real number"),
    "a set of values": (lambda: values({1e-9}), "over['Pt.thickness']", "not a real number"),
    "an object for a value": (lambda: values(object()), "over['Pt.thickness']", "not a real number"),
    "values that fail": (lambda: values(NO_NUMBERS["an array that fails"]), "over['Pt.thickness']", "not an array"),
    "a value without end": (lambda: values(inf), "thickness", "which is infinite"),
    "values of a tensor": (
        lambda: sweep({"Pt.spin_hall_angle": np.zeros((3, 2))}), "over['Pt.spin_hall_angle']", "one dimension"
    ),
    "complex values": (
        lambda: sweep({"Pt|Co.mixing_conductance": [1j]}), "over['Pt|Co.mixing_conductance']", "cannot label an axis"
    ),
    "an observable that is none": (lambda: ss.sweep(FILM, OVER, None), "observable", "a function of a film"),
    "an observable that returns nothing": (lambda: sweep(observable=lambda f: None), "observable", "returns numbers"),
    "one that returns text": (lambda: sweep(observable=lambda f: "x"), "observable", "returns numbers"),
    "one that returns an object": (lambda: sweep(observable=lambda f: object()), "observable", "returns numbers"),
    "one that returns films": (lambda: sweep(observable=lambda f: f), "observable", "returns numbers"),
    "one that returns ragged lists": (
        lambda: sweep(observable=lambda f: [[1], [1, 2]]), "observable", "returns numbers"
    ),
    "one that returns no names": (lambda: sweep(observable=lambda f: {}), "observable", "of other names than"),
    "one that returns the name of an axis": (
        lambda: sweep(observable=lambda f: {"Pt.thickness": 1.0}), "observable", "of other names than Pt.thickness"
    ),
    "a theory in a word": (lambda: sweep(observable=partial(R, solver="Boltzmann")), "solver", "spinstack.Boltzmann"),
    "a file that is a number": (lambda: sweep(path=3), "path", "such as 'map.nc'"),
    "a file without a name": (lambda: sweep(path=""), "path", "which is a folder"),
    "a file of a NUL": (lambda: sweep(path="a\0.nc"), "path", "such as 'map.nc'"),
    "a file in a file": (lambda: sweep(path="file/map.nc"), "path", "does not exist"),
    "a file behind a link to itself": (lambda: sweep(path="loop/map.nc"), "path", "does not exist"),
    "a file of somebody else": (lambda: sweep(path="file"), "path", "holds something else"),
    "overwrite in words": (lambda: sweep(path="file", overwrite="no"), "overwrite", "True or False"),
    "progress in words": (lambda: sweep(progress="yes"), "progress", "True or False"),
    "a key that is a number": (lambda: sweep(path="map.nc", key=3), "key", "text"),
    "a key without words": (lambda: sweep(path="map.nc", key=" "), "key", "text"),
}  # fmt: skip


@pytest.mark.parametrize("case", SWEEPS.values(), ids=SWEEPS)
def test_a_sweep_is_refused(here, case):
    call, field, words = case
    (here / "file").write_text("of somebody else", encoding="utf-8")
    os.symlink("loop", here / "loop")
    with pytest.raises(ss.ParameterError) as caught:
        call()
    assert caught.value.field == field
    assert words in str(caught.value)
    assert sorted(os.listdir(here)) == ["file", "loop"]
    assert (here / "file").read_text(encoding="utf-8") == "of somebody else"


def model(free=("Pt.thickness",), observable=ss.sheet_resistance, m="y", **given):
    return ss.compile(FILM, free, observable, **({"m": m} if m else {}), **given)


def own(returned):
    return ss.compile(FILM, ["Pt.thickness"], lambda film: returned(film))([1e-9])


MODELS = {
    "a path that is no list": (lambda: model("Pt.thickness"), "free", "at least one"),
    "no path": (lambda: model([]), "free", "at least one"),
    "no list": (lambda: model(None), "free", "at least one"),
    "a set of paths": (lambda: model({"Pt.thickness"}), "free", "at least one"),
    "a path that is a number": (lambda: model([3]), "path", "'element.field'"),
    "a path twice": (lambda: model(["Pt.thickness"] * 2), "free", "names a number that 'Pt.thickness' names, too"),
    "a complex parameter": (lambda: model(["Pt|Co.mixing_conductance"]), "free", "mixing_conductance.real"),
    "a parameter without a value": (lambda: model(["Pt.mean_free_path"]), "free", "Give it one there"),
    "a film that is none": (lambda: ss.compile(None, ["Pt.thickness"]), "film", "of type NoneType"),
    "no direction": (lambda: model(m=None), "m", "missing"),
    "an unknown argument": (lambda: model(M="y"), "M", "Did you mean 'm'?"),
    "an observable that is a word": (lambda: model(observable="R", m=None), "observable", "a function of a film"),
    "variables that are a number": (
        lambda: model(observable=ss.angular_scan, m=None, variables=3), "variables", "R_xx, R_xy"
    ),
    "a variable that is a number": (
        lambda: model(observable=ss.angular_scan, m=None, variables=[3]), "variables", "R_xx, R_xy"
    ),
    "no variables": (lambda: model(observable=ss.angular_scan, m=None, variables=[]), "variables", "each at most once"),
    "a variable of another": (lambda: model(variables="R_xx"), "variables", "Allowed: sheet_resistance"),
    "a theory that is not compiled": (lambda: model(solver=ss.Boltzmann()), "solver", "which JAX cannot compile"),
    "a function that returns text": (lambda: own(lambda film: "x"), "observable", "returns numbers"),
    "a function that returns nothing": (lambda: own(lambda film: None), "observable", "returns numbers"),
    "a function that returns complex numbers": (
        lambda: own(lambda film: 1j * film[0].thickness), "observable", "real and imaginary parts"
    ),
    "a gradient of text": (lambda: ss.gradient(FILM, lambda film: "x"), "observable", "returns numbers"),
    "a gradient of nothing": (lambda: ss.gradient(FILM, lambda film: None), "observable", "returns numbers"),
    "a gradient of a word": (lambda: ss.gradient(FILM, "R"), "observable", "a function of a film"),
    "a gradient of no film": (lambda: ss.gradient("Pt", R), "film", "of type str"),
}  # fmt: skip


@pytest.mark.parametrize("case", MODELS.values(), ids=MODELS)
def test_a_model_is_refused(case):
    call, field, words = case
    with pytest.raises(ss.ParameterError) as caught:
        call()
    assert caught.value.field == field
    assert words in str(caught.value)


POINTS = {
    "text": "1e-9", "texts": ["1e-9"], "nothing": None, "no point": [], "a number alone": 1e-9, "a truth value": [True],
    "complex": [1e-9 + 0j], "too many": [1e-9, 1e-9], "three axes": [[[1e-9]]],
    "of another unit": labelled([1.0], "nm"),
    "hidden": np.ma.array([1e-9], mask=[True]), "not a number": [nan], "without end": [inf], "zero": [0.0],
    "a table": {"Pt.thickness": 1e-9}, "that fails": NO_NUMBERS["an array that fails"],
}  # fmt: skip
MODEL = model()


@pytest.mark.parametrize("bad", POINTS)
def test_a_point_is_refused(bad):
    for call in (MODEL, MODEL.jacobian):
        with pytest.raises(ss.ParameterError) as caught:
            call(POINTS[bad])
        assert caught.value.field in ("x", "Pt.thickness")
    assert MODEL.compilations == 0


MAP = ss.torque_data(np.eye(3), np.zeros((3, 3)))
TORQUES = {
    "no directions": (lambda: ss.torque_map(FILM, np.zeros((0, 3))), "directions", "which is empty"),
    "directions of two numbers": (lambda: ss.torque_map(FILM, [[0, 1]]), "directions", "of shape (n, 3)"),
    "directions in a word": (lambda: ss.torque_map(FILM, "x"), "directions", "which is text"),
    "a direction of length zero": (lambda: ss.torque_map(FILM, [[0, 0, 0]]), "directions", "Give a direction"),
    "an unknown magnet": (lambda: ss.torque_map(FILM, magnet="Fe"), "magnet", "one of 'Co'"),
    "a magnet that is a number": (lambda: ss.torque_map(FILM, magnet=0), "magnet", "one of 'Co'"),
    "others in a word": (lambda: ss.torque_map(FILM, others="x"), "others", "a mapping from magnet name"),
    "others that are none": (lambda: ss.torque_map(FILM, others={"Fe": "x"}), "others", "each other magnet (none)"),
    "no magnet": (lambda: ss.torque_map(metal()), "film", "no magnet"),
    "fields of three numbers": (lambda: ss.torque_map(FILM, E=(1, 0, 0)), "E", "of shape (2,)"),
    "torques of others": (lambda: ss.torque_data(np.eye(3), np.zeros((2, 3))), "torque", "of shape (3, 3)"),
    "torques that are none": (lambda: ss.torque_data(np.eye(3), np.full((3, 3), nan)), "torque", "not finite"),
    "one weight for all": (lambda: ss.torque_data(np.eye(3), np.zeros((3, 3)), 1.0), "weight", "of shape (3,)"),
    "no field": (lambda: ss.torque_data(np.eye(3), np.zeros((3, 3)), E=(0, 0)), "E", "Give a direction"),
    "an expansion of nothing": (lambda: ss.fit_expansion(None), "data", "Give the Dataset of torque_map"),
    "an expansion of a film": (lambda: ss.fit_expansion(FILM), "data", "Give the Dataset of torque_map"),
    "a negative order": (lambda: ss.fit_expansion(MAP, -1), "order", "from 0 to 100"),
    "half an order": (lambda: ss.fit_expansion(MAP, 0.5), "order", "from 0 to 100"),
    "an order without end": (lambda: ss.fit_expansion(MAP, 10**6), "order", "from 0 to 100"),
    "no uncertainty": (lambda: ss.fit_expansion(MAP, 0, 0.0), "uncertainty", "greater than 0"),
    "weights in a word": (lambda: ss.fit_expansion(MAP, 0, weights="x"), "weights", "which is text"),
    "harmonics of no degree": (lambda: ss.fit_harmonics(MAP, 0), "lmax", "from 1 to 100"),
    "harmonics without end": (lambda: ss.fit_harmonics(MAP, 10**9), "lmax", "from 1 to 100"),
    "all harmonics without end": (lambda: ss.fit_harmonics(MAP, 10**9, None), "lmax", "from 1 to 100"),
    "a degree in words": (lambda: ss.fit_harmonics(MAP, "4"), "lmax", "from 1 to 100"),
    "a symmetry in words": (lambda: ss.fit_harmonics(MAP, symmetry="C4"), "symmetry", "a Symmetry such as ISOTROPIC"),
    "fewer directions than terms": (lambda: ss.fit_harmonics(MAP), "data", "at least 5 directions"),
    "efficiencies of nothing": (lambda: ss.efficiencies(None), "fit", "Give the Dataset of fit_harmonics"),
    "efficiencies of a map": (lambda: ss.efficiencies(MAP), "fit", "coefficient, covariance missing"),
    "fields of nothing": (lambda: ss.effective_fields(None, 1e6, 1e-9), "efficiency", "Dataset of efficiencies"),
    "fields of a map": (lambda: ss.effective_fields(MAP, 1e6, 1e-9), "efficiency", "torkance, torkance_error missing"),
    "a theory in a word": (lambda: ss.compare_theories(FILM, OVER, R, ["boltzmann"]), "solvers", "two, for example"),
    "no theory": (lambda: ss.compare_theories(FILM, OVER, R, []), "solvers", "two, for example"),
    "the class of a theory": (lambda: ss.compare_theories(FILM, OVER, R, [ss.Boltzmann]), "solvers", "two, for"),
    "an interface that is none": (lambda: ss.effective_interface(FILM, 0), "interface", "Pt|Co at 1"),
    "an interface from the end": (lambda: ss.effective_interface(FILM, -1), "interface", "Pt|Co at 1"),
    "an interface that is true": (lambda: ss.effective_interface(FILM, True), "interface", "Pt|Co at 1"),
    "faces of three numbers": (lambda: ss.Boltzmann(specularity=(0, 0, 0)), "specularity", "a number from 0 to 1"),
    "faces of decimals that are none": (
        lambda: ss.Boltzmann(specularity=(NO_NUMBERS["a decimal that is none"], 0)), "specularity", "two entries"
    ),
    "faces in a word": (lambda: ss.Boltzmann(specularity="ab"), "specularity", "a number from 0 to 1"),
    "faces that are true": (lambda: ss.Boltzmann(specularity=(True, False)), "specularity", "two entries"),
    "an accuracy in words": (lambda: ss.Boltzmann(rtol="1e-3"), "rtol", "one finite number"),
}  # fmt: skip


@pytest.mark.parametrize("case", TORQUES.values(), ids=TORQUES)
def test_torques_and_theories_are_refused(case):
    call, field, words = case
    with pytest.raises(ss.ParameterError) as caught:
        call()
    assert caught.value.field == field
    assert words in str(caught.value)
