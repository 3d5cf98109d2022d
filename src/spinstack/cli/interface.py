"""``spinstack interface``: the coefficients of an interface from its scattering."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.cli import console
from spinstack.stack import ParameterError

if TYPE_CHECKING:
    from spinstack.scattering import DeltaBarrier

_FIGURES = (".png", ".pdf", ".svg")
_DATA = (".csv", ".nc")
#: sections of the printed table, by first coefficient
_SECTIONS = ("mixing_conductance", "spin_memory_loss_parallel", "filtering_lower", "torkivity_damping_like")


@dataclass(frozen=True)
class Asked:
    """One interface as the command line describes it, checked; lengths in SI."""

    barrier: DeltaBarrier
    m: tuple[float, ...]
    mean_free_path: tuple[float, float]
    polarization: tuple[float, float]


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
    _check_file("--output", output, _DATA)
    _check_file("--figure", figure, _FIGURES)
    asked = _read(strengths, sharvin, m, mean_free_path, polarization)

    from spinstack.scattering.coefficients import MEANING

    values = asked.barrier.coefficients(asked.m, asked.mean_free_path, asked.polarization)
    in_plane = any(asked.mean_free_path)
    table = console.table("Interface", "coefficient", "meaning", "value", "unit", left=2)
    for name, (unit, words) in MEANING.items():
        if name in _SECTIONS:
            table.add_section()
        shown, unit = _shown(values[name], unit)
        if not in_plane and _needs_path(unit, name):
            shown, unit = "-", ""
        table.add_row(name, console.escape(words), shown, unit)
    words = "E: in-plane field. m, x, y, z: moment labels."
    if not in_plane:
        words = "-: driven by an in-plane field E; give --mean-free-path."
    table.caption, table.caption_justify = words, "left"
    out = console.output()
    out.print(_heading(asked), markup=False)
    out.print(table)
    if output is not None:
        _write(output, asked, values)
        out.print(f"Data written to {output}", markup=False)
    if figure is not None:
        from spinstack.figures import save
        from spinstack.figures.scattering import fermi_disc

        figure.parent.mkdir(parents=True, exist_ok=True)
        drawn = fermi_disc(asked.barrier, asked.m)
        # save adds the format itself, so a name with dots keeps them
        save(drawn, figure.with_name(figure.name[: -len(figure.suffix)]), (figure.suffix.lower().removeprefix("."),))
        out.print(f"Figure written to {figure}", markup=False)
    return 0


def _needs_path(unit: str, name: str) -> bool:
    return unit in ("S/m", "m") or name.endswith("_remainder")


def _check_file(option: str, path: Path | None, allowed: Sequence[str]) -> None:
    if path is None:
        return
    if path.suffix.lower() not in allowed:
        raise ParameterError(f"{option} {path}: allowed are names that end in {', '.join(allowed)}.")
    if path.is_dir():
        raise ParameterError(f"{option} {path}: is a folder. Give a file.")
    place = next(p for p in path.absolute().parents if p.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise ParameterError(f"{option} {path}: nothing can be written in {place}.")


def _read(
    strengths: dict[str, str | None], sharvin: bool, m: str, mean_free_path: Sequence[str], polarization: Sequence[str]
) -> Asked:
    from spinstack.scattering import DeltaBarrier
    from spinstack.stack.directions import unit_vector

    units = {name: spec.unit for name, spec in DeltaBarrier.specifications().items()}
    given: dict[str, Any] = {n: _number(n, v, units[n]) for n, v in strengths.items() if v is not None}
    barrier = DeltaBarrier(**given, sharvin=sharvin)
    parts = m.replace(",", " ").split()
    try:
        vector = tuple(float(v) for v in parts)
    except ValueError:
        vector = ()
    if len(vector) != 3:
        raise ParameterError(f"--m: got {m!r}. Allowed: three numbers with commas between, for example --m 0,0,1.")
    try:
        unit_vector(vector)
    except ParameterError as error:
        raise ParameterError(f"--{error}") from None
    paths = tuple(float(_number("mean_free_path", v, "m")) for v in mean_free_path)
    P = tuple(float(_number("polarization", v, "1")) for v in polarization)
    for option, pair, low, high in (("mean-free-path", paths, 0.0, float("inf")), ("polarization", P, -1.0, 1.0)):
        for v in pair:
            if not (low <= v <= high and v < float("inf")):
                words = "finite lengths of at least 0" if option == "mean-free-path" else "numbers from -1 to 1"
                raise ParameterError(
                    f"--{option}: got {v:g}. Allowed: two {words}, of the metal below and the one above."
                )
    return Asked(barrier, vector, (paths[0], paths[1]), (P[0], P[1]))


def _number(name: str, text: str, unit: str) -> Any:
    from spinstack.text.units import parse_quantity

    try:
        return parse_quantity(text, unit)
    except ParameterError as error:
        raise ParameterError(f"--{name.replace('_', '-')}: {error}") from None


def _heading(asked: Asked) -> str:
    b = asked.barrier
    words = [f"u0 = {b.barrier:g}", f"u_ex = {b.exchange:g}", f"u_R = {b.rashba:g}"]
    words += [f"u_D = {b.dresselhaus:g}"] if b.dresselhaus is not None else []
    words += [f"k_F = {b.fermi_wavevector * 1e-9:g} 1/nm"] + ["Sharvin resistance taken off"] * bool(b.sharvin)
    lower, upper = (f"{v * 1e9:.4g} nm" for v in asked.mean_free_path)
    polarized = ", ".join(f"{p:g}" for p in asked.polarization)
    vector = ", ".join(f"{c:g}" for c in asked.m)
    return (
        f"delta barrier: {', '.join(words)}\n"
        f"m along ({vector}); below, above: mean free paths {lower}, {upper}; polarisations {polarized}"
    )


def _shown(value: Any, unit: str) -> tuple[str, str]:
    """A number as printed, resistances in the customary fOhm m^2."""
    if unit == "Ohm m^2":
        return f"{float(value) * 1e15:.5g}", "fΩ m²"
    pretty = "" if unit == "1" else unit.replace("^2", "²")
    if isinstance(value, complex):
        return f"{value.real:.5g} {'-' if value.imag < 0 else '+'} {abs(value.imag):.5g}i", pretty
    return "∞" if value == float("inf") else f"{float(value) + 0.0:.5g}", pretty


def _write(path: Path, asked: Asked, values: dict[str, Any]) -> None:
    """One data file with every coefficient, complete or not there at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        (_write_csv if path.suffix.lower() == ".csv" else _write_netcdf)(temporary, asked, values)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_csv(path: Path, asked: Asked, values: dict[str, Any]) -> None:
    from spinstack.scattering.coefficients import MEANING

    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("coefficient", "real", "imaginary", "unit", "meaning"))
        for name, (unit, words) in MEANING.items():
            value = complex(values[name])
            imaginary = repr(value.imag) if name.endswith("mixing_conductance") else ""
            rows.writerow((name, repr(value.real), imaginary, unit, words))


def _write_netcdf(path: Path, asked: Asked, values: dict[str, Any]) -> None:
    import xarray as xr

    from spinstack.cli.version import version
    from spinstack.scattering.coefficients import MEANING

    out = xr.Dataset(attrs={"interface": repr(asked.barrier), "spinstack_version": version(), "m": list(asked.m)})
    out.attrs |= {"mean_free_path": list(asked.mean_free_path), "polarization": list(asked.polarization)}
    for name, (unit, words) in MEANING.items():
        if name.endswith("mixing_conductance"):
            for part, number in (("real", values[name].real), ("imag", values[name].imag)):
                out[f"{name}_{part}"] = ((), float(number), {"units": unit, "long_name": f"{words} ({part} part)"})
        else:
            out[name] = ((), float(values[name]), {"units": unit, "long_name": words})
    out.to_netcdf(path, engine="h5netcdf")
