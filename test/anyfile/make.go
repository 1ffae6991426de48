// Package anyfile makes process files from the types that read them, and plays those that lint calls good.
package anyfile

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release/kind"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/typed"
)

// maker makes values of types, as a person might write them.
type maker struct {
	*rand.Rand
	depth int
}

func (m *maker) one(of ...string) string { return of[m.IntN(len(of))] }

// value is something that the type takes, more or less: lint says what is right.
func (m *maker) value(t reflect.Type, tags reflect.StructTag) any {
	if words := strings.Fields(tags.Get("enum")); len(words) > 0 {
		return m.one(words...)
	}
	switch t {
	case reflect.TypeFor[typed.Commit]():
		return "{sha}"
	case reflect.TypeFor[typed.Role]():
		return m.one("maintainer", "boss")
	case reflect.TypeFor[typed.Phase]():
		return m.one("prepare", "rc", "cut")
	case reflect.TypeFor[typed.Track]():
		return m.one("minor", "patch")
	case reflect.TypeFor[typed.Workflow]():
		return m.one("build.yaml", "none.yml")
	case reflect.TypeFor[typed.Repo]():
		return m.one("{repo}", "acme/nothing")
	case reflect.TypeFor[typed.Span]():
		return m.one("1h", "48h", "3d")
	case reflect.TypeFor[typed.Word]():
		return m.one("one", "two", "slack")
	case reflect.TypeFor[typed.Regexp]():
		return m.one("version = (.*)", "^v(.*)$")
	case reflect.TypeFor[typed.Path](), reflect.TypeFor[typed.Glob]():
		return m.one("VERSION", "charts/*/Chart.yaml", "docs/{version}", "src/*/go.mod")
	case reflect.TypeFor[kind.Branches]():
		return "release-*"
	case reflect.TypeFor[kind.List]():
		return m.one("values", "none")
	case reflect.TypeFor[typed.Raw]():
		return m.one("1.0", "{version}")
	}
	switch t.Kind() {
	case reflect.Bool:
		return m.IntN(2) == 0
	case reflect.Int:
		low, high, _ := strings.Cut(tags.Get("range"), "..")
		least, _ := strconv.Atoi(low)
		most, _ := strconv.Atoi(high)
		return least + m.IntN(min(3, most-least+1))
	case reflect.Pointer:
		return m.value(t.Elem(), tags)
	case reflect.Slice:
		var out []any
		for range 1 + m.IntN(2) {
			out = append(out, m.value(t.Elem(), ""))
		}
		return out
	case reflect.Map:
		return map[string]any{"app": m.value(t.Elem(), "")}
	case reflect.Struct:
		return m.group(t)
	}
	return m.one("{version}", "{tag}", "{branch}", "{since}", "{previous}", "{due}", "{burned}", "{default_branch}", "x",
		"{from}", "{next_version}", "{milestone}", "{is_latest}", "{sha}", "main")
}

// group is a group of fields. Each rule of its tags is kept now and then.
func (m *maker) group(t reflect.Type) map[string]any {
	m.depth++
	defer func() { m.depth-- }()
	out := map[string]any{}
	var choice []string
	for i := range t.NumField() {
		choice = append(choice, strings.Fields(t.Field(i).Tag.Get("exactly"))...)
	}
	chosen := ""
	if len(choice) > 0 {
		chosen = m.one(choice...)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		must := f.Tag.Get("must")
		give := must == "yes" || name == chosen || must != "" && m.IntN(2) == 0 || m.IntN(4) == 0
		if name == "" || !give || name != chosen && slices.Contains(choice, name) || m.depth > 3 {
			continue
		}
		out[name] = m.value(f.Type, f.Tag)
	}
	return out
}

// entry is one entry of a kind.
func (m *maker) entry(rows []kind.Row, n int) map[string]any {
	row := rows[m.IntN(len(rows))]
	for slices.Contains([]string{"images", "charts"}, row.Name) { // they ask registries, which a test has none of
		row = rows[m.IntN(len(rows))]
	}
	out := map[string]any{"id": fmt.Sprintf("e%d", n), row.Name: m.group(reflect.TypeOf(row.Params))}
	if m.IntN(5) == 0 {
		out["tracks"] = []string{m.one("minor", "patch")}
	}
	if m.IntN(8) == 0 {
		out["warn"] = true
	}
	return out
}

// whole is a process of its own with three phases, and as many entries as lint takes.
func (m *maker) whole() string {
	phase := func(name string, do map[string]any) map[string]any {
		return map[string]any{"name": name, "repeat": name != "cut", "pin": map[string]any{
			"sha": map[string]any{"head-of": "{default_branch}"}}, "do": []any{do}}
	}
	phases := []map[string]any{
		phase("prepare", map[string]any{"manual": map[string]any{"text": "Look at it", "optional": true}}),
		phase("rc", map[string]any{"tag": map[string]any{"name": "{candidate}", "at": "{sha}"}}),
		phase("cut", map[string]any{"tag": map[string]any{"name": "{tag}", "at": "{sha}"}}),
	}
	phases[1]["pin"] = map[string]any{"sha": map[string]any{"head-of": "{default_branch}"},
		"candidate": map[string]any{"candidate": "next"}}
	file := map[string]any{
		"name": "any", "title": "Any", "versions": map[string]any{"kinds": []string{"minor", "patch", "rc", "final"},
			"candidates": "rc{n}", "branches": true},
		"names": map[string]string{"tag": "{version}", "branch": "release/{major}.{minor}", "milestone": "{version}"},
		"edits": map[string]any{"values": []any{map[string]any{"file": "VERSION", "line": "{version}"}}},
		"roles": map[string]any{"maintainer": map[string]any{"permission": "maintain"}, "boss": map[string]any{
			"users": []string{"ada", "ben"}}},
		"may": map[string]any{"default": []string{"maintainer"}},
		"tracks": []any{
			map[string]any{"name": "minor", "for": []string{"minor"}, "phases": []string{"prepare", "rc", "cut"}},
			map[string]any{"name": "patch", "for": []string{"patch"}, "phases": []string{"rc?", "cut"}}},
		"phases": phases,
	}
	for n := range 12 {
		ph := phases[m.IntN(3)]
		list, rows := "require", kind.Gates()
		if m.IntN(2) == 0 {
			list, rows = "do", kind.Steps()
		}
		before, _ := ph[list].([]any)
		ph[list] = append(slices.Clone(before), m.entry(rows, n))
		if _, err := process.Load(written(file)); err != nil {
			if ph[list] = before; before == nil {
				delete(ph, list)
			}
		}
	}
	return string(written(file))
}

// change is a built-in process with something taken away from it, replaced or added.
func (m *maker) change() string {
	name := m.one(process.Names()...)
	base, _ := process.Builtin(name)
	file := map[string]any{"process": name}
	for n := range 6 {
		ph := base.Phases[m.IntN(len(base.Phases))]
		var over map[string]any
		switch {
		case m.IntN(2) == 0 && len(ph.Needs) > 0:
			over = map[string]any{"name": ph.Name, "require": []any{map[string]any{
				"id": ph.Needs[m.IntN(len(ph.Needs))].ID, "remove": true, "reason": "a test"}}}
		case m.IntN(2) == 0 && len(ph.Steps) > 0:
			over = map[string]any{"name": ph.Name, "do": []any{map[string]any{"id": ph.Steps[m.IntN(len(ph.Steps))].ID,
				"remove": true, "reason": "a test"}}}
		default:
			over = map[string]any{"name": ph.Name, "require": []any{m.entry(kind.Gates(), n)}}
		}
		before, _ := file["phases"].([]any)
		file["phases"] = append(slices.Clone(before), over)
		if _, err := process.Load(written(file)); err != nil {
			if file["phases"] = before; before == nil {
				delete(file, "phases")
			}
		}
	}
	return string(written(file))
}

// written is a file: JSON is YAML.
func written(file map[string]any) []byte {
	data, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return nil // of maps and words, it can always be written
	}
	return data
}
