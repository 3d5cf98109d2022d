"""``spinstack materials``: the library in a table, and every source of one material."""

from spinstack.cli import main


def test_materials_lists_all_and_tells_sources_of_one(capsys):
    from spinstack import materials

    assert main(["materials"]) == 0
    listed = capsys.readouterr().out
    assert all(f" {name} " in listed for name in materials.names())
    assert main(["materials", "Pt"]) == 0
    told = capsys.readouterr().out
    for row in materials.table("Pt", others=True):
        assert f"{row['field']} = {row['text']}" in told
        assert row["source"] in told


def test_materials_lists_interfaces_and_tells_sources_of_one(capsys):
    from spinstack import interfaces

    assert main(["materials"]) == 0
    listed = capsys.readouterr().out
    assert all(f" {name} " in listed for name in interfaces.names())
    assert main(["materials", "Pt|Co"]) == 0
    told = capsys.readouterr().out
    for row in interfaces.table("Co|Pt"):
        assert f"{row['quantity']} = {row['text']} at 4.2 K" in told
        assert row["source"] in told
    assert "conductance_up = 1.61e+15" in told
    assert main(["materials", "Co|MgO"]) == 2
    assert "Co90Fe10|Cu" in capsys.readouterr().err
