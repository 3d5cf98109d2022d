"""Results of analyses of single films, with the numbers that the solver gives them."""

import numpy as np

import spinstack as ss
from spinstack.measure.measurement import result

nm = 1e-9
SQUARES = 3.5
BAR = {"bar_length": 7e-4, "bar_width": 2e-4}


def magnet(thickness=4 * nm, **others):
    """A ferromagnet with every effect that a control film can show."""
    own = {"conductivity": 4e6, "amr_ratio": 0.03, "size_effect_ratio": -0.004, "anomalous_hall_angle": 0.012,
           "hall_coefficient": -1.5e-10, "polarization": 0.4, "spin_diffusion_length": 5 * nm}  # fmt: skip
    return ss.Ferromagnet("Py", thickness=thickness, **{**own, **others})


def made(values, errors, rng, covariance=None, **attributes):
    """A result with numbers drawn about the values, or these themselves."""
    C = np.diag(np.square(errors)) if covariance is None else covariance
    drawn = np.array(list(values.values())) + (0.0 if rng is None else rng.multivariate_normal(np.zeros(len(C)), C))
    table = {n: (v, e, "1", n) for n, v, e in zip(values, drawn, np.sqrt(np.diag(C)), strict=True)}
    return result(table, C, attributes=attributes)


def planes(layer, relative=1e-6, rng=None, names=("alpha", "beta", "gamma"), correlation=0.4, **attributes):
    """What :func:`fit_planes` gives of a film of one layer, with correlated errors of this size."""
    R = {a: SQUARES * float(ss.sheet_resistance(ss.Film((layer,)), m=a)[0, 0]) for a in "xyz"}
    values = {}
    for plane, (first, second) in {"alpha": "xy", "beta": "yz", "gamma": "xz"}.items():
        if plane in names:
            values |= {plane: R[second] / R[first] - 1, f"{plane}.R": R[first]}
    errors = np.array([relative * (R["y"] if n.endswith(".R") else 1.0) for n in values])
    C = np.outer(errors, errors) * (correlation + (1 - correlation) * np.eye(errors.size))
    told = {"film_thickness": layer.thickness, "reading": "R_xx", "degrees_of_freedom": 300, **BAR, **attributes}
    return made(values, errors, rng, C, analysis="fit_planes", **told)


def hall(layer, relative=1e-6, rng=None, **attributes):
    """What :func:`hall_slope` gives of it."""
    film = ss.Film((layer,))
    low, high = (float(ss.sheet_resistance(film, m="z", B=(0, 0, b))[1, 0]) for b in (2.0, 5.0))
    slope = (high - low) / 3
    values = {"slope": slope, "sheet_density": 1e19, "step": low - 2 * slope}
    errors = relative * np.abs(np.array(list(values.values()))) + 1e-12
    told = {"film_thickness": layer.thickness, "reading": "R_xy", **attributes}
    return made(values, errors, rng, analysis="hall_slope", **told)


def contacts(sheet, thickness, relative=1e-6, rng=None, **attributes):
    """What :func:`van_der_pauw` gives of a film of this sheet resistance."""
    told = {"film_thickness": thickness, "analysis": "van_der_pauw", **attributes}
    return made({"sheet_resistance": sheet, "R_A": sheet / 4.5}, [relative * sheet] * 2, rng, **told)
