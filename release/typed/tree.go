package typed

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/slipway-dev/slipway/release/repofile"
)

// A Node is a YAML value that knows where it was written, so that an error can point at it even after two files
// were merged.
type Node struct {
	// Line and Column count from 1; 0 where it comes from a built-in process.
	Line, Column int
	Sort         Sort
	// Text is that of a scalar. Bare says that it stands without quotes and that YAML does not read it as text: 2, 0.10,
	// true, 2026-12-18.
	Text   string
	Bare   bool
	Fields []Field
	Items  []*Node
}

// A Field is one entry of a group, with the place of its name.
type Field struct {
	Name         string
	Line, Column int
	Value        *Node
}

// Sort is what a node is, in words.
type Sort string

// What a node can be.
const (
	Scalar  Sort = "a single value"
	Mapping Sort = "a group of fields"
	List    Sort = "a list"
	Null    Sort = "nothing"
)

// Field is the value of the field of that name, nil where there is none.
func (n *Node) Field(name string) *Node {
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Read turns YAML into nodes. What is wrong with the text is an Errors.
func Read(data []byte) (*Node, error) {
	if much, is := errors.AsType[*repofile.TooMuch](repofile.Check(data, repofile.Own)); is {
		return nil, Errors{{Line: much.Line, Column: much.Column, Message: much.What, Fix: much.Fix}}
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, Errors{syntax(err)}
	}
	docs := slices.DeleteFunc(file.Docs,
		func(d *ast.DocumentNode) bool { return d.Body == nil || d.Body.Type() == ast.CommentType })
	switch len(docs) {
	case 0:
		return nil, Errors{{Line: 1, Column: 1, Message: "the file is empty",
			Fix: "begin with the line `process: falco-libs`"}}
	case 1:
	default:
		at := docs[1].Body.GetToken().Position
		return nil, Errors{{Line: at.Line, Column: at.Column, Message: "a second YAML document begins here",
			Fix: "keep one document in the file"}}
	}
	b := builder{}
	root := b.node(docs[0].Body)
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	return root, nil
}

func syntax(err error) Error {
	e := Error{Line: 1, Column: 1, Message: err.Error()}
	var told yaml.Error
	if errors.As(err, &told) {
		e.Message = told.GetMessage()
		if t := told.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	e.Message = "this is no YAML: " + e.Message
	e.Fix = "look at the indentation, the quotes and the colons of this line and the one before"
	return e
}

type builder struct{ problems Errors }

func (b *builder) node(from ast.Node) *Node {
	n := &Node{Sort: Null}
	if t := from.GetToken(); t != nil {
		n.Line, n.Column = t.Position.Line, t.Position.Column
	}
	switch from := from.(type) {
	case *ast.MappingNode:
		n.Sort = Mapping
		for _, v := range from.Values {
			b.field(n, v)
		}
		if len(n.Fields) > 0 && !from.IsFlowStyle {
			n.Line, n.Column = n.Fields[0].Line, n.Fields[0].Column
		}
	case *ast.MappingValueNode:
		n.Sort = Mapping
		b.field(n, from)
		n.Line, n.Column = n.Fields[0].Line, n.Fields[0].Column
	case *ast.SequenceNode:
		n.Sort = List
		for _, v := range from.Values {
			n.Items = append(n.Items, b.node(v))
		}
	case *ast.LiteralNode:
		n.Sort, n.Text = Scalar, from.Value.Value
	case *ast.StringNode:
		n.Sort, n.Text = Scalar, from.Value
	case *ast.NullNode:
	case *ast.TagNode:
		b.problems = append(b.problems, Error{Line: n.Line, Column: n.Column, Message: "YAML tags have no meaning here",
			Fix: "leave " + from.Start.Value + " out"})
	default:
		n.Sort, n.Bare = Scalar, true
		if t := from.GetToken(); t != nil {
			n.Text = t.Value
		}
	}
	return n
}

func (b *builder) field(n *Node, from *ast.MappingValueNode) {
	key := from.Key.GetToken()
	f := Field{Name: key.Value, Line: key.Position.Line, Column: key.Position.Column}
	f.Value = b.node(from.Value)
	if f.Value.Sort == Null {
		f.Value.Line, f.Value.Column = f.Line, f.Column
	}
	if n.Field(f.Name) != nil {
		b.problems = append(b.problems,
			Error{Line: f.Line, Column: f.Column, Field: f.Name, Message: "it is written twice",
				Fix: "keep one of the two"})
		return
	}
	n.Fields = append(n.Fields, f)
}

// Unplaced forgets where everything was written: it stands in no file of the reader's.
func (n *Node) Unplaced() *Node {
	n.Line, n.Column = 0, 0
	for i := range n.Fields {
		n.Fields[i].Line, n.Fields[i].Column = 0, 0
		n.Fields[i].Value.Unplaced()
	}
	for _, item := range n.Items {
		item.Unplaced()
	}
	return n
}

// At finds the value of a path like phases[1].do[0].tag, or the nearest one around it.
func (n *Node) At(path string) *Node {
	for _, part := range strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		next := n.Field(part)
		if i, err := strconv.Atoi(part); err == nil && i < len(n.Items) {
			next = n.Items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}
