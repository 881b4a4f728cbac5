"""What README shows is what a new user gets: its tour is played against the sample lists."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine

from maxa.app import create_app
from maxa.cli import main
from maxa.cli.running import publish_samples
from maxa.settings import PROJECT, Settings
from tests.lists import Committee
from tests.test_worker import url_of

README = (PROJECT / "README.md").read_text()


@pytest.fixture
def tour(
    engine: Engine, settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[FlaskClient, Callable[..., str]]]:
    """The server of ``make run``, with the samples published, and the ``maxa`` command beside it."""
    committee = Committee(engine, settings_for().home)
    chosen = settings_for(access="open", one_person=1, database_url=url_of(committee))
    publish_samples(chosen)
    for name, value in {"HOME": chosen.home, "DATABASE_URL": url_of(committee), "ONE_PERSON": 1, "LANG": "en"}.items():
        monkeypatch.setenv(f"MAXA_{name}", str(value))

    def maxa(*words: str) -> str:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    yield create_app(chosen).test_client(), maxa
    committee.check_invariants()


def get(http: FlaskClient, path: str) -> dict:  # type: ignore[type-arg]
    reply = http.get(path)
    assert reply.status_code == 200, reply.text
    return dict(json.load(io.BytesIO(reply.data)))


def test_the_tour(tour: tuple[FlaskClient, Callable[..., str]]) -> None:
    http, maxa = tour
    shown = get(http, "/gwmaksa/Terminology?Terminology=lnc&Code=718-7")["data"]
    in_readme = json.loads(
        re.search(r'\{"data":\{"Value":"هموگلوبین خون".*?"message":\[\]\}', README, re.DOTALL).group()
    )  # type: ignore[union-attr]
    changes_daily = {"ChangedOn"}
    assert {k: v for k, v in shown.items() if k not in changes_daily} == {
        k: v for k, v in in_readme["data"].items() if k not in changes_daily
    }
    listed = get(http, "/api/client/apim/v1/maksaservice/gwmaksa/CtsTerminologies")["data"]
    assert {"LNC", "RVU3", "IRC", "eRx", "ICD10", "thritaEHR.WardType"} <= {t["Terminology_id"] for t in listed}
    assert len(get(http, "/gwmaksa/SearchTerminology?Terminology=LNC&PageSize=100")["data"]) == 100
    assert get(http, "/gwmaksa/Terminology?Terminology=LNC&Search=هموگلوبين")["data"][0]["Coded_string"] == "718-7"
    (searched,) = re.findall(
        r"^\$ curl -sG '\S+?(/api/v1/search)' --data-urlencode '(q=.+?)' -d (\S+)$", README, re.MULTILINE
    )
    found = get(http, f"{searched[0]}?{searched[1]}&{searched[2]}")
    assert found["items"][0]["code"] == "1558-6"
    assert found["counts"].keys() == {"LNC"}
    swapped = http.post(
        "/gwmaksa/ValidateCts", json={"Terminology_id": "LNC", "Coded_string": "هموگلوبین خون", "Value": "718-7"}
    ).json["data"]
    assert not swapped["IsValid"]
    assert "swapped" in [issue["code"] for issue in swapped["Issues"]]
    assert swapped["Expected"] == {"Value": "هموگلوبین خون", "Terminology_id": "LNC", "Coded_string": "718-7"}

    assert "Submission 16 is imported" in maxa("import", str(PROJECT / "data/samples/lab-update-1402-07-01.xlsx"))
    told = maxa("diff", "16")
    for line in re.findall(r"^(?:LNC\S*: .*|(?:added|retired|changed) +\d.*)$", README, re.MULTILINE):
        if "rows" not in line:
            assert line in told
    assert "+5 ~5 -5 ↺0" in maxa("publish", "16")
    synced = get(http, "/gwmaksa/SearchTerminology?Terminology=LNC&FromDate=1405/08/30")["data"]
    changes = {item["Coded_string"]: (item["Value"], item["Status"]) for item in synced}
    assert changes["10834-0"] == ("گلوبولین (محاسبه‌ای)", "active")
    assert changes["11556-8"] == ("فشار اکسیژن خون", "retired")
    version = json.loads(maxa("releases", "LNC", "--json"))[0]["version"]
    assert "serial 17" in maxa("withdraw", "LNC", version, "--reason", "تمرین")


def test_every_command_in_readme_exists() -> None:
    for words in re.findall(r"^(?:\$ )?maxa ([a-z]+)", README, re.MULTILINE):
        assert words in main.commands
    makefile = (PROJECT / "Makefile").read_text()
    for target in re.findall(r"`?make ([a-z-]+)`?", README):
        assert re.search(rf"^{target}\b.*:", makefile, re.MULTILINE), target
