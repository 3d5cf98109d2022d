"""The coefficients of an interface as a table and as files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.report.tables import Table
from spinstack.text import store
from spinstack.text.version import __version__

if TYPE_CHECKING:
    from spinstack.scattering.model import ScatteringModel

#: sections of the printed table, by first coefficient
_SECTIONS = ("mixing_conductance", "spin_memory_loss_parallel", "filtering_lower", "torkivity_damping_like")


@dataclass(frozen=True)
class InterfaceReport:
    """A barrier between two metals, lower and upper, and its coefficients by name."""

    barrier: ScatteringModel
    m: tuple[float, ...]
    mean_free_path: tuple[float, float]
    polarization: tuple[float, float]

    def values(self) -> dict[str, Any]:
        """The coefficients, computed anew."""
        return self.barrier.coefficients(self.m, self.mean_free_path, self.polarization)

    def heading(self) -> str:
        """The barrier and its surroundings in two lines."""
        b = self.barrier
        words = [b.words(), f"k_F = {b.fermi_wavevector * 1e-9:g} 1/nm"]
        words += ["Sharvin resistance taken off"] * bool(b.sharvin)
        lower, upper = (f"{v * 1e9:.4g} nm" for v in self.mean_free_path)
        polarized = ", ".join(f"{p:g}" for p in self.polarization)
        vector = ", ".join(f"{c:g}" for c in self.m)
        return (
            f"{b.kind.replace('_', ' ')}: {', '.join(words)}\n"
            f"m along ({vector}); below, above: mean free paths {lower}, {upper}; polarisations {polarized}"
        )

    def table(self, values: Mapping[str, Any]) -> Table:
        """Every coefficient; what only an in-plane field drives needs mean free paths."""
        from spinstack.scattering.coefficients import MEANING

        in_plane = any(self.mean_free_path)
        caption = "E: in-plane field. m, x, y, z: moment labels."
        caption = caption if in_plane else "-: driven by an in-plane field E; give --mean-free-path."
        table = Table("Interface", ("coefficient", "meaning", "value", "unit"), 2, caption)
        for name, (unit, words) in MEANING.items():
            if name in _SECTIONS:
                table.add_section()
            driven = unit in ("S/m", "m") or name.endswith("_remainder")
            shown = ("-", "") if driven and not in_plane else _shown(values[name], unit)
            table.add(name, words, *shown)
        return table

    def write(self, path: Path, values: Mapping[str, Any]) -> None:
        """One file with every coefficient, CSV or NetCDF by its ending."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".csv":
            _write_csv(path, values)
        else:
            store.write_dataset(path, self._dataset(values))

    def _dataset(self, values: Mapping[str, Any]) -> Any:
        import xarray as xr

        from spinstack.scattering.coefficients import MEANING

        out = xr.Dataset(attrs={"interface": repr(self.barrier), "spinstack_version": __version__, "m": list(self.m)})
        out.attrs |= {"mean_free_path": list(self.mean_free_path), "polarization": list(self.polarization)}
        for name, (unit, words) in MEANING.items():
            if name.endswith("mixing_conductance"):
                for part, number in (("real", values[name].real), ("imag", values[name].imag)):
                    out[f"{name}_{part}"] = ((), float(number), {"units": unit, "long_name": f"{words} ({part} part)"})
            else:
                out[name] = ((), float(values[name]), {"units": unit, "long_name": words})
        return out


def _write_csv(path: Path, values: Mapping[str, Any]) -> None:
    from spinstack.scattering.coefficients import MEANING

    with store.replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("coefficient", "real", "imaginary", "unit", "meaning"))
        for name, (unit, words) in MEANING.items():
            value = complex(values[name])
            imaginary = repr(value.imag) if name.endswith("mixing_conductance") else ""
            rows.writerow((name, repr(value.real), imaginary, unit, words))


def _shown(value: Any, unit: str) -> tuple[str, str]:
    """A number as printed, resistances in the customary fOhm m^2."""
    if unit == "Ohm m^2":
        return f"{float(value) * 1e15:.5g}", "fΩ m²"
    pretty = "" if unit == "1" else unit.replace("^2", "²")
    if isinstance(value, complex):
        return f"{value.real:.5g} {'-' if value.imag < 0 else '+'} {abs(value.imag):.5g}i", pretty
    return "∞" if value == float("inf") else f"{float(value) + 0.0:.5g}", pretty
