"""`crisis group`: articles to copies and stories.

Reads articles in time order, writes `{"id","copy","story"}` for each as it is placed. With `--final`
nothing is written before the end, and then every article with the story it belongs to after consolidation.
"""

from __future__ import annotations

from datetime import timedelta

import click

from crisis.cli import ndjson
from monitors.article import article_of
from monitors.stories import Stories

# Consolidate after so many articles: often enough that fragments do not outlive an hour of a busy stream.
_EVERY = 500


@click.command("group")
@ndjson.FILES
@click.option("--final", is_flag=True, help="Print the state after consolidation, at the end of the input.")
@click.option("--window", default=72, show_default=True, type=click.IntRange(1, 24 * 60), help="Hours a story lives.")
def command(files: tuple[str, ...], final: bool, window: int) -> None:
    """Articles (NDJSON, in time order) to their copy group and story."""
    lines = ndjson.Lines()
    stories = Stories(window=timedelta(hours=window))
    placed: list[tuple[str, str, str]] = []
    became: dict[str, str] = {}
    for number, article in enumerate(lines.read(files, article_of), 1):
        place = stories.add(article)
        if final:
            placed.append((article.id, place.copy, place.story))
        else:
            ndjson.write({"id": article.id, "copy": place.copy, "story": place.story})
        if number % _EVERY == 0:
            became.update((change.story, change.into) for change in stories.consolidate())
    if final:
        ends = stories.final()
        for identity, copy, story in placed:
            while story in became:
                story = became[story]
            ndjson.write({"id": identity, "copy": copy, "story": ends.get(identity, story)})
    lines.exit()
