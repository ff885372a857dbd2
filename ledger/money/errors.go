package money

import (
	"fmt"
	"strconv"
)

// Error says why a text or number is no amount, currency, rate, rounding or weight. Get it with errors.As.
type Error struct {
	Text   string // what was given
	Reason string // what is wrong with it
	Hint   string // what to do
}

func (e *Error) Error() string { return fmt.Sprintf("money: %q %s; %s", e.Text, e.Reason, e.Hint) }

// OverflowError says that a result does not fit an Amount. Nothing was computed. Get it with errors.As, or test with errors.Is(err, ErrOverflow).
type OverflowError struct {
	Op   string // add, subtract, multiply or convert
	A, B int64
	Text string // the operand of convert
}

// ErrOverflow matches every *OverflowError.
var ErrOverflow = &OverflowError{}

func (e *OverflowError) Error() string {
	operands := e.Text
	if operands == "" {
		operands = strconv.FormatInt(e.A, 10) + " and " + strconv.FormatInt(e.B, 10)
	}
	return fmt.Sprintf("money: %s %s leaves the range ±%d minor units; split the amount", e.Op, operands, int64(MaxAmount))
}

// Is matches ErrOverflow.
func (e *OverflowError) Is(target error) bool { return target == ErrOverflow }
