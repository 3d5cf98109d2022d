"""Arguments from tables: what a signature says is what a file may say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from spinstack.study.arguments import MOST_POINTS, Meaning, read
from spinstack.text.errors import ParameterError
from spinstack.text.units import In

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Layer:
    name: str
    thickness: Annotated[float, In("m")]
    repeats: int = 1


def called(
    data: object,
    width: Annotated[float, In("T")],
    angles: Annotated[Sequence[float], In("deg")] = range(0, 361, 90),
    plane: Literal["alpha", "beta"] | Sequence[Literal["alpha", "beta"]] = "alpha",
    B: Annotated[Vector | np.ndarray, In("T")] = (0.0, 0.0, 0.0),
    path: Annotated[Sequence[float] | Sequence[Vector] | None, In("T")] = None,
    layers: Sequence[Layer] = (),
    by_name: Mapping[str, float] | None = None,
    over: Literal["angle", "field"] = "angle",
    tolerance: Annotated[float, In(like="over")] = 0.0,
    count: int = 3,
    flag: bool = False,
    anything: Any = None,
) -> "NameThatOnlyTypeCheckersLoad":  # noqa: F821
    raise AssertionError("reading calls nothing")


UNITS = Meaning(unit_of=lambda name: {"field": "T", "angle": "deg"}.get(name, "1"))
NEEDED = {"width": 1}


def given(meaning=UNITS, **table):
    found = read(called, {**NEEDED, **table}, meaning, given=1)
    assert not found.errors, found.errors
    return found.arguments


def refused(meaning=UNITS, **table):
    return read(called, {**NEEDED, **table}, meaning, given=1).errors


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("width", "5 kOe", 0.5),
        ("width", 2, 2.0),
        ("angles", ["0 deg", 90], (0.0, 90.0)),
        ("angles", {"start": "0 deg", "stop": "10 deg", "points": 3}, (0.0, 5.0, 10.0)),
        ("angles", {"points": 2}, (0.0, 360.0)),
        ("angles", {"start": 1, "stop": 100, "points": 3, "spacing": "log"}, (1.0, 10.0, 100.0)),
        ("plane", "beta", "beta"),
        ("plane", ["beta", "alpha"], ("beta", "alpha")),
        ("B", [0, "1 T", "10 kOe"], (0.0, 1.0, 1.0)),
        ("path", [1, "2 T"], (1.0, 2.0)),
        ("path", [[0, 0, 1], [0, "1 T", 0]], ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0))),
        ("layers", [{"name": "Pt", "thickness": "3 nm"}], (Layer("Pt", 3e-9),)),
        ("by_name", {"field": "1 kOe", "other": 3}, {"field": 0.1, "other": 3.0}),
        ("tolerance", "1 deg", 1.0),
        ("count", 4, 4),
        ("flag", True, True),
        ("anything", ["5 %", "text"], [0.05, "text"]),
    ],
)
def test_values_become_what_the_annotation_says(name, value, meant):
    got = given(**{name: value})[name]
    assert got == (
        meant if isinstance(meant, dict | list | str) else meant if name in ("layers", "path") else pytest.approx(meant)
    )
    assert type(got) is type(meant)


def test_a_unit_may_follow_from_another_argument():
    assert given(over="field", tolerance="5 Oe")["tolerance"] == pytest.approx(5e-4)


@pytest.mark.parametrize(
    ("name", "value", "path", "words"),
    [
        ("width", "1 K", (), "does not convert to T"),
        ("width", True, (), "truth value"),
        ("width", float("nan"), (), "not a number"),
        ("angles", [], (), "empty"),
        ("angles", [0, "1 T"], (1,), "convert to deg"),
        ("angles", {"start": 0, "stop": 1, "points": MOST_POINTS + 1}, ("points",), str(MOST_POINTS)),
        ("angles", {"start": 0, "stop": 1, "point": 3}, ("point",), "'points'"),
        ("angles", {"start": 0, "stop": 0, "points": 3}, ("stop",), "same as start"),
        ("angles", {"start": 0, "stop": 9, "points": 3, "spacing": "log"}, ("spacing",), "zero"),
        ("path", {"start": 0, "points": 3}, ("stop",), "missing"),
        ("plane", "gamma", (), "'alpha', 'beta'; or a list of"),
        ("plane", ["alpha", "alpha"], (), "twice"),
        ("plane", ["alpha", "delta"], (1,), "'beta'"),
        ("B", [0, 1], (), "three numbers"),
        ("path", [[0, 0, 1], 3], (1,), "three numbers"),
        ("path", "1 T", (), "a list of numbers"),
        (
            "layers",
            [{"name": "Pt", "thickness": "3 nm"}, {"name": "Co", "thicknes": 1}],
            (1, "thicknes"),
            "'thickness'",
        ),
        ("by_name", {"field": "1 m"}, ("field",), "convert to T"),
        ("by_name", 3, (), "a table"),
        ("count", 3.0, (), "whole number"),
        ("count", True, (), "whole number"),
        ("flag", "yes", (), "true or false"),
        ("plan", "beta", (), "Did you mean 'plane'"),
    ],
)
def test_what_is_wrong_says_where_and_what_is_allowed(name, value, path, words):
    error = refused(**{name: value})[0]
    assert error.path == (name, *path)
    assert words in str(error)


def test_everything_that_is_wrong_is_told_at_once():
    found = read(
        called, {"plane": "delta", "count": "two", "layers": [{"thickness": 1, "depth": 2}], "x": 1}, UNITS, given=1
    )
    paths = {error.path for error in found.errors}
    assert paths == {("plane",), ("count",), ("layers", 0, "depth"), ("layers", 0, "name"), ("x",), ("width",)}
    assert not found.arguments


def test_a_number_alone_may_be_allowed_for_some_units_only():
    bare = Meaning(bare=frozenset({"T"}))
    assert given(bare, width=2)["width"] == 2.0
    (error,) = refused(bare, angles=[0])
    assert "has no unit" in str(error)


def test_types_and_marks_are_read_by_what_the_meaning_says():
    class Mark(str):
        pass

    def function(other: Layer | None, named: Annotated[str, Mark("layers")], fit: Callable[..., Any]) -> None: ...

    meaning = Meaning(
        kinds={Layer: lambda value: ("file", value), Callable: lambda value: ("function", value)},
        beside={Mark: lambda value, mark: f"{mark}:{value}"},
    )
    found = read(function, {"other": "x", "named": "Pt"}, meaning, optional=["other", "named", "fit"])
    assert found.arguments == {"other": ("file", "x"), "named": "layers:Pt"}


def test_annotations_by_name_stand_in_for_anything():
    meaning = Meaning(any_of={"anything": Annotated[float, In("K")], "width": str})
    assert given(meaning, anything="5 K") == {"width": 1.0, "anything": 5.0}


def test_further_names_go_to_the_function_that_is_named():
    def fit(data: object, level: float = 0.95, order: int = 2) -> None: ...

    def resampled(data: object, fit: Callable[..., Any] = fit, **options: Any) -> None: ...

    def named(value):
        if value != "fit":
            raise ParameterError(got=value, allowed="fit")
        return fit

    meaning = Meaning(kinds={__import__("collections").abc.Callable: named})
    assert read(resampled, {"fit": "fit", "order": 3}, meaning, given=1).arguments == {"fit": fit, "order": 3}
    assert [e.path for e in read(resampled, {"ordr": 3}, meaning, given=1).errors] == [("ordr",)]
    assert [e.path for e in read(resampled, {"fit": "other"}, meaning, given=1).errors] == [("fit",)]
