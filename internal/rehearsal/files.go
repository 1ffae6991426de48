package rehearsal

import (
	"fmt"
	"path"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/slipway-dev/slipway/release/edit"
)

// shelf are files that are made up, such that the edits of a process find the values that they change.
type shelf struct {
	module string // the path of the repository as a Go module
	files  map[string]string
	trees  map[string]map[string]any  // YAML files
	mods   map[string]map[string]bool // go.mod files, with what each requires
}

func newShelf(repo string) *shelf {
	return &shelf{module: "github.com/" + repo, files: map[string]string{}, trees: map[string]map[string]any{},
		mods: map[string]map[string]bool{}}
}

// put makes the place that an edit changes, unless it is there.
func (s *shelf) put(e edit.Edit, value string) {
	if e.Relative() {
		value = "1.0.0"
	}
	file := strings.ReplaceAll(e.Path, "*", "example")
	switch e.Kind {
	case "line":
		if _, there := s.files[file]; !there {
			s.files[file] = value + "\n"
		}
	case "yaml":
		s.set(file, e.Arg, value)
	case "add":
		s.set(file, e.Arg, map[string]any{"example": map[string]any{"protect": true}})
	case "match":
		if text, err := matching(e.Arg, value); err == nil && !strings.Contains(s.files[file], text) {
			s.files[file] += text + "\n"
		}
	case "module":
		s.require(e.Path, e.Arg)
	}
}

// set gives a YAML file a value at a path such as images[0].newTag.
func (s *shelf) set(file, at string, value any) {
	if s.trees[file] == nil {
		s.trees[file] = map[string]any{}
	}
	var node any = s.trees[file]
	steps := strings.Split(strings.ReplaceAll(at, "[", ".["), ".")
	put := func(any) {}
	for i, step := range steps {
		inner := value
		if i+1 < len(steps) {
			inner = map[string]any{}
			if strings.HasPrefix(steps[i+1], "[") {
				inner = []any{map[string]any{}}
			}
		}
		switch n := node.(type) {
		case map[string]any:
			step = strings.Trim(step, `'"`)
			if have, there := n[step]; !there || fmt.Sprintf("%T", have) != fmt.Sprintf("%T", inner) {
				n[step] = inner
			}
			node, put = n[step], func(v any) { n[step] = v }
		case []any:
			k, err := strconv.Atoi(strings.Trim(step, "[]"))
			if err != nil || k > 100 {
				return
			}
			for len(n) <= k {
				n = append(n, map[string]any{})
			}
			put(n)
			if i+1 == len(steps) {
				n[k] = inner
			}
			node, put = n[k], func(v any) { n[k] = v }
		}
	}
}

// require lets go.mod files need a module: local is one beside them.
func (s *shelf) require(file, module string) {
	files := []string{file}
	if strings.Contains(file, "*") {
		files = []string{strings.ReplaceAll(file, "*", "app"), strings.ReplaceAll(file, "*", "lib")}
	}
	for _, f := range files {
		if s.mods[f] == nil {
			s.mods[f] = map[string]bool{}
		}
		if module != "local" && module != "" {
			s.mods[f][module] = true
		}
	}
	if len(files) == 2 {
		s.mods[files[0]]["local "+files[1]] = true
	}
}

// all are the files. version is what modules require of those beside them.
func (s *shelf) all(version string) map[string]string {
	out := map[string]string{}
	for file, text := range s.files {
		out[file] = text
	}
	for file, tree := range s.trees {
		if text, err := yaml.Marshal(tree); err == nil {
			out[file] = string(text)
		}
	}
	if !strings.HasPrefix(version, "v") {
		version = "v" + version
	}
	for file, needs := range s.mods {
		var requires, replaces strings.Builder
		for need := range needs {
			name, at := need, "v0.0.0"
			if other, local := strings.CutPrefix(need, "local "); local {
				name, at = s.module+"/"+path.Dir(other), version
				fmt.Fprintf(&replaces, "\nreplace %s => ../%s\n", name, path.Base(path.Dir(other)))
			}
			fmt.Fprintf(&requires, "\t%s %s\n", name, at)
		}
		out[file] = "module " + strings.TrimSuffix(s.module+"/"+path.Dir(file), "/.") + "\n\ngo 1.21\n"
		if requires.Len() > 0 {
			out[file] += "\nrequire (\n" + requires.String() + ")\n" + replaces.String()
		}
	}
	return out
}

// matching is a text that an expression finds, with value as its one group.
func matching(expression, value string) (string, error) {
	tree, err := syntax.Parse("(?m)"+expression, syntax.Perl)
	if err != nil {
		return "", err
	}
	text := sample(tree, value)
	found := regexp.MustCompile("(?m)" + expression).FindStringSubmatch(text)
	if len(found) != 2 || found[1] != value {
		return "", fmt.Errorf("no text for %q", expression)
	}
	return text, nil
}

// sample is the shortest text that comes to mind for an expression.
func sample(tree *syntax.Regexp, value string) string {
	all := func() string {
		var out strings.Builder
		for _, sub := range tree.Sub {
			out.WriteString(sample(sub, value))
		}
		return out.String()
	}
	switch tree.Op {
	case syntax.OpCapture:
		return value
	case syntax.OpLiteral:
		return string(tree.Rune)
	case syntax.OpCharClass:
		for _, c := range " x0-" {
			if inClass(tree.Rune, c) {
				return string(c)
			}
		}
		if len(tree.Rune) > 0 {
			return string(tree.Rune[0])
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpPlus, syntax.OpConcat:
		return all()
	case syntax.OpRepeat:
		return strings.Repeat(all(), max(tree.Min, 0))
	case syntax.OpAlternate:
		return sample(tree.Sub[0], value)
	}
	return ""
}

// inClass says that a class of characters, as pairs of first and last, has a character.
func inClass(pairs []rune, c rune) bool {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] <= c && c <= pairs[i+1] {
			return true
		}
	}
	return false
}
