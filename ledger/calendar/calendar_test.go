package calendar_test

import (
	"errors"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"pgregory.net/rapid"
)

func TestDatesThatDoNotExistAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-01", "26-04-01", "2026/04/01", "2026-04-0x", "0000-01-01", " 2026-01-1", "2026-01-01 ",
	} {
		_, err := calendar.ParseDate(text)
		var typed *calendar.Error
		if !errors.As(err, &typed) || typed.Text != text {
			t.Errorf("ParseDate(%q) = %v, want an *Error that names the text", text, err)
		}
	}
}

func TestLeapDays(t *testing.T) {
	for text, want := range map[string]bool{"2024-02-29": true, "2000-02-29": true, "1900-02-29": false, "2026-02-29": false} {
		if _, err := calendar.ParseDate(text); (err == nil) != want {
			t.Errorf("ParseDate(%q): %v", text, err)
		}
	}
}

// The standard library's calendar is the second opinion.
func TestArithmeticAgreesWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 80000).Draw(t, "day"))
		n := rapid.IntRange(-30000, 30000).Draw(t, "n")
		d := calendar.DateOf(base)
		if got, want := d.AddDays(n), calendar.DateOf(base.AddDate(0, 0, n)); got != want {
			t.Fatalf("%v + %d days = %v, want %v", d, n, got, want)
		}
		if got := d.AddDays(n).Sub(d); got != n {
			t.Fatalf("%v + %d days − itself = %d", d, n, got)
		}
		parsed, err := calendar.ParseDate(d.String())
		if err != nil || parsed != d {
			t.Fatalf("%v reads back as %v, %v", d, parsed, err)
		}
		m := d.Month()
		if k := rapid.IntRange(-500, 500).Draw(t, "k"); m.Add(k).Sub(m) != k || !m.Add(k).Valid() {
			t.Fatalf("%v + %d months = %v", m, k, m.Add(k))
		}
	})
}

func TestMonthEnds(t *testing.T) {
	if got := calendar.MustDate(2026, 1, 31).AddMonths(1); got != calendar.MustDate(2026, 2, 28) {
		t.Errorf("31 January + 1 month = %v", got)
	}
	if got := calendar.MustMonth(2024, 2).Last(); got != calendar.MustDate(2024, 2, 29) {
		t.Errorf("last of 2024-02 = %v", got)
	}
}

func TestPeriodsFollowOneAnother(t *testing.T) {
	p, err := calendar.ParsePeriod("2025-12")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2025-13", "2026-01", "2026-02"}
	for _, text := range want {
		next := p.Next()
		if next.String() != text || next.Previous() != p || !(p < next) {
			t.Fatalf("after %v comes %v, want %s", p, next, text)
		}
		p = next
	}
	closing, _ := calendar.NewPeriod(2025, 13)
	if closing.Contains(calendar.MustDate(2025, 12, 30)) || !closing.Contains(calendar.MustDate(2025, 12, 31)) {
		t.Error("a closing period holds 31 December and nothing else")
	}
	if _, err := calendar.ParsePeriod("2025-14"); err == nil {
		t.Error("period 14 was accepted")
	}
}

func TestTextForms(t *testing.T) {
	var d calendar.Date
	if err := d.UnmarshalText([]byte("2026-01-31")); err != nil || d != 20260131 {
		t.Errorf("date: %v %v", d, err)
	}
	var m calendar.Month
	if err := m.UnmarshalText([]byte("2026-01")); err != nil || m != 202601 {
		t.Errorf("month: %v %v", m, err)
	}
	var p calendar.Period
	if err := p.UnmarshalText([]byte("2026-13")); err != nil || p != 202613 {
		t.Errorf("period: %v %v", p, err)
	}
	if err := p.UnmarshalText(nil); err != nil || !p.IsZero() {
		t.Errorf("empty text: %v %v", p, err)
	}
}
