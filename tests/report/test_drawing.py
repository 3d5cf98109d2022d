"""The film drawn in characters."""

import spinstack as ss
from spinstack.report.drawing import film_lines


def test_text_drawing_lines_are_equally_wide():
    lines = film_lines(
        (ss.Metal("Pt", thickness=5e-9, conductivity=2.8e6, spin_diffusion_length=2e-9) * 12) | ss.Vacuum()
    )
    assert len({len(line) for line in lines}) == 1
    assert sum("×12" in line for line in lines) == 1
    assert "Vacuum" in lines[1]


def test_a_tunnel_junction_is_a_rule_between_two_magnets():
    magnet = ss.Ferromagnet("Co", thickness=3e-9, conductivity=4e6, spin_diffusion_length=5e-9)
    barrier = ss.TunnelJunction("MgO", resistance_area_product=1e-12, polarization=0.5)
    lines = film_lines(magnet | barrier | magnet)
    assert lines[2].startswith("┣━━ MgO, tunnel junction ━")
    assert "Co" in lines[1]
    assert "Co" in lines[3]
    assert len({len(line) for line in lines}) == 1
