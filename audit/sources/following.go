package sources

import "iter"

// following reads a stream beside another one that goes by the same number, so that neither is held in memory.
type following[T any] struct {
	next func() (T, error, bool)
	stop func()
	no   func(*T) int64
	held *T // read already, of a number that has not come yet
	err  error
}

func pull[T any](stream iter.Seq2[T, error], no func(*T) int64) *following[T] {
	next, stop := iter.Pull2(stream)
	return &following[T]{next: next, stop: stop, no: no}
}

// of yields what the stream has of a number. Numbers must rise from call to call; what stands before one is passed over.
func (f *following[T]) of(no int64) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for f.err == nil {
			if f.held == nil {
				record, err, ok := f.next()
				if f.err = err; !ok && err == nil {
					return
				}
				if err != nil {
					break
				}
				f.held = &record
			}
			switch at := f.no(f.held); {
			case at > no:
				return
			case at == no:
				record := f.held
				f.held = nil
				if !yield(record, nil) {
					return
				}
			default:
				f.held = nil
			}
		}
		yield(nil, f.err)
	}
}
