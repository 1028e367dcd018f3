"""The parent's bank: takes orders for micro-deposits, and has a statement one can read.

A party of its own beside DriveWealth, as a bank or ACH originator would be.
"""
