// Package postgres opens PostgreSQL for package store, through github.com/lib/pq and github.com/jmoiron/sqlx.
package postgres
