"""Calls that cannot be meant: the error names the argument, what arrived and what to do, and nothing is written."""

import re
from functools import partial

import numpy as np
import pytest

import spinstack as ss
from spinstack.samples.sample_file import SampleError, save_sample
from spinstack.stack import Ferromagnet, Film, Interface, Metal, ParameterError

nan, inf = float("nan"), float("inf")
LAYER = {"thickness": 3e-9, "conductivity": 2e6, "spin_diffusion_length": 1e-9}
BARRIER = {"conductance_up": 4e14, "conductance_down": 2e14, "mixing_conductance": 6e14 + 1e13j}

PT = Metal("Pt", **LAYER)
PY = Ferromagnet("Py", **LAYER, polarization=0.4)
FILM = PT | Interface(**BARRIER) | PY
BATCH = FILM.replace({"Pt.thickness": np.array([1e-9, 2e-9])})
Y = (0.0, 1.0, 0.0)

# what is called, what the message must say: (argument, value, remedy)
CONSTRUCTORS = {
    "negative thickness": (lambda: PT.replace(thickness=-1e-9), "thickness", "-1e-09", "greater than 0"),
    "zero conductivity": (lambda: PT.replace(conductivity=0), "conductivity", "0", "greater than 0"),
    "one bad value of a batch": (lambda: PT.replace(thickness=[1e-9, -1e-9]), "thickness", "-1e-09", "greater than 0"),
    "NaN": (lambda: PT.replace(conductivity=nan), "conductivity", "nan", "greater than 0"),
    "infinite thickness": (lambda: PT.replace(thickness=inf), "thickness", "inf", "greater than 0"),
    "minus infinity": (lambda: PT.replace(spin_diffusion_length=-inf), "spin_diffusion_length", "-inf", "inf switches"),
    "polarization one": (lambda: PY.replace(polarization=1), "polarization", "1", "less than 1"),
    "polarization minus one": (lambda: PY.replace(polarization=-1.0), "polarization", "-1.0", "greater than -1"),
    "text": (lambda: PT.replace(thickness="3 nm"), "thickness", "'3 nm'", "unit strings belong in sample files"),
    "truth value": (lambda: PT.replace(thickness=True), "thickness", "True", "greater than 0"),
    "None": (lambda: PT.replace(thickness=None), "thickness", "None", "a value is needed"),
    "an object": (lambda: PT.replace(thickness=object()), "thickness", "object", "not a real number"),
    "complex": (lambda: PT.replace(thickness=1e-9 + 1j), "thickness", "1j", "not a real number"),
    "empty array": (lambda: PT.replace(thickness=[]), "thickness", "[]", "empty"),
    "tensor of wrong shape": (lambda: PT.replace(spin_hall_angle=[[1.0, 1.0]] * 2), "spin_hall_angle", "(2, 2)", "3x2"),
    "splitter of wrong shape": (lambda: PT.replace(spin_splitter=[0.1, 0.2]), "spin_splitter", "(2,)", "3x2"),
    "splitter creating energy": (lambda: PT.replace(spin_splitter=np.ones((3, 2))), "spin_splitter", "1.", "up to 1"),
    "two diffusion coefficients": (lambda: PT.replace(diffusion_coefficient=1e-4, density_of_states=1e47),
                                   "diffusion_coefficient", "density_of_states", "Give one"),
    "name without Unicode": (lambda: PT.replace(name="a\ud800"), "Metal", "nobody sees", "text that can be read"),
    "unknown field": (lambda: PT.replace(thicknes=1e-9), "Metal('Pt').thicknes", "got 1e-09", "Allowed: thickness"),
    "name not text": (lambda: PT.replace(name=3), "name", "3", "Give a name such as 'Pt'"),
    "name with a bar": (lambda: PT.replace(name="Pt|Py"), "name", "'Pt|Py'", "Allowed: text without"),
    "empty name": (lambda: PT.replace(name=""), "name", "''", "Allowed: text"),
    "magnetic without mixing": (lambda: Interface(conductance_up=4e14, conductance_down=2e14), "mixing_conductance",
                                "400000000000000.0", "Give mixing_conductance=Gr+1j*Gi"),
    "negative mixing": (lambda: Interface(**{**BARRIER, "mixing_conductance": -1e14}), "mixing_conductance", "-1",
                        "whose real part is at least 0"),
    "upper mixing alone": (lambda: Interface(conductance_up=1e14, conductance_down=1e14,
                                             mixing_conductance_upper=1e14), "mixing_conductance_upper", "1",
                           "Give both"),
    "transmits more than enters": (lambda: Interface(**BARRIER, transmitted_mixing_conductance=7e14),
                                   "transmitted_mixing_conductance", "7", "at most 6e+14"),
    "magnet not a name": (lambda: Interface(**BARRIER, magnet=1), "magnet", "1", "the name of a neighbouring magnet"),
    "unknown material": (lambda: Metal.of("Ptt", thickness=1e-9), "material", "'Ptt'", "Did you mean 'Pt'"),
    "material of another kind": (lambda: Metal.of("Py", thickness=1e-9), "Py", "Ferromagnet", "Allowed: Pt"),
    "a number in a film": (lambda: Film((PT, 3)), "Film", "3", "Allowed: Metal, Ferromagnet"),
    "zero repeats": (lambda: FILM * 0, "Film", "0", "a whole number from 1"),
    "negative repeats": (lambda: PT * -2, "Film", "-2", "a whole number from 1"),
}  # fmt: skip

PATHS = {
    "unknown element": (lambda: FILM.get("Pd.thickness"), "element", "'Pd'", "Allowed: Pt, Pt|Py, Py"),
    "unknown field": (lambda: FILM.get("Pt.polarization"), "Pt.polarization", "no such", "Allowed: thickness"),
    "no field": (lambda: FILM.get("Pt"), "path", "'Pt'", "'Pt.thickness'"),
    "a number": (lambda: FILM.replace({3: 1.0}), "path", "3", "'Pt.thickness'"),
    "index too large": (lambda: FILM.get("Pt[1].thickness"), "Pt[1]", "1 of 'Pt'", "counted from 0"),
    "part of a real": (lambda: FILM.get("Pt.thickness.real"), "thickness", "is real", "no .real part"),
    "different values": (lambda: (FILM | PT.replace(thickness=1e-9)).get("Pt.thickness"), "Pt.thickness", "1e-09",
                         "Pick one"),
    "bad value": (lambda: FILM.replace({"Py.thickness": -1.0}), "thickness", "-1.0", "greater than 0"),
}  # fmt: skip

OBSERVABLES = {
    "m missing": (lambda: ss.sheet_conductance(FILM), "m", "missing", "m=(0, 1, 0)"),
    "m of length zero": (lambda: ss.sheet_conductance(FILM, m=(0, 0, 0)), "m", "(0, 0, 0)",
                         "Give for example (0, 1, 0)"),
    "one m of length zero": (lambda: ss.sheet_conductance(FILM, m=[Y, (0, 0, 0)]), "m", "(0, 0, 0)", "Give"),
    "m NaN": (lambda: ss.sheet_resistance(FILM, m=(0, nan, 1)), "m", "nan", "three components"),
    "m infinite": (lambda: ss.sheet_resistance(FILM, m=(0, inf, 1)), "m", "inf", "three components"),
    "m of two components": (lambda: ss.sheet_conductance(FILM, m=(0, 1)), "m", "(0, 1)", "three components"),
    "m a number": (lambda: ss.sheet_conductance(FILM, m=1.0), "m", "1.0", "three components"),
    "m text": (lambda: ss.sheet_conductance(FILM, m="up"), "m", "'up'", "three components"),
    "m ragged": (lambda: ss.sheet_conductance(FILM, m=[(0, 1), Y]), "m", "(0, 1)", "three components"),
    "m of an unknown magnet": (lambda: ss.sheet_conductance(FILM, m={"Py": Y, "Co": Y}), "m", "'Co'",
                               "Allowed: Py"),
    "m of no magnet": (lambda: ss.sheet_conductance(FILM, m={}), "m", "'Py'", "Magnets of the film: Py"),
    "m mapped to zero": (lambda: ss.torque(FILM, m={"Py": (0, 0, 0)}), "m['Py']", "(0, 0, 0)", "Give"),
    "m of another batch": (lambda: ss.sheet_conductance(BATCH, m=[Y, Y, Y]), "m", "(3,)", "broadcast"),
    "B of another batch": (lambda: ss.sheet_conductance(BATCH, m=Y, B=np.zeros((3, 3))), "B", "(3,)", "broadcast"),
    "B NaN": (lambda: ss.sheet_conductance(FILM, m=Y, B=(0, 0, nan)), "B", "nan", "three components in tesla"),
    "B a number": (lambda: ss.sheet_conductance(FILM, m=Y, B=1.0), "B", "1.0", "three components in tesla"),
    "B text": (lambda: ss.sheet_conductance(FILM, m=Y, B="1 T"), "B", "'1 T'", "three components in tesla"),
    "B missing": (lambda: ss.sheet_conductance(FILM, m=Y, B=None), "B", "None", "three components in tesla"),
    "unknown plane": (lambda: ss.angular_scan(FILM, plane="delta"), "plane", "'delta'", "'alpha' (x to y)"),
    "plane not text": (lambda: ss.magnetoresistance(FILM, plane=1), "plane", "1", "'alpha' (x to y)"),
    "plane a list": (lambda: ss.magnetoresistance(FILM, plane=["beta"]), "plane", "['beta']", "'alpha' (x to y)"),
    "plane a number": (lambda: ss.angular_scan(FILM, plane=5), "plane", "5", "'alpha'"),
    "no plane": (lambda: ss.angular_scan(FILM, plane=[]), "plane", "[]", "'alpha'"),
    "angles NaN": (lambda: ss.angular_scan(FILM, angles=[0, nan]), "angles", "nan", "numbers in degrees"),
    "no angles": (lambda: ss.angular_scan(FILM, angles=[]), "angles", "[]", "numbers in degrees"),
    "angles text": (lambda: ss.angular_scan(FILM, angles="all"), "angles", "'all'", "numbers in degrees"),
    "angles in two dimensions": (lambda: ss.angular_scan(FILM, angles=[[0, 1]]), "angles", "[[0, 1]]",
                                 "one-dimensional"),
    "field a vector": (lambda: ss.angular_scan(FILM, field=(0, 0, 1)), "field", "(0, 0, 1)",
                       "one finite number in tesla"),
    "field NaN": (lambda: ss.angular_scan(FILM, field=nan), "field", "nan", "one finite number in tesla"),
    "field text": (lambda: ss.angular_scan(FILM, field="1 T"), "field", "'1 T'", "one finite number in tesla"),
    "ratio in a field NaN": (lambda: ss.magnetoresistance(FILM, "beta", field=nan), "field", "nan", "finite"),
    "ratio in a field of text": (lambda: ss.magnetoresistance(FILM, "beta", field="1 T"), "field", "'1 T'", "tesla"),
    "scan of a batch": (lambda: ss.angular_scan(BATCH), "angular_scan", "batch", "one film"),
    "scan of a batch as long as the angles": (lambda: ss.angular_scan(BATCH, angles=[0]), "angular_scan", "batch",
                                              "one film"),
    "profile of a batch": (lambda: ss.profile(BATCH, m=Y), "profile", "(2,)", "one film"),
    "E of three components": (lambda: ss.profile(FILM, m=Y, E=(1, 0, 0)), "E", "(1, 0, 0)", "two finite numbers"),
    "E a number": (lambda: ss.torque(FILM, m=Y, E=1.0), "E", "1.0", "two finite numbers"),
    "E NaN": (lambda: ss.average_spin_current(FILM, "Pt", m=Y, E=(nan, 0)), "E", "nan", "two finite numbers"),
    "E text": (lambda: ss.profile(FILM, m=Y, E="x"), "E", "'x'", "two finite numbers"),
    "one point": (lambda: ss.profile(FILM, m=Y, points=1), "points", "1", "a whole number from 2"),
    "half points": (lambda: ss.profile(FILM, m=Y, points=10.5), "points", "10.5", "a whole number from 2"),
    "points true": (lambda: ss.profile(FILM, m=Y, points=True), "points", "True", "a whole number from 2"),
    "torque on nothing": (lambda: ss.torque(Film((PT,))), "torque", "no magnet", "Add a Ferromagnet"),
    "across an insulator": (lambda: ss.perpendicular_resistance(FILM | ss.MagneticInsulator("YIG"), m=Y), "'YIG'",
                            "no charge", "Remove it"),
    "unknown layer": (lambda: ss.average_spin_current(FILM, "Co", m=Y), "element", "'Co'", "Allowed: Pt"),
    "an interface as layer": (lambda: ss.average_spin_current(FILM, "Pt|Py", m=Y), "layer", "'Pt|Py'",
                              "Layers: Pt, Py"),
    "a layer that repeats": (lambda: ss.average_spin_current(FILM | PT, "Pt", m=Y), "layer", "'Pt'", "Layers: Pt"),
    "layer a number": (lambda: ss.average_spin_current(FILM, 0, m=Y), "layer", "0", "Layers: Pt, Py"),
    "index not a number": (lambda: ss.average_spin_current(FILM, "Pt[a]", m=Y), "layer", "'Pt[a]'", "Layers: Pt, Py"),
    "ratio of two metals": (lambda: ss.spin_current_mr_ratio(FILM | PT.replace(name="Cu")), "layer", "Pt, Cu",
                            "Name one"),
    "an interface as film": (lambda: ss.sheet_conductance(Interface(**BARRIER)), "film", "Interface(", "with |"),
    "no film": (lambda: ss.sheet_conductance(None), "film", "None", "Film"),
    "an empty film": (lambda: ss.sheet_conductance(Film(())), "film", "no conducting layer", "Add a Metal"),
    "an open interface": (lambda: ss.sheet_conductance(Interface(**BARRIER) | PY, m=Y), "interface", "lowest",
                          "remove it"),
    "mixing without a magnet": (lambda: ss.sheet_conductance(PT | Interface(**BARRIER) | PT), "mixing_conductance",
                                "no magnet", "Leave it out"),
    "undetermined spin": (lambda: ss.sheet_conductance(Film((PT.replace(spin_diffusion_length=inf),))),
                          "spin_diffusion_length", "got inf", "Give at least one"),
}  # fmt: skip

R = partial(ss.sheet_resistance, m=Y)
T1 = {"Pt.thickness": [1e-9, 2e-9]}
SWEEPS = {
    "over nothing": (lambda: ss.sweep(FILM, {}, R), "over", "{}", "at least one"),
    "over a list": (lambda: ss.sweep(FILM, ["Pt.thickness"], R), "over", "['Pt.thickness']", "a mapping"),
    "no values": (lambda: ss.sweep(FILM, {"Pt.thickness": []}, R), "Pt.thickness", "(0,)", "at least one value"),
    "values in two dimensions": (lambda: ss.sweep(FILM, {"Pt.thickness": [[1e-9]]}, R), "Pt.thickness", "(1, 1)",
                                 "one dimension"),
    "ragged values": (lambda: ss.sweep(FILM, {"Pt.thickness": [[1e-9], [1e-9, 2e-9]]}, R), "Pt.thickness", "1e-09",
                      "one dimension"),
    "values of text": (lambda: ss.sweep(FILM, {"Pt.thickness": ["1 nm"]}, R), "thickness", "1 nm", "greater than 0"),
    "one negative value": (lambda: ss.sweep(FILM, {"Pt.thickness": [1e-9, -1e-9]}, R), "thickness", "-1", "greater"),
    "unknown element": (lambda: ss.sweep(FILM, {"Pd.thickness": [1e-9]}, R), "element", "'Pd'", "Allowed: Pt"),
    "unknown field": (lambda: ss.sweep(FILM, {"Pt.depth": [1e-9]}, R), "Pt.depth", "no such", "Allowed: thick"),
    "complex axis": (lambda: ss.sweep(FILM, {"Pt|Py.mixing_conductance": [1e14 + 1j]}, R), "Pt|Py.mixing_conductance",
                     "complex", "Pt|Py.mixing_conductance.real"),
    "complex values of a real": (lambda: ss.sweep(FILM, {"Pt.thickness": [1e-9 + 1j]}, R), "thickness", "1j",
                                 "not a real number"),
    "observable no function": (lambda: ss.sweep(FILM, T1, "R_xx"), "observable", "'R_xx'", "a function of a film"),
    "observable without m": (lambda: ss.sweep(FILM, T1, ss.sheet_resistance), "m", "missing", "m=(0, 1, 0)"),
    "no such folder": (lambda: ss.sweep(FILM, T1, R, path="nowhere/map.nc"), "path", "'nowhere'", "Create it first"),
    "a folder": (lambda: ss.sweep(FILM, T1, R, path="."), "path", "'.'", "such as 'map.nc'"),
    "unknown path, to a file": (lambda: ss.sweep(FILM, {"Pd.thickness": [1e-9]}, R, path="map.nc"), "element", "'Pd'",
                                "Allowed: Pt"),
    "observable fails, to a file": (lambda: ss.sweep(FILM, T1, ss.sheet_resistance, path="map.nc"), "m", "missing",
                                    "m=(0, 1, 0)"),
    "complex axis, to a file": (lambda: ss.sweep(FILM, {"Pt|Py.mixing_conductance": [1e14 + 1j]}, R, path="map.nc"),
                                "Pt|Py.mixing_conductance", "complex", "Pt|Py.mixing_conductance.real"),
    "gradient without m": (lambda: ss.gradient(FILM, ss.sheet_resistance), "m", "missing", "m=(0, 1, 0)"),
    "gradient of no function": (lambda: ss.gradient(FILM, "R_xx"), "observable", "'R_xx'", "a function of a film"),
}  # fmt: skip

CALLS = {
    f"{group}: {name}": case
    for group, cases in (("make", CONSTRUCTORS), ("path", PATHS), ("observe", OBSERVABLES), ("sweep", SWEEPS))
    for name, case in cases.items()
}


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS)
def test_a_bad_call_is_refused_with_argument_value_and_remedy(here, case):
    call, argument, value, remedy = case
    with pytest.raises(ParameterError) as caught:
        call()
    message = str(caught.value)
    assert argument in message, message
    assert value in message, message
    assert remedy in message, message
    assert list(here.iterdir()) == []


def test_the_film_that_the_calls_break_is_good():
    assert ss.sheet_conductance(FILM, m=Y).shape == (2, 2)
    assert ss.sheet_conductance(BATCH, m=[Y, Y]).shape == (2, 2, 2)


@pytest.mark.parametrize("m", [None, Y, {}])
def test_a_film_without_magnets_needs_no_m_and_takes_any(m):
    film = Film((PT,))
    np.testing.assert_array_equal(ss.sheet_conductance(film, m=m), ss.sheet_conductance(film))


def test_the_length_of_m_does_not_matter():
    np.testing.assert_allclose(
        ss.sheet_conductance(FILM, m=(0, 3e5, 4e5)), ss.sheet_conductance(FILM, m=(0, 0.6, 0.8)), rtol=1e-14, atol=1e-20
    )


def test_a_file_that_holds_something_else_is_neither_overwritten_nor_read(here):
    (here / "map.nc").write_bytes(b"notes")
    with pytest.raises(ParameterError, match=r"'map\.nc', which exists and holds something else.*overwrite=True"):
        ss.sweep(FILM, T1, R, path="map.nc")
    assert [(p.name, p.read_bytes()) for p in here.iterdir()] == [("map.nc", b"notes")]


class Exotic(Metal):
    """An element that has no word in the file format."""


BAD_SAVES = {
    "batch": (lambda: (PT | PY).replace({"Py.thickness": np.array([1e-9, 2e-9])}), "film.toml",
              r"Py\.thickness: an array of shape \(2,\), that is a batch.*Pick one value with film\.replace"),
    "batch of one": (lambda: (PT | PY).replace({"Pt.conductivity": [1e6]}), "film.toml",
                     r"Pt\.conductivity: an array"),
    "batch of Hall angles": (lambda: (PT | PY).replace({"Pt.spin_hall_angle": [0.1, 0.2, 0.3]}), "film.toml",
                             r"Pt\.spin_hall_angle: an array of shape \(3,\)"),
    "batch of tensors": (lambda: (PT | PY).replace({"Pt.spin_hall_angle[:,:]": np.zeros((2, 3, 2))}), "film.toml",
                         r"Pt\.spin_hall_angle: an array of shape \(2, 3, 2\)"),
    "an element": (lambda: ss.Vacuum(), "film.toml", r"Vacuum\(.*which is not a film\. Give a layer, or elements"),
    "nothing": (lambda: None, "film.toml", r"got None, which is not a film"),
    "an empty film": (lambda: Film(()), "film.toml", "no conducting layer"),
    "an open interface": (lambda: PT | Interface(conductance_up=1e14, conductance_down=1e14), "film.toml", "topmost"),
    "an element of another kind": (lambda: Film((Exotic("X", thickness=1e-9, conductivity=1e6,
                                                        spin_diffusion_length=1e-9),)), "film.toml",
                                   r"X: a Exotic\. Allowed: metal, ferromagnet"),
    "missing folder": (lambda: PT | PY, "nowhere/film.toml",
                       r"cannot be written .*Give a file in a folder that exists"),
    "a folder": (lambda: PT | PY, ".", r"cannot be written \(it is a folder\)"),
    "a number as path": (lambda: PT | PY, 7, r"path: got 7\. Allowed: text such as 'sample\.toml'"),
}  # fmt: skip


@pytest.mark.parametrize(("film", "path", "message"), BAD_SAVES.values(), ids=BAD_SAVES)
def test_a_film_that_cannot_be_saved_leaves_nothing_on_disk(here, film, path, message):
    film = film()
    with pytest.raises(ParameterError) as caught:
        save_sample(film, path)
    assert re.search(message, str(caught.value), re.DOTALL), str(caught.value)
    assert list(here.iterdir()) == []


def test_saving_under_a_title_that_is_no_text_is_refused(here):
    with pytest.raises(SampleError, match="title: got 5, which is not text"):
        save_sample(PT | PY, "film.toml", title=5)
    assert list(here.iterdir()) == []


def test_an_abstract_value_inside_a_transformation_is_not_saved(here):
    jax = pytest.importorskip("jax")

    def save(thickness):
        save_sample((PT | PY).replace({"Pt.thickness": thickness}), "film.toml")
        return thickness

    with pytest.raises(SampleError, match=r"Pt\.thickness: an abstract value"):
        jax.jit(save)(1e-9)
    assert list(here.iterdir()) == []
