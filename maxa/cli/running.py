"""``maxa run`` and ``maxa worker``: the processes of a server."""

from __future__ import annotations

from dataclasses import dataclass, field

import click
from sqlalchemy import func, select

from importers.profile import Profile
from maxa.cli.output import progress, say
from maxa.errors import HasErrors
from maxa.observe import configure_logging
from maxa.registry import actions, queries
from maxa.registry.actions.imports import Workbook
from maxa.registry.embedded import registry_url
from maxa.registry.engine import make_engine
from maxa.registry.models import Publication, State
from maxa.registry.people import Actor
from maxa.registry.transaction import transaction
from maxa.settings import PROJECT, Settings, read_settings
from maxa.shelf.seal import project_shelf
from maxa.supervisor import run as run_all
from maxa.worker import run_worker

SAMPLES = PROJECT / "data" / "samples"


@dataclass(frozen=True)
class Sample:
    """A sample workbook of the tour. ``confirm``: the figures that publishing it asks for, in the order below."""

    name: str
    circular: str = ""
    source: str | None = None
    profile: Profile = field(default_factory=Profile)
    confirm: tuple[str, ...] = ()


# Targets of maps before their sources, and letters by their days. Lists without a circular bear the day of publication.
SAMPLE_LISTS = (
    Sample("ambulance-110-90.xlsx", "110/90"),
    Sample("rvu3.xlsx"),
    Sample("snomed.xlsx"),
    Sample("icd10.xlsx"),
    Sample("value-sets.xlsx"),
    Sample("drugs-110-40.xlsx", "110/40"),
    Sample("natural-110-100.xlsx", "110/100"),
    Sample("physiotherapy-110-121.xlsx", "110/121"),
    Sample("imaging-110-124.xlsx", "110/124"),
    Sample("usage-110-128.xlsx", "110/128"),
    Sample("generic/usage-to-snomed.xlsx", source="generic-map"),
    Sample(
        "generic/teeth.xlsx", source="generic",
        profile=Profile(terminology="FDI", title_fa="شماره‌گذاری دندان (FDI)", title_en="Tooth numbering (FDI)"),
    ),
    Sample("prescription-map-110-356.xlsx", "110/356"),
    Sample("lab-110-37.xlsx", "110/37"),
    # The comprehensive list before it had eight of the genetic tests, without the fields of their form.
    Sample("genetics-110-368.xlsx", "110/368", confirm=("changed:LNC/genetics=8",)),
)  # fmt: skip
_DEMO = Actor("demo", frozenset({"importer", "approver"}))


@click.command()
@click.option("--demo", is_flag=True, help="Import and publish the sample circulars while nothing is published yet.")
def run(demo: bool) -> None:
    """Run everything on this machine: PostgreSQL (when none is named), the worker, the web server. Ctrl-C stops it.

    \b
    Example:
        maxa run --demo
        MAXA_DATABASE_URL=postgresql://maxa@db/maxa MAXA_PORT=8080 maxa run
    """
    settings = read_settings()
    run_all(
        settings,
        say=click.echo,
        preparations=[publish_samples] if demo and settings.role == "centre" else [],
        when_ready=_tell_first_steps,
    )


@click.command()
def worker() -> None:
    """Run the worker alone: imports, sealing, publishing at set times. One a registry.

    \b
    Example:
        MAXA_DATABASE_URL=postgresql://maxa@db/maxa maxa worker
    """
    settings = read_settings()
    configure_logging(settings)
    with registry_url(settings) as url:
        run_worker(settings, url)


def publish_samples(settings: Settings) -> None:
    """Import and publish the sample circulars, each as its own submission; nothing when the registry has editions."""
    engine = make_engine(str(settings.database_url))
    try:
        with transaction(engine) as session:
            if session.scalar(select(func.count()).select_from(Publication)):
                return
        for sample in SAMPLE_LISTS:
            _publish_sample(settings, sample)
        project_shelf(engine, settings.shelf)
    finally:
        engine.dispose()


def _publish_sample(settings: Settings, sample: Sample) -> None:
    path = SAMPLES / sample.name
    engine = make_engine(str(settings.database_url))
    with progress() as teller:
        received = actions.receive_submission(
            engine, actor=_DEMO, circular=sample.circular or None,
            workbooks=[Workbook(path.name, path.read_bytes(), sample.source, sample.profile)],
        )  # fmt: skip
        number = received.submission_id
        with transaction(engine) as session:
            state = State(queries.submission_or_error(session, number).state)
        if state is State.IMPORTING:
            state = actions.import_submission(engine, submission_id=number, workdir=settings.work, progress=teller)
        if state is State.FAILED:
            raise HasErrors(f"نمونهٔ {path.name} وارد نشد.", f"The sample {path.name} could not be imported.")
        if state is State.DRAFT:
            actions.submit_for_review(engine, submission_id=number, actor=_DEMO, confirm=sample.confirm)
            state = State.IN_REVIEW
        if state is State.IN_REVIEW:
            actions.approve_submission(engine, submission_id=number, actor=_DEMO, one_person=True)
            state = State.APPROVED
        if state is State.APPROVED:
            published = actions.publish_submission(engine, submission_id=number, actor=_DEMO)
            told = ", ".join(f"{name} {version} ({c.added} codes)" for name, version, c in published.releases)
            say(f"نمونهٔ {path.name} منتشر شد: {told}", f"Sample {path.name} published: {told}")
    engine.dispose()


def _tell_first_steps(settings: Settings) -> None:
    base = f"http://{settings.host}:{settings.port}/gwmaksa"
    say("\nسرور آماده است. سه گام نخست:", "\nThe server is ready. Three things to try first:")
    click.echo(
        f"""
  curl '{base}/CtsTerminologies'
  curl '{base}/Terminology?Terminology=LNC&Code=718-7'
  curl '{base}/ValidateCts?Terminology_id=LNC&Coded_string=718-8&Value=Hemoglobin'
"""
    )
    if settings.role == "centre":
        desk = f"http://{settings.host}:{settings.port}/desk"
        say(
            f"میز کمیته: {desk} (نخست یک حساب: maxa account add root --role administrator)",
            f"The committee's desk: {desk} (an account first: maxa account add root --role administrator)",
        )
    if settings.access == "open":
        say(
            "دسترسی باز است (MAXA_ACCESS=open)؛ برای شبکه، token بگذارید.",
            "Access is open (MAXA_ACCESS=open): set it to token before others can reach this server.",
        )
    if settings.one_person:
        say(
            "برای یک نفر تنظیم شده است (MAXA_ONE_PERSON=1): واردکننده خود تأیید می‌کند.",
            "Set for one person (MAXA_ONE_PERSON=1): who imports may also approve.",
        )


VERBS = (run, worker)
