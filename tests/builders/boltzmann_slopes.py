"""Derivatives of the Boltzmann equation against differences."""

import numpy as np

from spinstack.boltzmann import solve
from spinstack.boltzmann.solve import solve_slopes


def paths_of(film):
    """Every parameter that the equation reads, complex ones as their parts."""
    given = zip(film.owners(), film.elements, strict=True)
    read = [
        (f"{owner}.{name}", value)
        for owner, element in given
        for name, value in element.parameters.items()
        if value is not None and ("." in name or "boltzmann" in element.declared()[name].theories)
    ]
    return [f"{p}{part}" for p, v in read for part in ((".real", ".imag") if np.iscomplexobj(v) else ("",))]


def check_slopes(film, m, specularity, grid=(8, 8), tolerance=1e-10, only=""):
    """Every derivative, or those by paths with `only` in them, against sixth-order differences, relative to the
    conductance per size of the parameter."""
    paths = [path for path in paths_of(film) if only in path]
    sheet, slopes, _ = solve_slopes(film, paths, m, specularity, resolution=grid)
    spheres = [path for path in paths if path.endswith("fermi_wavevector")]
    checked = 0
    for path in paths:
        value = np.asarray(film.get(path), dtype=float)
        if not np.isfinite(value).all():
            assert not slopes[path].any()
            continue
        if path.endswith("spin_hall_angle") and film.parameters().get(path.replace("angle", "conductivity")):
            continue  # one of the two is to be given
        for index in np.ndindex(value.shape):

            def moved(x, path=path, value=value, index=index):
                new = value.copy()
                new[index] = x
                names = spheres if path in spheres else [path]
                film_x = film.replace(
                    {f"{n}[:,:]" if value.ndim else n: new if value.ndim else float(x) for n in names}
                )
                return solve(film_x, m, specularity, resolution=grid, asked=("sheet",)).sheet

            size = abs(float(value[index])) or 1.0
            h = 1e-3 * size if value[index] else 1e-4
            low = 0.0 <= value[index] < 3 * h
            if low and any(word in path for word in ("fraction", "memory_loss")):
                continue  # which is not below zero
            each = [(moved(value[index] + k * h) - moved(value[index] - k * h)) / (2 * k * h) for k in (1, 2, 3)]
            expected = 1.5 * each[0] - 0.6 * each[1] + 0.1 * each[2]
            if path in spheres[1:]:
                expected = 0.0 * expected  # told at the first of those that can only change together
            found = slopes[path][(..., *index)] if value.ndim else slopes[path]
            np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.abs(sheet).max() / size,
                                       err_msg=f"{path}{index}")  # fmt: skip
            checked += 1
    assert checked > (0 if only else 3)
