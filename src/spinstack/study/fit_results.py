"""``result = "planes.nc"`` of data in a fit file: what an analysis of measured files has found, with its covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from spinstack.fitting.data import Data
from spinstack.fitting.measured import bar_data, planes_data, told
from spinstack.fitting.samples import Sample
from spinstack.study import conditions
from spinstack.study.arguments import Meaning, own_parameters, unknown
from spinstack.study.fit_data import samples_of, weight_of
from spinstack.study.fit_numbers import fraction
from spinstack.study.table import Table
from spinstack.text import store
from spinstack.text.errors import ParameterError, near_names

#: keys of a table beside the arguments of what makes data of a result
OWN = ("sample", "name", "result", "observables", "systematic", "weight")
_MEANING = Meaning(bare=frozenset({"1"}), any_of={"m": str})


def read_result(table: Table, samples: Mapping[str, Sample], folder: Path) -> list[Data]:
    """Data sets of a file of results, one for each kind of number that it tells; what is wrong is noted."""
    names = samples_of(table, samples)
    if isinstance(table.data.get("sample"), list):
        allowed = "the name of one sample; give each result its own table"
        table.refuse(ParameterError(got=table.data["sample"], allowed=allowed), "sample")
    found = _loaded(table, folder)
    if found is None or len(names) != 1:
        return []
    wanted = table.data.get("observables", [])
    if not isinstance(wanted, list) or not all(isinstance(n, str) for n in wanted):
        table.refuse(ParameterError(got=wanted, allowed='a list of names such as ["beta"]'), "observables")
        return []
    parts: dict[str, tuple[Any, tuple[str, ...]]] = {}
    with table.refusing():
        parts = told(found, wanted)
    out, known = [], {name for function, _ in parts.values() for name in own_parameters(function, 2)}
    for key in {*table.data} - {*OWN, *known} if parts else ():
        table.refuse(unknown(key, table.data[key], (*OWN, *sorted(known - {"systematic", "plane"}))))
    for function, chosen in parts.values():
        out += _made(table, samples[names[0]], found, function, chosen)
    return out


def _made(table: Table, sample: Sample, found: xr.Dataset, function: Any, chosen: tuple[str, ...]) -> list[Data]:
    """What one function makes of a result."""
    before = len(table.problems)
    parameters = own_parameters(function, 2)
    own = table.inside(data={k: v for k, v in table.data.items() if k in parameters and k not in ("systematic", "m")})
    arguments = own.read(function, _MEANING, given=2)
    arguments["systematic"], weight = fraction(table, "systematic"), weight_of(table)
    if "m" in parameters:
        arguments["m"] = conditions.directions(table, sample.film, Any, True)
    if function is bar_data:
        arguments["plane"] = chosen[0].partition(".")[0] if "." in chosen[0] else ""
    if len(table.problems) > before:
        return []
    # covariances are of parameters on both sides
    part = found.sel(parameter=[*chosen], parameter_other=[*chosen]) if function is planes_data else found
    with table.refusing_all("result"):
        made: Data = function(part, sample.name, **arguments)
        _ = made.whitening
        return [_named(made, table, weight)]
    return []


def _named(made: Data, table: Table, weight: float) -> Data:
    given = table.data.get("name")
    if given is not None and not (isinstance(given, str) and given.strip()):
        table.refuse(ParameterError(got=given, allowed="text in quotes"), "name")
        given = None
    return replace(made, weight=weight, name=given or made.name)


def _loaded(table: Table, folder: Path) -> xr.Dataset | None:
    """A file of results as it was written."""
    with table.refusing("result"):
        path = table.data["result"]
        if not isinstance(path, str) or not path.strip():
            raise ParameterError(got=path, allowed='the path of a result such as "out/results/fit_planes.nc"')
        place = folder / path
        if not place.is_file():
            near = near_names(place.name, (p.name for p in place.parent.glob("*.nc"))).strip()
            remedy = near or "Has 'spinstack analyze' been run?"
            raise ParameterError("there is no such file", got=path, remedy=remedy)
        found = store.read_dataset(place)
        if found is None:
            raise ParameterError("which is no result of this program, or not as it was written", got=path)
        return found
    return None
