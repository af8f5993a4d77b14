"""`python -m playground`: the same runs without a browser."""

from playground.cli import app

app()
