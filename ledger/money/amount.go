package money

import (
	"math"
	"math/bits"
)

// Amount is a sum of money in minor units of a currency that the context gives: 123456 is 1,234.56 CNY. It may be negative. Its whole range is the
// int64 less its lowest value, so that every Amount has a negative.
type Amount int64

// The ends of the range.
const (
	MaxAmount Amount = math.MaxInt64
	MinAmount Amount = -math.MaxInt64
)

// Add returns a + b, or an *OverflowError.
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a + b
	if (b > 0 && sum < a) || (b < 0 && sum > a) || sum == math.MinInt64 {
		return 0, &OverflowError{Op: "add", A: int64(a), B: int64(b)}
	}
	return sum, nil
}

// Sub returns a − b, or an *OverflowError.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b == math.MinInt64 {
		return 0, &OverflowError{Op: "subtract", A: int64(a), B: int64(b)}
	}
	sum, err := a.Add(-b)
	if err != nil {
		return 0, &OverflowError{Op: "subtract", A: int64(a), B: int64(b)}
	}
	return sum, nil
}

// Times returns a × n, or an *OverflowError.
func (a Amount) Times(n int64) (Amount, error) {
	hi, lo := bits.Mul64(magnitude(int64(a)), magnitude(n))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, &OverflowError{Op: "multiply", A: int64(a), B: n}
	}
	if (a < 0) != (n < 0) {
		return -Amount(lo), nil
	}
	return Amount(lo), nil
}

// Abs returns the size of a without its sign.
func (a Amount) Abs() Amount {
	if a < 0 {
		return -a
	}
	return a
}

// Sum adds all amounts, or returns an *OverflowError if a partial sum leaves the range.
func Sum(amounts ...Amount) (Amount, error) {
	var total Amount
	for _, a := range amounts {
		var err error
		if total, err = total.Add(a); err != nil {
			return 0, err
		}
	}
	return total, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
