"""What every room stands on: statuses and their moves, the audit trail, encrypted fields, the
clock, the two calendars, errors, the queue, kill switches and the door to vendors."""
