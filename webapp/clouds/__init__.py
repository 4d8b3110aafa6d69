"""The clouds. The only package that imports an SDK of one."""
