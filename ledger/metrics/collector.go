// Package metrics gives a ledger's books to Prometheus: a Collector that the host registers in its own registry. It holds no counter of its own: every scrape
// reads the rows of the books, one short query each, so that several processes over one database tell the same, and a restart loses nothing.
package metrics

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fundledger/fundledger/ledger"
)

// Options are what a host chooses. The zero value is usable.
type Options struct {
	// Timeout bounds the reading of all books in one scrape; five seconds if zero.
	Timeout time.Duration

	// Failed is told why a book could not be read, and of which book. The scrape goes on; the book's up is 0 then.
	Failed func(book ledger.BookID, err error)
}

// Collector is a prometheus.Collector over some books of a ledger. It is safe for concurrent use.
type Collector struct {
	ctx     context.Context // Collect has none
	ledger  *ledger.Ledger
	books   []ledger.BookID
	options Options
}

// New returns a Collector over books. Scrapes end with ctx, which is the host's life: Prometheus gives a Collector no context of its own.
func New(ctx context.Context, led *ledger.Ledger, books []ledger.BookID, options Options) *Collector {
	if options.Timeout == 0 {
		options.Timeout = 5 * time.Second
	}
	return &Collector{ctx: ctx, ledger: led, books: append([]ledger.BookID(nil), books...), options: options}
}

var labels = []string{"realm", "book"}

// The metrics. All have the labels realm and book.
var (
	up = prometheus.NewDesc("fundledger_book_up", "Whether the book's row could be read: 1 or 0; the others are missing where it is 0.", labels, nil)

	entries  = prometheus.NewDesc("fundledger_book_entries_total", "Entries of the book, acts included: the size of its log.", labels, nil)
	lines    = prometheus.NewDesc("fundledger_book_lines_total", "Lines of the book's entries.", labels, nil)
	accounts = prometheus.NewDesc("fundledger_book_accounts", "Accounts that were opened in the book, members' accounts and closed ones included.", labels, nil)
	closed   = prometheus.NewDesc("fundledger_book_closed_through_period", "The last closed period as yyyypp, 202613 being the closing period of 2026.", labels, nil)
	issued   = prometheus.NewDesc("fundledger_book_issued_through_period", "The last period that never opens again as yyyypp; 0 where there is none.", labels, nil)
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{up, entries, lines, accounts, closed, issued} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(c.ctx, c.options.Timeout)
	defer cancel()
	for _, id := range c.books {
		realm, number := strconv.Itoa(int(id.Realm)), strconv.Itoa(int(id.Number))
		give := func(desc *prometheus.Desc, kind prometheus.ValueType, value int64) {
			to <- prometheus.MustNewConstMetric(desc, kind, float64(value), realm, number) // counts, never amounts of money
		}
		book, err := c.ledger.Book(ctx, id)
		if err != nil {
			if c.options.Failed != nil {
				c.options.Failed(id, err)
			}
			give(up, prometheus.GaugeValue, 0)
			continue
		}
		give(up, prometheus.GaugeValue, 1)
		give(entries, prometheus.CounterValue, int64(book.Seq))
		give(lines, prometheus.CounterValue, book.Lines)
		give(accounts, prometheus.GaugeValue, book.Accounts)
		give(closed, prometheus.GaugeValue, int64(book.ClosedThrough))
		give(issued, prometheus.GaugeValue, int64(book.IssuedThrough))
	}
}
