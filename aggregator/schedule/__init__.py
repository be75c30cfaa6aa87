"""When is this feed due next? Pure cadence policy and operator schedules."""
