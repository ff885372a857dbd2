package bank

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// BookLine is one movement of a bank account in the books: a line of the deposit account's journal (银行存款日记账).
type BookLine struct {
	ID         string        // the host's identification, such as book and entry number
	Date       calendar.Date // effective date
	Amount     money.Amount  // a debit of the deposit account (money in) is positive, a credit negative
	References []string      // what the bank may give back: end-to-end reference, batch identification, the bank's own number
	Text       string
}

// ReconcileOptions of Reconcile. A zero field means its default.
type ReconcileOptions struct {
	Kind        AccountKind // for the title of the adjusted statement
	AsOf        calendar.Date
	Currency    money.Currency
	BankBalance money.Amount // closing balance of the bank statement on AsOf
	BookBalance money.Amount // balance of the deposit account in the books on AsOf
	// DateTolerance is how many days booking date and effective date may lie apart for a match by amount; default 0. References match whatever the dates.
	DateTolerance int
	// Groups of one line on one side with several on the other: at most GroupSize (default 8; 1 turns groups off) lines out of at most
	// GroupCandidates (default 40) of the same direction within the tolerance, with at most GroupSteps (default 100,000) steps of search for one line and
	// GroupTotalSteps (default 50 million) for all.
	GroupSize       int
	GroupCandidates int
	GroupSteps      int
	GroupTotalSteps int
}

// MatchRule says why lines were matched.
type MatchRule string

// The rules, in the order they are tried.
const (
	ByReference  MatchRule = "reference"   // one line each, same reference, same amount
	ByGroup      MatchRule = "group"       // all lines of one reference on both sides, same total
	ByAmountDate MatchRule = "amount_date" // one line each, same amount, dates within the tolerance
	ByManyBooks  MatchRule = "one_to_many" // one bank line, several book lines that add up to it
	ByManyBanks  MatchRule = "many_to_one" // several bank lines that add up to one book line
)

// Match is a set of bank lines and book lines with the same total.
type Match struct {
	Rule      MatchRule
	Bank      []int // indexes into the bank lines, ascending
	Book      []int // indexes into the book lines, ascending
	Total     money.Amount
	Reference string // for ByReference and ByGroup
	Days      int    // the largest distance between a bank date and a book date
}

// OpenClass says what an unmatched line is (未达账项).
type OpenClass string

// The classes.
const (
	BankCreditNotInBooks OpenClass = "bank_credit_not_in_books" // 银行已收、单位未收
	BankDebitNotInBooks  OpenClass = "bank_debit_not_in_books"  // 银行已付、单位未付
	BookDebitNotInBank   OpenClass = "book_debit_not_in_bank"   // 单位已收、银行未收
	BookCreditNotInBank  OpenClass = "book_credit_not_in_bank"  // 单位已付、银行未付
)

// Chinese returns the name of the class in a bank reconciliation statement.
func (c OpenClass) Chinese() string {
	return map[OpenClass]string{BankCreditNotInBooks: "银行已收、单位未收", BankDebitNotInBooks: "银行已付、单位未付", BookDebitNotInBank: "单位已收、银行未收",
		BookCreditNotInBank: "单位已付、银行未付"}[c]
}

// OpenItem is one unmatched line.
type OpenItem struct {
	Class  OpenClass
	Index  int // into the bank lines for the first two classes, into the book lines for the others
	Date   calendar.Date
	Amount money.Amount // signed like its line; zero lines count as credits and debits of zero on their own side
	Age    int          // days from Date to AsOf
	// Lead says why it may not have been matched: lines of the same reference with another total, a group that is not the only one possible, a search
	// that was cut. Empty when nothing is known.
	Lead string
}

// Reconciliation is the result of Reconcile (银行对账结果).
type Reconciliation struct {
	Matches  []Match    // in the order of the rules, then of the bank lines
	Open     []OpenItem // by class in the order above, then by date and index
	Adjusted AdjustedStatement
}

// Reconcile matches the lines of a bank account with its lines in the books and draws up the bank reconciliation statement. Lines left open by an earlier
// reconciliation belong into both lists again (see OpenLines): then the statement explains the whole difference of the two balances.
//
// It is pure and deterministic: the same lists in the same order give the same result. A match never joins different totals. A group found by amount is
// taken only when a full search shows it to be the only one; otherwise the line stays open with a lead, because a wrong group hides an error.
// It returns *Faults for options or lines that cannot be used, and an *money.OverflowError when a sum leaves the range of an amount.
func Reconcile(bankLines []Line, bookLines []BookLine, options ReconcileOptions) (Reconciliation, error) {
	options = options.withDefaults()
	if err := options.check(bankLines, bookLines); err != nil {
		return Reconciliation{}, err
	}
	m := newMatcher(bankLines, bookLines, options)
	m.byReference()
	m.byAmountAndDate()
	m.byGroups()
	r := Reconciliation{Matches: m.matches, Open: m.open()}
	var err error
	r.Adjusted, err = adjust(r.Open, options)
	return r, err
}

func (o ReconcileOptions) withDefaults() ReconcileOptions {
	o.GroupSize, o.GroupCandidates, o.GroupSteps = cmp.Or(o.GroupSize, 8), cmp.Or(o.GroupCandidates, 40), cmp.Or(o.GroupSteps, 100_000)
	o.GroupTotalSteps = cmp.Or(o.GroupTotalSteps, 50_000_000)
	return o
}

func (o ReconcileOptions) check(bankLines []Line, bookLines []BookLine) error {
	var faults Faults
	if !o.AsOf.Valid() {
		faults.Add(&Fault{Code: FaultDate, Path: "options.as_of", Text: o.AsOf.String(), Reason: "is no date", Hint: "give the day of the two balances"})
	}
	if o.Currency.IsZero() {
		faults.Add(&Fault{Code: FaultCurrency, Path: "options.currency", Reason: "is missing", Hint: "give the account's currency"})
	}
	if o.DateTolerance < 0 || o.DateTolerance > 366 {
		faults.Add(&Fault{Code: FaultValue, Path: "options.date_tolerance", Text: fmt.Sprint(o.DateTolerance),
			Reason: "is not between 0 and 366 days", Hint: "give a few days"})
	}
	for i := range bankLines {
		if !bankDate(&bankLines[i]).Valid() {
			faults.Add(&Fault{Code: FaultDate, Path: fmt.Sprintf("bank_lines[%d]", i), Reason: "has no date", Hint: "give the booking or value date"})
		}
	}
	for i := range bookLines {
		if !bookLines[i].Date.Valid() {
			faults.Add(&Fault{Code: FaultDate, Path: fmt.Sprintf("book_lines[%d]", i), Reason: "has no date", Hint: "give the effective date"})
		}
	}
	return faults.Err()
}

func bankDate(l *Line) calendar.Date { return cmp.Or(l.BookingDate, l.ValueDate) }

// item is a line of either side, reduced to what matching looks at.
type item struct {
	amount     money.Amount
	date       calendar.Date
	day        int // number of the date in days, for distances
	references []string
	matched    bool
	lead       string
}

// side is the lines of the bank or of the books.
type side []item

type matcher struct {
	bank, book side
	options    ReconcileOptions
	matches    []Match
}

func newMatcher(bankLines []Line, bookLines []BookLine, options ReconcileOptions) *matcher {
	m := &matcher{options: options, bank: make(side, len(bankLines)), book: make(side, len(bookLines))}
	for i := range bankLines {
		l := &bankLines[i]
		m.bank[i] = newItem(l.Amount, bankDate(l), l.EndToEnd, l.BankReference, l.PaymentInformation, l.Instruction, l.CreditorReference)
	}
	for i := range bookLines {
		m.book[i] = newItem(bookLines[i].Amount, bookLines[i].Date, bookLines[i].References...)
	}
	return m
}

func newItem(amount money.Amount, date calendar.Date, references ...string) item {
	it := item{amount: amount, date: date, day: date.Sub(19700101)}
	for _, r := range references {
		if r != "" && !slices.Contains(it.references, r) {
			it.references = append(it.references, r)
		}
	}
	return it
}

func (m *matcher) match(rule MatchRule, reference string, total money.Amount, bank, book []int) {
	days := 0
	for _, i := range bank {
		m.bank[i].matched = true
		for _, j := range book {
			days = max(days, m.bank[i].day-m.book[j].day, m.book[j].day-m.bank[i].day)
		}
	}
	for _, j := range book {
		m.book[j].matched = true
	}
	slices.Sort(bank)
	slices.Sort(book)
	m.matches = append(m.matches, Match{Rule: rule, Bank: bank, Book: book, Total: total, Reference: reference, Days: days})
}

// byReference matches lines that share a reference: first one to one with equal amounts, then all that remain of the reference when the totals agree.
func (m *matcher) byReference() {
	books := map[string][]int{}
	for j := range m.book {
		for _, r := range m.book[j].references {
			books[r] = append(books[r], j)
		}
	}
	banks := map[string][]int{}
	var order []string // references in the order of the bank lines, so that the result does not hang on the order of a map
	for i := range m.bank {
		for _, r := range m.bank[i].references {
			if books[r] == nil {
				continue
			}
			if banks[r] == nil {
				order = append(order, r)
			}
			banks[r] = append(banks[r], i)
		}
	}
	for _, r := range order {
		m.pairs(r, banks[r], books[r])
	}
	for _, r := range order {
		m.wholeReference(r, banks[r], books[r])
	}
}

// pairs matches one to one, each bank line with the first free book line of its amount.
func (m *matcher) pairs(reference string, bank, book []int) {
	free := map[money.Amount][]int{}
	for _, j := range book {
		if !m.book[j].matched {
			free[m.book[j].amount] = append(free[m.book[j].amount], j)
		}
	}
	for _, i := range bank {
		a := m.bank[i].amount
		if m.bank[i].matched || len(free[a]) == 0 {
			continue
		}
		j := free[a][0]
		free[a] = free[a][1:]
		m.match(ByReference, reference, a, []int{i}, []int{j})
	}
}

// wholeReference matches all free lines of a reference, or leaves a lead on them.
func (m *matcher) wholeReference(reference string, bank, book []int) {
	bank, bankTotal, ok1 := m.bank.free(bank)
	book, bookTotal, ok2 := m.book.free(book)
	if len(bank) == 0 || len(book) == 0 || !ok1 || !ok2 {
		return
	}
	if bankTotal == bookTotal {
		m.match(ByGroup, reference, bankTotal, bank, book)
		return
	}
	lead := fmt.Sprintf("reference %q: bank %s, books %s", Clip(reference), m.options.Currency.Format(bankTotal), m.options.Currency.Format(bookTotal))
	for _, i := range bank {
		m.bank[i].lead = lead
	}
	for _, j := range book {
		m.book[j].lead = lead
	}
}

// free returns the unmatched lines among indexes and their sum; ok is false when the sum leaves the range of an amount.
func (s side) free(indexes []int) (free []int, sum money.Amount, ok bool) {
	for _, i := range indexes {
		if s[i].matched {
			continue
		}
		free = append(free, i)
		var err error
		if sum, err = sum.Add(s[i].amount); err != nil {
			return nil, 0, false
		}
	}
	return free, sum, true
}

// byAmountAndDate matches one to one: equal amounts, the nearest dates first, the earlier date before the later, the earlier line before the later.
func (m *matcher) byAmountAndDate() {
	type place struct {
		amount money.Amount
		day    int
	}
	free := map[place][]int{}
	for j := range m.book {
		if it := &m.book[j]; !it.matched {
			free[place{it.amount, it.day}] = append(free[place{it.amount, it.day}], j)
		}
	}
	for distance := 0; distance <= m.options.DateTolerance; distance++ {
		for i := range m.bank {
			it := &m.bank[i]
			for _, day := range []int{it.day - distance, it.day + distance} {
				at := place{it.amount, day}
				if it.matched || len(free[at]) == 0 {
					continue
				}
				j := free[at][0]
				free[at] = free[at][1:]
				m.match(ByAmountDate, "", it.amount, []int{i}, []int{j})
			}
		}
	}
}
