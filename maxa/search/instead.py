from dataclasses import dataclass
from maxa.search.query import Query
@dataclass(frozen=True)
class Instead:
    query: Query
    kind: str
def searched_instead(releases, query): return None
