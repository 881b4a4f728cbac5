"""The blueprint that all views of the desk stand on."""

from flask import Blueprint

room = Blueprint("desk", __name__, url_prefix="/desk")
