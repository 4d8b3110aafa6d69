"""Weekly hours in which a desktop is to run: local times in the zone of its person."""
