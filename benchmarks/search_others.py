"""The same concepts in a Whoosh index and in Tantivy, over the same folded text, with the nearest thing to our ranking."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence

from benchmarks.big_shelves import BENCH
from maxa.persian.analysis import items_of
from maxa.persian.fold import code_key as code_key_of
from maxa.search.find import ask, find
from maxa.shelf.release import SealedRelease

_STORED = ("code", "title_fa", "title_en", "part", "parent", "properties")
_CONCEPTS = (
    "SELECT code_key, fa, en, code, title_fa, title_en, part, parent, properties FROM concept JOIN title USING (id)"
    " ORDER BY id"
)


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


def in_tantivy(release: SealedRelease, queries: Sequence[str]) -> tuple[dict[str, float], dict[str, float]] | None:
    """Times with our ranking, then with static rank alone (all words, 20 hits, count); None where it is not installed.

    The same criteria in the same order, as constant scores that add up: the code, the title that is exactly this, that
    begins so with whole words, that begins with the first word, words side by side, in order. Concepts are added in
    static rank to one segment, so that equal scores come in it. As with us, 20 hits are read with all that a concept has,
    and hits are counted (Tantivy counts all, ours stop at 1,000). Synonyms, endings and words written as one are left out.
    """
    try:
        import tantivy
    except ImportError:
        return None
    from benchmarks.search import times

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace")
    for name in ("code_key", "raw", "first"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    for name in _STORED:
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    schema = builder.build()
    made = tantivy.Index(schema)
    writer = made.writer(heap_size=1 << 30, num_threads=1)
    for code_key, fa, en, *shown in release.rows(_CONCEPTS):
        document = tantivy.Document()
        document.add_text("code_key", code_key)
        document.add_text("text", f"{fa} {en}")
        for title in filter(None, (fa.strip(), en.strip())):
            document.add_text("raw", title)
            document.add_text("first", title.split()[0])
        for name, value in zip(_STORED, shown, strict=True):
            document.add_text(name, str(value or ""))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    made.reload()
    searcher = made.searcher()
    assert searcher.num_segments == 1, "equal scores come in static rank only within one segment"
    must, should, query = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Query

    def worth(score: float, asked: tantivy.Query) -> tuple[tantivy.Occur, tantivy.Query]:
        return should, query.const_score_query(asked, score)

    def run(text: str, ranked: bool = True) -> list[str]:
        words = words_of(text)
        wanted = [query.term_query(schema, "text", word, index_option="basic") for word in words[:-1]]
        wanted.append(query.regex_query(schema, "text", f"{re.escape(words[-1])}.*"))
        parts = [(must, query.const_score_query(query.boolean_query([(must, one) for one in wanted]), 0.0))]
        if ranked:
            parts += wishes(text, words)
        hits = searcher.search(query.boolean_query(parts), 20)
        assert hits.count is not None
        return [searcher.doc(address).to_dict()["code"][0] for _, address in hits.hits]

    def wishes(text: str, words: list[str]) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        title = " ".join(words)
        parts = [worth(64.0, query.term_query(schema, "code_key", code_key_of(text), index_option="basic"))]
        parts.append(worth(32.0, query.term_query(schema, "raw", title, index_option="basic")))
        parts.append(worth(16.0, query.regex_query(schema, "raw", f"{re.escape(title)} .*")))
        parts.append(worth(8.0, query.term_query(schema, "first", words[0], index_option="basic")))
        if len(words) > 1:
            parts.append(worth(4.0, query.phrase_query(schema, "text", words)))
            parts.append(worth(2.0, query.phrase_query(schema, "text", words, slop=6)))
        return parts

    ours = {text: [hit.concept.code for hit in find([release], ask(text), limit=20).hits] for text in queries}
    same = [len({*ours[text]} & {*run(text)}) / max(1, len(ours[text])) for text in queries]
    print(f"Tantivy's first 20 hold {sum(same) / len(same):.0%} of our first 20", flush=True)
    return times(run, queries), times(lambda text: run(text, ranked=False), queries)
