"""Poll times: pure cadence policy, operator schedules, outages."""
