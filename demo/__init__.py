"""The demo: starts the site beside a practice broker and plays the main job through both.

It is an outsider: it knows the pages, the API, the mails and the broker's control panel, and
imports nothing of either side.
"""
