"""DriveWealth, the broker: its words stay in this folder (developer.drivewealth.com)."""
