//go:build !race

// Under the race detector so many entries take more than a minute and show nothing that fewer do not: one goroutine reads.

package iso20022_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
)

// endless writes a statement of the given size without holding it.
type endless struct {
	size, written int
	buffer        bytes.Buffer
	entries       int
	closed        bool
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buffer.Len() < len(p) && !e.closed {
		text := `</Stmt></BkToCstmrStmt></Document>`
		switch {
		case e.written == 0:
			text = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>` + account
		case e.written < e.size:
			e.entries++
			text = entry("12.34", "CRDT", fmt.Sprintf(`<NtryDtls><TxDtls><Refs><EndToEndId>E%d</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>单位%d</Nm></Pty></Dbtr></RltdPties></TxDtls></NtryDtls>`,
				e.entries, e.entries))
		default:
			e.closed = true
		}
		e.written += len(text)
		e.buffer.WriteString(text)
	}
	n, _ := e.buffer.Read(p)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestFiftyMegabytesAreReadWithAFlatHeap(t *testing.T) {
	source := &endless{size: 50 << 20}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	var last bank.Tally
	lines := 0
	for item, err := range iso20022.NewReader(source, iso20022.Options{}).Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		last = item.Tally
		if item.Line == nil {
			continue
		}
		if lines++; lines%5000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}
	sum, ok := last.Sum()
	if lines != source.entries || last.Count != lines || !ok || int(sum) != lines*1234 || lines < 100000 {
		t.Errorf("%d lines, %d written, sum %d", lines, source.entries, sum)
	}
	const bound = 16 << 20
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("%d entries; heap at most %d KiB above the start", lines, grown>>10)
	if grown > bound {
		t.Errorf("the heap grew by %d bytes, more than %d", grown, bound)
	}
}
