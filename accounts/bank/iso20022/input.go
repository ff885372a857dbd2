package iso20022

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// declaration finds the encoding in an XML declaration.
var declaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// input hands UTF-8 bytes to the XML decoder one at a time, counts them, and keeps those of the current token so that a line can be hashed as it stands.
// The decoder takes an io.ByteReader as it is, without a buffer of its own, so the count is the decoder's own offset.
type input struct {
	source    *bufio.Reader
	file      string
	limits    Limits
	token     []byte // bytes since the start of the current token
	read      int64
	line      int  // of the last byte, for faults
	converted bool // the bytes come from another encoding
	fault     *bank.Fault
}

// newInput looks at the first bytes, removes a byte order mark and sets up conversion. It returns a fault for an encoding that is not read.
func newInput(r io.Reader, options Options) (*input, *bank.Fault) {
	in := &input{source: bufio.NewReader(r), file: options.File, limits: options.Limits, line: 1}
	head, err := in.source.Peek(1024)
	if err != nil && err != io.EOF {
		return nil, &bank.Fault{Code: bank.FaultRead, File: in.file, Reason: "the file could not be read", Hint: "read it again", Err: err}
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\x00<", "<\x00", "\x00\x00\x00<"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return nil, in.encodingFault("UTF-16 or UTF-32", "is not read")
		}
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		head = head[3:]
		_, _ = in.source.Discard(3) // already in the buffer
	}
	name := "utf-8"
	if found := declaration.FindSubmatch(head); found != nil {
		name = strings.ToLower(string(found[1]))
	}
	if name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii" {
		return in, nil
	}
	other := encodingOf(name)
	if other == nil {
		return nil, in.encodingFault(name, "is not read")
	}
	in.converted = true
	in.source = bufio.NewReader(transform.NewReader(in.source, other.NewDecoder()))
	return in, nil
}

func encodingOf(name string) encoding.Encoding {
	switch name {
	case "gb18030", "gbk", "gb2312", "cp936", "x-gbk":
		return simplifiedchinese.GB18030 // GBK and GB2312 are parts of it
	case "iso-8859-1", "latin1":
		return charmap.ISO8859_1
	case "iso-8859-15":
		return charmap.ISO8859_15
	case "windows-1252", "cp1252":
		return charmap.Windows1252
	}
	return nil
}

func (in *input) encodingFault(name, reason string) *bank.Fault {
	return &bank.Fault{Code: bank.FaultEncoding, File: in.file, Line: in.line, Text: name, Reason: "encoding " + reason,
		Hint: "ask the bank for UTF-8, or convert the file and its XML declaration to UTF-8"}
}

// ReadByte gives the decoder the next byte, or the fault that stops it.
func (in *input) ReadByte() (byte, error) {
	if in.fault != nil {
		return 0, in.fault
	}
	b, err := in.source.ReadByte()
	if err != nil {
		return 0, err
	}
	in.read++
	if b == '\n' {
		in.line++
	}
	in.token = append(in.token, b)
	switch {
	case in.read > in.limits.Bytes:
		in.fault = in.limitFault("the file is larger than", in.limits.Bytes, "bytes")
	case len(in.token) > in.limits.TokenBytes:
		in.fault = in.limitFault("a tag, text or comment is longer than", int64(in.limits.TokenBytes), "bytes")
	case in.converted && b == 0xbd && bytes.HasSuffix(in.token, []byte("\xef\xbf\xbd")):
		in.fault = in.encodingFault("", "declared by the file does not fit its bytes")
	}
	if in.fault != nil {
		return 0, in.fault
	}
	return b, nil
}

// Read is there because the decoder asks for an io.Reader; it is only called through ReadByte's results.
func (in *input) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := in.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// mark forgets the bytes before offset, where the next token starts.
func (in *input) mark(offset int64) {
	keep := int(in.read - offset)
	in.token = append(in.token[:0], in.token[len(in.token)-keep:]...)
}

func (in *input) limitFault(what string, limit int64, unit string) *bank.Fault {
	return limitFault(in.file, in.line, what, limit, unit)
}

func limitFault(file string, line int, what string, limit int64, unit string) *bank.Fault {
	return &bank.Fault{Code: bank.FaultLimit, File: file, Line: line, Reason: fmt.Sprintf("%s %d %s", what, limit, unit),
		Hint: "check that this is the right file; raise the limit in Options if it is"}
}
