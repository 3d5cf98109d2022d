"""Films whose magnets move."""

import spinstack as ss

NM = 1e-9


def pt_co_film(thickness=1.0):
    return ss.Film((
        ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1),
        ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6e14 + 1e14j),
        ss.Ferromagnet("Co", thickness=thickness * NM, conductivity=4e6, polarization=0.4,
                       spin_diffusion_length=8 * NM, dephasing_length=0.7 * NM, anomalous_hall_angle=0.01,
                       amr_ratio=0.01),
    ))  # fmt: skip


def pt_co(film=None, model=None, **magnet):
    """Pt below Co, perpendicular unless the magnet says otherwise."""
    held = {"magnetization": 1.1e6, "damping": 0.05, "g_factor": 2.1, "demagnetizing_factor": 1.0}
    held |= {"surface_anisotropy": 1.0e-3, "volume": 1e-24} if "effective_magnetization" not in magnet else {}
    if "effective_magnetization" in magnet:
        held.pop("demagnetizing_factor")
    return ss.MagneticModel(film or pt_co_film(), [ss.Macrospin("Co", **held | magnet)], **model or {})
