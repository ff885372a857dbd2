package synthetic

// draw is a sequence of numbers that follows from where it begins (SplitMix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014). It needs
// no memory, so that each of a million members has one of his own.
type draw uint64

// drawOf begins the sequence of a matter: equal seeds and numbers, equal sequences.
func drawOf(seed uint64, matter, number int) draw {
	d := draw(seed)
	d = draw(d.next() ^ uint64(matter)*0xd1342543de82ef95)
	return draw(d.next() + uint64(number))
}

func (d *draw) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	x := uint64(*d)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// upTo gives 0 to n−1.
func (d *draw) upTo(n int) int { return int(d.next() >> 1 % uint64(n)) }

// between gives from to to, both included.
func (d *draw) between(from, to int) int { return from + d.upTo(to-from+1) }

// order gives the numbers 0 to n−1 in some order.
func (d *draw) order(n int) []int {
	list := make([]int, n)
	for i := range list {
		j := d.upTo(i + 1)
		list[i], list[j] = list[j], i
	}
	return list
}

// oneOf gives one of a list.
func oneOf[T any](d *draw, list []T) T { return list[d.upTo(len(list))] }

// The matters that sequences are drawn for.
const (
	matterEmployers = iota + 1
	matterPeople
	matterPensioners
	matterStories
	matterCrowdSizes
	matterCrowdMember
	matterCrowdPensioner
	matterFund
)

// halfUp is amount × numerator ÷ denominator to the nearest minor unit, a half away from zero (四舍五入). The denominator is above zero, and the product is small
// enough: nobody's month here is beyond a billion yuan.
func halfUp(amount, numerator, denominator int64) int64 {
	twice := 2 * amount * numerator
	if twice < 0 {
		return -((denominator - twice) / (2 * denominator))
	}
	return (twice + denominator) / (2 * denominator)
}
