package ledger

// Waiting returns how many callers of Post wait to be taken, in all queues.
func (l *Ledger) Waiting() int {
	l.queues.mutex.Lock()
	defer l.queues.mutex.Unlock()
	n := 0
	for _, line := range l.queues.byKey {
		n += len(line.waiting)
	}
	return n
}

// Queues returns how many queues there are: none when nobody posts.
func (l *Ledger) Queues() int {
	l.queues.mutex.Lock()
	defer l.queues.mutex.Unlock()
	return len(l.queues.byKey)
}
