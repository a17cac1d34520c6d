"""A folder that others put files into: NDJSON in the article shape, CSV with a header, or feeds.

Programs that deliver into a folder should write under another name and rename: names that begin with a dot, or end
in .part or .tmp, are left alone.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import orjson

from monitors import feeds
from monitors.article import Article, BadField, article_of
from monitors.dates import CHINA, parse_date
from monitors.encoding import decode
from monitors.feeds.plain import one_line, tidy
from monitors.sources.listing import Listing, NotASource, identity

_MOST_BYTES = 256_000_000
_CHINESE = re.compile("[\u4e00-\u9fff]{2}")
_UNFINISHED = (".part", ".tmp", ".crdownload", ".swp")
# Names of columns, in exports of the monitoring services that people come from.
_COLUMNS = {
    name: field
    for field, names in {
        "id": "id 编号 編號 序号",
        "title": "title headline 标题 標題 题目 新闻标题",
        "body": "body text content summary snippet 正文 内容 內容 摘要 全文 hit_sentence opening_text",
        "url": "url link 链接 連結 网址 原文链接 地址",
        "source": "source outlet publisher media source_name 来源 來源 媒体 媒體 媒体名称 网站 平台",
        "published": "published date published_at publish_time pubdate time datetime "
        "时间 時間 日期 发布时间 發布時間 发表时间",
        "lang": "lang language 语言 語言",
        "rank": "rank 排名 位置",
    }.items()
    for name in names.split()
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How a file was when it was read: it is read again when it differs."""

    name: str
    size_bytes: int
    changed_ns: int


def waiting(folder: Path, known: Mapping[str, Mark]) -> Iterator[tuple[Path, Mark]]:
    """The files that are new or changed since `known` (by name), oldest first. Raises NotASource."""
    try:
        names = list(folder.iterdir())
    except OSError as error:
        raise NotASource("no_folder", f"the folder cannot be read: {error.strerror}") from None
    found = [(path, status) for path in names if (status := _stat(path)) is not None]
    for path, status in sorted(found, key=lambda pair: pair[1].st_mtime_ns):
        if path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED):
            continue
        mark = Mark(name=path.name, size_bytes=status.st_size, changed_ns=status.st_mtime_ns)
        if known.get(path.name) != mark:
            yield path, mark


def _stat(path: Path) -> os.stat_result | None:
    """Of a plain file; None of anything else, also of one that was renamed since the folder was listed."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def read_file(path: Path, *, source: str = "") -> Listing:
    """The articles of one file. `source` names the outlet where a line does not. Raises NotASource."""
    if path.stat().st_size > _MOST_BYTES:
        raise NotASource("too_large", f"larger than {_MOST_BYTES // 1_000_000} MB")
    return read(path.name, path.read_bytes(), source=source)


def read(name: str, data: bytes, *, source: str = "") -> Listing:
    """The articles in the bytes of a file; its ending says what it is: .ndjson, .jsonl, .json, .csv, .tsv, or a feed.

    A bad line costs only itself, and is named in `problems`. Raises NotASource.
    """
    ending = name.lower().rpartition(".")[2]
    if ending in ("ndjson", "jsonl") or (ending == "json" and not _is_feed(data)):
        return _lines(data, source)
    if ending in ("csv", "tsv", "txt"):
        return _table(decode(data).text, source)
    try:
        feed = feeds.parse(data)
    except feeds.NotAFeed as error:
        raise NotASource(error.code, str(error)) from None
    return Listing(
        articles=feed.articles, problems=tuple(f"entry {p.entry}: {p.code}" for p in feed.problems if p.entry)
    )


def _is_feed(data: bytes) -> bool:
    return b"jsonfeed.org" in data[:2000]


def _lines(data: bytes, source: str) -> Listing:
    articles: list[Article] = []
    problems = []
    text = decode(data).text
    rows = enumerate(text.split("\n"), 1)
    if text.lstrip().startswith("["):
        try:
            rows = enumerate((orjson.dumps(item).decode() for item in orjson.loads(text)), 1)
        except ValueError:
            raise NotASource("not_json", "not JSON") from None
    for number, line in rows:
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            if not isinstance(record, dict):
                raise BadField("line", "not an object")
            if not record.get("id"):
                record["id"] = identity(str(record.get("url") or ""), str(record.get("title") or ""))
            article = article_of(record)
        except (BadField, orjson.JSONDecodeError) as error:
            problems.append(f"line {number}: {error}")
            continue
        articles.append(article if article.source or not source else replace(article, source=source))
    return Listing(articles=tuple(articles), problems=tuple(problems))


def _table(text: str, source: str) -> Listing:
    text = text.lstrip("\ufeff")
    first = text.partition("\n")[0]
    mark = max("\t,;，", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        header = [_COLUMNS.get(name.strip().lower().replace(" ", "_"), "") for name in next(rows, [])]
    except csv.Error:
        header = []
    if "title" not in header and "body" not in header:
        raise NotASource("no_columns", "the first line names neither a title nor a text column")
    articles: list[Article] = []
    problems = []
    while True:
        # Of a row whose text runs over several lines the first is named.
        number = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(f"line {number}: {error}")
            continue
        fields: dict[str, str] = {}
        for name, value in zip(header, row, strict=False):
            if name and value.strip() and name not in fields:
                fields[name] = value.strip()
        if not fields.get("title") and not fields.get("body"):
            if any(map(str.strip, row)):
                problems.append(f"line {number}: neither title nor text")
            continue
        written = fields.get("published", "")
        published = parse_date(written, assume=CHINA if _CHINESE.search(fields.get("title", "")) else UTC)
        if written and published is None:
            problems.append(f"line {number}: published: not a date")
        rank = fields.get("rank", "")
        articles.append(
            Article(
                id=fields.get("id")
                or identity(fields.get("url", ""), fields.get("title", ""), fields.get("body", "")[:200]),
                title=one_line(tidy(fields.get("title", ""))),
                published=published,
                source=fields.get("source", source),
                body=tidy(fields.get("body", "")),
                url=fields.get("url", ""),
                lang=fields.get("lang", ""),
                rank=int(rank) if rank.isdecimal() and len(rank) < 6 else None,
            )
        )
    return Listing(articles=tuple(articles), problems=tuple(problems))
