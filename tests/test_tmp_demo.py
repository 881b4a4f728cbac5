import json
from maxa.cli.running import publish_samples
from maxa.app import create_app
from tests.lists import Committee
from tests.test_worker import url_of
def test_demo(engine, settings_for):
    committee = Committee(engine, settings_for().home)
    chosen = settings_for(access="open", one_person=1, database_url=url_of(committee))
    publish_samples(chosen)
    http = create_app(chosen).test_client()
    for q in ["ValidateCts?Terminology_id=SNOMEDCT&Coded_string=26643006&Value=Oral route","ValidateCts?Terminology_id=thritaehr.othercost&Coded_string=24&Value=یارانه ارز ترجیحی","Terminology?Terminology=ICD10&Code=A00.0","ValidateCts?Terminology_id=RVU3&Coded_string=980105&Value=x","Terminology?Terminology=imaging&Search=زانو"]:
        print("Q", q, http.get("/gwmaksa/"+q).text[:700])
