"""RuO2/Py against temperature: laws of resistivity, relaxation and spin Hall effect, and the beta plane after them.

Writes the figure of docs/ruo2_py_temperature.md: ``python examples/ruo2_py_temperature.py [folder]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
T = np.linspace(2.0, 300.0, 61)
#: fraction of the amplitude at 20 K that the paper measures at 300 K, in its text
MEASURED = 0.2
#: who conducts the interfacial spin current back: Onsager's inverse, or none (and nothing sent into Py)
VARIANTS = {
    "Onsager": {},
    "no inverse": {"RuO2|Py.reciprocal": 0.0, "RuO2|Py.filtering_upper": 0.0},
}


def barrier(film: ss.Film) -> ss.Film:
    """The same layers around a delta barrier, whose mean free paths follow from the conductivities."""
    model = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.05, fermi_wavevector=1.36e10)
    below, _, above = film
    return below | ss.Interface(scattering=model) | above


def beta(film: ss.Film, kelvin: np.ndarray) -> np.ndarray:
    """[R(m || z) - R(m || y)]/R(m || y) at temperatures."""
    return np.asarray(ss.magnetoresistance(film, "beta", T=kelvin))


def films() -> dict[str, ss.Film]:
    """The film of the sample file in every variant."""
    film = ss.load_sample(HERE / "ruo2_py_temperature.toml")
    return {name: film.replace(change) for name, change in VARIANTS.items()} | {"delta barrier": barrier(film)}


def figure() -> Figure:
    """What the laws give, and the magnetoresistance that follows."""
    page = Figure(figsize=(10.0, 6.4), layout="constrained")
    (rho, length), (size, share) = page.subplots(2, 2, sharex=True)
    every = films()
    found = ss.law_values(every["Onsager"], T)
    looks = {"RuO2": ("#0072B2", "-", "RuO₂"), "Py": ("#D55E00", "--", "Py")}
    for owner, (colour, style, words) in looks.items():
        rho.plot(T, 1e8 / found[f"{owner}.conductivity"], style, color=colour, label=words)
        length.plot(T, 1e9 * found[f"{owner}.spin_diffusion_length"], style, color=colour, label=words)
    rho.set(ylabel="resistivity (µΩ cm)", title="Bloch-Grüneisen", ylim=(0, None))
    length.set(ylabel="spin diffusion length (nm)", title="Elliott-Yafet; spin Hall angle of RuO₂", ylim=(0, 25))
    angle = length.twinx()
    (line,) = angle.plot(T, 100 * found["RuO2.spin_hall_angle"], ":", color="0.35", label="θ, right")
    angle.set(ylabel="spin Hall angle (%)", ylim=(0, 4))
    rho.legend(frameon=False, loc="lower right")
    length.legend(handles=[*length.get_lines(), line], frameon=False, loc="upper center", ncols=3)
    for (name, film), (colour, style) in zip(
        every.items(), (("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-.")), strict=True
    ):
        ratio, reference = beta(film, T), beta(film, np.array([20.0]))
        size.plot(T, 1e3 * ratio, style, color=colour, label=name)
        share.plot(T, ratio / reference, style, color=colour, label=name)
    size.axhline(0, color="0.5", linewidth=0.8)
    size.set(ylabel="ΔR/R, β plane (10⁻³)", xlabel="temperature (K)", title="magnetoresistance")
    size.legend(frameon=False)
    share.plot([300], [MEASURED], "ks", markersize=6, label="measured")
    share.set(ylabel="ΔR/R over that at 20 K", xlabel="temperature (K)", title="relative to 20 K", ylim=(0, None))
    share.legend(frameon=False, loc="upper left")
    return page


def numbers() -> dict[str, float]:
    """What the page quotes: the ratio at 20 and 300 K, and how much of it is left."""
    out = {}
    for name, film in films().items():
        cold, hot = beta(film, np.array([20.0, 300.0]))
        out |= {f"{name}, 20 K": cold, f"{name}, 300 K": hot, f"{name}, left at 300 K": hot / cold}
    return {name: float(value) for name, value in out.items()}


def main(folder: str = "results/ruo2_py_temperature") -> dict[str, float]:
    """Write the figure and return the numbers."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    save(figure(), target / "ruo2_py_temperature")
    found = numbers()
    for name, value in found.items():
        print(f"{name:32s} {value: .6g}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
