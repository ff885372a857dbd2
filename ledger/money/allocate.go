package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Residual says who holds the minor units that proportional sharing leaves over.
type Residual string

// The holders.
const (
	ResidualLargest Residual = "largest_remainder" // one unit each to the shares that lost most by cutting off; ties to the earlier share
	ResidualFirst   Residual = "first"             // all of it to the first share with a weight above zero
	ResidualLast    Residual = "last"              // all of it to the last share with a weight above zero
)

// Allocate shares total in proportion to weights; the parts always add up to total, and no part has the other sign. Weights are any non-negative whole
// numbers that share a unit (amounts, days, heads). A share of weight zero gets nothing. It returns an *Error when there is no weight above zero, a
// weight is negative, or residual is unknown.
func Allocate(total Amount, weights []Amount, residual Residual) ([]Amount, error) {
	sum, err := weightSum(weights)
	if err != nil {
		return nil, err
	}
	size := magnitude(int64(total))
	parts := make([]Amount, len(weights))
	remainders := make([]uint64, len(weights))
	left := size
	for i, w := range weights {
		hi, lo := bits.Mul64(size, uint64(w))
		quotient, remainder := bits.Div64(hi, lo, sum)
		parts[i], remainders[i] = Amount(quotient), remainder
		left -= quotient
	}
	if err := giveResidual(parts, remainders, weights, left, residual); err != nil {
		return nil, err
	}
	if total < 0 {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts, nil
}

func weightSum(weights []Amount) (uint64, error) {
	var sum Amount
	for _, w := range weights {
		if w < 0 {
			return 0, &Error{Text: Currency{}.Text(w), Reason: "is a negative weight", Hint: "share by non-negative weights"}
		}
		var err error
		if sum, err = sum.Add(w); err != nil {
			return 0, err
		}
	}
	if sum == 0 {
		return 0, &Error{Text: "0", Reason: "is the sum of the weights", Hint: "give at least one weight above zero"}
	}
	return uint64(sum), nil
}

func giveResidual(parts []Amount, remainders []uint64, weights []Amount, left uint64, residual Residual) error {
	switch residual {
	case ResidualLargest:
		order := make([]int, len(parts))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
		for _, i := range order[:left] {
			parts[i]++
		}
	case ResidualFirst:
		parts[slices.IndexFunc(weights, func(w Amount) bool { return w > 0 })] += Amount(left)
	case ResidualLast:
		for i := len(weights) - 1; i >= 0; i-- {
			if weights[i] > 0 {
				parts[i] += Amount(left)
				break
			}
		}
	default:
		return &Error{Text: string(residual), Reason: "is no holder of a residual", Hint: "use largest_remainder, first or last"}
	}
	return nil
}
