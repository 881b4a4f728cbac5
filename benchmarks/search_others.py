"""The same concepts in a Whoosh index and in Tantivy, over the same folded text, with the nearest thing to our ranking."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from benchmarks.big_shelves import BENCH
from maxa.persian.analysis import items_of
from maxa.shelf.release import SealedRelease


def folded(release: SealedRelease) -> Iterator[tuple[int, str]]:
    """(static rank, both titles folded) of every concept."""
    yield from release.rows("SELECT id, trim(fa || en) FROM title ORDER BY id")


def words_of(text: str) -> list[str]:
    return [word.text for item in items_of(text) for word in item.words]


def in_whoosh(release: SealedRelease, queries: Sequence[str]) -> dict[str, float]:
    """All words, the last as a beginning, best static rank first, 20 hits and the total: as we do."""
    from whoosh import analysis, fields, index, query

    from benchmarks.search import times

    folder = BENCH / f"whoosh-{release.count('all')}"
    schema = fields.Schema(
        text=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), phrase=False), id=fields.STORED
    )
    if not index.exists_in(folder) if folder.exists() else True:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = index.create_in(folder, schema)
        writer = made.writer(limitmb=512)
        for number, text in folded(release):
            writer.add_document(text=text, id=number)
        writer.commit(optimize=True)
    searcher = index.open_dir(folder).searcher()

    def run(text: str) -> object:
        words = words_of(text)
        parts = [query.Term("text", word) for word in words[:-1]] + [query.Prefix("text", words[-1])]
        hits = searcher.search(query.And(parts), limit=20)
        return [hit["id"] for hit in hits], len(hits)

    return times(run, queries, rounds=1)


def in_tantivy(release: SealedRelease, queries: Sequence[str]) -> dict[str, float] | None:
    """None where Tantivy is not installed. Hits are ordered by static rank, a fast field, as ours after the head."""
    try:
        import tantivy
    except ImportError:
        return None
    from benchmarks.search import times

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace")
    builder.add_unsigned_field("rank", stored=True, fast=True)
    schema = builder.build()
    made = tantivy.Index(schema)
    writer = made.writer(heap_size=256 << 20)
    for number, text in folded(release):
        writer.add_document(tantivy.Document(text=[text], rank=number))
    writer.commit()
    writer.wait_merging_threads()
    made.reload()
    searcher = made.searcher()

    def run(text: str) -> object:
        words = words_of(text)
        parts = [(tantivy.Occur.Must, tantivy.Query.term_query(schema, "text", word)) for word in words[:-1]]
        parts.append((tantivy.Occur.Must, tantivy.Query.regex_query(schema, "text", f"{words[-1]}.*")))
        query = tantivy.Query.boolean_query(parts)
        hits = searcher.search(query, 20, order_by_field="rank", order=tantivy.Order.Asc)
        return [searcher.doc(address)["rank"] for _, address in hits.hits], hits.count

    return times(run, queries)
