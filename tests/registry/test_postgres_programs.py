from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from maxa.errors import MaxaError, Unavailable
from maxa.registry import postgres_programs
from maxa.registry.postgres_programs import installed_programs, programs_for, server_account


def tells_the_way_out(error: MaxaError) -> bool:
    return all("MAXA_DATABASE_URL" in text for text in (error.detail_fa, error.detail_en))


def test_the_newest_installed_version_comes_first_and_is_taken_for_new_data(tmp_path: Path) -> None:
    majors = [programs.major for programs in installed_programs()]
    assert majors == sorted(majors, reverse=True)
    assert programs_for(tmp_path / "data").major == majors[0]
    assert all(programs.initdb.exists() and programs.postgres.exists() for programs in installed_programs())


def test_without_the_wheel_a_server_of_ones_own_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="not installed") as caught:
        installed_programs()
    assert tells_the_way_out(caught.value)


def test_when_the_system_user_can_not_be_made_root_is_told_how_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres_programs, "SERVER_USER", "maxa-test-nobody")
    monkeypatch.setattr(postgres_programs, "_system_tool", lambda name: None)
    with pytest.raises(Unavailable, match="useradd --system maxa-test-nobody") as caught:
        server_account(tmp_path)
    assert tells_the_way_out(caught.value)


def test_what_useradd_complains_of_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    complaining = tmp_path / "useradd"
    complaining.write_text("#!/bin/sh\necho 'cannot lock /etc/passwd; try again later.' >&2\nexit 1\n")
    complaining.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres_programs, "SERVER_USER", "maxa-test-nobody")
    monkeypatch.setattr(postgres_programs, "_system_tool", lambda name: str(complaining))
    with pytest.raises(Unavailable, match="cannot lock /etc/passwd"):
        server_account(tmp_path)


def test_a_uid_without_a_name_is_refused_before_postgresql_is_at_a_loss(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 987_654_321)
    with pytest.raises(Unavailable, match="987654321") as caught:
        server_account(tmp_path)
    assert tells_the_way_out(caught.value)
