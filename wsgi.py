"""The entry point for gunicorn and the flask command."""

from webapp.config import Settings
from webapp.factory import create_app

app = create_app(Settings.from_env())
