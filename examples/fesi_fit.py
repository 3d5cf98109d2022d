"""The Fe-Si film from its raw files to the parameters of its magnet: anisotropic magnetoresistance and size effect.

Run ``python examples/fesi_fit.py [OUTPUT_FOLDER]``; the files and what is done to them stand in ``fesi_admr.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xarray as xr

import spinstack as ss
from spinstack.figures import fit_residuals, save
from spinstack.fitting import Data, LogNormal, Normal, Problem, Sample, Unknown, planes_data
from spinstack.study import Run, read_data_study

HERE = Path(__file__).parent
AMR, SIZE, CONDUCTIVITY = (f"FeSi.{name}" for name in ("amr_ratio", "size_effect_ratio", "conductivity"))


def results() -> dict[str, xr.Dataset]:
    """What the analysis file finds, by name."""
    return {result.name: result.dataset for result in Run(read_data_study(HERE / "fesi_admr.toml"))
            if result.kind == "results"}  # fmt: skip


def film() -> ss.Film:
    """The film before anything is known of its resistance."""
    layer = ss.Ferromagnet(
        "FeSi", thickness=3e-9, conductivity=1e6, polarization=0.0, spin_diffusion_length=3e-9, dephasing_length=1e-9,
        amr_ratio=0.0, size_effect_ratio=0.0,
    )  # fmt: skip
    return ss.Film((layer,))


def problem(found: dict[str, xr.Dataset]) -> Problem:
    """The amplitudes of the three planes with their covariance, and the resistance of the bar."""
    planes = planes_data(found["fit_planes"], "Fe-Si")
    control = found["explain_control"]
    rho = control.sel(parameter="resistivity")
    R, error = (float(rho[name]) / 3e-9 for name in ("value", "error"))
    resistance = Data("Fe-Si", ss.sheet_resistance, [R, *[np.nan] * 3], [error] * 4, {"m": "y"}, name="resistance")
    unknowns = [
        Unknown(AMR, Normal(0.0, 0.02)),
        Unknown(SIZE, Normal(0.0, 0.02)),
        Unknown(CONDUCTIVITY, LogNormal(1e6, 3)),
    ]
    return Problem([Sample("Fe-Si", film())], unknowns, [planes, resistance])


def main(folder: Path) -> None:
    found = results()
    result = ss.fit(problem(found), starts=5)
    print(result)
    print("by closed forms:", {n: float(found["explain_control"].sel(parameter=n)["value"])
                               for n in ("amr_ratio", "size_effect_ratio")})  # fmt: skip
    for one in result.identifiability():
        print(one.words)
    save(fit_residuals(result.dataset), folder / "fesi_residuals")


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
    out.mkdir(parents=True, exist_ok=True)
    main(out)
