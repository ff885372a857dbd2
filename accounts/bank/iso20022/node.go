package iso20022

import (
	"encoding/xml"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
)

// node is a small element read whole: a header element, an entry without its details, one detail.
type node struct {
	name     string
	ordinal  int
	line     int
	currency string // the Ccy attribute, the only one that carries substance in these messages
	text     string // direct text without surrounding blanks
	parent   *node  // nil for the root of a tree
	level    int    // of a root: how many open frames of the scanner are its ancestors
	children []*node
	read     bool // its name was asked for
	taken    bool // its own text was asked for
}

// tree reads the element whose start was just returned, to its end. The budget counts down so that many small elements cannot fill the memory.
func (s *scanner) tree(start xml.StartElement, parent *node) (*node, error) {
	n := s.openNode()
	n.parent = parent
	for _, a := range start.Attr {
		if a.Name.Local == "Ccy" && a.Name.Space == "" {
			n.currency = a.Value
		}
	}
	var text strings.Builder
	for {
		token, err := s.next()
		if err != nil {
			return nil, s.cut(err)
		}
		if s.budget--; s.budget < 0 || text.Len() > s.options.Limits.TokenBytes {
			return nil, limitFault(s.options.File, s.line, "an element holds more than", int64(s.options.Limits.ElementTokens),
				"tags and texts, or too long a text")
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := s.tree(t, n)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			n.text = strings.Trim(text.String(), " \t\r\n")
			return n, nil
		}
	}
}

// openNode makes a node of the open element, without its content.
func (s *scanner) openNode() *node {
	top := s.frames[len(s.frames)-1]
	return &node{name: top.name, ordinal: top.ordinal, line: s.line, level: len(s.frames) - 1}
}

// find returns the first element at the path below n, or nil; it marks the path as read. A nil n finds nothing.
func (n *node) find(path ...string) *node {
	for _, name := range path {
		if n = n.child(name); n == nil {
			return nil
		}
		n.read = true
	}
	return n
}

// child returns the first child of that name without marking it as read. A nil n has none.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	at := slices.IndexFunc(n.children, func(c *node) bool { return c.name == name })
	if at < 0 {
		return nil
	}
	return n.children[at]
}

// markPath marks a node and its parents as read.
func (n *node) markPath() {
	for ; n != nil; n = n.parent {
		n.read = true
	}
}

// all returns the children of that name and marks them as read.
func (n *node) all(name string) []*node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, c := range n.children {
		if c.name == name {
			c.read = true
			found = append(found, c)
		}
	}
	return found
}

// value returns the text at the path, or nothing.
func (n *node) value(path ...string) string {
	found := n.find(path...)
	if found == nil {
		return ""
	}
	found.taken = true
	return found.text
}

// code returns the text of Cd, or of Prtry where there is no Cd: the choice that ISO 20022 offers for most codes.
func (n *node) code(path ...string) string {
	found := n.find(path...)
	if code := found.value("Cd"); code != "" {
		return code
	}
	return found.value("Prtry")
}

// single is find for an element that must not be there twice; a second one is a fault.
func (s *scanner) single(n *node, name string) *node {
	found := n.all(name)
	if len(found) == 0 {
		return nil
	}
	if len(found) > 1 {
		s.fault(found[1], bank.FaultRepeated, found[1].text, "is there twice", "ask the bank for a correct message")
	}
	return found[0]
}

// fault notes a fault at a node, or at the open element when n is nil.
func (s *scanner) fault(n *node, code bank.FaultCode, text, reason, hint string) {
	line := s.line
	if n != nil {
		line = n.line
	}
	s.faults.Add(&bank.Fault{Code: code, File: s.options.File, Line: line, Path: s.pathOf(n, true), Text: text, Reason: reason, Hint: hint})
}

func (s *scanner) pathOf(n *node, exact bool) string {
	if n == nil {
		return s.path(exact)
	}
	var steps []*node
	for ; n.parent != nil; n = n.parent {
		steps = append(steps, n)
	}
	steps = append(steps, n)
	var out strings.Builder
	out.WriteString(pathOf(s.frames[:n.level], exact))
	for _, step := range slices.Backward(steps) {
		out.WriteByte('/')
		writeStep(&out, step.name, step.ordinal, exact)
	}
	return out.String()
}

// Unread is an element that a message held and the reader did not use.
type Unread struct {
	Path  string // without ordinals, such as Document/BkToCstmrStmt/Stmt/Ntry/Chrgs
	Count int    // how often; what lies inside an unread element is not counted again
	Line  int    // of the first
}

// maxUnreadPaths bounds the distinct paths kept; further ones are counted under otherPath.
const (
	maxUnreadPaths = 1000
	otherPath      = "(other elements)"
)

type unreadElements struct {
	list []Unread
	at   map[string]int
}

func (u *unreadElements) count(path string, line int) {
	if u.at == nil {
		u.at = map[string]int{}
	}
	i, known := u.at[path]
	if !known && len(u.list) >= maxUnreadPaths {
		path = otherPath
		i, known = u.at[path]
	}
	if !known {
		i = len(u.list)
		u.at[path] = i
		u.list = append(u.list, Unread{Path: path, Line: line})
	}
	u.list[i].Count++
}

// countUnread counts what of a tree was not read.
func (s *scanner) countUnread(n *node) {
	if !n.read {
		s.unread.count(s.pathOf(n, false), n.line)
		return
	}
	if n.text != "" && !n.taken {
		s.unread.count(s.pathOf(n, false)+"/#text", n.line)
	}
	for _, c := range n.children {
		s.countUnread(c)
	}
}
