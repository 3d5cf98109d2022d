"""What a page may ask for: one function a command, its arguments checked, one answer each."""

from spinstack.app.commands import beside, data, film, panels, session

__all__ = ["beside", "data", "film", "panels", "session"]
