// Package storetest gives tests and benchmarks fresh, migrated databases on both engines. Only tests may import it.
//
//	func TestPosting(t *testing.T) {
//		storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) { … })
//	}
//
// SQLite files are copies of a template migrated once a process; PostgreSQL databases are clones of a template
// database, which stays on a server that was given and serves the next process too.
//
// The PostgreSQL server is the one of the DSN in FUNDLEDGER_TEST_POSTGRES, whose role must be allowed to create databases, or else one that this
// package starts from the binaries on PATH or in /usr/lib/postgresql: once a process, in a temporary folder, on a Unix socket, without fsync
// (see Durable). It ends with the test process however that ends, and its folder goes with it. When no server can be had, a line on standard
// error and in the test's log says why, only SQLite is tested, and with FUNDLEDGER_REQUIRE_POSTGRES=1 the test fails.
package storetest
