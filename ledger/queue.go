package ledger

import (
	"context"
	"slices"
	"sync"
)

// What one transaction of several callers may hold.
const (
	togetherEntries = 256
	togetherLines   = 10_000
)

// queues lets callers of Post share transactions, so that a commit is paid once for many. There is one queue for each book on PostgreSQL, and one for the
// file on SQLite, where one transaction writes at a time whatever its books. No goroutine runs beside the callers: one of them leads, writes a batch that
// begins with its own draft, and hands over to the next.
type queues struct {
	mutex sync.Mutex
	byKey map[BookID]*queue
}

// queue is what waits for one lock, in the order of arrival. queues.mutex guards it.
type queue struct {
	waiting []*waiter
	leading bool // somebody leads, or has been woken to lead
}

// waiter is one caller of Post. queues.mutex guards its state until it is answered.
type waiter struct {
	book  BookID
	draft Draft
	wake  chan struct{} // gets one message when the state becomes leader or answered

	state   waiterState
	receipt Receipt
	err     error
}

type waiterState uint8

const (
	queued   waiterState = iota // may leave
	leader                      // is to write the next batch; may leave if it hands over
	taken                       // is in a batch, and waits for its outcome
	answered                    // receipt and err are set
)

// enter puts a waiter at the end of its queue and reports whether it leads at once.
func (q *queues) enter(key BookID, w *waiter) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.byKey == nil {
		q.byKey = map[BookID]*queue{}
	}
	line := q.byKey[key]
	if line == nil {
		line = &queue{}
		q.byKey[key] = line
	}
	line.waiting = append(line.waiting, w)
	if line.leading {
		return false
	}
	line.leading, w.state = true, leader
	return true
}

// wait returns when the waiter leads (true) or is answered (false). When its context ends before it is taken, it leaves with the context's error.
func (q *queues) wait(ctx context.Context, key BookID, w *waiter) (leads bool, err error) {
	select {
	case <-w.wake:
		q.mutex.Lock()
		defer q.mutex.Unlock()
		return w.state == leader, nil
	case <-ctx.Done():
	}
	q.mutex.Lock()
	switch w.state {
	case queued, leader:
		line := q.byKey[key]
		line.waiting = slices.DeleteFunc(line.waiting, func(other *waiter) bool { return other == w })
		if w.state == leader {
			q.handOver(key)
		}
		q.mutex.Unlock()
		return false, ctx.Err()
	}
	q.mutex.Unlock()
	<-w.wake // the batch has a time limit of its own
	return false, nil
}

// take takes a batch off the front of the queue: the leader, and as many behind it as fit. Of two drafts with one key the second waits for the next batch, where it
// meets the first as a stored entry.
func (q *queues) take(key BookID) []*waiter {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	line := q.byKey[key]
	type name struct {
		book BookID
		key  string
	}
	named, lines := map[name]bool{}, 0
	var batch, left []*waiter
	for i, w := range line.waiting {
		lines += len(w.draft.Lines)
		if len(batch) > 0 && (len(batch) == togetherEntries || lines > togetherLines) {
			left = append(left, line.waiting[i:]...) // nobody overtakes one that does not fit
			break
		}
		if own := (name{w.book, w.draft.Key}); named[own] {
			left = append(left, w)
			lines -= len(w.draft.Lines)
		} else {
			named[own] = true
			w.state = taken
			batch = append(batch, w)
		}
	}
	line.waiting = left
	return batch
}

// answer gives everyone in the batch but its leader, who is the first and runs this, its outcome, and hands over.
func (q *queues) answer(key BookID, batch []*waiter) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for _, w := range batch {
		w.state = answered
	}
	for _, w := range batch[1:] {
		w.wake <- struct{}{}
	}
	q.handOver(key)
}

// handOver wakes the first in the queue to lead. The mutex is held.
func (q *queues) handOver(key BookID) {
	line := q.byKey[key]
	if len(line.waiting) == 0 {
		delete(q.byKey, key)
		return
	}
	next := line.waiting[0]
	next.state = leader
	next.wake <- struct{}{}
}
