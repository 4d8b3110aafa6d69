"""A simulated Azure: Entra sign-in, Resource Manager, Compute, Network and Virtual Desktop."""
