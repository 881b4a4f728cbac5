"""The look-up as it would be without sealed files: PostgreSQL asked through the SQLAlchemy ORM in a Flask view."""

from __future__ import annotations

import os

import orjson
from flask import Flask, Response, request
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from maxa.persian.dates import jalali
from maxa.registry.engine import make_engine
from maxa.registry.models import Concept, Release, Terminology

app = Flask("orm", static_folder=None)
engine = make_engine(os.environ["MAXA_DATABASE_URL"], name="bench")
# The concept, and the release that last changed it (with its circular), in one question.
_LOOK_UP = (
    select(Concept, Release)
    .join(Terminology, Terminology.id == Concept.terminology_id)
    .join(Release, and_(Release.terminology_id == Concept.terminology_id, Release.ordinal == Concept.since))
)


@app.get("/orm")
def look_up() -> Response:
    terminology, code = request.args["Terminology"], request.args["Code"]
    with Session(engine) as session:
        asked = _LOOK_UP.where(Terminology.name == terminology, Concept.code == code, Concept.until.is_(None))
        concept, release = session.execute(asked).one()
        data = {
            "Value": concept.title_fa, "Terminology_id": terminology, "Coded_string": concept.code,
            "Value_en": concept.title_en, "Status": concept.status, "ReplacedBy": concept.replaced_by,
            "Parent": concept.parent, "Properties": concept.properties, "Version": release.version,
            "CircularNumber": release.circular.number if release.circular else None,
            "ChangedOn": jalali(release.in_force),
        }  # fmt: skip
    body = {"data": data, "isSuccess": True, "waitTime": 0, "statusCode": 200, "message": []}
    return Response(orjson.dumps(body), mimetype="application/json")
