"""``maxa translate``: needs a shelf and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from maxa.cli.maps import translate_codes
from maxa.errors import BadBody, BadDate, UnknownMap, UnknownVersion
from tests.api.asking import Api

Run = Callable[..., str]


@pytest.fixture
def run(library_shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MAXA_HOME", str(tmp_path))
    monkeypatch.setenv("MAXA_SHELF", str(library_shelf))
    monkeypatch.setenv("MAXA_DATABASE_URL", "postgresql://maxa@127.0.0.1:1/maxa")  # nobody listens there
    monkeypatch.setenv("MAXA_LANG", "en")

    def translate(*words: str, code: int = 0, standard_input: bytes | None = None) -> str:
        result = CliRunner().invoke(translate_codes, list(words), input=standard_input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return translate


@pytest.mark.parametrize("name", ["LNC--RVU3", "LNC->RVU3", "lnc→rvu3"])
def test_codes_are_translated(run: Run, name: str) -> None:
    told = run(name, "718-7", "789-8")
    assert "801515" in told
    assert "narrower" in told
    assert "'26453-1' took its place" in told


def test_reverse(run: Run) -> None:
    assert "718-7" in run("LNC--RVU3", "801515", "--reverse")


def test_persian_in_a_persian_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAXA_LANG", "fa")
    told = run("LNC--RVU3", "718-7", "777-3")
    assert "همتا" in told
    assert "خاص" in told
    assert "همتایی ندارد" in told


def test_json_is_what_the_api_answers(run: Run, api: Api) -> None:
    codes = ["718-7", "۷۸۹-۸", "777-3", "nope"]
    told = json.loads(run("LNC--RVU3", *codes, "--json", code=3))
    assert told == api.post("/maps/LNC--RVU3/translate", codes).json["items"]


@pytest.mark.parametrize(
    "content",
    [
        b"718-7\n777-3\n",
        "\ufeff718-7\r\n\r\n  777-3  \r\n".encode(),
        '"718-7",هموگلوبین\n777-3\tپلاکت\n'.encode(),
        b'["718-7", "777-3"]',
    ],
)
def test_a_file_of_codes_in_any_usual_form(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(content)
    told = json.loads(run("LNC--RVU3", "--file", str(file), "--json"))
    assert [item["code"] for item in told] == ["718-7", "777-3"]
    assert json.loads(run("LNC--RVU3", "--file", "-", "--json", standard_input=content)) == told


def test_a_file_may_hold_more_than_one_request_may(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_text("718-7\n" * 25_000)
    assert len(json.loads(run("LNC--RVU3", "--file", str(file), "--json"))) == 25_000


def test_a_file_that_is_no_text_is_refused_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "codes.xlsx"
    file.write_bytes(b"718-7\nPK\x03\x04\xff\xfe")
    with pytest.raises(BadBody, match="line 2"):
        run("LNC--RVU3", "--file", str(file))


@pytest.mark.parametrize("content", [b"", b"\n \n", b'["718-7"', b"[1]", b'[""]'])
def test_a_file_without_codes_is_wrong_usage(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(content)
    run("LNC--RVU3", "--file", str(file), code=2)


def test_what_is_not_there_is_told(run: Run) -> None:
    run("LNC--RVU3", code=2)
    assert "no code 'nope'" in run("LNC--RVU3", "nope", code=3)
    with pytest.raises(UnknownMap):
        run("LNC", "718-7")
    with pytest.raises(UnknownVersion):
        run("LNC--RVU3", "718-7", "--version", "1300-01-01")
    with pytest.raises(BadDate):
        run("LNC--RVU3", "718-7", "--date", "1402/13/01")
    assert "narrower" not in run("LNC--RVU3", "718-7", "--date", "1402/05/02")
