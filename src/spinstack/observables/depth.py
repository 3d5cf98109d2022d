"""What happens inside the film: accumulations, spin currents and current density against z."""

from __future__ import annotations

from typing import Annotated, Any

from spinstack.observables.planes import check_temperature, temperature_attribute
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film, Layer
from spinstack.stack.conditions import Conditions
from spinstack.text.checks import whole
from spinstack.text.units import In

#: in one layer; more than anybody looks at, few enough to be held
MOST_POINTS = 100_001
_OUTPUTS = (
    Output("mu", "V", "spin accumulation mu_up - mu_down", ("point", "spin")),
    Output("Q", "A/m^2", "spin current along z", ("point", "spin")),
    Output("mu_c", "V", "electrochemical potential", ("point",)),
    Output("j_c", "A/m^2", "charge current along z", ("point",)),
    Output("j", "A/m^2", "in-plane current density", ("point", "axis")),
    Output("z", "m", "height above the bottom face", ("point",)),
)


def _labels(film: Film, *, points: int, T: Any, E: Any, **_: Any) -> Labels:
    owners = zip(film.owners(), film.elements, strict=True)
    names = [owner for owner, e in owners if isinstance(e, Layer) for _ in range(points)]
    attrs = {"E_V_per_m": [float(e) for e in E]} | temperature_attribute(T)
    return Labels(_OUTPUTS, {"layer": ("point", names)}, attrs, along={"point": "z"})


@labelled_observable("accumulations and currents against height", _labels, one_film=True)
def profile(
    film: Film,
    points: int = 41,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[float | None, In("K")] = None,
    E: Annotated[Any, In("V/m")] = (1.0, 0.0),
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Potentials and currents through the film in the in-plane field E, no current along z.

    Args:
        film: one film (no batch).
        points: points per layer, both faces included, so interfaces show as steps.
        m, B, T: as in :func:`sheet_conductance`, one vector (or one per magnet).
        E: in-plane field (2) [V/m]; the default 1 V/m along x makes every value "per V/m".
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over z [m] (from the bottom face): mu (z, spin) [V], Q (z, spin) [A/m^2], mu_c, j_c (z) [V], [A/m^2],
        j (z, axis) the in-plane current density [A/m^2]; coordinate layer (z) the layer's name, numbered
        where it repeats. mu_c is zero at the bottom face of each stretch of conducting layers.
    """
    points = whole(points, "points", low=2, high=MOST_POINTS)
    at = Conditions(m=m, B=B, T=check_temperature(T), E=E)
    found = chosen(solver).profile(film, at, points)
    return {output.name: found[output.name] for output in _OUTPUTS}
