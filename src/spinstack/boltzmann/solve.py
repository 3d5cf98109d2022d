"""The Boltzmann equation in a whole film, refined until the answer stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Specularity
from spinstack.boltzmann.describe import Problem, describe, pointed
from spinstack.boltzmann.quadrature import ONE, directions
from spinstack.boltzmann.response import Kernels, Raw, respond
from spinstack.boltzmann.slopes import SheetSlopes
from spinstack.numerics.keeping import block
from spinstack.numerics.threads import side_by_side, small_matrices
from spinstack.scattering.data import ScatteringData
from spinstack.scattering.model import scattering_model
from spinstack.stack import Film
from spinstack.stack.batches import together
from spinstack.stack.film import magnet_labels
from spinstack.stack.orientation import given_directions
from spinstack.text import checks
from spinstack.text.errors import ParameterError

#: numbers of polar directions, and of azimuths, of the successive refinements
LEVELS = (8, 12, 16, 24, 32, 48, 64, 96)
#: the same where every azimuth is a direction of its own
RESOLVED = (LEVELS[:4], LEVELS[:3])
#: azimuths where nothing depends on them
FEW = 4
#: entries of a batch, spread evenly, on which the number of directions is chosen
PROBES = 8
#: entries of a batch that are kept together when a run is interrupted
BLOCK = 16
#: directions of all films that are solved at once: their arrays fit the cache
_AT_ONCE = 2048
#: relative size below which spin is rounding
_NOISE = 1e-10


class Solution(NamedTuple):
    """What in-plane fields drive; last axis the field along x, y, batch (...) in front.

    sheet (..., 2, 2) [S]: in-plane sheet current per field; sheets (..., elements, 2, 2) [S]: that of every element, of
    which only layers carry one; torque (..., magnets, 3, 2) [S/m]: spin current per field that ends in each
    magnetisation, bottom first; lattice (..., 3, 2) [S/m]: in the lattice of the whole film; residual (...): largest
    violation of the balance of charge and spin, relative (these three are zero where no torque is asked); error (...):
    estimated relative error, in a batch of more than eight that of the worst of eight entries; directions: (polar,
    azimuths) used; converged: whether `error` is below the tolerance everywhere.
    """

    sheet: np.ndarray
    sheets: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    directions: tuple[int, int]
    converged: bool


@small_matrices
def solve(
    film: Film,
    m: Any = None,
    specularity: tuple[Specularity, Specularity] = (0.0, 0.0),
    rtol: float = 1e-4,
    resolution: tuple[int, int] | None = None,
    asked: Sequence[str] = ("sheet", "torque"),
) -> Solution:
    """Linear response of a film with closed outer faces to in-plane fields (docs/methods/boltzmann.md).

    Args:
        film: Metal, Ferromagnet, Interface with a scattering model, Vacuum; parameters may be arrays.
        m: direction (..., 3) of all magnets, or a mapping from magnet name to direction.
        specularity: fraction of electrons that the bottom and the top surface reflect like a mirror; the rest leave in
            random directions with charge and spin kept. Of a surface of a magnet two, of majority and minority: the
            magnet takes what spin across m loses.
        rtol: asked accuracy of what is `asked`, relative to its largest size, and of the sheet conductance also of its
            dependence on m within the batch.
        resolution: fixed (polar directions, even number of azimuths) in the place of refinement.
        asked: the fields of the solution that have to be as accurate as `rtol`: "sheet", "sheets", "torque".

    Raises:
        ParameterError: for a film that the equation does not describe, or arguments out of range.
    """
    bottom_top = check_specularity(specularity)
    check_tolerance(rtol)
    found, batch = problems(film, m)
    check_surfaces(found[0], bottom_top)
    kernels = Kernels()
    if resolution is not None:
        check_resolution(resolution)
        rows = _evaluate(found, resolution, bottom_top, kernels, "torque" in asked)
        return _collect(rows, batch, np.full(len(rows), np.nan), resolution, False)
    rows, error, grid = _refined(found, bottom_top, rtol, asked, kernels)
    converged = bool((error <= rtol).all())
    if len(rows) < len(found):
        rows = _evaluate(found, grid, bottom_top, kernels, "torque" in asked)
        error = np.full(len(found), error.max())
    return _collect(rows, batch, error, grid, converged)


def _refined(
    found: list[Problem],
    specularity: tuple[Specularity, Specularity],
    rtol: float,
    asked: Sequence[str],
    kernels: Kernels,
) -> tuple[list[Raw], np.ndarray, tuple[int, int]]:
    """Results, errors and numbers of directions of a batch, or of some of a large one."""
    probes = np.unique(np.linspace(0, len(found) - 1, PROBES).round().astype(int))
    some = [found[i] for i in probes]
    return refine(
        lambda grid: _evaluate(some, grid, specularity, kernels, "torque" in asked),
        lambda old, new: _change(old, new, asked),
        rtol,
        any(p.turns for p in found),
        any(p.resolved for p in found),
    )


@small_matrices
def solve_slopes(
    film: Film,
    wanted: Collection[str],
    m: Any = None,
    specularity: tuple[Specularity, Specularity] = (0.0, 0.0),
    rtol: float = 1e-4,
    resolution: tuple[int, int] | None = None,
) -> tuple[np.ndarray, dict[str, np.ndarray], float]:
    """Sheet conductance (..., 2, 2) as :func:`solve` gives it, its derivatives (..., 2, 2, own axes), its error.

    Derivatives are exact ones of the value at the directions that it is computed with. `wanted`: paths of
    :meth:`Film.parameters`, those of complex parameters with .real or .imag.
    """
    bottom_top, kernels, error = check_specularity(specularity), Kernels(), np.array(np.nan)
    found, batch = problems(film, m)
    check_surfaces(found[0], bottom_top)
    _check_one_sphere(film, found)
    _check_wavevectors(film, wanted)
    if resolution is None:
        _, error, resolution = _refined(found, bottom_top, check_tolerance(rtol), ("sheet",), kernels)
    places = {}
    for i, (owner, element) in enumerate(zip(film.owners(), film.elements, strict=True)):
        for name, value in element.parameters.items():
            for part in (".real", ".imag") if np.iscomplexobj(value) else ("",):
                places[f"{owner}.{name}{part}"] = (i, f"{name}{part}")
    chosen = {path: places[path] for path in wanted}
    films = [single(film, batch, i) for i in range(len(found))] if film.batch_shape else [film]
    slopes = SheetSlopes(films, chosen.values(), directions(*resolution), bottom_top, kernels)
    together = max(1, _AT_ONCE // (resolution[0] * resolution[1]))
    starts = range(0, len(found), together)
    sizes = [len(found[start : start + together]) for start in starts]
    parts = side_by_side(lambda start: slopes(found[start : start + together], start), starts, sizes)
    by = {path: np.concatenate([part[place] for _, part in parts]) for path, place in chosen.items()}
    sheet = np.concatenate([value for value, _ in parts])
    return (
        sheet.reshape(*batch, 2, 2),
        {path: value.reshape((*batch, *value.shape[1:])) for path, value in by.items()},
        float(error.max()),
    )


def _check_one_sphere(film: Film, found: Sequence[Problem]) -> None:
    """Refuse derivatives of films with different Fermi spheres."""
    if any(p.radii != ONE or p.resolved for p in found):
        raise ParameterError(
            "with several Fermi spheres or scattering_anisotropy, of which there are no derivatives here",
            field="film", got=film, remedy="Take differences of values, or ss.DriftDiffusion().",
        )  # fmt: skip


def _check_wavevectors(film: Film, wanted: Collection[str]) -> None:
    """Refuse derivatives by a k_F beside scattering data, whose own does not move with it."""
    asked = [path for path in wanted if path.endswith("fermi_wavevector")]
    if asked and any(isinstance(scattering_model(element), ScatteringData) for element in film.elements):
        raise ParameterError(
            "beside scattering data, whose k_F is that of their modes: no derivative by it", field=asked[0],
            remedy="Leave it out: it follows from the data.",
        )  # fmt: skip


def refine(
    evaluate: Callable[[tuple[int, int]], Any],
    change: Callable[[Any, Any], np.ndarray],
    rtol: float,
    azimuthal: bool,
    resolved: bool = False,
) -> tuple[Any, np.ndarray, tuple[int, int]]:
    """Refine azimuths on few polar directions, then the polar directions, then check the azimuths again.

    resolved: whether every azimuth costs as much as a polar direction. Returns the last result, its estimated error
    (batch,) and the numbers of directions.
    """
    polars, turns = RESOLVED if resolved else (LEVELS, LEVELS)
    polar = 0
    azimuths = 0
    error_polar = error_azimuth = np.array(0.0)
    if azimuthal:
        rows = evaluate((polars[0], turns[0]))
        while azimuths < len(turns) - 1:
            azimuths += 1
            previous, rows = rows, evaluate((polars[0], turns[azimuths]))
            if (change(previous, rows) <= rtol).all():
                break
    else:
        rows = evaluate((polars[0], FEW))
    while polar < len(polars) - 1:
        polar += 1
        previous, rows = rows, evaluate((polars[polar], turns[azimuths] if azimuthal else FEW))
        error_polar = change(previous, rows)
        if (error_polar <= rtol).all():
            break
    if not azimuthal:
        return rows, error_polar, (polars[polar], FEW)
    error_azimuth = change(evaluate((polars[polar], turns[azimuths - 1])), rows)
    while (error_azimuth > rtol).any() and azimuths < len(turns) - 1:
        azimuths += 1
        previous, rows = rows, evaluate((polars[polar], turns[azimuths]))
        error_azimuth = change(previous, rows)
    return rows, np.maximum(error_polar, error_azimuth), (polars[polar], turns[azimuths])


def _evaluate(
    problems: list[Problem],
    grid: tuple[int, int],
    specularity: tuple[Specularity, Specularity],
    kernels: Kernels,
    torques: bool,
) -> list[Raw]:
    def run(some: Sequence[Problem]) -> list[Raw]:
        return respond(some, some[0].directions(grid), specularity, kernels, torques)

    rows = list[Raw]()
    together = 1 if any(p.resolved for p in problems) else max(1, _AT_ONCE // (grid[0] * grid[1]))
    for start in range(0, len(problems), BLOCK):

        def solved(start: int = start) -> dict[str, np.ndarray]:
            groups = _groups(problems[start : start + BLOCK], together)
            parts = side_by_side(run, groups, [len(some) for some in groups], start, len(problems))
            found = [raw for part in parts for raw in part]
            return {name: np.stack([getattr(raw, name) for raw in found]) for name in Raw._fields}

        rows += map(Raw._make, zip(*map(block(solved).__getitem__, Raw._fields), strict=True))
    return rows


def _groups(problems: Sequence[Problem], together: int) -> list[Sequence[Problem]]:
    """Films that are solved at once: neighbours of one set of spheres, so many at most."""
    groups: list[Sequence[Problem]] = []
    start = 0
    while start < len(problems):
        first, stop = problems[start], start + 1
        while stop < min(start + together, len(problems)):
            if (problems[stop].radii, problems[stop].resolved) != (first.radii, first.resolved):
                break
            stop += 1
        groups.append(problems[start:stop])
        start = stop
    return groups


def _change(old: list[Raw], new: list[Raw], asked: Sequence[str]) -> np.ndarray:
    """Largest change of what is asked between two resolutions, relative; (batch,)."""
    change = np.zeros(len(new))
    if "sheet" in asked:
        before, after = (np.stack([r.sheet.sum(0) for r in rows]) for rows in (old, new))
        change = relative_change(before, after)
        varies = np.abs(after - after.mean(0)).max()
        if varies > _NOISE * np.abs(after).max():
            moved = np.abs(after - after.mean(0) - before + before.mean(0)).max((1, 2))
            change = np.maximum(change, moved / varies)
    natural = np.array([r.path * r.constant for r in new])
    for name, field in (("sheets", "sheet"), ("torque", "torque")):
        if name in asked:
            a, b = (np.stack([getattr(r, field) for r in rows]) for rows in (old, new))
            change = np.maximum(change, relative_change(a, b, natural if name == "torque" else 0.0))
    return np.asarray(change)


def relative_change(old: np.ndarray, new: np.ndarray, natural: Any = 0.0) -> np.ndarray:
    """Change of an array (batch, ...) over its largest entry; none where that is rounding beside `natural` (batch,)."""
    axes = tuple(range(1, new.ndim))
    size, moved = (np.abs(a).max(axes, initial=0.0) for a in (new, new - old))
    relevant = size > _NOISE * natural
    return np.where(relevant, moved / np.where(relevant, size, 1.0), 0.0)


def _collect(
    rows: list[Raw], batch: tuple[int, ...], error: np.ndarray, grid: tuple[int, int], converged: bool
) -> Solution:
    def stack(name: str) -> np.ndarray:
        values = np.stack([np.asarray(getattr(r, name)) for r in rows])
        return values.reshape((*batch, *values.shape[1:]))

    sheets = stack("sheet")
    return Solution(
        sheet=sheets.sum(-3),
        sheets=sheets,
        torque=stack("torque"),
        lattice=stack("lattice"),
        residual=stack("residual"),
        error=error.reshape(batch),
        directions=grid,
        converged=converged,
    )


def check_tolerance(rtol: Any, where: str = "") -> float:
    """A relative accuracy that refinement can reach for."""
    return checks.number(rtol, "rtol", low=1e-13, high=1, open_high=True, where=where)


def check_resolution(value: tuple[int, int]) -> None:
    """Raise unless -k is a direction wherever k is one and squares of k_x, k_y are summed exactly."""
    pair = tuple(value) if isinstance(value, Sequence) else ()
    if len(pair) != 2 or not all(map(checks.is_whole, pair)) or pair[0] < 2 or pair[1] < 4 or pair[1] % 2:
        allowed = "at least 2 polar directions and an even number of azimuths from 4"
        raise ParameterError(field="resolution", got=value, allowed=allowed)


def check_specularity(value: Any, where: str = "") -> tuple[Specularity, Specularity]:
    """The fractions that the bottom and the top surface reflect like a mirror."""
    pair = tuple(value) if isinstance(value, Sequence | np.ndarray) else ()
    found: list[Specularity] = []
    for one in pair:
        spins = tuple(one) if isinstance(one, Sequence | np.ndarray) and not isinstance(one, str) else (one, one)
        if len(spins) == 2 and all(checks.is_number(p) and 0 <= p <= 1 for p in spins):
            found.append(float(spins[0]) if spins[0] == spins[1] else (float(spins[0]), float(spins[1])))
    if len(pair) != 2 or len(found) != 2:
        allowed = "two entries, bottom and top, each a number from 0 to 1 or two of them, of majority and minority"
        raise ParameterError(where=where, field="specularity", got=value, allowed=allowed)
    return found[0], found[1]


def check_surfaces(problem: Problem, specularity: tuple[Specularity, Specularity]) -> None:
    """Raise where a surface that tells the spins apart is not that of a magnet that ends there."""
    for (k, word), p in zip(enumerate(("bottom", "top")), specularity, strict=True):
        if isinstance(p, float):
            continue
        for segment in problem.segments:
            why = ""
            if segment.ends[k] is not None:
                why = f"of majority and minority at the {word}, where a magnetic insulator takes spin"
            elif segment.layer_magnet[-k] < 0:
                why = f"of majority and minority at the {word}, where the layer is no magnet"
            if why:
                raise ParameterError(why, field="specularity", got=p, allowed="one number from 0 to 1 there")


def problems(film: Film, m: Any) -> tuple[list[Problem], tuple[int, ...]]:
    """One problem per entry of the batch of the film and m."""
    found = given_directions(Film.of(film), m)
    of_m = {f"m[{label!r}]": v.shape[:-1] for label, v in zip(magnet_labels(film), found, strict=True)}
    batch = together({"film": film.batch_shape} | of_m)
    flat = [np.broadcast_to(v, (*batch, 3)).reshape(-1, 3) for v in found]
    size = int(np.prod(batch, dtype=int))
    if film.batch_shape == ():
        first = describe(film, [v[0] for v in flat])
        return [first, *(pointed(first, film, [v[i] for v in flat]) for i in range(1, size))], batch
    films = [single(film, batch, i) for i in range(size)]
    return [describe(f, [v[i] for v in flat]) for i, f in enumerate(films)], batch


def single(film: Film, batch: tuple[int, ...], index: int) -> Film:
    """One film of a batch."""
    elements = []
    for element in film.elements:
        changes, declared = {}, element.declared()
        for name, value in element.parameters.items():
            own = declared[name].batch(value)
            if value is None or own == ():
                continue
            array = np.asarray(value)
            tail = array.shape[len(own) :]
            changes[name] = np.broadcast_to(array, (*batch, *tail)).reshape(-1, *tail)[index]
        elements.append(element.replace(**changes) if changes else element)
    return Film(tuple(elements))
