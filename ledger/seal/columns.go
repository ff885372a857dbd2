package seal

import (
	"encoding/binary"
)

// EncodeColumns writes the seed and the lines, column by column, about four to seven bytes a line. An entry without lines has no columns and no seed.
// It returns a *FormatError when the lines fail Check.
func EncodeColumns(seed Seed, lines *Lines) ([]byte, error) {
	if err := lines.Check(); err != nil {
		return nil, err
	}
	n := lines.Len()
	if n == 0 {
		return nil, nil
	}
	out := make([]byte, 0, SeedSize+8*n+8)
	out = append(out, seed[:]...)
	previous := int64(0)
	for _, account := range lines.Accounts {
		out = binary.AppendVarint(out, int64(account)-previous)
		previous = int64(account)
	}
	out = appendSides(out, lines.Sides)
	previous = 0
	for _, amount := range lines.Amounts {
		out = binary.AppendVarint(out, amount-previous) // wraps around by design
		previous = amount
	}
	out = appendMonths(out, lines.Months)
	return appendTags(out, lines.Tags), nil
}

func appendSides(out []byte, sides []int16) []byte {
	start := len(out)
	out = append(out, make([]byte, (len(sides)+7)/8)...)
	for i, side := range sides {
		if side == SideCredit {
			out[start+i/8] |= 1 << (i % 8)
		}
	}
	return out
}

func appendMonths(out []byte, months []int32) []byte {
	previous := int64(0)
	for i := 0; i < len(months); {
		run := i + 1
		for run < len(months) && months[run] == months[i] {
			run++
		}
		out = binary.AppendVarint(out, int64(months[i])-previous)
		out = binary.AppendUvarint(out, uint64(run-i))
		previous, i = int64(months[i]), run
	}
	return out
}

func appendTags(out []byte, tags []string) []byte {
	for i := 0; i < len(tags); {
		run := i + 1
		for run < len(tags) && tags[run] == tags[i] {
			run++
		}
		out = binary.AppendUvarint(out, uint64(len(tags[i])))
		out = append(out, tags[i]...)
		out = binary.AppendUvarint(out, uint64(run-i))
		i = run
	}
	return out
}
