"""Write parquet files in TriviaQA's schema with pyarrow, and the examples they stand for as JSON beside them.

usage: write_triviaqa.py FOLDER

Every file FOLDER/<name>.parquet holds the same rows, as variants of how pyarrow can store them.
FOLDER/expected.json holds {"examples": [[question, aliases], ...], "sha256": fingerprint of the rows}.
"""

import hashlib
import json
import pathlib
import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

NUM_ROWS = 2500


def schema(string: pa.DataType) -> pa.Schema:
    """The columns of mandarjoshi/trivia_qa, configuration rc.nocontext."""
    strings = pa.list_(string)
    entity_pages = pa.struct(
        [("doc_source", strings), ("filename", strings), ("title", strings), ("wiki_context", strings)]
    )
    search_results = pa.struct(
        [
            ("description", strings),
            ("filename", strings),
            ("rank", pa.list_(pa.int32())),
            ("title", strings),
            ("url", strings),
            ("search_context", strings),
        ]
    )
    answer = pa.struct(
        [
            ("aliases", strings),
            ("normalized_aliases", strings),
            ("matched_wiki_entity_name", string),
            ("normalized_matched_wiki_entity_name", string),
            ("normalized_value", string),
            ("type", string),
            ("value", string),
        ]
    )
    return pa.schema(
        [
            ("question", string),
            ("question_id", string),
            ("question_source", string),
            ("entity_pages", entity_pages),
            ("search_results", search_results),
            ("answer", answer),
        ]
    )


def make_rows(rng: random.Random) -> list[dict]:
    words = ["río", "東京", "naïve", "zebra", "😀", "a,b", '"quoted"', "tab\there", "", " ", "null", "NaN"]
    rows = []
    for i in range(NUM_ROWS):
        # Questions repeat, as in the real file: once per evidence domain.
        question = f"Which {rng.choice(words)} is number {i // 2}?"
        aliases = [f"{rng.choice(words)} {rng.randrange(50)}" for _ in range(rng.choice([0, 1, 1, 2, 5, 40]))]
        normalized = [alias.lower().strip() for alias in aliases]
        # Nulls stand only where the loader does not look.
        maybe = (lambda text: None if rng.random() < 0.2 else text)
        pages = [f"page {j}" for j in range(rng.randrange(3))]
        rows.append(
            {
                "question": question,
                "question_id": f"tc_{i}",
                "question_source": "http://www.triviacountry.com/",
                "entity_pages": None
                if rng.random() < 0.1
                else {"doc_source": pages, "filename": [], "title": maybe(pages), "wiki_context": [""] * len(pages)},
                "search_results": {
                    "description": [],
                    "filename": [],
                    "rank": [1, None],
                    "title": [],
                    "url": [None],
                    "search_context": maybe([]),
                },
                "answer": {
                    "aliases": [alias.upper() for alias in aliases],
                    "normalized_aliases": normalized,
                    "matched_wiki_entity_name": maybe(""),
                    "normalized_matched_wiki_entity_name": maybe(""),
                    "normalized_value": normalized[0] if normalized else "",
                    "type": "WikipediaEntity",
                    "value": "never the gold answer",
                },
            }
        )
    return rows


def main(folder: pathlib.Path) -> None:
    rows = make_rows(random.Random(7))
    variants = {
        "snappy": {"compression": "snappy"},
        "zstd": {"compression": "zstd"},
        "gzip": {"compression": "gzip"},
        "brotli": {"compression": "brotli"},
        "lz4": {"compression": "lz4"},
        "uncompressed": {"compression": "none"},
        "no-dictionary": {"use_dictionary": False},
        "data-page-v2": {"data_page_version": "2.0"},
        "data-page-v2-zstd": {"data_page_version": "2.0", "compression": "zstd"},
        "small-pages": {"data_page_size": 512, "write_batch_size": 16, "dictionary_pagesize_limit": 2048},
        "one-row-group": {"row_group_size": NUM_ROWS},
        "page-index": {"write_page_index": True, "write_page_checksum": True},
        "non-compliant-lists": {"use_compliant_nested_type": False},
    }
    plain = pa.Table.from_pylist(rows, schema=schema(pa.string()))
    large = pa.Table.from_pylist(rows, schema=schema(pa.large_string()))
    for name, options in variants.items():
        pq.write_table(plain, folder / f"{name}.parquet", **{"row_group_size": 400, **options})
    pq.write_table(large, folder / "large-string.parquet", row_group_size=400)
    pq.write_table(large, folder / "large-string-zstd.parquet", row_group_size=400, compression="zstd")

    # Where the rows hold a null the loader does look at: one file per place.
    for name, spoil in {
        "null-question": lambda row: row | {"question": None},
        "null-answer": lambda row: row | {"answer": None},
        "null-aliases": lambda row: row | {"answer": row["answer"] | {"normalized_aliases": None}},
        "null-alias": lambda row: row | {"answer": row["answer"] | {"normalized_aliases": ["fine", None]}},
    }.items():
        spoiled = [*rows[:1234], spoil(rows[1234]), *rows[1235:]]
        table = pa.Table.from_pylist(spoiled, schema=schema(pa.string()))
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=400)

    examples = [[row["question"], row["answer"]["normalized_aliases"]] for row in rows]
    lines = "".join(json.dumps(e, ensure_ascii=False, separators=(",", ":")) + "\n" for e in examples)
    expected = {"variants": [*variants, "large-string", "large-string-zstd"], "examples": examples}
    expected["sha256"] = hashlib.sha256(lines.encode()).hexdigest()
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
