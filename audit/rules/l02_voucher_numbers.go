package rules

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// L02VoucherNumbers finds gaps and duplicates in the voucher numbers of a book, per period and voucher type, and vouchers without a number.
func L02VoucherNumbers() audit.Rule {
	return audit.Rule{
		ID: "L02", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "记账凭证断号、重号或无号", EN: "Voucher numbers missing, given twice, or absent"},
		Why: audit.Text{
			ZH: "凭证应连续编号。断号可能是凭证被抽走或删除，重号可能是同一业务重复入账或凭证被替换。",
			EN: "Vouchers are numbered without gaps. A gap may be a voucher that was taken out; a number used twice may be a matter booked twice, or a voucher that was replaced.",
		},
		How: audit.Text{
			ZH: "按账簿、期间和凭证类型，从 1 号起检查编号是否连续且唯一。期末最后一号之后的缺失无法由编号看出。",
			EN: "Within each book, period and voucher type the numbers are followed from 1. What is missing after the last number of a period cannot be seen from numbers.",
		},
		Do: audit.Text{
			ZH: "调阅断号前后的凭证及其附件，查明缺失凭证的下落；重号凭证逐张核对原始凭证。",
			EN: "Call for the vouchers before and after the gap with their attachments and find out what became of the missing ones; compare vouchers of one number with their originals.",
		},
		Basis: []string{bas + " 第五十一条（二）", bas + " 第五十五条"},
		Reads: []audit.Declared{audit.BooksSource},
		Check: checkVoucherNumbers,
	}
}

func checkVoucherNumbers(_ context.Context, t *audit.Task) error {
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		n := &numbering{task: t, book: book, series: map[seriesKey]*series{}}
		return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error { return n.see(e) }, End: func(context.Context) error { n.gaps(); return nil }}, nil
	})
	return nil
}

type seriesKey struct {
	period calendar.Period
	kind   string
}

// series holds which entry has which number: those that follow one another from 1 in a list, the others in a map.
type series struct {
	following []ledger.Seq
	strays    map[int64]ledger.Seq
}

func (s *series) holder(number int64) ledger.Seq {
	if seq, ok := s.strays[number]; ok {
		return seq
	}
	if number >= 1 && number <= int64(len(s.following)) {
		return s.following[number-1]
	}
	return 0
}

func (s *series) put(number int64, seq ledger.Seq) {
	if number == int64(len(s.following))+1 {
		s.following = append(s.following, seq)
		return
	}
	s.strays[number] = seq
}

// numbering follows the series of one book.
type numbering struct {
	task   *audit.Task
	book   *audit.Book
	series map[seriesKey]*series
}

func (n *numbering) see(e *audit.Entry) error {
	if len(e.Lines) == 0 || !n.task.Scope().HasEntry(e) {
		return nil
	}
	size, err := debits(e)
	if err != nil {
		return err
	}
	n.task.Examined(vouchers, 1)
	if e.Voucher.Number < 1 {
		if general(e) {
			n.task.Report(audit.Finding{
				Book: n.book.Ref(), Period: e.Period, Subjects: about(byEntry, fmt.Sprint(e.Seq)), AtRisk: n.book.Sum(size), Evidence: []audit.Evidence{audit.EntryEvidence(e)},
				Text: both("第 %d 笔记录（%v，%s）没有凭证号", "entry %d (%v, %s) has no voucher number", e.Seq, e.Effective, n.book.Sum(size)),
			})
		}
		return nil
	}
	key := seriesKey{e.Period, e.Voucher.Type}
	s := n.series[key]
	if s == nil {
		s = &series{strays: map[int64]ledger.Seq{}}
		n.series[key] = s
	}
	if first := s.holder(e.Voucher.Number); first != 0 {
		n.task.Report(audit.Finding{
			Book: n.book.Ref(), Period: e.Period, Subjects: about(byVoucher, voucherOf(e), byEntry, fmt.Sprint(e.Seq)), AtRisk: n.book.Sum(size),
			Evidence: []audit.Evidence{n.reference(key, e.Voucher.Number, first), audit.EntryEvidence(e)},
			Text:     both("凭证号 %s 被第 %d 笔和第 %d 笔记录同时使用", "voucher number %s is borne by entries %d and %d", voucherOf(e), first, e.Seq),
		})
		return nil
	}
	s.put(e.Voucher.Number, e.Seq)
	return nil
}

// general reports whether an entry has a line that is not on a memorandum account, and so must be a voucher.
func general(e *audit.Entry) bool {
	for i := range e.Lines {
		if e.Account(i).Section != ledger.Memorandum {
			return true
		}
	}
	return false
}

func (n *numbering) reference(key seriesKey, number int64, seq ledger.Seq) audit.Evidence {
	entry := ledger.Entry{Period: key.period, Voucher: ledger.Voucher{Type: key.kind, Number: number}}
	return audit.Evidence{Kind: "entry", Book: n.book.Ref(), Seq: seq, Voucher: audit.VoucherText(&entry), Period: key.period}
}

// gaps reports each stretch of missing numbers, with the vouchers on both sides of it.
func (n *numbering) gaps() {
	keys := slices.SortedFunc(maps.Keys(n.series), func(a, b seriesKey) int {
		return cmp.Or(cmp.Compare(a.period, b.period), cmp.Compare(a.kind, b.kind))
	})
	for _, key := range keys {
		s := n.series[key]
		last := int64(len(s.following))
		for _, number := range slices.Sorted(maps.Keys(s.strays)) {
			if number <= last {
				continue // before the list reached it
			}
			if number > last+1 {
				n.gap(key, s, last+1, number-1)
			}
			last = number
		}
	}
}

func (n *numbering) gap(key seriesKey, s *series, from, to int64) {
	var evidence []audit.Evidence
	if before := s.holder(from - 1); before != 0 {
		evidence = append(evidence, n.reference(key, from-1, before))
	}
	evidence = append(evidence, n.reference(key, to+1, s.holder(to+1)))
	numbers := fmt.Sprint(from)
	if to > from {
		numbers = fmt.Sprintf("%d–%d", from, to)
	}
	n.task.Report(audit.Finding{
		Book: n.book.Ref(), Period: key.period, Subjects: about("voucher type", key.kind, "numbers", numbers), Evidence: evidence,
		Text: both("%v 期 %s 类凭证缺 %s 号，共 %d 张；其后 %d 号存在", "period %v, type %s: numbers %s are missing (%d vouchers), while number %d is there",
			key.period, key.kind, numbers, to-from+1, to+1),
	})
}
