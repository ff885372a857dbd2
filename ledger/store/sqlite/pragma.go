package sqlite

import (
	"fmt"
	"time"
)

// DefaultBusyTimeout is how long a connection waits for the write lock that another process holds.
const DefaultBusyTimeout = 10 * time.Second

// CacheKiB is the page cache of one connection.
const CacheKiB = 32 * 1024

// Pragmas is what every connection runs when it opens, for an opener of any driver.
//
//   - synchronous FULL: a committed entry survives power loss; in write-ahead mode NORMAL would not.
//   - recursive_triggers: without it REPLACE deletes rows and fires no delete trigger, past the append-only rule.
//   - trusted_schema off, cell_size_check on: a file from elsewhere is not believed.
//   - query_only: the connection only reads.
func Pragmas(busy time.Duration, readOnly bool) string {
	text := fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;"+
		" PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%d;"+
		" PRAGMA journal_size_limit = %d;", busy.Milliseconds(), CacheKiB, 64<<20)
	if readOnly {
		text += " PRAGMA query_only = ON;"
	}
	return text
}
