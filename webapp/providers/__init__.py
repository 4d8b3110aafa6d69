"""Everything pure about a cloud: one folder a cloud, one record, one registry. No SDK, no calls.

What speaks to the cloud is in `webapp/clouds/`, which only the engine and the jobs use.
"""
