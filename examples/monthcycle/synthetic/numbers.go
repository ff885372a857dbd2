package synthetic

import (
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/identity"
)

// The areas of the numbers given: castArea for the cast, those behind it for the members beyond.
const (
	castArea   = 590000
	crowdAreas = 9_999
	perArea    = 499 // sequence numbers 002 to 999 in pairs of one even and one odd
)

// identityNumber gives the n-th number of an area, n from 1 to perArea, with its check character (GB 11643-1999): odd sequence numbers are men's.
func identityNumber(area int, birth calendar.Date, sex identity.Sex, n int) string {
	sequence := 2 * n
	if sex == identity.Male {
		sequence++
	}
	var text [18]byte
	put := func(from, width, value int) {
		for i := from + width - 1; i >= from; i-- {
			text[i], value = byte('0'+value%10), value/10
		}
	}
	put(0, 6, area)
	put(6, 8, int(birth))
	put(14, 3, sequence)
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- { // weights are the powers of two modulo 11, from the right
		weight = weight * 2 % 11
		sum += int(text[i]-'0') * weight
	}
	text[17] = "10X98765432"[sum%11]
	return string(text[:])
}

// crowdNumber gives the number of the i-th member beyond the cast, unique whatever his birth.
func crowdNumber(i int, birth calendar.Date, sex identity.Sex) string {
	return identityNumber(castArea+1+i/perArea%crowdAreas, birth, sex, i%perArea+1)
}

// creditCode gives a credit code of the same area, with its check character (GB 32100-2015).
func creditCode(n int) string {
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if code, err := identity.ParseCreditCode(fmt.Sprintf("91590000T%08d%c", n, last)); err == nil {
			return string(code)
		}
	}
	panic("synthetic: no character checks") // one of the thirty-one always does
}

var stems, branches = []rune("甲乙丙丁戊己庚辛壬癸"), []rune("子丑寅卯辰巳午未申酉戌亥")

// personName is a name that nobody bears, of the cyclical characters.
func personName(d *draw, n int) string {
	return fmt.Sprintf("虚构%c%c%02d", oneOf(d, stems), oneOf(d, branches), n)
}

var trades = []string{"机械", "食品", "物流", "纺织", "商贸", "软件", "建材", "印务", "茶业", "园林", "家具", "医药", "电子", "酒店", "运输", "化工", "教育", "农业", "能源", "玻璃"}
