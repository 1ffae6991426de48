package process

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decoder fills a struct from nodes. Unlike a library's it goes on after the first mistake, and it knows
// where each value was written in either of two merged files.
type decoder struct{ problems Errors }

func (d *decoder) wrong(n *node, path, message, fix string) {
	d.problems = append(d.problems, Error{Line: n.line, Column: n.column, Field: path, Message: message, Fix: fix})
}

func (d *decoder) decode(n *node, path string, into reflect.Value) {
	if n.kind == null {
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.decode(n, path, into.Elem())
	case reflect.Struct:
		if d.is(n, mapping, path) {
			d.fields(n, path, into)
		}
	case reflect.Map:
		if !d.is(n, mapping, path) {
			return
		}
		into.Set(reflect.MakeMap(into.Type()))
		for _, f := range n.fields {
			v := reflect.New(into.Type().Elem()).Elem()
			d.decode(f.value, join(path, f.name), v)
			into.SetMapIndex(reflect.ValueOf(f.name), v)
		}
	case reflect.Slice:
		if !d.is(n, list, path) {
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(n.items), len(n.items)))
		for i, item := range n.items {
			d.decode(item, fmt.Sprintf("%s[%d]", path, i), into.Index(i))
		}
	case reflect.String:
		if d.is(n, scalar, path) {
			into.SetString(n.text)
		}
	case reflect.Int:
		if !d.is(n, scalar, path) {
			return
		}
		v, err := strconv.Atoi(n.text)
		if err != nil || v < 0 || v > 3650 {
			d.wrong(n, path, fmt.Sprintf("%q is no number of days", n.text),
				"write a whole number from 0 to 3650, such as 7")
			return
		}
		into.SetInt(int64(v))
	case reflect.Bool:
		if !d.is(n, scalar, path) {
			return
		}
		if n.text != "true" && n.text != "false" {
			d.wrong(n, path, fmt.Sprintf("%q is neither true nor false", n.text), "write true or false")
			return
		}
		into.SetBool(n.text == "true")
	default:
		d.wrong(n, path, "this field cannot be read from a file", "leave it out")
	}
}

func (d *decoder) is(n *node, want sort, path string) bool {
	if n.kind == want {
		return true
	}
	fix := "indent its fields below it, one a line: `name: value`"
	switch want {
	case list:
		fix = "write it in brackets: [one, two]"
	case scalar:
		fix = "write one value, in quotes if it begins with { or ["
	}
	d.wrong(n, path, fmt.Sprintf("this is %s, and %s belongs here", n.kind, want), fix)
	return false
}

func (d *decoder) fields(n *node, path string, into reflect.Value) {
	index, names := map[string]int{}, []string{}
	for i := range into.NumField() {
		name, _, _ := strings.Cut(into.Type().Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			index[name] = i
			names = append(names, name)
		}
	}
	for _, f := range n.fields {
		i, ok := index[f.name]
		if !ok {
			d.problems = append(d.problems, Error{
				Line: f.line, Column: f.column, Field: join(path, f.name),
				Message: fmt.Sprintf("there is no field %q here", f.name), Fix: suggest(f.name, names),
			})
			continue
		}
		d.decode(f.value, join(path, f.name), into.Field(i))
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// suggest says what may stand in place of word: the nearest of the names, or all of them.
func suggest(word string, names []string) string {
	if len(names) == 0 {
		return "leave it out"
	}
	names = slices.Sorted(slices.Values(names))
	nearest := slices.MinFunc(names, func(a, b string) int { return distance(word, a) - distance(word, b) })
	if distance(word, nearest) <= 1+len(nearest)/3 {
		return "did you mean " + nearest + "?"
	}
	return "choose one of " + strings.Join(names, ", ")
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
