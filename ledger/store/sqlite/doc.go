// Package sqlite is the SQLite dialect of package store. It imports no driver; package ncruces below it opens files with the default one.
package sqlite
