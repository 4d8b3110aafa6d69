"""The process that tells open pages at once what has changed (docs/decisions/push.md).

It has no key, reads who is signed in, and says nothing but “look again”: the page then asks the web server
for the fragment that it would have polled for.
"""
