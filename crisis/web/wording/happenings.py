"""What happened, as the log tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from crisis.core.log import LogEntry
from crisis.i18n import N_
from crisis.web.wording.labels import label
from crisis.web.wording.saying import amid, say, yes_or_no

# One sentence per kind of thing that happened.
VERBS: Mapping[str, str] = {
    "desk_opened": N_("The desk was set up for %(organisation)s"),
    "source_added": N_("Source added: %(source)s"),
    "source_changed": N_("Source changed: %(source)s"),
    "source_failed": N_("Source failed: %(source)s (%(why)s)"),
    "source_recovered": N_("Source answers again: %(source)s"),
    "articles_taken_in": N_("%(source)s: %(new)s new articles, %(mentions)s name us"),
    "story_found": N_("Found: %(title)s"),
    "alarm_raised": N_("Alarm: %(title)s"),
    "incident_declared": N_("Declared, severity %(severity)s/5: %(title)s"),
    "story_merged": N_("Story joined: %(title)s"),
    "story_joined": N_("The ear joined S-%(story)s to S-%(into)s: %(title)s"),
    "stories_apart": N_("S-%(story)s and S-%(into)s tell of one event but belong to two incidents: %(title)s"),
    "stories_joined": N_("S-%(story)s joined to S-%(into)s: %(title)s"),
    "mentions_parted": N_("%(count)s mentions taken out of S-%(story)s, now S-%(into)s: %(title)s"),
    "stories_kept_apart": N_("S-%(story)s and S-%(other)s are not the same story: %(title)s"),
    "ruling_undone": N_("Taken back what was decided about S-%(story)s and S-%(other)s"),
    "link_proposed": N_("S-%(story)s and S-%(other)s may be one story"),
    "story_dismissed": N_("Story dismissed: %(title)s"),
    "story_logged": N_("Logged by hand: %(title)s"),
    "classified": N_("Type: %(primary)s, confidence %(confidence)s"),
    "type_overruled": N_("Type changed to %(primary)s"),
    "severity_kept": N_("Severity left at %(severity)s/5; the machine suggests %(suggested)s/5"),
    "severity_set": N_("Severity %(was)s/5 → %(severity)s/5"),
    "owner_set": N_("%(owner)s took ownership"),
    "situation_written": N_("Situation rewritten"),
    "gate_set": N_("%(gate)s: %(value)s"),
    "restricted_set": N_("Restricted to members: %(value)s"),
    "incident_closed": N_("Incident closed"),
    "incident_reopened": N_("Incident opened again"),
    "task_done": N_("Done: %(title)s"),
    "task_done_with": N_("Done with statement %(statement)s: %(title)s"),
    "task_dropped": N_("Not needed: %(title)s"),
    "task_taken": N_("%(owner)s takes: %(title)s"),
    "task_added": N_("Task added: %(title)s"),
    "entry_written": N_("%(words)s"),
    "fact_added": N_("F%(fact)s added, %(status)s: %(title)s"),
    "fact_judged": N_("F%(fact)s %(status)s: %(title)s"),
    "fact_superseded": N_("F%(fact)s superseded by F%(successor)s"),
    "plan_drafted": N_("Audience plan drafted: %(count)s audiences"),
    "audience_answered": N_("Audience plan changed: %(audience)s"),
    "audience_told": N_("Told: %(audience)s"),
    "statement_drafted": N_("Statement %(statement)s drafted for %(audience)s"),
    "statement_edited": N_("Statement %(statement)s, draft %(revision)s saved"),
    "finding_waived": N_("Statement %(statement)s: finding %(check)s waived"),
    "statement_submitted": N_("Statement %(statement)s sent for approval, %(needed)s votes needed"),
    "statement_taken_back": N_("Statement %(statement)s taken back"),
    "approval_void": N_("Approval of statement %(statement)s ended: the text has changed"),
    "vote_approved": N_("Approved statement %(statement)s (%(hash)s)"),
    "vote_returned": N_("Returned statement %(statement)s"),
    "statement_approved": N_("Statement %(statement)s is approved (%(hash)s)"),
    "statement_returned": N_("Statement %(statement)s went back to its author"),
    "statement_released": N_("Released: %(title)s"),
    "statement_withdrawn": N_("Statement %(statement)s withdrawn"),
    "fallback_refused": N_("Fallback statement %(statement)s could not go out and was taken off"),
    "fallback_due": N_("Not approved in time: fallback statement %(statement)s goes out"),
    "delivery_sent": N_("Sent by %(channel)s: %(title)s"),
    "delivery_failed": N_("Could not be sent by %(channel)s: %(title)s"),
    "delivery_cancelled": N_("Withdrawn before it was sent by %(channel)s: %(title)s"),
    "delivery_refused": N_("Not sent by %(channel)s: %(title)s"),
    "delivery_uncertain": N_("Unknown whether it arrived by %(channel)s: %(title)s"),
    "delivery_confirmed": N_("Confirmed that it arrived by %(channel)s"),
    "delivery_again": N_("Sent again by %(channel)s"),
    "promise_made": N_("Promised: %(promise)s"),
    "promise_declined": N_("Statement %(statement)s went out without a promise of its next update"),
    "promise_stands": N_("The next update of statement %(statement)s is promised already: %(promise)s"),
    "promise_kept": N_("Promise kept: %(promise)s"),
    "promise_broken": N_("Promise broken: %(promise)s"),
    "response_entered": N_("Response from %(audience)s, stance %(stance)s"),
    "complaint_received": N_("Complaint %(complaint)s received"),
    "complaint_progress": N_("Complaint %(complaint)s: message to the customer"),
    "complaint_handed_over": N_("Complaint %(complaint)s handed over to %(owner)s"),
    "complaint_escalated": N_("Complaint %(complaint)s escalated"),
    "complaint_solved": N_("Complaint %(complaint)s: solution told"),
    "complaint_signed_off": N_("Complaint %(complaint)s signed off"),
    "complaint_linked": N_("Complaint %(complaint)s linked"),
    "complaint_unlinked": N_("Complaint %(complaint)s no longer belongs to this incident"),
    "person_added": N_("%(person)s joined the desk"),
    "person_active": N_("%(person)s may sign in again"),
    "person_inactive": N_("%(person)s may no longer sign in"),
    "phone_set": N_("New telephone number of %(person)s"),
    "phone_taken": N_("%(person)s has no telephone number any more"),
    "password_set": N_("New password for %(person)s"),
    "password_changed": N_("%(person)s changed their own password"),
    "recipient_added": N_("Recipient added: %(name)s"),
    "recipient_off": N_("Recipient switched off: %(name)s"),
    "settings_changed": N_("Settings changed: %(what)s"),
    "watch_saved": N_("Watch saved: %(watch)s"),
    "drill_started": N_("Drill started"),
    "drill_speed": N_("Drill clock at %(speed)s×"),
    "member_added": N_("%(person)s may see this incident"),
}


# Which values of a log entry are codes, and of what kind.
_CODES = {
    "audience": "audience",
    "status": "fact",
    "primary": "type",
    "channel": "channel",
    "gate": "gate",
    "why": "trouble",
}


def happened(entry: LogEntry) -> str:
    """One log entry as a sentence in the reader's language."""
    args: dict[str, Any] = {}
    for name, value in entry.args.items():
        kind = _CODES.get(name)
        args[name] = label(value, kind) if kind else _plain(value)
        if name == "audience":
            args[name] = amid(str(args[name]))
    if "zh" in entry.args and "en" in entry.args:
        step = entry.args.get("step")
        title = entry.args["en" if g.lang == "en" else "zh"]
        args["title"] = say(N_("%(title)s (%(step)s)"), {"title": title, "step": step}) if step else title
    if isinstance(entry.args.get("confidence"), float):
        args["confidence"] = f"{entry.args['confidence']:.0%}"
    because = entry.args.get("because_en" if g.lang == "en" else "because_zh")
    if entry.verb == "classified" and because:
        args["because"] = because
        return say(N_("Type: %(primary)s, confidence %(confidence)s; what moved it: %(because)s"), args)
    if entry.verb == "settings_changed":
        what = (label(name, "setting") for name in str(entry.args.get("what", "-")).split(", "))
        args["what"] = ("、" if g.lang == "zh" else ", ").join(what)
    args.setdefault("words", entry.note)
    return say(VERBS.get(entry.verb, entry.verb), args)


def _plain(value: object) -> object:
    """A value as a reader sees it: yes or no, a real minus sign, anything else as it is."""
    if isinstance(value, bool):
        return yes_or_no(value)
    return f"−{-value}" if isinstance(value, int) and value < 0 else value
