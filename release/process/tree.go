package process

import (
	"errors"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/slipway-dev/slipway/release/repofile"
)

// A node is a YAML value that knows where it was written, so that an error can point at it even after two files
// were merged.
type node struct {
	line, column int // 0 where it comes from a built-in process
	kind         sort
	text         string // of a scalar
	fields       []field
	items        []*node
}

type field struct {
	name         string
	line, column int
	value        *node
}

type sort string

const (
	scalar  sort = "a single value"
	mapping sort = "a group of fields"
	list    sort = "a list"
	null    sort = "nothing"
)

func (n *node) field(name string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// read turns YAML into nodes.
func read(data []byte) (*node, error) {
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

func (b *builder) node(from ast.Node) *node {
	n := &node{kind: null}
	if t := from.GetToken(); t != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
	switch from := from.(type) {
	case *ast.MappingNode:
		n.kind = mapping
		for _, v := range from.Values {
			b.field(n, v)
		}
		if len(from.Values) > 0 && !from.IsFlowStyle {
			n.line, n.column = n.fields[0].line, n.fields[0].column
		}
	case *ast.MappingValueNode:
		n.kind = mapping
		b.field(n, from)
		n.line, n.column = n.fields[0].line, n.fields[0].column
	case *ast.SequenceNode:
		n.kind = list
		for _, v := range from.Values {
			n.items = append(n.items, b.node(v))
		}
	case *ast.LiteralNode:
		n.kind, n.text = scalar, from.Value.Value
	case *ast.StringNode:
		n.kind, n.text = scalar, from.Value
	case *ast.NullNode:
	case *ast.TagNode:
		b.problems = append(b.problems, Error{Line: n.line, Column: n.column, Message: "YAML tags have no meaning here",
			Fix: "leave " + from.Start.Value + " out"})
	default:
		n.kind = scalar
		if t := from.GetToken(); t != nil {
			n.text = t.Value
		}
	}
	return n
}

func (b *builder) field(n *node, from *ast.MappingValueNode) {
	key := from.Key.GetToken()
	f := field{name: key.Value, line: key.Position.Line, column: key.Position.Column}
	if n.field(f.name) != nil {
		b.problems = append(b.problems,
			Error{Line: f.line, Column: f.column, Field: f.name, Message: "it is written twice",
				Fix: "keep one of the two"})
		return
	}
	f.value = b.node(from.Value)
	if f.value.kind == null {
		f.value.line, f.value.column = f.line, f.column
	}
	n.fields = append(n.fields, f)
}

// unplaced forgets where everything was written: it stands in no file of the reader's.
func (n *node) unplaced() *node {
	n.line, n.column = 0, 0
	for i := range n.fields {
		n.fields[i].line, n.fields[i].column = 0, 0
		n.fields[i].value.unplaced()
	}
	for _, item := range n.items {
		item.unplaced()
	}
	return n
}

// identity is the field by which the entries of a list are told apart. Lists of anything else are replaced.
func identity(name string) string {
	switch name {
	case "phases", "tracks":
		return "name"
	case "steps":
		return "id"
	case "needs":
		return "kind"
	}
	return ""
}

// merge lays over onto base: groups field by field; phases and tracks by name, steps by id, gates by kind; what
// is new goes to the end; everything else is replaced.
func merge(name string, base, over *node) *node {
	switch {
	case base == nil || base.kind != over.kind:
		return over
	case over.kind == mapping:
		out := *over
		out.fields = slices.Clone(base.fields)
		for _, f := range over.fields {
			i := slices.IndexFunc(out.fields, func(g field) bool { return g.name == f.name })
			if i < 0 {
				out.fields = append(out.fields, f)
				continue
			}
			out.fields[i] = field{name: f.name, line: f.line, column: f.column,
				value: merge(f.name, out.fields[i].value, f.value)}
		}
		return &out
	case over.kind == list && identity(name) != "":
		id := identity(name)
		out := *over
		out.items = slices.Clone(base.items)
		for _, item := range over.items {
			who := item.field(id)
			i := -1
			if who != nil {
				i = slices.IndexFunc(base.items,
					func(b *node) bool { w := b.field(id); return w != nil && w.text == who.text })
			}
			if i < 0 {
				out.items = append(out.items, item)
				continue
			}
			out.items[i] = merge("", out.items[i], item)
		}
		return &out
	}
	return over
}
