"""Response Desk (应对台): a coordinator for crises and media incidents."""

__version__ = "0.1.0"
