package synthetic

import (
	"math/big"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// account is a personal account: what stood on it at the beginning, and what moved in each month of the year.
type account struct {
	opening  int64
	postings [13]int64 // by month, from 1
}

func (p *account) post(month calendar.Month, amount int64) { p.postings[month.OfYear()] += amount }

func (p *account) balance() int64 {
	sum := p.opening
	for _, amount := range p.postings {
		sum += amount
	}
	return sum
}

// interestThrough is the interest for the first months of the year by the month-product method (月积数法): opening × r × m/12 and Σ c × (m − n + 1) × r/12 over
// what was posted in month n, each rounded to the minor unit.
func (p *account) interestThrough(months int, rate *big.Rat) int64 {
	product := int64(0)
	for n := 1; n <= months; n++ {
		product += p.postings[n] * int64(months-n+1)
	}
	share := func(amount, twelfths int64) int64 {
		x := new(big.Rat).Mul(big.NewRat(amount*twelfths, 12), rate)
		return roundHalfUp(x)
	}
	return share(p.opening, int64(months)) + share(product, 1)
}

// roundHalfUp rounds a fraction to a whole number, a half away from zero.
func roundHalfUp(x *big.Rat) int64 {
	twice := new(big.Int).Lsh(new(big.Int).Abs(x.Num()), 1)
	twice.Add(twice, x.Denom())
	twice.Quo(twice, new(big.Int).Lsh(x.Denom(), 1))
	if x.Sign() < 0 {
		return -twice.Int64()
	}
	return twice.Int64()
}
