package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// A finding is one thing wrong at one place: a JSON pointer into a body, with * for every index, or "query NAME".
type finding struct {
	field, message string
}

// findings takes kin-openapi's tree of errors apart into its leaves.
func findings(err error) []finding {
	if err == nil {
		return nil
	}
	var found []finding
	var take func(err error, in string)
	take = func(err error, in string) {
		switch e := err.(type) { //nolint:errorlint // each level of the chain is looked at for itself
		case openapi3.MultiError:
			for _, each := range e {
				take(each, in)
			}
		case *openapi3filter.RequestError:
			if e.Parameter != nil {
				in = e.Parameter.In + " " + e.Parameter.Name
			}
			if structured(e.Err) {
				take(e.Err, in)
				return
			}
			found = append(found, finding{in, oneLine(e.Error())})
		case *openapi3filter.ResponseError:
			if structured(e.Err) {
				take(e.Err, in)
				return
			}
			found = append(found, finding{in, oneLine(e.Error())})
		case *openapi3.SchemaError:
			found = append(found, leaves(e, in)...)
		default:
			found = append(found, finding{in, oneLine(err.Error())})
		}
	}
	take(err, "")
	// The alternatives of one schema often complain about the same thing.
	return distinct(found)
}

func structured(err error) bool {
	switch err.(type) { //nolint:errorlint // each level of the chain is looked at for itself
	case openapi3.MultiError, *openapi3.SchemaError:
		return true
	}
	return false
}

// leaves are the findings of one schema error: of all parts of an allOf, and of that alternative of an anyOf that came
// nearest, since a list of what every alternative misses helps nobody.
func leaves(e *openapi3.SchemaError, in string) []finding {
	at := in + pointer(e.JSONPointer())
	if e.SchemaField == "anyOf" && e.Schema != nil {
		var nearest []finding
		for i, alternative := range e.Schema.AnyOf {
			tried := findings(alternative.Value.VisitJSON(e.Value, formats()...))
			if i == 0 || nearness(tried) < nearness(nearest) {
				nearest = tried
			}
		}
		for i := range nearest {
			nearest[i].field = at + nearest[i].field
			if len(e.Schema.AnyOf) == 1 {
				continue // GitHub writes some nullable things so.
			}
			nearest[i].message += fmt.Sprintf(" (in the nearest of %d alternatives)", len(e.Schema.AnyOf))
		}
		return nearest
	}
	// The parts of an allOf, and the alternatives of a oneOf, hang below Origin with paths of their own.
	var parts openapi3.MultiError
	if e.Origin != nil && errors.As(errors.Unwrap(e.Origin), &parts) {
		var found []finding
		for _, part := range parts {
			for _, f := range findings(part) {
				f.field = in + f.field
				found = append(found, f)
			}
		}
		return found
	}
	message := e.Reason
	if message == "" {
		message = "does not match " + e.SchemaField
	}
	return []finding{{at, oneLine(message)}}
}

// nearness is smaller, the nearer an alternative is: a wrong type at the top is further away than any number of fields.
func nearness(found []finding) int {
	n := len(found)
	for _, f := range found {
		if f.field == "" {
			n += 1000
		}
	}
	return n
}

var index = regexp.MustCompile(`^\d+$`)

func pointer(path []string) string {
	var b strings.Builder
	for _, key := range path {
		if index.MatchString(key) {
			key = "*"
		}
		b.WriteString("/" + key)
	}
	return b.String()
}

func oneLine(s string) string {
	// What follows is the whole schema and the whole value, which the problem shows better by itself.
	s, _, _ = strings.Cut(s, "\nSchema:")
	return strings.Join(strings.Fields(s), " ")
}

func distinct(found []finding) []finding {
	var once []finding
	for _, f := range found {
		if !slices.Contains(once, f) {
			once = append(once, f)
		}
	}
	return once
}
