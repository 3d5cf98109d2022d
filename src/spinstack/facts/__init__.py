"""What a film's parameters imply by hand: lengths, resistances, conductances, doubts. Needs no solver."""
