// Package repofile bounds the YAML files of repositories. Whoever can push a branch, or has a repository of their own,
// can write any bytes into them, and goccy/go-yaml takes seconds for 32 KB of opening brackets, and minutes for more:
// its time grows with the square of the depth. So a file is looked at token by token, which takes time in proportion
// to its size, before anything parses it.
package repofile

import (
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Limits are what a file may have.
type Limits struct {
	Bytes   int
	Depth   int // of groups and lists in each other
	Aliases int // anchors and aliases together: few nested ones make a small file endless
}

var (
	// Own are the limits of Slipway's own files: .github/release.yaml, .github/release/NAME.yaml and
	// .github/patch-issues.yaml. The longest built-in process has a third of the bytes and of the depth.
	Own = Limits{Bytes: 32 << 10, Depth: 20}
	// Foreign are those of files that other programs read too, such as charts and schedules.
	Foreign = Limits{Bytes: 512 << 10, Depth: 40, Aliases: 10}
)

// TooMuch is an answer to the person who wrote the file: it has more of something than its limit.
type TooMuch struct {
	Line, Column int // 0 where it is about the whole file
	What, Fix    string
}

func (e *TooMuch) Error() string {
	if e.Line == 0 {
		return e.What + "; " + e.Fix
	}
	return fmt.Sprintf("line %d, column %d: %s; %s", e.Line, e.Column, e.What, e.Fix)
}

// Check says what a file has too much of; its error is a *TooMuch. A file that passes can still be no YAML.
func Check(data []byte, most Limits) error {
	if len(data) > most.Bytes {
		return &TooMuch{
			What: fmt.Sprintf("the file has %d bytes; the limit is %d", len(data), most.Bytes), Fix: "shorten it",
		}
	}
	n := nesting{}
	aliases := 0
	for _, t := range lexer.Tokenize(string(data)) {
		at := t.Position
		if t.Type == token.AnchorType || t.Type == token.AliasType {
			if aliases++; aliases > most.Aliases {
				what := fmt.Sprintf("this is anchor or alias number %d; the limit is %d", aliases, most.Aliases)
				if most.Aliases == 0 {
					what = "anchors and aliases are not allowed here"
				}
				return &TooMuch{Line: at.Line, Column: at.Column, What: what, Fix: "write the value out"}
			}
		}
		if depth := n.after(t); depth > most.Depth {
			return &TooMuch{
				Line: at.Line, Column: at.Column, Fix: "nest less",
				What: fmt.Sprintf("groups and lists are nested %d deep; the limit is %d", depth, most.Depth),
			}
		}
	}
	return nil
}

// nesting counts how deep a token stands. In block style each column at which an entry begins is a level; in flow style
// each open bracket is one. Dashes between brackets are no YAML, but the parser nests them before it says so.
type nesting struct {
	columns  []int
	brackets int
	dashes   int // between brackets
	before   *token.Token
}

func (n *nesting) after(t *token.Token) int {
	at := t.Position.Column
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.brackets++
	case token.SequenceEndType, token.MappingEndType:
		if n.brackets = max(0, n.brackets-1); n.brackets == 0 {
			n.dashes = 0
		}
	case token.DocumentHeaderType, token.DocumentEndType:
		*n = nesting{}
	case token.MappingValueType:
		if n.before != nil {
			at = n.before.Position.Column // of the key
		}
		n.entry(at)
	case token.SequenceEntryType, token.MappingKeyType:
		if n.entry(at); n.brackets > 0 {
			n.dashes++
		}
	}
	n.before = t
	return len(n.columns) + n.brackets + n.dashes
}

// entry notes that an entry begins at a column: those further right have ended.
func (n *nesting) entry(column int) {
	if n.brackets > 0 {
		return
	}
	for len(n.columns) > 0 && n.columns[len(n.columns)-1] > column {
		n.columns = n.columns[:len(n.columns)-1]
	}
	if len(n.columns) == 0 || n.columns[len(n.columns)-1] < column {
		n.columns = append(n.columns, column)
	}
}
