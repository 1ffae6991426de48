package typed

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Decoder is a type that reads itself from a node, because it may be written in more than one way.
type Decoder interface {
	Decode(r *Reader, n *Node, path string)
}

// Reader fills values from nodes. It goes on after the first mistake.
type Reader struct {
	Scope    Scope
	Problems Errors
	// Part reads what is laid over something else: nothing has to be there.
	Part bool
}

// Wrong keeps one mistake.
func (r *Reader) Wrong(n *Node, path, message, fix string) {
	r.Problems = append(r.Problems, Error{Line: n.Line, Column: n.Column, Field: path, Message: message, Fix: fix})
}

// Decode fills the value that into points to.
func (r *Reader) Decode(n *Node, path string, into any) {
	r.value(n, path, reflect.ValueOf(into).Elem(), "")
}

func (r *Reader) value(n *Node, path string, into reflect.Value, tags reflect.StructTag) {
	if own, ok := into.Addr().Interface().(Decoder); ok {
		own.Decode(r, n, path)
		return
	}
	switch into.Type() {
	case reflect.TypeFor[Span]():
		r.span(n, path, into, tags)
		return
	case reflect.TypeFor[*Node]():
		into.Set(reflect.ValueOf(n)) // read later, when it is known what may stand in it
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		r.value(n, path, into.Elem(), tags)
	case reflect.Struct:
		if r.Is(n, Mapping, path) {
			r.fields(n, path, into)
		}
	case reflect.Map:
		if !r.Is(n, Mapping, path) {
			return
		}
		into.Set(reflect.MakeMap(into.Type()))
		for _, f := range n.Fields {
			v := reflect.New(into.Type().Elem()).Elem()
			r.value(f.Value, Join(path, f.Name), v, "")
			into.SetMapIndex(reflect.ValueOf(f.Name).Convert(into.Type().Key()), v)
		}
	case reflect.Slice:
		r.list(n, path, into, tags)
	case reflect.String:
		r.text(n, path, into, tags)
	case reflect.Int:
		r.number(n, path, into, tags)
	case reflect.Bool:
		if !r.Is(n, Scalar, path) {
			return
		}
		if !n.Bare || n.Text != "true" && n.Text != "false" {
			r.Wrong(n, path, fmt.Sprintf("%q is neither true nor false", n.Text), "write true or false, without quotes")
			return
		}
		if want := tags.Get("value"); want != "" && n.Text != want {
			r.Wrong(n, path, n.Text+" means nothing here", "write "+want+", or leave the field out")
			return
		}
		into.SetBool(n.Text == "true")
	default:
		r.Wrong(n, path, "this field cannot be read from a file", "leave it out")
	}
}

func (r *Reader) list(n *Node, path string, into reflect.Value, tags reflect.StructTag) {
	if !r.Is(n, List, path) {
		return
	}
	if len(n.Items) == 0 {
		r.Wrong(n, path, "the list is empty", "name at least one, or leave the field out")
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Items), len(n.Items)))
	seen := map[string]bool{}
	for i, item := range n.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.value(item, at, into.Index(i), tags)
		if item.Sort == Scalar && seen[item.Text] {
			r.Wrong(item, at, fmt.Sprintf("%q is written twice", item.Text), "keep one of the two")
		}
		seen[item.Text] = item.Sort == Scalar
	}
}

func (r *Reader) text(n *Node, path string, into reflect.Value, tags reflect.StructTag) {
	if !r.Is(n, Scalar, path) {
		return
	}
	if words := strings.Fields(tags.Get("enum")); len(words) > 0 {
		if !slices.Contains(words, n.Text) {
			r.Wrong(n, path, fmt.Sprintf("%q is none of the words that this field takes", n.Text),
				Suggest(n.Text, words))
			return
		}
		into.SetString(n.Text)
		return
	}
	if n.Bare {
		// YAML reads 0.10 as a number, and another program would hand on 0.1.
		r.Wrong(n, path, n.Text+" is not text as YAML reads it", "put it in quotes: "+strconv.Quote(n.Text))
		return
	}
	if strings.TrimSpace(n.Text) == "" {
		r.Wrong(n, path, "it is empty", "write a value, or leave the field out")
		return
	}
	if oneLine(into.Type(), tags) && strings.ContainsAny(n.Text, "\r\n") {
		r.Wrong(n, path, "it has more than one line", "write it in one line")
		return
	}
	if v, ok := into.Interface().(Value); ok {
		if why, fix := v.Wrong(n.Text, r.Scope); why != "" {
			r.Wrong(n, path, why, fix)
			return
		}
	}
	into.SetString(n.Text)
}

// oneLine says that a text stands in one line: names, titles and values do. Texts of the process itself, and those with
// the tag lines, may have several.
func oneLine(t reflect.Type, tags reflect.StructTag) bool {
	return t != reflect.TypeFor[string]() && tags.Get("lines") == ""
}

func (r *Reader) number(n *Node, path string, into reflect.Value, tags reflect.StructTag) {
	if !r.Is(n, Scalar, path) {
		return
	}
	least, most := limits(tags)
	v, err := strconv.Atoi(n.Text)
	if err != nil || !n.Bare || v < least || v > most {
		what := strconv.Quote(n.Text)
		if n.Bare {
			what = n.Text
		}
		r.Wrong(n, path, what+" does not fit here",
			fmt.Sprintf("write a whole number from %d to %d, without quotes", least, most))
		return
	}
	into.SetInt(int64(v))
}

// limits are the numbers that a field takes.
func limits(tags reflect.StructTag) (least, most int) {
	least, most = 0, 1_000_000
	if low, high, ok := strings.Cut(tags.Get("range"), ".."); ok {
		least, _ = strconv.Atoi(low)
		most, _ = strconv.Atoi(high)
	}
	return least, most
}

func (r *Reader) span(n *Node, path string, into reflect.Value, tags reflect.StructTag) {
	if !r.Is(n, Scalar, path) {
		return
	}
	read, ok := parseSpan(n.Text)
	if !ok {
		r.Wrong(n, path, fmt.Sprintf("%q is no length of time", n.Text),
			"write minutes, hours or days, such as 30m, 48h or 5d; at most 366d")
		return
	}
	if fix := units[tags.Get("unit")]; fix != "" && !strings.HasSuffix(n.Text, "d") &&
		!strings.HasSuffix(n.Text, tags.Get("unit")) {
		r.Wrong(n, path, fmt.Sprintf("%q is finer than this field counts", n.Text), fix)
		return
	}
	into.Set(reflect.ValueOf(read))
}

// units are the tags unit, and what to write in such a field.
var units = map[string]string{"h": "write hours or days, such as 48h or 5d", "d": "write days, such as 5d"}

// Is says that the node is of that sort, and keeps a mistake where it is not.
func (r *Reader) Is(n *Node, want Sort, path string) bool {
	if n.Sort == want {
		return true
	}
	fix := "indent its fields below it, one a line: `name: value`"
	switch want {
	case List:
		fix = "write it in brackets: [one, two]"
	case Scalar:
		fix = "write one value, in quotes if it begins with { or ["
	}
	r.Wrong(n, path, fmt.Sprintf("this is %s, and %s belongs here", n.Sort, want), fix)
	return false
}

// Join is the path of a field.
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *Reader) fields(n *Node, path string, into reflect.Value) {
	t := into.Type()
	index, names := map[string]int{}, []string{}
	for i := range t.NumField() {
		if name := nameOf(t.Field(i)); name != "" {
			index[name] = i
			names = append(names, name)
		}
	}
	given := map[string]bool{}
	for _, f := range n.Fields {
		i, ok := index[f.Name]
		if !ok {
			r.Problems = append(r.Problems, Error{
				Line: f.Line, Column: f.Column, Field: Join(path, f.Name),
				Message: fmt.Sprintf("there is no field %q here", f.Name), Fix: Suggest(f.Name, names),
			})
			continue
		}
		given[f.Name] = true
		if f.Value.Sort == Null {
			r.Wrong(f.Value, Join(path, f.Name), "it has no value", "write one, or leave the field out")
			continue
		}
		r.value(f.Value, Join(path, f.Name), into.Field(i), t.Field(i).Tag)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name := nameOf(f)
		if text, ok := f.Tag.Lookup("default"); ok && !given[name] && into.Field(i).IsZero() {
			r.value(standard(text, f.Type), Join(path, name), into.Field(i), f.Tag)
		}
		if f.Type.Kind() == reflect.Struct && name != "" && !given[name] {
			r.value(&Node{Line: n.Line, Column: n.Column, Sort: Mapping}, Join(path, name), into.Field(i), f.Tag)
		}
	}
	c := conditions{t: t, in: into, given: given}
	for i := range t.NumField() {
		r.rules(n, path, t.Field(i), c)
	}
}

// standard is the default of a field as a node. Words of a default name what every process has, or what the checks of
// the process find.
func standard(text string, of reflect.Type) *Node {
	bare := of.Kind() == reflect.Bool || of.Kind() == reflect.Int
	return &Node{Sort: Scalar, Text: text, Bare: bare}
}

// conditions are what a rule looks at: which fields a person wrote, and what all of them are.
type conditions struct {
	t     reflect.Type
	in    reflect.Value
	given map[string]bool
}

// holds says that a condition does: NAME, that the field is given, or NAME=VALUE, that it is VALUE, written or not.
func (c conditions) holds(condition string) bool {
	name, value, exact := strings.Cut(condition, "=")
	if !exact {
		return c.given[name]
	}
	f, _ := fieldOf(c.t, name)
	return fmt.Sprint(c.in.FieldByIndex(f.Index).Interface()) == value
}

func (c conditions) any(list string) bool { return slices.ContainsFunc(strings.Fields(list), c.holds) }

// fieldOf is the field of that name in a file.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if nameOf(t.Field(i)) == name {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// said is a list of conditions as people read it: `is: closed` or was.
func said(list, join string) string {
	words := strings.Fields(list)
	for i, w := range words {
		if name, value, exact := strings.Cut(w, "="); exact {
			words[i] = "`" + name + ": " + value + "`"
		}
	}
	return strings.Join(words, " "+join+" ")
}

// rules holds fields that depend on one another.
func (r *Reader) rules(n *Node, path string, f reflect.StructField, c conditions) {
	name := nameOf(f)
	if must, ok := f.Tag.Lookup("must"); ok && !c.given[name] && !r.Part {
		rule, others, _ := strings.Cut(must, " ")
		switch {
		case rule == "yes":
			r.Wrong(n, path, name+" is missing", "add `"+name+": ...`")
		case rule == "unless" && !c.any(others):
			r.Wrong(n, path, name+" is missing", "add `"+name+": ...`, or "+said(others, "or"))
		case rule == "with" && c.any(others):
			r.Wrong(n, path, name+" is missing, which belongs to "+said(others, "or"), "add `"+name+": ...`")
		}
	}
	if only, ok := f.Tag.Lookup("only"); ok && c.given[name] {
		if _, others, _ := strings.Cut(only, " "); !c.any(others) {
			r.Wrong(n.Field(name), Join(path, name), "it belongs to "+said(others, "or")+", which is not given",
				"leave it out")
		}
	}
	if not := f.Tag.Get("not"); c.given[name] && c.any(not) {
		i := slices.IndexFunc(strings.Fields(not), c.holds)
		r.Wrong(n.Field(name), Join(path, name), "it has no effect with "+said(strings.Fields(not)[i], ""), "leave it out")
	}
	for tag, least := range map[string]int{"exactly": 1, "most": 0} {
		choice := strings.Fields(f.Tag.Get(tag))
		if len(choice) == 0 {
			continue
		}
		have := slices.DeleteFunc(slices.Clone(choice), func(name string) bool { return !c.given[name] })
		switch {
		case len(have) < least && !r.Part:
			r.Wrong(n, path, "one of "+strings.Join(choice, ", ")+" is missing", "add one of them")
		case len(have) > 1:
			r.Wrong(n, path, strings.Join(have, " and ")+" exclude each other", "keep one of them")
		}
	}
}

// nameOf is what a field is called in the file, empty for one that stands in none.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "-" {
		return ""
	}
	return name
}
