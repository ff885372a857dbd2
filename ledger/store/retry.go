package store

import (
	"context"
	"math/rand/v2"
	"time"
)

// Defaults of Retry.
const (
	DefaultAttempts     = 8
	DefaultBusyAttempts = 2
	DefaultRetryBase    = 2 * time.Millisecond
	DefaultRetryMax     = 250 * time.Millisecond
)

// Retry bounds how often DB.Update runs its function again. Before attempt k+1 it sleeps a random time below min(Max, Base·2^k), so that
// transactions that met once do not meet again. The zero value of a field is its default.
type Retry struct {
	Attempts     int // runs in all after Serialization and Deadlock, at least 1; DefaultAttempts
	BusyAttempts int // runs in all after Busy, where the engine has already waited for the lock; DefaultBusyAttempts
	Base         time.Duration
	Max          time.Duration
	// Jitter is a random number in [0, n); n is at least 1. The default is rand.Int64N of math/rand/v2.
	Jitter func(n int64) int64
	// Sleep waits for d, or returns the context's error when it ends before. The default uses a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

func (r Retry) withDefaults() Retry {
	if r.Attempts <= 0 {
		r.Attempts = DefaultAttempts
	}
	if r.BusyAttempts <= 0 {
		r.BusyAttempts = DefaultBusyAttempts
	}
	if r.Base <= 0 {
		r.Base = DefaultRetryBase
	}
	if r.Max <= 0 {
		r.Max = DefaultRetryMax
	}
	if r.Jitter == nil {
		r.Jitter = rand.Int64N
	}
	if r.Sleep == nil {
		r.Sleep = sleep
	}
	return r
}

// again reports whether a run that failed with the class, the attempt-th one counted from 1, may be followed by another.
func (r Retry) again(class Class, attempt int) bool {
	switch class {
	case Serialization, Deadlock:
		return attempt < r.Attempts
	case Busy:
		return attempt < r.BusyAttempts
	}
	return false
}

// pause sleeps before the run that follows the attempt-th one.
func (r Retry) pause(ctx context.Context, attempt int) error {
	limit := r.Max
	if attempt < 32 && r.Base<<(attempt-1) < r.Max {
		limit = r.Base << (attempt - 1)
	}
	return r.Sleep(ctx, time.Duration(r.Jitter(int64(limit))))
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
