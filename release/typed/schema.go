package typed

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Schema is the JSON schema of a type. What a word may name is left to the Reader; the rest is as strict as it. A part
// of a file that is laid over another one is written with whole false: no field has to be there.
func Schema(of reflect.Type, whole bool) map[string]any {
	s := schema{whole, map[reflect.Type]bool{}}
	return s.of(of, "")
}

type schema struct {
	whole bool
	above map[reflect.Type]bool
}

// Schemer is a type whose schema cannot be told from its fields.
type Schemer interface {
	Schema(whole bool) map[string]any
}

func (s schema) of(t reflect.Type, tags reflect.StructTag) map[string]any {
	out := map[string]any{}
	if own, ok := reflect.Zero(t).Interface().(Schemer); ok && !s.above[t] {
		s.above[t] = true
		out = own.Schema(s.whole)
		delete(s.above, t)
		describe(out, tags)
		return out
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), tags)
	case reflect.Slice:
		out["type"], out["minItems"] = "array", 1
		out["items"] = s.of(t.Elem(), "")
	case reflect.Map:
		out["type"] = "object"
		out["additionalProperties"] = s.of(t.Elem(), "")
	case reflect.Bool:
		out["type"] = "boolean"
	case reflect.Int:
		least, most := limits(tags)
		out["type"], out["minimum"], out["maximum"] = "integer", least, most
	case reflect.Struct:
		if s.above[t] {
			return map[string]any{"type": "object"}
		}
		s.above[t] = true
		s.object(out, t)
		delete(s.above, t)
	default:
		scalarSchema(out, t, tags)
	}
	describe(out, tags)
	return out
}

func describe(out map[string]any, tags reflect.StructTag) {
	if about := tags.Get("about"); about != "" {
		out["description"] = about
	}
	text, ok := tags.Lookup("default")
	if !ok {
		return
	}
	switch out["type"] {
	case "boolean":
		out["default"] = text == "true"
	case "integer":
		out["default"], _ = strconv.Atoi(text)
	default:
		out["default"] = text
	}
}

func scalarSchema(out map[string]any, t reflect.Type, tags reflect.StructTag) {
	if t == reflect.TypeFor[Raw]() {
		return
	}
	out["type"] = "string"
	if words := strings.Fields(tags.Get("enum")); len(words) > 0 {
		out["enum"] = words
		return
	}
	pattern := map[reflect.Type]*regexp.Regexp{reflect.TypeFor[Span](): span, reflect.TypeFor[Word](): word,
		reflect.TypeFor[Workflow](): workflow}[t]
	if pattern != nil {
		out["pattern"] = pattern.String()
	} else {
		out["minLength"] = 1
	}
}

// object writes the fields of a struct, and the rules between them.
func (s schema) object(out map[string]any, t reflect.Type) {
	fields := map[string]any{}
	var required []string
	var all []any
	needs := func(names ...string) map[string]any { return map[string]any{"required": names} }
	for i := range t.NumField() {
		f := t.Field(i)
		if choice := strings.Fields(f.Tag.Get("exactly")); len(choice) > 0 {
			var one []any
			for _, name := range choice {
				one = append(one, needs(name))
			}
			all = append(all, map[string]any{"oneOf": one})
		}
		name := nameOf(f)
		if name == "" {
			continue
		}
		fields[name] = s.of(f.Type, f.Tag)
		rule, other, _ := strings.Cut(f.Tag.Get("must"), " ")
		switch rule {
		case "yes":
			required = append(required, name)
		case "unless":
			all = append(all, map[string]any{"anyOf": []any{needs(name), needs(other)}})
		case "with":
			all = append(all, map[string]any{"if": needs(other), "then": needs(name)})
		}
		if _, others, ok := strings.Cut(f.Tag.Get("only"), " "); ok {
			var anyOf []any
			for _, other := range strings.Fields(others) {
				anyOf = append(anyOf, needs(other))
			}
			all = append(all, map[string]any{"if": needs(name), "then": map[string]any{"anyOf": anyOf}})
		}
	}
	out["type"], out["properties"], out["additionalProperties"] = "object", fields, false
	if !s.whole {
		return
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if len(all) > 0 {
		out["allOf"] = all
	}
}
