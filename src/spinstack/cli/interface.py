"""``spinstack interface``: the coefficients of an interface from its scattering."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from spinstack.cli import console
from spinstack.cli.files import FIGURES, check_target, save_figure
from spinstack.report.interface import InterfaceReport
from spinstack.text.checks import choice, number
from spinstack.text.errors import ParameterError, Problems, near_names
from spinstack.text.units import parse_quantity

if TYPE_CHECKING:
    from spinstack.stack.described import Model


def interface(
    kind: str,
    numbers: Mapping[str, str],
    sharvin: bool,
    m: str,
    mean_free_path: Sequence[str],
    polarization: Sequence[str],
    output: Path | None,
    figure: Path | None,
) -> int:
    """Print the coefficients of a barrier and write the files asked for; returns the exit code."""
    for option, path, endings in (("--output", output, (".csv", ".nc")), ("--figure", figure, FIGURES)):
        if path is not None:
            check_target(path, option, endings)
    asked = _read(_barrier(kind, numbers, sharvin), m, mean_free_path, polarization)
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


def barriers() -> dict[str, type[Model]]:
    """Every kind of barrier by its word."""
    from spinstack import scattering  # noqa: F401  (which makes its models known)
    from spinstack.stack.described import Model

    return Model.filling("scattering")


def barriers_in_words() -> str:
    """Every kind of barrier and its numbers, as options."""
    lines = []
    for word, kind in barriers().items():
        lines += [f"{word}: {inspect.cleandoc(kind.__doc__ or '').splitlines()[0].replace('`', '')}"]
        for name, spec in kind.specifications().items():
            needed = " (needed)" if name in kind.required() else ""
            unit = "" if spec.unit == "1" else f" [{spec.unit}]"
            lines += [f"    {_option(name)}{unit}  {spec.doc}{needed}"]
        lines += [f"    {_option(name)}  a file with its arrays (needed)" for name in getattr(kind, "files", ())]
    return "\n".join(lines)


def _barrier(word: str, numbers: Mapping[str, str], sharvin: bool) -> Any:
    from spinstack.stack.parameters import checked

    known = barriers()
    kind = known[choice(word, "--kind", known)]
    problems = Problems()
    given: dict[str, Any] = {"sharvin": sharvin} if sharvin else {}
    with problems:
        if sharvin and "sharvin" not in {f.name for f in fields(kind)}:
            raise ParameterError(f"which a {word} does not have", field="--sharvin", remedy="Leave it out.")
    specs = {_option(name): (name, spec) for name, spec in kind.specifications().items()}
    words = {_option(name): name for name in getattr(kind, "files", ())}
    for key, text in numbers.items():
        option = _option(key)
        with problems:
            if option in words:
                given[words[option]] = text
                continue
            if option not in specs:
                near, allowed = near_names(option, specs).strip(), ", ".join(specs)
                raise ParameterError(f"for no number of a {word}", field=option, got=text, allowed=allowed, remedy=near)
            name, spec = specs[option]
            value = _number(option, text, spec.unit, "complex" if spec.kind == "complex" else "real")
            given[name] = checked("", option, value, spec)
    for name in kind.required():
        if _option(name) not in map(_option, numbers):
            _, spec = specs[_option(name)]
            problems.errors.append(ParameterError("missing", field=_option(name), unit=spec.unit, allowed=spec.doc))
    problems.end()
    return kind(**given)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _read(barrier: Any, m: str, mean_free_path: Sequence[str], polarization: Sequence[str]) -> InterfaceReport:
    from spinstack.stack.directions import unit_vector

    try:
        vector = tuple(float(v) for v in m.replace(",", " ").split())
    except ValueError:
        vector = ()
    if len(vector) != 3:
        raise ParameterError(field="--m", got=m, allowed="three numbers with commas between, for example --m 0,0,1")
    unit_vector(vector, "--m")
    paths = [number(_number("--mean-free-path", v, "m"), "--mean-free-path", low=0) for v in mean_free_path]
    P = [number(_number("--polarization", v, "1"), "--polarization", low=-1, high=1) for v in polarization]
    return InterfaceReport(barrier, vector, (paths[0], paths[1]), (P[0], P[1]))


def _number(option: str, text: str, unit: str, kind: Literal["real", "complex"] = "real") -> Any:
    try:
        return parse_quantity(text, unit, kind=kind)
    except ParameterError as error:
        raise error.with_fields(field=option) from None
