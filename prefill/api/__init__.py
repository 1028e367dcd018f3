"""Applicants, phones, banks and filled forms over `/api/v1/`; a tenant's user is an applicant."""
