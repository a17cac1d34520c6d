"""Writing a watch: what is wrong with it, what it would have caught, and what else might be watched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crisis.core.people import Action, Person, demand
from crisis.core.sources import StoredArticle, StoredMention, StoredWatch
from crisis.errors import Invalid
from crisis.flows import ear as ears
from crisis.flows import setup
from crisis.flows.desk import Desk, acting, house
from crisis.store import records, sources, visible
from monitors.masking import masked
from monitors.matcher import Matcher, Mention
from monitors.matcher.explain import Explanation, explain
from monitors.query import QueryInvalid, read
from monitors.query.tree import Term, walk
from monitors.suggest import Suggestion, Why, namesakes, suggest
from monitors.watch import Watch, watches_of

# A try-out reads this many articles at most: a few seconds of one core.
MOST_TRIED = 5_000
MOST_SHOWN = 50
MOST_DAYS = 90
# Suggestions look through fewer: every namesake is searched in every text.
MOST_SUGGESTED_FROM = 1_500
_TRY = "try"


@dataclass(frozen=True, kw_only=True)
class Namesake:
    """A longer phrase that holds a word of the watch by chance, in `seen` articles; `query` leaves it out ("" if the
    watch language cannot say so at that place)."""

    word: str
    longer: str
    seen: int
    query: str


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a query would have caught. `caught` of the `looked_at` articles of so many days; `cut` says that there
    were more articles than are looked at. `rows` are the newest of them, `terms` the words with their counts."""

    days: int
    looked_at: int
    caught: int
    cut: bool
    rows: tuple[tuple[StoredArticle, Mention], ...]
    terms: tuple[tuple[str, int], ...]
    namesakes: tuple[Namesake, ...]

    @property
    def daily(self) -> float:
        return self.caught / self.days


def try_out(desk: Desk, query: str, *, by: Person, days: int) -> Tried:
    """What the query would have caught in the stored articles of the last days. Raises Invalid when it cannot be read.

    Articles of a story that this person may not see are not looked at.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("days", "days_range", most=MOST_DAYS)
    try:
        root = read(query).root
    except QueryInvalid as bad:
        raise _unreadable(bad, by) from None
    with desk.reading() as db:
        found = _recent(db, desk.now(db), by, days=days, limit=MOST_TRIED + 1)
    looked_at = found[:MOST_TRIED]
    matcher = Matcher([Watch(id=_TRY, query=query)])
    rows: list[tuple[StoredArticle, Mention]] = []
    terms: Counter[str] = Counter()
    for stored in looked_at:
        for mention in matcher.match(ears.article_for(stored)):
            rows.append((stored, mention))
            terms.update({span.term for span in mention.spans})
    # Also those that were not caught: whether a name is a part of a longer word shows where it is not.
    texts = [f"{stored.title}\n{stored.body}" for stored in looked_at]
    words = dict.fromkeys(node.text for node in walk(root) if isinstance(node, Term) and not node.exact)
    return Tried(
        days=days,
        looked_at=len(looked_at),
        caught=len(rows),
        cut=len(found) > MOST_TRIED,
        rows=tuple(rows[:MOST_SHOWN]),
        terms=tuple(terms.most_common(10)),
        namesakes=tuple(
            Namesake(word=word, longer=longer, seen=seen, query=masked(query, word, longer))
            for word in words
            for longer, seen in namesakes(word, texts)
        ),
    )


def suggestions(desk: Desk, *, by: Person, days: int = 14) -> tuple[Suggestion, ...]:
    """What might be added to the organisation, with what the stored articles of the last days say for it."""
    with desk.reading() as db:
        home = house(db)
        if home is None:
            return ()
        stored = _recent(db, desk.now(db), by, days=days, limit=MOST_SUGGESTED_FROM)
    return suggest(home.organisation, [ears.article_for(item) for item in stored])


def accept(desk: Desk, text: str, *, by: Person, why: Why) -> None:
    """Add a suggestion to the organisation: a NAMESAKE is left out from now on, anything else is one more name."""
    demand(by, Action.ADMINISTER)
    text = text.strip()
    if not text or len(text) > 200:
        raise Invalid("text", "name_missing")
    with acting(desk) as (db, now):
        home = house(db)
        if home is None:
            raise Invalid("text", "name_missing")
        own = home.organisation
        if why is Why.NAMESAKE:
            changed = replace(own, exclude=tuple(dict.fromkeys((*own.exclude, text))))
        else:
            changed = replace(own, aliases=tuple(dict.fromkeys((*own.aliases, text))))
        setup.save_in(desk, db, replace(home, organisation=changed), by=by, now=now)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why an article is a mention. `watch` is None when it is not kept any more, `explanation` then too; it is what
    the watch says today, which may be other than when the article came."""

    watch: Watch | None
    stored: StoredWatch | None
    explanation: Explanation | None


def reason_of(db: Connection, mention: StoredMention, article: StoredArticle) -> Reason:
    """Which watch caught an article, and clause by clause why."""
    watch, stored = _watch(db, mention.watch)
    explanation = None
    if watch is not None:
        try:
            explanation = explain(ears.article_for(article), watch)
        except QueryInvalid:
            # It was written for an earlier release of the language: the kept spans still say where.
            explanation = None
    return Reason(watch=watch, stored=stored, explanation=explanation)


def _watch(db: Connection, identity: str) -> tuple[Watch | None, StoredWatch | None]:
    number = identity.removeprefix(ears.OWN)
    if number != identity and number.isdecimal():
        stored = records.first(db, StoredWatch, id=int(number))
        return (ears.own_watch(stored), stored) if stored else (None, None)
    home = house(db)
    made = watches_of(home.organisation) if home else ()
    return next((watch for watch in made if watch.id == identity), None), None


def _recent(db: Connection, now: datetime, person: Person, *, days: int, limit: int) -> tuple[StoredArticle, ...]:
    return sources.recent_articles(db, since=now - timedelta(days=days), limit=limit, visible=visible.stories(person))


def _unreadable(bad: QueryInvalid, by: Person) -> Invalid:
    lines = [problem.line(by.lang) for problem in bad.problems if problem.is_error]
    return Invalid("query", "query_wrong", problem="\n".join(lines))
