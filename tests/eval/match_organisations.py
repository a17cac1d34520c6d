"""The watches that an organisation gets by itself, against what two annotators say is about it.

    CRISIS_DATA=folder python tests/eval/match_organisations.py

Reads replays/*.jsonl.gz and replays/orgs.json. Recall: annotated items about the organisation or its crisis that
are caught. Precision: caught items with an annotation that are about it. Peer: the names as plain substrings.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

from monitors.article import Article
from monitors.matcher import Matcher
from monitors.organisation import organisation_of
from monitors.watch import watches_of


def figures(caught: list[bool], related: list[bool]) -> str:
    both = sum(c and r for c, r in zip(caught, related, strict=True))
    return f"recall {both / max(1, sum(related)):.3f} precision {both / max(1, sum(caught)):.3f}"


def main() -> None:
    folder = os.environ.get("CRISIS_DATA")
    if not folder:
        print("skipped: CRISIS_DATA names no folder")  # noqa: T201
        return
    replays = Path(folder) / "replays"
    total: dict[str, tuple[list[bool], list[bool]]] = {
        "watches": ([], []),
        "names only": ([], []),
        "substrings": ([], []),
    }
    for name, record in json.loads((replays / "orgs.json").read_text("utf-8")).items():
        organisation = organisation_of(record["org"])
        matcher = Matcher(watches_of(organisation))
        ours: dict[str, tuple[list[bool], list[bool]]] = {key: ([], []) for key in total}
        with gzip.open(replays / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                item = json.loads(line)
                if not item.get("gold"):
                    continue
                text = f"{item['title']} {item.get('body') or ''}"
                about = (
                    [vote[0] for vote in item["gold"].values()] if isinstance(item["gold"], dict) else item["gold"][:1]
                )
                related = about[0] in ("crisis", "org")
                article = Article(id=item["id"], title=item["title"], body=item.get("body") or "")
                kinds = {mention.watch for mention in matcher.match(article)}
                plain = any(term.lower() in text.lower() for term in organisation.names)
                for key, hit in (("watches", bool(kinds)), ("names only", "name" in kinds), ("substrings", plain)):
                    for collected in (ours[key], total[key]):
                        collected[0].append(hit)
                        collected[1].append(related)
        print(name, len(ours["watches"][0]), {key: figures(*pair) for key, pair in ours.items()})  # noqa: T201
    print("all", {key: figures(*pair) for key, pair in total.items()})  # noqa: T201


if __name__ == "__main__":
    main()
