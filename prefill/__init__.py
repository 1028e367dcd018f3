"""A phone number fills the form: verified phones, Plaid's sessions and Items, and what they told.

Owns applicants (the people tenants' forms are filled for; a parent of ours is one), phone
verification, Plaid's links, Items and accounts, and the prefill engine. It knows of no broker.
"""
