"""What a WSGI server loads: ``gunicorn -c gunicorn.conf.py wsgi:app``."""

from maxa.app import create_app

app = create_app()
