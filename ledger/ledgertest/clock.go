package ledgertest

import (
	"sync"
	"time"
)

// Clock is a clock that moves only when it is told to. It is safe for concurrent use.
type Clock struct {
	mutex sync.Mutex
	now   time.Time
}

// NewClock returns a clock that shows 2026-01-05 08:00 UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)} }

// Now returns what the clock shows. It fits ledger.Config.Clock.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

// Move moves the clock, back when d is negative.
func (c *Clock) Move(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}
