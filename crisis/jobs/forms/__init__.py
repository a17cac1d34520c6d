"""The forms of sources, one small file each: from a source and what it remembers to articles.

    fetched    feed, sitemap, hotlist, page     `read(visit, body)`: the document has come, what is in it
    ours       folder, mailbox                  `look(visit)`: nothing is fetched, what is new there

Whatever goes wrong becomes a code in the health of the source (a `NotAFeed` or a `Failed`), or a line in the ledger of
what was left out.
"""

from __future__ import annotations

from crisis.core.sources import Form
from crisis.jobs.forms import feed, folder, hotlist, mailbox, page, sitemap
from crisis.jobs.forms.visit import Found, Look, Outcome, Read, Visit

READ: dict[Form, Read] = {
    Form.FEED: feed.read,
    Form.SITEMAP: sitemap.read,
    Form.HOTLIST: hotlist.read,
    Form.PAGE: page.read,
}
LOOK: dict[Form, Look] = {Form.FOLDER: folder.look, Form.MAILBOX: mailbox.look}

__all__ = ["LOOK", "READ", "Found", "Look", "Outcome", "Read", "Visit"]
