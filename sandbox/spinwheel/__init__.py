"""Spinwheel's side: connecting a person by a code sent to the phone and their date of birth."""
