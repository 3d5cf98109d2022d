"""Potentials of a flat conductor of square cells with metal contacts, at any Hall angle, by finite elements.

Independent of all closed forms: bilinear elements of the conductance tensor; walls are insulating because the weak form
makes them so. With reentrant corners it converges as h^(4/3), without as h^2; `extrapolated` takes that off.
"""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

SYMMETRIC = np.array([[4, -1, -2, -1], [-1, 4, -1, -2], [-2, -1, 4, -1], [-1, -2, -1, 4]]) / 6
TURNING = np.array([[0, 1, 0, -1], [-1, 0, 1, 0], [0, -1, 0, 1], [1, 0, -1, 0]]) / 2


def plate(cells, contacts, tangent=0.0):
    """Voltages [sheet resistance times current] of all contacts for a current from contacts[0] to contacts[1].

    `cells` (ny, nx): which squares conduct; contacts: lists of nodes (row, column), each at one potential. `tangent`:
    R_xy/R_s, R_xy the voltage drop along +y (growing row) for a current along +x.
    """
    ny, nx = cells.shape
    j, i = np.nonzero(cells)
    corner = j * (nx + 1) + i
    nodes = np.stack([corner, corner + 1, corner + nx + 2, corner + nx + 1])
    group = np.full((ny + 1) * (nx + 1), -1)
    for k, places in enumerate(contacts):
        group[[a * (nx + 1) + b for a, b in places]] = k
    used = np.zeros(group.size, dtype=bool)
    used[nodes] = True
    free = used & (group < 0)
    group[free] = len(contacts) + np.arange(free.sum())
    matrix = (SYMMETRIC + tangent * TURNING) / (1 + tangent**2)
    of = group[nodes]
    rows, columns = np.broadcast_to(of[:, None], (4, 4, j.size)), np.broadcast_to(of[None], (4, 4, j.size))
    values = np.broadcast_to(matrix[:, :, None], rows.shape)
    size = len(contacts) + int(free.sum())
    A = coo_matrix((values.ravel(), (rows.ravel(), columns.ravel())), (size, size)).tocsr()
    current = np.zeros(size)
    current[0] = 1.0
    keep = np.arange(size) != 1  # the second contact is earth
    V = np.zeros(size)
    V[keep] = spsolve(A[keep][:, keep].tocsc(), current[keep])
    return V[: len(contacts)]


def bar(width, length, arms, tangent=0.0):
    """A bar of `width` by `length` cells with full contacts at its ends and `arms` (middle, width, height, side).

    A height of 0 is a contact on the edge. Returns the voltages of the arms for a current along +x, the first two being
    those of the ends.
    """
    above = max([h for *_, h, side in arms if side > 0], default=0)
    below = max([h for *_, h, side in arms if side < 0], default=0)
    cells = np.zeros((below + width + above, length), dtype=bool)
    cells[below : below + width] = True
    ends = [[(j, i) for j in range(below, below + width + 1)] for i in (0, length)]
    probes = []
    for middle, a, height, side in arms:
        left = round(middle - a / 2)
        edge = below + width if side > 0 else below
        tip = edge + side * height
        cells[min(edge, tip) : max(edge, tip), left : left + a] = True
        probes.append([(tip, i) for i in range(left, left + a + 1)])
    return plate(cells, [*ends, *probes], tangent)


def extrapolated(solve, coarse, order=4 / 3):
    """Richardson's limit of solve(cells) from `coarse` and twice as many, and how far the finer one was from it."""
    one, two = np.asarray(solve(coarse)), np.asarray(solve(2 * coarse))
    change = (two - one) / (2**order - 1)
    return two + change, np.abs(change)
