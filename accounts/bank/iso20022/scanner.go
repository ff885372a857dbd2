package iso20022

import (
	"context"
	"encoding/xml"
	"errors"
	"hash"
	"io"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
)

// scanner walks the tokens of one document within the limits and knows the path of the open elements.
type scanner struct {
	ctx       context.Context
	decoder   *xml.Decoder
	in        *input
	options   Options
	namespace string // of the document; elements of others are foreign
	frames    []frame
	tokens    int64
	budget    int       // tokens left for the element being read into a tree
	line      int       // where the last token starts
	hash      hash.Hash // fed with the bytes of each token while not nil
	unread    unreadElements
	faults    bank.Faults // faults of the current element that do not stop reading
}

// frame is one open element.
type frame struct {
	name    string
	ordinal int // 1-based among its siblings of that name; 0 where siblings are not counted
	counts  [len(numbered)]int
}

// numbered are the elements whose place among their siblings is part of a path.
var numbered = [...]string{"Stmt", "Ntfctn", "Bal", "Ntry", "NtryDtls", "TxDtls", "OrgnlPmtInfAndSts", "TxInfAndSts", "StsRsnInf"}

func newScanner(ctx context.Context, r io.Reader, options Options) (*scanner, *bank.Fault) {
	options.Limits = options.Limits.withDefaults()
	in, fault := newInput(r, options)
	if fault != nil {
		return nil, fault
	}
	s := &scanner{ctx: ctx, in: in, options: options, decoder: xml.NewDecoder(in)}
	// The bytes are UTF-8 already, whatever the declaration says.
	s.decoder.CharsetReader = func(_ string, converted io.Reader) (io.Reader, error) { return converted, nil }
	s.frames = append(s.frames, frame{})
	return s, nil
}

// next returns the next start element, end element or text. Comments and processing instructions are passed over. At the end of a complete document the
// error is io.EOF; every other error is a *bank.Fault.
func (s *scanner) next() (xml.Token, error) {
	for {
		if s.tokens&255 == 0 && s.ctx.Err() != nil {
			return nil, &bank.Fault{Code: bank.FaultRead, File: s.options.File, Line: s.line, Reason: "reading was cancelled",
				Hint: "read the file again", Err: s.ctx.Err()}
		}
		start := s.decoder.InputOffset()
		s.in.mark(start)
		s.line, _ = s.decoder.InputPos()
		token, err := s.decoder.Token()
		if err != nil {
			return nil, s.readFault(err)
		}
		if s.hash != nil {
			s.hash.Write(s.in.token[:s.decoder.InputOffset()-start])
		}
		if s.tokens++; s.tokens > s.options.Limits.Tokens {
			return nil, limitFault(s.options.File, s.line, "the file has more than", s.options.Limits.Tokens, "tags and texts")
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, &bank.Fault{Code: bank.FaultForbidden, File: s.options.File, Line: s.line, Text: "<!" + string(t),
				Reason: "is not taken in a bank message",
				Hint:   "a bank message has no DOCTYPE or entities; check where the file comes from"}
		case xml.StartElement:
			return t, s.open(t)
		case xml.EndElement:
			s.frames = s.frames[:len(s.frames)-1]
			return t, nil
		case xml.CharData:
			return t, nil
		}
	}
}

func (s *scanner) open(t xml.StartElement) error {
	name := s.nameOf(t.Name)
	parent := &s.frames[len(s.frames)-1]
	f := frame{name: name}
	for i := range numbered {
		if numbered[i] == name {
			parent.counts[i]++
			f.ordinal = parent.counts[i]
		}
	}
	s.frames = append(s.frames, f)
	if len(s.frames)-1 > s.options.Limits.Depth {
		return limitFault(s.options.File, s.line, "elements are nested deeper than", int64(s.options.Limits.Depth), "levels")
	}
	if len(t.Attr) > s.options.Limits.Attributes {
		return limitFault(s.options.File, s.line, "an element has more than", int64(s.options.Limits.Attributes), "attributes")
	}
	return nil
}

// nameOf gives the plain name of an element of the document's namespace and {namespace}name for a foreign one.
func (s *scanner) nameOf(name xml.Name) string {
	if s.namespace == "" || name.Space == s.namespace {
		return name.Local
	}
	return "{" + bank.Clip(name.Space) + "}" + bank.Clip(name.Local)
}

// path writes the open elements, with the ordinals of those that repeat when exact is true.
func (s *scanner) path(exact bool) string { return pathOf(s.frames, exact) }

func pathOf(frames []frame, exact bool) string {
	var out strings.Builder
	for i, f := range frames[1:] {
		if i > 0 {
			out.WriteByte('/')
		}
		writeStep(&out, f.name, f.ordinal, exact)
	}
	return out.String()
}

func writeStep(out *strings.Builder, name string, ordinal int, exact bool) {
	out.WriteString(name)
	if exact && ordinal > 0 {
		out.WriteString("[" + strconv.Itoa(ordinal) + "]")
	}
}

// readFault turns the decoder's error into a fault that says what to do.
func (s *scanner) readFault(err error) error {
	if errors.Is(err, io.EOF) && s.decoder.InputOffset() > 0 && len(s.frames) == 1 {
		return io.EOF
	}
	var fault *bank.Fault
	if errors.As(err, &fault) {
		return fault
	}
	out := &bank.Fault{Code: bank.FaultRead, File: s.options.File, Line: s.in.line, Path: s.path(true), Reason: "the file could not be read",
		Hint: "read it again", Err: err}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		out.Code, out.Reason, out.Hint, out.Err = bank.FaultTruncated, "the file is empty", "fetch it from the bank again", nil
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		out.Code, out.Reason, out.Hint = bank.FaultTruncated, "the file ends before this element does", "fetch it from the bank again and compare its size"
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "invalid UTF-8"):
		out.Code, out.Line, out.Reason = bank.FaultEncoding, syntax.Line, "the bytes are not UTF-8, which the file is declared to be"
		out.Hint = `if the bank writes GB18030, its XML declaration must say encoding="GB18030"; ask the bank, or convert the file to UTF-8`
	case errors.As(err, &syntax):
		out.Code, out.Line, out.Reason, out.Hint = bank.FaultSyntax, syntax.Line, "not well-formed XML: "+syntax.Msg,
			"fetch it from the bank again; do not edit bank files by hand"
	}
	return out
}

// skip passes over the element whose start was just returned and counts it as unread.
func (s *scanner) skip() error {
	s.unread.count(s.path(false), s.line)
	for depth := len(s.frames); len(s.frames) >= depth; {
		if _, err := s.next(); err != nil {
			return s.cut(err)
		}
	}
	return nil
}

// cut makes a fault of an end of file inside an element.
func (s *scanner) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return &bank.Fault{Code: bank.FaultTruncated, File: s.options.File, Line: s.in.line, Path: s.path(true),
			Reason: "the file ends before this element does",
			Hint:   "fetch it from the bank again and compare its size"}
	}
	return err
}

// children calls handle for each child element of the open element until its end. handle must consume the child to its end.
func (s *scanner) children(handle func(xml.StartElement) error) error {
	for {
		token, err := s.next()
		if err != nil {
			return s.cut(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := handle(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				s.unread.count(s.path(false)+"/#text", s.line)
			}
		}
	}
}
