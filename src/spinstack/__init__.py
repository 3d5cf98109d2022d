"""Spin and charge transport in layered magnetic films: from the interface to the meter."""
