package seal_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/seal"
)

// memberLines are the lines of a month's credits to members: one debit, then accounts in their order, every second or third one of a large book, as when
// the members of some employers are credited; or scattered over it.
func memberLines(n int, scattered bool) (seal.Seed, *seal.Lines) {
	r := rand.New(rand.NewPCG(1, 2))
	lines := &seal.Lines{}
	lines.Grow(n)
	lines.Append(12, seal.SideDebit, int64(n)*64000, 0, "")
	account := int32(400_000)
	for range n - 1 {
		account += 1 + r.Int32N(3)
		if scattered {
			account = 1000 + r.Int32N(5_000_000)
		}
		lines.Append(account, seal.SideCredit, 30000+r.Int64N(200000), 202601, "")
	}
	return seal.Seed{1}, lines
}

const benchmarkLines = 10_000

// eachLines runs work over both kinds of lines and reports its time per line.
func eachLines(b *testing.B, work func(b *testing.B, seed seal.Seed, lines *seal.Lines, encoded []byte)) {
	for _, kind := range []string{"in order", "scattered"} {
		b.Run(kind, func(b *testing.B) {
			seed, lines := memberLines(benchmarkLines, kind == "scattered")
			encoded, err := seal.EncodeColumns(seed, lines)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			work(b, seed, lines, encoded)
			b.ReportMetric(perLine(b.Elapsed(), b.N), "ns/line")
			b.ReportMetric(float64(len(encoded))/benchmarkLines, "B/line")
		})
	}
}

func perLine(elapsed time.Duration, runs int) float64 {
	return float64(elapsed.Nanoseconds()) / float64(runs) / benchmarkLines
}

func BenchmarkEncodeColumns(b *testing.B) {
	eachLines(b, func(b *testing.B, seed seal.Seed, lines *seal.Lines, _ []byte) {
		for range b.N {
			if _, err := seal.EncodeColumns(seed, lines); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeColumns(b *testing.B) {
	eachLines(b, func(b *testing.B, _ seal.Seed, _ *seal.Lines, encoded []byte) {
		for range b.N {
			if _, _, err := seal.DecodeColumns(encoded, benchmarkLines); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeColumnsInto(b *testing.B) {
	eachLines(b, func(b *testing.B, _ seal.Seed, _ *seal.Lines, encoded []byte) {
		var lines seal.Lines
		for range b.N {
			if _, err := seal.DecodeColumnsInto(&lines, encoded, benchmarkLines); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkColumnsSHA256 is the hash of the same bytes, against which Verify is measured.
func BenchmarkColumnsSHA256(b *testing.B) {
	eachLines(b, func(b *testing.B, _ seal.Seed, _ *seal.Lines, encoded []byte) {
		for range b.N {
			sha256.Sum256(encoded)
		}
	})
}

// BenchmarkLinesRoot reports beside its own time that of the SHA-256 calls alone which the root takes: salt, line and node.
func BenchmarkLinesRoot(b *testing.B) {
	eachLines(b, func(b *testing.B, seed seal.Seed, lines *seal.Lines, _ []byte) {
		for range b.N {
			seal.LinesRoot(seed, 1<<30, lines)
		}
		root := perLine(b.Elapsed(), b.N)
		b.StopTimer()
		var (
			salt [seal.SeedSize + 8]byte
			line [1 + 32 + 18]byte
			node [1 + 2*32]byte
		)
		start := time.Now()
		for range b.N * benchmarkLines {
			sha256.Sum256(salt[:])
			sha256.Sum256(line[:])
			sha256.Sum256(node[:])
		}
		raw := perLine(time.Since(start), b.N)
		b.ReportMetric(raw, "sha256-ns/line")
		b.ReportMetric(root/raw, "times-sha256")
	})
}

func BenchmarkHeader(b *testing.B) {
	draft := fullDraft()
	assigned := seal.Assigned{Seq: 123456, RecordedMicros: 1767225600000000, VoucherNumber: 77, FirstOrdinal: 1 << 30, LineCount: 2}
	encodedDraft, err := seal.EncodeDraft(&draft)
	if err != nil {
		b.Fatal(err)
	}
	encoded, err := seal.EncodeHeader(&assigned, encodedDraft)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			encodedDraft, err := seal.EncodeDraft(&draft)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := seal.EncodeHeader(&assigned, encodedDraft); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, _, _, err := seal.DecodeHeader(encoded); err != nil {
				b.Fatal(err)
			}
		}
	})
}
