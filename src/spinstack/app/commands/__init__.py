"""What a page may ask for: one function a command, its arguments checked, one answer each."""

# each file makes its commands known where it is imported
from spinstack.app.commands import beside as beside
from spinstack.app.commands import data as data
from spinstack.app.commands import film as film
from spinstack.app.commands import panels as panels
from spinstack.app.commands import session as session
