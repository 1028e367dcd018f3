"""Spinwheel: its words → ours. The facts are of docs.spinwheel.io."""
