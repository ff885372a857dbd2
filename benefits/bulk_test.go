//go:build !race

package benefits_test

import "testing"

// More than the 20,000 rows that one query speaks of. Under the race detector one goroutine's arithmetic would take minutes; what is asserted is asserted of
// 2,100 there.
func TestTwentyThousandPensionersArePaidByAFewQueries(t *testing.T) {
	pensionersArePaid(t, 20_500, true)
}
