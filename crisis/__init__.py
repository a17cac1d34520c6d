"""Response Desk (应对台): a coordinator for crises and media incidents."""

import os

# numpy multiplies in one thread. What we multiply is small, and on a busy machine two threads wait for each other: a
# check took up to four times the processor time. Read when numpy is first imported; who sets it otherwise is heard.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
