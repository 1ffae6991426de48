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
		if tags.Get("value") == "true" {
			out["const"] = true
		}
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
		reflect.TypeFor[Workflow](): workflow, reflect.TypeFor[Ref](): ref}[t]
	switch {
	case t == reflect.TypeFor[Span]() && tags.Get("unit") != "":
		out["pattern"] = strings.Replace(span.String(), "mhd", strings.TrimSuffix(tags.Get("unit"), "d")+"d", 1)
	case pattern != nil:
		out["pattern"] = pattern.String()
	case oneLine(t, tags):
		out["pattern"] = `^[^\r\n]*[^\s][^\r\n]*$`
	default:
		out["pattern"] = `[^\s]`
	}
}

// object writes the fields of a struct, and the rules between them.
func (s schema) object(out map[string]any, t reflect.Type) {
	fields := map[string]any{}
	var required []string
	var all []any
	for i := range t.NumField() {
		f := t.Field(i)
		for _, tag := range []string{"exactly", "most"} {
			var one []any
			for _, name := range strings.Fields(f.Tag.Get(tag)) {
				one = append(one, needs(name))
			}
			switch {
			case len(one) == 0:
			case tag == "exactly":
				all = append(all, map[string]any{"oneOf": one})
			default:
				all = append(all, map[string]any{"not": map[string]any{"allOf": one}})
			}
		}
		name := nameOf(f)
		if name == "" {
			continue
		}
		fields[name] = s.of(f.Type, f.Tag)
		rule, others, _ := strings.Cut(f.Tag.Get("must"), " ")
		switch rule {
		case "yes":
			required = append(required, name)
		case "unless":
			all = append(all, map[string]any{"anyOf": append([]any{needs(name)}, holding(t, others)...)})
		case "with":
			all = append(all, map[string]any{"if": map[string]any{"anyOf": holding(t, others)}, "then": needs(name)})
		}
		if _, others, ok := strings.Cut(f.Tag.Get("only"), " "); ok {
			all = append(all, map[string]any{"if": needs(name), "then": map[string]any{"anyOf": holding(t, others)}})
		}
		if not := f.Tag.Get("not"); not != "" {
			all = append(all, map[string]any{"if": needs(name), "then": map[string]any{"not": map[string]any{
				"anyOf": holding(t, not)}}})
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

func needs(names ...string) map[string]any { return map[string]any{"required": names} }

// holding are the schemas of conditions, as rules have them.
func holding(t reflect.Type, list string) []any {
	var out []any
	for _, condition := range strings.Fields(list) {
		name, value, exact := strings.Cut(condition, "=")
		if !exact {
			out = append(out, needs(name))
			continue
		}
		f, _ := fieldOf(t, name)
		var want any = value
		if f.Type.Kind() == reflect.Bool {
			want = value == "true"
		}
		is := map[string]any{"properties": map[string]any{name: map[string]any{"const": want}}}
		if f.Tag.Get("default") != value {
			is["required"] = []string{name}
		}
		out = append(out, is)
	}
	return out
}
