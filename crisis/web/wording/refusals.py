"""What cannot be done, and what to do next: wrong fields, acts that fit no more, and the statuses of HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.errors import CrisisError, Invalid, NotFound, NotPermitted, Stale
from crisis.i18n import N_
from crisis.web.wording.saying import say

# What is wrong with a field, and what to do about it.
FIELD: Mapping[str, str] = {
    "reason_missing": N_("Write a reason: others will read it in the log."),
    "claim_missing": N_("Write the claim in Chinese or in English, one sentence."),
    "fact_source_missing": N_("Say where this comes from, for example “neighbour, quoted by Dushi Kuaibao”."),
    "fact_in_future": N_(
        "This time is still to come. Write as of when it was known: when it was said or measured. What is to happen is "
        "a task or a promise."
    ),
    "fact_long_past": N_(
        "This is more than %(days)s days before the first signal of the incident. Check day and year; if this time is "
        "meant, tick the box and send it again."
    ),
    "story_missing": N_("Choose the story that it is to be joined with."),
    "story_unknown": N_("There is no story S-%(story)s that you may see. Choose one from the list."),
    "story_itself": N_("This is the same story already. Choose another one."),
    "story_without_articles": N_(
        "One of the two has no articles: it was logged by hand. Declare one of them, and join the other to that "
        "incident."
    ),
    "mentions_missing": N_("Tick the mentions that do not belong to this story, then press again."),
    "mentions_all": N_("All mentions are ticked. Leave those that are this story: at least one stays."),
    "gate_needs_note": N_("This step has a gate. Write how it was met, or who decided to pass it."),
    "text_missing": N_("The text is empty. Write it before you save."),
    "heard_missing": N_("Write in one line what was heard."),
    "title_missing": N_("Write a title, starting with a verb."),
    "said_missing": N_("Write what they said, in their own words."),
    "stance_range": N_("Choose a stance from −2 to +2."),
    "audience_missing": N_("Choose an audience."),
    "region_missing": N_("Choose where it was heard, or “elsewhere”."),
    "promise_missing": N_("Write what is promised."),
    "return_needs_reason": N_("Say which sentence must change, and why."),
    "blanks_left": N_("%(count)s blanks in brackets are still empty. Fill them before approval."),
    "blocking_findings": N_(
        "A blocking finding stands. Fix it; or the lead of the incident, or an executive, waives it with name and "
        "reason."
    ),
    "audience_blank": N_("The audience plan has a blank answer. Fill it before approval."),
    "fallback_not_approved": N_("Only a text that is already approved can be the fallback."),
    "fallback_for_others": N_("The fallback must be for the same audience and in the same language."),
    "due_before_incident": N_("This is before the incident began. Check the date."),
    "due_passed": N_("This time is over. Choose one that is still to come."),
    "channels_missing": N_("Choose at least one way for it to go out."),
    "newsroom_not_public": N_("The newsroom is for everybody; a text for this audience does not go there."),
    "recipient_taken": N_("This address gets the texts for this audience in this language already."),
    "closing_needs_reason": N_("A closing condition does not hold yet. Write why it may be closed all the same."),
    "reopening_needs_reason": N_("Write why it is opened again: what has come up, or what was not settled."),
    "customer_missing": N_("Write the customer's name, or “not given”."),
    "details_missing": N_("Write what the customer complains about, in their words."),
    "received_by_missing": N_("Write who received the complaint."),
    "unit_missing": N_("Write the department or unit."),
    "received_in_future": N_("The complaint cannot be received in the future. Check the date."),
    "email_wrong": N_("This is not an e-mail address. Example: name@example.com."),
    "phone_wrong": N_("This number cannot be dialled. Digits, spaces, + and brackets will do: +86 571 8000 1234."),
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
    "owner_inactive": N_("%(name)s is switched off and would not be told. Choose somebody else."),
    "not_yourself": N_("You cannot switch yourself off. Ask another administrator."),
    "time_missing": N_("Enter a time. Example: 2026-05-14 09:20."),
    "time_wrong": N_("This is not a time. Example: 2026-05-14 09:20."),
    "number_wrong": N_("This is not a whole number."),
    "text_too_long": N_("This is too long. %(most)s characters fit."),
    "choice_wrong": N_("Choose one of the values of the list."),
    "url_wrong": N_("This is not a web address. It begins with http:// or https://."),
    "url_taken": N_("This source is already there."),
    "query_wrong": N_("The watch cannot be read: %(problem)s"),
    "field_unknown": N_("Line %(lines)s of the file: the field %(name)s is not known. Did you mean %(nearest)s?"),
    "line_no_address": N_("Line %(line)s: %(value)s is not a web address. One begins with http:// or https://."),
    "file_too_large": N_("The file is larger than 4 MB."),
    "opml_wrong": N_(
        "This is not an OPML file: line %(line)s cannot be read. Save the list as OPML in your feed reader and choose "
        "that file."
    ),
    "opml_empty": N_("This OPML file holds no feed. Save the list once more in your feed reader."),
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
    "file_unreadable": N_("The file %(value)s cannot be read."),
    "port_not_a_number": N_("The port is a number from 1 to 65535."),
    "yes_or_no": N_("Write yes or no."),
    "not_a_number_of_a_machine": N_("Write the address of a machine as a number, for example 10.0.0.2."),
}

# What does not fit the state a thing is in.
STATE: Mapping[str, str] = {
    "task is not open": N_("Somebody has already finished this task. Look at the list below."),
    "release is not what the step asks for": N_(
        "This statement was withdrawn, or it is not what this step asks for. "
        "Finish the step without it, or with another."
    ),
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
    "incident is closed": N_("This incident is closed. Open it again in its room, part “Closing”, if it goes on."),
    "severity was set": N_(
        "Somebody has set the severity since you opened the page: it stands behind the bars beside the title. Nothing "
        "was changed."
    ),
    "incident is open": N_("This incident is open already. Look at its log: somebody was quicker."),
    "complaint is closed": N_("This complaint is closed."),
    "complaint is not open": N_("A solution was already told."),
    "no solution was told yet": N_("Tell the customer the solution first, then sign off."),
    "stories are kept apart": N_(
        "Somebody has decided that these two are not one story. Look below under “Joined and parted”: take that back "
        "first."
    ),
    "stories belong to two incidents": N_(
        "The two belong to different incidents, so they stay apart. Write into the log of each that the other is the "
        "same."
    ),
    "mentions have moved": N_("Somebody has moved some of these mentions. Look at the list again and tick anew."),
    "ruling is taken back": N_("Somebody has taken this back already. Look at the list below."),
    "ruling is not the newest": N_(
        "Something was decided about these mentions later. Take that back first: it stands above this one in the list."
    ),
    "story is decided": N_(
        "Somebody has already decided about this story. Look at the list: it may be an incident now."
    ),
}


def sentence(error: CrisisError) -> str:
    """What went wrong and what to do next, in the reader's language."""
    if isinstance(error, Invalid):
        return say(FIELD.get(error.code, N_("This cannot be used. Check it and try again.")), error.details)
    if isinstance(error, Stale) and error.details.get("kind") == "matter":
        return say(
            N_("Somebody has set this since you opened the page. Look at theirs below; press again if yours is meant.")
        )
    if isinstance(error, Stale):
        return say(N_("Somebody saved this while you were typing. Your text is kept below; look at theirs first."))
    if isinstance(error, NotPermitted):
        if "author" in str(error):
            return say(N_("You wrote this text, so somebody else must approve it."))
        if "own regions" in str(error):
            return say(N_("You can enter this for your own regions only."))
        if "blocking finding" in str(error):
            return say(
                N_(
                    "Only the lead of the incident, or somebody who approves statements, may waive a blocking finding. "
                    "Ask one of them, or change the text."
                )
            )
        return say(N_("Your role does not include this. Ask an administrator if it should."))
    if isinstance(error, NotFound):
        return say(N_("What you look for does not exist, or you may not see it."))
    return say(STATE.get(str(error), N_("This does not fit any more: somebody was quicker. Load the page again.")))


def http_sentence(status: int, what: str) -> str:
    """The sentence of an HTTP status."""
    if status == 400 and what == "form":
        return say(
            N_("The form has expired: you have signed in again since. Open its page again and send it once more.")
        )
    if status == 400 and what == "host":
        return say(
            N_(
                "This desk does not go by this name. Open it by its address, "
                "or set CRISIS_URL to the name it is to have."
            )
        )
    if status == 401 or what == "signed out":
        return say(N_("You are not signed in any more, so nothing was done. Sign in and send it once more."))
    if status == 404:
        return say(N_("What you look for does not exist, or you may not see it."))
    if status == 405:
        return say(N_("This page cannot be opened this way. Go back to the list."))
    if status == 413:
        return say(N_("This is larger than 4 MB, so nothing was saved. Choose a smaller file, or shorten the text."))
    if status == 503:
        return say(
            N_(
                "The desk’s database does not answer, so nothing can be saved or sent just now. Try again in a minute. "
                "If it stays so, call whoever runs the desk."
            )
        )
    return say(
        N_("The desk could not do this. It is written down for the operator; what you saved is kept. Try again.")
    )
