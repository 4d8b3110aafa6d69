"""A third, tiny cloud, from this one folder: its provider, a driver, and the service that it speaks to.

`python -m tests.third_cloud` registers it and takes desktops of it from order to use; `test_third_cloud.py`
says what must come of that.
"""
