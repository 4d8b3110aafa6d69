"""What is fast, measured on a real, running Berth. Nothing here is asserted in tests."""
