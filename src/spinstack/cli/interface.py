"""``spinstack interface``: the coefficients of an interface from its scattering."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spinstack.cli import console
from spinstack.cli.files import FIGURES, check_target, save_figure
from spinstack.report.interface import InterfaceReport
from spinstack.text.checks import number
from spinstack.text.errors import ParameterError
from spinstack.text.units import parse_quantity


def interface(
    strengths: dict[str, str | None],
    sharvin: bool,
    m: str,
    mean_free_path: Sequence[str],
    polarization: Sequence[str],
    output: Path | None,
    figure: Path | None,
) -> int:
    """Print the coefficients of a delta barrier and write the files asked for; returns the exit code."""
    for option, path, endings in (("--output", output, (".csv", ".nc")), ("--figure", figure, FIGURES)):
        if path is not None:
            check_target(path, option, endings)
    asked = _read(strengths, sharvin, m, mean_free_path, polarization)
    values = asked.values()
    console.say(asked.heading())
    console.show(asked.table(values))
    if output is not None:
        asked.write(output, values)
        console.say(f"Data written to {output}")
    if figure is not None:
        from spinstack.figures.scattering import fermi_disc

        save_figure(fermi_disc(asked.barrier, asked.m), figure)
        console.say(f"Figure written to {figure}")
    return 0


def _read(
    strengths: dict[str, str | None], sharvin: bool, m: str, mean_free_path: Sequence[str], polarization: Sequence[str]
) -> InterfaceReport:
    from spinstack.scattering import DeltaBarrier
    from spinstack.stack.directions import unit_vector

    units = {name: spec.unit for name, spec in DeltaBarrier.specifications().items()}
    given: dict[str, Any] = {n: _number(n, v, units[n]) for n, v in strengths.items() if v is not None}
    barrier = DeltaBarrier(**given, sharvin=sharvin)
    try:
        vector = tuple(float(v) for v in m.replace(",", " ").split())
    except ValueError:
        vector = ()
    if len(vector) != 3:
        raise ParameterError(field="--m", got=m, allowed="three numbers with commas between, for example --m 0,0,1")
    unit_vector(vector, "--m")
    paths = [number(_number("mean_free_path", v, "m"), "--mean-free-path", low=0) for v in mean_free_path]
    P = [number(_number("polarization", v, "1"), "--polarization", low=-1, high=1) for v in polarization]
    return InterfaceReport(barrier, vector, (paths[0], paths[1]), (P[0], P[1]))


def _number(name: str, text: str, unit: str) -> Any:
    try:
        return parse_quantity(text, unit)
    except ParameterError as error:
        raise error.with_fields(field=f"--{name.replace('_', '-')}") from None
