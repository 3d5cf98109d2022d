"""What a film's parameters imply by hand: lengths, resistances, conductances, and doubts about them. Needs no solver."""
