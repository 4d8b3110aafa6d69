"""Snapshots of disks that Berth takes: comparing, taking, ending."""
