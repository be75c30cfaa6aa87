"""The database: tables, connections, transactions, leases, migrations."""
