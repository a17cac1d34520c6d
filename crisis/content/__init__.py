"""Content is data: playbooks, audience cards, checks, lexicons and wording, read from stacked folders.

Order of the roots, later wins by id: built-in < `$CRISIS_HOME/{playbooks,templates}`. Invalid built-in
content refuses to start; invalid content of the user is reported as `file:line: what` and left out.
"""
