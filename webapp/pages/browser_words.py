"""What a browser calls itself, in words."""

from functools import lru_cache

from webapp.domain.sentences import say


@lru_cache(256)
def name_of_browser(user_agent: str) -> str:
    """Such as “Firefox on Linux”; its own words are never shown."""
    # Imported where it is needed: its tables take a tenth of a second and some memory.
    from ua_parser import parse_os, parse_user_agent  # noqa: PLC0415

    browser, system = parse_user_agent(user_agent), parse_os(user_agent)
    if browser is None:
        return say("A browser on %(system)s", system=system.family) if system else say("An unknown browser")
    if system is None:
        return browser.family
    return say("%(browser)s on %(system)s", browser=browser.family, system=system.family)
