"""What the gateway is measured against: the least that a Flask view can do, under the same gunicorn settings."""

from __future__ import annotations

from flask import Flask, Response

app = Flask("static", static_folder=None)
# As long as the reply of a look-up.
_BODY = (
    '{"data":{"Value":"استامینوفن قرص خوراکی 500 میلی‌گرم شمارهٔ 12345","Terminology_id":"IRC","Coded_string":'
    '"0579693345955352","Value_en":"Acetaminophen 500 mg no 12345","Status":"active","ReplacedBy":null,"Parent":null,'
    '"Properties":{"pack":45,"price":123450},"Version":"1404-10-11","CircularNumber":"110/40","ChangedOn":"1404/10/11"}'
    ',"isSuccess":true,"waitTime":0,"statusCode":200,"message":[]}'
).encode()


@app.get("/static")
def static_view() -> Response:
    return Response(_BODY, mimetype="application/json")
