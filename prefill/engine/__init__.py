"""From vendors' raw answers to the values of a form: what each field may be, and which is shown."""
