"""A Pt/Co film for other people's programs: its torque as input of six of them, and as a table.

Run ``python examples/hand_over.py [OUTPUT_FOLDER]``. What each program gets, and its signs: docs/hand_over.md.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import spinstack as ss

NM = 1e-9
#: 1 mA in a strip of 10 um [A/m]
CURRENT = 100.0
FILES = {
    "mumax3": "torque.mx3", "mumax+": "torque_mumaxplus.py", "oommf": "torque.mif", "ubermag": "torque_ubermag.py",
    "magnum.np": "torque_magnumnp.py", "cmtj": "torque_cmtj.py",
}  # fmt: skip


def film() -> ss.Film:
    """5 nm platinum below 1 nm cobalt."""
    return (
        ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
        | ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6e14 + 1e14j)
        | ss.Ferromagnet(
            "Co", thickness=1 * NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=8 * NM,
            dephasing_length=0.7 * NM,
        )
    )  # fmt: skip


def main(folder: str = "results/hand_over") -> dict[str, float]:
    """Write everything; efficiency and what is left out of the torque."""
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    magnet = ss.Macrospin("Co", magnetization=1.1e6, damping=0.05, anisotropy_field=0.4, easy_axis="z")
    model = ss.MagneticModel(film(), [magnet])
    texts = {code: ss.export_torque(model, code, current=CURRENT, path=out / name) for code, name in FILES.items()}
    table = ss.torque_table(model, path=out / "torque.csv")
    found = {
        "efficiency": float(re.findall(r"Pol = (\S+)", texts["mumax3"])[0]),
        "left out": float(re.findall(r"left out: (\S+)", texts["mumax3"])[0]),
        "damping-like [T per A/m]": float(table["expansion"].sel(term="m x (p x m)")[0]),
    }
    for name, value in found.items():
        print(f"{name}: {value:.4g}")
    print(f"written to {out}: {', '.join(sorted(one.name for one in out.iterdir()))}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
