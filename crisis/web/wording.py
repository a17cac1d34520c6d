"""The words for codes: errors, what happened in the log, states, roles. Marked for the catalogue, shown translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import current_app, g

from crisis.core.log import LogEntry
from crisis.errors import CrisisError, Invalid, NotFound, NotPermitted, Stale
from crisis.flows.desk import Desk
from crisis.i18n import N_, translate

# What is wrong with a field, and what to do about it.
FIELD: Mapping[str, str] = {
    "reason_missing": N_("Write a reason: others will read it in the log."),
    "claim_missing": N_("Write the claim in Chinese or in English, one sentence."),
    "fact_source_missing": N_("Say where this comes from, for example “neighbour, quoted by Dushi Kuaibao”."),
    "gate_needs_note": N_("This step has a gate. Write how it was met, or who decided to pass it."),
    "text_missing": N_("The text is empty. Write it before you save."),
    "title_missing": N_("Write a title, starting with a verb."),
    "said_missing": N_("Write what they said, in their own words."),
    "stance_range": N_("Choose a stance from −2 to +2."),
    "audience_missing": N_("Choose an audience."),
    "promise_missing": N_("Write what is promised."),
    "return_needs_reason": N_("Say which sentence must change, and why."),
    "blanks_left": N_("%(count)s blanks in brackets are still empty. Fill them before approval."),
    "blocking_findings": N_("A blocking finding stands. Fix it, or waive it with your name and a reason."),
    "audience_blank": N_("The audience plan has a blank answer. Fill it before approval."),
    "fallback_not_approved": N_("Only a text that is already approved can be the fallback."),
    "fallback_for_others": N_("The fallback must be for the same audience and in the same language."),
    "due_before_incident": N_("This is before the incident began. Check the date."),
    "due_passed": N_("This time is over. Choose one that is still to come."),
    "channels_missing": N_("Choose at least one way for it to go out."),
    "newsroom_not_public": N_("The newsroom is for everybody; a text for this audience does not go there."),
    "recipient_taken": N_("This address gets the texts for this audience in this language already."),
    "closing_needs_reason": N_("A closing condition does not hold yet. Write why it may be closed all the same."),
    "customer_missing": N_("Write the customer's name, or “not given”."),
    "details_missing": N_("Write what the customer complains about, in their words."),
    "received_by_missing": N_("Write who received the complaint."),
    "unit_missing": N_("Write the department or unit."),
    "received_in_future": N_("The complaint cannot be received in the future. Check the date."),
    "email_wrong": N_("This is not an e-mail address. Example: name@example.com."),
    "email_taken": N_("Somebody already uses this e-mail address."),
    "interval_range": N_("Give hours between 1 and 720."),
    "action_missing": N_("Write what was done."),
    "signature_missing": N_("Sign with a name."),
    "supervisor_missing": N_("Write the unit supervisor's name."),
    "unsatisfied_needs_report": N_("Write the steps already taken: this goes to top management as a report."),
    "name_missing": N_("Write a name."),
    "roles_missing": N_("Choose at least one role."),
    "regions_missing": N_("A regional office needs at least one region."),
    "password_short": N_("Use at least %(least)s characters. A sentence is easy to remember."),
    "password_not_yours": N_("This is not your password now. Type the one you signed in with."),
    "password_same": N_("This is the password you have. Choose another."),
    "password_differs": N_("The two are not the same. Type the new password twice."),
    "sign_in_wrong": N_("E-mail or password is wrong. Check both and try again."),
    "too_many_guesses": N_(
        "Too many wrong tries. Wait %(minutes)s minutes, or ask an administrator for a new password."
    ),
    "not_yourself": N_("You cannot switch yourself off. Ask another administrator."),
    "time_wrong": N_("This is not a time. Example: 2026-05-14 09:20."),
    "number_wrong": N_("This is not a whole number."),
    "text_too_long": N_("This is too long. %(most)s characters fit."),
    "choice_wrong": N_("Choose one of the values of the list."),
    "url_wrong": N_("This is not a web address. It begins with http:// or https://."),
    "url_taken": N_("This source is already there."),
    "query_wrong": N_("The watch cannot be read: %(problem)s"),
    "file_wrong": N_("The file cannot be read: %(problem)s"),
    "zone_wrong": N_("Unknown time zone. Example: Asia/Shanghai."),
    "prefix_wrong": N_("Use one to six capital letters, for example SG."),
    "approvals_range": N_("Between 1 and 5 people can be asked."),
    "severity_range": N_("Severity goes from 1 to 5."),
    "lowering_needs_reason": N_("Lowering the severity needs a reason."),
    "not_restricted_without_members": N_("Choose who may see it: a restricted incident needs members."),
    "already_founded": N_("Your own desk is set up already. Close this one and type make run."),
    "network_wrong": N_("This is not a network. Example: 10.0.0.0/8."),
    "step_twice": N_("Step %(step)s is there already. Leave out %(playbook)s."),
    "folder_missing": N_(
        "There is no such folder. Write a name for one below %(inbox)s, or the path of one that exists."
    ),
    "folder_outside": N_("This folder lies outside %(inbox)s. The operator can allow it with CRISIS_FOLDERS."),
    "interval_wrong": N_("Between 1 minute and 7 days."),
    "host_wrong": N_("This is not a host. Example: imap.example.com."),
    "tls_needed": N_("The connection must be encrypted, except to this very machine."),
    "password_file_wrong": N_("There is no such file. Put the password into a file in %(folder)s and write its name."),
    "days_range": N_("Between 1 and %(most)s days."),
    "port_not_a_number": N_("The port is a number from 1 to 65535."),
    "yes_or_no": N_("Write yes or no."),
    "not_a_number_of_a_machine": N_("Write the address of a machine as a number, for example 10.0.0.2."),
}

# What does not fit the state a thing is in.
STATE: Mapping[str, str] = {
    "task is not open": N_("Somebody has already finished this task. Look at the list below."),
    "fact cannot change so": N_("This fact cannot be changed that way. Superseded facts stay as they are."),
    "fact is superseded": N_("This fact was already superseded."),
    "statement is not a draft": N_(
        "This text is not a draft any more. Edit it: it goes back to draft and its votes end."
    ),
    "statement is not in review": N_("This text is not before its approvers."),
    "a released statement is corrected by a new one": N_("A released text is not changed. Write a correction."),
    "statement is not released": N_("Only a released text can be withdrawn."),
    "approval has ended": N_("This approval has ended. Nothing was changed by your vote."),
    "text has changed": N_(
        "The text has changed since you opened it. Read it again: your vote would have been for other words."
    ),
    "already voted": N_("You have voted already. Your first vote counts."),
    "already released": N_("This text was already released. It was not sent again."),
    "not approved": N_("This text is not approved. Nothing was sent."),
    "text is not the approved one": N_("The text is not the approved one. Nothing was sent."),
    "nothing is released after closing": N_("This incident is closed. Nothing was sent."),
    "nobody would get it": N_(
        "Nobody would get this text: its channels reach no one. Add a recipient, or choose another channel."
    ),
    "nothing withdrawn is sent": N_("This text was withdrawn. It is not sent again."),
    "finding is gone": N_("This finding is not there any more. Look at the list again."),
    "delivery is settled": N_("This delivery is settled."),
    "promise has ended": N_("This promise has already ended."),
    "incident is closed": N_("This incident is closed."),
    "complaint is closed": N_("This complaint is closed."),
    "complaint is not open": N_("A solution was already told."),
    "no solution was told yet": N_("Tell the customer the solution first, then sign off."),
    "story is decided": N_(
        "Somebody has already decided about this story. Look at the list: it may be an incident now."
    ),
}

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
    "story_dismissed": N_("Story dismissed: %(title)s"),
    "story_logged": N_("Logged by hand: %(title)s"),
    "classified": N_("Type: %(primary)s, confidence %(confidence)s"),
    "type_overruled": N_("Type changed to %(primary)s"),
    "severity_set": N_("Severity %(was)s/5 → %(severity)s/5"),
    "owner_set": N_("%(owner)s took ownership"),
    "situation_written": N_("Situation rewritten"),
    "gate_set": N_("%(gate)s: %(value)s"),
    "restricted_set": N_("Restricted to members: %(value)s"),
    "incident_closed": N_("Incident closed"),
    "task_done": N_("Done: %(title)s"),
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

ROLES: Mapping[str, str] = {
    "officer": N_("PR officer"),
    "executive": N_("Executive"),
    "publisher": N_("Publisher"),
    "regional": N_("Regional office"),
    "handler": N_("Complaint handler"),
    "administrator": N_("Administrator"),
    "viewer": N_("Viewer"),
}

LABELS: Mapping[str, Mapping[str, str]] = {
    "type": {
        "linear": N_("Linear"),
        "media": N_("Media"),
        "matrix": N_("Matrix"),
        "credit": N_("Credit"),
        "chain": N_("Chain"),
    },
    "credit": {
        "production": N_("production credit"),
        "operating": N_("operating credit"),
        "finance": N_("financial credit"),
        "lending": N_("lending credit"),
    },
    "fact": {
        "confirmed": N_("confirmed"),
        "unconfirmed": N_("claimed, not confirmed"),
        "disputed": N_("disputed"),
        "superseded": N_("superseded"),
        "withheld": N_("withheld"),
    },
    "severity": {"minor": N_("minor"), "moderate": N_("moderate"), "severe": N_("severe")},
    "statement": {
        "draft": N_("draft"),
        "in_review": N_("before its approvers"),
        "approved": N_("approved"),
        "released": N_("released"),
        "withdrawn": N_("withdrawn"),
    },
    "kind": {
        "holding": N_("Holding statement"),
        "substantive": N_("Substantive statement"),
        "update": N_("Update"),
        "correction": N_("Correction"),
        "apology": N_("Apology"),
        "recall": N_("Recall notice"),
        "staff": N_("Staff note"),
        "dealer": N_("Dealer letter"),
        "regulator": N_("Report to the regulator"),
        "family": N_("Talking points for the family"),
        "hotline": N_("Hotline script"),
        "qa": N_("Questions and answers"),
        "social": N_("Social post"),
        "newsroom": N_("Newsroom text"),
        "closure": N_("Closing note"),
    },
    "channel": {"newsroom": N_("Newsroom"), "file": N_("File"), "email": N_("Mail")},
    "delivery": {
        "waiting": N_("waiting"),
        "sending": N_("sending"),
        "sent": N_("sent"),
        "failed": N_("failed"),
        "uncertain": N_("unknown whether it arrived"),
        "refused": N_("not sent"),
        "cancelled": N_("withdrawn before it was sent"),
    },
    "principle": {
        "candor": N_("Candor"),
        "speed": N_("Speed"),
        "proactivity": N_("Proactivity"),
        "completeness": N_("Completeness"),
    },
    "level": {
        "block": N_("blocks"),
        "high": N_("high"),
        "medium": N_("medium"),
        "low": N_("low"),
        "notice": N_("notice"),
        "alert": N_("alert"),
    },
    "complaint": {
        "open": N_("in hand"),
        "solved": N_("solution told"),
        "signed_off": N_("signed off"),
        "unsatisfied": N_("closed, customer not satisfied"),
    },
    "tier": {"light": N_("light"), "medium": N_("medium"), "severe": N_("severe")},
    "escalation": {
        "senior": N_("Ask somebody more senior"),
        "report": N_("Write a fuller report"),
        "lawyer": N_("Ask the organisation's lawyer"),
        "police": N_("Tell the police"),
    },
    "question": {
        "who": N_("Who are they"),
        "know": N_("What do they know or need"),
        "feel": N_("How do they feel"),
        "motivate": N_("How to motivate or satisfy them"),
    },
    "condition": {
        "quiet": N_("No mention for seven days"),
        "promises": N_("No open promise"),
        "hard_tasks": N_("No open step with a gate"),
        "victims": N_("Victims were asked how they are"),
        "complaints": N_("No open complaint"),
    },
    "outlet": {
        "newspaper": N_("newspaper"),
        "tv": N_("television"),
        "online": N_("online"),
        "social": N_("social media"),
        "official": N_("official"),
        "wire": N_("wire service"),
        "trade": N_("trade press"),
    },
    "medium": {
        "phone": N_("telephone"),
        "letter": N_("letter"),
        "email": N_("e-mail"),
        "visit": N_("in person"),
        "online": N_("online"),
        "social": N_("social media"),
    },
    "lang": {"zh": N_("Chinese"), "en": N_("English")},
    # What a source is, and so how it is read.
    "form": {
        "feed": N_("feed"),
        "sitemap": N_("news sitemap"),
        "hotlist": N_("hot list"),
        "page": N_("watched page"),
        "folder": N_("folder"),
        "mailbox": N_("mailbox"),
    },
    # A subscription at a hub.
    "hub": {
        "asked": N_("asked, not confirmed yet"),
        "active": N_("tells us"),
        "denied": N_("refuses"),
        "ended": N_("ended"),
    },
    # Which watch caught an article, where it was made from the organisation's own names.
    "watch": {"name": N_("own names"), "person": N_("own people"), "product": N_("own products")},
    "suggested": {
        "short_name": N_("the name without its legal form"),
        "vocabulary": N_("the word of another Chinese-speaking region"),
        "spacing": N_("written together, apart or with a hyphen"),
        "misspelling": N_("a usual misspelling"),
        "namesake": N_("a longer word that holds the name"),
    },
    # How a source is, and what is wrong with it: codes of `monitors.health`, `monitors.fetch` and `monitors.feeds`.
    "health": {
        "fresh": N_("not asked yet"),
        "ok": N_("working"),
        "failing": N_("failing"),
        "silent": N_("silent against its habit"),
        "gone": N_("gone, still asked"),
        "paused": N_("paused"),
    },
    "trouble": {
        "source_failing": N_("it keeps failing"),
        "source_silent": N_("silent against its habit"),
        "source_gone": N_("the address says it is gone for good"),
        "gone": N_("the address says it is gone for good"),
        "asked_to_wait": N_("the host asked us to wait"),
        "too_slow": N_("no answer in time"),
        "url_unreadable": N_("the address cannot be read"),
        "url_without_host": N_("the address names no host"),
        "scheme_not_web": N_("the address is not http or https"),
        "port_not_web": N_("this port is not asked"),
        "address_unreadable": N_("the address of the host cannot be read"),
        "address_not_public": N_("the host is not in a public network"),
        "name_unknown": N_("no host has this name"),
        "bad_certificate": N_("the certificate is not valid"),
        "proxy_failed": N_("the proxy did not answer"),
        "no_connection": N_("no connection"),
        "hung_up": N_("the host hung up"),
        "not_http": N_("the answer is not HTTP"),
        "redirect_unreadable": N_("the redirect cannot be read"),
        "redirect_loop": N_("it redirects in a circle"),
        "too_many_redirects": N_("it redirects too often"),
        "not_modified_unasked": N_("it says unchanged, but was not asked"),
        "challenged": N_("it asks for a person, not a machine"),
        "forbidden": N_("access is refused"),
        "not_found": N_("nothing is at this address"),
        "server_error": N_("the server has an error"),
        "unexpected_status": N_("an answer nobody asked for"),
        "empty": N_("the answer is empty"),
        "cut_short": N_("the answer broke off"),
        "too_large": N_("the answer is too large"),
        "bad_coding": N_("the compression is broken"),
        "not_text": N_("this is not text"),
        "html_page": N_("this is a web page, not a feed"),
        "sitemap": N_("this is a sitemap, not a feed"),
        "opml": N_("this is a list of feeds, not a feed"),
        "other_xml": N_("this XML is not a feed"),
        "other_json": N_("this JSON is not a feed"),
        "broken_json": N_("the JSON is broken"),
        "unreadable": N_("no feed can be recognised"),
        "not_taken_in": N_("the answer could not be written down"),
        "empty_entry": N_("an entry without title, text and link"),
        "unreadable_entry": N_("an entry that cannot be read"),
        "too_many_entries": N_("more entries than are read"),
        "left_out": N_("left out:"),
        "reader_too_slow": N_("it could not be read in time"),
        "reader_died": N_("it could not be read safely"),
        "not_a_sitemap": N_("this is not a sitemap"),
        "not_json": N_("this is not JSON"),
        "no_items": N_("there is no list of titles at this place"),
        "no_folder": N_("the folder cannot be read"),
        "folder_outside": N_("the folder lies outside the places that may be read"),
        "no_mailbox": N_("the mailbox has no such folder"),
        "mail_refused": N_("the mail server refuses the account or its password"),
        "no_password_file": N_("the password file cannot be read"),
    },
    # What of the organisation was changed, in the log.
    "setting": {
        "organisation": N_("names and words"),
        "prefix": N_("incident prefix"),
        "zone": N_("time zone"),
        "approvals": N_("votes needed"),
        "name_en": N_("name in English texts"),
        "hotline": N_("hotline"),
        "contact": N_("contact"),
        "signature": N_("signature"),
        "listed": N_("listed company"),
        "allow": N_("networks of sources"),
        "smtp": N_("mail server"),
        "-": N_("nothing"),
    },
    # What happened to a delivery, where its receipt says it in a word of the code.
    "delivered": {
        "interrupted": N_("The desk stopped while it was being sent. Ask the recipient before you send it again."),
        "drill": N_("Drill: mail is refused, nothing leaves the building."),
        "withdrawn": N_("The text was withdrawn before this was sent."),
        "no mail server is set up": N_("No mail server is set up."),
    },
    "gate": {
        "injury": N_("People were hurt"),
        "claim_refuted": N_("The claim was refuted with a document"),
        "fault_gate_open": N_("Counsel has cleared words of fault"),
    },
}


def say(message: str, args: Mapping[str, Any] | None = None) -> str:
    text = translate(g.lang, message)
    try:
        return text % args if args else text
    except (KeyError, TypeError, ValueError):
        return text


def label(code: object, kind: str) -> str:
    """The word for a code of a kind, in the reader's language; an unknown code stands for itself."""
    if kind == "audience":
        # An audience is called what its card calls it, here as on every other page.
        cards = cast(Desk, current_app.extensions["desk"]).content.audiences.cards
        return cards[str(code)].name[g.lang] if str(code) in cards else str(code)
    known = ROLES if kind == "role" else LABELS.get(kind, {})
    return say(known[str(code)]) if str(code) in known else str(code)


def amid(text: str) -> str:
    """A name as it stands inside an English sentence: with a small first letter. Chinese knows no difference."""
    return text[:1].lower() + text[1:] if g.lang == "en" and text[1:2].islower() else text


def sentence(error: CrisisError) -> str:
    """What went wrong and what to do next, in the reader's language."""
    if isinstance(error, Invalid):
        return say(FIELD.get(error.code, N_("This cannot be used. Check it and try again.")), error.details)
    if isinstance(error, Stale):
        return say(N_("Somebody saved this while you were typing. Your text is kept below; look at theirs first."))
    if isinstance(error, NotPermitted):
        if "author" in str(error):
            return say(N_("You wrote this text, so somebody else must approve it."))
        if "own regions" in str(error):
            return say(N_("You can enter this for your own regions only."))
        return say(N_("Your role does not include this. Ask an administrator if it should."))
    if isinstance(error, NotFound):
        return say(N_("There is nothing here, or it is not for you. Go back to the list."))
    return say(STATE.get(str(error), N_("This does not fit any more: somebody was quicker. Load the page again.")))


def http_sentence(status: int, what: str) -> str:
    """The sentence of an HTTP status."""
    if status == 400 and what == "form":
        return say(
            N_("The form has expired. Go back, load the page again and send it once more: your browser kept the text.")
        )
    if status == 400 and what == "host":
        return say(
            N_(
                "This desk does not go by this name. Open it by its address, "
                "or set CRISIS_URL to the name it is to have."
            )
        )
    if status == 401:
        return say(N_("You are signed out. Sign in again in another tab, then go back and send the form once more."))
    if status == 404:
        return say(N_("There is nothing here, or it is not for you. Go back to the list."))
    if status == 405:
        return say(N_("This page cannot be opened this way. Go back to the list."))
    if status == 413:
        return say(N_("This is too large. The limit is 4 MB."))
    return say(
        N_("The desk could not do this. It is written down for the operator; what you saved is kept. Try again.")
    )


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


def receipt(details: Mapping[str, Any]) -> str:
    """What a channel answered, as a sentence: its reference, the server's own words, or what went wrong."""
    why = str(details.get("error") or details.get("why") or "")
    if not why:
        return str(details.get("reference", ""))
    if why in LABELS["delivered"]:
        return label(why, "delivered")
    if why.startswith("a drill"):
        return label("drill", "delivered")
    return say(N_("The server answered: %(answer)s"), {"answer": why})


def _plain(value: object) -> object:
    """A value as a reader sees it: yes or no, a real minus sign, anything else as it is."""
    if isinstance(value, bool):
        return yes_or_no(value)
    return f"−{-value}" if isinstance(value, int) and value < 0 else value


def yes_or_no(value: bool) -> str:
    return say(N_("yes") if value else N_("no"))


def types() -> list[tuple[str, str]]:
    """(code, word) of each crisis type."""
    return [(code, say(word)) for code, word in LABELS["type"].items()]


def credits() -> list[tuple[str, str]]:
    """(code, word) of each kind of credit crisis."""
    return [(code, say(word)) for code, word in LABELS["credit"].items()]
