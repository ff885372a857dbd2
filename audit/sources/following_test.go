package sources

import (
	"errors"
	"iter"
	"testing"
)

func TestAStreamThatFollowsGivesEachNumberItsOwn(t *testing.T) {
	broken := errors.New("broken")
	numbers := func(list ...int64) iter.Seq2[int64, error] {
		return func(yield func(int64, error) bool) {
			for _, n := range list {
				if n < 0 && !yield(0, broken) || n >= 0 && !yield(n, nil) {
					return
				}
			}
		}
	}
	f := pull(numbers(1, 3, 3, 4, 7), func(n *int64) int64 { return *n })
	defer f.stop()
	for no, want := range []int{0, 0, 0, 2, 0, 0, 0, 1, 0} { // 1 and 4 are passed over by asking for 0, 2, 3 and 5 to 8
		if no == 1 || no == 4 {
			continue
		}
		got := 0
		for n, err := range f.of(int64(no)) {
			if err != nil || *n != int64(no) {
				t.Fatalf("%d: %v, %v", no, n, err)
			}
			got++
		}
		if got != want {
			t.Errorf("%d of number %d, want %d", got, no, want)
		}
	}
	f = pull(numbers(1, -1, 2), func(n *int64) int64 { return *n })
	defer f.stop()
	for range 2 {
		var last error
		for _, err := range f.of(2) {
			last = err
		}
		if !errors.Is(last, broken) {
			t.Errorf("a broken stream ends with %v", last)
		}
	}
}
