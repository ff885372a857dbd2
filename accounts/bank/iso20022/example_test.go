package iso20022_test

import (
	"context"
	"fmt"
	"os"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
)

func ExampleRead() {
	file, err := os.Open("testdata/camt053-v8.xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	message, err := iso20022.Read(context.Background(), file, iso20022.Options{File: "camt053-v8.xml"})
	if err != nil {
		fmt.Println(err) // every fault of the file, one a line
		return
	}
	for _, s := range message.Statements {
		fmt.Println(s.ID, s.Currency.Format(s.Opening.Amount), len(s.Lines), "lines", s.Currency.Format(s.Closing.Amount), len(s.Check()), "discrepancies")
	}
	fmt.Println(len(bank.Continuity(message.Statements)), "breaks,", message.Unbooked, "entries not booked")
	// Output:
	// 202604-1234 1,000,000.00 4 lines 1,030,328.50 0 discrepancies
	// 202605-1234 1,030,328.50 1 lines 30,328.50 0 discrepancies
	// 0 breaks, 2 entries not booked
}

// Lines are handled one at a time; nothing taken from them may be kept before the loop has ended without a fault.
func ExampleReader_Items() {
	file, err := os.Open("testdata/camt053-v8.xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	reader := iso20022.NewReader(file, iso20022.Options{File: "camt053-v8.xml"})
	for item, err := range reader.Items(context.Background()) {
		switch {
		case err != nil:
			fmt.Println(err)
		case item.Line != nil:
			fmt.Println(item.Line.BookingDate, item.Statement.Currency.Format(item.Line.Amount))
		default:
			fmt.Println("foots:", item.Tally.Foot(item.Statement) == nil)
		}
	}
	fmt.Println(reader.Summary().Booked, "booked")
	// Output:
	// 2026-04-02 52,340.50
	// 2026-04-10 -30,000.00
	// 2026-04-13 8,000.00
	// 2026-04-21 -12.00
	// foots: true
	// 2026-05-29 -1,000,000.00
	// foots: true
	// 5 booked
}
