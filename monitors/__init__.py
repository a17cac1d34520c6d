"""The ear: sources -> articles -> copies -> stories -> mentions -> alarms.

A library of its own: it knows nothing of the desk, no database and no web. What it must remember
between two calls it takes and gives as plain values.
"""
