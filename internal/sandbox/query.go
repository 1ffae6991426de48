package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// selection is one field that a GraphQL document asks for.
type selection struct {
	Key       string // under which the answer stands: the alias, or the name
	Name      string
	Arguments map[string]any
	Fields    []selection
	At        int // where the name stands in the document, in bytes
}

// enum is a value without quotes, such as OUTDATED.
type enum string

// document is a GraphQL document of one operation, which is all that the sandbox reads: no fragments, no directives.
type document struct {
	Kind   string // mutation, query
	Fields []selection
}

// syntaxError is a document that cannot be read.
type syntaxError struct {
	near string
	at   int
}

func (e *syntaxError) Error() string {
	if e.near == "" {
		return "Unexpected end of document"
	}
	return fmt.Sprintf("Parse error on %q", e.near)
}

// graphqlToken is one token of GraphQL; white space, commas and comments lie between them.
var graphqlToken = regexp.MustCompile(
	`"(?:[^"\\\n]|\\.)*"|\$?[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?|[{}()\[\]:!=]|[^\s,]`,
)

var graphqlComment = regexp.MustCompile(`(?m)^\s*#.*$`)

// reader walks along the tokens of a document.
type reader struct {
	text      string
	tokens    [][]int // begin and end of each
	next      int
	variables map[string]any
}

func parseDocument(text string, variables map[string]any) (document, error) {
	blank := graphqlComment.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	r := &reader{text: blank, tokens: graphqlToken.FindAllStringIndex(blank, -1), variables: variables}
	d := document{Kind: "query"}
	if r.peek() == "mutation" || r.peek() == "query" {
		d.Kind = r.take()
		if isName(r.peek()) {
			r.take() // the name of the operation
		}
		for depth := 0; r.peek() == "(" || depth > 0; {
			switch r.take() { // the variables' types, which their values have to fit anyway
			case "(":
				depth++
			case ")":
				depth--
			case "":
				return d, r.wrong()
			}
		}
	}
	var err error
	if d.Fields, err = r.selections(); err == nil && r.peek() != "" {
		err = r.wrong()
	}
	return d, err
}

func (r *reader) peek() string {
	if r.next >= len(r.tokens) {
		return ""
	}
	return r.text[r.tokens[r.next][0]:r.tokens[r.next][1]]
}

func (r *reader) take() string {
	token := r.peek()
	r.next++
	return token
}

func (r *reader) at() int {
	if r.next >= len(r.tokens) {
		return len(r.text)
	}
	return r.tokens[r.next][0]
}

func (r *reader) wrong() error { return &syntaxError{r.peek(), r.at()} }

func (r *reader) expect(token string) error {
	if r.peek() != token {
		return r.wrong()
	}
	r.next++
	return nil
}

func isName(token string) bool {
	return token != "" && (token[0] == '_' || token[0] >= 'A' && token[0] <= 'Z' || token[0] >= 'a' && token[0] <= 'z')
}

func (r *reader) name() (string, error) {
	if !isName(r.peek()) {
		return "", r.wrong()
	}
	return r.take(), nil
}

func (r *reader) selections() ([]selection, error) {
	if err := r.expect("{"); err != nil {
		return nil, err
	}
	var list []selection
	for r.peek() != "}" {
		one, err := r.selection()
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, r.expect("}")
}

func (r *reader) selection() (selection, error) {
	one := selection{At: r.at()}
	var err error
	if one.Name, err = r.name(); err != nil {
		return one, err
	}
	if one.Key = one.Name; r.peek() == ":" {
		r.next++
		if one.Name, err = r.name(); err != nil {
			return one, err
		}
	}
	if r.peek() == "(" {
		if one.Arguments, err = r.fields("(", ")"); err != nil {
			return one, err
		}
	}
	if r.peek() == "{" {
		one.Fields, err = r.selections()
	}
	return one, err
}

// fields are named values: the arguments of a field, or an object.
func (r *reader) fields(begin, end string) (map[string]any, error) {
	if err := r.expect(begin); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for r.peek() != end {
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		if err := r.expect(":"); err != nil {
			return nil, err
		}
		if out[name], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, r.expect(end)
}

func (r *reader) value() (any, error) {
	token := r.peek()
	switch {
	case token == "{":
		return r.fields("{", "}")
	case token == "null":
		r.next++
		return nil, nil
	case strings.HasPrefix(token, "$") && len(token) > 1:
		r.next++
		return r.variables[token[1:]], nil
	case strings.HasPrefix(token, `"`):
		var text string
		if json.Unmarshal([]byte(token), &text) != nil {
			return nil, r.wrong()
		}
		r.next++
		return text, nil
	case isName(token):
		r.next++
		return enum(token), nil
	}
	number, err := strconv.ParseFloat(token, 64)
	if err != nil {
		return nil, r.wrong()
	}
	r.next++
	return number, nil
}
