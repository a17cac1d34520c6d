"""The pages. A view reads the request, calls one flow, and shows the answer; it works without JavaScript."""
