// Package typed turns a file that a person wrote into values of Go types. The types say of themselves what may stand in
// them: one struct is the decoder, the checks, the defaults, the JSON schema and the table of the documentation.
//
// A field is described by its tags:
//
//	yaml     its name in the file
//	about    what it is, in a clause
//	default  what it is where it is not given
//	must     "yes": it has to be given; "unless NAME": unless that field is; "with NAME": where that field is
//	only     "with NAME": it may be given only where that field is
//	not      "NAME": it may not be given where that field is
//	lines    "yes": a text that may have several lines
//	unit     "h", "d": a length of time in whole hours or days
//	value    "true": the one value that it takes
//	range    "1..10": the whole numbers that it takes
//	enum     "open closed": the words that it takes
//
// must, only and not take several conditions, of which one has to hold, and NAME=VALUE: that the field is VALUE, also
// where that is its default.
//
// A blank field with the tag exactly:"a b c" says that exactly one of those fields has to be given, and one with
// most:"a b" that at most one may be.
//
// All mistakes of a file are found at once, each with its line, its column and what to write instead.
package typed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one mistake in a file.
type Error struct {
	// Line and Column count from 1; both are 0 where the mistake stands in no single place.
	Line, Column int
	// Field is the path to it: phases[1].do[0].tag.name.
	Field string
	// Message says what is wrong, Fix what to write instead.
	Message, Fix string
}

func (e Error) Error() string {
	var s strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&s, "line %d, column %d: ", e.Line, e.Column)
	}
	if e.Field != "" {
		s.WriteString(e.Field + ": ")
	}
	s.WriteString(e.Message)
	if e.Fix != "" {
		s.WriteString("; " + e.Fix)
	}
	return s.String()
}

// Errors are all mistakes of a file. A caller shows them to the person who wrote it.
type Errors []Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each mistake to errors.Is and errors.As.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

// Sorted are the mistakes in the order of the lines, each once.
func (e Errors) Sorted() Errors {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(e)
}

// Suggest says what may stand in place of word: the nearest of the names, or all of them.
func Suggest(word string, names []string) string {
	if len(names) == 0 {
		return "leave it out"
	}
	names = slices.Sorted(slices.Values(names))
	if near, ok := Nearest(word, names); ok {
		return "did you mean " + near + "?"
	}
	return "choose one of " + strings.Join(names, ", ")
}

// Nearest is the name that word was probably meant to be.
func Nearest(word string, names []string) (name string, ok bool) {
	if len(names) == 0 {
		return "", false
	}
	name = slices.MinFunc(names, func(a, b string) int { return distance(word, a) - distance(word, b) })
	return name, distance(word, name) <= 1+len(name)/3
}

// distance is the number of letters to change, to add or to take away.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
