"""The words for codes: roles, types, states, channels, what is wrong with a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from flask import current_app, g

from crisis.channels.email import NO_TLS, UNENCRYPTED, UNPROVEN
from crisis.flows.desk import Desk
from crisis.i18n import N_
from crisis.web.wording.saying import say

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
        "alert": N_("Alarm"),
    },
    "complaint": {
        "open": N_("in hand"),
        "solved": N_("solution told"),
        "signed_off": N_("signed off"),
        "unsatisfied": N_("closed, customer not satisfied"),
    },
    "tier": {"light": N_("minor"), "medium": N_("medium"), "severe": N_("severe")},
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
    # What a word of a text threatens, and what its clause does to it.
    "harm": {
        "death": N_("a death"),
        "injury": N_("people hurt"),
        "safety": N_("safety"),
        "environment": N_("the environment"),
        "fraud": N_("fraud"),
        "default": N_("a debt not paid"),
        "legal": N_("a court case"),
        "regulator": N_("an authority acts"),
        "data": N_("personal data"),
        "scandal": N_("a scandal"),
        "protest": N_("a protest"),
        "boycott": N_("a boycott"),
        "outage": N_("a service that is down"),
        "labour": N_("conditions of work"),
        "complaint": N_("a complaint"),
        "governance": N_("governance"),
        "loss": N_("a loss"),
        "rating": N_("a rating"),
        "market": N_("the market"),
    },
    "change": {
        "negated": N_("negated: less weight"),
        "denied": N_("denied: less weight"),
        "conditional": N_("conditional: less weight"),
        "quoted": N_("quoted: less weight"),
        "past": N_("past: less weight"),
        "prevented": N_("prevented: less weight"),
        "relieved": N_("has passed: less weight"),
        "general": N_("said of others or of a whole trade: less weight"),
    },
    # How the Chinese of a text is written.
    "script": {
        "zh-Hans": N_("simplified characters"),
        "zh-Hant": N_("traditional characters"),
        "zh-Hant-TW": N_("traditional characters, words of Taiwan"),
        "zh-Hant-HK": N_("traditional characters, words of Hong Kong"),
    },
    # The names of the others are content: playbooks/legal/places.yaml.
    "jurisdiction": {
        "ANY": N_("everywhere"),
    },
    # How well the wording of a legal reminder was compared with its source, before the day on which it was.
    "checked": {
        "checked": N_("compared with its source on"),
        "partly": N_("compared in part on"),
        "unchecked": N_("not compared with a source, as of"),
    },
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
        UNENCRYPTED: N_(
            "Not sent: the password of the mail server would travel unencrypted. Choose STARTTLS or port 465 on the "
            "page Readiness."
        ),
        UNPROVEN: N_(
            "The certificate does not prove that this is our mail server, so nothing was said to it. Check the host on "
            "the page Readiness, or have the certificate renewed."
        ),
        NO_TLS: N_("The mail server does not speak TLS at this port. Check the port on the page Readiness."),
    },
    "gate": {
        "injury": N_("People were hurt"),
        "claim_refuted": N_("The claim was refuted with a document"),
        "fault_gate_open": N_("Counsel has cleared words of fault"),
        "filed": N_("Material news has been filed with the exchange"),
    },
}


def label(code: object, kind: str) -> str:
    """The word for a code of a kind, in the reader's language; an unknown code stands for itself."""
    if kind == "audience":
        # An audience is called what its card calls it, here as on every other page.
        cards = cast(Desk, current_app.extensions["desk"]).content.audiences.cards
        return cards[str(code)].name[g.lang] if str(code) in cards else str(code)
    if kind == "jurisdiction":
        places = cast(Desk, current_app.extensions["desk"]).content.legal.places.places
        if str(code) in places:
            return places[str(code)].name[g.lang]
    known = ROLES if kind == "role" else LABELS.get(kind, {})
    return say(known[str(code)]) if str(code) in known else str(code)


def options(codes: Iterable[object], kind: str) -> list[tuple[str, str]]:
    """(code, word) of each code of a kind, for a list to choose from."""
    return [(str(code), label(code, kind)) for code in codes]


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


def types() -> list[tuple[str, str]]:
    """(code, word) of each crisis type."""
    return [(code, say(word)) for code, word in LABELS["type"].items()]


def credits() -> list[tuple[str, str]]:
    """(code, word) of each kind of credit crisis."""
    return [(code, say(word)) for code, word in LABELS["credit"].items()]
