package typed

import (
	"reflect"
	"strings"
)

// About is what a field of a file takes, for documents and schemas.
type About struct {
	Name, About, Default string
	// Type is what stands in it, in words: text, a list of text, a commit.
	Type string
	// Must says when it has to be given; empty where it need not be.
	Must string
	Enum []string
	// Fields are those of a group.
	Fields []About
}

// Fields are the fields of a struct, in order.
func Fields(of reflect.Type) []About {
	var out []About
	for i := range of.NumField() {
		f := of.Field(i)
		name := nameOf(f)
		if name == "" {
			continue
		}
		a := About{Name: name, About: f.Tag.Get("about"), Default: f.Tag.Get("default"), Type: typeOf(f.Type, f.Tag),
			Must: f.Tag.Get("must"), Enum: strings.Fields(f.Tag.Get("enum"))}
		if inner := group(f.Type); inner != nil && inner != of {
			a.Fields = Fields(inner)
		}
		out = append(out, a)
	}
	return out
}

// Choices are the fields of which exactly one has to be given.
func Choices(of reflect.Type) []string {
	for i := range of.NumField() {
		if choice := of.Field(i).Tag.Get("exactly"); choice != "" {
			return strings.Fields(choice)
		}
	}
	return nil
}

// group is the struct that a field holds, and nil where it holds none.
func group(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && t != reflect.TypeFor[Node]() {
		return t
	}
	return nil
}

// typeOf is what stands in a field, in words.
func typeOf(t reflect.Type, tags reflect.StructTag) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeOf(t.Elem(), tags)
	case reflect.Slice:
		return "list of " + typeOf(t.Elem(), tags)
	case reflect.Map:
		return "names with " + typeOf(t.Elem(), tags)
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		if r := tags.Get("range"); r != "" {
			return "number, " + strings.Replace(r, "..", " to ", 1)
		}
		return "number"
	case reflect.Struct:
		return "group"
	}
	switch t {
	case reflect.TypeFor[Span]():
		return "time, such as 48h"
	case reflect.TypeFor[Raw]():
		return "any value"
	case reflect.TypeFor[Regexp]():
		return "expression"
	}
	if words := tags.Get("enum"); words != "" {
		return "word"
	}
	if name := t.Name(); name != "string" {
		return strings.ToLower(name)
	}
	return "text"
}
