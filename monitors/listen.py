"""The whole stream for one organisation: articles in, alerts out, each as soon as the article that raises it was read.

    article -> is its date to be believed -> copy and story -> passages that touch the organisation
            -> a single passage bad enough, or a burst of voices at a stated false-alarm rate,
               or a grave event in the industry -> said before? is the team awake? -> Alert

History never raises an alarm: what lies before `quiet_before`, what is published long before the newest
article, and what has no date is learned from and stays silent. All memory is a plain value: `dump()`, `load()`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import log2
from typing import Any

from monitors.alert import Alert, Level, Reason
from monitors.article import Article
from monitors.bursts import Burst, Promise, Stream
from monitors.constraints import Constraints
from monitors.copies import independent_sources
from monitors.listening import Role, Rules
from monitors.organisation import Organisation
from monitors.risk import Harm, Lexicon
from monitors.silencer import Silencer
from monitors.stories import Change, Placement, Stories
from monitors.touch import Reader, Touch

_CONSOLIDATE_EVERY = 300
_REMEMBERED = 20_000
_STORY_STREAMS = 20
_MOST_ARTICLES = 20
_EXPECTED = 0.02  # voices an hour that an organisation nobody knows anything about is taken to have
# A name that enters a board this high is a matter of the hour; a known brand does so about once a year.
_TOP = 2
_LOUD = 3  # so many voices in a burst of mentions, and it is worth a look without a bad word
# A publisher's clock may be so far ahead of ours.
_AHEAD = timedelta(hours=1)
# For every doubling of what is expected the bar of a single passage rises by this much, up to so much.
_PER_DOUBLING = 0.06
_MOST_HABIT = 0.25
# A passage without a bad word counts as bad when its story is: this much of what the others say.
_OF_STORY = 0.85


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is kept of an article for the alerts that come after it."""

    title: str
    source: str
    copy: str
    published: datetime | None
    score: float


class Listener:
    """Listens for one organisation. Feed `hear` in the order in which articles arrive."""

    def __init__(
        self, organisation: Organisation, rules: Rules, lexicon: Lexicon, *, quiet_before: datetime | None = None
    ) -> None:
        self.stories = Stories()
        self._rules = rules
        self._reader = Reader(organisation, rules, lexicon)
        self._quiet_before = quiet_before
        self._silencer = Silencer(rules)
        self._clock: datetime | None = None
        self._jump: datetime | None = None
        self._alone = False  # is the clock held by one article only?
        self._number = 0
        self._heard: OrderedDict[str, _Heard] = OrderedDict()
        self._ours: OrderedDict[str, None] = OrderedDict()  # stories that touched the organisation
        self._streams: dict[str, Stream] = {}
        self._recent: list[tuple[datetime, str, str, float]] = []  # at, topic, article, score of what was counted

    def hear(self, article: Article, *, now: datetime | None = None) -> Alert | None:
        """The alert that this article raises, if any.

        With `now`, a date in the future is no date, and one of the last hours is believed at once, however long nothing
        was heard before it.
        """
        at = self._believed(article, now)
        place = self.stories.add(replace(article, published=at) if at != article.published else article)
        self._number += 1
        if self._number % _CONSOLIDATE_EVERY == 0:
            self._follow(self.stories.consolidate())
        if place.is_known:
            return None
        touches = self._reader.touches(article, is_ours=place.story in self._ours)
        score = touches[0].score if touches else 0.0
        self._remember(article, place, at, score)
        if touches and touches[0].role is not Role.PEER:
            self._ours[place.story] = None
        if at is None or place.is_copy:
            return None
        is_live = self._is_live(at)
        if touches:
            return self._touched(article, at, place, touches, is_live=is_live)
        return self._untouched(article, at, place) if is_live else None

    def obey(
        self,
        groups: Iterable[Sequence[str]],
        *,
        held: Iterable[Sequence[str]] = (),
        apart: Iterable[tuple[str, str]] = (),
    ) -> None:
        """An officer has decided: each of `groups` is a story of its own as of now; what is `held` stays together, and
        an article of a pair in `apart` stays away from the other's group, whatever is heard later. Replaces what was
        held before. Articles that have not been heard yet may be among them."""
        asked = tuple(groups)
        self.stories.constraints = Constraints.of(held, apart)
        self._follow(self.stories.arrange(asked))
        for group in asked:
            for article in group[:1]:
                if (story := self.stories.story_of(article)) is not None:
                    self._ours[story] = None

    def _follow(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if self._ours.pop(change.story, 0) is None:
                self._ours[change.into] = None
            self._silencer.rename(change.story, change.into)

    # -- when -----------------------------------------------------------------------------------

    def _believed(self, article: Article, now: datetime | None) -> datetime | None:
        """The date of an article, or None when there is none to be believed."""
        at = article.published
        if now is not None and self._clock is not None and self._clock > now + _AHEAD:
            # The clock of the machine ran ahead, and somebody's wrong date with it: else all that comes would be late,
            # said before, or counted in an hour that is still to come.
            self._set_back(now)
        if at is None or (now is not None and at > now + _AHEAD):
            return None
        if now is not None and at >= now - timedelta(hours=self._rules.late_hours):
            self._clock, self._alone, self._jump = max(self._clock or at, at), False, None
            return at
        jump = timedelta(hours=self._rules.jump_hours)
        agrees = self._jump is not None and abs(at - self._jump) <= jump
        if self._clock is None:
            self._clock, self._alone = at, True
            return at
        if self._alone and at < self._clock - jump:
            # The first date of all may be the wrong one: two later articles that agree outweigh it.
            if agrees:
                self._clock, self._alone = at, False
            self._jump = at
            return at
        if at <= self._clock + jump:
            self._clock = max(self._clock, at)
            self._alone, self._jump = False, None
            return at
        if agrees:
            self._clock, self._jump = at, None
            return at
        self._jump = at
        return None

    def _set_back(self, now: datetime) -> None:
        self._clock = now
        self.stories.set_back(now)
        self._silencer.set_back(now)
        self._recent = [entry for entry in self._recent if entry[0] <= now]
        for stream in self._streams.values():
            stream.set_back(now)

    def _is_live(self, at: datetime) -> bool:
        assert self._clock is not None
        if self._quiet_before is not None and at < self._quiet_before:
            return False
        return at >= self._clock - timedelta(hours=self._rules.late_hours)

    # -- what touches us ------------------------------------------------------------------------

    def _touched(
        self, article: Article, at: datetime, place: Placement, touches: tuple[Touch, ...], *, is_live: bool
    ) -> Alert | None:
        best, topic = self._gravest(touches)
        best = self._with_story(best, article, at, place)
        topic = self._rules.topic_of(best.harms) if best.harms else topic
        bursts = self._count(at, place, best, topic, article.id, is_live=is_live)
        if not is_live:
            return None
        bar = self._rules.bars.of(best.role, topic) + self._habit()
        if best.score >= bar and self._silencer.may_alert(at, place.story, topic, grave=_is_grave(best)):
            return self._alert(article, at, place, Level.ALERT, topic, best, bursts)
        if bursts and best.role is not Role.PEER and self._silencer.may_burst(at):
            bad = [entry for entry in self._recent if entry[3] >= self._rules.bars.counted]
            if any(name != "all" for name in bursts) or 2 * len(bad) >= len(self._recent):
                return self._alert(article, at, place, Level.ALERT, topic, best, bursts)
            if bursts["all"].count >= _LOUD and self._silencer.may_notice(at, place.story):
                return self._alert(article, at, place, Level.NOTICE, "all", best, bursts)
        is_top = article.rank is not None and article.rank <= _TOP
        if is_top and best.role is not Role.PEER and self._silencer.may_burst(at):
            return self._alert(article, at, place, Level.ALERT, topic, best, bursts, rank=article.rank)
        return None

    def _habit(self) -> float:
        """How much higher the bar of a single passage is for a name that is often spoken of: a bad word about it is
        no event yet, and its bursts are found by counting."""
        stream = self._streams.get("all")
        if stream is None or stream.level <= _EXPECTED:
            return 0.0
        return min(_MOST_HABIT, _PER_DOUBLING * log2(stream.level / _EXPECTED))

    def _gravest(self, touches: tuple[Touch, ...]) -> tuple[Touch, str]:
        """The passage that lies highest above its bar, and its topic."""

        def above(touch: Touch) -> float:
            return touch.score - self._rules.bars.of(touch.role, self._rules.topic_of(touch.harms))

        best = max(touches, key=above)
        return best, self._rules.topic_of(best.harms)

    def _with_story(self, best: Touch, article: Article, at: datetime, place: Placement) -> Touch:
        """The passage with what the other articles of its story say: the plane that lost a door is ours when named."""
        if best.score >= self._rules.bars.counted or best.role not in (Role.NAME, Role.PRODUCT):
            return best
        worst = best
        akin = list(self.stories.articles_of(place.story)[-8:])
        if best.role is Role.PRODUCT:
            # The first report of a scandal names the trade, the second the product: look at akin stories as well,
            # but not at those about ourselves, which are akin by our name alone.
            for name in self.stories.neighbours(article.id):
                if name not in self._ours:
                    akin += self.stories.articles_of(name)[-4:]
        for other in akin:
            heard = self._heard.get(other)
            if other == article.id or heard is None or heard.published is None:
                continue
            if at - heard.published > timedelta(hours=24):
                continue
            risk = self._reader.harm(Article(id=other, title=heard.title))
            score = risk.negative * (1.0 if best.role is Role.PRODUCT else _OF_STORY)
            if risk.harms and score > worst.score:
                words = tuple(dict.fromkeys(reason.word for reason in risk.reasons))[:4]
                worst = replace(best, score=score, words=words, harms=risk.harms)
        return worst

    def _count(
        self, at: datetime, place: Placement, best: Touch, topic: str, article: str, *, is_live: bool
    ) -> dict[str, Burst]:
        """Count the voice where it belongs; the bursts it completes."""
        if best.role is Role.PEER:
            return {}
        is_bad = best.score >= self._rules.bars.counted
        since = at - timedelta(hours=24)
        self._recent = [entry for entry in self._recent if entry[0] >= since]
        self._recent.append((at, topic, article, best.score))
        names = {}
        if best.role in (Role.NAME, Role.PERSON) or is_bad:
            names["all"] = len(self._rules.topics) + 1
        if is_bad:
            names[topic] = len(self._rules.topics) + 1
            names[f"story:{place.story}"] = _STORY_STREAMS
        bursts = {}
        for name, streams in names.items():
            stream = self._streams.get(name)
            if stream is None:
                promise = Promise(days=self._rules.false_alarm_days, streams=streams)
                stream = self._streams[name] = Stream(expected=_EXPECTED, promise=promise)
            if not is_live:
                stream.learn(at)
                continue
            # A burst that nobody is told of would put the counter to rest: plain mentions wait until they are loud.
            burst = stream.voice(at, least=2 if is_bad else _LOUD)
            if burst is not None:
                bursts[name] = burst
        if len(self._streams) > 200:
            self._streams = {
                name: stream
                for name, stream in self._streams.items()
                if not name.startswith("story:") or self.stories.articles_of(name[6:])
            }
        return bursts

    # -- what happens beside us -----------------------------------------------------------------

    def _untouched(self, article: Article, at: datetime, place: Placement) -> Alert | None:
        """A grave event in the own industry that several outlets have."""
        sector = self._rules.sector
        if not self._reader.is_in_industry(article):
            return None
        risk = self._reader.harm(article)
        if risk.negative < sector.bar or self._rules.topic_of(risk.harms) != "people":
            return None
        since = at - timedelta(hours=sector.hours)
        voices = [
            (heard.source, heard.copy, heard.published)
            for heard in (self._heard.get(other) for other in self.stories.articles_of(place.story))
            if heard is not None and heard.published is not None and heard.published >= since
        ]
        outlets = independent_sources(voices)
        if outlets < sector.outlets or not self._silencer.may_notice(at, place.story):
            return None
        words = ", ".join(dict.fromkeys(reason.word for reason in risk.reasons[:4]))
        return Alert(
            at=at,
            level=Level.NOTICE,
            story=place.story,
            title=article.title,
            reasons=(_reason("sector", words=words, count=outlets),),
            articles=self._evidence(article.id, place),
            independent_sources=outlets,
        )

    # -- telling --------------------------------------------------------------------------------

    def _alert(
        self,
        article: Article,
        at: datetime,
        place: Placement,
        level: Level,
        topic: str,
        best: Touch,
        bursts: Mapping[str, Burst],
        *,
        rank: int | None = None,
    ) -> Alert:
        self._silencer.told(at, place.story, topic, level)
        evidence = self._evidence(article.id, place)
        voices = [
            (heard.source, heard.copy, heard.published)
            for heard in (self._heard.get(identity) for identity in evidence)
            if heard is not None
        ]
        sources = independent_sources(voices)
        reasons = []
        if best.score >= self._rules.bars.counted:
            words = ", ".join(best.words) or "…"
            if best.answers:
                reasons.append(_reason("response", words=words, who=best.name))
            elif best.role in (Role.PRODUCT, Role.SUPPLIER):
                reasons.append(_reason("chain", words=words, who=best.name, role=best.role.value, score=best.score))
            else:
                reasons.append(_reason("severity", words=words, who=best.name, score=best.score))
        for name, burst in bursts.items():
            reasons.append(
                _reason(
                    "burst",
                    topic="story" if name.startswith("story:") else name,
                    count=burst.count,
                    expected=burst.expected,
                    since=burst.since.isoformat(),
                    score=burst.score,
                    threshold=burst.threshold,
                    days=burst.days,
                )
            )
        if rank is not None:
            reasons.append(_reason("top", rank=rank, who=best.name))
        reasons.append(_reason("topic", topic=topic))
        reasons.append(_reason("sources", count=sources))
        return Alert(
            at=at,
            level=level,
            story=place.story,
            title=article.title,
            reasons=tuple(reasons),
            articles=evidence,
            independent_sources=sources,
        )

    def _evidence(self, article: str, place: Placement) -> tuple[str, ...]:
        """The article that raised it, then what was counted in the last day and what stands in its story."""
        counted = [identity for _, _, identity, _ in reversed(self._recent)]
        members = reversed(self.stories.articles_of(place.story))
        return tuple(dict.fromkeys([article, *counted, *members]))[:_MOST_ARTICLES]

    def _remember(self, article: Article, place: Placement, at: datetime | None, score: float) -> None:
        self._heard[article.id] = _Heard(article.title, article.source, place.copy, at, score)
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        if len(self._ours) > 2000:
            self._ours.popitem(last=False)

    def placed(self, article: str) -> Placement | None:
        """Where an article that was heard lately went; None when it is not remembered."""
        heard, story = self._heard.get(article), self.stories.story_of(article)
        if heard is None or story is None:
            return None
        return Placement(copy=heard.copy, story=story, is_copy=heard.copy != article)

    # -- memory ---------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """Everything remembered, as JSON-able data."""
        return {
            "stories": self.stories.dump(),
            "silencer": self._silencer.dump(),
            "clock": _text(self._clock),
            "jump": _text(self._jump),
            "alone": self._alone,
            "number": self._number,
            "heard": [
                [name, heard.title, heard.source, heard.copy, _text(heard.published), heard.score]
                for name, heard in self._heard.items()
            ],
            "ours": list(self._ours),
            "streams": {name: stream.dump() for name, stream in self._streams.items()},
            "recent": [[_text(at), topic, article, score] for at, topic, article, score in self._recent],
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over the memory of an earlier `dump()`."""
        self.stories = Stories.load(state["stories"])
        self._silencer.load(state["silencer"])
        self._clock, self._jump = _time(state["clock"]), _time(state["jump"])
        self._alone = state["alone"]
        self._number = state["number"]
        self._heard = OrderedDict(
            (name, _Heard(title, source, copy, _time(published), score))
            for name, title, source, copy, published, score in state["heard"]
        )
        self._ours = OrderedDict.fromkeys(state["ours"])
        self._streams = {name: Stream.load(stream) for name, stream in state["streams"].items()}
        self._recent = [
            (datetime.fromisoformat(at), topic, article, score) for at, topic, article, score in state["recent"]
        ]


def _reason(code: str, **details: str | int | float) -> Reason:
    return Reason(
        code=code,
        details={key: round(value, 2) if isinstance(value, float) else value for key, value in details.items()},
    )


def _is_grave(touch: Touch) -> bool:
    """Harm to people, said of the organisation itself: told even when the reserve is used up."""
    return touch.role is Role.NAME and touch.score >= 0.85 and Harm.DEATH in touch.harms


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
