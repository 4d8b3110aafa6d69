"""The tables of the simulated Azure."""

from __future__ import annotations

from sandbox.ledger import ledger_table
from sandbox.store import Store

SCHEMA_VERSION = 106
"""Increase it with every change to the tables. Above 100, so that another cloud's file is refused."""
LEDGER_COLUMNS = ("tenant_id", "client_id", "subscription_id", "resource_group")

SCHEMA = """
CREATE TABLE IF NOT EXISTS application (
    tenant_id TEXT NOT NULL, client_id TEXT NOT NULL, object_id TEXT NOT NULL, secret TEXT NOT NULL,
    state TEXT NOT NULL, roles TEXT NOT NULL, denied TEXT NOT NULL, permissions TEXT NOT NULL,
    certificates TEXT NOT NULL,
    PRIMARY KEY (tenant_id, client_id));
CREATE TABLE IF NOT EXISTS subscription (
    subscription_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS provider (
    subscription_id TEXT NOT NULL, namespace TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (subscription_id, namespace));
CREATE TABLE IF NOT EXISTS quota (
    subscription_id TEXT NOT NULL, name TEXT NOT NULL, most INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, name));
CREATE TABLE IF NOT EXISTS restriction (
    subscription_id TEXT NOT NULL, size TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (subscription_id, size));
CREATE TABLE IF NOT EXISTS part (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, arm_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL, resource_group TEXT NOT NULL, name TEXT NOT NULL,
    parent TEXT NOT NULL, location TEXT NOT NULL, tags TEXT NOT NULL, claim TEXT, made_by TEXT NOT NULL,
    born_at REAL NOT NULL, shown_at REAL NOT NULL, gone_at REAL, hidden_at REAL, data TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_living_part ON part (key) WHERE gone_at IS NULL;
CREATE INDEX IF NOT EXISTS living_of_kind ON part (kind, subscription_id) WHERE gone_at IS NULL;
CREATE INDEX IF NOT EXISTS still_listed ON part (hidden_at) WHERE hidden_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS living_children ON part (parent) WHERE gone_at IS NULL;
CREATE TABLE IF NOT EXISTS blueprint (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, due_at REAL NOT NULL, change TEXT NOT NULL, key TEXT NOT NULL,
    data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_due ON event (due_at, seq);
CREATE INDEX IF NOT EXISTS event_of ON event (key);
CREATE TABLE IF NOT EXISTS operation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, operation_id TEXT NOT NULL UNIQUE, subscription_id TEXT NOT NULL,
    key TEXT NOT NULL, status TEXT NOT NULL, error TEXT, started_at REAL NOT NULL, ended_at REAL);
CREATE TABLE IF NOT EXISTS computer (
    tenant_id TEXT NOT NULL, name TEXT NOT NULL, machine_id TEXT NOT NULL, PRIMARY KEY (tenant_id, name));
CREATE TABLE IF NOT EXISTS meter (
    span_id INTEGER PRIMARY KEY, key TEXT NOT NULL, arm_id TEXT NOT NULL, kind TEXT NOT NULL,
    subscription_id TEXT NOT NULL, resource_group TEXT NOT NULL, location TEXT NOT NULL,
    began_at INTEGER NOT NULL, ended_at INTEGER, state TEXT NOT NULL, sku TEXT NOT NULL,
    license TEXT NOT NULL, system TEXT NOT NULL, gib INTEGER NOT NULL, tags TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_span ON meter (key) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS span_ended ON meter (subscription_id, ended_at);
CREATE TABLE IF NOT EXISTS load (
    key TEXT NOT NULL, metric TEXT NOT NULL, hour INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (key, metric, hour));
CREATE TABLE IF NOT EXISTS price (
    region TEXT NOT NULL, sku TEXT NOT NULL, meter TEXT NOT NULL, valid_from TEXT NOT NULL,
    amount TEXT NOT NULL, PRIMARY KEY (region, sku, meter, valid_from));
CREATE TABLE IF NOT EXISTS bill_terms (
    subscription_id TEXT PRIMARY KEY, currency TEXT NOT NULL, rate TEXT NOT NULL, hidden TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cost_line (
    line_id INTEGER PRIMARY KEY, subscription_id TEXT NOT NULL, day INTEGER NOT NULL, amount TEXT NOT NULL,
    quantity TEXT NOT NULL, resource_id TEXT NOT NULL, resource_group TEXT NOT NULL,
    resource_type TEXT NOT NULL, service TEXT NOT NULL, meter_category TEXT NOT NULL, sku TEXT NOT NULL,
    tags TEXT NOT NULL, visible_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS cost_of_day ON cost_line (subscription_id, day);
CREATE TABLE IF NOT EXISTS person (
    seq INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, object_id TEXT NOT NULL UNIQUE, upn TEXT NOT NULL,
    mail TEXT NOT NULL, made_by TEXT NOT NULL, born_at REAL NOT NULL, shown_at REAL NOT NULL,
    data TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_user_name ON person (tenant_id, upn COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS person_of_mail ON person (tenant_id, mail COLLATE NOCASE);
CREATE TABLE IF NOT EXISTS people_group (
    group_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS member (
    seq INTEGER PRIMARY KEY, group_id TEXT NOT NULL, object_id TEXT NOT NULL, UNIQUE (group_id, object_id));
CREATE TABLE IF NOT EXISTS role_assignment (
    assignment_id TEXT PRIMARY KEY, scope TEXT NOT NULL, role_id TEXT NOT NULL, principal_id TEXT NOT NULL,
    principal_type TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def open_store(path: str | None) -> Store:
    """Raises ValueError for a file of another version."""
    return Store(path, schema=SCHEMA + ledger_table(LEDGER_COLUMNS), version=SCHEMA_VERSION)
